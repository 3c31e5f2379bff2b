// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/baseline.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "plan/cpu_name.h"

enum { COUNT_MAX = 1000000 };

static const char how[] = "measure `bulkhead-bench path --json path.json` on a quiet machine of that kind, or name "
			  "another run with --baseline";

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

// A count of services or workers; 0 for what is none.
static unsigned count_of(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 && value <= COUNT_MAX ? (unsigned)value : 0;
}

static const char *word_of(const json_t *object, const char *key)
{
	const char *word = json_string_value(json_object_get(object, key));

	return word ? word : "?";
}

static unsigned kind_of(const char *name)
{
	unsigned kind = 0;

	while (kind < BENCH_PLAN_KINDS && strcmp(bench_plan_kind_name(kind), name) != 0)
		kind++;
	return kind;
}

static json_t *read_document(const char *path, struct base_errs *errs)
{
	json_error_t error;
	json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

	if (!document && error.line > 0)
		base_errs_add(errs, path, "line %d: %s; it has to be what bulkhead-bench wrote with --json", error.line,
			      error.text);
	else if (!document)
		base_errs_add(errs, path, "%s: %s", error.text, how);
	return document;
}

static void name_run(char run[BENCH_BASELINE_RUN_BYTES], const char *path, const json_t *document)
{
	const json_t *from = json_object_get(document, "provenance");

	snprintf(run, BENCH_BASELINE_RUN_BYTES, "%.160s: %.24s, commit %.40s, %.60s", path, word_of(from, "date"),
		 word_of(from, "commit"), word_of(from, "cpu"));
}

static void read_case(struct bench_baseline *baseline, const json_t *c)
{
	struct bench_baseline_rate rate = {.kind = kind_of(word_of(c, "algorithm")),
					   .services = count_of(c, "services"),
					   .workers = count_of(c, "workers"),
					   .pps = number_of(json_object_get(c, "ndr"), "pkts_per_s")};
	double over_one = number_of(c, "rate_over_one_worker"), bytes = number_of(c, "memory_bytes");

	if (rate.services == 0 || rate.workers == 0)
		return;
	if (rate.kind < BENCH_PLAN_KINDS && rate.pps > 0 && baseline->rates < BENCH_BASELINE_RATES_MAX)
		baseline->rate[baseline->rates++] = rate;
	// A worker without a service says nothing of what several reach.
	if (rate.workers > 1 && rate.services >= rate.workers && over_one > 0 &&
	    baseline->shares < BENCH_BASELINE_RATES_MAX)
		baseline->share[baseline->shares++] =
			(struct bench_baseline_share){.workers = rate.workers, .share = over_one / rate.workers};
	if (bytes > 0 && baseline->memories < BENCH_BASELINE_RATES_MAX)
		baseline->memory[baseline->memories++] =
			(struct bench_baseline_memory){.services = rate.services, .bytes = bytes};
}

static int read_path(struct bench_baseline *baseline, const char *path, struct base_errs *errs)
{
	json_t *document = read_document(path, errs), *c;
	size_t i;

	if (!document)
		return -EINVAL;
	name_run(baseline->path_run, path, document);
	json_array_foreach(json_object_get(document, "cases"), i, c) read_case(baseline, c);
	baseline->ghz = number_of(json_object_get(document, "provenance"), "core_ghz");
	json_decref(document);
	if (baseline->rates > 0)
		return 0;
	base_errs_add(errs, path, "no case in it has a no-loss rate: %s", how);
	return -EINVAL;
}

// The best of our kernels in full batches with a key in every lane: what the dataplane would choose.
static void read_row(struct bench_baseline *baseline, const json_t *row)
{
	unsigned kind = kind_of(word_of(row, "algorithm"));
	double fill = number_of(row, "fill"), rate = number_of(row, "mpkt_per_s") * 1e6;

	if (kind >= BENCH_PLAN_ALGORITHMS || strcmp(word_of(row, "implementation"), "bulkhead") != 0 ||
	    strcmp(word_of(row, "lengths"), "184") != 0 || fill != number_of(row, "lanes") ||
	    fill != number_of(row, "keys_per_batch") || rate <= 0)
		return;
	if (baseline->kernel_s[kind] <= 0 || 1 / rate < baseline->kernel_s[kind])
		baseline->kernel_s[kind] = 1 / rate;
}

// It is needed only for what was not measured in the path, so it may be absent.
static int read_kernel(struct bench_baseline *baseline, const char *path, struct base_errs *errs)
{
	json_t *document, *row;
	size_t i;

	if (access(path, F_OK))
		return 0;
	document = read_document(path, errs);
	if (!document)
		return -EINVAL;
	name_run(baseline->kernel_run, path, document);
	json_array_foreach(json_object_get(document, "results"), i, row) read_row(baseline, row);
	baseline->clock_from_kernel = baseline->ghz <= 0;
	if (baseline->clock_from_kernel)
		baseline->ghz = number_of(json_object_get(document, "provenance"), "core_ghz");
	json_decref(document);
	return 0;
}

static int find(char path[PATH_MAX], struct base_errs *errs)
{
	static const char *const folder[] = {"bench/baseline", BENCH_BASELINE_FOLDER};
	char cpu[BENCH_CPU_NAME_BYTES];

	if (bench_cpu_name(cpu)) {
		base_errs_add(errs, "--baseline", "name one: this processor cannot say what it is");
		return -EINVAL;
	}
	for (unsigned i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		snprintf(path, PATH_MAX, "%s/%s/path.json", folder[i], cpu);
		if (access(path, R_OK) == 0)
			return 0;
	}
	base_errs_add(errs, "--baseline", "there is no %s/%s/path.json for this processor, nor in %s: %s", folder[0],
		      cpu, folder[1], how);
	return -EINVAL;
}

int bench_baseline_load(struct bench_baseline *baseline, const char *path, struct base_errs *errs)
{
	char found[PATH_MAX], kernel[PATH_MAX];
	int rc = path ? 0 : find(found, errs);

	*baseline = (struct bench_baseline){0};
	if (rc)
		return rc;
	path = path ? path : found;
	const char *slash = strrchr(path, '/');

	snprintf(kernel, sizeof(kernel), "%.*skernel.json", slash ? (int)(slash + 1 - path) : 0, path);
	rc |= read_path(baseline, path, errs);
	rc |= read_kernel(baseline, kernel, errs);
	return rc ? -EINVAL : 0;
}
