// SPDX-License-Identifier: GPL-3.0-or-later
// Reading: every message cut at every byte and with every length wrong, and the reason that is given.
#include <errno.h>
#include <stdlib.h>

#include <CUnit/CUnit.h>
#include <unit.h>

#include "messages.h"

// error_status of the two interfaces.
static const uint16_t length_status[] = {0x000F, 0x000B}, missing_status[] = {0x0010, 0x000C};

// Decodes an exact heap copy, so that a sanitizer sees a byte read too many.
static int decode(enum sim_interface interface, const uint8_t *bytes, size_t n, struct sim_error *error)
{
	uint8_t *copy = malloc(n + !n);
	struct sim_msg msg;
	int rc;

	CU_ASSERT_FATAL(copy != NULL);
	memcpy(copy, bytes, n);
	*error = (struct sim_error){0};
	rc = sim_decode(&msg, interface, copy, n, error);
	CU_ASSERT_EQUAL(msg.n, n < 5 ? 0 : n);
	// A refused message answers questions as well.
	(void)sim_get(&msg, 0x0001, 0);
	(void)sim_get(&msg, 0x0014, 0);
	CU_ASSERT_FALSE(sim_has(&msg, 0x6FFF));
	free(copy);
	return rc;
}

static void expect(enum sim_interface interface, const uint8_t *bytes, size_t n, uint16_t status, size_t information)
{
	struct sim_error error;

	CU_ASSERT_EQUAL(decode(interface, bytes, n, &error), -EBADMSG);
	CU_ASSERT_EQUAL(error.status, status);
	CU_ASSERT_EQUAL(error.information, information);
}

static void expect_good(enum sim_interface interface, const uint8_t *bytes, size_t n)
{
	struct sim_error error;

	CU_ASSERT_EQUAL(decode(interface, bytes, n, &error), 0);
}

static void takes_every_message(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];

	CU_ASSERT_EQUAL(MESSAGES_N, SIM_TYPES);
	for (size_t i = 0; i < MESSAGES_N; i++) {
		size_t n = message_write(bytes, &messages[i]);

		for (bytes[0] = 2; bytes[0] <= 3; bytes[0]++)
			expect_good(messages[i].interface, bytes, n);
		CU_ASSERT_STRING_EQUAL(sim_type_name(messages[i].interface, messages[i].type), messages[i].name);
		CU_ASSERT_EQUAL(sim_type_index(messages[i].type), (int)i);
		CU_ASSERT_STRING_EQUAL(sim_index_name(i), messages[i].name);
	}
	CU_ASSERT_EQUAL(sim_type_index(0x0407), -1);
	CU_ASSERT_STRING_EQUAL(sim_type_name(SIM_ECMG_SCS, 0x0211), "unknown");
	CU_ASSERT_STRING_EQUAL(sim_index_name(SIM_TYPES), "unknown");
}

// The reason for a message that ends after `n` bytes and says so.
static void check_shortened(const struct message *m, const uint8_t *bytes, size_t n)
{
	size_t at = 5, i = 0, rows = message_parameters(m);

	while (i < rows && at + 4 + m->parameters[i].n <= n)
		at += 4 + m->parameters[i++].n;
	if (n - at >= 4) {
		expect(m->interface, bytes, n, length_status[m->interface], at);
		return;
	}
	if (n - at > 0) {
		expect(m->interface, bytes, n, 0x0001, at);
		return;
	}
	while (i < rows && !message_must(&m->parameters[i]))
		i++;
	if (i < rows)
		expect(m->interface, bytes, n, missing_status[m->interface], m->parameters[i].type);
	else
		expect_good(m->interface, bytes, n);
}

static void refuses_a_cut_message(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		size_t whole = message_write(bytes, &messages[i]);

		for (size_t n = 0; n < whole; n++) {
			message_set_length(bytes, whole);
			expect(messages[i].interface, bytes, n, 0x0001, 3);
			if (n < 5)
				continue;
			message_set_length(bytes, n);
			check_shortened(&messages[i], bytes, n);
		}
		message_set_length(bytes, whole);
		bytes[whole] = 0;
		expect(messages[i].interface, bytes, whole + 1, 0x0001, 3);
	}
}

