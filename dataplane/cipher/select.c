// SPDX-License-Identifier: GPL-3.0-or-later
// Which implementations there are, best first.
#include <base_check.h>

#include "cipher/cipher.h"

#define LIST(...) ((const struct dp_cipher_ops *const[DP_CIPHER_IMPLEMENTATIONS_MAX]){__VA_ARGS__ NULL})

// Entries of a list: in every build, or only in those that have what they need.
#define ALL(...) __VA_ARGS__,
#ifdef __x86_64__
#define X86(...) __VA_ARGS__,
#else
#define X86(...)
#endif
#ifdef DP_LIBDVBCSA
#define DVBCSA(...) __VA_ARGS__,
#else
#define DVBCSA(...)
#endif
#ifdef DP_IPSECMB
#define IPSECMB(...) __VA_ARGS__,
#else
#define IPSECMB(...)
#endif

static const struct dp_cipher_ops *const *const list[DP_ALGORITHMS] = {
	[DP_CSA1] = LIST(X86(&dp_csa_avx512_gfni[0], &dp_csa_avx512[0], &dp_csa_avx2[0]) ALL(&dp_csa_portable[0])
				 DVBCSA(&dp_csa_libdvbcsa[0]) ALL(&dp_csa_reference[0])),
	[DP_CSA2] = LIST(X86(&dp_csa_avx512_gfni[1], &dp_csa_avx512[1], &dp_csa_avx2[1]) ALL(&dp_csa_portable[1])
				 DVBCSA(&dp_csa_libdvbcsa[1]) ALL(&dp_csa_reference[1])),
	[DP_CISSA] = LIST(X86(&dp_aes_vaes512[0], &dp_aes_vaes256[0], &dp_aes_aesni[0]) ALL(&dp_aes_portable[0])
				  IPSECMB(&dp_aes_ipsecmb[0]) ALL(&dp_aes_reference[0])),
	[DP_IDSA] = LIST(X86(&dp_aes_vaes512[1], &dp_aes_vaes256[1], &dp_aes_aesni[1])
				 ALL(&dp_aes_portable[1], &dp_aes_reference[1])),
	[DP_AES_CBC] = LIST(X86(&dp_aes_vaes512[2], &dp_aes_vaes256[2], &dp_aes_aesni[2])
				    ALL(&dp_aes_portable[2], &dp_aes_reference[2])),
	[DP_AES_ECB] = LIST(X86(&dp_aes_vaes512[3], &dp_aes_vaes256[3], &dp_aes_aesni[3])
				    ALL(&dp_aes_portable[3], &dp_aes_reference[3])),
	[DP_SM4_CBC] =
		LIST(X86(&dp_sm4_avx512_gfni[0], &dp_sm4_avx2[0]) ALL(&dp_sm4_portable[0], &dp_sm4_reference[0])),
};

const struct dp_cipher_ops *const *dp_cipher_list(enum dp_algorithm algorithm)
{
	CHECK(algorithm < DP_ALGORITHMS);
	return list[algorithm];
}
