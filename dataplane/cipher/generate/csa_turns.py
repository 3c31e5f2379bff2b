#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the two turns of csa_stream.h for AVX-512, assembly within C functions, to standard output; the build runs it.

A turn is ten clocks, straight-line code of some 1700 instructions on planes of 512 lanes. A compiler loads a plane of A
or B again wherever it is used, and two loads a cycle are the limit. Here a plane is loaded once a clock, and Z, E, F, q
and r stay in registers.
"""

import csa_sboxes
from zmm_registers import Code, Plane, allocate

HEAD = """\
// SPDX-License-Identifier: GPL-3.0-or-later
// Ten clocks of csa_stream.h on AVX-512. Written by cipher/generate/csa_turns.py.
#pragma once
"""

RING = 10

# Where struct csa_stream has what, in planes.
A, B, Z, E, F, Q, R = 0, 40, 80, 84, 88, 92, 93

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

# The outputs of S-boxes that are bits 0..3 of X, Y and Z: (box, "hi" or "lo").
X_BITS = ((1, "hi"), (2, "hi"), (3, "lo"), (4, "lo"))
Y_BITS = ((3, "hi"), (4, "hi"), (5, "lo"), (6, "lo"))
Z_BITS = ((5, "hi"), (6, "hi"), (1, "lo"), (2, "lo"))

# Boxes in an order that keeps few planes waiting.
BOXES = (7, 3, 5, 4, 6, 1, 2)

SELECT, MAJORITY, XOR_AND = 0xca, 0xe8, 0x28


def in_stream(plane):
    return f"{64 * plane}(%[s])"


def nibble(plane):
    return [Plane(in_stream(plane + bit)) for bit in range(4)]


class Turn:
    """Operations of ten clocks; `take` clocks take from outside, others give two planes."""

    def __init__(self, networks, take):
        self.networks = networks
        self.code = Code()
        self.a = [nibble(A + 4 * slot) for slot in range(RING)]
        self.b = [nibble(B + 4 * slot) for slot in range(RING)]
        self.z, self.e, self.f = nibble(Z), nibble(E), nibble(F)
        self.q, self.r = Plane(in_stream(Q)), Plane(in_stream(R))
        for t in range(RING):
            self.clock(t, take)
        for bit in range(4):
            self.code.store(self.z[bit], in_stream(Z + bit))
            self.code.store(self.e[bit], in_stream(E + bit))
            self.code.store(self.f[bit], in_stream(F + bit))
        self.code.store(self.q, in_stream(Q))
        self.code.store(self.r, in_stream(R))

    @staticmethod
    def cell(ring, t, tap):
        return ring[(t + RING - 1 - tap[0]) % RING][tap[1]]

    def d_terms(self, t, bit):
        return [self.z[bit], self.e[bit]] + [self.cell(self.b, t, tap) for tap in FOLD[bit]]

    def give(self, t):
        """The two planes of a clock."""
        for at, bits in enumerate(((3, 2), (1, 0))):
            plane = self.code.xor(*self.d_terms(t, bits[0]), *self.d_terms(t, bits[1]))
            self.code.store(plane, f"{64 * (2 * t + at)}(%[planes])")

    def take(self, t):
        """D and what comes in, for A; kept where planes are given otherwise. For B, as it comes in."""
        # The turn's first clock takes a byte's high nibble to A, the next its low nibble, and so on.
        to_a, to_b = (0, 4) if t % 2 == 0 else (4, 0)
        self.code.scalar(f"movq {8 * t}(%[bytes]), %[byte]")
        for bit in range(4):
            plane = self.code.xor(*self.d_terms(t, bit), Plane(f"{64 * (to_a + 3 - bit)}(%[byte])"))
            self.code.store(plane, f"{64 * bit}(%[planes])")
            self.for_a[bit] = [plane]
            self.for_b[bit] = [Plane(f"{64 * (to_b + 3 - bit)}(%[byte])")]

    def add(self):
        """F = q ? Z + E + r : E, the carry to r; F to E."""
        carry, total = self.r, []
        for z, e in zip(self.z, self.e):
            total.append(self.code.xor(self.code.lut(XOR_AND, z, carry, self.q), e))
            carry = self.code.lut(MAJORITY, z, e, carry)
        self.r = self.code.lut(SELECT, self.q, carry, self.r)
        self.e, self.f = self.f, total

    def box(self, t, number):
        network = self.networks[number]
        planes = dict(zip(csa_sboxes.INPUTS, (self.cell(self.a, t, tap) for tap in TAPS[number])))
        for at, (kind, *of) in enumerate(network["gates"]):
            of = [planes[name] for name in of]
            planes[f"g{at}"] = self.code.add(kind, of) if kind in csa_sboxes.LOGIC else self.code.lut(int(kind, 16), *of)
        return {"hi": planes[network["hi"]], "lo": planes[network["lo"]]}

    def clock(self, t, take):
        self.for_a, self.for_b = [[]] * 4, [[]] * 4
        (self.take if take else self.give)(t)
        self.add()
        out, new_a, sums = {}, [None] * 4, [None] * 4
        for number in BOXES:
            out[number] = self.box(t, number)
            for bit in range(4):
                (x, x_end), (y, y_end) = X_BITS[bit], Y_BITS[bit]
                # Bit 9.2 is S-box 5's, bit 9.3 S-box 6's, and bit 9.0 and 9.1 are 1's and 2's: they are in registers.
                if new_a[bit] is None and x in out and (1, 2, 5, 6)[bit] in out:
                    new_a[bit] = self.code.xor(out[x][x_end], self.cell(self.a, t, (9, bit)), *self.for_a[bit])
                    self.code.store(new_a[bit], in_stream(A + 4 * t + bit))
                if sums[bit] is None and y in out:
                    sums[bit] = self.code.xor(out[y][y_end], self.cell(self.b, t, (6, bit)), self.cell(self.b, t, (9, bit)),
                                              *self.for_b[bit])
        new_b = [self.code.lut(SELECT, out[7]["hi"], sums[bit - 1], sums[bit]) for bit in range(4)]
        for bit in range(4):
            self.code.store(new_b[bit], in_stream(B + 4 * t + bit))
        self.a[t], self.b[t] = new_a, new_b
        self.z = [out[box][end] for box, end in Z_BITS]
        self.q = out[7]["lo"]


def function(signature, take, networks):
    clobbered = ", ".join(f'"xmm{number}"' for number in range(32))
    planes, bytes = ("s->planes", ', [bytes] "r"(bytes)') if take else ("planes", "")
    yield ""
    yield f"static __attribute__((noinline)) void {signature}"
    yield "{"
    if take:
        yield "\tconst csa_word *byte;"
        yield ""
    yield "\t__asm__ volatile("
    for line in allocate(Turn(networks, take).code):
        yield f'\t\t"{line}\\n"'
    yield "\t\t: " + ('[byte] "=&r"(byte)' if take else "")
    yield f'\t\t: [s] "r"(s), [planes] "r"({planes}){bytes}'
    yield f'\t\t: "memory", {clobbered});'
    yield "}"


def text():
    networks = {box["box"]: box["lut3"] for box in csa_sboxes.load()}
    give = function("csa_give_turn(struct csa_stream *s, csa_word *planes)", False, networks)
    take = function("csa_take_turn(struct csa_stream *s, const csa_word *const bytes[CSA_RING])", True, networks)
    return HEAD + "\n".join([*give, *take]) + "\n"


if __name__ == "__main__":
    print(text(), end="")
