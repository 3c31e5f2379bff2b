// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms over counters and states that the test sets: when each is raised, how long it stands, how often it is told.
#include <string.h>

#include <base_log.h>
#include <unit.h>

#include "alarm/alarm.h"
#include "lineup/lineup.h"
#include "port/port.h"

enum { SECOND_LOOKS = 1000 / DP_ALARM_LOOK_MS, QUIET_LOOKS = 5 * SECOND_LOOKS };

static struct dp_conf_service service_conf = {.name = "service"};
static struct dp_conf_input input_conf = {.name = "input"};
static struct dp_conf_output output_conf = {.name = "output"};
static struct dp_service service, *services[] = {&service};
static struct dp_input input;
static struct dp_output output;
static struct dp_period period;
static struct dp_port port;
static struct dp_lineup lineup = {
	.inputs = 1, .outputs = 1, .services = 1, .input = &input, .output = &output, .service = &service};
static struct dp_alarms alarms;
static struct dp_alarm_whole whole;

static void begin(void)
{
	memset(&service, 0, sizeof(service));
	memset(&input, 0, sizeof(input));
	memset(&output, 0, sizeof(output));
	memset(&period, 0, sizeof(period));
	service.conf = &service_conf;
	service.period = &period;
	service.input = &input;
	input.conf = &input_conf;
	input.port = &port;
	input.services = 1;
	input.service = services;
	output.conf = &output_conf;
	memset(&whole, 0, sizeof(whole));
	port.offline = true; // nothing is ever lost; live_input makes it live
	CU_ASSERT_EQUAL_FATAL(base_log_set_levels("error"), 0);
	dp_alarms_init(&alarms);
	CU_ASSERT_EQUAL_FATAL(dp_alarms_watch(&alarms, &lineup), 0);
}

static void look(unsigned n)
{
	while (n--)
		dp_alarms_look(&alarms, &whole);
}

// True when the alarm of this name stands for `object`, with this count.
static bool stands(const char *name, const char *object, long long count)
{
	json_t *list = dp_alarms_json(&alarms), *one;
	bool found = false;
	size_t i;

	json_array_foreach(list, i, one) if (!strcmp(json_string_value(json_object_get(one, "name")), name) &&
					     !strcmp(json_string_value(json_object_get(one, "object")), object)) found =
		json_integer_value(json_object_get(one, "count")) == count;
	json_decref(list);
	return found;
}

static size_t standing(void)
{
	json_t *list = dp_alarms_json(&alarms);
	size_t n = json_array_size(list);

	json_decref(list);
	return n;
}

static void end(void)
{
	dp_alarms_fini(&alarms);
	CU_ASSERT_PTR_NULL(alarms.state);
}

static void counters(void)
{
	begin();
	look(3);
	CU_ASSERT_EQUAL(standing(), 0);
	service.stats.drops[DP_DROP_NO_KEY] = 5;
	look(1);
	CU_ASSERT_TRUE(stands("no_key", "service", 5));
	service.stats.drops[DP_DROP_NO_KEY] = 7;
	look(QUIET_LOOKS);
	CU_ASSERT_TRUE(stands("no_key", "service", 7));
	look(1);
	CU_ASSERT_EQUAL(standing(), 0);
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_NO_KEY], 1);
	service.stats.drops[DP_DROP_NO_KEY]++;
	look(1);
	CU_ASSERT_TRUE(stands("no_key", "service", 1));
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_NO_KEY], 2);
	end();
}

static void every_counter(void)
{
	begin();
	service.stats.drops[DP_DROP_ALREADY_SCRAMBLED] = input.stats.drops[DP_DROP_PSI_BROKEN] = 1;
	output.stats.drops[DP_DROP_GUARD_CLEAR] = output.stats.drops[DP_DROP_GUARD_UNSEALED] = 1;
	output.stats.drops[DP_DROP_GUARD_PID] = output.stats.drops[DP_DROP_TX_FULL] = 1;
	look(1);
	CU_ASSERT_TRUE(stands("input_scrambled", "service", 1));
	CU_ASSERT_TRUE(stands("psi_broken", "input", 1));
	CU_ASSERT_TRUE(stands("guard_blocked", "output", 3));
	CU_ASSERT_TRUE(stands("tx_full", "output", 1));
	CU_ASSERT_EQUAL(standing(), 4);
	end();
}

