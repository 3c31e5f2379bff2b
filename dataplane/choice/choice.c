// SPDX-License-Identifier: GPL-3.0-or-later
#include "choice/choice.h"

#include <errno.h>
#include <string.h>

const char dp_choice_own[] = "bulkhead";

const struct dp_cipher_ops *dp_choice_climb(const struct dp_cipher_ops *const *list, const char *name,
					    uint32_t features)
{
	for (; *list; list++)
		if (strcmp((*list)->name, name) == 0 && !((*list)->needs & ~features))
			return *list;
	return NULL;
}

static void append(char out[DP_CHOICE_NAMES_BYTES], const char *name)
{
	size_t n = strlen(out);

	snprintf(out + n, DP_CHOICE_NAMES_BYTES - n, "%s%s", n ? ", " : "", name);
}

// The first of a name stands for the others.
void dp_choice_names(const struct dp_cipher_ops *const *list, char out[DP_CHOICE_NAMES_BYTES])
{
	out[0] = '\0';
	for (unsigned i = 0; list[i]; i++)
		if (dp_choice_climb(list, list[i]->name, UINT32_MAX) == list[i])
			append(out, list[i]->name);
}

void dp_choice_features(uint32_t features, char out[DP_CHOICE_NAMES_BYTES])
{
	out[0] = '\0';
	for (unsigned i = 0; i < DP_CPU_FEATURES; i++)
		if (features & UINT32_C(1) << i)
			append(out, dp_cpu_name[i]);
	if (!out[0])
		append(out, "none");
}

// What the last of that name, which asks for least, misses.
static void say_missing(const struct dp_cipher_ops *const *list, const char *name, uint32_t features,
			const struct dp_choice_wish *wish, enum dp_algorithm algorithm, struct base_errs *errs)
{
	char where[64], missing[DP_CHOICE_NAMES_BYTES], without[DP_CHOICE_NAMES_BYTES];
	uint32_t least = 0;

	for (; *list; list++)
		if (strcmp((*list)->name, name) == 0)
			least = (*list)->needs;
	dp_choice_features(least & ~dp_cpu_less(features, wish->without), missing);
	dp_choice_features(wish->without, without);
	snprintf(where, sizeof(where), "/ciphers/implementations/%s", dp_algorithm[algorithm].name);
	base_errs_add(errs, where,
		      "%s cannot run here: it needs %s of the processor and the system, and /ciphers/without is: %s. "
		      "Leave the member out for the best of %s that can",
		      name, missing, without, dp_choice_own);
}

const struct dp_cipher_ops *dp_choice_one(enum dp_algorithm algorithm, const struct dp_cipher_ops *const *list,
					  uint32_t features, const struct dp_choice_wish *wish, struct base_errs *errs)
{
	const char *name = wish->name[algorithm] ? wish->name[algorithm] : dp_choice_own;
	const struct dp_cipher_ops *ops = dp_choice_climb(list, name, dp_cpu_less(features, wish->without));

	if (!ops)
		say_missing(list, name, features, wish, algorithm, errs);
	return ops;
}

int dp_choice_make(struct dp_choice *choice, uint32_t features, const struct dp_choice_wish *wish,
		   struct base_errs *errs)
{
	int rc = 0;

	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		enum dp_algorithm algorithm = (enum dp_algorithm)i;

		choice->ops[i] = dp_choice_one(algorithm, dp_cipher_list(algorithm), features, wish, errs);
		if (!choice->ops[i])
			rc = -EINVAL;
	}
	return rc;
}

size_t dp_choice_key_bytes(const struct dp_choice *choice)
{
	size_t most = 0;

	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		if (choice->ops[i]->key_bytes > most)
			most = choice->ops[i]->key_bytes;
	return most;
}
