#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes sm4/sm4_fields.h to standard output: what the kernels need to compute SM4's S-box instead of looking it up.

The S-box is S(x) = A(I(A(x) + c)) + c, where A is linear over bits and I inverts in GF(2^8) modulo 0x1F5. All fields of
256 elements are one: a linear map phi takes this one to AES's (modulo 0x11B), whose inversion processors have and for
whose S-box small networks of gates are known.

The byte-sliced kernels keep bytes x of the cipher's words as M(x), M = phi A, so that M(x) + phi(c) is what AES's
inversion takes. The linear layer L(B) = B + B<<<2 + B<<<10 + B<<<18 + B<<<24 of a word is made of maps of bytes and moves
of bytes: with byte 0 the least significant, N = 1 + (shift left by 2) and O = 1 + (shift right by 6),

    L(B)_k = sum of D_m over m != k,   D_m = O(B_m) + N(B_(m+1 mod 4))

so that M(L(S)) takes the two maps P = M N S and Q = M O S after the inversion and nothing but additions. That of the key
schedule, L'(B) = B + B<<<13 + B<<<23, is less kind: byte k is the sum of four maps of bytes k, k-1, k-2 and k-3.

A linear map is a list of 8 columns: the images of the 8 bits, the least significant first.
"""

import functools
import operator
import sys

SM4_MODULUS, AES_MODULUS = 0x1F5, 0x11B
CONSTANT = 0xD3
AES_CONSTANT = 0x63


def times(a, b, modulus):
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= modulus << (bit - 8)
    return product


def power(a, n, modulus):
    product = 1
    for _ in range(n):
        product = times(product, a, modulus)
    return product


def rotated(byte, n):
    return (byte << n | byte >> (8 - n)) & 0xFF


def apply(columns, x):
    y = 0
    for bit in range(8):
        if x >> bit & 1:
            y ^= columns[bit]
    return y


def after(*maps):
    """The map that applies the last one first."""
    columns = [1 << bit for bit in range(8)]
    for one in reversed(maps):
        columns = [apply(one, column) for column in columns]
    return columns


def inverse(columns):
    images = {apply(columns, x): x for x in range(256)}
    return [images[1 << bit] for bit in range(8)]


A = [rotated(0xCB, bit) for bit in range(8)]
AES_A = [rotated(0x1F, bit) for bit in range(8)]
N = [1 << bit ^ (1 << bit + 2) & 0xFF for bit in range(8)]
O = [1 << bit ^ (1 << bit) >> 6 for bit in range(8)]
SCHEDULE = [
    [1 << bit for bit in range(8)],
    [(1 << bit + 5) & 0xFF for bit in range(8)],
    [(1 << bit) >> 3 ^ (1 << bit + 7) & 0xFF for bit in range(8)],
    [(1 << bit) >> 1 for bit in range(8)],
]


def sbox(x):
    return apply(A, power(apply(A, x) ^ CONSTANT, 254, SM4_MODULUS)) ^ CONSTANT


def maps_to_aes():
    """The isomorphisms from SM4's field to AES's: each sends x to a root of SM4's modulus."""
    for root in range(2, 256):
        powers = [power(root, n, AES_MODULUS) for n in range(9)]
        total = 0
        for bit in range(9):
            if SM4_MODULUS >> bit & 1:
                total ^= powers[bit]
        if total == 0:
            yield powers[:8]


def matrix(columns):
    """As gf2p8affineqb takes it: byte 7 - i holds the row of output bit i."""
    rows = 0
    for bit in range(8):
        row = sum((columns[column] >> bit & 1) << column for column in range(8))
        rows |= row << 8 * (7 - bit)
    return f"0x{rows:016x}"


def nibbles(columns, constant):
    """Two tables of 16: images of the low and of the high nibble, whose sum is the image."""
    low = [apply(columns, x) for x in range(16)]
    high = [apply(columns, x << 4) ^ constant for x in range(16)]
    return [", ".join(f"0x{x:02x}" for x in table) for table in (low, high)]


