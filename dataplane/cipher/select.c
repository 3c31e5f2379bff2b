// SPDX-License-Identifier: GPL-3.0-or-later
#include "cipher/cipher.h"

#include <base_check.h>
#include <ts_desc.h>

const char *const dp_algorithm_name[DP_ALGORITHMS] = {
	[DP_CSA1] = "csa1",
	[DP_CSA2] = "csa2",
	[DP_CISSA] = "cissa",
};

uint8_t dp_algorithm_scrambling_mode(enum dp_algorithm algorithm)
{
	static const uint8_t mode[DP_ALGORITHMS] = {
		[DP_CSA1] = TS_SCRAMBLING_CSA1,
		[DP_CSA2] = TS_SCRAMBLING_CSA2,
		[DP_CISSA] = TS_SCRAMBLING_CISSA1,
	};

	CHECK(algorithm < DP_ALGORITHMS);
	return mode[algorithm];
}

const struct dp_cipher_ops *dp_cipher_select(enum dp_algorithm algorithm)
{
	static const struct dp_cipher_ops *const ops[DP_ALGORITHMS] = {
		[DP_CSA1] = &dp_cipher_libdvbcsa_csa1,
		[DP_CSA2] = &dp_cipher_libdvbcsa_csa2,
		[DP_CISSA] = &dp_cipher_ipsecmb_cissa,
	};

	CHECK(algorithm < DP_ALGORITHMS);
	return ops[algorithm];
}
