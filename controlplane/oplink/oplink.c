// SPDX-License-Identifier: GPL-3.0-or-later
#include "oplink/oplink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oplink/line.h"
#include "oplink/socket.h"

// A client that gives no whole line, or does not take its answer, for so long is closed.
enum { PATIENCE_MS = 3000, LATER_MS = 10000, BACKLOG = 16 };

struct client {
	uv_pipe_t pipe;
	uv_timer_t patience;
	uv_write_t write;
	struct cp_oplink *link;
	struct cp_line line;
	char *answer;   // being written, or NULL
	unsigned open;  // handles not closed yet; 0: the place is free
	bool last_word; // close when the answer is written
	uint64_t later; // serial of the request whose answer comes later; 0: none
};

struct cp_oplink {
	uv_pipe_t listener;
	cp_oplink_answer *answer;
	void *context;
	unsigned open; // handles not closed yet, the clients' included
	bool waiting;  // somebody knocks, and there is no place
	uint64_t serial;
	struct client *asking; // whose request is being answered
	struct client client[CP_OPLINK_CLIENTS_MAX];
	char path[];
};

static void take_in(struct cp_oplink *link);

static void handle_closed(struct cp_oplink *link)
{
	if (--link->open == 0)
		free(link);
	else if (link->waiting && !uv_is_closing((uv_handle_t *)&link->listener))
		take_in(link);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	if (--client->open == 0) {
		cp_line_fini(&client->line);
		free(client->answer);
	}
	handle_closed(client->link);
}

static void close_client(struct client *client)
{
	if (client->open == 0 || uv_is_closing((uv_handle_t *)&client->pipe))
		return;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
	uv_close((uv_handle_t *)&client->patience, on_client_closed);
}

static void on_patience(uv_timer_t *timer)
{
	close_client(timer->data);
}

static void converse(struct client *client);

static void on_written(uv_write_t *write, int status)
{
	struct client *client = write->data;

	free(client->answer);
	client->answer = NULL;
	if (status || client->last_word)
		close_client(client);
	else
		converse(client);
}

// Nothing is read while an answer waits to be taken: a client that does not read gets no second answer.
static void say(struct client *client, json_t *document)
{
	size_t n = 0;

	uv_read_stop((uv_stream_t *)&client->pipe);
	client->answer = cp_line_text(document, &n);
	json_decref(document);
	uv_buf_t buf = uv_buf_init(client->answer, (unsigned)n);

	client->write.data = client;
	if (!client->answer || uv_write(&client->write, (uv_stream_t *)&client->pipe, &buf, 1, on_written))
		close_client(client);
}

static json_t *refusal(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

static void say_last(struct client *client, const char *why)
{
	client->last_word = true;
	say(client, refusal(why));
}

static void answer(struct client *client, json_t *request)
{
	struct cp_oplink *link = client->link;

	link->asking = client;
	json_t *document = link->answer(link->context, request);

	link->asking = NULL;
	json_decref(request);
	if (client->later) { // nothing is read meanwhile
		json_decref(document);
		uv_read_stop((uv_stream_t *)&client->pipe);
		uv_timer_start(&client->patience, on_patience, LATER_MS, 0);
		return;
	}
	uv_timer_start(&client->patience, on_patience, PATIENCE_MS, 0);
	say(client, document ? document : refusal("unknown request"));
}

struct cp_oplink_ticket cp_oplink_later(struct cp_oplink *link)
{
	link->asking->later = ++link->serial;
	return (struct cp_oplink_ticket){.place = (unsigned)(link->asking - link->client), .serial = link->serial};
}

void cp_oplink_say(struct cp_oplink *link, struct cp_oplink_ticket ticket, json_t *document)
{
	struct client *client = link && ticket.serial ? &link->client[ticket.place] : NULL;

	if (!client || client->later != ticket.serial || uv_is_closing((uv_handle_t *)&client->pipe)) {
		json_decref(document);
		return;
	}
	client->later = 0;
	uv_timer_start(&client->patience, on_patience, PATIENCE_MS, 0);
	say(client, document);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct client *client = handle->data;
	size_t room = 0;
	int error;

	(void)suggested;
	buf->base = cp_line_room(&client->line, &room, &error);
	buf->len = room;
}

// UV_ENOBUFS is what libuv says when on_room gave no room.
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	(void)buf;
	if (n == UV_ENOBUFS) {
		say_last(client, "the line is over 8 MiB");
	} else if (n < 0) {
		close_client(client);
	} else {
		cp_line_filled(&client->line, (size_t)n);
		converse(client);
	}
}

// Answers the next whole line, or reads on.
static void converse(struct client *client)
{
	json_t *request;
	int rc = cp_line_take(&client->line, &request);

	if (rc > 0) {
		answer(client, request);
	} else if (rc < 0) {
		say_last(client, "not understood: give one JSON object a line");
	} else {
		rc = uv_read_start((uv_stream_t *)&client->pipe, on_room, on_read);
		if (rc && rc != UV_EALREADY)
			close_client(client);
	}
}

static struct client *free_place(struct cp_oplink *link)
{
	for (size_t i = 0; i < CP_OPLINK_CLIENTS_MAX; i++)
		if (link->client[i].open == 0)
			return &link->client[i];
	return NULL;
}

// Who finds no place waits in the listener's queue: libuv takes no other until this one was accepted.
static void take_in(struct cp_oplink *link)
{
	uv_stream_t *listener = (uv_stream_t *)&link->listener;
	struct client *client = free_place(link);

	link->waiting = !client;
	if (!client)
		return;
	*client = (struct client){.link = link, .open = 2};
	link->open += 2;
	uv_pipe_init(listener->loop, &client->pipe, 0);
	uv_timer_init(listener->loop, &client->patience);
	client->pipe.data = client->patience.data = client;
	uv_timer_start(&client->patience, on_patience, PATIENCE_MS, 0);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe))
		close_client(client);
	else
		converse(client);
}

static void on_connection(uv_stream_t *listener, int status)
{
	if (!status)
		take_in(listener->data);
}

static void on_listener_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static int listen_at(struct cp_oplink *link)
{
	int fd = cp_socket_listen(link->path, S_IRUSR | S_IWUSR, BACKLOG);

	if (fd < 0)
		return fd;
	int rc = uv_pipe_open(&link->listener, fd);

	if (rc)
		close(fd);
	else
		rc = uv_listen((uv_stream_t *)&link->listener, BACKLOG, on_connection);
	if (rc)
		unlink(link->path);
	return rc;
}

int cp_oplink_open(struct cp_oplink **out, uv_loop_t *loop, const char *path, cp_oplink_answer *to_answer,
		   void *context)
{
	size_t n = strlen(path) + 1;
	struct cp_oplink *link = calloc(1, sizeof(*link) + n);

	if (!link)
		return -ENOMEM;
	link->answer = to_answer;
	link->context = context;
	link->open = 1;
	memcpy(link->path, path, n);
	uv_pipe_init(loop, &link->listener, 0);
	link->listener.data = link;
	int rc = listen_at(link);

	if (rc) {
		uv_close((uv_handle_t *)&link->listener, on_listener_closed);
		return rc;
	}
	*out = link;
	return 0;
}

void cp_oplink_close(struct cp_oplink *link)
{
	if (!link)
		return;
	for (size_t i = 0; i < CP_OPLINK_CLIENTS_MAX; i++)
		close_client(&link->client[i]);
	unlink(link->path);
	uv_close((uv_handle_t *)&link->listener, on_listener_closed);
}
