// SPDX-License-Identifier: GPL-3.0-or-later
// Both ends of the operator's link: the server runs on a loop in a thread of its own, clients are the house's own and
// raw sockets.
#include "oplink/oplink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oplink/socket.h"
#include "unit.h"

enum { ASK_MS = 5000 };

struct server {
	uv_loop_t loop;
	uv_async_t stop;
	pthread_t thread;
	struct cp_oplink *link;
	int asked; // by the loop's thread; read when it has ended
	uv_timer_t later;
	struct cp_oplink_ticket ticket[2]; // the one before, and the last
	char dir[64], path[80];
};

// Tickets of requests that were answered, of none, and of clients that left change nothing.
static void on_later(uv_timer_t *timer)
{
	struct server *server = timer->data;

	cp_oplink_say(server->link, server->ticket[0], json_pack("{s:s}", "got", "wrong"));
	cp_oplink_say(server->link, (struct cp_oplink_ticket){0}, json_pack("{s:s}", "got", "wrong"));
	cp_oplink_say(server->link, server->ticket[1], json_pack("{s:s}", "got", "it later"));
	cp_oplink_say(server->link, server->ticket[1], json_pack("{s:s}", "got", "wrong"));
}

static json_t *answer(void *context, const json_t *request)
{
	struct server *server = context;
	const char *get = json_string_value(json_object_get(request, "get"));

	server->asked++;
	if (get && strcmp(get, "later") == 0) {
		server->ticket[0] = server->ticket[1];
		server->ticket[1] = cp_oplink_later(server->link);
		uv_timer_start(&server->later, on_later, 20, 0);
		return NULL;
	}
	if (get && strcmp(get, "huge") == 0) {
		char *text = malloc(CP_OPLINK_LINE_MAX + 1);

		memset(text, 'x', CP_OPLINK_LINE_MAX);
		text[CP_OPLINK_LINE_MAX] = '\0';
		json_t *huge = json_pack("{s:s}", "text", text);

		free(text);
		return huge;
	}
	return get ? json_pack("{s:s}", "got", get) : NULL;
}

static void on_stop(uv_async_t *stop)
{
	struct server *server = stop->data;

	cp_oplink_close(server->link);
	uv_close((uv_handle_t *)&server->later, NULL);
	uv_close((uv_handle_t *)stop, NULL);
}

static void *run(void *loop)
{
	uv_run(loop, UV_RUN_DEFAULT);
	return NULL;
}

static void start(struct server *server)
{
	*server = (struct server){.dir = "/tmp/oplink-XXXXXX"};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(server->dir));
	snprintf(server->path, sizeof(server->path), "%s/op.sock", server->dir);
	uv_loop_init(&server->loop);
	uv_async_init(&server->loop, &server->stop, on_stop);
	server->stop.data = server;
	uv_timer_init(&server->loop, &server->later);
	server->later.data = server;
	CU_ASSERT_EQUAL_FATAL(cp_oplink_open(&server->link, &server->loop, server->path, answer, server), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&server->thread, NULL, run, &server->loop), 0);
}

// Everything of the link is gone from the loop, and the socket from the disk.
static void stop(struct server *server)
{
	uv_async_send(&server->stop);
	pthread_join(server->thread, NULL);
	CU_ASSERT_EQUAL(uv_loop_close(&server->loop), 0);
	CU_ASSERT_EQUAL(access(server->path, F_OK), -1);
	CU_ASSERT_EQUAL(rmdir(server->dir), 0);
}

static json_t *ask(const char *path, const char *get, int *error)
{
	json_t *request = json_pack("{s:s}", "get", get);
	json_t *got = cp_oplink_ask(path, request, ASK_MS, error);

	json_decref(request);
	return got;
}

static void check_served(struct server *server)
{
	int error;
	json_t *got = ask(server->path, "status", &error);

	CU_ASSERT_EQUAL(error, 0);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(got, "got")), "status");
	json_decref(got);
}

