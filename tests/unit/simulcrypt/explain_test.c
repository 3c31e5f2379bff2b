// SPDX-License-Identifier: GPL-3.0-or-later
// A message in words: names, units, and never a control word.
#include <CUnit/CUnit.h>
#include <unit.h>

#include "messages.h"

static void says(enum sim_interface interface, const uint8_t *bytes, size_t n, const char *want)
{
	char out[2048];

	CU_ASSERT_EQUAL(sim_explain(out, sizeof(out), interface, bytes, n), strlen(want));
	CU_ASSERT_STRING_EQUAL(out, want);
}

static void names_values_and_units(void)
{
	static const uint8_t status[] = {2, 0, 3, 0,   81, 0,    0x0E, 0, 2,    0,    1, 0, 2, 0,  1, 1,   0, 0x16,
					 0, 2, 0, 200, 0,  0x17, 0,    2, 0,    200,  0, 3, 0, 2,  0, 200, 0, 4,
					 0, 2, 0, 200, 0,  5,    0,    2, 0xFE, 0x0C, 0, 6, 0, 2,  0, 0,   0, 7,
					 0, 2, 0, 100, 0,  8,    0,    2, 0,    0,    0, 9, 0, 2,  0, 10,  0, 10,
					 0, 1, 1, 0,   11, 0,    1,    2, 0,    12,   0, 2, 0, 100};
	static const uint8_t wrong[] = {3, 0, 0x15, 0,    26, 0, 1, 0, 4,  0x0A, 0xBC, 0, 1, 0,    3,   0,
					2, 0, 7,    0x70, 0,  0, 2, 0, 15, 0x70, 1,    0, 2, 0x12, 0x34};

	says(SIM_ECMG_SCS, status, sizeof(status),
	     "channel_status 0x0003 version 2, 86 bytes\n"
	     "  ECM_channel_id: 1\n"
	     "  section_TSpkt_flag: 1\n"
	     "  AC_delay_start: 200 ms\n"
	     "  AC_delay_stop: 200 ms\n"
	     "  delay_start: 200 ms\n"
	     "  delay_stop: 200 ms\n"
	     "  transition_delay_start: -500 ms\n"
	     "  transition_delay_stop: 0 ms\n"
	     "  ECM_rep_period: 100 ms\n"
	     "  max_streams: 0\n"
	     "  min_CP_duration: 1000 ms\n"
	     "  lead_CW: 1\n"
	     "  CW_per_msg: 2\n"
	     "  max_comp_time: 100 ms\n");
	says(SIM_EMMG_MUX, wrong, sizeof(wrong),
	     "channel_error 0x0015 version 3, 31 bytes\n"
	     "  client_id: 0x0abc0001\n"
	     "  data_channel_id: 7\n"
	     "  error_status: 0x000f exceeded bandwidth\n"
	     "  error_information: 0x1234\n");
}

static void tells_what_is_wrong(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t n = message_head(bytes, 3, 0x0201);

	n = message_add(bytes, n, 0x8123, 5);
	n = message_add(bytes, n, 0x000E, 3);
	n = message_add(bytes, n, 0x0014, 10);
	n = message_add(bytes, n, 0x000D, 4);
	says(SIM_ECMG_SCS, bytes, n,
	     "CW_provision 0x0201 version 3, 43 bytes\n"
	     "  unknown parameter at offset 5: 5 bytes withheld\n"
	     "  ECM_channel_id: wrong length, 3 bytes withheld\n"
	     "  CP_CW_combination: CP 50115, 8 bytes withheld\n"
	     "  access_criteria: 4 bytes withheld\n"
	     "  refused: 0x000f inconsistent parameter length, error_information 0x000e\n");
	message_set_length(bytes, n - 1);
	says(SIM_EMMG_MUX, bytes, n - 1,
	     "unknown 0x0201 version 3, 42 bytes\n"
	     "  unknown parameter at offset 5: 5 bytes withheld\n"
	     "  unknown parameter at offset 14: 3 bytes withheld\n"
	     "  unknown parameter at offset 21: 10 bytes withheld\n"
	     "  7 bytes at offset 35 are no parameter, withheld\n"
	     "  refused: 0x0003 unknown message_type, error_information 0x0001\n");
	says(SIM_ECMG_SCS, bytes, 4, "4 bytes, no message\n");
	says(SIM_ECMG_SCS, NULL, 0, "0 bytes, no message\n");
}

