// SPDX-License-Identifier: GPL-3.0-or-later
// Local sockets: who may listen where, who may connect, messages whole or not at all, nothing ever blocks.
//
// listen is wrapped (--wrap) so that it can fail.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <base_local.h>
#include <unit.h>

#include "child.h"
#include "scratch.h"

enum { NOBODY = 65534 };

static struct scratch scratch;
static bool failing_listen;

int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);

int __wrap_listen(int fd, int backlog)
{
	errno = ENOMEM;
	return failing_listen ? -1 : __real_listen(fd, backlog);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode;
}

static bool stays_ours(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) && (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

// A listener, a connection from each side: ends[0] accepted, ends[1] connected. Returns the listener.
static int open_pair(int *ends)
{
	int listener = base_local_listen(scratch.file);
	pid_t pid = 0;

	CU_ASSERT_FATAL(listener >= 0);
	ends[1] = base_local_connect(scratch.file);
	CU_ASSERT_FATAL(ends[1] >= 0);
	ends[0] = base_local_accept(listener, &pid);
	CU_ASSERT_FATAL(ends[0] >= 0);
	CU_ASSERT_EQUAL(pid, getpid());
	return listener;
}

static void close_pair(int listener, const int *ends)
{
	close(ends[0]);
	close(ends[1]);
	close(listener);
	unlink(scratch.file);
}

static void there_and_back(void)
{
	char text[8] = "";
	int ends[2], listener = open_pair(ends);

	CU_ASSERT_TRUE(stays_ours(listener) && stays_ours(ends[0]) && stays_ours(ends[1]));
	CU_ASSERT_EQUAL(base_local_accept(listener, NULL), -EAGAIN);
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), -EAGAIN);
	CU_ASSERT_EQUAL(base_local_send(ends[1], "one", 3), 0);
	CU_ASSERT_EQUAL(base_local_send(ends[1], "second", 6), 0);
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), 3); // messages keep their edges
	CU_ASSERT_EQUAL(memcmp(text, "one", 3), 0);
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), 6);
	CU_ASSERT_EQUAL(base_local_send(ends[0], "back", 4), 0);
	CU_ASSERT_EQUAL(base_local_receive(ends[1], text, 4), 4); // exactly the room there is
	close_pair(listener, ends);
}

// Whatever umask the process has, the file is open to nobody else from its first moment.
static void mode(void)
{
	static const mode_t masks[] = {0, 022, 077};

	for (size_t i = 0; i < 3; i++) {
		mode_t before = umask(masks[i]);
		int listener = base_local_listen(scratch.file);

		umask(before);
		CU_ASSERT_TRUE_FATAL(listener >= 0);
		CU_ASSERT_EQUAL(mode_of(scratch.file), S_IFSOCK | 0600);
		close(listener);
		unlink(scratch.file);
	}
}

static void too_long(void)
{
	char text[32], small[4] = "....", *large = malloc(300000);
	int ends[2], listener = open_pair(ends);

	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	memset(large, 'x', 300000);
	CU_ASSERT_EQUAL(base_local_send(ends[1], "abcdef", 6), 0);
	CU_ASSERT_EQUAL(base_local_send(ends[1], "gh", 2), 0);
	CU_ASSERT_EQUAL(base_local_receive(ends[0], small, 3), -EMSGSIZE);
	CU_ASSERT_EQUAL(small[3], '.');
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), 2); // it is lost, and nothing else
	CU_ASSERT_EQUAL(base_local_send(ends[1], large, 300000), -EMSGSIZE);
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), -EAGAIN);
	free(large);
	close_pair(listener, ends);
}

