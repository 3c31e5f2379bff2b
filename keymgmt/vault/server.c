// SPDX-License-Identifier: GPL-3.0-or-later
#include "vault/server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <base_local.h>
#include <base_log.h>

// Place 0 of the poll set is the listener's, the others are the connections'.
enum { LISTENER, CONNECTIONS, PLACES = CONNECTIONS + KM_SERVER_CONNECTIONS_MAX };

int km_server_open(struct km_server *server, const char *path, struct km_exchange *exchange)
{
	*server = (struct km_server){.listener = -1, .exchange = exchange};
	for (unsigned i = 0; i < KM_SERVER_CONNECTIONS_MAX; i++)
		server->connection[i].fd = -1;
	int rc = base_secret_init(&server->in, sizeof(union km_exchange_in));

	if (rc)
		return rc;
	server->listener = base_local_listen(path);
	if (server->listener < 0) {
		rc = server->listener;
		km_server_close(server);
		return rc;
	}
	return 0;
}

static void drop(struct km_server *server, struct km_connection *c, enum base_log_level level, const char *why)
{
	base_log(level, "vault", "connection closed pid=%d reason=\"%s\"", (int)c->pid, why);
	close(c->fd);
	c->fd = -1;
	c->waiting_bytes = 0;
	server->full = false;
}

// Sends the answer, or leaves it waiting.
static void reply(struct km_server *server, struct km_connection *c, size_t n)
{
	int rc = base_local_send(c->fd, &c->out, n);

	c->waiting_bytes = rc == -EAGAIN ? n : 0;
	if (rc && rc != -EAGAIN)
		drop(server, c, BASE_LOG_INFO, strerror(-rc));
}

// One message. Whatever came, nothing of it is left in the page when this returns.
static void serve(struct km_server *server, struct km_connection *c)
{
	union km_exchange_in *in = (union km_exchange_in *)server->in.bytes;
	ssize_t n = base_local_receive(c->fd, in, server->in.capacity_bytes);

	if (n == -EAGAIN)
		return;
	if (n == 0) {
		drop(server, c, BASE_LOG_INFO, "the peer has closed");
		return;
	}
	if (n > 0)
		n = km_exchange_answer(server->exchange, in, (size_t)n, (uint32_t)time(NULL), &c->out);
	base_secret_wipe(&server->in);
	if (n > 0)
		reply(server, c, (size_t)n);
	else if (n == -EPROTO || n == -EMSGSIZE)
		drop(server, c, BASE_LOG_WARNING, "what it sent is no message of km_msg.h");
	else
		drop(server, c, BASE_LOG_WARNING, strerror((int)-n));
}

static struct km_connection *find_free(struct km_server *server)
{
	for (unsigned i = 0; i < KM_SERVER_CONNECTIONS_MAX; i++)
		if (server->connection[i].fd < 0)
			return &server->connection[i];
	return NULL;
}

// One connection; the rest of the queue comes in the next rounds.
static void greet(struct km_server *server)
{
	pid_t pid = 0;
	int fd = base_local_accept(server->listener, &pid);
	struct km_connection *c = find_free(server);

	if (fd < 0) {
		if (fd != -EAGAIN)
			base_log(BASE_LOG_WARNING, "vault", "connection refused error=\"%s\"", strerror(-fd));
		return;
	}
	if (!c) {
		if (!server->full)
			base_log(BASE_LOG_WARNING, "vault", "connections turned away limit=%d pid=%d",
				 KM_SERVER_CONNECTIONS_MAX, (int)pid);
		server->full = true;
		close(fd);
		return;
	}
	c->fd = fd;
	c->pid = pid;
	c->waiting_bytes = 0;
	base_log(BASE_LOG_INFO, "vault", "connection accepted pid=%d", (int)pid);
}

static void tend(struct km_server *server, struct km_connection *c, short events)
{
	if (c->waiting_bytes == 0)
		serve(server, c);
	else if (events & POLLOUT)
		reply(server, c, c->waiting_bytes);
	else // with an answer waiting only an error wakes us
		drop(server, c, BASE_LOG_INFO, "the peer has gone with an answer under way");
}

int km_server_round(struct km_server *server, const sigset_t *unblocked)
{
	struct pollfd set[PLACES] = {[LISTENER] = {.fd = server->listener, .events = POLLIN}};

	for (unsigned i = 0; i < KM_SERVER_CONNECTIONS_MAX; i++)
		set[CONNECTIONS + i] = (struct pollfd){
			.fd = server->connection[i].fd,
			.events = server->connection[i].waiting_bytes ? POLLOUT : POLLIN,
		};
	if (ppoll(set, PLACES, NULL, unblocked) < 0)
		return -errno;
	for (unsigned i = 0; i < KM_SERVER_CONNECTIONS_MAX; i++)
		if (set[CONNECTIONS + i].revents)
			tend(server, &server->connection[i], set[CONNECTIONS + i].revents);
	if (set[LISTENER].revents)
		greet(server);
	return 0;
}

void km_server_close(struct km_server *server)
{
	for (unsigned i = 0; i < KM_SERVER_CONNECTIONS_MAX; i++)
		if (server->connection[i].fd >= 0)
			close(server->connection[i].fd);
	if (server->listener >= 0)
		close(server->listener);
	base_secret_fini(&server->in);
	*server = (struct km_server){.listener = -1};
}
