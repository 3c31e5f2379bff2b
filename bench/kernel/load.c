// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel/load.h"

// xorshift64*.
static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545F4914F6CDD1D);
}

static void fill(uint8_t *bytes, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(next(state) >> 32);
}

void bench_load_make(struct bench_load *load)
{
	uint64_t state = 0x42756C6B68656164;

	fill(&load->cw[0][0], sizeof(load->cw), &state);
	fill(&load->bytes[0][0], sizeof(load->bytes), &state);
	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++) {
		uint64_t word = next(&state) >> 32;

		load->odd[i] = word % 10 ? DP_CIPHER_BYTES_MAX : (uint8_t)(1 + word / 10 % (DP_CIPHER_BYTES_MAX - 1));
	}
}
