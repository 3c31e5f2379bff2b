// SPDX-License-Identifier: GPL-3.0-or-later
#include "alarm/alarm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "lineup/diff.h"
#include "lineup/lineup.h"
#include "port/port.h"

enum {
	QUIET_LOOKS = 50,
	LASTING_LOOKS = 1000 / DP_ALARM_LOOK_MS,
	AWAITING_LOOKS = 5 * LASTING_LOOKS, // a controller asks its ECMGs first, and a first ECM may lead by seconds
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

static const char whole_name[] = "dataplane"; // the object that an alarm about all of it names

// The objects of a line-up in the order of their states.
static unsigned objects_of(const struct dp_lineup *lineup)
{
	return lineup ? lineup->services + lineup->inputs + lineup->outputs + lineup->emms : 0;
}

static struct dp_alarm_state *service_states(const struct dp_alarms *alarms, unsigned i)
{
	return &alarms->state[i * DP_ALARMS];
}

static struct dp_alarm_state *input_states(const struct dp_alarms *alarms, unsigned i)
{
	return service_states(alarms, alarms->lineup->services + i);
}

static struct dp_alarm_state *output_states(const struct dp_alarms *alarms, unsigned i)
{
	return input_states(alarms, alarms->lineup->inputs + i);
}

static struct dp_alarm_state *emm_states(const struct dp_alarms *alarms, unsigned i)
{
	return output_states(alarms, alarms->lineup->outputs + i);
}

static const char *object_name(const struct dp_lineup *lineup, unsigned i)
{
	if (i < lineup->services)
		return lineup->service[i].conf->name;
	i -= lineup->services;
	if (i < lineup->inputs)
		return lineup->input[i].conf->name;
	i -= lineup->inputs;
	return i < lineup->outputs ? lineup->output[i].conf->name : lineup->emm[i - lineup->outputs].conf->name;
}

// All states there are: those of the line-up, then those of the whole, then one of each port.
static unsigned states_of(const struct dp_alarms *alarms)
{
	return (objects_of(alarms->lineup) + 1) * DP_ALARMS + alarms->ports;
}

// Where the states of the ports begin.
static unsigned ports_at(const struct dp_alarms *alarms)
{
	return (objects_of(alarms->lineup) + 1) * DP_ALARMS;
}

static struct dp_alarm_state *state_at(struct dp_alarms *alarms, unsigned at)
{
	unsigned whole = objects_of(alarms->lineup) * DP_ALARMS;

