// SPDX-License-Identifier: GPL-3.0-or-later
#include "cipher/cipher.h"

#include <base_check.h>
#include <base_secret.h>

// Without a branch per lane, so that the compiler can take many at once.
static void check(const struct dp_lane *lanes, unsigned n)
{
	bool bad = n == 0 || n > DP_CIPHER_LANES_MAX;

	CHECK(!bad);
	for (unsigned i = 0; i < n; i++)
		bad |= (lanes[i].n > DP_CIPHER_BYTES_MAX) | !lanes[i].key;
	CHECK(!bad);
}

void dp_cipher_set_key(const struct dp_cipher_ops *ops, void *scratch, void *key, const uint8_t *cw)
{
	ops->set_key(scratch, key, cw);
	base_secret_scrub_stack();
}

void dp_cipher_scramble(const struct dp_cipher_ops *ops, void *scratch, struct dp_lane *lanes, unsigned n)
{
	check(lanes, n);
	ops->scramble(scratch, lanes, n);
	base_secret_scrub_stack();
}

void dp_cipher_descramble(const struct dp_cipher_ops *ops, void *scratch, struct dp_lane *lanes, unsigned n)
{
	check(lanes, n);
	ops->descramble(scratch, lanes, n);
	base_secret_scrub_stack();
}
