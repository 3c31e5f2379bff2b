// SPDX-License-Identifier: GPL-3.0-or-later
// The wall: each forbidden system call kills a child that has it up; what the vault needs does not.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <base_log.h>
#include <unit.h>

#include "keys_rig.h"
#include "vault/exchange.h"
#include "vault/wall.h"

enum { SURVIVED = 0, REFUSED = 3, NOT_BUILT = 99 };

static int pair[2];

// Runs `act` behind the wall in a child; returns its wait status.
static int behind(int (*act)(long), long argument)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSYS, SIG_DFL);
		// Not _exit(), before which a sanitizer makes calls of its own.
		syscall(SYS_exit_group, km_wall_up() ? NOT_BUILT : act(argument));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

// With arguments that do no harm where the call is let through: descriptors that are none, empty paths.
static int call(long number)
{
	syscall(number, -1L, 0L, 0L, 0L, 0L, 0L);
	return SURVIVED;
}

static const struct {
	const char *name;
	long number;
} forbidden[] = {
	{"socket", SYS_socket},
	{"connect", SYS_connect},
	{"bind", SYS_bind},
	{"listen", SYS_listen},
	{"socketpair", SYS_socketpair},
	{"setsockopt", SYS_setsockopt},
	{"sendmsg", SYS_sendmsg},
	{"sendmmsg", SYS_sendmmsg},
	{"recvmsg", SYS_recvmsg},
	{"accept", SYS_accept},
	{"openat", SYS_openat},
	{"openat2", SYS_openat2},
	{"read", SYS_read},
	{"pread64", SYS_pread64},
	{"writev", SYS_writev},
	{"sendfile", SYS_sendfile},
	{"splice", SYS_splice},
	{"unlinkat", SYS_unlinkat},
	{"renameat2", SYS_renameat2},
	{"fchmodat", SYS_fchmodat},
	{"execve", SYS_execve},
	{"execveat", SYS_execveat},
	{"clone", SYS_clone},
	{"clone3", SYS_clone3},
	{"kill", SYS_kill},
	{"ptrace", SYS_ptrace},
	{"prctl", SYS_prctl},
	{"mprotect", SYS_mprotect},
	{"dup", SYS_dup},
	{"ioctl", SYS_ioctl},
	{"fcntl", SYS_fcntl},
	{"pipe2", SYS_pipe2},
	{"memfd_create", SYS_memfd_create},
	{"process_vm_readv", SYS_process_vm_readv},
	{"io_uring_setup", SYS_io_uring_setup},
	{"bpf", SYS_bpf},
	{"unshare", SYS_unshare},
	{"setns", SYS_setns},
	{"mount", SYS_mount},
	{"setuid", SYS_setuid},
	{"munlockall", SYS_munlockall},
	{"rt_sigaction", SYS_rt_sigaction},
	{"keyctl", SYS_keyctl},
	{"userfaultfd", SYS_userfaultfd},
	{"seccomp", SYS_seccomp},
#if defined(__x86_64__)
	{"open", SYS_open},
	{"unlink", SYS_unlink},
	{"fork", SYS_fork},
	{"vfork", SYS_vfork},
#endif
	{"no such call", 4095},
};

static void died_of(int status, const char *name)
{
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;

	CU_ASSERT_TRUE(killed);
	if (!killed)
		printf("\n%s did not end the process (status %#x)\n", name, (unsigned)status);
}

static void forbidden_calls(void)
{
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		died_of(behind(call, forbidden[i].number), forbidden[i].name);
}

static int open_network(long domain)
{
	return socket((int)domain, SOCK_STREAM, 0) < 0 ? REFUSED : SURVIVED;
}

static int send_to_address(long unused)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/somewhere"};

	(void)unused;
	return sendto(pair[0], "x", 1, MSG_NOSIGNAL, (const struct sockaddr *)&address, sizeof(address)) < 0 ? REFUSED
													     : SURVIVED;
}

static int write_to(long fd)
{
	(void)!write((int)fd, "", 0);
	return SURVIVED;
}

static int map_with(long protection)
{
	void *pages = mmap(NULL, 4096, (int)protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? REFUSED : SURVIVED;
}

static int map_file(long unused)
{
	(void)unused;
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, pair[0], 0) == MAP_FAILED ? REFUSED : SURVIVED;
}

static void forbidden_arguments(void)
{
	died_of(behind(open_network, AF_INET), "socket(AF_INET)");
	died_of(behind(open_network, AF_INET6), "socket(AF_INET6)");
	died_of(behind(open_network, AF_UNIX), "socket(AF_UNIX)");
	died_of(behind(send_to_address, 0), "sendto an address");
	died_of(behind(write_to, STDOUT_FILENO), "write to standard output");
	died_of(behind(write_to, pair[0]), "write to a socket");
	died_of(behind(map_with, PROT_READ | PROT_WRITE | PROT_EXEC), "executable memory");
	died_of(behind(map_with, PROT_EXEC), "executable memory");
	died_of(behind(map_file, 0), "a mapped file");
}

static struct km_exchange exchange; // keyed before the wall is up

// Everything that the loop does, with the C library's and OpenSSL's own calls below it.
static int work(long unused)
{
	static union km_exchange_in in;
	static union km_exchange_out out;
	struct pollfd set = {.fd = pair[0], .events = POLLIN};
	const struct timespec none = {0};
	char text[8];

	(void)unused;
	if (send(pair[1], "ping", 4, MSG_NOSIGNAL) != 4 || ppoll(&set, 1, &none, NULL) != 1 ||
	    recv(pair[0], text, sizeof(text), MSG_DONTWAIT) != 4)
		return 1;
	in.ecm_batch = (struct km_msg_ecm_batch){
		.head = {KM_MSG_ECM_BATCH, sizeof(in.ecm_batch)},
		.n = 1,
		.request = {{.service_key_id = 1, .cw_bytes = 8, .have = 3}},
	};
	if (km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), (uint32_t)time(NULL), &out) !=
		    sizeof(out.ecm_result) ||
	    out.ecm_result.answer[0].error)
		return 2;
	km_ecm_close(&exchange.maker);
	base_log(BASE_LOG_DEBUG, "wall", "not written");
	base_log(BASE_LOG_ERROR, "wall", "a line from behind the wall");
	close(pair[0]);
	return map_with(PROT_READ | PROT_WRITE);
}

static void allowed(void)
{
	static const char *const suites[] = {"tdes", "aes", "sm4"};
	static const uint16_t ids[] = {1};

	for (unsigned s = 0; s < 3; s++) {
		struct km_keyfile keyfile = rig_keys(suites[s], ids, 1);

		CU_ASSERT_EQUAL_FATAL(km_ecm_open(&exchange.maker, &keyfile), 0);
		km_keyfile_free(&keyfile);
		int status = behind(work, 0);

		CU_ASSERT_TRUE(WIFEXITED(status));
		CU_ASSERT_EQUAL(WEXITSTATUS(status), SURVIVED);
		km_ecm_close(&exchange.maker);
	}
}

static const struct unit_test tests[] = {
	{"forbidden calls", forbidden_calls},
	{"forbidden arguments", forbidden_arguments},
	{"allowed", allowed},
};

int main(void)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		return 2;
	return unit_run("wall", tests, sizeof(tests) / sizeof(tests[0]));
}
