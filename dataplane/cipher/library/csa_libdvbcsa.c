// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA through libdvbcsa, which works in place and wants one key per batch.
//
// Lanes are gathered by key; each gathering is encrypted in scratch memory and then copied to its slots, so that a
// slot never holds a payload that is not scrambled yet. The library keeps its key schedules in memory of its own:
// those pages are kept out of core dumps and wiped after every call, and the record that lives
// on is only the CW.
#include "cipher/cipher.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include <dvbcsa/dvbcsa.h>

#include <base_check.h>
#include <base_secret.h>
#include <ts_packet.h>

#include "arena/arena.h"

enum {
	CW_BYTES = 8,
	BLOCK_BYTES = 8,
	BATCH_MAX = 256, // any build of the library: 64, 128 or 256 lanes
	STRIDE_BYTES = 192,
	// Up to this many packets of one key, one packet at a time is cheaper than a bit-sliced batch, whose cost does
	// not depend on its fill (measured: 10 us a packet against 166 us a batch of 128).
	SINGLE_MAX = 12,
};

struct scratch {
	uint8_t buffer[BATCH_MAX][STRIDE_BYTES];
	struct dvbcsa_bs_batch_s batch[BATCH_MAX + 1]; // ended by a NULL data
	uint16_t member[BATCH_MAX];                    // lane numbers
	bool taken[DP_CIPHER_LANES_MAX];
	struct dvbcsa_key_s *single;
	struct dvbcsa_bs_key_s *sliced;
	unsigned lanes;
};

static void wipe(void *object)
{
	if (object)
		base_secret_scrub(object, malloc_usable_size(object));
}

static void csa_fini(void *scratch)
{
	struct scratch *s = scratch;

	wipe(s->single);
	wipe(s->sliced);
	if (s->single)
		dvbcsa_key_free(s->single);
	if (s->sliced)
		dvbcsa_bs_key_free(s->sliced);
	base_secret_scrub(s, sizeof(*s));
}

static int csa_init(void *scratch)
{
	struct scratch *s = scratch;
	int rc = -ENOMEM;

	s->single = dvbcsa_key_alloc();
	s->sliced = dvbcsa_bs_key_alloc();
	s->lanes = dvbcsa_bs_batch_size();
	CHECK(s->lanes <= BATCH_MAX);
	if (!s->single || !s->sliced)
		goto fail;
	rc = dp_arena_shield(s->single, malloc_usable_size(s->single));
	if (!rc)
		rc = dp_arena_shield(s->sliced, malloc_usable_size(s->sliced));
	if (rc)
		goto fail;
	return 0;
fail:
	csa_fini(s);
	return rc;
}

static void csa2_set_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	memcpy(key, cw, CW_BYTES);
}

// CSA1 has 48 bits of entropy: bytes 3 and 7 are sums of the three before them.
static void csa1_set_key(void *scratch, void *key, const uint8_t *cw)
{
	uint8_t *k = key;

	csa2_set_key(scratch, key, cw);
	k[3] = (uint8_t)(k[0] + k[1] + k[2]);
	k[7] = (uint8_t)(k[4] + k[5] + k[6]);
}

// Collects up to a batch of lanes that share the key of lane `first`.
static unsigned gather(struct scratch *s, const struct dp_lane *lanes, unsigned first, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = first; i < n && count < s->lanes; i++) {
		if (s->taken[i] || lanes[i].key != lanes[first].key)
			continue;
		s->taken[i] = true;
		s->member[count] = (uint16_t)i;
		memcpy(s->buffer[count], lanes[i].src, lanes[i].n);
		s->batch[count].data = s->buffer[count];
		s->batch[count].len = lanes[i].n;
		count++;
	}
	s->batch[count].data = NULL;
	return count;
}

static void run(struct scratch *s, const uint8_t *cw, unsigned count, bool encrypt)
{
	if (count <= SINGLE_MAX) {
		dvbcsa_key_set(cw, s->single);
		for (unsigned i = 0; i < count; i++)
			(encrypt ? dvbcsa_encrypt : dvbcsa_decrypt)(s->single, s->buffer[i], s->batch[i].len);
	} else {
		dvbcsa_bs_key_set(cw, s->sliced);
		(encrypt ? dvbcsa_bs_encrypt : dvbcsa_bs_decrypt)(s->sliced, s->batch, TS_PAYLOAD_MAX_BYTES);
	}
}

static void csa_run(struct scratch *s, struct dp_lane *lanes, unsigned n, bool encrypt)
{
	for (unsigned i = 0; i < n; i++) {
		s->taken[i] = lanes[i].n < BLOCK_BYTES;
		if (s->taken[i]) {
			memmove(lanes[i].dst, lanes[i].src, lanes[i].n);
			lanes[i].done = true;
		}
	}
	for (unsigned i = 0; i < n; i++) {
		if (s->taken[i])
			continue;
		unsigned count = gather(s, lanes, i, n);

		run(s, lanes[i].key, count, encrypt);
		for (unsigned k = 0; k < count; k++) {
			struct dp_lane *lane = &lanes[s->member[k]];

			memcpy(lane->dst, s->buffer[k], lane->n);
			lane->done = true;
		}
	}
	wipe(s->single);
	wipe(s->sliced);
}

static void csa_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	csa_run(scratch, lanes, n, true);
}

static void csa_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	csa_run(scratch, lanes, n, false);
}

#define CSA_OPS(which, set)                                                                                         \
	{                                                                                                           \
		.algorithm = (which), .name = "libdvbcsa", .isa = "library", .lanes = DP_CIPHER_LANES_MAX,          \
		.key_bytes = CW_BYTES, .scratch_bytes = sizeof(struct scratch), .init = csa_init, .fini = csa_fini, \
		.set_key = (set), .scramble = csa_scramble, .descramble = csa_descramble,                           \
	}

const struct dp_cipher_ops dp_csa_libdvbcsa[2] = {CSA_OPS(DP_CSA1, csa1_set_key), CSA_OPS(DP_CSA2, csa2_set_key)};
