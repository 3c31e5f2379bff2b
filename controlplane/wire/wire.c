// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a connection.
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>

#include <base_secret.h>

#include "wire/connection.h"

#define CONNECT_MS      5000
#define CLOSE_MS        1000
#define KEEPALIVE_AFTER 30 // seconds

static void on_handle_closed(uv_handle_t *handle)
{
	struct cp_wire *wire = handle->data;

	if (--wire->handles > 0)
		return;
	if (wire->ops)
		wire->ops->on_closed(wire->owner, wire, wire->why);
	if (wire->listener)
		wire_listener_left(wire->listener);
	base_secret_scrub(wire->in, sizeof(wire->in));
	free(wire);
}

static void tell_why(struct cp_wire *wire, const char *why)
{
	if (why && wire->why[0] == 0)
		snprintf(wire->why, sizeof(wire->why), "%s", why);
}

void wire_drop(struct cp_wire *wire, const char *why)
{
	if (wire->state == WIRE_CLOSED)
		return;
	tell_why(wire, why);
	wire->state = WIRE_CLOSED;
	uv_close((uv_handle_t *)&wire->tcp, on_handle_closed);
	uv_close((uv_handle_t *)&wire->limit, on_handle_closed);
}

static void on_limit(uv_timer_t *timer)
{
	struct cp_wire *wire = timer->data;

	if (wire->state == WIRE_CONNECTING)
		wire_drop(wire, "the peer does not answer");
	else
		wire_drop(wire, "the peer does not finish its message");
}

void wire_limit(struct cp_wire *wire, uint64_t ms)
{
	uv_timer_start(&wire->limit, on_limit, ms, 0);
}

struct cp_wire *wire_new(uv_loop_t *loop, enum sim_interface interface)
{
	struct cp_wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return NULL;
	wire->interface = interface;
	if (uv_tcp_init(loop, &wire->tcp) < 0) {
		free(wire);
		return NULL;
	}
	uv_timer_init(loop, &wire->limit); // cannot fail
	wire->handles = 2;
	wire->tcp.data = wire->limit.data = wire->connect.data = wire->shutdown.data = wire;
	return wire;
}

void wire_opened(struct cp_wire *wire)
{
	int rc;

	wire->state = WIRE_OPEN;
	uv_timer_stop(&wire->limit);
	// Options that cannot be had make a connection slower, not wrong.
	(void)uv_tcp_nodelay(&wire->tcp, 1);
	(void)uv_tcp_keepalive(&wire->tcp, 1, KEEPALIVE_AFTER);
	rc = wire_read_start(wire);
	if (rc < 0)
		wire_drop(wire, uv_strerror(rc));
}

static void on_connected(uv_connect_t *request, int status)
{
	struct cp_wire *wire = request->data;

	if (wire->state != WIRE_CONNECTING)
		return;
	if (status < 0) {
		wire_drop(wire, uv_strerror(status));
		return;
	}
	wire_opened(wire);
	if (wire->state == WIRE_OPEN && wire->ops->on_open)
		wire->ops->on_open(wire->owner, wire);
}

struct cp_wire *cp_wire_connect(uv_loop_t *loop, const char *address, uint16_t port, enum sim_interface interface,
				const struct cp_wire_ops *ops, void *owner, struct cp_wire_counts *counts)
{
	struct sockaddr_storage to;
	struct cp_wire *wire;
	int rc;

	if (wire_address_parse(&to, address, port) < 0)
		return NULL;
	wire = wire_new(loop, interface);
	if (!wire)
		return NULL;
	wire->ops = ops;
	wire->owner = owner;
	wire->counts = counts;
	wire_address_text(wire->peer, sizeof(wire->peer), &to);
	wire_limit(wire, CONNECT_MS);
	rc = uv_tcp_connect(&wire->connect, &wire->tcp, (const struct sockaddr *)&to, on_connected);
	if (rc < 0)
		wire_drop(wire, uv_strerror(rc));
	return wire;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
	struct cp_wire *wire = request->data;

	wire->flushed = true;
	if (status < 0 || wire->ended)
		wire_drop(wire, NULL);
}

void cp_wire_close(struct cp_wire *wire, const char *why)
{
	if (wire->state >= WIRE_CLOSING)
		return;
	tell_why(wire, why);
	if (wire->state == WIRE_CONNECTING ||
	    uv_shutdown(&wire->shutdown, (uv_stream_t *)&wire->tcp, on_shutdown) < 0) {
		wire_drop(wire, NULL);
		return;
	}
	wire->state = WIRE_CLOSING;
	wire_limit(wire, CLOSE_MS);
}

const char *cp_wire_peer(const struct cp_wire *wire)
{
	return wire->peer;
}
