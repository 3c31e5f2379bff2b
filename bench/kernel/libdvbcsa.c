// SPDX-License-Identifier: GPL-3.0-or-later
// libdvbcsa by its own interface: in place, a bit-sliced batch for the packets of one key, or one packet at a time
// where they are few.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <dvbcsa/dvbcsa.h>

#include "kernel/contender.h"

enum {
	SLICED_KEYS = 64, // with more keys than this a batch has so few packets of each that single packets win
	SINGLE_MAX = 12,  // packets of one key up to which single packets win (10 us each against 166 us a batch)
	BATCH_MAX = 256,
};

struct csa {
	const struct bench_load *load;
	bool sums; // CSA1
	struct bench_shape shape;
	struct dvbcsa_key_s *single[BENCH_LOAD_PKTS];
	struct dvbcsa_bs_key_s *sliced[SLICED_KEYS];
	struct dvbcsa_bs_batch_s batch[BATCH_MAX + 1];
	uint8_t bytes[BENCH_LOAD_PKTS][BENCH_LOAD_STRIDE];
};

static void word(const struct csa *s, unsigned slot, uint8_t *cw)
{
	memcpy(cw, s->load->cw[slot], 8);
	if (!s->sums)
		return;
	cw[3] = (uint8_t)(cw[0] + cw[1] + cw[2]);
	cw[7] = (uint8_t)(cw[4] + cw[5] + cw[6]);
}

static void lay(void *state, const struct bench_shape *shape)
{
	struct csa *s = state;

	s->shape = *shape;
	memcpy(s->bytes, s->load->bytes, sizeof(s->bytes));
}

static void run_singles(struct csa *s, unsigned first, unsigned end, unsigned slot)
{
	for (unsigned i = first; i < end; i += s->shape.keys) {
		unsigned n = bench_load_bytes(s->load, &s->shape, i);

		if (n >= 8)
			dvbcsa_encrypt(s->single[slot], s->bytes[i], n);
	}
}

static void run_sliced(struct csa *s, unsigned first, unsigned end, unsigned slot)
{
	unsigned lanes = dvbcsa_bs_batch_size(), n = 0;

	for (unsigned i = first; i < end; i += s->shape.keys) {
		s->batch[n].data = s->bytes[i];
		s->batch[n++].len = bench_load_bytes(s->load, &s->shape, i);
		if (n == lanes || i + s->shape.keys >= end) {
			s->batch[n].data = NULL;
			dvbcsa_bs_encrypt(s->sliced[slot], s->batch, DP_CIPHER_BYTES_MAX);
			n = 0;
		}
	}
}

static void run(void *state, unsigned turn)
{
	struct csa *s = state;
	unsigned first = bench_load_first(&s->shape, turn), end = first + s->shape.fill;
	unsigned keys = s->shape.keys < s->shape.fill ? s->shape.keys : s->shape.fill;

	for (unsigned k = 0; k < keys; k++) {
		unsigned slot = (first + k) % s->shape.keys;

		if (slot < SLICED_KEYS && s->shape.fill / keys > SINGLE_MAX)
			run_sliced(s, first + k, end, slot);
		else
			run_singles(s, first + k, end, slot);
	}
}

static void set_key(void *state, unsigned slot)
{
	struct csa *s = state;
	uint8_t cw[8];

	word(s, slot, cw);
	dvbcsa_bs_key_set(cw, s->sliced[slot % SLICED_KEYS]);
}

static const uint8_t *out(void *state, unsigned i)
{
	const struct csa *s = state;

	return s->bytes[i];
}

static void shut(void *state)
{
	struct csa *s = state;

	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++)
		if (s->single[i])
			dvbcsa_key_free(s->single[i]);
	for (unsigned i = 0; i < SLICED_KEYS; i++)
		if (s->sliced[i])
			dvbcsa_bs_key_free(s->sliced[i]);
	free(s);
}

static int make_keys(struct csa *s)
{
	uint8_t cw[8];

	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++) {
		s->single[i] = dvbcsa_key_alloc();
		if (!s->single[i])
			return -ENOMEM;
		word(s, i, cw);
		dvbcsa_key_set(cw, s->single[i]);
	}
	for (unsigned i = 0; i < SLICED_KEYS; i++) {
		s->sliced[i] = dvbcsa_bs_key_alloc();
		if (!s->sliced[i])
			return -ENOMEM;
		set_key(s, i);
	}
	return 0;
}

int bench_libdvbcsa_open(struct bench_contender *c, enum dp_algorithm algorithm, const struct bench_load *load)
{
	if (algorithm != DP_CSA1 && algorithm != DP_CSA2)
		return -ENOTSUP;
	struct csa *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->load = load;
	s->sums = algorithm == DP_CSA1;
	int rc = dvbcsa_bs_batch_size() <= BATCH_MAX ? make_keys(s) : -ENOTSUP;

	if (rc) {
		shut(s);
		return rc;
	}
	*c = BENCH_LIBRARY("libdvbcsa", s);
	return 0;
}
