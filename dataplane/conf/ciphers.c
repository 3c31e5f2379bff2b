// SPDX-License-Identifier: GPL-3.0-or-later
// The member `ciphers`: what the choice of implementations is not to use, and what it is told to take.
#include <stdio.h>
#include <string.h>

#include "conf/ciphers.h"

static void read_without(const struct base_config *node, struct dp_choice_wish *wish)
{
	struct base_config without = base_config_array(node, "without", false);

	for (size_t i = 0; i < base_config_count(&without); i++) {
		const char *what = base_config_item_string(&without, i);
		char all[DP_CHOICE_NAMES_BYTES];
		unsigned bit = 0;

		while (what && bit < DP_CPU_FEATURES && strcmp(what, dp_cpu_name[bit]) != 0)
			bit++;
		if (what && bit < DP_CPU_FEATURES)
			wish->without |= UINT32_C(1) << bit;
		dp_choice_features((UINT32_C(1) << DP_CPU_FEATURES) - 1, all);
		if (what && bit == DP_CPU_FEATURES)
			base_config_error(node, "without", "\"%s\" is no feature that kernels use: %s", what, all);
	}
}

// The name that the tables have is kept, because the document goes.
static const char *read_name(const struct base_config *node, enum dp_algorithm algorithm)
{
	const struct dp_cipher_ops *const *list = dp_cipher_list(algorithm);
	const char *key = dp_algorithm[algorithm].name, *name = base_config_string(node, key, false, 0, NULL);
	char all[DP_CHOICE_NAMES_BYTES];

	if (!name)
		return NULL;
	for (const struct dp_cipher_ops *const *at = list; *at; at++)
		if (strcmp((*at)->name, name) == 0)
			return (*at)->name;
	dp_choice_names(list, all);
	base_config_error(node, key, "\"%s\" is no implementation of %s in this build: %s", name, key, all);
	return NULL;
}

void dp_conf_read_ciphers(const struct base_config *root, struct dp_choice_wish *wish)
{
	static const char *const known[] = {"without", "implementations", NULL};
	const char *algorithms[DP_ALGORITHMS + 1] = {NULL};
	struct base_config ciphers = base_config_object(root, "ciphers", false);
	struct base_config implementations = base_config_object(&ciphers, "implementations", false);

	*wish = (struct dp_choice_wish){0};
	read_without(&ciphers, wish);
	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		wish->name[i] = read_name(&implementations, (enum dp_algorithm)i);
		algorithms[i] = dp_algorithm[i].name;
	}
	base_config_only(&implementations, algorithms);
	base_config_only(&ciphers, known);
}