	if (at < whole)
		return &alarms->state[at];
	return at < ports_at(alarms) ? &alarms->whole[at - whole] : &alarms->port_down[at - ports_at(alarms)];
}

static enum dp_alarm alarm_at(const struct dp_alarms *alarms, unsigned at)
{
	return at < ports_at(alarms) ? at % DP_ALARMS : DP_ALARM_PORT_DOWN;
}

static unsigned at_of(const struct dp_alarms *alarms, const struct dp_alarm_state *state)
{
	if (state >= alarms->port_down && state < alarms->port_down + DP_CONF_PORTS_MAX)
		return ports_at(alarms) + (unsigned)(state - alarms->port_down);
	if (state >= alarms->whole && state < alarms->whole + DP_ALARMS)
		return objects_of(alarms->lineup) * DP_ALARMS + (unsigned)(state - alarms->whole);
	return (unsigned)(state - alarms->state);
}

static const char *object_at(const struct dp_alarms *alarms, unsigned at)
{
	if (at >= ports_at(alarms))
		return alarms->port[at - ports_at(alarms)].conf->name;
	return at / DP_ALARMS < objects_of(alarms->lineup) ? object_name(alarms->lineup, at / DP_ALARMS) : whole_name;
}

static unsigned octet(uint32_t address, unsigned i)
{
	return address >> (24 - 8 * i) & 0xFF;
}

#define ADDRESS       "%u.%u.%u.%u"
#define ADDRESS_OF(a) octet(a, 0), octet(a, 1), octet(a, 2), octet(a, 3)

// The addresses that an alarm about the sources of an input is about.
static void add_sources(char *text, size_t n, const struct dp_input *input, enum dp_alarm alarm)
{
	size_t used = strlen(text);
	uint32_t followed = atomic_load_explicit(&input->source, memory_order_relaxed);
	uint32_t refused = atomic_load_explicit(&input->refused, memory_order_relaxed);

	if (alarm == DP_ALARM_SECOND_SOURCE)
		snprintf(text + used, n - used, ": followed " ADDRESS ", refused " ADDRESS, ADDRESS_OF(followed),
			 ADDRESS_OF(refused));
	else if (alarm == DP_ALARM_SOURCE_CHANGED)
		snprintf(text + used, n - used, ": followed " ADDRESS, ADDRESS_OF(followed));
}

// What a person reads about the alarm in this state.
static void write_text(const struct dp_alarms *alarms, unsigned at, char *text, size_t n)
{
	unsigned object = at / DP_ALARMS;
	enum dp_alarm alarm = alarm_at(alarms, at);

	snprintf(text, n, "%s", kind[alarm].text);
	if (alarms->lineup && object >= alarms->lineup->services &&
	    object - alarms->lineup->services < alarms->lineup->inputs)
		add_sources(text, n, &alarms->lineup->input[object - alarms->lineup->services], alarm);
}

void dp_alarms_init(struct dp_alarms *alarms)
{
	*alarms = (struct dp_alarms){0};
}

int dp_alarms_watch(struct dp_alarms *alarms, const struct dp_lineup *lineup)
{
	alarms->state = calloc(objects_of(lineup) * DP_ALARMS + 1, sizeof(*alarms->state));
	alarms->sum = calloc(lineup->inputs + 1, sizeof(*alarms->sum));
	if (!alarms->state || !alarms->sum) {
		dp_alarms_fini(alarms);
		return -ENOMEM;
	}
	alarms->lineup = lineup;
	return 0;
}

void dp_alarms_watch_ports(struct dp_alarms *alarms, const struct dp_port *port, unsigned ports)
{
	alarms->port = port;
	alarms->ports = ports;
}

void dp_alarms_fini(struct dp_alarms *alarms)
{
	free(alarms->state);
	free(alarms->sum);
	free(alarms->gone);
	*alarms = (struct dp_alarms){0};
}

static void raise_alarm(struct dp_alarms *alarms, struct dp_alarm_state *state, enum dp_alarm alarm, const char *object)
{
	char text[DP_ALARM_TEXT_BYTES];

	write_text(alarms, at_of(alarms, state), text, sizeof(text));
	state->standing = true;
	state->count = 0;
	alarms->news = true;
	alarms->raised_total[alarm]++;
	base_log(kind[alarm].severity <= DP_ALARM_MAJOR ? BASE_LOG_ERROR : BASE_LOG_WARNING, "alarm",
		 "alarm raised name=%s severity=%s object=\"%s\" text=\"%s\"", kind[alarm].name,
		 severity_name[kind[alarm].severity], object, text);
}

static void clear_alarm(struct dp_alarms *alarms, struct dp_alarm_state *state, enum dp_alarm alarm, const char *object)
{
	state->standing = false;
	alarms->news = true;
	base_log(BASE_LOG_INFO, "alarm", "alarm cleared name=%s object=\"%s\" count=%llu", kind[alarm].name, object,
		 (unsigned long long)state->count);
}

// Without memory the controller is not told; it hears of the object no more.
static void note_gone(struct dp_alarms *alarms, const struct dp_alarm_state *state, enum dp_alarm alarm,
		      const char *object)
{
	struct dp_alarm_gone *gone = realloc(alarms->gone, (alarms->gone_n + 1) * sizeof(*gone));

	if (!gone)
		return;
	alarms->gone = gone;
	gone[alarms->gone_n] = (struct dp_alarm_gone){.alarm = alarm, .count = state->count};
	snprintf(gone[alarms->gone_n++].object, sizeof(gone->object), "%s", object);
}

static void leave(struct dp_alarms *alarms, struct dp_alarm_state *states, const char *object)
{
	for (unsigned a = 0; a < DP_ALARMS; a++) {
		if (states[a].standing)
			clear_alarm(alarms, &states[a], a, object);
		if (states[a].told)
			note_gone(alarms, &states[a], a, object);
		states[a] = (struct dp_alarm_state){0};
	}
}

void dp_alarms_leave(struct dp_alarms *alarms, const struct dp_diff *diff)
{
	const struct dp_lineup *lineup = alarms->lineup;

	for (unsigned i = 0; i < lineup->services; i++)
		if (diff->service_fate[i] == DP_FATE_GOES)
			leave(alarms, service_states(alarms, i), lineup->service[i].conf->name);
	for (unsigned i = 0; i < lineup->inputs; i++)
		if (diff->input_fate[i] == DP_FATE_GOES)
			leave(alarms, input_states(alarms, i), lineup->input[i].conf->name);
	for (unsigned i = 0; i < lineup->outputs; i++)
		if (diff->output_fate[i] == DP_FATE_GOES)
			leave(alarms, output_states(alarms, i), lineup->output[i].conf->name);
	for (unsigned i = 0; i < lineup->emms; i++)
		if (diff->emm_fate[i] == DP_FATE_GOES)
			leave(alarms, emm_states(alarms, i), lineup->emm[i].conf->name);
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
		clear_alarm(alarms, state, alarm, object);
	}
}

