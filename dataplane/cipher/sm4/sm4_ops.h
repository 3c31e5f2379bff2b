// SPDX-License-Identifier: GPL-3.0-or-later
// The table of operations of an SM4 kernel of ours, written once. The including file has struct scratch, sm4_set_key,
// sm4_scramble and sm4_descramble.
//
// Threads: one scratch per worker. Owns: scratch.
#pragma once

#include <base_secret.h>

#include "cipher/cipher.h"
#include "cipher/sm4/sm4_key.h"

static int sm4_init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void sm4_fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct scratch));
}

#define SM4_OPS(author, isa_name, cpu, lane_count)                                                                   \
	{                                                                                                            \
		.algorithm = DP_SM4_CBC, .name = (author), .isa = (isa_name), .needs = (cpu), .lanes = (lane_count), \
		.key_bytes = sizeof(struct dp_sm4_key), .scratch_bytes = sizeof(struct scratch), .init = sm4_init,   \
		.fini = sm4_fini, .set_key = sm4_set_key, .scramble = sm4_scramble, .descramble = sm4_descramble,    \
	}
