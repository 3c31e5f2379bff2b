// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms: what an operator must know, raised and cleared once each, with X.733 severities.
//
// Refs: ITU-T X.733 (perceived severity).
// Threads: main. Owns: its state per object. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "conf/conf.h"

struct dp_lineup;
struct dp_port;
struct dp_diff;

enum dp_alarm_severity { DP_ALARM_CRITICAL, DP_ALARM_MAJOR, DP_ALARM_MINOR, DP_ALARM_WARNING };

// X(symbol, name, severity, what a person reads)
#define DP_ALARM_TABLE(X)                                                                                      \
	X(GUARD, "guard_blocked", CRITICAL, "the guard blocked a packet that would have left in clear")        \
	X(WORKER_STANDS, "worker_stands", CRITICAL,                                                            \
	  "a worker has stood still for a second: its services are dark, and no change comes on air")          \
	X(SCRAMBLED_INPUT, "input_scrambled", MAJOR, "input is already scrambled on a PID to scramble")        \
	X(AWAITING_PERIOD, "awaiting_period", MAJOR, "packets come, but no crypto-period has begun for 5 s")   \
	X(NO_KEY, "no_key", MAJOR, "packets dropped for want of a control word")                               \
	X(PACKETS_LOST, "packets_lost", MAJOR,                                                                 \
	  "packets lost at a port, or for want of a buffer or of room between workers")                        \
	X(INPUT_LOST, "input_lost", MAJOR, "no packet for a second")                                           \
	X(SECOND_SOURCE, "second_source", MAJOR, "a second source sends to the group and is refused")          \
	X(SOURCE_CHANGED, "source_changed", WARNING, "another source is followed: the one before fell silent") \
	X(BAD_DATAGRAMS, "bad_datagrams", WARNING,                                                             \
	  "datagrams come that cannot be used: fragments, cut ones, or without transport packets")             \
	X(INPUT_ERRORS, "input_errors", WARNING, "packets of the input are broken, missing or out of order")   \
	X(PMT_MISSING, "pmt_missing", MAJOR, "in the PAT, but no PMT for a second")                            \
	X(PSI, "psi_broken", MINOR, "a table of the input cannot be used")                                     \
	X(PID_CONFLICT, "pid_conflict", MINOR, "a PID is claimed twice")                                       \
	X(EXTENDED, "period_extended", WARNING, "a crypto-period went on because the next was not whole")      \
	X(TX_FULL, "tx_full", MAJOR, "the output port does not take all datagrams")                            \
	X(PORT_DOWN, "port_down", MAJOR, "the port carries nothing: no link, interface or peer")               \
	X(EMM_DROPPED, "emm_dropped", MINOR, "EMMs dropped: they come faster than the stream's rate")          \
	X(CONTROLLER_LOST, "controller_lost", WARNING, "no controller; everything goes on as it is")

enum dp_alarm {
#define X(symbol, name, severity, text) DP_ALARM_##symbol,
	DP_ALARM_TABLE(X)
#undef X
		DP_ALARMS
};

struct dp_alarm_state {
	uint64_t last;  // value of the counter at the last look
	uint64_t count; // how much it has grown while the alarm stands
	unsigned quiet; // looks without growth
	bool standing;
	bool told; // standing, as the controller was told last
};

// Over the services of an input.
struct dp_alarm_sum {
	uint64_t conflicts, errors;
};

// An alarm that was told of an object that has gone since: told once more, as cleared.
struct dp_alarm_gone {
	enum dp_alarm alarm;
	uint64_t count;
	char object[64];
};

struct dp_alarms {
	const struct dp_lineup *lineup;         // NULL before there is one
	struct dp_alarm_state *state;           // of its services, inputs, outputs and EMM streams, one per alarm
	struct dp_alarm_state whole[DP_ALARMS]; // of the dataplane
	const struct dp_port *port;
	unsigned ports;
	struct dp_alarm_state port_down[DP_CONF_PORTS_MAX]; // the one alarm of a port
	uint64_t raised_total[DP_ALARMS];
	unsigned gone_n;
	struct dp_alarm_gone *gone;
	struct dp_alarm_sum *sum; // by input
	bool news;                // some alarm may stand otherwise than was told
};

// What an alarm about the whole dataplane goes by.
struct dp_alarm_whole {
	uint64_t lost; // packets lost so far by no fault of their own
	uint64_t bad;  // datagrams so far that could not be used
	bool alone;    // there should be a controller and is none
	bool stands;   // some worker has ended no pass since the last look
};

enum { DP_ALARM_TEXT_BYTES = 192 };

// An alarm that was raised or cleared. Names are BORROWED from the line-up and the program.
struct dp_alarm_news {
	unsigned at; // which; for dp_alarms_told
	bool raised;
	enum dp_alarm_severity severity;
	uint64_t count;
	const char *name, *object;
	char text[DP_ALARM_TEXT_BYTES];
};

// Alarms about the whole dataplane can be looked for after this.
void dp_alarms_init(struct dp_alarms *alarms);

// From now on also those about these ports, BORROWED until fini.
void dp_alarms_watch_ports(struct dp_alarms *alarms, const struct dp_port *port, unsigned ports);

// From now on also those about the objects of the line-up, BORROWED until fini. 0 or -ENOMEM.
int dp_alarms_watch(struct dp_alarms *alarms, const struct dp_lineup *lineup);
void dp_alarms_fini(struct dp_alarms *alarms);

// What goes by the difference to another line-up has no alarms from now on: those that stand are cleared. Called before
// the places are free.
void dp_alarms_leave(struct dp_alarms *alarms, const struct dp_diff *diff);

// Looks at counters and states; raises what has grown since the last look or holds now, clears what has been quiet
// for some looks. Called every DP_ALARM_LOOK_MS.
#define DP_ALARM_LOOK_MS 100
void dp_alarms_look(struct dp_alarms *alarms, const struct dp_alarm_whole *whole);

// Some alarm that stands otherwise than was told; false when all is told. Told is what dp_alarms_told says was.
bool dp_alarms_news(struct dp_alarms *alarms, struct dp_alarm_news *news);
void dp_alarms_told(struct dp_alarms *alarms, const struct dp_alarm_news *news);

// Nothing was told: somebody new listens.
void dp_alarms_untold(struct dp_alarms *alarms);

// The alarms that stand now, GIVEN: [{"name", "severity", "object", "text", "count"}].
json_t *dp_alarms_json(struct dp_alarms *alarms);

// How often each alarm was raised since the start, GIVEN: {"name": count}.
json_t *dp_alarms_totals_json(const struct dp_alarms *alarms);
