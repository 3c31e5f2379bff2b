// SPDX-License-Identifier: GPL-3.0-or-later
// Writing: nothing leaves that its own table would refuse, and nothing is written past the room there is.
#include <errno.h>

#include <CUnit/CUnit.h>
#include <unit.h>

#include "messages.h"

static int write_setup(uint8_t *out, size_t capacity)
{
	struct sim_writer writer;

	sim_begin(&writer, out, capacity, SIM_ECMG_SCS, 3, SIM_CHANNEL_SETUP);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 0x1234);
	sim_put(&writer, SIM_P_SUPER_CAS_ID, 0x0ABC0001);
	return sim_end(&writer);
}

static void stays_in_its_room(void)
{
	static const uint8_t want[] = {3, 0, 1, 0, 14, 0, 14, 0, 2, 0x12, 0x34, 0, 1, 0, 4, 0x0A, 0xBC, 0, 1};
	uint8_t out[64];

	for (size_t capacity = 0; capacity <= sizeof(want); capacity++) {
		memset(out, 0xEE, sizeof(out));
		CU_ASSERT_EQUAL(write_setup(out, capacity), capacity < sizeof(want) ? -ENOSPC : (int)sizeof(want));
		for (size_t i = capacity; i < sizeof(out); i++)
			CU_ASSERT_EQUAL(out[i], 0xEE);
	}
	CU_ASSERT_EQUAL(memcmp(out, want, sizeof(want)), 0);
}

// All parameters of a message, written by the table's sizes.
static int write_message(uint8_t *out, size_t capacity, const struct message *m, size_t leave_out)
{
	static const uint8_t bytes[32];
	struct sim_writer writer;

	sim_begin(&writer, out, capacity, m->interface, 2, m->type);
	for (size_t i = 0; i < message_parameters(m); i++) {
		const struct message_parameter *p = &m->parameters[i];

		if (i == leave_out)
			continue;
		if (p->any)
			sim_put_bytes(&writer, p->type, bytes, p->n);
		else
			sim_put(&writer, p->type, 1);
	}
	return sim_end(&writer);
}

static void writes_every_message(void)
{
	uint8_t out[MESSAGE_BYTES_MAX], want[MESSAGE_BYTES_MAX];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		const struct message *m = &messages[i];
		size_t n = message_write(want, m);
		struct sim_error error;
		struct sim_msg msg;

		CU_ASSERT_EQUAL_FATAL(write_message(out, sizeof(out), m, SIZE_MAX), (int)n);
		CU_ASSERT_EQUAL(sim_decode(&msg, m->interface, out, n, &error), 0);
		CU_ASSERT(msg.type == m->type && msg.version == 2);
		for (size_t k = 0; k < message_parameters(m); k++)
			CU_ASSERT_EQUAL(write_message(out, sizeof(out), m, k) < 0, message_must(&m->parameters[k]));
		for (size_t capacity = 0; capacity < n; capacity++)
			CU_ASSERT_EQUAL(write_message(out, capacity, m, SIZE_MAX), -ENOSPC);
	}
}

static int write_test_of(uint8_t version, uint16_t type, uint16_t parameter, uint32_t value)
{
	struct sim_writer writer;
	uint8_t out[64];

	sim_begin(&writer, out, sizeof(out), SIM_ECMG_SCS, version, type);
	sim_put(&writer, parameter, value);
	return sim_end(&writer);
}

