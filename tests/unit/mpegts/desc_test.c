// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptor loops and the descriptors of conditional access.
#include <errno.h>

#include <captured.h>
#include <ts_desc.h>
#include <unit.h>

static void walks_a_loop(void)
{
	static const uint8_t bytes[] = {0x0A, 4, 'h', 'u', 'n', 0, 0x52, 0, 0x65, 1, 0x10};
	const struct ts_desc_loop loop = {bytes, sizeof(bytes)};
	struct ts_desc desc;
	size_t position = 0;

	CU_ASSERT_EQUAL(ts_desc_check(&loop), 0);
	CU_ASSERT_EQUAL(ts_desc_next(&loop, &position, &desc), 1);
	CU_ASSERT_EQUAL(desc.tag, 0x0A);
	CU_ASSERT_EQUAL(desc.n, 4);
	CU_ASSERT_PTR_EQUAL(desc.bytes, bytes + 2);
	CU_ASSERT_EQUAL(ts_desc_next(&loop, &position, &desc), 1);
	CU_ASSERT_EQUAL(desc.tag, 0x52);
	CU_ASSERT_EQUAL(desc.n, 0);
	CU_ASSERT_EQUAL(ts_desc_next(&loop, &position, &desc), 1);
	CU_ASSERT_EQUAL(desc.tag, TS_DESC_SCRAMBLING);
	CU_ASSERT_EQUAL(desc.bytes[0], TS_SCRAMBLING_CISSA1);
	CU_ASSERT_EQUAL(ts_desc_next(&loop, &position, &desc), 0);
	CU_ASSERT_EQUAL(position, sizeof(bytes));
}

static void empty_loop(void)
{
	const struct ts_desc_loop loop = {NULL, 0};
	struct ts_desc desc;
	size_t position = 0;

	CU_ASSERT_EQUAL(ts_desc_check(&loop), 0);
	CU_ASSERT_EQUAL(ts_desc_next(&loop, &position, &desc), 0);
	CU_ASSERT_FALSE(ts_desc_find(&loop, 0x09, &desc));
	position = 9;
	CU_ASSERT_EQUAL(ts_desc_next(&loop, &position, &desc), 0);
}

// Whole only where a descriptor ends.
static void every_truncation(void)
{
	static const uint8_t bytes[] = {0x0A, 4, 'h', 'u', 'n', 0, 0x52, 0, 0x65, 1, 0x10};

	for (size_t k = 0; k <= sizeof(bytes); k++) {
		uint8_t *cut = captured_exact(bytes, k);
		const struct ts_desc_loop loop = {cut, k};
		bool whole = k == 0 || k == 6 || k == 8 || k == 11;

		CU_ASSERT_EQUAL(ts_desc_check(&loop), whole ? 0 : -EBADMSG);
		free(cut);
	}
}

static void find_stops_at_a_malformed_one(void)
{
	static const uint8_t bytes[] = {0x65, 1, 0x01, 0x65, 1, 0x02, 0x52, 9, 0x09, 0};
	const struct ts_desc_loop loop = {bytes, sizeof(bytes)};
	struct ts_desc desc;

	CU_ASSERT_TRUE(ts_desc_find(&loop, 0x65, &desc));
	CU_ASSERT_PTR_EQUAL(desc.bytes, bytes + 2);
	CU_ASSERT_FALSE(ts_desc_find(&loop, 0x52, &desc));
	CU_ASSERT_FALSE(ts_desc_find(&loop, 0x09, &desc));
	CU_ASSERT_EQUAL(ts_desc_check(&loop), -EBADMSG);
}

static void ca_round_trip(void)
{
	uint8_t private_bytes[251], out[300];

	for (size_t i = 0; i < sizeof(private_bytes); i++)
		private_bytes[i] = (uint8_t)(255 - i);
	for (size_t n = 0; n <= sizeof(private_bytes); n++) {
		const struct ts_desc_ca ca = {0x4AEE, 0x1FFE, n > 0 ? private_bytes : NULL, n};
		struct ts_desc_ca back;
		struct ts_desc desc;

		CU_ASSERT_EQUAL_FATAL(ts_desc_ca_write(out, 6 + n, &ca), (int)(6 + n));
		CU_ASSERT_EQUAL(ts_desc_ca_write(out, 5 + n, &ca), -ENOSPC);

		const struct ts_desc_loop loop = {out, 6 + n};

		CU_ASSERT_EQUAL(ts_desc_check(&loop), 0);
		CU_ASSERT_TRUE_FATAL(ts_desc_find(&loop, TS_DESC_CA, &desc));
		CU_ASSERT_EQUAL_FATAL(ts_desc_ca_parse(&back, &desc), 0);
		CU_ASSERT_EQUAL(back.ca_system_id, 0x4AEE);
		CU_ASSERT_EQUAL(back.pid, 0x1FFE);
		CU_ASSERT_EQUAL_FATAL(back.private_n, n);
		CU_ASSERT_EQUAL(memcmp(back.private_bytes, private_bytes, n), 0);
	}
}

static void ca_on_the_wire(void)
{
	static const uint8_t want[] = {0x09, 6, 0x0B, 0x00, 0xE1, 0xF4, 1, 2};
	const struct ts_desc_ca ca = {0x0B00, 0x01F4, want + 6, 2};
	uint8_t out[sizeof(want)];

	CU_ASSERT_EQUAL(ts_desc_ca_write(out, sizeof(out), &ca), (int)sizeof(want));
	CU_ASSERT_EQUAL(memcmp(out, want, sizeof(want)), 0);
}

static void ca_refusals(void)
{
	static const uint8_t bytes[4] = {0x0B, 0x00, 0xE1, 0xF4};
	struct ts_desc_ca ca;
	uint8_t out[300];

	for (uint8_t n = 0; n < 4; n++)
		CU_ASSERT_EQUAL(ts_desc_ca_parse(&ca, &(struct ts_desc){TS_DESC_CA, n, bytes}), -EBADMSG);
	CU_ASSERT_EQUAL(ts_desc_ca_parse(&ca, &(struct ts_desc){0x0A, 4, bytes}), -EBADMSG);
	CU_ASSERT_EQUAL(ts_desc_ca_parse(&ca, &(struct ts_desc){TS_DESC_CA, 4, bytes}), 0);
	ca = (struct ts_desc_ca){.private_bytes = out, .private_n = 252};
	CU_ASSERT_EQUAL(ts_desc_ca_write(out, sizeof(out), &ca), -ENOSPC);
	ca.private_n = SIZE_MAX;
	CU_ASSERT_EQUAL(ts_desc_ca_write(out, sizeof(out), &ca), -ENOSPC);
}

static void scrambling(void)
{
	static const uint8_t want[] = {0x65, 1, 0x02};
	uint8_t out[3];

	CU_ASSERT_EQUAL(ts_desc_scrambling_write(out, 2, TS_SCRAMBLING_CSA2), -ENOSPC);
	CU_ASSERT_EQUAL(ts_desc_scrambling_write(out, 3, TS_SCRAMBLING_CSA2), 3);
	CU_ASSERT_EQUAL(memcmp(out, want, 3), 0);
}

static const struct unit_test tests[] = {
	{"walks a loop", walks_a_loop},
	{"empty loop", empty_loop},
	{"every truncation", every_truncation},
	{"find stops at a malformed one", find_stops_at_a_malformed_one},
	{"CA_descriptor round trip", ca_round_trip},
	{"CA_descriptor on the wire", ca_on_the_wire},
	{"CA_descriptor refusals", ca_refusals},
	{"scrambling_descriptor", scrambling},
};

UNIT_MAIN("mpegts/desc", tests)
