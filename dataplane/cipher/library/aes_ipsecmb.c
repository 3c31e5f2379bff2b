// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CISSA version 1 through Intel's ipsec-mb: AES-128-CBC per packet from a fixed IV, the residue of 0 to 15 bytes
// left as it is. The synchronous burst API takes a key per job at no extra cost and stores straight into the slots.
//
// Refs: ETSI TS 103 127 V1.1.1.
#include "cipher/cipher.h"

#include <errno.h>
#include <string.h>

#include <intel-ipsec-mb.h>

#include <base_secret.h>

enum { BLOCK_BYTES = 16, ROUND_KEYS = 11 };

static const uint8_t cissa_iv[BLOCK_BYTES] = {'D', 'V', 'B', 'T', 'M', 'C', 'P', 'T',
					      'A', 'E', 'S', 'C', 'I', 'S', 'S', 'A'};

struct key {
	uint8_t encrypt[ROUND_KEYS][16] __attribute__((aligned(16)));
	uint8_t decrypt[ROUND_KEYS][16] __attribute__((aligned(16)));
};

struct scratch {
	IMB_JOB jobs[DP_CIPHER_LANES_MAX];
	uint16_t lane_of_job[DP_CIPHER_LANES_MAX];
	IMB_MGR *manager; // stands in the bytes below, inside the key arena
	uint8_t manager_bytes[] __attribute__((aligned(64)));
};

// Upper bound of the manager's size for any build of the library; checked against the library at init.
enum { MANAGER_MAX_BYTES = 512 * 1024 };

static void cissa_fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct scratch) + MANAGER_MAX_BYTES);
}

static int cissa_init(void *scratch)
{
	struct scratch *s = scratch;
	IMB_ARCH arch;

	if (imb_get_mb_mgr_size() > MANAGER_MAX_BYTES)
		return -ENOMEM;
	s->manager = imb_set_pointers_mb_mgr(s->manager_bytes, 0, 1);
	if (!s->manager)
		return -ENOTSUP;
	init_mb_mgr_auto(s->manager, &arch);
	if (imb_get_errno(s->manager))
		return -ENOTSUP;
	for (unsigned i = 0; i < DP_CIPHER_LANES_MAX; i++) {
		IMB_JOB *job = &s->jobs[i];

		job->key_len_in_bytes = IMB_KEY_128_BYTES;
		job->cipher_mode = IMB_CIPHER_CBC;
		job->hash_alg = IMB_AUTH_NULL;
		job->iv = cissa_iv;
		job->iv_len_in_bytes = sizeof(cissa_iv);
	}
	return 0;
}

static void cissa_set_key(void *scratch, void *key, const uint8_t *cw)
{
	struct scratch *s = scratch;
	struct key *k = key;

	IMB_AES_KEYEXP_128(s->manager, cw, k->encrypt, k->decrypt);
}

static void cissa_run(struct scratch *s, struct dp_lane *lanes, unsigned n, IMB_CIPHER_DIRECTION direction)
{
	unsigned jobs = 0;

	for (unsigned i = 0; i < n; i++) {
		struct dp_lane *lane = &lanes[i];
		const struct key *key = lane->key;
		unsigned covered = lane->n & ~(BLOCK_BYTES - 1u);

		if (covered == 0) {
			memmove(lane->dst, lane->src, lane->n);
			lane->done = true;
			continue;
		}
		IMB_JOB *job = &s->jobs[jobs];

		job->enc_keys = key->encrypt;
		job->dec_keys = key->decrypt;
		job->src = lane->src;
		job->dst = lane->dst;
		job->msg_len_to_cipher_in_bytes = covered;
		job->cipher_direction = direction;
		job->status = IMB_STATUS_BEING_PROCESSED;
		s->lane_of_job[jobs++] = (uint16_t)i;
	}
	if (jobs == 0)
		return;
	IMB_SUBMIT_CIPHER_BURST_NOCHECK(s->manager, s->jobs, jobs, IMB_CIPHER_CBC, direction, IMB_KEY_128_BYTES);
	for (unsigned k = 0; k < jobs; k++) {
		struct dp_lane *lane = &lanes[s->lane_of_job[k]];
		unsigned covered = lane->n & ~(BLOCK_BYTES - 1u);

		if (s->jobs[k].status != IMB_STATUS_COMPLETED)
			continue;
		memmove(lane->dst + covered, lane->src + covered, lane->n - covered);
		lane->done = true;
	}
}

static void cissa_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	cissa_run(scratch, lanes, n, IMB_DIR_ENCRYPT);
}

static void cissa_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	cissa_run(scratch, lanes, n, IMB_DIR_DECRYPT);
}

const struct dp_cipher_ops dp_aes_ipsecmb[1] = {{
	.algorithm = DP_CISSA,
	.name = "ipsec-mb",
	.isa = "library",
	.lanes = DP_CIPHER_LANES_MAX,
	.key_bytes = sizeof(struct key),
	.scratch_bytes = sizeof(struct scratch) + MANAGER_MAX_BYTES,
	.init = cissa_init,
	.fini = cissa_fini,
	.set_key = cissa_set_key,
	.scramble = cissa_scramble,
	.descramble = cissa_descramble,
}};
