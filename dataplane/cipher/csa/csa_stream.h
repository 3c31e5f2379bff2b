// SPDX-License-Identifier: GPL-3.0-or-later
// The stream cipher of DVB-CSA, bit-sliced: one lane per bit of csa_word. csa_reference.h describes it; this is the
// same machine, with registers as planes.
//
// Before including this a kernel defines the type csa_word, with the operators ^ & | ~ (uint64_t, or a GNU vector), and
// CSA_LUT3(imm8, x, y, z) if its ISA has ternary logic: bit (x << 2 | y << 1 | z) of imm8.
//
// Eight bytes of every lane are 64 planes in the order in which bits are sent: plane 8 * i + j is bit 7 - j of byte i.
//
//   csa_stream_start(s, cw, block);       planes of the control words, of the first scrambled blocks
//   for every further block:
//           planes = csa_stream_next(s);  planes of the next eight bytes of the stream, in s
//
// A and B are rings of ten cells: a clock writes the new cell over the oldest, and ten clocks are unrolled, so that
// every cell has a fixed place and the ring turns by counting. X and Y meet A and B in the next clock already.
//
// Threads: none of its own. Owns: the caller's struct csa_stream, which holds what the control words were made into:
// the kernel wipes it. No branch and no table index depends on secrets.
#pragma once

#include <stddef.h>
#include <string.h>

#include "cipher/csa/csa_sboxes.h"

enum {
	CSA_RING = 10,         // cells of A and of B, and clocks of a turn
	CSA_BLOCK_PLANES = 64, // of eight bytes
	CSA_TURN_PLANES = 20,  // that a turn of the ring gives
	CSA_START_CLOCKS = 32,
};

struct csa_nibble {
	csa_word b0, b1, b2, b3;
};

// Everything but the rings.
struct csa_cells {
	struct csa_nibble x, y, z, d, e, f;
	csa_word p, q, r;
};

struct csa_stream {
	struct csa_nibble a[CSA_RING], b[CSA_RING];
	struct csa_cells cells;
	csa_word planes[CSA_BLOCK_PLANES + CSA_TURN_PLANES];
	unsigned filled; // planes there are, those given out by the last call of next among them
};

#ifdef CSA_LUT3
#define CSA_SELECT(s, one, zero) CSA_LUT3(0xca, s, one, zero)
#define CSA_MAJORITY(x, y, z)    CSA_LUT3(0xe8, x, y, z)
#define CSA_XOR_AND(x, y, gate)  CSA_LUT3(0x28, x, y, gate)
#else
#define CSA_SELECT(s, one, zero) ((((one) ^ (zero)) & (s)) ^ (zero))
#define CSA_MAJORITY(x, y, z)    ((((x) ^ (z)) & ((y) ^ (z))) ^ (z))
#define CSA_XOR_AND(x, y, gate)  (((x) ^ (y)) & (gate))
#endif

#define CSA_ALWAYS static inline __attribute__((always_inline))

CSA_ALWAYS struct csa_nibble csa_xor(struct csa_nibble x, struct csa_nibble y)
{
	return (struct csa_nibble){x.b0 ^ y.b0, x.b1 ^ y.b1, x.b2 ^ y.b2, x.b3 ^ y.b3};
}

// Rotated left by one bit where `p`.
CSA_ALWAYS struct csa_nibble csa_rotate(csa_word p, struct csa_nibble x)
{
	return (struct csa_nibble){CSA_SELECT(p, x.b3, x.b0), CSA_SELECT(p, x.b0, x.b1), CSA_SELECT(p, x.b1, x.b2),
				   CSA_SELECT(p, x.b2, x.b3)};
}

// F = q ? Z + E + r : E, the carry to r.
CSA_ALWAYS void csa_add(struct csa_cells *c)
{
	csa_word carry1 = CSA_MAJORITY(c->z.b0, c->e.b0, c->r);
	csa_word carry2 = CSA_MAJORITY(c->z.b1, c->e.b1, carry1);
	csa_word carry3 = CSA_MAJORITY(c->z.b2, c->e.b2, carry2);
	csa_word carry4 = CSA_MAJORITY(c->z.b3, c->e.b3, carry3);
	struct csa_nibble f = {
		c->e.b0 ^ CSA_XOR_AND(c->z.b0, c->r, c->q),
		c->e.b1 ^ CSA_XOR_AND(c->z.b1, carry1, c->q),
		c->e.b2 ^ CSA_XOR_AND(c->z.b2, carry2, c->q),
		c->e.b3 ^ CSA_XOR_AND(c->z.b3, carry3, c->q),
	};

	c->r = CSA_SELECT(c->q, carry4, c->r);
	c->e = c->f;
	c->f = f;
}