static void stays_in_its_room(void)
{
	char out[2048], whole[2048];
	uint8_t bytes[MESSAGE_BYTES_MAX];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		size_t n = message_write(bytes, &messages[i]);
		size_t length = sim_explain(whole, sizeof(whole), messages[i].interface, bytes, n);

		CU_ASSERT_EQUAL(strlen(whole), length);
		CU_ASSERT_PTR_NOT_NULL(strstr(whole, messages[i].name));
		for (size_t capacity = 0; capacity <= length; capacity++) {
			memset(out, 0x7E, sizeof(out));
			CU_ASSERT_EQUAL(sim_explain(out, capacity, messages[i].interface, bytes, n),
					capacity ? capacity - 1 : 0);
			CU_ASSERT(capacity == 0 || strncmp(out, whole, capacity - 1) == 0);
			CU_ASSERT(capacity == 0 || out[capacity - 1] == 0);
			CU_ASSERT_EQUAL(out[capacity], 0x7E);
		}
	}
}

// The bytes of the word in any form that a number is printed in.
static void expect_no_word(const char *text)
{
	static const char *const forms[] = {"c7c7", "C7C7", "51143", "5114300", "-14393", "3351758791", " 199\n"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strstr(text, forms[i]))
			CU_FAIL("a control word is told");
}

// CW_provision with every byte changed in several ways, and cut at every byte, on both interfaces.
static void never_tells_a_control_word(void)
{
	static const uint8_t changes[] = {0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x7F, 0x80, 0xFF};
	static const uint16_t types[] = {0x0001, 0x0003, 0x0101, 0x0201, 0x0202, 0x0211, 0x0118, 0x7777};
	uint8_t bytes[MESSAGE_BYTES_MAX], cw[16];
	struct sim_writer writer;
	char out[2048];
	int n;

	memset(cw, 0xC7, sizeof(cw));
	sim_begin(&writer, bytes, sizeof(bytes), SIM_ECMG_SCS, 3, SIM_CW_PROVISION);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, 2);
	sim_put(&writer, SIM_P_CP_NUMBER, 3);
	sim_put_bytes(&writer, SIM_P_ACCESS_CRITERIA, "abcd", 4);
	sim_put_cw(&writer, 3, cw, 8);
	sim_put_cw(&writer, 4, cw, 16);
	sim_put(&writer, SIM_P_CP_DURATION, 100);
	n = sim_end(&writer);
	CU_ASSERT_FATAL(n > 0);
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		base_bytes_put16(bytes + 1, types[t]);
		for (size_t at = 3; at < (size_t)n; at++) {
			if (bytes[at] == 0xC7)
				continue;
			for (size_t c = 0; c < sizeof(changes); c++) {
				uint8_t was = bytes[at];

				bytes[at] = c < 2 ? changes[c] : was ^ changes[c];
				for (int i = SIM_ECMG_SCS; i < SIM_INTERFACES; i++) {
					CU_ASSERT(sim_explain(out, sizeof(out), i, bytes, (size_t)n) > 0);
					expect_no_word(out);
				}
				bytes[at] = was;
			}
			CU_ASSERT(sim_explain(out, sizeof(out), SIM_ECMG_SCS, bytes, at) > 0);
			expect_no_word(out);
		}
	}
}

static void knows_every_error(void)
{
	for (int i = SIM_ECMG_SCS; i < SIM_INTERFACES; i++) {
		unsigned last = i == SIM_ECMG_SCS ? 0x15 : 0x14;

		for (unsigned status = 1; status <= last; status++)
			CU_ASSERT_STRING_NOT_EQUAL(sim_error_text(i, (uint16_t)status), "unknown error_status");
		CU_ASSERT_STRING_EQUAL(sim_error_text(i, 0), "unknown error_status");
		CU_ASSERT_STRING_EQUAL(sim_error_text(i, (uint16_t)(last + 1)), "unknown error_status");
		CU_ASSERT_STRING_EQUAL(sim_error_text(i, 0x7000), "unknown error");
		CU_ASSERT_STRING_EQUAL(sim_error_text(i, 0x7001), "unrecoverable error");
	}
	CU_ASSERT_STRING_EQUAL(sim_error_text(SIM_ECMG_SCS, 0x0005), "unknown Super_CAS_id");
	CU_ASSERT_STRING_EQUAL(sim_error_text(SIM_EMMG_MUX, 0x0014), "client_id in use");
}

static const struct unit_test tests[] = {
	{"names values and units", names_values_and_units}, {"tells what is wrong", tells_what_is_wrong},
	{"stays in its room", stays_in_its_room},           {"never tells a control word", never_tells_a_control_word},
	{"knows every error", knows_every_error},
};

UNIT_MAIN("simulcrypt explain", tests)
