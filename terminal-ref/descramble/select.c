// SPDX-License-Identifier: GPL-3.0-or-later
// Which descrambler an algorithm, a name or a scrambling_mode means.
#include <stb_descramble.h>

#include <errno.h>
#include <string.h>

#include <ts_desc.h>

static const struct {
	const struct stb_cipher *cipher;
	uint8_t scrambling_mode;
} table[STB_ALGORITHMS] = {
	[STB_CSA1] = {&stb_cipher_csa1, TS_SCRAMBLING_CSA1},
	[STB_CSA2] = {&stb_cipher_csa2, TS_SCRAMBLING_CSA2},
	[STB_CISSA] = {&stb_cipher_cissa, TS_SCRAMBLING_CISSA1},
	[STB_IDSA] = {&stb_cipher_idsa, TS_SCRAMBLING_IDSA},
	[STB_AES_CBC] = {&stb_cipher_aes_cbc, TS_SCRAMBLING_AES_CBC},
	[STB_AES_ECB] = {&stb_cipher_aes_ecb, TS_SCRAMBLING_AES_ECB},
	[STB_SM4_CBC] = {&stb_cipher_sm4_cbc, TS_SCRAMBLING_SM4_CBC},
};

const struct stb_cipher *stb_cipher_select(enum stb_algorithm algorithm)
{
	return algorithm < STB_ALGORITHMS ? table[algorithm].cipher : NULL;
}

enum stb_algorithm stb_algorithm_of_mode(uint8_t scrambling_mode)
{
	for (int a = STB_CSA1; a < STB_ALGORITHMS; a++)
		if (table[a].scrambling_mode == scrambling_mode)
			return (enum stb_algorithm)a;
	return STB_ALGORITHM_AUTO;
}

int stb_algorithm_of_name(const char *name)
{
	if (strcmp(name, "auto") == 0)
		return STB_ALGORITHM_AUTO;
	for (int a = STB_CSA1; a < STB_ALGORITHMS; a++)
		if (strcmp(name, table[a].cipher->name) == 0)
			return a;
	return -EINVAL;
}
