// SPDX-License-Identifier: GPL-3.0-or-later
// Who is connected with whom, as main wants it: of each place the lists and pointers that it is to have. Where they
// differ from those on air, they are exchanged by the worker that owns the place, between two packets.
//
// Threads: main makes, settles and frees; the worker exchanges what is in its change (dp_wire_*_swap).
// Owns: new lists until they are exchanged, and then old ones; copies of the configuration likewise.
// Errors: -ENOMEM.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "lineup/assign.h"
#include "lineup/diff.h"
#include "port/port.h"

struct dp_wire_input {
	struct dp_wire_input *next; // in the change of a worker
	struct dp_input *input;
	struct dp_conf_input *conf; // of one that comes
	unsigned services, outputs;
	struct dp_service **service;
	struct dp_output **output;
	bool leaves; // nothing of it is taken any more
	bool begins; // its tables are set up by the worker, because some output of it is on air
	bool again;  // its tables are followed again
};

struct dp_wire_output {
	struct dp_wire_output *next;
	struct dp_output *output;
	struct dp_conf_output *conf; // NULL: the one it has
	struct dp_port *port;
	uint8_t header[DP_DGRAM_HEADER_MAX_BYTES];
	uint8_t header_bytes;
	struct dp_input *input;
	struct dp_group *pace;
	unsigned emms;
	struct dp_output_emm *emm;
	bool closes; // its open datagram leaves before anything is exchanged
};

struct dp_wire_group {
	struct dp_wire_group *next;
	struct dp_group *group;
	unsigned outputs;
	struct dp_output **output;
	bool paces_emms, offline;
	enum dp_algorithm algorithm;
};

struct dp_wire_service {
	struct dp_wire_service *next;
	struct dp_service *service;
	struct dp_conf_service *conf; // NULL: the one it has
	bool clock_source;
	bool again;              // its PMT is followed again
	struct dp_service *from; // that it replaces: its PMT is taken over; NULL: none
};

// An offline port: what it waits for, and its one input where it is a file.
struct dp_wire_port {
	struct dp_wire_port *next;
	struct dp_port *port;
	unsigned gates;
	struct dp_period **gate;
	struct dp_input *file_input;
	unsigned worker; // that reads it, or DP_OWNER_NONE
};

// What one worker exchanges at once.
struct dp_change {
	struct dp_wire_input *input;
	struct dp_wire_output *output;
	struct dp_wire_group *group;
	struct dp_wire_service *service;
	struct dp_wire_port *port;
	struct dp_roster *roster; // exchanged with the worker's
};

// All of a line-up, by place.
struct dp_wires {
	struct dp_wire_input *input;
	struct dp_wire_output *output;
	struct dp_wire_group *group;
	struct dp_wire_service *service;
	struct dp_wire_port port[DP_CONF_PORTS_MAX];
	struct dp_conf_emm *emm_conf[DP_LINEUP_EMMS_MAX]; // of those that come
};

// Makes what `conf` wants, by its difference to what is in the places. `port` are the open ones, or NULL in tests that
// have none. 0 or -ENOMEM; then dp_wires_drop.
int dp_wires_make(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		  const struct dp_conf *conf, struct dp_port *port);

// Fills the places of what comes, and lays what is to be exchanged into the change of the worker that owns it (`change`
// by worker). What is on air is where `assign` wants it.
void dp_wires_settle(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		     const struct dp_conf *conf, const struct dp_assign *assign, struct dp_port *port,
		     struct dp_change *change);

// What `worker` looks after once this is settled.
void dp_wires_roster(const struct dp_wires *wires, struct dp_roster *roster, const struct dp_lineup *lineup,
		     const struct dp_diff *diff, unsigned worker);

// Everything has been exchanged, and no datagram names what went: frees what is no longer used, and the places.
void dp_wires_finish(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff);

// Nothing has been settled, and nothing will be.
void dp_wires_drop(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff);

#define DP_WIRE_SWAP(a, b)                \
	do {                              \
		__typeof__(a) kept = (a); \
		(a) = (b);                \
		(b) = kept;               \
	} while (0)

static inline void dp_wire_input_swap(struct dp_wire_input *wire)
{
	DP_WIRE_SWAP(wire->services, wire->input->services);
	DP_WIRE_SWAP(wire->outputs, wire->input->outputs);
	DP_WIRE_SWAP(wire->service, wire->input->service);
	DP_WIRE_SWAP(wire->output, wire->input->output);
}

static inline void dp_wire_output_swap(struct dp_wire_output *wire)
{
	struct dp_output *output = wire->output;
	const struct dp_conf_output *before = output->conf;

	if (wire->conf) {
		output->conf = wire->conf;
		output->port = wire->port;
		output->header_bytes = wire->header_bytes;
		memcpy(output->header, wire->header, sizeof(output->header));
		wire->conf = (struct dp_conf_output *)before;
	}
	if (wire->input != output->input) { // tables of another input do not leave
		output->si.n = 0;
		output->emit_pat = output->emit_cat = false;
	}
	DP_WIRE_SWAP(wire->input, output->input);
	DP_WIRE_SWAP(wire->pace, output->pace);
	DP_WIRE_SWAP(wire->emms, output->emms);
	DP_WIRE_SWAP(wire->emm, output->emm);
}

static inline void dp_wire_group_swap(struct dp_wire_group *wire)
{
	DP_WIRE_SWAP(wire->outputs, wire->group->outputs);
	DP_WIRE_SWAP(wire->output, wire->group->output);
	wire->group->paces_emms = wire->paces_emms;
	wire->group->period.offline = wire->offline;
	wire->group->algorithm = wire->algorithm;
}

static inline void dp_wire_service_swap(struct dp_wire_service *wire)
{
	const struct dp_conf_service *before = wire->service->conf;

	if (wire->conf) {
		wire->service->conf = wire->conf;
		wire->conf = (struct dp_conf_service *)before;
	}
	wire->service->clock_source = wire->clock_source;
}

static inline void dp_wire_port_swap(struct dp_wire_port *wire)
{
	DP_WIRE_SWAP(wire->gates, wire->port->gates);
	DP_WIRE_SWAP(wire->gate, wire->port->gate);
	wire->port->file_input = wire->file_input;
	atomic_store_explicit(&wire->port->rx_worker, wire->worker, memory_order_relaxed);
}
