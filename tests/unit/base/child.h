// SPDX-License-Identifier: GPL-3.0-or-later
// A child process for a test in which it may die, and what became of it.
#pragma once

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs `act` in a child whose standard error is a pipe, with the default signal actions (a sanitizer's would turn a
// fault into an exit) and no core file. Returns its wait status; up to `capacity` - 1 bytes of what it said are in
// `said`.
static inline int child_run(int (*act)(void *), void *argument, char *said, size_t capacity)
{
	int ends[2], status = -1;
	size_t used = 0;
	ssize_t n;

	if (pipe(ends) < 0)
		return -1;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit none = {0, 0};

		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &none);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		_exit(act(argument));
	}
	close(ends[1]);
	while (used < capacity - 1 && (n = read(ends[0], said + used, capacity - 1 - used)) > 0)
		used += (size_t)n;
	said[used] = '\0';
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}
