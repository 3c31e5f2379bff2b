# SPDX-License-Identifier: GPL-3.0-or-later
"""The hot folders of the dataplane: no memory, log, lock, text or system call (ARCHITECTURE.md, "Inside the dataplane")."""

import os
import re

import tree

# Folders, and files of folders that also allocate before READY.
FOLDERS = ("stage", "cipher", "keyslot", "period", "carousel", "queue/queue.c")

BANNED = {
    "memory": "malloc calloc realloc reallocarray free aligned_alloc posix_memalign strdup strndup alloca mmap munmap "
              "rte_malloc rte_malloc_socket rte_zmalloc rte_zmalloc_socket rte_calloc rte_realloc rte_free "
              "rte_memzone_reserve rte_mempool_create rte_pktmbuf_pool_create",
    "log": "base_log BASE_LOG RTE_LOG rte_log rte_vlog syslog vsyslog sd_journal_print perror",
    "text": "printf fprintf sprintf snprintf dprintf asprintf vprintf vfprintf vsprintf vsnprintf vasprintf puts fputs "
            "putchar fputc fwrite fread fopen fclose fflush fgets getline sscanf scanf fscanf",
    "lock": "rte_spinlock_lock rte_spinlock_trylock rte_ticketlock_lock rte_mcslock_lock rte_rwlock_read_lock "
            "rte_rwlock_write_lock rte_seqlock_write_lock mtx_lock sem_wait sem_post flock lockf",
    "system call": "syscall ioctl read write pread pwrite readv writev open openat close socket send sendto sendmsg recv "
                   "recvfrom recvmsg poll ppoll select epoll_wait nanosleep clock_nanosleep usleep sleep sched_yield "
                   "clock_gettime gettimeofday time getpid fork execve kill raise mlock munlock madvise mprotect futex "
                   "getrandom getenv",
}

# Families that are banned by how they begin.
PREFIXES = {"pthread_": "lock", "base_log_": "log", "BASE_LOG_": "log"}

REASON = {name: why for why, names in BANNED.items() for name in names.split()}

# A call or a mention of a function's name; a member (`ops->read`) is no system call.
WORD = re.compile(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(")


def reason(name):
    for prefix, why in PREFIXES.items():
        if name.startswith(prefix):
            return why
    return REASON.get(name)


def check(root, build):
    lines = []
    for folder in FOLDERS:
        inside = os.path.join("dataplane", folder)
        for path in (p for p in tree.c_files(root) if p == inside or p.startswith(inside + os.sep)):
            for number, line in enumerate(tree.code_only(tree.read(root, path)).split("\n"), 1):
                lines += [f"{path}:{number}: {name}(): {reason(name)} in a hot folder"
                          for name in WORD.findall(line) if reason(name)]
    return lines


def _sample(code, folder="dataplane/stage"):
    return {f"{folder}/a.c": code}


SAMPLES = [
    ("clean", _sample('// malloc() is banned, it says\nint f(void) { g("printf(1)"); ops->read(3); x.free(1); my_free(2); }\n'), []),
    ("elsewhere", _sample("int f(void) { return malloc(1) != 0; }\n", "dataplane/port"), []),
    ("memory", _sample("\n\nx = malloc(3);\n"), ["dataplane/stage/a.c:3: malloc(): memory"]),
    ("free", _sample("free (x);\n", "dataplane/cipher/x86"), ["free(): memory"]),
    ("dpdk memory", _sample("x = rte_zmalloc(a, b, c);\n", "dataplane/keyslot"), ["rte_zmalloc(): memory"]),
    ("a file", {"dataplane/queue/queue.c": "free(x);\n", "dataplane/queue/make.c": "free(x);\n"},
     ["dataplane/queue/queue.c:1: free(): memory"]),
    ("log", _sample("base_log_warn(1);\n", "dataplane/period"), ["base_log_warn(): log"]),
    ("text", _sample("n = snprintf(a, 1, b);\n"), ["snprintf(): text"]),
    ("lock", _sample("pthread_mutex_lock(&m);\n"), ["pthread_mutex_lock(): lock"]),
    ("after a comment", _sample("/* a\n b */ read(1, x, 2);\n"), ["a.c:2: read(): system call"]),
    ("two on a line", _sample("write(1, x, 2); usleep(3);\n"), ["write()", "usleep()"]),
]
