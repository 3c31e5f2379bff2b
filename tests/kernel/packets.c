// SPDX-License-Identifier: GPL-3.0-or-later
#include "packets.h"

#include <base_check.h>

// One in `odds` is all zeros and one all ones.
static void draw_bytes(struct rng *rng, uint8_t *out, size_t n, unsigned odds)
{
	unsigned which = rng_below(rng, odds);

	if (which < 2)
		memset(out, which ? 0xFF : 0, n);
	else
		rng_fill(rng, out, n);
}

static void shuffle(struct rng *rng, struct packets *packets)
{
	for (unsigned i = packets->count - 1; i > 0; i--) {
		unsigned j = rng_below(rng, i + 1);
		uint8_t n = packets->at[i].n;

		packets->at[i].n = packets->at[j].n;
		packets->at[j].n = n;
	}
}

static void draw_lengths(struct rng *rng, struct packets *packets, unsigned length)
{
	for (unsigned i = 0; i < packets->count; i++) {
		if (length != ANY_LENGTH)
			packets->at[i].n = (uint8_t)length;
		else if (i < LENGTHS)
			packets->at[i].n = (uint8_t)i;
		else
			packets->at[i].n = (uint8_t)rng_below(rng, LENGTHS);
	}
	shuffle(rng, packets);
}

void packets_draw(struct packets *packets, struct rng *rng, const struct witness *witness, enum dp_algorithm algorithm,
		  unsigned count, unsigned keys, unsigned length)
{
	CHECK(count > 0 && count <= PACKETS_MAX && keys > 0 && keys <= count);
	packets->algorithm = algorithm;
	packets->count = count;
	packets->keys = keys;
	draw_lengths(rng, packets, length);
	for (unsigned k = 0; k < keys; k++)
		draw_bytes(rng, packets->cw[k], DP_CW_MAX_BYTES, 32);
	for (unsigned i = 0; i < count; i++) {
		struct packet *p = &packets->at[i];

		p->key = (uint16_t)(keys == count ? i : rng_below(rng, keys));
		rng_fill(rng, p->in[SCRAMBLE], READ_BYTES_MAX);
		rng_fill(rng, p->in[DESCRAMBLE], READ_BYTES_MAX);
		draw_bytes(rng, p->in[SCRAMBLE], p->n, 16);
		memcpy(p->in[DESCRAMBLE], p->in[SCRAMBLE], p->n);
		witness_set_key(witness, packets->cw[p->key]);
		witness_scramble(witness, &(struct witness_packet){.bytes = p->in[DESCRAMBLE], .n = p->n}, 1);
	}
}

void packets_set_keys(const struct packets *packets, struct kernel *kernel)
{
	for (unsigned k = 0; k < packets->keys; k++)
		kernel_set_key(kernel, k, packets->cw[k]);
}
