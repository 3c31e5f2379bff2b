// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA with AVX-512 F and BW, without VBMI and GFNI: 512 lanes, each with its own key.
#include "cipher/cpu.h"
#include "cipher/x86/csa_packets_avx512.h"
#include "cipher/x86/csa_stream_avx512.h"

#include "cipher/x86/csa_block_avx512.h"

struct csa_pieces {
	__m512i row[CSA_ROWS_MAX / CSA_PIECE][CSA_PIECE];
};

#include "cipher/x86/csa_batch.h"

const struct dp_cipher_ops dp_csa_avx512[2] = {
	CSA_BATCH_OPS(DP_CSA1, "avx512", DP_CPU_AVX512, dp_csa1_set_key),
	CSA_BATCH_OPS(DP_CSA2, "avx512", DP_CPU_AVX512, dp_csa2_set_key),
};
