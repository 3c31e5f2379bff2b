// SPDX-License-Identifier: GPL-3.0-or-later
// Every implementation that this machine can run on the known answers of tests/vectors/scrambling.json.
#include <jansson.h>

#include <base_bytes.h>

#include "cipher_rig.h"

static json_t *vectors;

static const json_t *block(const char *name)
{
	json_error_t error;

	if (!vectors)
		vectors = json_load_file(VECTORS, JSON_REJECT_DUPLICATES, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vectors);
	CU_ASSERT_PTR_NOT_NULL_FATAL(json_object_get(vectors, name));
	return json_object_get(vectors, name);
}

static unsigned hex(uint8_t *out, const json_t *text)
{
	CU_ASSERT_FATAL(json_is_string(text));
	int n = base_bytes_from_hex(out, 192, json_string_value(text), json_string_length(text));

	CU_ASSERT_FATAL(n > 0);
	return (unsigned)n;
}

// Scrambles `clear` to `scrambled` and back.
static void one_both_ways(const struct dp_cipher_ops *ops, const json_t *cw_hex, const uint8_t *clear, unsigned n,
			  const json_t *scrambled_hex)
{
	uint8_t cw[192], src[192] = {0}, out[192] = {0}, scrambled[192] = {0};
	struct cipher_rig rig;

	CU_ASSERT_EQUAL_FATAL(hex(scrambled, scrambled_hex), n);
	hex(cw, cw_hex);
	memcpy(src, clear, n);
	cipher_rig_open_ops(&rig, ops, 1);
	struct dp_lane lane = {.src = src, .dst = out, .key = cipher_rig_key(&rig, cw), .n = (uint8_t)n};

	dp_cipher_scramble(rig.ops, rig.scratch, &lane, 1);
	CU_ASSERT_TRUE(lane.done);
	CU_ASSERT_EQUAL(memcmp(out, scrambled, n), 0);
	lane.src = scrambled;
	lane.done = false;
	dp_cipher_descramble(rig.ops, rig.scratch, &lane, 1);
	CU_ASSERT_TRUE(lane.done);
	CU_ASSERT_EQUAL(memcmp(out, clear, n), 0);
	cipher_rig_close(&rig);
}

static void both_ways(enum dp_algorithm algorithm, const json_t *cw_hex, const uint8_t *clear, unsigned n,
		      const json_t *scrambled_hex)
{
	for (const struct dp_cipher_ops *const *at = dp_cipher_list(algorithm); *at; at++)
		if (((*at)->needs & ~dp_cpu_features()) == 0)
			one_both_ways(*at, cw_hex, clear, n, scrambled_hex);
}

static void cissa(void)
{
	static const char *const suffix[] = {"", "_33B", "_15B"};
	const json_t *v = block("CISSA_v1");
	uint8_t clear[192];
	char from[32], to[32];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(from, sizeof(from), "payload%s", suffix[i]);
		snprintf(to, sizeof(to), "scrambled%s", suffix[i]);
		unsigned n = hex(clear, json_object_get(v, from));

		both_ways(DP_CISSA, json_object_get(v, "key"), clear, n, json_object_get(v, to));
	}
}

static void sm4(void)
{
	static const char *const name[] = {"SM4_CBC", "SM4_block"};
	uint8_t clear[192];

	for (unsigned i = 0; i < 2; i++) {
		const json_t *v = block(name[i]);
		unsigned n = hex(clear, json_object_get(v, "payload"));

		both_ways(DP_SM4_CBC, json_object_get(v, "key"), clear, n, json_object_get(v, "scrambled"));
	}
}

static void csa2(void)
{
	const json_t *tests = json_object_get(block("CSA2"), "tests");
	uint8_t clear[192];

	CU_ASSERT_FATAL(json_array_size(tests) >= 2);
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *t = json_array_get(tests, i);
		unsigned n = hex(clear, json_object_get(t, "clear"));

		both_ways(DP_CSA2, json_object_get(t, "cw"), clear, n, json_object_get(t, "scrambled"));
	}
}

static void csa2_by_length(void)
{
	json_t *extra = json_object_get(block("CSA2"), "extra_computed_with_libdvbcsa_encrypt"), *value;
	uint8_t clear[192];
	const char *length;
	unsigned ran = 0;

	memset(clear, 0xAA, sizeof(clear));
	json_object_foreach(json_object_get(extra, "by_length"), length, value)
	{
		both_ways(DP_CSA2, json_object_get(extra, "cw"), clear, (unsigned)strtoul(length, NULL, 10), value);
		ran++;
	}
	CU_ASSERT_TRUE(ran >= 6);
	json_decref(vectors);
}

static const struct unit_test tests[] = {
	{"CISSA", cissa},
	{"SM4", sm4},
	{"CSA2", csa2},
	{"CSA2 by length", csa2_by_length},
};

UNIT_MAIN("vectors", tests)
