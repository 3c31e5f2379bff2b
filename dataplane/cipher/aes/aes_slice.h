// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes as bit slices: slice i of eight holds bit i of as many bytes as a slice has bits. An operation on slices takes
// no branch and no address from what is in them, and so neither does what is built of them.
//
// A slice is a vector of the compiler's, of which every processor has something: 128 bits of SSE2 or NEON.
//
// Refs: J. Boyar, R. Peralta, "A depth-16 circuit for the AES S-box", IACR ePrint 2011/332.
// Threads: any; pure.
#pragma once

#include <stdint.h>

typedef uint64_t aes_slice __attribute__((vector_size(16)));

enum { AES_SLICE_WORDS = sizeof(aes_slice) / sizeof(uint64_t) };

static inline void aes_slice_swap(aes_slice *a, aes_slice *b, uint64_t low, unsigned shift)
{
	aes_slice t = ((*a >> shift) ^ *b) & low;

	*b ^= t;
	*a ^= t << shift;
}

// Turns eight vectors of bytes into the slices of those bytes, and back: bit i of byte j of vector k is exchanged with
// bit k of byte j of vector i.
static inline void aes_slice_turn(aes_slice *q)
{
	for (unsigned i = 0; i < 8; i += 2)
		aes_slice_swap(&q[i], &q[i + 1], 0x5555555555555555, 1);
	for (unsigned i = 0; i < 8; i += 4) {
		aes_slice_swap(&q[i], &q[i + 2], 0x3333333333333333, 2);
		aes_slice_swap(&q[i + 1], &q[i + 3], 0x3333333333333333, 2);
	}
	for (unsigned i = 0; i < 4; i++)
		aes_slice_swap(&q[i], &q[i + 4], 0x0F0F0F0F0F0F0F0F, 4);
}

// SubBytes. The names are those of the paper: U is the input and S the output, 0 their highest bit; T the linear layer
// before, M the inversion in GF(2^4)^2 and its products, L the linear layer after.
static inline void aes_slice_sbox(aes_slice *q)
{
	aes_slice u0 = q[7], u1 = q[6], u2 = q[5], u3 = q[4], u4 = q[3], u5 = q[2], u6 = q[1], u7 = q[0];

	aes_slice t1 = u0 ^ u3, t2 = u0 ^ u5, t3 = u0 ^ u6, t4 = u3 ^ u5, t5 = u4 ^ u6, t6 = t1 ^ t5, t7 = u1 ^ u2;
	aes_slice t8 = u7 ^ t6, t9 = u7 ^ t7, t10 = t6 ^ t7, t11 = u1 ^ u5, t12 = u2 ^ u5, t13 = t3 ^ t4;
	aes_slice t14 = t6 ^ t11, t15 = t5 ^ t11, t16 = t5 ^ t12, t17 = t9 ^ t16, t18 = u3 ^ u7, t19 = t7 ^ t18;
	aes_slice t20 = t1 ^ t19, t21 = u6 ^ u7, t22 = t7 ^ t21, t23 = t2 ^ t22, t24 = t2 ^ t10, t25 = t20 ^ t17;
	aes_slice t26 = t3 ^ t16, t27 = t1 ^ t12;

	aes_slice m1 = t13 & t6, m2 = t23 & t8, m3 = t14 ^ m1, m4 = t19 & u7, m5 = m4 ^ m1, m6 = t3 & t16;
	aes_slice m7 = t22 & t9, m8 = t26 ^ m6, m9 = t20 & t17, m10 = m9 ^ m6, m11 = t1 & t15, m12 = t4 & t27;
	aes_slice m13 = m12 ^ m11, m14 = t2 & t10, m15 = m14 ^ m11, m16 = m3 ^ m2, m17 = m5 ^ t24, m18 = m8 ^ m7;
	aes_slice m19 = m10 ^ m15, m20 = m16 ^ m13, m21 = m17 ^ m15, m22 = m18 ^ m13, m23 = m19 ^ t25;
	aes_slice m24 = m22 ^ m23, m25 = m22 & m20, m26 = m21 ^ m25, m27 = m20 ^ m21, m28 = m23 ^ m25;
	aes_slice m29 = m28 & m27, m30 = m26 & m24, m31 = m20 & m23, m32 = m27 & m31, m33 = m27 ^ m25;
	aes_slice m34 = m21 & m22, m35 = m24 & m34, m36 = m24 ^ m25, m37 = m21 ^ m29, m38 = m32 ^ m33;
	aes_slice m39 = m23 ^ m30, m40 = m35 ^ m36, m41 = m38 ^ m40, m42 = m37 ^ m39, m43 = m37 ^ m38;
	aes_slice m44 = m39 ^ m40, m45 = m42 ^ m41;
	aes_slice m46 = m44 & t6, m47 = m40 & t8, m48 = m39 & u7, m49 = m43 & t16, m50 = m38 & t9, m51 = m37 & t17;
	aes_slice m52 = m42 & t15, m53 = m45 & t27, m54 = m41 & t10, m55 = m44 & t13, m56 = m40 & t23;
	aes_slice m57 = m39 & t19, m58 = m43 & t3, m59 = m38 & t22, m60 = m37 & t20, m61 = m42 & t1, m62 = m45 & t4;
	aes_slice m63 = m41 & t2;

	aes_slice l0 = m61 ^ m62, l1 = m50 ^ m56, l2 = m46 ^ m48, l3 = m47 ^ m55, l4 = m54 ^ m58, l5 = m49 ^ m61;
	aes_slice l6 = m62 ^ l5, l7 = m46 ^ l3, l8 = m51 ^ m59, l9 = m52 ^ m53, l10 = m53 ^ l4, l11 = m60 ^ l2;
	aes_slice l12 = m48 ^ m51, l13 = m50 ^ l0, l14 = m52 ^ m61, l15 = m55 ^ l1, l16 = m56 ^ l0, l17 = m57 ^ l1;
	aes_slice l18 = m58 ^ l8, l19 = m63 ^ l4, l20 = l0 ^ l1, l21 = l1 ^ l7, l22 = l3 ^ l12, l23 = l18 ^ l2;
	aes_slice l24 = l15 ^ l9, l25 = l6 ^ l10, l26 = l7 ^ l9, l27 = l8 ^ l10, l28 = l11 ^ l14, l29 = l11 ^ l17;

	q[7] = l6 ^ l24;
	q[6] = ~(l16 ^ l26);
	q[5] = ~(l19 ^ l28);
	q[4] = l6 ^ l21;
	q[3] = l20 ^ l22;
	q[2] = l25 ^ l29;
	q[1] = ~(l13 ^ l27);
	q[0] = ~(l6 ^ l23);
}

// The inverse of the affine map of SubBytes, FIPS 197 5.1.1: bit i is the sum of bits i+2, i+5 and i+7, and of 0x05.
static inline void aes_slice_unmap(aes_slice *q)
{
	aes_slice t[8];

	for (unsigned i = 0; i < 8; i++)
		t[i] = q[(i + 2) % 8] ^ q[(i + 5) % 8] ^ q[(i + 7) % 8];
	for (unsigned i = 0; i < 8; i++)
		q[i] = i == 0 || i == 2 ? ~t[i] : t[i];
}

// InvSubBytes: SubBytes is the affine map after the inversion, so undoing the map before and after leaves the inverse.
static inline void aes_slice_inverse_sbox(aes_slice *q)
{
	aes_slice_unmap(q);
	aes_slice_sbox(q);
	aes_slice_unmap(q);
}
