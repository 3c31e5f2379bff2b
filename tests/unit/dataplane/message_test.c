// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of the contract: their sizes are frozen, and one of a wrong size, type or direction is told.
#include <string.h>

#include <unit.h>

#include "link/message.h"
#include "link/range.h"

static const struct {
	const char *name;
	size_t bytes, is;
} sizes[] = {
	{"HELLO", 88, sizeof(struct dp_msg_hello)},
	{"WELCOME", 24, sizeof(struct dp_msg_welcome)},
	{"GROUP_STATE", 344, sizeof(struct dp_msg_group_state)},
	{"LINEUP", 24, sizeof(struct dp_msg_lineup)},
	{"INPUT", 152, sizeof(struct dp_msg_input)},
	{"OUTPUT", 160, sizeof(struct dp_msg_output)},
	{"GROUP", 80, sizeof(struct dp_msg_group)},
	{"SERVICE", 1208, sizeof(struct dp_msg_service)},
	{"EMM_STREAM", 280, sizeof(struct dp_msg_emm_stream)},
	{"LINEUP_END", 8, sizeof(struct dp_msg_lineup_end)},
	{"LINEUP_RESULT", 208, sizeof(struct dp_msg_result)},
	{"PERIOD", 8616, sizeof(struct dp_msg_period)},
	{"PERIOD_STATE", 40, sizeof(struct dp_msg_period_state)},
	{"PERIOD_REFUSED", 16, sizeof(struct dp_msg_refused)},
	{"EMM_DATA", 1336, sizeof(struct dp_msg_emm_data)},
	{"ALARM", 344, sizeof(struct dp_msg_alarm)},
	{"INPUT_PSI", 1040, sizeof(struct dp_msg_input_psi)},
	{"REPORT", 16408, sizeof(struct dp_msg_report)},
	{"BYE", 280, sizeof(struct dp_msg_bye)},
	{"MOVE", 16, sizeof(struct dp_msg_move)},
	{"MOVE_RESULT", 208, sizeof(struct dp_msg_move_result)},
};

static void frozen(void)
{
	CU_ASSERT_EQUAL(DP_MSG_TYPES, sizeof(sizes) / sizeof(sizes[0]) + 1);
	for (uint32_t type = 1; type < DP_MSG_TYPES; type++) {
		CU_ASSERT_STRING_EQUAL(dp_link_message_name(type), sizes[type - 1].name);
		CU_ASSERT_EQUAL(sizes[type - 1].is, sizes[type - 1].bytes);
		CU_ASSERT_EQUAL(dp_link_message_head((enum dp_msg_type)type).bytes, sizes[type - 1].bytes);
		CU_ASSERT_EQUAL(dp_link_message_head((enum dp_msg_type)type).type, type);
	}
	CU_ASSERT_STRING_EQUAL(dp_link_message_name(0), "?");
	CU_ASSERT_STRING_EQUAL(dp_link_message_name(DP_MSG_TYPES), "?");
}

static const enum dp_msg_type down[] = {DP_MSG_HELLO,  DP_MSG_LINEUP,   DP_MSG_INPUT,      DP_MSG_OUTPUT,
					DP_MSG_GROUP,  DP_MSG_SERVICE,  DP_MSG_EMM_STREAM, DP_MSG_LINEUP_END,
					DP_MSG_PERIOD, DP_MSG_EMM_DATA, DP_MSG_MOVE};

static bool goes_down(uint32_t type)
{
	for (size_t i = 0; i < sizeof(down) / sizeof(down[0]); i++)
		if (down[i] == type)
			return true;
	return false;
}