// One parameter_length says something else while the bytes stay.
static void check_lie(const struct message *m, uint8_t *bytes, size_t n, size_t at, size_t row, unsigned lie)
{
	unsigned truth = base_bytes_get16(bytes + at + 2);
	struct sim_error error;
	int rc;

	if (lie == truth)
		return;
	base_bytes_put16(bytes + at + 2, lie);
	rc = decode(m->interface, bytes, n, &error);
	if (!m->parameters[row].any || lie > n) {
		CU_ASSERT_EQUAL(rc, -EBADMSG);
		CU_ASSERT_EQUAL(error.status, length_status[m->interface]);
		CU_ASSERT_EQUAL(error.information, at);
	} else {
		CU_ASSERT(rc == 0 || rc == -EBADMSG);
	}
	base_bytes_put16(bytes + at + 2, truth);
}

static void refuses_a_wrong_length(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		const struct message *m = &messages[i];
		size_t n = message_write(bytes, m), at = 5;

		for (size_t row = 0; row < message_parameters(m); row++) {
			for (unsigned lie = 0; lie <= n; lie++)
				check_lie(m, bytes, n, at, row, lie);
			check_lie(m, bytes, n, at, row, 0x7FFF);
			check_lie(m, bytes, n, at, row, 0xFFFF);
			at += 4 + m->parameters[row].n;
		}
		expect_good(m->interface, bytes, n);
	}
}

// One parameter is left out, or is there twice, or has a byte more or less.
static void holds_every_row(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX * 2];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		const struct message *m = &messages[i];

		for (size_t row = 0; row < message_parameters(m); row++) {
			const struct message_parameter *p = &m->parameters[row];
			size_t n = message_head(bytes, 2, m->type), at;

			for (size_t k = 0; k < message_parameters(m); k++)
				if (k != row)
					n = message_add(bytes, n, m->parameters[k].type, m->parameters[k].n);
			if (message_must(p))
				expect(m->interface, bytes, n, missing_status[m->interface], p->type);
			else
				expect_good(m->interface, bytes, n);
			at = n;
			for (size_t size = p->n - 1; size <= p->n + 1; size++) {
				n = message_add(bytes, at, p->type, size);
				if (size == p->n || p->any)
					expect_good(m->interface, bytes, n);
				else
					expect(m->interface, bytes, n, length_status[m->interface], at);
			}
			at = message_add(bytes, at, p->type, p->n);
			n = message_add(bytes, at, p->type, p->n);
			if (message_many(p))
				expect_good(m->interface, bytes, n);
			else
				expect(m->interface, bytes, n, 0x0001, at);
		}
	}
}

// Values of any length: nothing at all, and as much as a message holds. A control word has a byte at least.
static void takes_the_shortest_and_the_longest(void)
{
	static uint8_t bytes[SIM_MESSAGE_MAX + 1];
	size_t n;

	n = message_head(bytes, 3, 0x0202);
	n = message_add(bytes, n, 0x000E, 2);
	n = message_add(bytes, n, 0x000F, 2);
	n = message_add(bytes, n, 0x0012, 2);
	expect_good(SIM_ECMG_SCS, bytes, message_add(bytes, n, 0x0015, 0));
	n = message_add(bytes, n, 0x0015, SIM_MESSAGE_MAX - n - 4);
	CU_ASSERT_EQUAL(n, SIM_MESSAGE_MAX);
	expect_good(SIM_ECMG_SCS, bytes, n);
	expect(SIM_ECMG_SCS, bytes, n + 1, 0x0001, 3);

	n = message_head(bytes, 3, 0x0201);
	n = message_add(bytes, n, 0x000E, 2);
	n = message_add(bytes, n, 0x000F, 2);
	n = message_add(bytes, n, 0x0012, 2);
	expect_good(SIM_ECMG_SCS, bytes, message_add(bytes, n, 0x0014, 3));
	expect(SIM_ECMG_SCS, bytes, message_add(bytes, n, 0x0014, 2), 0x000F, n);
	expect(SIM_ECMG_SCS, bytes, message_add(bytes, n, 0x0014, 0), 0x000F, n);
}