static void refuses_what_its_table_refuses(void)
{
	struct sim_writer writer;
	uint8_t out[64];

	CU_ASSERT_EQUAL(write_test_of(3, SIM_CHANNEL_TEST, SIM_P_ECM_CHANNEL_ID, 0xFFFF), 11);
	CU_ASSERT_EQUAL(write_test_of(3, SIM_CHANNEL_TEST, SIM_P_ECM_CHANNEL_ID, 0x10000), -EINVAL);
	CU_ASSERT_EQUAL(write_test_of(1, SIM_CHANNEL_TEST, SIM_P_ECM_CHANNEL_ID, 1), -EINVAL);
	CU_ASSERT_EQUAL(write_test_of(4, SIM_CHANNEL_TEST, SIM_P_ECM_CHANNEL_ID, 1), -EINVAL);
	CU_ASSERT_EQUAL(write_test_of(3, SIM_MUX_CHANNEL_TEST, SIM_P_ECM_CHANNEL_ID, 1), -EINVAL);
	CU_ASSERT_EQUAL(write_test_of(3, SIM_CHANNEL_TEST, 0x8000, 1), -EINVAL);
	CU_ASSERT_EQUAL(write_test_of(3, SIM_CHANNEL_TEST, SIM_P_ACCESS_CRITERIA, 1), -EINVAL);

	// A parameter of another message, one too many, one of a wrong size.
	sim_begin(&writer, out, sizeof(out), SIM_ECMG_SCS, 3, SIM_CHANNEL_TEST);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, 1);
	CU_ASSERT_EQUAL(sim_end(&writer), -EINVAL);
	sim_begin(&writer, out, sizeof(out), SIM_ECMG_SCS, 3, SIM_CHANNEL_TEST);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	CU_ASSERT_EQUAL(sim_end(&writer), -EINVAL);
	sim_begin(&writer, out, sizeof(out), SIM_ECMG_SCS, 3, SIM_CHANNEL_TEST);
	sim_put_bytes(&writer, SIM_P_ECM_CHANNEL_ID, "abc", 3);
	CU_ASSERT_EQUAL(sim_end(&writer), -EINVAL);
}

static void writes_signed_numbers(void)
{
	static const struct {
		int32_t ms;
		int rc;
	} cases[] = {{-32769, -EINVAL}, {-32768, 86}, {-500, 86}, {-1, 86}, {0, 86}, {32767, 86}, {32768, -EINVAL}};
	const struct message *m = &messages[2];
	struct sim_writer writer;
	struct sim_error error;
	struct sim_msg msg;
	uint8_t out[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sim_begin(&writer, out, sizeof(out), SIM_ECMG_SCS, 3, SIM_CHANNEL_STATUS);
		for (size_t k = 0; k < message_parameters(m); k++)
			sim_put(&writer, m->parameters[k].type,
				m->parameters[k].type == SIM_P_DELAY_START ? (uint32_t)cases[i].ms : 1);
		CU_ASSERT_EQUAL_FATAL(sim_end(&writer), cases[i].rc);
		if (cases[i].rc < 0)
			continue;
		CU_ASSERT_EQUAL(sim_decode(&msg, SIM_ECMG_SCS, out, (size_t)cases[i].rc, &error), 0);
		CU_ASSERT_EQUAL(sim_get_ms(&msg, SIM_P_DELAY_START, 99), cases[i].ms);
	}
}

static void fills_a_message_to_the_last_byte(void)
{
	static uint8_t out[SIM_MESSAGE_MAX + 100], value[65536];
	size_t room = SIM_MESSAGE_MAX - SIM_HEADER_BYTES - 8 - 6 - 4;

	for (size_t more = 0; more <= 1; more++) {
		struct sim_writer writer;

		sim_begin(&writer, out, sizeof(out), SIM_EMMG_MUX, 3, SIM_MUX_DATA_PROVISION);
		sim_put(&writer, SIM_P_CLIENT_ID, UINT32_MAX);
		sim_put(&writer, SIM_P_DATA_ID, 1);
		sim_put_bytes(&writer, SIM_P_DATAGRAM, value, room + more);
		CU_ASSERT_EQUAL(sim_end(&writer), more ? -ENOSPC : SIM_MESSAGE_MAX);
		if (!more)
			CU_ASSERT_EQUAL(sim_message_bytes(out), SIM_MESSAGE_MAX);
	}
}

static void takes_words_of_any_length(void)
{
	uint8_t out[128], cw[32];
	struct sim_writer writer;

	memset(cw, 0xA5, sizeof(cw));
	for (size_t n = 0; n <= sizeof(cw); n++) {
		sim_begin(&writer, out, sizeof(out), SIM_ECMG_SCS, 3, SIM_CW_PROVISION);
		sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
		sim_put(&writer, SIM_P_ECM_STREAM_ID, 1);
		sim_put(&writer, SIM_P_CP_NUMBER, 65535);
		sim_put_cw(&writer, 0xFFFE, cw, n);
		CU_ASSERT_EQUAL(sim_end(&writer), n == 0 ? -EINVAL : (int)(29 + n));
		CU_ASSERT_EQUAL(base_bytes_get16(out + 27), 0xFFFE);
	}
	sim_begin(&writer, out, 30, SIM_ECMG_SCS, 3, SIM_CW_PROVISION);
	sim_put_cw(&writer, 1, cw, 32);
	CU_ASSERT_EQUAL(sim_end(&writer), -ENOSPC);
}