// An alarm that only a counter tells of.
static void look(struct dp_alarms *alarms, struct dp_alarm_state *states, enum dp_alarm alarm, const char *object,
		 uint64_t value)
{
	look_state(alarms, states, alarm, object, value, false);
}

// The state of an alarm that stands once its condition has held for so many looks, until it ends.
static void hold_state(struct dp_alarms *alarms, struct dp_alarm_state *state, enum dp_alarm alarm, const char *object,
		       bool holds, unsigned looks)
{
	state->quiet = holds ? state->quiet + 1 : 0;
	if (!state->standing && state->quiet >= looks)
		raise_alarm(alarms, state, alarm, object);
	else if (state->standing && !holds)
		clear_alarm(alarms, state, alarm, object);
}

static void look_held(struct dp_alarms *alarms, struct dp_alarm_state *states, enum dp_alarm alarm, const char *object,
		      bool holds, unsigned looks)
{
	hold_state(alarms, &states[alarm], alarm, object, holds, looks);
}

static void look_lasting(struct dp_alarms *alarms, struct dp_alarm_state *states, enum dp_alarm alarm,
			 const char *object, bool holds)
{
	look_held(alarms, states, alarm, object, holds, LASTING_LOOKS);
}

// An input that never came is lost like one that went away.
static void look_lost(struct dp_alarms *alarms, struct dp_alarm_state *states, const char *object, uint64_t value)
{
	bool holds = value == states[DP_ALARM_INPUT_LOST].last;

	states[DP_ALARM_INPUT_LOST].last = value;
	look_lasting(alarms, states, DP_ALARM_INPUT_LOST, object, holds);
}

static void look_period(struct dp_alarms *alarms, struct dp_alarm_state *states, const struct dp_service *service)
{
	const struct dp_period *period = service->period;
	bool awaiting = dp_counted(&service->stats.drops[DP_DROP_AWAITS_PERIOD]) && !period->running;

	look_held(alarms, states, DP_ALARM_AWAITING_PERIOD, service->conf->name, awaiting, AWAITING_LOOKS);
	look_state(alarms, states, DP_ALARM_EXTENDED, service->conf->name, dp_counted(&period->stats.extended),
		   period->extending);
}