// Each type with each size there is: only the right one is taken, and only of those that go down.
static void sizes_and_directions(void)
{
	static union dp_link_message message;
	char why[DP_MSG_TEXT_BYTES];

	for (uint32_t type = 0; type < DP_MSG_TYPES + 2; type++)
		for (size_t n = 0; n <= sizeof(message); n++) {
			bool good = goes_down(type) && n == dp_link_message_head((enum dp_msg_type)type).bytes;

			message.head = (struct dp_msg_head){.type = type, .bytes = (uint32_t)n};
			if (dp_link_message_check(&message, n, why) != good)
				CU_FAIL("a wrong message was taken, or a good one not");
		}
	message.head = (struct dp_msg_head){.type = DP_MSG_LINEUP_END, .bytes = 9};
	CU_ASSERT_FALSE(dp_link_message_check(&message, 8, why));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "LINEUP_END of 8 bytes that says 9: it has 8"));
	message.head = (struct dp_msg_head){.type = DP_MSG_BYE, .bytes = 280};
	CU_ASSERT_FALSE(dp_link_message_check(&message, 280, why));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "BYE goes from the dataplane"));
}

static struct dp_msg_period good_period(void)
{
	struct dp_msg_period period = {
		.group = 1, .cw_bytes = 8, .cws = 1, .ecms = 2, .duration_27mhz = 27000000, .ecm = {{0}}};

	for (unsigned i = 0; i < 2; i++)
		period.ecm[i] = (struct dp_msg_ecm){.pid = 100, .offset = 8000, .bytes = 192, .repetition_ms = 100};
	return period;
}

static bool refused(const struct dp_msg_period *period, const char *part)
{
	char why[DP_MSG_TEXT_BYTES] = "";

	return !dp_range_period(period, 2, why) && strstr(why, part);
}

#define REFUSED(change, part)                                \
	do {                                                 \
		struct dp_msg_period period = good_period(); \
		period.change;                               \
		CU_ASSERT_TRUE(refused(&period, part));      \
	} while (0)

static void period_ranges(void)
{
	struct dp_msg_period good = good_period();
	char why[DP_MSG_TEXT_BYTES];

	CU_ASSERT_TRUE(dp_range_period(&good, 2, why));
	good.ecm[0].start_ms = -60000;
	good.ecm[0].stop_ms = 60000;
	good.cws = 8;
	CU_ASSERT_TRUE(dp_range_period(&good, 2, why));
	CU_ASSERT_FALSE(dp_range_period(&good, 1, why));
	REFUSED(cw_bytes = 9, "8 or 16");
	REFUSED(cw_bytes = 0, "8 or 16");
	REFUSED(cws = 0, "1 to 8");
	REFUSED(cws = 9, "1 to 8");
	REFUSED(ecms = 17, "at most 16");
	REFUSED(duration_27mhz = 0, "duration");
	REFUSED(ecm[1].bytes = 193, "pool");
	REFUSED(ecm[1].offset = 8193, "pool");
	REFUSED(ecm[1].offset = 0xFFFF, "pool");
	REFUSED(ecm[1].repetition_ms = 0, "1 to 65535");
	REFUSED(ecm[1].start_ms = -60001, "60000");
	REFUSED(ecm[1].stop_ms = 60001, "60000");
	REFUSED(ecm[1].start_ms = INT32_MIN, "60000");
}

static void emm_ranges(void)
{
	struct dp_msg_emm_data data = {.index = 1, .pkts = 7};
	char why[DP_MSG_TEXT_BYTES];

	CU_ASSERT_TRUE(dp_range_emm_data(&data, 2, why));
	CU_ASSERT_FALSE(dp_range_emm_data(&data, 1, why));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "stream 1 of 1"));
	data.pkts = 8;
	CU_ASSERT_FALSE(dp_range_emm_data(&data, 2, why));
	data.pkts = 0;
	CU_ASSERT_FALSE(dp_range_emm_data(&data, 2, why));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "1 to 7"));
}

static const struct unit_test tests[] = {
	{"frozen", frozen},
	{"sizes and directions", sizes_and_directions},
	{"ranges of a period", period_ranges},
	{"ranges of EMMs", emm_ranges},
};

UNIT_MAIN("message", tests)
