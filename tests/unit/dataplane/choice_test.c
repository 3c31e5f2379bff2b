// SPDX-License-Identifier: GPL-3.0-or-later
// Which implementation is chosen: by features and masks, by name, and not at all; and what is said of it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <unit.h>

#include "choice/choice.h"

enum { ALL = (1 << DP_CPU_FEATURES) - 1 };

static struct base_errs errs;

static bool said(const char *where, const char *part)
{
	for (size_t i = 0; i < errs.count; i++)
		if (strncmp(errs.text[i], where, strlen(where)) == 0 && strstr(errs.text[i], part))
			return true;
	return false;
}

// Taking away is closed: what stands on a feature goes with it, and nothing ever comes back.
static void less(void)
{
	CU_ASSERT_EQUAL(dp_cpu_less(ALL, 0), ALL);
	CU_ASSERT_EQUAL(dp_cpu_less(ALL, DP_CPU_AVX2), DP_CPU_AES | DP_CPU_GFNI);
	CU_ASSERT_EQUAL(dp_cpu_less(ALL, DP_CPU_AVX512), ALL & ~(DP_CPU_AVX512 | DP_CPU_VBMI));
	CU_ASSERT_EQUAL(dp_cpu_less(ALL, DP_CPU_GFNI), ALL & ~DP_CPU_GFNI);
	CU_ASSERT_EQUAL(dp_cpu_less(DP_CPU_VBMI | DP_CPU_VAES, 0), 0);
	for (uint32_t features = 0; features <= ALL; features++)
		for (uint32_t without = 0; without <= ALL; without++) {
			uint32_t left = dp_cpu_less(features, without);

			CU_ASSERT_EQUAL(left & ~(features & ~without), 0);
			CU_ASSERT_EQUAL(dp_cpu_less(left, 0), left);
		}
}

static void machine(void)
{
	uint32_t features = dp_cpu_features();
	char names[DP_CHOICE_NAMES_BYTES];

	CU_ASSERT_EQUAL(dp_cpu_less(features, 0), features);
	dp_choice_features(ALL, names);
	CU_ASSERT_STRING_EQUAL(names, "aes, avx2, vaes, avx512, vbmi, gfni");
	dp_choice_features(DP_CPU_VAES | DP_CPU_GFNI, names);
	CU_ASSERT_STRING_EQUAL(names, "vaes, gfni");
	dp_choice_features(0, names);
	CU_ASSERT_STRING_EQUAL(names, "none");
}

static const struct dp_cipher_ops best = {.name = "bulkhead", .needs = DP_CPU_AVX512 | DP_CPU_VBMI | DP_CPU_GFNI},
				  wide = {.name = "bulkhead", .needs = DP_CPU_AVX512},
				  library = {.name = "library", .needs = 0},
				  narrow = {.name = "bulkhead", .needs = DP_CPU_AVX2},
				  plain = {.name = "bulkhead", .needs = 0}, slow = {.name = "reference", .needs = 0};
static const struct dp_cipher_ops *const list[] = {&best, &wide, &library, &narrow, &plain, &slow, NULL};

static unsigned place(const struct dp_cipher_ops *ops)
{
	unsigned i = 0;

	while (list[i] != ops)
		i++;
	return i;
}

static void climbs_to_the_first_that_runs(void)
{
	CU_ASSERT_PTR_EQUAL(dp_choice_climb(list, "bulkhead", ALL), &best);
	CU_ASSERT_PTR_EQUAL(dp_choice_climb(list, "bulkhead", dp_cpu_less(ALL, DP_CPU_GFNI)), &wide);
	CU_ASSERT_PTR_EQUAL(dp_choice_climb(list, "bulkhead", dp_cpu_less(ALL, DP_CPU_AVX512)), &narrow);
	CU_ASSERT_PTR_EQUAL(dp_choice_climb(list, "bulkhead", 0), &plain);
	CU_ASSERT_PTR_EQUAL(dp_choice_climb(list, "library", ALL), &library);
	CU_ASSERT_PTR_EQUAL(dp_choice_climb(list, "reference", ALL), &slow);
	CU_ASSERT_PTR_NULL(dp_choice_climb(list, "nobody", ALL));
	CU_ASSERT_PTR_NULL(dp_choice_climb(list + 6, "bulkhead", ALL));
}

// With less, never a better one.
static void masks_lower_only(void)
{
	for (uint32_t features = 0; features <= ALL; features++)
		for (uint32_t without = 0; without <= ALL; without++) {
			uint32_t left = dp_cpu_less(features, without);
			const struct dp_cipher_ops *chosen = dp_choice_climb(list, "bulkhead", left);

			CU_ASSERT_EQUAL(chosen->needs & ~left, 0);
			CU_ASSERT_TRUE(place(chosen) >=
				       place(dp_choice_climb(list, "bulkhead", dp_cpu_less(features, 0))));
		}
}

static void names_once(void)
{
	char names[DP_CHOICE_NAMES_BYTES];

	dp_choice_names(list, names);
	CU_ASSERT_STRING_EQUAL(names, "bulkhead, library, reference");
}

// Every algorithm of the build has a kernel of ours that runs on any processor, and a reference that is not taken.
static void every_mask_of_this_build(void)
{
	for (uint32_t without = 0; without <= ALL; without++) {
		const struct dp_choice_wish wish = {.without = without};
		struct dp_choice choice;

		base_errs_init(&errs);
		CU_ASSERT_EQUAL_FATAL(dp_choice_make(&choice, ALL, &wish, &errs), 0);
		for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
			CU_ASSERT_EQUAL(choice.ops[i]->algorithm, i);
			CU_ASSERT_STRING_EQUAL(choice.ops[i]->name, "bulkhead");
			CU_ASSERT_EQUAL(choice.ops[i]->needs & ~dp_cpu_less(ALL, without), 0);
			CU_ASSERT_TRUE(choice.ops[i]->lanes >= 1 && choice.ops[i]->lanes <= DP_CIPHER_LANES_MAX);
		}
	}
}

