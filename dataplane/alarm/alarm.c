// SPDX-License-Identifier: GPL-3.0-or-later
#include "alarm/alarm.h"

#include <errno.h>
#include <stdlib.h>

#include <base_log.h>

#include "lineup/lineup.h"
#include "port/port.h"

enum { QUIET_LOOKS = 50, LASTING_LOOKS = 1000 / DP_ALARM_LOOK_MS };

struct dp_alarm_state {
	uint64_t last;  // value of the counter at the last look
	uint64_t count; // how much it has grown while the alarm stands
	unsigned quiet; // looks without growth
	bool standing;
};

static const struct {
	const char *name;
	enum dp_alarm_severity severity;
	const char *text;
} kind[DP_ALARMS] = {
#define X(symbol, name, severity, text) [DP_ALARM_##symbol] = {(name), DP_ALARM_##severity, (text)},
	DP_ALARM_TABLE(X)
#undef X
};

static const char *const severity_name[] = {"critical", "major", "minor", "warning"};

static const char whole[] = "dataplane"; // the object that an alarm about all of it names

int dp_alarms_init(struct dp_alarms *alarms, const struct dp_lineup *lineup)
{
	*alarms = (struct dp_alarms){.lineup = lineup};
	alarms->service = calloc(lineup->services * DP_ALARMS, sizeof(*alarms->service));
	alarms->input = calloc(lineup->inputs * DP_ALARMS, sizeof(*alarms->input));
	alarms->output = calloc(lineup->outputs * DP_ALARMS, sizeof(*alarms->output));
	alarms->dataplane = calloc(DP_ALARMS, sizeof(*alarms->dataplane));
	if (alarms->service && alarms->input && alarms->output && alarms->dataplane)
		return 0;
	dp_alarms_fini(alarms);
	return -ENOMEM;
}

void dp_alarms_fini(struct dp_alarms *alarms)
{
	free(alarms->service);
	free(alarms->input);
	free(alarms->output);
	free(alarms->dataplane);
	*alarms = (struct dp_alarms){0};
}

static void raise_alarm(struct dp_alarms *alarms, struct dp_alarm_state *state, enum dp_alarm alarm, const char *object)
{
	state->standing = true;
	state->count = 0;
	alarms->raised_total[alarm]++;
	base_log(kind[alarm].severity <= DP_ALARM_MAJOR ? BASE_LOG_ERROR : BASE_LOG_WARNING, "alarm",
		 "alarm raised name=%s severity=%s object=\"%s\" text=\"%s\"", kind[alarm].name,
		 severity_name[kind[alarm].severity], object, kind[alarm].text);
}

static void clear_alarm(struct dp_alarm_state *state, enum dp_alarm alarm, const char *object)
{
	state->standing = false;
	base_log(BASE_LOG_INFO, "alarm", "alarm cleared name=%s object=\"%s\" count=%llu", kind[alarm].name, object,
		 (unsigned long long)state->count);
}

// An alarm that stands while its condition holds or its counter grows, and for some looks after: what comes and goes
// is told once.
static void look_state(struct dp_alarms *alarms, struct dp_alarm_state *states, enum dp_alarm alarm, const char *object,
		       uint64_t value, bool holds)
{
	struct dp_alarm_state *state = &states[alarm];
	uint64_t growth = value - state->last;

	state->last = value;
	if (growth || holds) {
		if (!state->standing)
			raise_alarm(alarms, state, alarm, object);
		state->count += growth;
		state->quiet = 0;
	} else if (state->standing && ++state->quiet >= QUIET_LOOKS) {
		clear_alarm(state, alarm, object);
	}
}

// An alarm that only a counter tells of.
static void look(struct dp_alarms *alarms, struct dp_alarm_state *states, enum dp_alarm alarm, const char *object,
		 uint64_t value)
{
	look_state(alarms, states, alarm, object, value, false);
}

// An alarm that stands once its condition has held for a second, until it ends.
static void look_lasting(struct dp_alarms *alarms, struct dp_alarm_state *states, enum dp_alarm alarm,
			 const char *object, bool holds)
{
	struct dp_alarm_state *state = &states[alarm];

	state->quiet = holds ? state->quiet + 1 : 0;
	if (!state->standing && state->quiet >= LASTING_LOOKS)
		raise_alarm(alarms, state, alarm, object);
	else if (state->standing && !holds)
		clear_alarm(state, alarm, object);
}

