// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/costs.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static int by_services(const void *a, const void *b)
{
	const struct bench_plan_point *x = a, *y = b;

	return x->services < y->services ? -1 : x->services > y->services;
}

// The rates of one kind on one worker.
static void take_points(struct bench_plan_curve *curve, const struct bench_baseline *baseline, unsigned kind)
{
	curve->measured_as = kind;
	for (unsigned i = 0; i < baseline->rates && curve->n < BENCH_PLAN_POINTS_MAX; i++) {
		const struct bench_baseline_rate *rate = &baseline->rate[i];

		if (rate->kind == kind && rate->workers == 1)
			curve->point[curve->n++] =
				(struct bench_plan_point){.services = rate->services, .measured_pps = rate->pps};
	}
	qsort(curve->point, curve->n, sizeof(curve->point[0]), by_services);
}

static bool measured(const struct bench_baseline *baseline, unsigned kind)
{
	for (unsigned i = 0; i < baseline->rates; i++)
		if (baseline->rate[i].kind == kind && baseline->rate[i].workers == 1)
			return true;
	return false;
}

// The measured algorithm that scrambles most nearly as fast; for a clear service the fastest. BENCH_PLAN_ALGORITHMS:
// none.
static unsigned nearest(const struct bench_baseline *baseline, unsigned kind)
{
	double own = kind < BENCH_PLAN_ALGORITHMS ? baseline->kernel_s[kind] : 0, best = INFINITY;
	unsigned found = BENCH_PLAN_ALGORITHMS;

	for (unsigned a = 0; a < BENCH_PLAN_ALGORITHMS; a++) {
		double away = fabs(baseline->kernel_s[a] - own);

		if (!measured(baseline, a) || baseline->kernel_s[a] <= 0 || away >= best)
			continue;
		best = away;
		found = a;
	}
	return found;
}

static int make_curve(struct bench_plan_curve *curve, const struct bench_baseline *baseline, unsigned kind,
		      struct base_errs *errs)
{
	*curve = (struct bench_plan_curve){0};
	if (measured(baseline, kind)) {
		take_points(curve, baseline, kind);
		return 0;
	}
	unsigned as = kind < BENCH_PLAN_ALGORITHMS && baseline->kernel_s[kind] <= 0 ? BENCH_PLAN_ALGORITHMS
										    : nearest(baseline, kind);

	if (as == BENCH_PLAN_ALGORITHMS) {
		base_errs_add(errs, baseline->path_run,
			      "nothing tells what %s costs: measure bulkhead-bench path --algorithm csa2,cissa, and "
			      "bulkhead-bench kernel into kernel.json beside it",
			      bench_plan_kind_name(kind));
		return -EINVAL;
	}
	take_points(curve, baseline, as);
	// What is faster than the measured one is not credited with it: less would be known of the rest of the path.
	if (kind < BENCH_PLAN_ALGORITHMS)
		curve->added_s = fmax(0, baseline->kernel_s[kind] - baseline->kernel_s[as]);
	return 0;
}

// The least over the cases with most workers, though no more than the planned server has.
static int find_efficiency(struct bench_plan_costs *costs, const struct bench_baseline *baseline, unsigned workers,
			   struct base_errs *errs)
{
	costs->efficiency = costs->efficiency_workers = 1;
	for (unsigned i = 0; i < baseline->shares; i++) {
		const struct bench_baseline_share *share = &baseline->share[i];

		if (share->workers > workers || share->workers < costs->efficiency_workers)
			continue;
		// More workers say more, whatever fewer reached.
		costs->efficiency = share->workers > costs->efficiency_workers ? fmin(1, share->share)
									       : fmin(costs->efficiency, share->share);
		costs->efficiency_workers = share->workers;
	}
	if (workers == 1 || costs->efficiency_workers > 1)
		return 0;
	base_errs_add(
		errs, baseline->path_run,
		"no case was measured with one worker and with several: run bulkhead-bench path --workers 1,2, or plan "
		"with --cores 2");
	return -EINVAL;
}

// A line through the fewest and the most services, the largest figure of each; through zero when there is only one.
static int find_memory(struct bench_plan_costs *costs, const struct bench_baseline *baseline, struct base_errs *errs)
{
	const struct bench_baseline_memory *least = NULL, *most = NULL;

	for (unsigned i = 0; i < baseline->memories; i++) {
		const struct bench_baseline_memory *memory = &baseline->memory[i];

		bool larger = least && memory->services == least->services && memory->bytes > least->bytes;

		least = !least || memory->services < least->services || larger ? memory : least;
		larger = most && memory->services == most->services && memory->bytes > most->bytes;
		most = !most || memory->services > most->services || larger ? memory : most;
	}
	if (!least) {
		base_errs_add(errs, baseline->path_run, "it has no memory figures: run bulkhead-bench path anew");
		return -EINVAL;
	}
	costs->memory_least = *least;
	costs->memory_most = *most;
	if (least->services == most->services) {
		costs->memory_per_service = most->bytes / most->services;
		return 0;
	}
	costs->memory_per_service = fmax(0, (most->bytes - least->bytes) / (most->services - least->services));
	costs->memory_base = most->bytes - costs->memory_per_service * most->services;
	return 0;
}

static int find_clock(struct bench_plan_costs *costs, const struct bench_baseline *baseline, double ghz,
		      struct base_errs *errs)
{
	costs->clock = 1;
	if (ghz <= 0)
		return 0;
	if (baseline->ghz <= 0) {
		base_errs_add(errs, "--ghz",
			      "the baseline does not say what its cores ran at: leave --ghz out, or measure "
			      "bulkhead-bench kernel into kernel.json beside %s",
			      baseline->path_run);
		return -EINVAL;
	}
	costs->clock = ghz / baseline->ghz;
	return 0;
}

int bench_plan_costs_make(struct bench_plan_costs *costs, const struct bench_baseline *baseline,
			  const struct bench_plan_options *options, const bool kinds[BENCH_PLAN_KINDS],
			  struct base_errs *errs)
{
	int rc = 0;

	*costs = (struct bench_plan_costs){.services_max = UINT_MAX};
	rc |= find_efficiency(costs, baseline, bench_plan_workers(options), errs);
	rc |= find_memory(costs, baseline, errs);
	rc |= find_clock(costs, baseline, options->ghz, errs);
	for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++) {
		struct bench_plan_curve *curve = &costs->curve[kind];

		if (!kinds[kind])
			continue;
		rc |= make_curve(curve, baseline, kind, errs);
		if (curve->n > 0 && curve->point[curve->n - 1].services < costs->services_max)
			costs->services_max = curve->point[curve->n - 1].services;
		for (unsigned i = 0; i < curve->n; i++)
			curve->point[i].s = (1 / curve->point[i].measured_pps + curve->added_s) /
					    (costs->efficiency * costs->clock);
	}
	return rc ? -EINVAL : 0;
}

const struct bench_plan_point *bench_plan_curve_at(const struct bench_plan_curve *curve, unsigned services)
{
	const struct bench_plan_point *at = curve->point;

	while (at < &curve->point[curve->n - 1] && at->services < services)
		at++;
	return at;
}

double bench_plan_load(const struct bench_plan_costs *costs, const double pps[BENCH_PLAN_KINDS], unsigned services)
{
	double load = 0;

	for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++)
		if (pps[kind] > 0)
			load += pps[kind] * bench_plan_curve_at(&costs->curve[kind], services)->s;
	return load;
}

double bench_plan_memory(const struct bench_plan_costs *costs, unsigned services)
{
	return costs->memory_base + costs->memory_per_service * services;
}
