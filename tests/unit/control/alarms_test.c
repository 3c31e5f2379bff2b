// SPDX-License-Identifier: GPL-3.0-or-later
// The alarms that stand: raised, counted, cleared, taken from the dataplane's statistics; and thousands of them.
#include <unit.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <base_log.h>

#include "service/alarms.h"

// The "alarms" of statistics that tell of `n` objects, of every `step`th from the first.
static json_t *make_list(unsigned n, unsigned step)
{
	json_t *list = json_array();
	char object[32];

	for (unsigned i = 0; i < n; i += step) {
		snprintf(object, sizeof(object), "service%u", i);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", "no_key", "severity",
						      "warning", "object", object, "text", "t", "count", (int)i));
	}
	return list;
}

static void take(struct cp_alarms *alarms, unsigned n, unsigned step)
{
	json_t *list = make_list(n, step);

	cp_alarms_take_all(alarms, list);
	json_decref(list);
}

static void test_own(void)
{
	struct cp_alarms alarms = {0};

	cp_alarm_raise(&alarms, CP_ALARM_ECMG_LOST, "b");
	cp_alarm_raise(&alarms, CP_ALARM_ECM_LATE, "b");
	cp_alarm_raise(&alarms, CP_ALARM_ECMG_LOST, "a");
	cp_alarm_raise(&alarms, CP_ALARM_ECMG_LOST, "b");
	CU_ASSERT_EQUAL_FATAL(alarms.n, 3);
	json_t *list = cp_alarms_json(&alarms), *last = json_array_get(list, 2), *second = json_array_get(list, 1);

	CU_ASSERT_EQUAL(json_array_size(list), 3);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(last, "name")), "ecm_late"); // the least severe
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(second, "object")), "b");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(second, "count")), 2);
	json_decref(list);
	cp_alarm_clear(&alarms, CP_ALARM_ECMG_LOST, "b");
	cp_alarm_clear(&alarms, CP_ALARM_ECMG_LOST, "b");
	CU_ASSERT_EQUAL(alarms.n, 2);
	cp_alarm_clear(&alarms, CP_ALARM_ECMG_LOST, "a");
	cp_alarm_clear(&alarms, CP_ALARM_ECM_LATE, "b");
	CU_ASSERT_EQUAL(alarms.n, 0);
	cp_alarms_fini(&alarms);
}

// The statistics tell all of the dataplane's alarms, and none of ours.
static void test_statistics(void)
{
	struct cp_alarms alarms = {0};
	struct dp_msg_alarm msg = {.raised = 1, .severity = 1, .count = 1, .name = "no_key", .object = "service1"};

	cp_alarm_raise(&alarms, CP_ALARM_ECM_LATE, "service0");
	cp_alarms_take(&alarms, &msg);
	take(&alarms, 100, 1);
	CU_ASSERT_EQUAL(alarms.n, 101);
	take(&alarms, 100, 3);
	CU_ASSERT_EQUAL_FATAL(alarms.n, 1 + 34);
	for (unsigned i = 0; i < alarms.n; i++)
		if (alarms.alarm[i]->of_dataplane)
			CU_ASSERT_EQUAL(alarms.alarm[i]->count % 3, 0);
	msg.raised = 0;
	snprintf(msg.object, sizeof(msg.object), "service99");
	cp_alarms_take(&alarms, &msg);
	CU_ASSERT_EQUAL(alarms.n, 34);
	cp_alarms_take_all(&alarms, NULL);
	CU_ASSERT_EQUAL_FATAL(alarms.n, 1);
	CU_ASSERT_FALSE(alarms.alarm[0]->of_dataplane);
	cp_alarms_fini(&alarms);
}

static void test_no_room(void)
{
	struct cp_alarms alarms = {0};

	base_log_set_levels("error"); // thousands of warnings
	take(&alarms, CP_ALARMS_MAX + 10, 1);
	CU_ASSERT_EQUAL(alarms.n, CP_ALARMS_MAX);
	CU_ASSERT_EQUAL(alarms.lost, 10);
	take(&alarms, CP_ALARMS_MAX, 2);
	CU_ASSERT_EQUAL(alarms.n, CP_ALARMS_MAX / 2);
	cp_alarms_fini(&alarms);
}

// Processor time of taking statistics with `n` alarms that all stand already, the least of some.
static double cost(unsigned n)
{
	struct cp_alarms alarms = {0};
	json_t *list = make_list(n, 1);
	double least = 1e9;

	cp_alarms_take_all(&alarms, list);
	for (unsigned i = 0; i < 5; i++) {
		clock_t before = clock();

		cp_alarms_take_all(&alarms, list);
		double took = (double)(clock() - before);

		least = took < least ? took : least;
	}
	json_decref(list);
	cp_alarms_fini(&alarms);
	return least;
}

// The loop is the SCS's: sixteen times as many alarms cost some twenty times, and not 256 times.
static void test_thousands(void)
{
	double few = cost(512), many = cost(8192);

	CU_ASSERT_TRUE(few > 0);
	CU_ASSERT_TRUE(many < 100 * few);
}

static const struct unit_test tests[] = {
	{"our own", test_own},
	{"from the statistics", test_statistics},
	{"more than there is room for", test_no_room},
	{"thousands", test_thousands},
};

UNIT_MAIN("alarms", tests)