def additions(columns):
    """A linear map as two-input additions, by Paar's greedy rule: the pair that most outputs share comes first."""
    rows = [{column for column in range(8) if columns[column] >> bit & 1} for bit in range(8)]
    steps, names = [], 8
    while True:
        pairs = {}
        for row in rows:
            ordered = sorted(row)
            for i, a in enumerate(ordered):
                for b in ordered[i + 1:]:
                    pairs[a, b] = pairs.get((a, b), 0) + 1
        if not pairs:
            return steps, [next(iter(row)) for row in rows]
        a, b = max(pairs, key=lambda pair: (pairs[pair], -pair[0], -pair[1]))
        steps.append((names, a, b))
        for row in rows:
            if {a, b} <= row:
                row -= {a, b}
                row.add(names)
        names += 1


def around_sbox(iso):
    """What makes SM4's S-box of AES's: a linear map and a constant before, and after."""
    leave = after(A, inverse(iso), inverse(AES_A))
    return (after(iso, A), apply(iso, CONSTANT)), (leave, apply(leave, AES_CONSTANT) ^ CONSTANT)


def cost(iso):
    return sum(len(additions(columns)[0]) for columns, _ in around_sbox(iso))


def phi():
    return min(maps_to_aes(), key=cost)


def after_inversion(iso, part):
    """M, a part of the linear layer and the S-box, less the map and the inversion at its start."""
    return after(iso, A, part, A, inverse(iso)), apply(after(iso, A, part), CONSTANT)


def after_aes(columns, constant):
    """The same after AES's whole S-box."""
    columns = after(columns, inverse(AES_A))
    return columns, constant ^ apply(columns, AES_CONSTANT)


def header():
    iso = phi()
    (state, key_constant), _ = around_sbox(iso)
    p, q = after_inversion(iso, N), after_inversion(iso, O)
    schedule = [after_inversion(iso, part) for part in SCHEDULE]
    aes_schedule = [after_aes(*one) for one in schedule]
    total = lambda maps: functools.reduce(operator.xor, (constant for _, constant in maps))
    yield "// SPDX-License-Identifier: GPL-3.0-or-later"
    yield "// Written by generate/sm4_fields.py, which says what these maps are and where they come from."
    yield "// Threads: any; const."
    yield "#pragma once"
    yield ""
    yield "// clang-format off"
    yield "// M and its inverse, as gf2p8affineqb takes them. A round key is kept as its M and a constant, so that what the"
    yield "// inversion takes has it too."
    yield f"#define SM4_STATE {matrix(state)}"
    yield f"#define SM4_STATE_INVERSE {matrix(inverse(state))}"
    yield f"#define SM4_KEY_CONSTANT 0x{key_constant:02x}"
    yield ""
    yield "// As gf2p8affineinvqb takes them. The schedule's constant is that of all its maps together."
    for name, (columns, constant) in (("P", p), ("Q", q)):
        yield f"#define SM4_{name} {matrix(columns)}"
        yield f"#define SM4_{name}_CONSTANT 0x{constant:02x}"
    for number, (columns, _) in enumerate(schedule):
        yield f"#define SM4_SCHEDULE_{number} {matrix(columns)}"
    yield f"#define SM4_SCHEDULE_CONSTANT 0x{total(schedule):02x}"
    yield ""
    yield "// The same as tables of the low and of the high nibble; P, Q and the schedule's after AES's whole S-box."
    maps = {"STATE": (state, 0), "STATE_INVERSE": (inverse(state), 0), "P": after_aes(*p), "Q": after_aes(*q)}
    maps |= {f"SCHEDULE_{number}": (columns, 0) for number, (columns, _) in enumerate(aes_schedule)}
    for name, (columns, constant) in maps.items():
        for half, values in zip(("LOW", "HIGH"), nibbles(columns, constant)):
            yield f"#define SM4_{name}_{half} {values}"
    yield f"#define SM4_SCHEDULE_AES_CONSTANT 0x{total(aes_schedule):02x}"
    yield "// clang-format on"


def text():
    return "\n".join(header()) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
