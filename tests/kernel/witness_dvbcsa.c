// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA as libdvbcsa has it: its function for one packet, and its bit-sliced one where many packets share a key.
// Both are of the same library but share no code.
#include <dvbcsa/dvbcsa.h>
#include <stdlib.h>
#include <string.h>

#include <base_check.h>

#include "witness.h"

enum { SINGLE_MAX = 12, BATCH_MAX = 256, BYTES_MAX = 184, LEAST_BYTES = 8 };

struct state {
	bool sums; // CSA1: bytes 3 and 7 of the CW are sums
	struct dvbcsa_key_s *single;
	struct dvbcsa_bs_key_s *sliced;
	uint8_t cw[8];
	struct dvbcsa_bs_batch_s batch[BATCH_MAX + 1];
};

static void *open_state(enum dp_algorithm algorithm)
{
	const char *name = dp_algorithm[algorithm].name;
	struct state *s;

	if (strcmp(name, "csa1") != 0 && strcmp(name, "csa2") != 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	CHECK(s);
	s->sums = strcmp(name, "csa1") == 0;
	s->single = dvbcsa_key_alloc();
	s->sliced = dvbcsa_bs_key_alloc();
	CHECK(s->single && s->sliced && dvbcsa_bs_batch_size() <= BATCH_MAX);
	return s;
}

static void close_state(void *state)
{
	struct state *s = state;

	dvbcsa_key_free(s->single);
	dvbcsa_bs_key_free(s->sliced);
	free(s);
}

static void set_key(void *state, const uint8_t *cw)
{
	struct state *s = state;

	memcpy(s->cw, cw, sizeof(s->cw));
	if (s->sums) {
		s->cw[3] = (uint8_t)(cw[0] + cw[1] + cw[2]);
		s->cw[7] = (uint8_t)(cw[4] + cw[5] + cw[6]);
	}
	dvbcsa_key_set(s->cw, s->single);
}

static void scramble_sliced(struct state *s, const struct witness_packet *packets, unsigned count)
{
	unsigned gathered = 0;

	for (unsigned i = 0; i < count; i++)
		if (packets[i].n >= LEAST_BYTES)
			s->batch[gathered++] =
				(struct dvbcsa_bs_batch_s){.data = packets[i].bytes, .len = packets[i].n};
	s->batch[gathered].data = NULL;
	if (gathered)
		dvbcsa_bs_encrypt(s->sliced, s->batch, BYTES_MAX);
}

static void scramble(void *state, const struct witness_packet *packets, unsigned count)
{
	const unsigned most = dvbcsa_bs_batch_size();
	struct state *s = state;

	if (count > SINGLE_MAX)
		dvbcsa_bs_key_set(s->cw, s->sliced);
	while (count > SINGLE_MAX) {
		unsigned some = count < most ? count : most;

		scramble_sliced(s, packets, some);
		packets += some;
		count -= some;
	}
	for (unsigned i = 0; i < count; i++)
		if (packets[i].n >= LEAST_BYTES)
			dvbcsa_encrypt(s->single, packets[i].bytes, packets[i].n);
}

const struct witness_kind witness_dvbcsa = {
	.name = "libdvbcsa",
	.outside = true,
	.open = open_state,
	.set_key = set_key,
	.scramble = scramble,
	.close = close_state,
};