static void named(void)
{
	struct dp_choice_wish wish = {.name = {[DP_CSA2] = "reference"}};
	struct dp_choice choice;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_choice_make(&choice, ALL, &wish, &errs), 0);
	CU_ASSERT_STRING_EQUAL(choice.ops[DP_CSA2]->name, "reference");
	CU_ASSERT_STRING_EQUAL(choice.ops[DP_CSA1]->name, "bulkhead");
}

// What the one that asks for least misses is said, and where to change it.
static void nothing_can_run(void)
{
	static const struct dp_cipher_ops *const two[] = {&best, &wide, NULL};
	const struct dp_choice_wish wish = {.without = DP_CPU_AVX512}, other = {.name = {[DP_CISSA] = "library"}};

	base_errs_init(&errs);
	CU_ASSERT_PTR_EQUAL(dp_choice_one(DP_CSA2, two, ALL, &other, &errs), &best);
	CU_ASSERT_EQUAL(errs.count, 0);
	CU_ASSERT_PTR_NULL(dp_choice_one(DP_CSA2, two, ALL, &wish, &errs));
	CU_ASSERT_TRUE(said("/ciphers/implementations/csa2: ", "bulkhead cannot run here: it needs avx512 of"));
	CU_ASSERT_TRUE(said("/ciphers/implementations/csa2: ", "/ciphers/without is: avx512"));
	CU_ASSERT_PTR_NULL(dp_choice_one(DP_CISSA, two, ALL, &other, &errs));
	CU_ASSERT_EQUAL(errs.count, 2);
}

static void leave(void *scratch, struct dp_lane *lanes, unsigned n)
{
	(void)scratch;
	for (unsigned i = 0; i < n; i++)
		lanes[i].done = true;
}

static int refuse(void *scratch)
{
	(void)scratch;
	return -ENOTSUP;
}

// One that fails its known answers, or cannot be initialised, is refused by its name, and nothing is left behind.
static void prove(void)
{
	static const struct dp_choice_wish nothing;
	struct dp_choice choice;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(dp_choice_make(&choice, dp_cpu_features(), &nothing, &errs), 0);
	CU_ASSERT_EQUAL(dp_choice_prove(&choice, &errs), 0);
	CU_ASSERT_EQUAL(errs.count, 0);
	struct dp_cipher_ops broken = *choice.ops[DP_CSA2], unfit = *choice.ops[DP_CISSA];

	broken.isa = "broken";
	broken.scramble = leave;
	unfit.init = refuse;
	choice.ops[DP_CSA2] = &broken;
	choice.ops[DP_CISSA] = &unfit;
	CU_ASSERT_EQUAL(dp_choice_prove(&choice, &errs), -EBADMSG);
	CU_ASSERT_EQUAL(errs.count, 2);
	CU_ASSERT_TRUE(said("csa2: ", "bulkhead (broken) gives wrong answers"));
	CU_ASSERT_TRUE(said("csa2: ", "/ciphers/without"));
	CU_ASSERT_TRUE(said("cissa: ", "cannot be set up here"));
}

static char *shown(const struct dp_choice_wish *wish, uint32_t features, bool json)
{
	struct dp_choice choice = {0};
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	base_errs_init(&errs);
	(void)dp_choice_make(&choice, features, wish, &errs);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(dp_choice_show(out, &choice, features, wish, json), 0);
	fclose(out);
	return text;
}

static void shows_text(void)
{
	char *text = shown(&(struct dp_choice_wish){.without = DP_CPU_AVX512}, DP_CPU_AVX2 | DP_CPU_AES, false);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "this machine has: aes, avx2\ntaken away: avx512\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "runs when it is named"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "chosen"));
	free(text);
}

// Exactly one of each algorithm is chosen, and it runs.
static void shows_json(void)
{
	char *text = shown(&(struct dp_choice_wish){0}, 0, true);
	json_t *whole = json_loads(text, 0, NULL), *algorithms = json_object_get(whole, "ciphers"), *one, *of;
	size_t i, k;

	CU_ASSERT_EQUAL(json_array_size(json_object_get(whole, "machine")), 0);
	CU_ASSERT_EQUAL(json_array_size(algorithms), DP_ALGORITHMS);
	json_array_foreach(algorithms, i, one)
	{
		unsigned chosen = 0;

		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(one, "algorithm")), dp_algorithm[i].name);
		json_array_foreach(json_object_get(one, "implementations"), k, of)
		{
			bool runs = json_is_true(json_object_get(of, "runs"));

			chosen += json_is_true(json_object_get(of, "chosen"));
			CU_ASSERT_EQUAL(runs, json_array_size(json_object_get(of, "missing")) == 0);
			CU_ASSERT_TRUE(runs || !json_is_true(json_object_get(of, "chosen")));
		}
		CU_ASSERT_EQUAL(chosen, 1);
	}
	json_decref(whole);
	free(text);
}

static const struct unit_test tests[] = {
	{"less", less},
	{"machine", machine},
	{"climbs to the first that runs", climbs_to_the_first_that_runs},
	{"masks lower only", masks_lower_only},
	{"names once", names_once},
	{"every mask of this build", every_mask_of_this_build},
	{"named", named},
	{"nothing can run", nothing_can_run},
	{"prove", prove},
	{"shows text", shows_text},
	{"shows JSON", shows_json},
};

UNIT_MAIN("choice", tests)
