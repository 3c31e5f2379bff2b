// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/sample.h"

#include <stdlib.h>

static int compare_totals(const void *a, const void *b)
{
	double x = (*(const struct bench_sample *const *)a)->total, y = (*(const struct bench_sample *const *)b)->total;

	return (x > y) - (x < y);
}

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

const struct bench_sample *bench_case_middle(const struct bench_case *c)
{
	const struct bench_sample *order[BENCH_RUNS_MAX];

	for (unsigned i = 0; i < c->runs; i++)
		order[i] = &c->sample[i];
	qsort(order, c->runs, sizeof(order[0]), compare_totals);
	return order[(c->runs - 1) / 2];
}

static double median(double *numbers, unsigned n)
{
	qsort(numbers, n, sizeof(numbers[0]), compare_numbers);
	return n % 2 ? numbers[n / 2] : (numbers[n / 2 - 1] + numbers[n / 2]) / 2;
}

double bench_case_median(const struct bench_case *c, bench_number_fn *number)
{
	double numbers[BENCH_RUNS_MAX];

	for (unsigned i = 0; i < c->runs; i++)
		numbers[i] = number(&c->sample[i]);
	return median(numbers, c->runs);
}

double bench_case_ratio(const struct bench_case *c, const struct bench_case *base, bench_number_fn *number)
{
	double numbers[BENCH_RUNS_MAX];

	for (unsigned i = 0; i < c->runs; i++)
		numbers[i] = number(&c->sample[i]) / number(&base->sample[i]);
	return median(numbers, c->runs);
}

void bench_case_range(const struct bench_case *c, double *lowest, double *highest)
{
	*lowest = *highest = c->sample[0].total;
	for (unsigned i = 1; i < c->runs; i++) {
		*lowest = c->sample[i].total < *lowest ? c->sample[i].total : *lowest;
		*highest = c->sample[i].total > *highest ? c->sample[i].total : *highest;
	}
}

double bench_number_rate(const struct bench_sample *sample)
{
	return sample->pkts_per_s;
}

double bench_number_total(const struct bench_sample *sample)
{
	return sample->total;
}

double bench_number_kernel_rate_ratio(const struct bench_sample *sample)
{
	return sample->kernel / sample->total;
}

double bench_number_lane_rate_ratio(const struct bench_sample *sample)
{
	return sample->lane_share * sample->kernel / sample->total;
}
