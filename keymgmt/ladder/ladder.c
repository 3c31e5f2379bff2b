// SPDX-License-Identifier: GPL-3.0-or-later
#include "ladder/ladder.h"

#include <errno.h>
#include <string.h>

#include <base_secret.h>

#include "ladder/cipher.h"

// `n` bytes through a cipher that lives for this call. A stack of its own depth is burnt when it is done.
static int run_once(enum km_suite suite, enum km_direction direction, uint8_t *out, const uint8_t *key,
		    const uint8_t *in, size_t n)
{
	struct km_cipher cipher;
	int rc = km_cipher_open(&cipher, suite, key, direction);

	if (!rc)
		rc = km_cipher_run(&cipher, out, in, n);
	km_cipher_close(&cipher);
	base_secret_scrub_stack();
	return rc;
}

int km_ladder_open(enum km_suite suite, uint8_t *out, const uint8_t *key, const uint8_t *in)
{
	if (!km_suite_key_ok(suite, key))
		return -EINVAL;
	return run_once(suite, KM_OPEN, out, key, in, KM_KEY_BYTES);
}

int km_ladder_seal(enum km_suite suite, uint8_t *out, const uint8_t *key, const uint8_t *in)
{
	if (!km_suite_key_ok(suite, key))
		return -EINVAL;
	return run_once(suite, KM_SEAL, out, key, in, KM_KEY_BYTES);
}

int km_ladder_service_key(enum km_suite suite, uint8_t *k1, const uint8_t *k3, const uint8_t *ek2, const uint8_t *ek1)
{
	uint8_t k2[KM_KEY_BYTES];
	int rc = km_ladder_open(suite, k2, k3, ek2);

	if (!rc)
		rc = km_ladder_open(suite, k1, k2, ek1);
	base_secret_scrub(k2, sizeof(k2));
	return rc;
}

static int check_cw(enum km_suite suite, const uint8_t *k1, size_t cw_bytes)
{
	return km_suite_key_ok(suite, k1) && (cw_bytes == 8 || cw_bytes == 16) ? 0 : -EINVAL;
}

int km_ladder_seal_cw(enum km_suite suite, uint8_t *ecw, const uint8_t *k1, const uint8_t *cw, size_t cw_bytes)
{
	uint8_t padded[KM_KEY_BYTES] = {0};
	int rc = check_cw(suite, k1, cw_bytes);

	if (rc)
		return rc;
	unsigned n = km_suite_ecw_bytes(suite, (unsigned)cw_bytes);

	memcpy(padded, cw, cw_bytes);
	rc = run_once(suite, KM_SEAL, ecw, k1, padded, n);
	base_secret_scrub(padded, sizeof(padded));
	return rc ? rc : (int)n;
}

int km_ladder_open_cw(enum km_suite suite, uint8_t *cw, size_t cw_bytes, const uint8_t *k1, const uint8_t *ecw)
{
	uint8_t padded[KM_KEY_BYTES];
	int rc = check_cw(suite, k1, cw_bytes);

	if (rc)
		return rc;
	rc = run_once(suite, KM_OPEN, padded, k1, ecw, km_suite_ecw_bytes(suite, (unsigned)cw_bytes));
	if (!rc)
		memcpy(cw, padded, cw_bytes);
	base_secret_scrub(padded, sizeof(padded));
	return rc;
}

int km_ladder_challenge(enum km_suite suite, uint8_t *da_nonce, const uint8_t *k2, const uint8_t *nonce)
{
	uint8_t a[KM_KEY_BYTES];
	int rc = km_ladder_open(suite, a, k2, k2);

	// A is a value and no key that somebody loads: the chip takes it as it comes.
	if (!rc)
		rc = run_once(suite, KM_OPEN, da_nonce, a, nonce, KM_KEY_BYTES);
	base_secret_scrub(a, sizeof(a));
	return rc;
}
