// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that other makers' tools sent: read to the values they mean, and written to the byte.
#include <CUnit/CUnit.h>
#include <jansson.h>
#include <unit.h>

#include <base_bytes.h>

#include "simulcrypt/sim.h"

static const json_t *parameters_of(const json_t *vector)
{
	return json_object_get(vector, "parameters");
}

static size_t bytes_of(uint8_t *out, size_t capacity, const json_t *text)
{
	int n = base_bytes_from_hex(out, capacity, json_string_value(text), json_string_length(text));

	CU_ASSERT_FATAL(n >= 0);
	return (size_t)n;
}

static enum sim_interface interface_of(const json_t *vector)
{
	return strcmp(json_string_value(json_object_get(vector, "interface")), "ecmg") == 0 ? SIM_ECMG_SCS
											    : SIM_EMMG_MUX;
}

// The n-th of the parameters of its type.
static void check_bytes(const struct sim_msg *msg, uint16_t type, size_t nth, const json_t *text)
{
	uint8_t want[256];
	size_t want_n = bytes_of(want, sizeof(want), text), n = 0, position = 0;
	const uint8_t *value = NULL;

	for (size_t i = 0; i <= nth; i++)
		CU_ASSERT_FATAL(sim_next(msg, type, &position, &value, &n));
	CU_ASSERT_EQUAL_FATAL(n, want_n);
	CU_ASSERT_EQUAL(memcmp(value, want, n), 0);
}

static void check_read(const json_t *vector, const uint8_t *bytes, size_t n)
{
	const json_t *list = parameters_of(vector), *p;
	size_t seen[32] = {0}, i;
	struct sim_error error;
	struct sim_msg msg;

	CU_ASSERT_EQUAL_FATAL(sim_decode(&msg, interface_of(vector), bytes, n, &error), 0);
	CU_ASSERT_EQUAL(msg.version, 2);
	CU_ASSERT_STRING_EQUAL(sim_type_name(msg.interface, msg.type),
			       json_string_value(json_object_get(vector, "name")));
	json_array_foreach(list, i, p)
	{
		uint16_t type = (uint16_t)json_integer_value(json_array_get(p, 1));
		const json_t *value = json_array_get(p, 2);
		int64_t want = json_integer_value(value);

		if (json_is_string(value))
			check_bytes(&msg, type, seen[type % 32]++, value);
		else
			CU_ASSERT_EQUAL(want < 0 ? (int64_t)sim_get_ms(&msg, type, 0) : sim_get(&msg, type, UINT32_MAX),
					want);
	}
}

static void put(struct sim_writer *writer, const json_t *p)
{
	uint16_t type = (uint16_t)json_integer_value(json_array_get(p, 1));
	const json_t *value = json_array_get(p, 2);
	uint8_t bytes[256];
	size_t n;

	if (!json_is_string(value)) {
		sim_put(writer, type, (uint32_t)json_integer_value(value));
		return;
	}
	n = bytes_of(bytes, sizeof(bytes), value);
	if (type == SIM_P_CP_CW_COMBINATION && writer->interface == SIM_ECMG_SCS)
		sim_put_cw(writer, base_bytes_get16(bytes), bytes + 2, n - 2);
	else
		sim_put_bytes(writer, type, bytes, n);
}

static void check_write(const json_t *vector, const uint8_t *bytes, size_t n)
{
	const json_t *list = parameters_of(vector), *p;
	struct sim_writer writer;
	uint8_t out[512];
	size_t i;

	sim_begin(&writer, out, sizeof(out), interface_of(vector), 2, base_bytes_get16(bytes + 1));
	json_array_foreach(list, i, p) put(&writer, p);
	CU_ASSERT_EQUAL_FATAL(sim_end(&writer), (int)n);
	CU_ASSERT_EQUAL(memcmp(out, bytes, n), 0);
}

static void each(void (*check)(const json_t *, const uint8_t *, size_t))
{
	json_t *file = json_load_file(VECTORS, 0, NULL);
	const json_t *list = json_object_get(file, "messages"), *vector;
	uint8_t bytes[512];
	size_t i;

	CU_ASSERT_EQUAL_FATAL(json_array_size(list), 14);
	json_array_foreach(list, i, vector)
		check(vector, bytes, bytes_of(bytes, sizeof(bytes), json_object_get(vector, "hex")));
	json_decref(file);
}

static void reads_what_was_captured(void)
{
	each(check_read);
}

static void writes_what_was_captured(void)
{
	each(check_write);
}

static const struct unit_test tests[] = {
	{"reads what was captured", reads_what_was_captured},
	{"writes what was captured", writes_what_was_captured},
};

UNIT_MAIN("simulcrypt golden", tests)
