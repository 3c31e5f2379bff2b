// SPDX-License-Identifier: GPL-3.0-or-later
#include "cipher/algorithm.h"

#include <ts_desc.h>

const struct dp_algorithm_facts dp_algorithm[DP_ALGORITHMS] = {
	[DP_CSA1] = {"csa1", TS_SCRAMBLING_CSA1, 8, 8, 1},
	[DP_CSA2] = {"csa2", TS_SCRAMBLING_CSA2, 8, 8, 1},
	[DP_CISSA] = {"cissa", TS_SCRAMBLING_CISSA1, 16, 16, 16},
	[DP_IDSA] = {"idsa", TS_SCRAMBLING_IDSA, 16, 1, 1},
	[DP_AES_CBC] = {"aes-cbc", TS_SCRAMBLING_AES_CBC, 16, 16, 16},
	[DP_AES_ECB] = {"aes-ecb", TS_SCRAMBLING_AES_ECB, 16, 16, 16},
	[DP_SM4_CBC] = {"sm4-cbc", TS_SCRAMBLING_SM4_CBC, 16, 16, 16},
};

enum dp_algorithm dp_algorithm_of_mode(uint8_t scrambling_mode)
{
	unsigned i = 0;

	while (i < DP_ALGORITHMS && dp_algorithm[i].scrambling_mode != scrambling_mode)
		i++;
	return (enum dp_algorithm)i;
}
