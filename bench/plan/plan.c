// SPDX-License-Identifier: GPL-3.0-or-later
// options -> line-up -> baseline -> demand -> costs -> servers -> ways out.
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan/result.h"

enum { EXIT_PLAN = 1, EXIT_USAGE = 2 };

// Everything of a run.
struct work {
	struct bench_plan_options options;
	struct bench_plan_services services;
	struct bench_baseline baseline;
	struct bench_plan_demand demand;
	struct bench_plan_costs costs;
	struct bench_plan_result result;
	struct base_errs errs;
};

static int write_json(const struct bench_plan_result *result, FILE *out)
{
	json_t *document = bench_plan_json(result);

	if (!document)
		return -EILSEQ; // only the name of a file can hold what JSON does not take
	int rc = json_dumpf(document, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) ? -EIO : 0;

	fputc('\n', out);
	json_decref(document);
	return rc;
}

static int write_html(const struct bench_plan_result *result, FILE *out)
{
	bench_plan_html(result, out);
	return 0;
}

static int write_text(const struct bench_plan_result *result, FILE *out)
{
	bench_plan_text(result, out);
	return 0;
}

typedef int write_fn(const struct bench_plan_result *result, FILE *out);

static int write_to(struct work *work, const char *path, write_fn *write)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *out = standard ? stdout : fopen(path, "we");
	int rc = out ? write(&work->result, out) : -errno;

	if (out && (ferror(out) || (standard ? fflush(out) : fclose(out))))
		rc = rc ? rc : -EIO;
	if (rc)
		base_errs_add(&work->errs, standard ? "standard output" : path, "cannot be written: %s", strerror(-rc));
	return rc;
}

static int write_all(struct work *work)
{
	const struct bench_plan_options *options = &work->options;
	bool taken = (options->json && strcmp(options->json, "-") == 0) ||
		     (options->html && strcmp(options->html, "-") == 0);
	int rc = 0;

	if (!taken)
		rc |= write_to(work, "-", write_text);
	if (options->json)
		rc |= write_to(work, options->json, write_json);
	if (options->html)
		rc |= write_to(work, options->html, write_html);
	return rc;
}

static int make_costs(struct work *work)
{
	bool kinds[BENCH_PLAN_KINDS] = {0};

	for (size_t i = 0; i < work->demand.n; i++)
		for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++)
			kinds[kind] |= work->demand.item[i].pps[kind] > 0;
	return bench_plan_costs_make(&work->costs, &work->baseline, &work->options, kinds, &work->errs);
}

static int plan(struct work *work)
{
	work->result = (struct bench_plan_result){.options = &work->options,
						  .services = &work->services,
						  .baseline = &work->baseline,
						  .costs = &work->costs,
						  .demand = &work->demand};
	int rc = bench_baseline_load(&work->baseline, work->options.baseline, &work->errs);

	if (!rc)
		rc = make_costs(work);
	if (!rc)
		rc = bench_plan_reckon(&work->result, &work->errs);
	if (!rc) {
		bench_plan_tell(&work->result);
		rc = write_all(work);
	}
	if (rc && base_errs_none(&work->errs))
		base_errs_add(&work->errs, "plan", "%s", strerror(-rc));
	bench_plan_result_fini(&work->result);
	return rc ? EXIT_PLAN : 0;
}

static int run(struct work *work)
{
	int rc = bench_plan_services_load(&work->services, work->options.line_up, &work->errs);

	if (!rc)
		rc = bench_plan_demand_make(&work->demand, &work->services, &work->options, &work->errs);
	int status = rc ? EXIT_USAGE : plan(work);

	base_errs_print(&work->errs, stderr, "bulkhead-bench plan: ");
	bench_plan_demand_free(&work->demand);
	bench_plan_services_free(&work->services);
	return status;
}

int bench_plan_main(int argc, char **argv)
{
	struct work *work = calloc(1, sizeof(*work));
	int rc = work ? bench_plan_options_parse(&work->options, argc, argv) : -ENOMEM;

	if (!rc) {
		base_errs_init(&work->errs);
		rc = run(work);
	} else {
		rc = rc > 0 ? 0 : EXIT_USAGE;
	}
	free(work);
	return rc;
}
