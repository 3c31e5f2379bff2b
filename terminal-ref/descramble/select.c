// SPDX-License-Identifier: GPL-3.0-or-later
// Which descrambler an algorithm, a name or a scrambling_mode means.
#include <stb_descramble.h>

#include <errno.h>
#include <string.h>

#include <ts_desc.h>

const struct stb_cipher *stb_cipher_select(enum stb_algorithm algorithm)
{
	switch (algorithm) {
	case STB_CSA1:
		return &stb_cipher_csa1;
	case STB_CSA2:
		return &stb_cipher_csa2;
	case STB_CISSA:
		return &stb_cipher_cissa;
	default:
		return NULL;
	}
}

enum stb_algorithm stb_algorithm_of_mode(uint8_t scrambling_mode)
{
	switch (scrambling_mode) {
	case TS_SCRAMBLING_CSA1:
		return STB_CSA1;
	case TS_SCRAMBLING_CSA2:
		return STB_CSA2;
	case TS_SCRAMBLING_CISSA1:
		return STB_CISSA;
	default:
		return STB_ALGORITHM_AUTO;
	}
}

int stb_algorithm_of_name(const char *name)
{
	if (strcmp(name, "auto") == 0)
		return STB_ALGORITHM_AUTO;
	for (int a = STB_CSA1; a < STB_ALGORITHMS; a++)
		if (strcmp(name, stb_cipher_select((enum stb_algorithm)a)->name) == 0)
			return a;
	return -EINVAL;
}
