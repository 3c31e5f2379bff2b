// SPDX-License-Identifier: GPL-3.0-or-later
// Listening for connections.
#include <errno.h>
#include <stdlib.h>

#include "wire/connection.h"

#define BACKLOG 64

// Freed when its socket has closed and its last connection is over.
struct cp_wire_listener {
	uv_tcp_t tcp;
	bool closed;
	size_t connections;
	enum sim_interface interface;
	cp_wire_accepted *accepted;
	void *context;
};

static void free_when_done(struct cp_wire_listener *listener)
{
	if (listener->closed && listener->connections == 0)
		free(listener);
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct cp_wire_listener *listener = handle->data;

	listener->closed = true;
	free_when_done(listener);
}

void wire_listener_left(struct cp_wire_listener *listener)
{
	listener->connections--;
	free_when_done(listener);
}

// A connection that is not wanted is taken all the same: left alone it would wait in the backlog for ever.
static void on_connection(uv_stream_t *server, int status)
{
	struct cp_wire_listener *listener = server->data;
	struct cp_wire *wire = status == 0 ? wire_new(server->loop, listener->interface) : NULL;
	struct sockaddr_storage address;
	int n = sizeof(address);

	if (!wire)
		return;
	wire->listener = listener;
	listener->connections++;
	if (uv_accept(server, (uv_stream_t *)&wire->tcp) < 0 || listener->connections > CP_WIRE_CONNECTIONS_MAX ||
	    uv_tcp_getpeername(&wire->tcp, (struct sockaddr *)&address, &n) < 0) {
		wire_drop(wire, "not accepted");
		return;
	}
	wire_address_text(wire->peer, sizeof(wire->peer), &address);
	wire->ops = listener->accepted(listener->context, wire, &wire->owner, &wire->counts);
	if (wire->ops)
		wire_opened(wire);
	else
		wire_drop(wire, "refused");
}

int cp_wire_listen(struct cp_wire_listener **out, uv_loop_t *loop, const char *address, uint16_t port,
		   enum sim_interface interface, cp_wire_accepted *accepted, void *context)
{
	struct sockaddr_storage at;
	struct cp_wire_listener *listener;
	int rc = wire_address_parse(&at, address, port);

	if (rc < 0)
		return rc;
	listener = calloc(1, sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	*listener = (struct cp_wire_listener){.interface = interface, .accepted = accepted, .context = context};
	rc = uv_tcp_init(loop, &listener->tcp);
	if (rc < 0) {
		free(listener);
		return rc;
	}
	listener->tcp.data = listener;
	rc = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&at, 0);
	if (rc == 0)
		rc = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
	if (rc < 0) {
		cp_wire_listener_close(listener);
		return rc;
	}
	*out = listener;
	return 0;
}

uint16_t cp_wire_listener_port(const struct cp_wire_listener *listener)
{
	struct sockaddr_storage at = {0};
	int n = sizeof(at);

	if (uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&at, &n) < 0)
		return 0;
	// The port stands at the same place in both families.
	return ntohs(((const struct sockaddr_in *)&at)->sin_port);
}

void cp_wire_listener_close(struct cp_wire_listener *listener)
{
	uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
}
