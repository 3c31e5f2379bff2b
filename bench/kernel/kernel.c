// SPDX-License-Identifier: GPL-3.0-or-later
// options -> core -> clock -> for each algorithm: open, agree, measure, report.
#include "kernel/kernel.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_clock.h>

#include "kernel/core_clock.h"
#include "kernel/report.h"
#include "machine.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, CALIBRATE_MS = 200 };

struct run {
	const struct bench_kernel_options *options;
	struct base_clock clock;
	struct bench_load *load;
	struct bench_set *set;
	json_t *results, *set_up;
};

static int pin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)core, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		return 0;
	fprintf(stderr, "bulkhead-bench kernel: this process may not run on core %d: give another with --core\n", core);
	return EXIT_RUN;
}

static int run_algorithm(struct run *run, enum dp_algorithm algorithm)
{
	int rc = bench_set_open(run->set, algorithm, run->options, run->load);

	if (rc) {
		fprintf(stderr, "bulkhead-bench kernel: %s: %s\n", dp_algorithm[algorithm].name, strerror(-rc));
		return EXIT_RUN;
	}
	rc = bench_set_agree(run->set);
	if (!rc) {
		bench_set_measure(run->set, run->options, &run->clock);
		if (run->options->json)
			bench_kernel_json(run->set, &run->clock, run->results, run->set_up);
		else
			bench_kernel_table(run->set, &run->clock);
		fflush(stdout);
	}
	if (!rc && run->options->plots)
		rc = bench_kernel_plot(run->set, &run->clock, run->options->plots);
	bench_set_close(run->set);
	return rc ? EXIT_RUN : 0;
}

static void print_provenance(json_t *provenance)
{
	const char *key;
	json_t *value;

	json_object_foreach(provenance, key, value)
	{
		char *text = json_dumps(value, JSON_ENCODE_ANY);

		printf("# %-12s %s\n", key, text ? text : "");
		free(text);
	}
	printf("#\n# cycles: of the core, whose clock is timed by dependent multiplications in every round;\n"
	       "# Gbit/s: of 188-byte packets; spread: highest less lowest tenth over the median of the rounds.\n"
	       "# to best: times the rate of the best library at its best fill with one key, median of the rounds;\n"
	       "# same: times its rate with the same number of keys and the same lengths.\n");
}

static json_t *provenance(const struct run *run)
{
	json_t *out = bench_machine_json(&run->clock);

	json_object_set_new(out, "core", json_integer(run->options->core));
	json_object_set_new(out, "core_ghz",
			    json_real((double)run->clock.tsc_hz * 1e-9 * bench_core_cycles_per_tick()));
	json_object_set_new(out, "clock", json_string("core cycles, by dependent multiplications of 3 cycles"));
	json_object_set_new(out, "rounds", json_integer(run->options->rounds));
	json_object_set_new(out, "slice_us", json_integer(run->options->slice_us));
	return out;
}

static int measure(struct run *run)
{
	int rc = base_clock_calibrate(&run->clock, CALIBRATE_MS), failed = 0;

	if (rc) {
		fprintf(stderr, "bulkhead-bench kernel: the time stamp counter cannot be used: %s\n", strerror(-rc));
		return EXIT_RUN;
	}
	json_t *json = json_pack("{s:o, s:[], s:[]}", "provenance", provenance(run), "results", "key_set_up");

	run->results = json_object_get(json, "results");
	run->set_up = json_object_get(json, "key_set_up");
	if (!run->options->json)
		print_provenance(json_object_get(json, "provenance"));
	bench_load_make(run->load);
	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		if (run->options->algorithm[a])
			failed |= run_algorithm(run, (enum dp_algorithm)a);
	if (run->options->json) {
		json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
		putchar('\n');
	}
	json_decref(json);
	return failed;
}

int bench_kernel_main(int argc, char **argv)
{
	struct bench_kernel_options options;
	int rc = bench_kernel_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	if (pin(options.core))
		return EXIT_RUN;
	struct run run = {.options = &options,
			  .load = aligned_alloc(64, (sizeof(struct bench_load) + 63) / 64 * 64),
			  .set = calloc(1, sizeof(struct bench_set))};

	rc = run.load && run.set ? measure(&run) : EXIT_RUN;
	free(run.load);
	free(run.set);
	return rc;
}