static void look_services(struct dp_alarms *alarms)
{
	for (unsigned i = 0; i < alarms->lineup->services; i++) {
		const struct dp_service *service = &alarms->lineup->service[i];
		struct dp_alarm_state *states = service_states(alarms, i);
		const uint64_t *drops = service->stats.drops;

		if (!service->conf)
			continue;
		const char *name = service->conf->name;

		look(alarms, states, DP_ALARM_SCRAMBLED_INPUT, name, dp_counted(&drops[DP_DROP_ALREADY_SCRAMBLED]));
		look(alarms, states, DP_ALARM_NO_KEY, name, dp_counted(&drops[DP_DROP_NO_KEY]));
		look_state(alarms, states, DP_ALARM_PSI, name,
			   dp_counted(&drops[DP_DROP_PSI_BROKEN]) + dp_counted(&drops[DP_DROP_PSI_TOO_LONG]),
			   service->pmt_unmade);
		look_lasting(alarms, states, DP_ALARM_PMT_MISSING, name, service->awaits_pmt);
		if (service->period)
			look_period(alarms, states, service);
	}
}

// Of each input over its services. The list of an input is its worker's, so this goes the other way round.
static void sum_services(struct dp_alarms *alarms)
{
	const struct dp_lineup *lineup = alarms->lineup;

	memset(alarms->sum, 0, lineup->inputs * sizeof(*alarms->sum));
	for (unsigned i = 0; i < lineup->services; i++) {
		const struct dp_service *service = &lineup->service[i];

		if (!service->conf)
			continue;
		struct dp_alarm_sum *sum = &alarms->sum[service->input - lineup->input];

		sum->conflicts += dp_counted(&service->stats.pid_conflicts);
		sum->errors += dp_counted(&service->stats.continuity_errors) +
			       dp_counted(&service->stats.drops[DP_DROP_BAD_ADAPTATION]);
	}
}

// What is wrong with the packets of an input, of itself or on its way here.
static uint64_t count_errors(const struct dp_input *input)
{
	const struct dp_input_stats *stats = &input->stats;

	return dp_counted(&stats->drops[DP_DROP_LOST_SYNC]) + dp_counted(&stats->drops[DP_DROP_TRANSPORT_ERROR]) +
	       dp_counted(&stats->rtp_gaps) + dp_counted(&stats->rtp_late);
}

static void look_inputs(struct dp_alarms *alarms)
{
	sum_services(alarms);
	for (unsigned i = 0; i < alarms->lineup->inputs; i++) {
		const struct dp_input *input = &alarms->lineup->input[i];
		struct dp_alarm_state *states = input_states(alarms, i);

		if (!input->conf)
			continue;
		look(alarms, states, DP_ALARM_PSI, input->conf->name,
		     dp_counted(&input->stats.drops[DP_DROP_PSI_BROKEN]));
		look(alarms, states, DP_ALARM_SECOND_SOURCE, input->conf->name,
		     dp_counted(&input->stats.drops[DP_DROP_SECOND_SOURCE]));
		look(alarms, states, DP_ALARM_SOURCE_CHANGED, input->conf->name,
		     dp_counted(&input->stats.source_changes));
		look(alarms, states, DP_ALARM_INPUT_ERRORS, input->conf->name,
		     count_errors(input) + alarms->sum[i].errors);
		look_state(alarms, states, DP_ALARM_PID_CONFLICT, input->conf->name, alarms->sum[i].conflicts,
			   input->conflicts != 0);
		if (!input->port->offline)
			look_lost(alarms, states, input->conf->name, dp_counted(&input->stats.in_pkts));
	}
}

static void look_outputs(struct dp_alarms *alarms)
{
	for (unsigned i = 0; i < alarms->lineup->outputs; i++) {
		const struct dp_output *output = &alarms->lineup->output[i];
		struct dp_alarm_state *states = output_states(alarms, i);
		uint64_t guard = 0;

		if (!output->conf)
			continue;
		for (unsigned d = 0; d < DP_DROPS; d++)
			if (dp_drop_is_guard((enum dp_drop)d))
				guard += dp_counted(&output->stats.drops[d]);
		look(alarms, states, DP_ALARM_GUARD, output->conf->name, guard);
		look(alarms, states, DP_ALARM_TX_FULL, output->conf->name,
		     dp_counted(&output->stats.drops[DP_DROP_TX_FULL]));
	}
}

static void look_emms(struct dp_alarms *alarms)
{
	for (unsigned i = 0; i < alarms->lineup->emms; i++) {
		const struct dp_emm *emm = &alarms->lineup->emm[i];

		if (!emm->conf)
			continue;
		look(alarms, emm_states(alarms, i), DP_ALARM_EMM_DROPPED, emm->conf->name, emm->dropped);
	}
}