// The answer to each message, refused by its receiver.
static void answers_a_refused_message(void)
{
	static const struct sim_error why = {.status = 0x1234, .information = 0x5678};
	uint8_t bytes[MESSAGE_BYTES_MAX], out[SIM_SMALL_MAX];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		const struct message *m = &messages[i];
		bool ecmg = m->interface == SIM_ECMG_SCS;
		uint16_t stream = ecmg ? SIM_P_ECM_STREAM_ID : SIM_P_DATA_STREAM_ID;
		struct sim_msg msg, answer;
		struct sim_error error;
		int n;

		CU_ASSERT_EQUAL(sim_decode(&msg, m->interface, bytes, message_write(bytes, m), &error), 0);
		n = sim_refuse(out, sizeof(out), &msg, &why);
		if (strstr(m->name, "_error")) {
			CU_ASSERT_EQUAL(n, 0);
			continue;
		}
		CU_ASSERT_FATAL(n > 0);
		CU_ASSERT_EQUAL(sim_decode(&answer, m->interface, out, (size_t)n, &error), 0);
		CU_ASSERT_STRING_EQUAL(sim_type_name(m->interface, answer.type),
				       sim_has(&msg, stream) ? "stream_error" : "channel_error");
		CU_ASSERT_EQUAL(sim_get(&answer, ecmg ? SIM_P_ECM_CHANNEL_ID : SIM_P_DATA_CHANNEL_ID, 0), 0xC3C3);
		CU_ASSERT_EQUAL(sim_get(&answer, SIM_P_CLIENT_ID, 0), ecmg ? 0 : 0xC3C3C3C3);
		CU_ASSERT_EQUAL(sim_get(&answer, stream, 0), sim_has(&msg, stream) ? 0xC3C3 : 0);
		CU_ASSERT_EQUAL(sim_get(&answer, SIM_P_ERROR_STATUS, 0), 0x1234);
		CU_ASSERT_EQUAL(sim_get(&answer, SIM_P_ERROR_INFORMATION, 0), 0x5678);
		CU_ASSERT_EQUAL(answer.version, 3);
	}
}

// The version of an answer is one that this side speaks, and an id of a wrong length is 0.
static void answers_in_its_own_version(void)
{
	static const uint8_t versions[][2] = {{0, 2}, {1, 2}, {2, 2}, {3, 3}, {4, 3}, {255, 3}};
	uint8_t bytes[64], out[SIM_SMALL_MAX];
	struct sim_error error;
	struct sim_msg msg;
	size_t n = message_head(bytes, 1, 0x0101);

	n = message_add(bytes, n, 0x000E, 1);
	n = message_add(bytes, n, 0x000F, 2);
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		bytes[0] = versions[i][0];
		CU_ASSERT_EQUAL(sim_decode(&msg, SIM_ECMG_SCS, bytes, n, &error), -EBADMSG);
		CU_ASSERT_EQUAL_FATAL(sim_refuse(out, sizeof(out), &msg, &error), 29);
		CU_ASSERT_EQUAL(out[0], versions[i][1]);
		CU_ASSERT_EQUAL(base_bytes_get16(out + 9), 0);
		CU_ASSERT_EQUAL(base_bytes_get16(out + 15), 0xC3C3);
	}
	CU_ASSERT_EQUAL(sim_refuse(out, 28, &msg, &error), -ENOSPC);
	CU_ASSERT_EQUAL(sim_decode(&msg, SIM_EMMG_MUX, bytes, 3, &error), -EBADMSG);
	CU_ASSERT_EQUAL(sim_refuse(out, sizeof(out), &msg, &error), 5 + 8 + 6 + 6 + 6);
}

static const struct unit_test tests[] = {
	{"stays in its room", stays_in_its_room},
	{"writes every message", writes_every_message},
	{"refuses what its table refuses", refuses_what_its_table_refuses},
	{"writes signed numbers", writes_signed_numbers},
	{"fills a message to the last byte", fills_a_message_to_the_last_byte},
	{"takes words of any length", takes_words_of_any_length},
	{"answers a refused message", answers_a_refused_message},
	{"answers in its own version", answers_in_its_own_version},
};

UNIT_MAIN("simulcrypt write", tests)
