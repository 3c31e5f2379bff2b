// SPDX-License-Identifier: GPL-3.0-or-later
// The stream cipher of DVB-CSA, bit-sliced: one lane per bit of csa_word. csa_reference.h describes it; this is the
// same machine, with registers as planes.
//
// Before including this a kernel defines the type csa_word, with the operators ^ & | ~ (uint64_t, or a GNU vector), and
// CSA_LUT3(imm8, x, y, z) if its ISA has ternary logic: bit (x << 2 | y << 1 | z) of imm8. It may have a header of its
// own with csa_give_turns and csa_take_turns, and names that as CSA_TURNS.
//
// Eight bytes of every lane are 64 planes in the order in which bits are sent: plane 8 * i + j is bit 7 - j of byte i.
//
//   csa_stream_start(s, cw, block);       planes of the control words, of the first scrambled blocks
//   for every further block:
//           planes = csa_stream_next(s);  planes of the next eight bytes of the stream, in s
//
// Two things differ from the description, so that less is kept and loaded. X, Y, p and D are no registers: once the
// S-boxes of a clock are known, so are the cells that come into A and B in the next clock, and they are made at once; A
// and B are thus one clock ahead of the rest. And they are rings: a clock writes the new cell over the oldest, and ten
// clocks are unrolled, so that every cell has a fixed place and the ring turns by counting.
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
};

struct csa_nibble {
	csa_word b0, b1, b2, b3;
};

// Everything but A and B.
struct csa_rest {
	struct csa_nibble z, e, f;
	csa_word q, r;
};