static void look_ports(struct dp_alarms *alarms)
{
	for (unsigned i = 0; i < alarms->ports; i++)
		hold_state(alarms, &alarms->port_down[i], DP_ALARM_PORT_DOWN, alarms->port[i].conf->name,
			   dp_port_down(&alarms->port[i]), 1);
}

void dp_alarms_look(struct dp_alarms *alarms, const struct dp_alarm_whole *whole)
{
	look_ports(alarms);
	look(alarms, alarms->whole, DP_ALARM_PACKETS_LOST, whole_name, whole->lost);
	look(alarms, alarms->whole, DP_ALARM_BAD_DATAGRAMS, whole_name, whole->bad);
	look_lasting(alarms, alarms->whole, DP_ALARM_CONTROLLER_LOST, whole_name, whole->alone);
	look_lasting(alarms, alarms->whole, DP_ALARM_WORKER_STANDS, whole_name, whole->stands);
	if (!alarms->lineup)
		return;
	look_services(alarms);
	look_inputs(alarms);
	look_outputs(alarms);
	look_emms(alarms);
}

// In place of a state's number: the alarm of an object that has gone.
#define GONE UINT_MAX

static void tell_gone(const struct dp_alarms *alarms, struct dp_alarm_news *news)
{
	const struct dp_alarm_gone *gone = &alarms->gone[alarms->gone_n - 1];

	*news = (struct dp_alarm_news){.at = GONE,
				       .severity = kind[gone->alarm].severity,
				       .count = gone->count,
				       .name = kind[gone->alarm].name,
				       .object = gone->object};
	snprintf(news->text, sizeof(news->text), "%s", kind[gone->alarm].text);
}

bool dp_alarms_news(struct dp_alarms *alarms, struct dp_alarm_news *news)
{
	if (alarms->gone_n) {
		tell_gone(alarms, news);
		return true;
	}
	for (unsigned at = 0; alarms->news && at < states_of(alarms); at++) {
		const struct dp_alarm_state *state = state_at(alarms, at);
		enum dp_alarm a = alarm_at(alarms, at);

		if (state->standing == state->told)
			continue;
		*news = (struct dp_alarm_news){.at = at,
					       .raised = state->standing,
					       .severity = kind[a].severity,
					       .count = state->count,
					       .name = kind[a].name,
					       .object = object_at(alarms, at)};
		write_text(alarms, at, news->text, sizeof(news->text));
		return true;
	}
	alarms->news = false;
	return false;
}

void dp_alarms_told(struct dp_alarms *alarms, const struct dp_alarm_news *news)
{
	if (news->at == GONE)
		alarms->gone_n--;
	else
		state_at(alarms, news->at)->told = news->raised;
}

void dp_alarms_untold(struct dp_alarms *alarms)
{
	for (unsigned at = 0; at < states_of(alarms); at++)
		state_at(alarms, at)->told = false;
	alarms->gone_n = 0;
	alarms->news = true;
}

json_t *dp_alarms_json(struct dp_alarms *alarms)
{
	json_t *list = json_array();

	for (unsigned at = 0; at < states_of(alarms); at++) {
		const struct dp_alarm_state *state = state_at(alarms, at);
		enum dp_alarm a = alarm_at(alarms, at);
		char text[DP_ALARM_TEXT_BYTES];

		write_text(alarms, at, text, sizeof(text));
		if (state->standing)
			json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:I}", "name", kind[a].name,
							      "severity", severity_name[kind[a].severity], "object",
							      object_at(alarms, at), "text", text, "count",
							      (json_int_t)state->count));
	}
	return list;
}

json_t *dp_alarms_totals_json(const struct dp_alarms *alarms)
{
	json_t *totals = json_object();

	for (unsigned a = 0; a < DP_ALARMS; a++)
		json_object_set_new(totals, kind[a].name, json_integer((json_int_t)alarms->raised_total[a]));
	return totals;
}