// The counters of these conditions grow once; the alarm stands for as long as the condition, and is raised once.
static void lasting_conditions(void)
{
	begin();
	service.stats.drops[DP_DROP_PSI_TOO_LONG] = service.stats.pid_conflicts = period.stats.extended = 1;
	service.pmt_unmade = period.extending = true;
	input.conflicts = 1;
	look(4 * QUIET_LOOKS);
	CU_ASSERT_TRUE(stands("psi_broken", "service", 1));
	CU_ASSERT_TRUE(stands("period_extended", "service", 1));
	CU_ASSERT_TRUE(stands("pid_conflict", "input", 1));
	CU_ASSERT_EQUAL(standing(), 3);
	service.pmt_unmade = period.extending = false;
	input.conflicts = 0;
	look(1); // as a map being made anew is seen
	input.conflicts = 1;
	look(QUIET_LOOKS - 2);
	CU_ASSERT_EQUAL(standing(), 3);
	look(2);
	CU_ASSERT_EQUAL(standing(), 1);
	CU_ASSERT_TRUE(stands("pid_conflict", "input", 1));
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_PID_CONFLICT], 1);
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_PSI], 1);
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_EXTENDED], 1);
	end();
}

// An extension that began and ended between two looks is told all the same.
static void short_extension(void)
{
	begin();
	period.stats.extended = 1;
	look(1);
	CU_ASSERT_TRUE(stands("period_extended", "service", 1));
	end();
}

static void live_input(void)
{
	begin();
	port.offline = false;
	look(SECOND_LOOKS - 1);
	CU_ASSERT_EQUAL(standing(), 0);
	look(1); // it never came
	CU_ASSERT_TRUE(stands("input_lost", "input", 0));
	input.stats.in_pkts = 7;
	look(1);
	CU_ASSERT_EQUAL(standing(), 0);
	look(SECOND_LOOKS);
	CU_ASSERT_TRUE(stands("input_lost", "input", 0));
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_INPUT_LOST], 2);
	end();
}

// A PMT takes its time after the PAT; one that does not come is missing.
static void missing_pmt(void)
{
	begin();
	service.awaits_pmt = true;
	look(SECOND_LOOKS - 1);
	CU_ASSERT_EQUAL(standing(), 0);
	look(1);
	CU_ASSERT_TRUE(stands("pmt_missing", "service", 0));
	service.awaits_pmt = false;
	look(1);
	CU_ASSERT_EQUAL(standing(), 0);
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_PMT_MISSING], 1);
	end();
}

// Every group waits for its first crypto-period a little; one that gets none is dark, and that is told.
static void awaiting_period(void)
{
	begin();
	look(SECOND_LOOKS);
	service.stats.drops[DP_DROP_AWAITS_PERIOD] = 1;
	for (unsigned i = 1; i < 5 * SECOND_LOOKS; i++) {
		service.stats.drops[DP_DROP_AWAITS_PERIOD] += i % 3 == 0; // packets come seldom
		look(1);
		CU_ASSERT_EQUAL(standing(), 0);
	}
	look(1);
	CU_ASSERT_TRUE(stands("awaiting_period", "service", 0));
	look(QUIET_LOOKS);
	CU_ASSERT_TRUE(stands("awaiting_period", "service", 0));
	period.running = true;
	look(1);
	CU_ASSERT_EQUAL(standing(), 0);
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_AWAITING_PERIOD], 1);
	end();
}

static void lost_packets(void)
{
	begin();
	look(1);
	CU_ASSERT_EQUAL(standing(), 0);
	whole.lost = 12;
	look(1);
	CU_ASSERT_TRUE(stands("packets_lost", "dataplane", 12));
	look(QUIET_LOOKS);
	CU_ASSERT_EQUAL(standing(), 0);
	CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_PACKETS_LOST], 1);
	end();
}

// An alarm about the dataplane stands once its condition has held for a second, and as long as it does.
static void follows(bool *condition, const char *name)
{
	begin();
	*condition = true;
	look(SECOND_LOOKS - 1);
	CU_ASSERT_EQUAL(standing(), 0);
	look(1);
	CU_ASSERT_TRUE(stands(name, "dataplane", 0));
	*condition = false;
	look(1);
	CU_ASSERT_EQUAL(standing(), 0);
	end();
}

static void of_the_whole(void)
{
	follows(&whole.alone, "controller_lost");
	follows(&whole.stands, "worker_stands");
	dp_alarms_init(&alarms); // before there is a line-up
	whole.alone = true;
	look(SECOND_LOOKS);
	CU_ASSERT_TRUE(stands("controller_lost", "dataplane", 0));
	end();
}

