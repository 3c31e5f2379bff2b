// SPDX-License-Identifier: GPL-3.0-or-later
// After control words are retired, wiped or closed, neither they nor what was made of them is found in this process:
// not in the arena, not in a library's own key objects, not in scratch, not on a stack. For every implementation that
// runs here, with a key of its own in each of sixteen lanes.
#include <base_secret.h>

#include "cipher_rig.h"
#include "key_traces.h"
#include "keyslot/keyslot.h"

enum { SLOTS = TRACE_LANES };

static struct cipher_rig rig;
static struct dp_keyslot slot[SLOTS];
static struct key_traces traces;

static void open_all(const struct dp_cipher_ops *ops)
{
	static struct base_errs errs;

	rig.ops = ops;
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&rig.arena, dp_choice_arena_bytes(ops) +
								SLOTS * dp_keyslot_arena_bytes(ops->key_bytes)),
			      0);
	CU_ASSERT_EQUAL_FATAL(dp_choice_set_up(ops, &rig.arena, &rig.scratch, &errs), 0);
	for (unsigned i = 0; i < SLOTS; i++)
		CU_ASSERT_EQUAL_FATAL(dp_keyslot_init(&slot[i], ops->key_bytes, &rig.arena), 0);
}

static void close_all(void)
{
	rig.ops->fini(rig.scratch);
	dp_arena_fini(&rig.arena);
}

// In a function of its own, below whose frame later calls go: the caller's copy of a word is not the slot's. The words
// of a generation have numbers of their own.
static __attribute__((noinline)) void publish(unsigned generation, bool odd)
{
	uint8_t cw[DP_CW_MAX_BYTES];

	for (unsigned i = 0; i < SLOTS; i++) {
		memory_key_make(cw, generation * SLOTS + i, dp_algorithm[rig.ops->algorithm].cw_bytes);
		CU_ASSERT_EQUAL(dp_keyslot_publish(&slot[i], rig.ops, rig.scratch, cw, odd), 0);
	}
	base_secret_scrub(cw, sizeof(cw));
}

static void promote(void)
{
	for (unsigned i = 0; i < SLOTS; i++)
		dp_keyslot_promote(&slot[i]);
}

// What the current keys are made of. The record of a library that keeps its keys itself holds pointers to them.
static void note(void)
{
	const uint8_t *record[SLOTS];

	for (unsigned i = 0; i < SLOTS; i++)
		record[i] = dp_keyslot_current(&slot[i])->record;
	traces_note(&traces, record, strcmp(rig.ops->name, "libdvbcsa") == 0 ? 0 : rig.ops->key_bytes);
}

// `n` packets with the current keys: one, few (a packet at a time) and many (a batch).
static __attribute__((noinline)) void run(unsigned n, bool back)
{
	static uint8_t src[DP_CIPHER_LANES_MAX][192], dst[DP_CIPHER_LANES_MAX][192];
	static struct dp_lane lane[DP_CIPHER_LANES_MAX];

	for (unsigned i = 0; i < n; i++)
		lane[i] = (struct dp_lane){.src = src[i],
					   .dst = dst[i],
					   .key = dp_keyslot_current(&slot[i % SLOTS])->record,
					   .n = TS_PAYLOAD_MAX_BYTES};
	(back ? dp_cipher_descramble : dp_cipher_scramble)(rig.ops, rig.scratch, lane, n);
	CU_ASSERT_TRUE(lane[n - 1].done);
}

static void use(void)
{
	static const unsigned sizes[] = {1, 5, 64, DP_CIPHER_LANES_MAX};

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		run(sizes[i], false);
		run(sizes[i], true);
	}
}

static size_t words(unsigned generation)
{
	size_t found = 0;

	for (unsigned i = 0; i < SLOTS; i += 5)
		found += memory_count(generation * SLOTS + i, dp_algorithm[rig.ops->algorithm].cw_bytes);
	return found;
}

// That the search finds what is there. Of CSA1 a library holds the word with its sums, which is none that is looked
// for.
static bool alive(unsigned generation)
{
	return words(generation) + traces_count(&traces) > 0 || (rig.ops->algorithm == DP_CSA1 && traces.n == 0);
}

static void gone(const char *when, unsigned generation)
{
	size_t w = words(generation), t = traces_count(&traces);

	if (w || t)
		printf("%s, %s (%s) %s: %zu words, %zu traces\n", dp_algorithm[rig.ops->algorithm].name, rig.ops->name,
		       rig.ops->isa, when, w, t);
	CU_ASSERT_EQUAL(w, 0);
	CU_ASSERT_EQUAL(t, 0);
}

static void retired(const struct dp_cipher_ops *ops)
{
	open_all(ops);
	publish(1, false);
	promote();
	note();
	use();
	CU_ASSERT_TRUE(alive(1));
	publish(2, true);
	promote();
	use();
	CU_ASSERT_TRUE(alive(1)); // previous
	for (unsigned i = 0; i < SLOTS; i++)
		dp_keyslot_retire(&slot[i]);
	gone("retired", 1);
	note();
	CU_ASSERT_TRUE(alive(2));
	for (unsigned i = 0; i < SLOTS; i++)
		dp_keyslot_wipe(&slot[i]);
	gone("wiped", 2);
	close_all();
}

static void closed(const struct dp_cipher_ops *ops)
{
	open_all(ops);
	publish(3, false);
	promote();
	note();
	use();
	publish(4, true);
	CU_ASSERT_TRUE(alive(3));
	close_all();
	gone("closed", 3);
	CU_ASSERT_EQUAL(words(4), 0);
}

// Every implementation that this processor runs, whatever mask leads to it.
static void each(void (*test)(const struct dp_cipher_ops *ops))
{
	uint32_t features = dp_cpu_features();

	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		for (const struct dp_cipher_ops *const *at = dp_cipher_list((enum dp_algorithm)a); *at; at++)
			if (!((*at)->needs & ~features))
				test(*at);
}

static void each_retired(void)
{
	each(retired);
}

static void each_closed(void)
{
	each(closed);
}

static const struct unit_test tests[] = {
	{"retired and wiped", each_retired},
	{"closed", each_closed},
};

UNIT_MAIN("control words in memory", tests)
