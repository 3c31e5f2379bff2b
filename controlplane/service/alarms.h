// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator must know now: the alarms that bulkhead-control raises and those that the dataplane tells of.
//
// Refs: ITU-T X.733 (perceived severity); docs/operator-api.md ("alarms").
// Threads: the loop's. Owns: the list.
// Errors: an alarm that finds no room is logged and counted in `lost`.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <dp_msg.h>

#define CP_ALARMS_MAX 8192

// X(symbol, name, severity, what a person reads)
#define CP_ALARM_TABLE(X)                                                                                     \
	X(DATAPLANE_LOST, "dataplane_lost", CRITICAL, "no connection to the dataplane")                       \
	X(LINEUP_REFUSED, "lineup_refused", CRITICAL, "the dataplane does not take the line-up")              \
	X(CONFIG_REFUSED, "config_refused", MAJOR, "the document read last is refused, the one before holds") \
	X(NOT_LISTENING, "not_listening", MAJOR, "another process listens at the address")                    \
	X(ECMG_LOST, "ecmg_lost", MAJOR, "no channel to the ECMG")                                            \
	X(STREAM_REFUSED, "ecm_stream_refused", MAJOR, "the ECMG does not open the group's stream")           \
	X(PERIOD_REFUSED, "period_refused", MAJOR, "the dataplane refused a crypto-period")                   \
	X(ECM_BROKEN, "ecm_broken", MAJOR, "the ECMG answers with what is no ECM")                            \
	X(ECM_LATE, "ecm_late", MINOR, "the ECM did not come in time")

enum cp_alarm_kind {
#define X(symbol, name, severity, text) CP_ALARM_##symbol,
	CP_ALARM_TABLE(X)
#undef X
		CP_ALARMS
};

enum cp_severity { CP_CRITICAL, CP_MAJOR, CP_MINOR, CP_WARNING };

struct cp_alarm {
	char name[DP_MSG_NAME_BYTES];
	char object[DP_MSG_NAME_BYTES];
	char text[DP_MSG_TEXT_BYTES];
	enum cp_severity severity;
	bool of_dataplane;
	bool listed;  // in the statistics that are being taken
	double since; // seconds since 1970-01-01 UTC
	uint64_t count;
};

// Thousands may stand when much fails at once, and the SCS shares the loop: they are found in order.
struct cp_alarms {
	struct cp_alarm **alarm; // what stands, by origin, name and object
	unsigned n, capacity;
	uint64_t lost;
};

void cp_alarms_fini(struct cp_alarms *alarms);

// Raises an alarm about an object, or counts it once more. Clears it.
void cp_alarm_raise(struct cp_alarms *alarms, enum cp_alarm_kind kind, const char *object);
void cp_alarm_clear(struct cp_alarms *alarms, enum cp_alarm_kind kind, const char *object);

// Takes what the dataplane tells: one message (its texts end with a zero); the "alarms" of its statistics, which are
// all that stand (BORROWED); or that nothing is known of them any more (NULL).
void cp_alarms_take(struct cp_alarms *alarms, const struct dp_msg_alarm *msg);
void cp_alarms_take_all(struct cp_alarms *alarms, const json_t *list);

// The list of docs/operator-api.md, most severe first, GIVEN.
json_t *cp_alarms_json(const struct cp_alarms *alarms);