// An input that never came is lost like one that went away.
static void look_lost(struct dp_alarms *alarms, struct dp_alarm_state *states, const char *object, uint64_t value)
{
	bool holds = value == states[DP_ALARM_INPUT_LOST].last;

	states[DP_ALARM_INPUT_LOST].last = value;
	look_lasting(alarms, states, DP_ALARM_INPUT_LOST, object, holds);
}

static void look_services(struct dp_alarms *alarms)
{
	for (unsigned i = 0; i < alarms->lineup->services; i++) {
		const struct dp_service *service = &alarms->lineup->service[i];
		struct dp_alarm_state *states = &alarms->service[i * DP_ALARMS];
		const uint64_t *drops = service->stats.drops;
		const char *name = service->conf->name;

		look(alarms, states, DP_ALARM_SCRAMBLED_INPUT, name, drops[DP_DROP_ALREADY_SCRAMBLED]);
		look(alarms, states, DP_ALARM_NO_KEY, name, drops[DP_DROP_NO_KEY]);
		look_state(alarms, states, DP_ALARM_PSI, name, drops[DP_DROP_PSI_BROKEN] + drops[DP_DROP_PSI_TOO_LONG],
			   service->pmt_unmade);
		look_lasting(alarms, states, DP_ALARM_PMT_MISSING, name, service->awaits_pmt);
		if (service->period)
			look_state(alarms, states, DP_ALARM_EXTENDED, name, service->period->stats.extended,
				   service->period->extending);
	}
}

static uint64_t count_conflicts(const struct dp_input *input)
{
	uint64_t conflicts = 0;

	for (unsigned i = 0; i < input->services; i++)
		conflicts += input->service[i]->stats.pid_conflicts;
	return conflicts;
}

void dp_alarms_look(struct dp_alarms *alarms, uint64_t lost)
{
	look(alarms, alarms->dataplane, DP_ALARM_PACKETS_LOST, whole, lost);
	look_services(alarms);
	for (unsigned i = 0; i < alarms->lineup->inputs; i++) {
		const struct dp_input *input = &alarms->lineup->input[i];
		struct dp_alarm_state *states = &alarms->input[i * DP_ALARMS];

		look(alarms, states, DP_ALARM_PSI, input->conf->name, input->stats.drops[DP_DROP_PSI_BROKEN]);
		look_state(alarms, states, DP_ALARM_PID_CONFLICT, input->conf->name, count_conflicts(input),
			   input->conflicts != 0);
		if (!input->port->offline)
			look_lost(alarms, states, input->conf->name, input->stats.in_pkts);
	}
	for (unsigned i = 0; i < alarms->lineup->outputs; i++) {
		const struct dp_output *output = &alarms->lineup->output[i];
		struct dp_alarm_state *states = &alarms->output[i * DP_ALARMS];
		uint64_t guard = 0;

		for (unsigned d = 0; d < DP_DROPS; d++)
			if (dp_drop_is_guard((enum dp_drop)d))
				guard += output->stats.drops[d];
		look(alarms, states, DP_ALARM_GUARD, output->conf->name, guard);
		look(alarms, states, DP_ALARM_TX_FULL, output->conf->name, output->stats.drops[DP_DROP_TX_FULL]);
	}
}

static void append_standing(json_t *list, const struct dp_alarm_state *states, const char *object)
{
	for (unsigned a = 0; a < DP_ALARMS; a++)
		if (states[a].standing)
			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:s, s:s, s:I}", "name", kind[a].name, "severity",
							severity_name[kind[a].severity], "object", object, "text",
							kind[a].text, "count", (json_int_t)states[a].count));
}

json_t *dp_alarms_json(const struct dp_alarms *alarms)
{
	json_t *list = json_array();

	append_standing(list, alarms->dataplane, whole);
	for (unsigned i = 0; i < alarms->lineup->services; i++)
		append_standing(list, &alarms->service[i * DP_ALARMS], alarms->lineup->service[i].conf->name);
	for (unsigned i = 0; i < alarms->lineup->inputs; i++)
		append_standing(list, &alarms->input[i * DP_ALARMS], alarms->lineup->input[i].conf->name);
	for (unsigned i = 0; i < alarms->lineup->outputs; i++)
		append_standing(list, &alarms->output[i * DP_ALARMS], alarms->lineup->output[i].conf->name);
	return list;
}

json_t *dp_alarms_totals_json(const struct dp_alarms *alarms)
{
	json_t *totals = json_object();

	for (unsigned a = 0; a < DP_ALARMS; a++)
		json_object_set_new(totals, kind[a].name, json_integer((json_int_t)alarms->raised_total[a]));
	return totals;
}
