// SPDX-License-Identifier: GPL-3.0-or-later
#include "oplink/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int make_address(struct sockaddr_un *address, const char *path)
{
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, path, n + 1);
	return 0;
}

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno : 0;
}

// On a blocking local socket the send timeout bounds connect(2) too: EAGAIN then.
static int connect_within(int fd, const struct sockaddr_un *address, int timeout_ms)
{
	struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)))
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return set_nonblocking(fd);
}

int cp_socket_connect(const char *path, int timeout_ms)
{
	struct sockaddr_un address;
	int rc = make_address(&address, path);

	if (rc)
		return rc;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	rc = connect_within(fd, &address, timeout_ms);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

// Nothing is waited for: a listener whose queue is full may hang for good, and whoever looks has a loop to run.
static bool refuses_connections(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool refuses =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return refuses;
}

// Removes the socket of a process that is gone: one that refuses connections.
static int remove_stale(const struct sockaddr_un *address)
{
	struct stat status;

	if (lstat(address->sun_path, &status))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode) || !refuses_connections(address))
		return -EADDRINUSE;
	return unlink(address->sun_path) ? -errno : 0;
}

// The mode is set before anybody can connect: bind makes the file, listen opens it.
int cp_socket_listen(const char *path, mode_t mode, int backlog)
{
	struct sockaddr_un address;
	int rc = make_address(&address, path);

	if (!rc)
		rc = remove_stale(&address);
	if (rc)
		return rc;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		rc = -errno;
		close(fd);
		return rc;
	}
	if (chmod(path, mode) || listen(fd, backlog)) {
		rc = -errno;
		unlink(path);
		close(fd);
		return rc;
	}
	return fd;
}