// A peer that does not read fills its own socket; the sender is told and goes on when there is room.
static void no_room(void)
{
	char message[1000] = {0};
	int ends[2], listener = open_pair(ends), rc = 0, sent = 0;

	while (sent < 1000000 && (rc = base_local_send(ends[1], message, sizeof(message))) == 0)
		sent++;
	CU_ASSERT_EQUAL(rc, -EAGAIN);
	CU_ASSERT_TRUE(sent > 0);
	for (int i = 0; i < sent; i++)
		CU_ASSERT_EQUAL(base_local_receive(ends[0], message, sizeof(message)), sizeof(message));
	CU_ASSERT_EQUAL(base_local_receive(ends[0], message, sizeof(message)), -EAGAIN); // whole or not at all
	CU_ASSERT_EQUAL(base_local_send(ends[1], message, sizeof(message)), 0);
	close_pair(listener, ends);
}

static void peer_gone(void)
{
	char text[8];
	int ends[2], listener = open_pair(ends);

	CU_ASSERT_EQUAL(base_local_send(ends[1], "last", 4), 0);
	close(ends[1]);
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), 4); // what it said is still heard
	CU_ASSERT_EQUAL(base_local_receive(ends[0], text, sizeof(text)), 0);
	CU_ASSERT_EQUAL(base_local_send(ends[0], "x", 1), -EPIPE); // and no SIGPIPE
	ends[1] = -1;
	close_pair(listener, ends);
}

static void stale(void)
{
	int first = base_local_listen(scratch.file);

	CU_ASSERT_FATAL(first >= 0);
	CU_ASSERT_EQUAL(base_local_listen(scratch.file), -EADDRINUSE); // somebody listens
	close(first);
	CU_ASSERT_EQUAL(base_local_connect(scratch.file), -ECONNREFUSED);
	int second = base_local_listen(scratch.file); // nobody does any more

	CU_ASSERT_FATAL(second >= 0);
	int client = base_local_connect(scratch.file);

	CU_ASSERT_TRUE(client >= 0);
	close(client);
	close(second);
	unlink(scratch.file);
}

// A listener whose queue is full is alive.
static void busy(void)
{
	int listener = base_local_listen(scratch.file), clients[64], n = 0, rc = 0;

	CU_ASSERT_FATAL(listener >= 0);
	while (n < 64 && (rc = base_local_connect(scratch.file)) >= 0)
		clients[n++] = rc;
	CU_ASSERT_EQUAL(rc, -EAGAIN);
	CU_ASSERT_EQUAL(base_local_listen(scratch.file), -EADDRINUSE);
	CU_ASSERT_TRUE(S_ISSOCK(mode_of(scratch.file)));
	while (n > 0)
		close(clients[--n]);
	close(listener);
	unlink(scratch.file);
}

static int listen_with(int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	strcpy(address.sun_path, scratch.file);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		CU_ASSERT_EQUAL(__real_listen(fd, 1), 0);
	return fd;
}

// A file, a directory, a link and sockets of other kinds are somebody else's.
static void other_files(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};

	CU_ASSERT_EQUAL(scratch_write(&scratch, "mine", 4, 0600), 0);
	CU_ASSERT_EQUAL(base_local_listen(scratch.file), -EADDRINUSE);
	CU_ASSERT_EQUAL(base_local_connect(scratch.file), -ECONNREFUSED);
	CU_ASSERT_TRUE(S_ISREG(mode_of(scratch.file)));
	unlink(scratch.file);
	CU_ASSERT_EQUAL(symlink("/nonexistent/socket", scratch.file), 0);
	CU_ASSERT_EQUAL(base_local_listen(scratch.file), -EADDRINUSE);
	CU_ASSERT_TRUE(S_ISLNK(mode_of(scratch.file)));
	unlink(scratch.file);
	CU_ASSERT_EQUAL(mkdir(scratch.file, 0700), 0);
	CU_ASSERT_EQUAL(base_local_listen(scratch.file), -EADDRINUSE);
	CU_ASSERT_EQUAL(rmdir(scratch.file), 0);
	for (size_t i = 0; i < 2; i++) {
		int fd = listen_with(types[i]);

		CU_ASSERT_EQUAL(base_local_listen(scratch.file), -EADDRINUSE);
		CU_ASSERT_EQUAL(base_local_connect(scratch.file), -EPROTOTYPE);
		CU_ASSERT_TRUE(S_ISSOCK(mode_of(scratch.file)));
		close(fd);
		unlink(scratch.file);
	}
}

