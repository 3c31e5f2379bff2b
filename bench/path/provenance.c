// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/provenance.h"

#include <stdio.h>

#include <rte_version.h>

#include "choice/choice.h"
#include "kernel/core_clock.h"
#include "machine.h"

static void add_ciphers(json_t *out)
{
	static const struct dp_choice_wish nothing;
	struct dp_choice choice;
	struct base_errs errs;

	base_errs_init(&errs);
	if (dp_choice_make(&choice, dp_cpu_features(), &nothing, &errs))
		return;
	for (unsigned a = 0; a < DP_ALGORITHMS; a++) {
		const struct dp_cipher_ops *ops = choice.ops[a];
		char key[32];

		snprintf(key, sizeof(key), "cipher_%s", dp_algorithm[a].name);
		json_object_set_new(out, key, json_sprintf("%s, %s, batches of %u", ops->name, ops->isa, ops->lanes));
	}
}

json_t *bench_provenance_json(const struct bench_options *options, const struct base_clock *clock)
{
	json_t *out = bench_machine_json(clock);

	json_object_set_new(out, "dpdk", json_string(rte_version()));
	add_ciphers(out);
	json_object_set_new(out, "nic", json_string("none"));
	json_object_set_new(out, "core_ghz", json_real(bench_core_cycles_per_tick() * (double)clock->tsc_hz * 1e-9));
	json_object_set_new(out, "hugepages", json_boolean(options->hugepages));
	json_object_set_new(out, "runs", json_integer(options->runs));
	json_object_set_new(out, "run_ms", json_integer(options->run_ms));
	json_object_set_new(out, "trial_ms", json_integer(options->trial_ms));
	json_object_set_new(out, "period_ms", json_integer(options->period_ms));
	json_object_set_new(out, "null_percent", json_integer(options->null_percent));
	return out;
}
