#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the two turns of csa_stream.h for AVX-512, assembly within C functions, to standard output; the build runs it.

A turn is ten clocks, straight-line code of some 1600 instructions on planes of 512 lanes. A compiler loads a plane of A
or B again wherever it is used, and two loads a cycle are the limit. Here a plane is loaded once a clock or less, and Z,
E, F, q and r stay in registers.
"""

import csa_sboxes
import zmm_registers
from zmm_registers import Plane

HEAD = """\
// SPDX-License-Identifier: GPL-3.0-or-later
// Turns of csa_stream.h on AVX-512. Written by cipher/generate/csa_turns.py.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings" // clang's -Wpedantic
"""

TAIL = """
#pragma GCC diagnostic pop
"""

GIVE = """
static __attribute__((noinline)) void csa_give_turns(struct csa_stream *s, csa_word *planes, size_t turns)
{
	__asm__ volatile(
LINES
		: [planes] "+&r"(planes), [turns] "+&r"(turns)
		: [s] "r"(s)
		: CLOBBERED);
}
"""

TAKE = """
static __attribute__((noinline)) void csa_take_turns(struct csa_stream *s, const csa_word *const *bytes, size_t turns)
{
	const csa_word *byte;

	__asm__ volatile(
LINES
		: [bytes] "+&r"(bytes), [byte] "=&r"(byte), [turns] "+&r"(turns)
		: [s] "r"(s)
		: CLOBBERED);
}
"""

RING = 10
PLANE_BYTES = 64

# Where struct csa_stream has what, in planes; Z, E, F, q and r follow each other.
A, B, REST = 0, 40, 80

# The bits of A that go to S-boxes 1..7, as (cell, bit), in the order of the networks' inputs.
TAPS = {
    1: ((4, 0), (1, 2), (6, 1), (7, 3), (9, 0)),
    2: ((2, 1), (3, 2), (6, 3), (7, 0), (9, 1)),
    3: ((1, 3), (2, 0), (5, 1), (5, 3), (6, 2)),
    4: ((3, 3), (1, 1), (2, 3), (4, 2), (8, 0)),
    5: ((5, 2), (4, 3), (6, 0), (8, 1), (9, 2)),
    6: ((3, 1), (4, 1), (5, 0), (7, 2), (9, 3)),
    7: ((2, 2), (3, 0), (7, 1), (8, 2), (8, 3)),
}

# The bits of B whose sum goes to bits 0..3 of D.
FOLD = (
    ((9, 2), (6, 3), (3, 1), (8, 0)),
    ((5, 3), (8, 2), (4, 0), (5, 1)),
    ((6, 0), (8, 1), (3, 3), (4, 2)),
    ((3, 0), (6, 1), (7, 2), (9, 3)),
)

# The outputs of S-boxes that are bits 0..3 of X, Y and Z.
X_BITS = ((1, "hi"), (2, "hi"), (3, "lo"), (4, "lo"))
Y_BITS = ((3, "hi"), (4, "hi"), (5, "lo"), (6, "lo"))
Z_BITS = ((5, "hi"), (6, "hi"), (1, "lo"), (2, "lo"))

# The S-boxes in an order that keeps few planes waiting.
BOXES = (7, 3, 5, 4, 6, 1, 2)

SELECT, MAJORITY, XOR_AND = 0xca, 0xe8, 0x78


def in_stream(plane):
    return f"{PLANE_BYTES * plane}(%[s])"


class Turn:
    """Ten clocks: those that `take` from outside, or those that give two planes."""

    def __init__(self, networks, take):
        self.networks = networks
        self.code = zmm_registers.Code()
        self.a, self.b = ([[Plane(in_stream(ring + 4 * slot + bit)) for bit in range(4)] for slot in range(RING)]
                          for ring in (A, B))
        self.z, self.e, self.f = ([Plane() for _ in range(4)] for _ in range(3))
        self.q, self.r = Plane(), Plane()
        self.first = self.rest()
        for t in range(RING):
            self.clock(t, take)

    def rest(self):
        return [*self.z, *self.e, *self.f, self.q, self.r]

    def body(self):
        return zmm_registers.Loop(self.code, self.first, self.rest()).lines

    @staticmethod
    def cell(ring, t, cell):
        """The description's cells 1..9 at clock t; the ring is one clock ahead."""
        return ring[(t + RING - 1 - cell) % RING]

    def tap(self, ring, t, tap):
        return self.cell(ring, t, tap[0])[tap[1]]

    def d_terms(self, t, bit):
        return [self.z[bit], self.e[bit]] + [self.tap(self.b, t, tap) for tap in FOLD[bit]]

    def give(self, t):
        """The two planes of a clock."""
        for at, (high, low) in enumerate(((3, 2), (1, 0))):
            plane = self.code.xor(*self.d_terms(t, high), *self.d_terms(t, low))
            self.code.store(plane, f"{PLANE_BYTES * (2 * t + at)}(%[planes])")

    def take(self, t):
        """What comes in: to A, D with it, and to B."""
        high, low = ([Plane(f"{PLANE_BYTES * (nibble + 3 - bit)}(%[byte])") for bit in range(4)] for nibble in (0, 4))
        to_a, to_b = (high, low) if t % 2 == 0 else (low, high)
        self.code.scalar(f"movq {8 * t}(%[bytes]), %[byte]")
        for bit in range(4):
            to_a[bit] = self.code.xor(*self.d_terms(t, bit), to_a[bit])
        return to_a, to_b

    def add(self):
        """F = q ? Z + E + r : E, the carry to r; F to E."""
        carry, total = self.r, []
        for z, e in zip(self.z, self.e):
            total.append(self.code.lut(XOR_AND, e, self.code.xor(z, carry), self.q))
            carry = self.code.lut(MAJORITY, z, e, carry)
        self.r = self.code.lut(SELECT, self.q, carry, self.r)
        self.e, self.f = self.f, total

    def box(self, t, number):
        """Both outputs of an S-box."""
        network = self.networks[number]
        planes = {name: self.tap(self.a, t, tap) for name, tap in zip(csa_sboxes.INPUTS, TAPS[number])}
        for at, (kind, *of) in enumerate(network["gates"]):
            of = [planes[name] for name in of]
            planes[f"g{at}"] = self.code.logic(kind, *of) if len(of) == 2 else self.code.lut(int(kind, 16), *of)
        return {(number, end): planes[network[end]] for end in ("hi", "lo")}

    def clock(self, t, take):
        to_a, to_b = self.take(t) if take else (None, self.give(t))
        self.add()
        out, sums = {}, [None] * 4
        old_a, b6, b9 = self.cell(self.a, t, 9), self.cell(self.b, t, 6), self.cell(self.b, t, 9)
        new_a, new_b = [None] * 4, []
        for number in BOXES:
            out |= self.box(t, number)
            for bit in range(4):
                if X_BITS[bit][0] == number:
                    new_a[bit] = self.code.xor(out[X_BITS[bit]], old_a[bit], *([to_a[bit]] if take else []))
                    self.code.store(new_a[bit], in_stream(A + 4 * t + bit))
                if Y_BITS[bit][0] == number:
                    sums[bit] = self.code.xor(out[Y_BITS[bit]], b6[bit], b9[bit], *([to_b[bit]] if take else []))
        for bit in range(4):
            new_b.append(self.code.lut(SELECT, out[7, "hi"], sums[bit - 1], sums[bit]))
        for bit in range(4):
            self.code.store(new_b[bit], in_stream(B + 4 * t + bit))
        self.a[t], self.b[t] = new_a, new_b
        self.z, self.q = [out[end] for end in Z_BITS], out[7, "lo"]


def lines(turn, step):
    """The loop and what is around it, as the lines of an assembly statement."""
    rest = [(in_stream(REST + number), zmm_registers.zmm(number)) for number in range(len(turn.first))]
    yield from (f"vmovdqa64 {place}, {register}" for place, register in rest)
    yield from ("1:", *turn.body(), step, "dec %[turns]", "jnz 1b")
    yield from (f"vmovdqa64 {register}, {place}" for place, register in rest)


def function(frame, turn, step):
    clobbered = ["cc", "memory", *(f"xmm{number}" for number in range(zmm_registers.REGISTERS))]
    return (frame.replace("LINES", "\n".join(f'\t\t"{line}\\n"' for line in lines(turn, step)))
            .replace("CLOBBERED", ", ".join(f'"{name}"' for name in clobbered)))


def text():
    networks = {box["box"]: box["lut3"] for box in csa_sboxes.load()}
    return (HEAD + function(GIVE, Turn(networks, False), f"add ${2 * RING * PLANE_BYTES}, %[planes]") +
            function(TAKE, Turn(networks, True), f"add ${8 * RING}, %[bytes]") + TAIL)


if __name__ == "__main__":
    print(text(), end="")