static void paths(void)
{
	char path[200], room[300];

	memset(path, 'a', sizeof(path));
	path[108] = '\0';
	CU_ASSERT_EQUAL(base_local_listen(path), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(base_local_connect(path), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(base_local_listen(""), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(base_local_listen("/nonexistent/socket"), -ENOENT);
	CU_ASSERT_EQUAL(base_local_connect("/nonexistent/socket"), -ENOENT);
	// 107 bytes are not too many.
	snprintf(room, sizeof(room), "%s/%.*s", scratch.dir, (int)(107 - strlen(scratch.dir) - 1), path);
	CU_ASSERT_EQUAL(strlen(room), 107);
	int listener = base_local_listen(room);

	CU_ASSERT_TRUE(listener >= 0);
	close(listener);
	CU_ASSERT_EQUAL(unlink(room), 0);
}

// What was made of a listener that fails is not left lying about.
static void listen_fails(void)
{
	failing_listen = true;
	CU_ASSERT_EQUAL(base_local_listen(scratch.file), -ENOMEM);
	failing_listen = false;
	CU_ASSERT_EQUAL(mode_of(scratch.file), 0);
}

static int connect_as_nobody(void *unused)
{
	(void)unused;
	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	int fd = base_local_connect(scratch.file);

	return fd >= 0 ? 0 : -fd;
}

// Another user finds the door closed; opened by force, it still leads nowhere, and neither end takes the other.
static void other_user(void)
{
	char said[256];

	if (geteuid() != 0)
		return; // only root can be somebody else
	int listener = base_local_listen(scratch.file);

	CU_ASSERT_FATAL(listener >= 0);
	CU_ASSERT_EQUAL(chmod(scratch.dir, 0755), 0);
	int status = child_run(connect_as_nobody, NULL, said, sizeof(said));

	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == EACCES);
	CU_ASSERT_EQUAL(chmod(scratch.file, 0666), 0);
	status = child_run(connect_as_nobody, NULL, said, sizeof(said));
	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == EPERM); // it refuses a listener that is not its own
	CU_ASSERT_EQUAL(base_local_accept(listener, NULL), -EPERM);        // and so do we
	CU_ASSERT_EQUAL(base_local_accept(listener, NULL), -EAGAIN);
	close(listener);
	unlink(scratch.file);
}

static void no_descriptors(void)
{
	struct rlimit before, none;
	int listener = base_local_listen(scratch.file);

	CU_ASSERT_FATAL(listener >= 0);
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)listener + 1;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
	CU_ASSERT_EQUAL(base_local_connect(scratch.file), -EMFILE);
	CU_ASSERT_EQUAL(base_local_accept(listener, NULL), -EMFILE);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
	close(listener);
	unlink(scratch.file);
	CU_ASSERT_EQUAL(base_local_accept(listener, NULL), -EBADF);
	CU_ASSERT_EQUAL(base_local_send(listener, "x", 1), -EBADF);
	CU_ASSERT_EQUAL(base_local_receive(listener, &none, sizeof(none)), -EBADF);
}

static const struct unit_test tests[] = {
	{"there and back", there_and_back},
	{"mode", mode},
	{"too long", too_long},
	{"no room", no_room},
	{"peer gone", peer_gone},
	{"stale", stale},
	{"busy", busy},
	{"other files", other_files},
	{"paths", paths},
	{"listen fails", listen_fails},
	{"other user", other_user},
	{"no descriptors", no_descriptors},
};

int main(void)
{
	if (scratch_open(&scratch))
		return 2;
	int rc = unit_run("local", tests, sizeof(tests) / sizeof(tests[0]));

	scratch_close(&scratch);
	return rc;
}
