// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-vault as a child: started with a key file of its own, spoken to over its socket, ended.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base_local.h>
#include <km_msg.h>
#include <unit.h>

enum { RIG_WAIT_MS = 10000 };

struct vault_rig {
	char dir[64], keys[96], socket[96];
	pid_t pid;
	int said;         // its standard error
	char text[16384]; // what it said
	size_t used;
};

// The program under test, from the command line of the test.
static const char *vault_rig_program;

// Starts the program with its standard output and error in a pipe.
static inline void vault_rig_start(struct vault_rig *rig, const char *const *args)
{
	int ends[2];

	rig->used = 0;
	rig->text[0] = '\0';
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	rig->pid = fork();
	if (rig->pid == 0) {
		prctl(PR_SET_PDEATHSIG,
		      SIGKILL); // until it makes itself undumpable: no orphan of a test that fails early
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv(vault_rig_program, (char *const *)(uintptr_t)args);
		_exit(127);
	}
	close(ends[1]);
	CU_ASSERT_FATAL(rig->pid > 0);
	rig->said = ends[0];
}

// Reads what it says until `wanted` is there; false when it ends or ten seconds pass before.
static inline bool vault_rig_says(struct vault_rig *rig, const char *wanted)
{
	struct pollfd set = {.fd = rig->said, .events = POLLIN};
	ssize_t n;

	while (!strstr(rig->text, wanted)) {
		if (poll(&set, 1, RIG_WAIT_MS) != 1 || rig->used >= sizeof(rig->text) - 1)
			return false;
		n = read(rig->said, rig->text + rig->used, sizeof(rig->text) - 1 - rig->used);
		if (n <= 0)
			return false;
		rig->used += (size_t)n;
		rig->text[rig->used] = '\0';
	}
	return true;
}

// Takes what it still says and its wait status.
static inline int vault_rig_end(struct vault_rig *rig)
{
	int status = -1;

	vault_rig_says(rig, "\001"); // nothing says that: to the end of the pipe
	close(rig->said);
	CU_ASSERT_EQUAL(waitpid(rig->pid, &status, 0), rig->pid);
	return status;
}

// A directory with this key file.
static inline void vault_rig_open(struct vault_rig *rig, const char *keys)
{
	strcpy(rig->dir, "/tmp/bulkhead-vault-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(rig->dir));
	snprintf(rig->keys, sizeof(rig->keys), "%s/vault.keys", rig->dir);
	snprintf(rig->socket, sizeof(rig->socket), "%s/vault.sock", rig->dir);
	int fd = open(rig->keys, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, keys, strlen(keys)), (ssize_t)strlen(keys));
	close(fd);
}

static inline void vault_rig_close(struct vault_rig *rig)
{
	unlink(rig->keys);
	unlink(rig->socket);
	CU_ASSERT_EQUAL(rmdir(rig->dir), 0);
}

// Started and READY.
static inline void vault_rig_serve(struct vault_rig *rig)
{
	const char *const args[] = {"bulkhead-vault", "--keys", rig->keys, "--socket", rig->socket, NULL};

	vault_rig_start(rig, args);
	CU_ASSERT_TRUE_FATAL(vault_rig_says(rig, "READY"));
}

// Told to stop; it must end well.
static inline void vault_rig_stop(struct vault_rig *rig)
{
	CU_ASSERT_EQUAL(kill(rig->pid, SIGTERM), 0);
	int status = vault_rig_end(rig);

	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig->text, "stopped"));
}

static inline int vault_rig_connect(const struct vault_rig *rig)
{
	int fd = base_local_connect(rig->socket);

	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

// One message, waited for: its size, 0 when the vault has closed, -EAGAIN after ten seconds of nothing.
static inline ssize_t vault_rig_receive(int fd, void *out, size_t capacity)
{
	struct pollfd set = {.fd = fd, .events = POLLIN};

	if (poll(&set, 1, RIG_WAIT_MS) != 1)
		return -EAGAIN;
	ssize_t n = base_local_receive(fd, out, capacity);

	return n == -ECONNRESET ? 0 : n; // closed with something of ours unread
}

static inline struct km_msg_ecm_batch vault_rig_batch(uint32_t n, uint32_t first_tag)
{
	struct km_msg_ecm_batch batch = {.head = {KM_MSG_ECM_BATCH, sizeof(batch)}, .n = n};

	for (uint32_t i = 0; i < n && i < KM_MSG_BATCH_MAX; i++)
		batch.request[i] = (struct km_msg_ecm_request){.tag = first_tag + i,
							       .service_key_id = 1,
							       .cp_number = (uint16_t)(first_tag + i),
							       .cw_bytes = 8,
							       .have = 3,
							       .cw_even = {1},
							       .cw_odd = {2}};
	return batch;
}

// A batch and its answers, all good.
static inline void vault_rig_exchange(int fd, uint32_t n, uint32_t first_tag)
{
	struct km_msg_ecm_batch batch = vault_rig_batch(n, first_tag);
	struct km_msg_ecm_result result;

	CU_ASSERT_EQUAL(base_local_send(fd, &batch, sizeof(batch)), 0);
	CU_ASSERT_EQUAL_FATAL(vault_rig_receive(fd, &result, sizeof(result)), (ssize_t)sizeof(result));
	CU_ASSERT_TRUE(result.head.type == KM_MSG_ECM_RESULT && result.n == n);
	for (uint32_t i = 0; i < n; i++)
		CU_ASSERT_TRUE(result.answer[i].tag == first_tag + i && result.answer[i].error == 0 &&
			       result.answer[i].bytes > 0);
}
