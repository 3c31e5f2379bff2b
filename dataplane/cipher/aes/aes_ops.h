// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of operations of an AES kernel of ours, one for each of the four modes, written once. The including file
// has init, fini, set_key and, of each mode, cissa_scramble, cissa_descramble, idsa_scramble, ...
#pragma once

#include "cipher/aes/aes_key.h"
#include "cipher/cipher.h"

#define AES_OPS(which, mode, author, isa_name, cpu, lane_count, scratch_size)                                        \
	{                                                                                                            \
		.algorithm = (which), .name = (author), .isa = (isa_name), .needs = (cpu), .lanes = (lane_count),    \
		.key_bytes = sizeof(struct dp_aes_key), .scratch_bytes = (scratch_size), .init = init, .fini = fini, \
		.set_key = set_key, .scramble = mode##_scramble, .descramble = mode##_descramble,                    \
	}

#define AES_MODES(...)                                                                                \
	{                                                                                             \
		AES_OPS(DP_CISSA, cissa, __VA_ARGS__), AES_OPS(DP_IDSA, idsa, __VA_ARGS__),           \
			AES_OPS(DP_AES_CBC, cbc, __VA_ARGS__), AES_OPS(DP_AES_ECB, ecb, __VA_ARGS__), \
	}
