// SPDX-License-Identifier: GPL-3.0-or-later
// Queued writes.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <base_check.h>
#include <base_secret.h>

#include "wire/connection.h"

struct waiting {
	uv_write_t request;
	struct cp_wire *wire;
	size_t n;
	uint8_t bytes[];
};

// What it takes in memory: of a short message more than its bytes.
static size_t taken_by(size_t n)
{
	return sizeof(struct waiting) + n;
}

static void done(struct waiting *waiting)
{
	waiting->wire->waiting_bytes -= taken_by(waiting->n);
	base_secret_scrub(waiting->bytes, waiting->n);
	free(waiting);
}

static void on_written(uv_write_t *request, int status)
{
	struct waiting *waiting = request->data;
	struct cp_wire *wire = waiting->wire;

	done(waiting);
	if (status < 0)
		wire_drop(wire, uv_strerror(status));
}

int cp_wire_send(struct cp_wire *wire, const uint8_t *bytes, size_t n)
{
	struct waiting *waiting;
	uv_buf_t buf;
	int rc, index;

	CHECK(n >= SIM_HEADER_BYTES);
	if (wire->state != WIRE_OPEN)
		return -ENOTCONN;
	if (taken_by(n) > CP_WIRE_WAITING_MAX - wire->waiting_bytes) {
		wire_drop(wire, "the peer does not read");
		return -ENOBUFS;
	}
	waiting = malloc(taken_by(n));
	if (!waiting) {
		wire_drop(wire, "no memory");
		return -ENOBUFS;
	}
	*waiting = (struct waiting){.wire = wire, .n = n};
	waiting->request.data = waiting;
	memcpy(waiting->bytes, bytes, n);
	wire->waiting_bytes += taken_by(n);
	buf = uv_buf_init((char *)waiting->bytes, (unsigned)n);
	rc = uv_write(&waiting->request, (uv_stream_t *)&wire->tcp, &buf, 1, on_written);
	if (rc < 0) {
		done(waiting);
		wire_drop(wire, uv_strerror(rc));
		return -ENOTCONN;
	}
	index = sim_type_index(base_bytes_get16(bytes + 1));
	if (index >= 0)
		wire->counts->sent[index]++;
	return 0;
}