// What is past 65535 is told as 65535.
static void tells_a_far_offset(void)
{
	static uint8_t bytes[SIM_MESSAGE_MAX];
	size_t n = message_head(bytes, 3, 0x0002);

	n = message_add(bytes, n, 0x8000, SIM_MESSAGE_MAX - n - 4 - 1);
	bytes[n++] = 0;
	message_set_length(bytes, n);
	CU_ASSERT_EQUAL(n, SIM_MESSAGE_MAX);
	expect(SIM_ECMG_SCS, bytes, n, 0x0001, 0xFFFF);
}

static void skips_what_it_does_not_know(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	struct sim_error error;
	struct sim_msg msg;
	size_t n = message_head(bytes, 3, 0x0001);

	n = message_add(bytes, n, 0x8001, 0);
	n = message_add(bytes, n, 0x0012, 7); // known, but not of this message
	n = message_add(bytes, n, 0x000E, 2);
	n = message_add(bytes, n, 0x8001, 5);
	n = message_add(bytes, n, 0x0001, 4);
	CU_ASSERT_EQUAL(sim_decode(&msg, SIM_ECMG_SCS, bytes, n, &error), 0);
	CU_ASSERT_EQUAL(sim_get(&msg, SIM_P_ECM_CHANNEL_ID, 0), 0xC3C3);
	CU_ASSERT_EQUAL(sim_get(&msg, SIM_P_SUPER_CAS_ID, 0), 0xC3C3C3C3);
	CU_ASSERT_EQUAL(sim_get(&msg, SIM_P_CP_NUMBER, 77), 77);
	CU_ASSERT_EQUAL(sim_get(&msg, SIM_P_ECM_ID, 78), 78);
	CU_ASSERT_EQUAL(sim_get_ms(&msg, SIM_P_DELAY_START, -5), -5);
	CU_ASSERT(sim_has(&msg, 0x8001));
	CU_ASSERT_EQUAL(sim_get(&msg, 0x8001, 79), 79);
}

// Each fault is told before those that stand below it in sim.h.
static void tells_the_first_reason(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t n = message_head(bytes, 1, 0x7777);

	n = message_add(bytes, n, 0x000E, 3);
	expect(SIM_ECMG_SCS, bytes, n - 1, 0x0001, 3);
	for (unsigned version = 0; version <= 255; version++) {
		bytes[0] = (uint8_t)version;
		if (version == 2 || version == 3)
			expect(SIM_ECMG_SCS, bytes, n, 0x0003, 1);
		else
			expect(SIM_ECMG_SCS, bytes, n, 0x0002, 0);
	}
	bytes[0] = 3;
	base_bytes_put16(bytes + 1, 0x0001); // Super_CAS_id is missing as well
	expect(SIM_ECMG_SCS, bytes, n, 0x000F, 5);
}

static void knows_each_interface_alone(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];

	for (size_t i = 0; i < MESSAGES_N; i++) {
		size_t n = message_write(bytes, &messages[i]);

		expect(messages[i].interface == SIM_ECMG_SCS ? SIM_EMMG_MUX : SIM_ECMG_SCS, bytes, n, 0x0003, 1);
	}
}

static const struct unit_test tests[] = {
	{"takes every message", takes_every_message},
	{"refuses a cut message", refuses_a_cut_message},
	{"refuses a wrong length", refuses_a_wrong_length},
	{"holds every row of every table", holds_every_row},
	{"takes the shortest and the longest", takes_the_shortest_and_the_longest},
	{"tells a far offset", tells_a_far_offset},
	{"skips what it does not know", skips_what_it_does_not_know},
	{"tells the first reason", tells_the_first_reason},
	{"knows each interface alone", knows_each_interface_alone},
};

UNIT_MAIN("simulcrypt decode", tests)
