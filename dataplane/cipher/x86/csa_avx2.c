// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA with AVX2: 256 lanes, each with its own key.
#include <stdint.h>

typedef uint64_t csa_word __attribute__((vector_size(32)));

#include "cipher/cpu.h"
#include "cipher/x86/csa_block_avx2.h"
#include "cipher/x86/csa_packets_avx2.h"

#include "cipher/x86/csa_batch.h"

const struct dp_cipher_ops dp_csa_avx2[2] = {
	CSA_BATCH_OPS(DP_CSA1, "avx2", DP_CPU_AVX2, dp_csa1_set_key),
	CSA_BATCH_OPS(DP_CSA2, "avx2", DP_CPU_AVX2, dp_csa2_set_key),
};
