// SPDX-License-Identifier: GPL-3.0-or-later
// What `bulkhead-dataplane --ciphers` prints.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "choice/choice.h"

// One implementation against the machine and the wish.
struct offer {
	const struct dp_cipher_ops *ops;
	uint32_t missing; // features
	bool chosen;
	bool wanted; // its name is the one that is asked for
};

static struct offer offer(const struct dp_cipher_ops *ops, const struct dp_choice *choice, uint32_t features,
			  const struct dp_choice_wish *wish)
{
	const char *name = wish->name[ops->algorithm] ? wish->name[ops->algorithm] : dp_choice_own;

	return (struct offer){.ops = ops,
			      .missing = ops->needs & ~dp_cpu_less(features, wish->without),
			      .chosen = choice->ops[ops->algorithm] == ops,
			      .wanted = strcmp(ops->name, name) == 0};
}

static void print(FILE *out, const struct offer *o)
{
	char missing[DP_CHOICE_NAMES_BYTES];

	fprintf(out, "%-9s  %-14s  %-20s  %5u  ", dp_algorithm[o->ops->algorithm].name, o->ops->name, o->ops->isa,
		o->ops->lanes);
	dp_choice_features(o->missing, missing);
	if (o->missing)
		fprintf(out, "cannot run: needs %s\n", missing);
	else if (o->chosen)
		fprintf(out, "chosen\n");
	else
		fprintf(out, "%s\n", o->wanted ? "runs; a better one is chosen" : "runs when it is named");
}

static void show_text(FILE *out, const struct dp_choice *choice, uint32_t features, const struct dp_choice_wish *wish)
{
	char has[DP_CHOICE_NAMES_BYTES], without[DP_CHOICE_NAMES_BYTES];

	dp_choice_features(features, has);
	dp_choice_features(wish->without, without);
	fprintf(out, "this machine has: %s\ntaken away: %s\n\n", has, without);
	fprintf(out, "%-9s  %-14s  %-20s  %5s  %s\n", "ALGORITHM", "IMPLEMENTATION", "ISA", "LANES", "STATE");
	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		for (const struct dp_cipher_ops *const *at = dp_cipher_list((enum dp_algorithm)i); *at; at++) {
			struct offer o = offer(*at, choice, features, wish);

			print(out, &o);
		}
}

static json_t *features_json(uint32_t features)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < DP_CPU_FEATURES; i++)
		if (features & UINT32_C(1) << i)
			json_array_append_new(list, json_string(dp_cpu_name[i]));
	return list;
}

static json_t *offer_json(const struct offer *o)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:o, s:o, s:b, s:b}", "name", o->ops->name, "isa", o->ops->isa, "lanes",
			 (int)o->ops->lanes, "key_bytes", (int)o->ops->key_bytes, "needs", features_json(o->ops->needs),
			 "missing", features_json(o->missing), "runs", o->missing == 0, "chosen", o->chosen);
}

static json_t *document(const struct dp_choice *choice, uint32_t features, const struct dp_choice_wish *wish)
{
	json_t *algorithms = json_array();

	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		json_t *list = json_array();

		for (const struct dp_cipher_ops *const *at = dp_cipher_list((enum dp_algorithm)i); *at; at++) {
			struct offer o = offer(*at, choice, features, wish);

			json_array_append_new(list, offer_json(&o));
		}
		json_array_append_new(algorithms, json_pack("{s:s, s:o}", "algorithm", dp_algorithm[i].name,
							    "implementations", list));
	}
	return json_pack("{s:o, s:o, s:o}", "machine", features_json(features), "without", features_json(wish->without),
			 "ciphers", algorithms);
}

int dp_choice_show(FILE *out, const struct dp_choice *choice, uint32_t features, const struct dp_choice_wish *wish,
		   bool json)
{
	json_t *whole;
	int rc;

	if (!json) {
		show_text(out, choice, features, wish);
		return 0;
	}
	whole = document(choice, features, wish);
	rc = whole ? json_dumpf(whole, out, JSON_INDENT(2)) : -1;
	json_decref(whole);
	fputc('\n', out);
	return rc ? -ENOMEM : 0;
}
