// SPDX-License-Identifier: GPL-3.0-or-later
#include <base_local.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16 };

static int make_address(struct sockaddr_un *address, const char *path)
{
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, path, n + 1);
	return 0;
}

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int check_peer(int fd, pid_t *pid)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n))
		return -errno;
	if (pid)
		*pid = peer.pid;
	return peer.uid == geteuid() ? 0 : -EPERM;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address;
	int rc = make_address(&address, path);

	if (rc)
		return rc;
	int fd = make_socket();

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

// Removes the socket of a process that is gone: one that refuses connections.
static int remove_stale(const char *path)
{
	struct stat status;

	if (lstat(path, &status))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EADDRINUSE;
	int fd = connect_to(path);

	if (fd >= 0)
		close(fd);
	if (fd != -ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(path) ? -errno : 0;
}

// Linux gives the file of a socket the mode of the unbound socket: there is no moment at which it is open to others,
// and no second look at the path.
static int bind_and_listen(int fd, const struct sockaddr_un *address)
{
	if (fchmod(fd, S_IRUSR | S_IWUSR) || bind(fd, (const struct sockaddr *)address, sizeof(*address)))
		return -errno;
	if (listen(fd, BACKLOG)) {
		int rc = -errno;

		unlink(address->sun_path);
		return rc;
	}
	return 0;
}

int base_local_listen(const char *path)
{
	struct sockaddr_un address;
	int rc = make_address(&address, path);

	if (!rc)
		rc = remove_stale(path);
	if (rc)
		return rc;
	int fd = make_socket();

	if (fd < 0)
		return fd;
	rc = bind_and_listen(fd, &address);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int base_local_accept(int listener, pid_t *pid)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	int rc = check_peer(fd, pid);

	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int base_local_connect(const char *path)
{
	int fd = connect_to(path);

	if (fd < 0)
		return fd;
	int rc = check_peer(fd, NULL);

	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int base_local_send(int fd, const void *message, size_t n)
{
	ssize_t sent;

	do {
		sent = send(fd, message, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}

ssize_t base_local_receive(int fd, void *out, size_t capacity)
{
	ssize_t n;

	do {
		n = recv(fd, out, capacity, MSG_TRUNC | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	return (size_t)n > capacity ? -EMSGSIZE : n;
}
