// SPDX-License-Identifier: GPL-3.0-or-later
// ipsec-mb by its fastest interface: unchecked cipher bursts with a key per job, the jobs prepared in advance.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <intel-ipsec-mb.h>

#include "kernel/contender.h"

enum { ROUND_KEYS = 11, BLOCK_BYTES = 16 };

struct key {
	uint8_t encrypt[ROUND_KEYS][BLOCK_BYTES] __attribute__((aligned(16)));
	uint8_t decrypt[ROUND_KEYS][BLOCK_BYTES] __attribute__((aligned(16)));
};

struct mb {
	IMB_MGR *manager;
	IMB_CIPHER_MODE mode;
	uint8_t iv[BLOCK_BYTES];
	const struct bench_load *load;
	struct bench_shape shape;
	struct key key[BENCH_LOAD_PKTS];
	IMB_JOB job[BENCH_LOAD_PKTS];
	uint8_t dst[BENCH_LOAD_PKTS][BENCH_LOAD_STRIDE];
};

static void lay_job(struct mb *s, unsigned i)
{
	unsigned n = bench_load_bytes(s->load, &s->shape, i);
	const struct key *key = &s->key[i % s->shape.keys];

	s->job[i] = (IMB_JOB){.key_len_in_bytes = IMB_KEY_128_BYTES,
			      .cipher_mode = s->mode,
			      .cipher_direction = IMB_DIR_ENCRYPT,
			      .hash_alg = IMB_AUTH_NULL,
			      .iv = s->iv,
			      .iv_len_in_bytes = s->mode == IMB_CIPHER_CBC ? BLOCK_BYTES : 0,
			      .enc_keys = key->encrypt,
			      .dec_keys = key->decrypt,
			      .src = s->load->bytes[i],
			      .dst = s->dst[i],
			      .msg_len_to_cipher_in_bytes = n & ~(BLOCK_BYTES - 1u)};
	memcpy(s->dst[i], s->load->bytes[i], BENCH_LOAD_STRIDE);
}

static void lay(void *state, const struct bench_shape *shape)
{
	struct mb *s = state;

	s->shape = *shape;
	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++)
		lay_job(s, i);
}

// A job without a whole block is left out, as a caller would: those before and after it are bursts of their own.
static void run(void *state, unsigned turn)
{
	struct mb *s = state;
	unsigned first = bench_load_first(&s->shape, turn), end = first + s->shape.fill;

	for (unsigned i = first, from = first; i <= end; i++) {
		if (i < end && s->job[i].msg_len_to_cipher_in_bytes) {
			s->job[i].status = IMB_STATUS_BEING_PROCESSED;
			continue;
		}
		if (i > from)
			IMB_SUBMIT_CIPHER_BURST_NOCHECK(s->manager, &s->job[from], i - from, s->mode, IMB_DIR_ENCRYPT,
							IMB_KEY_128_BYTES);
		from = i + 1;
	}
}

static void set_key(void *state, unsigned slot)
{
	struct mb *s = state;

	IMB_AES_KEYEXP_128(s->manager, s->load->cw[slot], s->key[slot].encrypt, s->key[slot].decrypt);
}

static const uint8_t *out(void *state, unsigned i)
{
	const struct mb *s = state;

	return s->dst[i];
}

static void shut(void *state)
{
	struct mb *s = state;

	if (s->manager)
		free_mb_mgr(s->manager);
	free(s);
}

static bool knows(struct mb *s, enum dp_algorithm algorithm)
{
	s->mode = IMB_CIPHER_CBC;
	switch (algorithm) {
	case DP_CISSA:
		memcpy(s->iv, "DVBTMCPTAESCISSA", BLOCK_BYTES);
		return true;
	case DP_AES_CBC:
		return true;
	default:
		return false;
	}
}

int bench_ipsecmb_open(struct bench_contender *c, enum dp_algorithm algorithm, const struct bench_load *load)
{
	struct mb *s = aligned_alloc(64, (sizeof(*s) + 63) / 64 * 64);
	IMB_ARCH arch;

	if (!s)
		return -ENOMEM;
	memset(s, 0, sizeof(*s));
	s->load = load;
	if (!knows(s, algorithm)) {
		shut(s);
		return -ENOTSUP;
	}
	s->manager = alloc_mb_mgr(0);
	if (!s->manager) {
		shut(s);
		return -ENOMEM;
	}
	init_mb_mgr_auto(s->manager, &arch);
	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++)
		set_key(s, i);
	*c = BENCH_LIBRARY("ipsec-mb", s);
	return 0;
}