// A client that is not the house's: blocking, with a limit, so that a hang is a failure.
static int raw(const char *path)
{
	struct timeval limit = {.tv_sec = 20};
	int fd = cp_socket_connect(path, ASK_MS);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(fcntl(fd, F_SETFL, 0), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return fd;
}

static void say(int fd, const char *text)
{
	CU_ASSERT_EQUAL(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

// The next line, or "" at the end of the connection.
static const char *hear(int fd, char line[256])
{
	size_t n = 0;

	while (n < 255 && recv(fd, line + n, 1, 0) == 1 && line[n++] != '\n')
		;
	line[n] = '\0';
	return line;
}

static void test_ask(void)
{
	struct server server;
	struct stat status;

	start(&server);
	check_served(&server);
	CU_ASSERT_EQUAL(stat(server.path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
	stop(&server);
	CU_ASSERT_EQUAL(server.asked, 1);
}

static void test_unknown(void)
{
	struct server server;
	json_t *request = json_pack("{s:s}", "do", "nothing");
	int error;

	start(&server);
	json_t *got = cp_oplink_ask(server.path, request, ASK_MS, &error);

	CU_ASSERT_EQUAL(error, 0);
	CU_ASSERT_TRUE(json_is_false(json_object_get(got, "ok")));
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(got, "error")), "unknown request");
	json_decref(got);
	json_decref(request);
	stop(&server);
}

// Several lines in one write, one line in several.
static void test_lines(void)
{
	struct server server;
	char line[256];

	start(&server);
	int fd = raw(server.path);

	say(fd, "{\"get\": \"a\"}\n{\"get\": \"b\"}\r\n{\"ge");
	CU_ASSERT_STRING_EQUAL(hear(fd, line), "{\"got\":\"a\"}\n");
	CU_ASSERT_STRING_EQUAL(hear(fd, line), "{\"got\":\"b\"}\n");
	say(fd, "t\": \"c\"}");
	say(fd, "\n");
	CU_ASSERT_STRING_EQUAL(hear(fd, line), "{\"got\":\"c\"}\n");
	close(fd);
	stop(&server);
}

static void test_garbage(void)
{
	static const char *const bad[] = {"hello\n", "[1]\n", "\n", "{\"a\": 1, \"a\": 2}\n", "{\"a\": \"\xff\"}\n",
					  "1\n",     "{}{}\n"};
	struct server server;
	char line[256];

	start(&server);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = raw(server.path);

		say(fd, bad[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(hear(fd, line), "\"ok\":false"));
		CU_ASSERT_STRING_EQUAL(hear(fd, line), "");
		close(fd);
	}
	check_served(&server);
	stop(&server);
	CU_ASSERT_EQUAL(server.asked, 1);
}

// 8 MiB without a new line: answered and closed, and others are served meanwhile.
static void test_long_line(void)
{
	struct server server;
	static char part[1 << 20];
	char line[256];
	ssize_t sent = 0;

	memset(part, ' ', sizeof(part));
	start(&server);
	int fd = raw(server.path);

	for (size_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(send(fd, part, sizeof(part), MSG_NOSIGNAL), (ssize_t)sizeof(part));
	check_served(&server);
	for (size_t i = 0; i < 8 && sent >= 0; i++)
		sent = send(fd, part, sizeof(part), MSG_NOSIGNAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(hear(fd, line), "over 8 MiB"));
	close(fd);
	check_served(&server);
	stop(&server);
}

// Clients that say nothing, or half a line, hold every place: they are closed, and who waited is served.
static void test_silent(void)
{
	struct server server;
	int fd[CP_OPLINK_CLIENTS_MAX];
	char line[256];

	start(&server);
	for (size_t i = 0; i < CP_OPLINK_CLIENTS_MAX; i++) {
		fd[i] = raw(server.path);
		if (i % 2)
			say(fd[i], "{\"get\": ");
	}
	check_served(&server);
	for (size_t i = 0; i < CP_OPLINK_CLIENTS_MAX; i++) {
		CU_ASSERT_STRING_EQUAL(hear(fd[i], line), "");
		close(fd[i]);
	}
	stop(&server);
	CU_ASSERT_EQUAL(server.asked, 1);
}

// A client that asks and does not read is closed with its answers; others do not notice.
static void test_deaf(void)
{
	struct server server;
	static char many[40000 * 12];
	size_t n = 0;
	ssize_t got;

	for (size_t i = 0; i < 40000; i++, n += 12)
		memcpy(many + n, "{\"get\":\"d\"}\n", 12);
	start(&server);
	int fd = raw(server.path);

	// The send ends when the server closes, or all was taken.
	for (size_t at = 0; at < n; at += (size_t)got) {
		got = send(fd, many + at, n - at, MSG_NOSIGNAL);
		if (got < 0)
			break;
	}
	check_served(&server);
	do {
		got = recv(fd, many, sizeof(many), 0);
	} while (got > 0);
	CU_ASSERT_TRUE(got == 0 || errno == ECONNRESET);
	close(fd);
	stop(&server);
	CU_ASSERT(server.asked < 40001);
}

// The loop ends with clients still there.
static void test_close_with_clients(void)
{
	struct server server;
	char line[256];

	start(&server);
	int idle = raw(server.path), half = raw(server.path);

	say(half, "{\"get\"");
	check_served(&server);
	stop(&server);
	CU_ASSERT_STRING_EQUAL(hear(idle, line), "");
	CU_ASSERT_STRING_EQUAL(hear(half, line), "");
	close(idle);
	close(half);
}

static void test_open_errors(void)
{
	struct server server;
	struct cp_oplink *second;
	uv_loop_t loop;
	char file[80], too_long[200];

	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	start(&server);
	snprintf(file, sizeof(file), "%s/file", server.dir);
	FILE *made = fopen(file, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(made);
	fclose(made);
	uv_loop_init(&loop);
	CU_ASSERT_EQUAL(cp_oplink_open(&second, &loop, server.path, answer, NULL), -EADDRINUSE);
	CU_ASSERT_EQUAL(cp_oplink_open(&second, &loop, file, answer, NULL), -EADDRINUSE);
	CU_ASSERT_EQUAL(cp_oplink_open(&second, &loop, "/nowhere/there", answer, NULL), -ENOENT);
	CU_ASSERT_EQUAL(cp_oplink_open(&second, &loop, too_long, answer, NULL), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(cp_oplink_open(&second, &loop, "", answer, NULL), -ENAMETOOLONG);
	uv_run(&loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&loop), 0);
	CU_ASSERT_EQUAL(unlink(file), 0);
	check_served(&server);
	stop(&server);
	cp_oplink_close(NULL);
}

// The socket of a process that was killed is replaced.
static void test_stale(void)
{
	struct server server;
	char path[] = "/tmp/oplink-stale-XXXXXX";

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
	snprintf(server.path, sizeof(server.path), "%s/s", path);
	int fd = cp_socket_listen(server.path, 0600, 1);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(cp_socket_listen(server.path, 0600, 1), -EADDRINUSE);
	close(fd);
	fd = cp_socket_listen(server.path, 0600, 1);
	CU_ASSERT(fd >= 0);
	close(fd);
	unlink(server.path);
	rmdir(path);
}

// A listener that hangs with a full queue is no stale socket, and who looks at it does not hang with it.
static void test_hung_listener(void)
{
	char dir[] = "/tmp/oplink-hung-XXXXXX", path[64];
	struct timespec from, to;
	int fd[4];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	int listener = cp_socket_listen(path, 0600, 0);

	for (size_t i = 0; i < 4; i++)
		fd[i] = cp_socket_connect(path, 20);
	CU_ASSERT_EQUAL(fd[3], -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(cp_socket_listen(path, 0600, 0), -EADDRINUSE);
	clock_gettime(CLOCK_MONOTONIC, &to);
	CU_ASSERT(to.tv_sec - from.tv_sec < 5);
	for (size_t i = 0; i < 4; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	close(listener);
	unlink(path);
	rmdir(dir);
}

// What the other end says to one question, and what becomes of it.
struct peer {
	int listener;
	const char *text;
	size_t n;
	bool mute; // waits for the client to go
};

static void *speak(void *context)
{
	struct peer *peer = context;
	int fd = accept(peer->listener, NULL, NULL);
	char byte;

	while (!peer->mute && recv(fd, &byte, 1, 0) == 1 && byte != '\n')
		;
	if (peer->n)
		send(fd, peer->text, peer->n, MSG_NOSIGNAL);
	while (peer->mute && recv(fd, &byte, 1, 0) == 1)
		;
	close(fd);
	return NULL;
}

static int asked(const char *text, size_t n, bool mute, int timeout_ms)
{
	struct peer peer = {.text = text, .n = n, .mute = mute};
	char dir[] = "/tmp/oplink-peer-XXXXXX", path[64];
	json_t *request = json_pack("{s:s}", "get", "status");
	pthread_t thread;
	int error = 1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	peer.listener = cp_socket_listen(path, 0600, 1);
	CU_ASSERT_FATAL(peer.listener >= 0);
	CU_ASSERT_EQUAL(fcntl(peer.listener, F_SETFL, 0), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, speak, &peer), 0);
	json_t *got = cp_oplink_ask(path, request, timeout_ms, &error);

	CU_ASSERT_EQUAL(got == NULL, error != 0);
	pthread_join(thread, NULL);
	json_decref(got);
	json_decref(request);
	close(peer.listener);
	unlink(path);
	rmdir(dir);
	return error;
}

static void test_ask_errors(void)
{
	char *huge = malloc(CP_OPLINK_LINE_MAX + 1);
	int error;

	CU_ASSERT_PTR_NOT_NULL_FATAL(huge);
	memset(huge, ' ', CP_OPLINK_LINE_MAX + 1);
	CU_ASSERT_EQUAL(asked("{}\n", 3, false, ASK_MS), 0);
	CU_ASSERT_EQUAL(asked("", 0, false, ASK_MS), -ECONNRESET);
	CU_ASSERT_EQUAL(asked("{\"half\"", 7, false, ASK_MS), -ECONNRESET);
	CU_ASSERT_EQUAL(asked("[]\n", 3, false, ASK_MS), -EBADMSG);
	CU_ASSERT_EQUAL(asked("\0\n", 2, false, ASK_MS), -EBADMSG);
	CU_ASSERT_EQUAL(asked(huge, CP_OPLINK_LINE_MAX + 1, false, ASK_MS), -EMSGSIZE);
	CU_ASSERT_EQUAL(asked("", 0, true, 50), -ETIMEDOUT);
	CU_ASSERT_EQUAL(asked("{\"slow\": ", 9, true, 50), -ETIMEDOUT);
	CU_ASSERT_PTR_NULL(ask("/nowhere/there", "x", &error));
	CU_ASSERT_EQUAL(error, -ENOENT);
	free(huge);
}

// A listener that accepts nobody: its queue fills, then the connect itself meets the limit.
static void test_ask_queue_full(void)
{
	char dir[] = "/tmp/oplink-full-XXXXXX", path[64];
	json_t *request = json_pack("{s:s}", "get", "status");
	int error = 0, fd[4];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	int listener = cp_socket_listen(path, 0600, 0);

	for (size_t i = 0; i < 4; i++)
		fd[i] = cp_socket_connect(path, 20);
	CU_ASSERT_EQUAL(fd[3], -ETIMEDOUT);
	CU_ASSERT_PTR_NULL(cp_oplink_ask(path, request, 50, &error));
	CU_ASSERT_EQUAL(error, -ETIMEDOUT);
	for (size_t i = 0; i < 4; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	close(listener);
	CU_ASSERT_PTR_NULL(cp_oplink_ask(path, request, 50, &error));
	CU_ASSERT_EQUAL(error, -ECONNREFUSED);
	unlink(path);
	rmdir(dir);
	json_decref(request);
}

// An answer over the limit reaches nobody, and only its asker notices.
static void test_huge_answer(void)
{
	struct server server;
	int error;

	start(&server);
	CU_ASSERT_PTR_NULL(ask(server.path, "huge", &error));
	CU_ASSERT_EQUAL(error, -EMSGSIZE);
	check_served(&server);
	stop(&server);
}

// An answer that comes later; what the client asks after it waits for that.
static void test_later(void)
{
	struct server server;
	char text[256] = "";
	size_t n = 0;
	int error;

	signal(SIGPIPE, SIG_IGN); // as the programs do
	start(&server);
	json_t *got = ask(server.path, "later", &error);

	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(got, "got")), "it later");
	json_decref(got);
	int fd = raw(server.path);

	say(fd, "{\"get\": \"later\"}\n{\"get\": \"status\"}\n");
	while (!strstr(text, "status")) {
		ssize_t more = recv(fd, text + n, sizeof(text) - 1 - n, 0);

		CU_ASSERT_FATAL(more > 0);
		n += (size_t)more;
		text[n] = '\0';
	}
	CU_ASSERT_STRING_EQUAL(text, "{\"got\":\"it later\"}\n{\"got\":\"status\"}\n");
	say(fd, "{\"get\": \"later\"}\n");
	close(fd); // and does not wait for it
	for (unsigned i = 0; i < 50; i++)
		check_served(&server);
	got = ask(server.path, "later", &error);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(got, "got")), "it later");
	json_decref(got);
	stop(&server);
}

static const struct unit_test tests[] = {
	{"an answer that comes later", test_later},
	{"ask", test_ask},
	{"unknown request", test_unknown},
	{"lines in pieces", test_lines},
	{"garbage", test_garbage},
	{"a line too long", test_long_line},
	{"silent clients in every place", test_silent},
	{"a client that does not read", test_deaf},
	{"close with clients", test_close_with_clients},
	{"what cannot be opened", test_open_errors},
	{"a stale socket", test_stale},
	{"a listener that hangs", test_hung_listener},
	{"what a peer may do", test_ask_errors},
	{"a full queue", test_ask_queue_full},
	{"an answer too long", test_huge_answer},
};

UNIT_MAIN("oplink", tests)