// Cells by age, 1..10, at clock t of a turn.
#define CSA_A(age) (s->a[(t + CSA_RING - (age)) % CSA_RING])
#define CSA_B(age) (s->b[(t + CSA_RING - (age)) % CSA_RING])

// X, Y, Z, p and q from 35 bits of A.
CSA_ALWAYS void csa_sboxes(const struct csa_stream *s, struct csa_cells *c, unsigned t)
{
	csa_sbox1(CSA_A(4).b0, CSA_A(1).b2, CSA_A(6).b1, CSA_A(7).b3, CSA_A(9).b0, &c->x.b0, &c->z.b2);
	csa_sbox2(CSA_A(2).b1, CSA_A(3).b2, CSA_A(6).b3, CSA_A(7).b0, CSA_A(9).b1, &c->x.b1, &c->z.b3);
	csa_sbox3(CSA_A(1).b3, CSA_A(2).b0, CSA_A(5).b1, CSA_A(5).b3, CSA_A(6).b2, &c->y.b0, &c->x.b2);
	csa_sbox4(CSA_A(3).b3, CSA_A(1).b1, CSA_A(2).b3, CSA_A(4).b2, CSA_A(8).b0, &c->y.b1, &c->x.b3);
	csa_sbox5(CSA_A(5).b2, CSA_A(4).b3, CSA_A(6).b0, CSA_A(8).b1, CSA_A(9).b2, &c->z.b0, &c->y.b2);
	csa_sbox6(CSA_A(3).b1, CSA_A(4).b1, CSA_A(5).b0, CSA_A(7).b2, CSA_A(9).b3, &c->z.b1, &c->y.b3);
	csa_sbox7(CSA_A(2).b2, CSA_A(3).b0, CSA_A(7).b1, CSA_A(8).b2, CSA_A(8).b3, &c->p, &c->q);
}

// The nibble that B gives to D.
CSA_ALWAYS struct csa_nibble csa_fold(const struct csa_stream *s, unsigned t)
{
	return (struct csa_nibble){
		.b3 = CSA_B(3).b0 ^ CSA_B(6).b1 ^ CSA_B(7).b2 ^ CSA_B(9).b3,
		.b2 = CSA_B(6).b0 ^ CSA_B(8).b1 ^ CSA_B(3).b3 ^ CSA_B(4).b2,
		.b1 = CSA_B(5).b3 ^ CSA_B(8).b2 ^ CSA_B(4).b0 ^ CSA_B(5).b1,
		.b0 = CSA_B(9).b2 ^ CSA_B(6).b3 ^ CSA_B(3).b1 ^ CSA_B(8).b0,
	};
}

// What comes in by the rings' first cells.
CSA_ALWAYS struct csa_nibble csa_new_a(const struct csa_stream *s, const struct csa_cells *c, unsigned t)
{
	return csa_xor(CSA_A(10), c->x);
}

CSA_ALWAYS struct csa_nibble csa_new_b(const struct csa_stream *s, const struct csa_cells *c, unsigned t)
{
	return csa_xor(csa_xor(CSA_B(7), CSA_B(10)), c->y);
}

// The clock's second half, which is the same at the start and after it.
CSA_ALWAYS void csa_clock(struct csa_stream *s, struct csa_cells *c, unsigned t, struct csa_nibble a,
			  struct csa_nibble b)
{
	c->d = csa_xor(csa_xor(c->e, c->z), csa_fold(s, t));
	csa_add(c);
	csa_sboxes(s, c, t);
	s->a[t] = a;
	s->b[t] = b;
}

// A clock that gives two planes.
CSA_ALWAYS void csa_give(struct csa_stream *s, struct csa_cells *c, unsigned t, csa_word *planes)
{
	csa_clock(s, c, t, csa_new_a(s, c, t), csa_rotate(c->p, csa_new_b(s, c, t)));
	planes[2 * t] = c->d.b3 ^ c->d.b2;
	planes[2 * t + 1] = c->d.b1 ^ c->d.b0;
}