// What is told once is no news until it changes; to somebody new all of it is.
static void news(void)
{
	struct dp_alarm_news one;

	begin();
	CU_ASSERT_FALSE(dp_alarms_news(&alarms, &one));
	service.stats.drops[DP_DROP_NO_KEY] = 5;
	output.stats.drops[DP_DROP_TX_FULL] = 1;
	look(1);
	CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
	CU_ASSERT_STRING_EQUAL(one.name, "no_key");
	CU_ASSERT_STRING_EQUAL(one.object, "service");
	CU_ASSERT_TRUE(one.raised && one.severity == DP_ALARM_MAJOR && one.count == 5);
	CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one)); // not told yet
	CU_ASSERT_STRING_EQUAL(one.name, "no_key");
	dp_alarms_told(&alarms, &one);
	CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
	CU_ASSERT_STRING_EQUAL(one.object, "output");
	dp_alarms_told(&alarms, &one);
	CU_ASSERT_FALSE(dp_alarms_news(&alarms, &one));
	dp_alarms_untold(&alarms);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
		dp_alarms_told(&alarms, &one);
	}
	CU_ASSERT_FALSE(dp_alarms_news(&alarms, &one));
	look(QUIET_LOOKS);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
		CU_ASSERT_FALSE(one.raised);
		dp_alarms_told(&alarms, &one);
	}
	CU_ASSERT_FALSE(dp_alarms_news(&alarms, &one));
	end();
}

// Who is told to look must know where: both addresses.
static void sources(void)
{
	struct dp_alarm_news one;

	begin();
	input.source = 0xC0000201;
	input.refused = 0xC0000202;
	input.stats.drops[DP_DROP_SECOND_SOURCE] = 3;
	look(1);
	CU_ASSERT_TRUE(stands("second_source", "input", 3));
	CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
	CU_ASSERT_STRING_EQUAL(one.text, "a second source sends to the group and is refused: followed 192.0.2.1, "
					 "refused 192.0.2.2");
	look(QUIET_LOOKS);
	CU_ASSERT_EQUAL(standing(), 0);
	input.source = input.refused;
	input.stats.source_changes = 1;
	look(1);
	CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
	CU_ASSERT_STRING_EQUAL(one.name, "source_changed");
	CU_ASSERT_STRING_EQUAL(one.text, "another source is followed: the one before fell silent: followed 192.0.2.2");
	end();
}

// Whatever is wrong with an input's packets is one alarm of the input; what cannot be told to belong to one, of the
// whole.
static void errors(void)
{
	begin();
	input.stats.drops[DP_DROP_LOST_SYNC] = input.stats.drops[DP_DROP_TRANSPORT_ERROR] = 1;
	input.stats.rtp_gaps = input.stats.rtp_late = 1;
	service.stats.continuity_errors = service.stats.drops[DP_DROP_BAD_ADAPTATION] = 1;
	whole.bad = 4;
	look(1);
	CU_ASSERT_TRUE(stands("input_errors", "input", 6));
	CU_ASSERT_TRUE(stands("bad_datagrams", "dataplane", 4));
	CU_ASSERT_EQUAL(standing(), 2);
	look(QUIET_LOOKS);
	CU_ASSERT_EQUAL(standing(), 0);
	end();
}

// With a line-up and before there is one.
static void ports(void)
{
	static struct dp_conf_port confs[] = {{.name = "left"}, {.name = "right"}};
	static struct dp_port both[] = {{.conf = &confs[0]}, {.conf = &confs[1]}};
	struct dp_alarm_news one;

	for (unsigned lined_up = 0; lined_up < 2; lined_up++) {
		memset(&whole, 0, sizeof(whole));
		if (lined_up)
			begin();
		else
			dp_alarms_init(&alarms);
		dp_alarms_watch_ports(&alarms, both, 2);
		look(1);
		CU_ASSERT_EQUAL(standing(), 0);
		both[1].down = true;
		look(1);
		CU_ASSERT_TRUE(stands("port_down", "right", 0));
		CU_ASSERT_EQUAL(standing(), 1);
		CU_ASSERT_TRUE(dp_alarms_news(&alarms, &one));
		CU_ASSERT_STRING_EQUAL(one.object, "right");
		dp_alarms_told(&alarms, &one);
		CU_ASSERT_FALSE(dp_alarms_news(&alarms, &one));
		both[1].down = false;
		look(1);
		CU_ASSERT_EQUAL(standing(), 0);
		CU_ASSERT_EQUAL(alarms.raised_total[DP_ALARM_PORT_DOWN], 1);
		end();
	}
}

static void totals(void)
{
	begin();
	output.stats.drops[DP_DROP_TX_FULL] = 1;
	look(1);
	json_t *json = dp_alarms_totals_json(&alarms);

	CU_ASSERT_EQUAL(json_object_size(json), DP_ALARMS);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json, "tx_full")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json, "no_key")), 0);
	json_decref(json);
	end();
}

static const struct unit_test tests[] = {
	{"counters", counters},
	{"every counter", every_counter},
	{"lasting conditions", lasting_conditions},
	{"short extension", short_extension},
	{"live input", live_input},
	{"sources", sources},
	{"errors", errors},
	{"ports", ports},
	{"missing PMT", missing_pmt},
	{"awaiting period", awaiting_period},
	{"lost packets", lost_packets},
	{"of the whole", of_the_whole},
	{"news", news},
	{"totals", totals},
};

UNIT_MAIN("alarm", tests)