struct csa_stream {
	struct csa_nibble a[CSA_RING], b[CSA_RING];
	struct csa_rest rest;
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

// F = q ? Z + E + r : E, the carry to r; F to E.
CSA_ALWAYS void csa_add(struct csa_rest *c)
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

// The description's cells 1..9 at clock t of a turn, where the ring is one clock ahead: slot t has the oldest.
#define CSA_A(cell) (s->a[(t + CSA_RING - 1 - (cell)) % CSA_RING])
#define CSA_B(cell) (s->b[(t + CSA_RING - 1 - (cell)) % CSA_RING])

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

// A nibble of planes.
CSA_ALWAYS struct csa_nibble csa_nibble(const csa_word planes[4])
{
	return (struct csa_nibble){planes[3], planes[2], planes[1], planes[0]};
}

// Clock t of a turn. `to_a` and `to_b`, if any, come in with the next clock. Returns D.
CSA_ALWAYS struct csa_nibble csa_clock(struct csa_stream *s, struct csa_rest *c, unsigned t, const csa_word *to_a,
				       const csa_word *to_b)
{
	struct csa_nibble d = csa_xor(csa_xor(c->e, c->z), csa_fold(s, t)), x, y;
	csa_word p;

	csa_add(c);
	csa_sbox1(CSA_A(4).b0, CSA_A(1).b2, CSA_A(6).b1, CSA_A(7).b3, CSA_A(9).b0, &x.b0, &c->z.b2);
	csa_sbox2(CSA_A(2).b1, CSA_A(3).b2, CSA_A(6).b3, CSA_A(7).b0, CSA_A(9).b1, &x.b1, &c->z.b3);
	csa_sbox3(CSA_A(1).b3, CSA_A(2).b0, CSA_A(5).b1, CSA_A(5).b3, CSA_A(6).b2, &y.b0, &x.b2);
	csa_sbox4(CSA_A(3).b3, CSA_A(1).b1, CSA_A(2).b3, CSA_A(4).b2, CSA_A(8).b0, &y.b1, &x.b3);
	csa_sbox5(CSA_A(5).b2, CSA_A(4).b3, CSA_A(6).b0, CSA_A(8).b1, CSA_A(9).b2, &c->z.b0, &y.b2);
	csa_sbox6(CSA_A(3).b1, CSA_A(4).b1, CSA_A(5).b0, CSA_A(7).b2, CSA_A(9).b3, &c->z.b1, &y.b3);
	csa_sbox7(CSA_A(2).b2, CSA_A(3).b0, CSA_A(7).b1, CSA_A(8).b2, CSA_A(8).b3, &p, &c->q);
	if (to_a) {
		x = csa_xor(x, csa_xor(d, csa_nibble(to_a)));
		y = csa_xor(y, csa_nibble(to_b));
	}
	s->a[t] = csa_xor(CSA_A(9), x);
	s->b[t] = csa_rotate(p, csa_xor(csa_xor(CSA_B(6), CSA_B(9)), y));
	return d;
}

// A clock t before one that takes both nibbles of a byte, the high one to A where t is even.
CSA_ALWAYS void csa_take(struct csa_stream *s, struct csa_rest *c, unsigned t, const csa_word *byte)
{
	csa_clock(s, c, t, byte + t % 2 * 4, byte + 4 - t % 2 * 4);
}

#ifdef CSA_TURNS
#include CSA_TURNS
#else
// A clock that gives two planes.
CSA_ALWAYS void csa_give(struct csa_stream *s, struct csa_rest *c, unsigned t, csa_word *planes)
{
	struct csa_nibble d = csa_clock(s, c, t, NULL, NULL);

	planes[2 * t] = d.b3 ^ d.b2;
	planes[2 * t + 1] = d.b1 ^ d.b0;
}

// Turns of ten of them.
static inline void csa_give_turns(struct csa_stream *s, csa_word *planes, size_t turns)
{
	struct csa_rest c = s->rest;

	for (; turns > 0; turns--, planes += CSA_TURN_PLANES) {
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
	}
	s->rest = c;
}

// Turns of ten clocks before those that take from bytes[0], bytes[1]..
static inline void csa_take_turns(struct csa_stream *s, const csa_word *const *bytes, size_t turns)
{
	struct csa_rest c = s->rest;

	for (; turns > 0; turns--, bytes += CSA_RING) {
		csa_take(s, &c, 0, bytes[0]);
		csa_take(s, &c, 1, bytes[1]);
		csa_take(s, &c, 2, bytes[2]);
		csa_take(s, &c, 3, bytes[3]);
		csa_take(s, &c, 4, bytes[4]);
		csa_take(s, &c, 5, bytes[5]);
		csa_take(s, &c, 6, bytes[6]);
		csa_take(s, &c, 7, bytes[7]);
		csa_take(s, &c, 8, bytes[8]);
		csa_take(s, &c, 9, bytes[9]);
	}
	s->rest = c;
}
#endif

// Half of the control word to cells 1..8, its first nibble to cell 1, as the last clock of a turn finds them.
static inline void csa_load(struct csa_nibble ring[CSA_RING], const csa_word planes[CSA_BLOCK_PLANES / 2])
{
	for (unsigned cell = 1; cell <= 8; cell++)
		ring[CSA_RING - 2 - cell] = csa_nibble(planes + 4 * (cell - 1));
}

// The first 32 clocks. The byte of clock 0 comes in at once, that of clock 1 with the last clock of a turn; three turns
// are left, and the next one gives two planes of a clock that is not asked for them.
static inline void csa_stream_start(struct csa_stream *s, const csa_word cw[CSA_BLOCK_PLANES],
				    const csa_word start[CSA_BLOCK_PLANES])
{
	const csa_word *bytes[3 * CSA_RING];

	memset(s, 0, offsetof(struct csa_stream, planes));
	csa_load(s->a, cw);
	csa_load(s->b, cw + CSA_BLOCK_PLANES / 2);
	s->a[CSA_RING - 2] = csa_nibble(start);
	s->b[CSA_RING - 2] = csa_xor(csa_nibble(cw + 56), csa_nibble(start + 4));
	csa_take(s, &s->rest, CSA_RING - 1, start);
	for (unsigned i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		bytes[i] = start + (2 + i) / 4 * 8;
	csa_take_turns(s, bytes, 3);
	csa_give_turns(s, s->planes + CSA_BLOCK_PLANES - 2, 1);
	s->filled = CSA_BLOCK_PLANES - 2 + CSA_TURN_PLANES;
}

static inline const csa_word *csa_stream_next(struct csa_stream *s)
{
	unsigned at = 0, turns;

	for (unsigned i = CSA_BLOCK_PLANES; i < s->filled; i++)
		s->planes[at++] = s->planes[i];
	turns = (CSA_BLOCK_PLANES - at + CSA_TURN_PLANES - 1) / CSA_TURN_PLANES;
	csa_give_turns(s, s->planes + at, turns);
	s->filled = at + turns * CSA_TURN_PLANES;
	return s->planes;
}
