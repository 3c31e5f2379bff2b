// SPDX-License-Identifier: GPL-3.0-or-later
#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <base_check.h>

#include "trap.h"

struct trial *trial_new(enum dp_algorithm algorithm, bool brief)
{
	struct trial *trial = calloc(1, sizeof(*trial));

	CHECK(trial);
	trial->algorithm = algorithm;
	trial->brief = brief;
	if (!witness_open(&trial->witness, algorithm)) {
		free(trial);
		return NULL;
	}
	ground_open(&trial->src, DP_CIPHER_LANES_MAX, false);
	ground_open(&trial->dst, DP_CIPHER_LANES_MAX, false);
	ground_open(&trial->guarded_src, DP_CIPHER_LANES_MAX, true);
	ground_open(&trial->guarded_dst, DP_CIPHER_LANES_MAX, true);
	trap_open();
	return trial;
}

int trial_add(struct trial *trial, const struct dp_cipher_ops *ops)
{
	int rc = kernel_open(&trial->kernel[trial->count], ops, PACKETS_MAX);

	if (!rc)
		trial->count++;
	return rc;
}

void trial_fail(struct trial *trial, struct kernel *kernel, const char *format, ...)
{
	const struct dp_cipher_ops *ops = kernel->ops;
	va_list args;

	kernel->failures++;
	printf("FAILED %s %s %s, test %s: ", dp_algorithm[ops->algorithm].name, ops->name, ops->isa, trial->test);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

unsigned trial_free(struct trial *trial)
{
	unsigned failures = 0;

	trial->test = "close";
	for (unsigned i = 0; i < trial->count; i++) {
		struct kernel *kernel = &trial->kernel[i];

		if (!kernel_close(kernel))
			trial_fail(trial, kernel, "wrote behind its scratch or a key record");
		failures += kernel->failures;
	}
	ground_close(&trial->src);
	ground_close(&trial->dst);
	ground_close(&trial->guarded_src);
	ground_close(&trial->guarded_dst);
	witness_close(&trial->witness);
	free(trial);
	return failures;
}

void trial_run(struct trial *trial, const char *test, void (*run)(struct trial *trial), uint64_t seed)
{
	trial->test = test;
	for (const char *p = test; *p; p++)
		seed = seed * 31 + (unsigned char)*p;
	trial->rng = rng_of(seed);
	run(trial);
}

void trial_draw(struct trial *trial, unsigned count, unsigned keys, unsigned length)
{
	packets_draw(&trial->packets, &trial->rng, &trial->witness, trial->algorithm, count, keys, length);
	for (unsigned i = 0; i < trial->count; i++)
		packets_set_keys(&trial->packets, &trial->kernel[i]);
}

void trial_each(struct trial *trial, trial_lay_fn *lay)
{
	const struct rng start = trial->rng;

	for (unsigned i = 0; i < trial->count; i++) {
		for (unsigned d = 0; d < DIRECTIONS; d++) {
			struct rng rng = start;

			batch_begin(&trial->batch, trial->test, &trial->kernel[i], &trial->packets, (enum direction)d);
			lay(trial, &rng);
		}
	}
	rng_word(&trial->rng);
}

void trial_lay(struct trial *trial, struct rng *rng, unsigned p)
{
	unsigned i = trial->batch.laid;
	struct place src = ground_place(&trial->src, i, rng_below(rng, ALIGNMENTS));
	struct place dst = ground_place(&trial->dst, i, rng_below(rng, ALIGNMENTS));

	batch_lay(&trial->batch, p, &src, &dst);
}