// A clock that takes two nibbles.
CSA_ALWAYS void csa_take(struct csa_stream *s, struct csa_cells *c, unsigned t, const csa_word *to_a,
			 const csa_word *to_b)
{
	struct csa_nibble in_a = {to_a[3], to_a[2], to_a[1], to_a[0]}, in_b = {to_b[3], to_b[2], to_b[1], to_b[0]};
	struct csa_nibble a = csa_xor(csa_xor(csa_new_a(s, c, t), c->d), in_a);

	csa_clock(s, c, t, a, csa_rotate(c->p, csa_xor(csa_new_b(s, c, t), in_b)));
}

// Ten clocks.
CSA_ALWAYS void csa_turn(struct csa_stream *s, csa_word *planes)
{
	struct csa_cells c = s->cells;

	csa_give(s, &c, 0, planes);
	csa_give(s, &c, 1, planes);
	csa_give(s, &c, 2, planes);
	csa_give(s, &c, 3, planes);
	csa_give(s, &c, 4, planes);
	csa_give(s, &c, 5, planes);
	csa_give(s, &c, 6, planes);
	csa_give(s, &c, 7, planes);
	csa_give(s, &c, 8, planes);
	csa_give(s, &c, 9, planes);
	s->cells = c;
}

// Two clocks that take a byte's nibbles; the second the other way round.
CSA_ALWAYS void csa_take_two(struct csa_stream *s, struct csa_cells *c, unsigned t, const csa_word *byte)
{
	csa_take(s, c, t, byte, byte + 4);
	csa_take(s, c, t + 1, byte + 4, byte);
}

// The first 32 clocks: three turns and two clocks.
CSA_ALWAYS void csa_take_block(struct csa_stream *s, const csa_word *block)
{
	struct csa_cells c = s->cells;

	for (unsigned pair = 0;; pair += CSA_RING / 2) {
		csa_take_two(s, &c, 0, block + pair / 2 * 8);
		if (pair == CSA_START_CLOCKS / 2 - 1)
			break;
		csa_take_two(s, &c, 2, block + (pair + 1) / 2 * 8);
		csa_take_two(s, &c, 4, block + (pair + 2) / 2 * 8);
		csa_take_two(s, &c, 6, block + (pair + 3) / 2 * 8);
		csa_take_two(s, &c, 8, block + (pair + 4) / 2 * 8);
	}
	s->cells = c;
}

// Makes the oldest cell the ring's first.
static inline void csa_ring_turn(struct csa_nibble ring[CSA_RING], unsigned clocks)
{
	struct csa_nibble from[CSA_RING];

	memcpy(from, ring, sizeof(from));
	for (unsigned i = 0; i < CSA_RING; i++)
		ring[i] = from[(i + clocks) % CSA_RING];
}

// The oldest two cells are empty, then comes the word from its end to its beginning.
static inline void csa_ring_load(struct csa_nibble ring[CSA_RING], const csa_word planes[32])
{
	for (unsigned age = 1; age <= 8; age++) {
		const csa_word *n = planes + 4 * (age - 1);

		ring[CSA_RING - age] = (struct csa_nibble){n[3], n[2], n[1], n[0]};
	}
}

static inline void csa_stream_start(struct csa_stream *s, const csa_word cw[CSA_BLOCK_PLANES],
				    const csa_word block[CSA_BLOCK_PLANES])
{
	memset(s, 0, offsetof(struct csa_stream, planes));
	s->filled = 0;
	csa_ring_load(s->a, cw);
	csa_ring_load(s->b, cw + 32);
	csa_take_block(s, block);
	csa_ring_turn(s->a, CSA_START_CLOCKS % CSA_RING);
	csa_ring_turn(s->b, CSA_START_CLOCKS % CSA_RING);
}

static inline const csa_word *csa_stream_next(struct csa_stream *s)
{
	unsigned at = 0;

	for (unsigned i = CSA_BLOCK_PLANES; i < s->filled; i++)
		s->planes[at++] = s->planes[i];
	for (; at < CSA_BLOCK_PLANES; at += CSA_TURN_PLANES)
		csa_turn(s, s->planes + at);
	s->filled = at;
	return s->planes;
}
