// SPDX-License-Identifier: GPL-3.0-or-later
// Cutting the stream of bytes into messages.
#include <string.h>

#include <base_secret.h>

#include "wire/connection.h"

// How long a message may take from its first byte to its last.
#define MESSAGE_MS 10000

// There is always room: whole messages have been taken out, and what is left is less than the longest.
static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cp_wire *wire = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)wire->in + wire->have, (unsigned)(sizeof(wire->in) - wire->have));
}

static void deliver(struct cp_wire *wire, const uint8_t *bytes, size_t n)
{
	struct sim_error error;
	struct sim_msg msg;
	int rc = sim_decode(&msg, wire->interface, bytes, n, &error);
	int index = sim_type_index(msg.type);

	if (index < 0)
		wire->counts->received_other++;
	else
		wire->counts->received[index]++;
	wire->counts->malformed += rc != 0;
	if (wire->state != WIRE_OPEN)
		return;
	if (rc == 0)
		wire->ops->on_message(wire->owner, wire, &msg);
	else
		wire->ops->on_refused(wire->owner, wire, &msg, &error);
}

// Takes every whole message out of the buffer and scrubs what it leaves behind.
static void take_messages(struct cp_wire *wire)
{
	size_t at = 0, left = wire->have;

	while (wire->state != WIRE_CLOSED && left >= SIM_HEADER_BYTES) {
		size_t n = sim_message_bytes(wire->in + at);

		if (left < n)
			break;
		deliver(wire, wire->in + at, n);
		at += n;
		left -= n;
	}
	if (wire->state == WIRE_CLOSED)
		left = 0;
	if (at > 0)
		memmove(wire->in, wire->in + at, left);
	base_secret_scrub(wire->in + left, wire->have - left);
	wire->have = left;
	if (wire->state != WIRE_OPEN)
		return;
	if (left == 0)
		uv_timer_stop(&wire->limit);
	else if (at > 0 || !uv_is_active((uv_handle_t *)&wire->limit))
		wire_limit(wire, MESSAGE_MS);
}

static void on_end(struct cp_wire *wire)
{
	wire->ended = true;
	uv_read_stop((uv_stream_t *)&wire->tcp);
	if (wire->state == WIRE_OPEN)
		cp_wire_close(wire, wire->have > 0 ? "the peer closed the connection inside a message"
						   : "the peer closed the connection");
	else if (wire->flushed)
		wire_drop(wire, NULL);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct cp_wire *wire = stream->data;

	if (n == UV_EOF) {
		on_end(wire);
	} else if (n < 0) {
		wire_drop(wire, uv_strerror((int)n));
	} else if (wire->state == WIRE_CLOSED) {
		base_secret_scrub(buf->base, (size_t)n);
	} else {
		wire->have += (size_t)n;
		take_messages(wire);
	}
}

int wire_read_start(struct cp_wire *wire)
{
	return uv_read_start((uv_stream_t *)&wire->tcp, on_room, on_read);
}
