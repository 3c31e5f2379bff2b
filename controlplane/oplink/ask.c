// SPDX-License-Identifier: GPL-3.0-or-later
#include "oplink/oplink.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "oplink/line.h"
#include "oplink/socket.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd look = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - now_ms();
		int n = left > 0 ? poll(&look, 1, (int)left) : 0;

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

// A peer that closes while we speak may have said why: that is read then.
static int send_all(int fd, const char *text, size_t n, int64_t deadline_ms)
{
	while (n) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent > 0) {
			text += sent;
			n -= (size_t)sent;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return 0;
		} else if (errno == EAGAIN) {
			int rc = wait_for(fd, POLLOUT, deadline_ms);

			if (rc)
				return rc;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

static int receive_some(int fd, struct cp_line *line, int64_t deadline_ms)
{
	size_t room = 0;
	int rc = 0;
	char *at = cp_line_room(line, &room, &rc);

	if (!at)
		return rc;
	rc = wait_for(fd, POLLIN, deadline_ms);
	if (rc)
		return rc;
	ssize_t n = recv(fd, at, room, 0);

	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	cp_line_filled(line, (size_t)n);
	return 0;
}

static int receive_answer(int fd, json_t **answer, int64_t deadline_ms)
{
	struct cp_line line = {0};
	int rc;

	do {
		rc = receive_some(fd, &line, deadline_ms);
		if (!rc)
			rc = cp_line_take(&line, answer);
	} while (rc == 0);
	cp_line_fini(&line);
	return rc < 0 ? rc : 0;
}

json_t *cp_oplink_ask(const char *path, const json_t *request, int timeout_ms, int *error)
{
	int64_t deadline_ms = now_ms() + timeout_ms;
	json_t *answer = NULL;
	size_t n = 0;
	char *text = cp_line_text(request, &n);

	if (!text) {
		*error = -ENOMEM;
		return NULL;
	}
	int fd = cp_socket_connect(path, timeout_ms);

	*error = fd < 0 ? fd : send_all(fd, text, n, deadline_ms);
	if (!*error)
		*error = receive_answer(fd, &answer, deadline_ms);
	if (fd >= 0)
		close(fd);
	free(text);
	return answer;
}
