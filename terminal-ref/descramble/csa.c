// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA by libdvbcsa's single-packet functions: not the bit-sliced ones that a head-end uses.
//
// Payloads under 8 bytes stay as they are; the residue of a longer one is covered by the stream cipher.
// Refs: ETSI TS 100 289; EN 300 468 (scrambling_mode 0x01, 0x02).
#include <stb_descramble.h>

#include <string.h>

#include <base_secret.h>
#include <dvbcsa/dvbcsa.h>

static void *csa_new(void)
{
	return dvbcsa_key_alloc();
}

// libdvbcsa frees its key without wiping; setting another CW overwrites the whole key schedule.
static void csa_free(void *key)
{
	static const dvbcsa_cw_t zero;

	if (!key)
		return;
	dvbcsa_key_set(zero, key);
	dvbcsa_key_free(key);
}

static void csa2_set(void *key, const uint8_t *cw)
{
	dvbcsa_key_set(cw, key);
	base_secret_scrub_stack();
}

// A CSA1 receiver has 48 bits of CW: bytes 3 and 7 are the sums of the three before them.
static void csa1_set(void *key, const uint8_t *cw)
{
	dvbcsa_cw_t sums;

	memcpy(sums, cw, sizeof(sums));
	sums[3] = (uint8_t)(cw[0] + cw[1] + cw[2]);
	sums[7] = (uint8_t)(cw[4] + cw[5] + cw[6]);
	dvbcsa_key_set(sums, key);
	base_secret_scrub_stack();
	base_secret_scrub(sums, sizeof(sums));
}

static void csa_open(void *key, uint8_t *payload, size_t n)
{
	if (n >= 8)
		dvbcsa_decrypt(key, payload, (unsigned)n);
}

const struct stb_cipher stb_cipher_csa1 = {"csa1", 8, 8, csa_new, csa1_set, csa_free, csa_open};
const struct stb_cipher stb_cipher_csa2 = {"csa2", 8, 8, csa_new, csa2_set, csa_free, csa_open};
