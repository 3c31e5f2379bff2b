// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel/set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base_check.h>

#include "cipher/cpu.h"
#include "kernel/core_clock.h"

enum {
	REFERENCE_LANES = 16, // one packet after the other, 10 to 30 us each
	ALL_KEYS = BENCH_LOAD_PKTS,
	KEY_TURNS = 8,
};

static const unsigned fills[] = {1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 320, 384, 448};
static const unsigned keys[] = {1, 8, 64, ALL_KEYS};

static void add_row(struct bench_set *set, const struct bench_contender *c, struct bench_shape shape)
{
	CHECK(set->rows < BENCH_ROWS_MAX);
	set->row[set->rows++] = (struct bench_row){.contender = c, .shape = shape};
}

// Full batches by number of keys and with odd lengths, then the curve of fill: ours with a key in every lane, libraries
// with one.
static void list_rows(struct bench_set *set, const struct bench_contender *c)
{
	for (unsigned k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		if (keys[k] < c->lanes || keys[k] == ALL_KEYS)
			add_row(set, c, (struct bench_shape){.fill = c->lanes, .keys = keys[k]});
	add_row(set, c, (struct bench_shape){.fill = c->lanes, .keys = ALL_KEYS, .odd = true});
	for (unsigned f = 0; f < sizeof(fills) / sizeof(fills[0]); f++)
		if (fills[f] < c->lanes && !c->alone)
			add_row(set, c, (struct bench_shape){.fill = fills[f], .keys = c->outside ? 1 : ALL_KEYS});
}

static int open_ours(struct bench_set *set, const struct bench_kernel_options *options)
{
	uint32_t features = dp_cpu_features();
	int rc = 0;

	for (const struct dp_cipher_ops *const *at = dp_cipher_list(set->algorithm); *at && !rc; at++) {
		bool reference = strcmp((*at)->name, "reference") == 0;

		if ((*at)->needs & ~features || (!reference && strcmp((*at)->name, "bulkhead") != 0))
			continue;
		if (reference ? options->isa != NULL : !bench_kernel_wants_isa(options, (*at)->isa))
			continue;
		rc = bench_ours_open(&set->contender[set->contenders], *at, set->load);
		if (!rc && reference) {
			set->contender[set->contenders].lanes = REFERENCE_LANES;
			set->contender[set->contenders].alone = true;
		}
		set->contenders += !rc;
	}
	return rc;
}

static int open_libraries(struct bench_set *set)
{
	static int (*const open[])(struct bench_contender *, enum dp_algorithm,
				   const struct bench_load *) = {bench_libdvbcsa_open, bench_ipsecmb_open,
								 bench_openssl_open};
	int rc = 0;

	for (unsigned i = 0; i < sizeof(open) / sizeof(open[0]) && !rc; i++) {
		rc = open[i](&set->contender[set->contenders], set->algorithm, set->load);
		set->contenders += !rc;
		rc = rc == -ENOTSUP ? 0 : rc;
	}
	return rc;
}

int bench_set_open(struct bench_set *set, enum dp_algorithm algorithm, const struct bench_kernel_options *options,
		   const struct bench_load *load)
{
	memset(set, 0, sizeof(*set));
	set->algorithm = algorithm;
	set->load = load;
	set->rounds = options->rounds;
	int rc = open_ours(set, options);

	if (!rc)
		rc = open_libraries(set);
	for (unsigned i = 0; i < set->contenders; i++)
		list_rows(set, &set->contender[i]);
	set->cycles_per_tick = calloc(set->rounds, sizeof(double));
	if (!set->cycles_per_tick)
		rc = -ENOMEM;
	for (unsigned i = 0; i < set->rows; i++) {
		set->row[i].ticks = calloc(set->rounds, sizeof(double));
		if (!set->row[i].ticks)
			rc = -ENOMEM;
	}
	if (rc)
		bench_set_close(set);
	return rc;
}

void bench_set_close(struct bench_set *set)
{
	for (unsigned i = 0; i < set->rows; i++)
		free(set->row[i].ticks);
	free(set->cycles_per_tick);
	for (unsigned i = 0; i < set->contenders; i++)
		set->contender[i].close(set->contender[i].state);
	memset(set, 0, sizeof(*set));
}

static int compare(const struct bench_set *set, const struct bench_contender *a, const struct bench_contender *b,
		   const struct bench_shape *shape)
{
	unsigned n = a->lanes < b->lanes ? a->lanes : b->lanes;

	for (unsigned i = 0; i < n; i++) {
		unsigned bytes = bench_load_bytes(set->load, shape, i);

		if (memcmp(a->out(a->state, i), b->out(b->state, i), bytes) == 0)
			continue;
		fprintf(stderr, "bulkhead-bench kernel: %s: %s %s and %s %s disagree on packet %u of %u bytes\n",
			dp_algorithm[set->algorithm].name, a->name, a->isa, b->name, b->isa, i, bytes);
		return -EBADMSG;
	}
	return 0;
}

int bench_set_agree(struct bench_set *set)
{
	struct bench_shape shape = {.keys = ALL_KEYS, .odd = true};
	int rc = 0;

	for (unsigned i = 0; i < set->contenders; i++) {
		const struct bench_contender *c = &set->contender[i];

		shape.fill = c->lanes;
		c->lay(c->state, &shape);
		c->run(c->state, 0);
		if (i > 0 && compare(set, &set->contender[0], c, &shape))
			rc = -EBADMSG;
	}
	return rc;
}

// Whole calls for at least the slice.
static double time_row(const struct bench_row *row, uint64_t slice)
{
	const struct bench_contender *c = row->contender;
	uint64_t began, ticks;
	unsigned turn = 0;

	c->lay(c->state, &row->shape);
	c->run(c->state, turn); // brings code and data into the caches
	began = base_clock_tsc();
	do {
		c->run(c->state, turn++);
		ticks = base_clock_tsc() - began;
	} while (ticks < slice);
	return (double)ticks / turn / row->shape.fill;
}

// All keys again and again; the median turn.
static double time_set_key(const struct bench_contender *c)
{
	double ticks[KEY_TURNS];

	for (unsigned turn = 0; turn < KEY_TURNS; turn++) {
		uint64_t began = base_clock_tsc();

		for (unsigned slot = 0; slot < BENCH_LOAD_PKTS; slot++)
			c->set_key(c->state, slot);
		ticks[turn] = (double)(base_clock_tsc() - began) / BENCH_LOAD_PKTS;
	}
	return bench_median(ticks, KEY_TURNS);
}

// On a terminal a line that is written anew; in a file one at the beginning.
static void say_round(const struct bench_set *set, unsigned round)
{
	bool terminal = isatty(STDERR_FILENO), last = round + 1 == set->rounds;

	if (terminal || round == 0)
		fprintf(stderr, "%s%s: round %u/%u, %u rows%s", terminal ? "\r" : "", dp_algorithm[set->algorithm].name,
			round + 1, set->rounds, set->rows, terminal && !last ? " " : "\n");
}

void bench_set_measure(struct bench_set *set, const struct bench_kernel_options *options,
		       const struct base_clock *clock)
{
	uint64_t slice = base_clock_ticks(clock, options->slice_us);

	for (unsigned i = 0; i < set->contenders; i++)
		set->set_key_ticks[i] = time_set_key(&set->contender[i]);
	for (unsigned r = 0; r < set->rounds; r++) {
		say_round(set, r);
		set->cycles_per_tick[r] = bench_core_cycles_per_tick();
		for (unsigned i = 0; i < set->rows; i++)
			set->row[i].ticks[r] = time_row(&set->row[i], slice);
	}
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *sample, unsigned n, double at)
{
	double sorted[BENCH_KERNEL_ROUNDS_MAX];

	memcpy(sorted, sample, n * sizeof(*sample));
	qsort(sorted, n, sizeof(*sorted), order);
	return sorted[(unsigned)(at * (n - 1) + 0.5)];
}

double bench_median(const double *sample, unsigned n)
{
	return quantile(sample, n, 0.5);
}

double bench_tenth(const double *sample, unsigned n, bool highest)
{
	return quantile(sample, n, highest ? 0.9 : 0.1);
}

double bench_row_ratio(const struct bench_set *set, const struct bench_row *a, const struct bench_row *b)
{
	double ratio[BENCH_KERNEL_ROUNDS_MAX];

	for (unsigned r = 0; r < set->rounds; r++)
		ratio[r] = b->ticks[r] / a->ticks[r];
	return bench_median(ratio, set->rounds);
}

const struct bench_row *bench_set_best_outside(const struct bench_set *set, const struct bench_row *row)
{
	const struct bench_row *best = NULL;

	for (unsigned i = 0; i < set->rows; i++) {
		const struct bench_row *other = &set->row[i];
		bool fits = row ? other->shape.keys == row->shape.keys && other->shape.odd == row->shape.odd
				: other->shape.keys == 1 && !other->shape.odd;

		if (other->contender->outside && fits &&
		    (!best || bench_median(other->ticks, set->rounds) < bench_median(best->ticks, set->rounds)))
			best = other;
	}
	return best;
}
