#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes sm4/sm4_slice.h to standard output: SM4's S-box as a network of gates, AES's between two affine maps."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sm4_fields  # noqa: E402

HEAD = """\
// SPDX-License-Identifier: GPL-3.0-or-later
// SM4's S-box on bit slices: AES's between two affine maps, whose networks of gates generate/sm4_slice.py wrote.
// No branch and no table: constant time.
//
// Refs: GB/T 32907-2016 clause 6.2.
// Threads: any; pure.
#pragma once

#include "cipher/aes/aes_slice.h"
"""

TAIL = """
static inline void sm4_slice_sbox(aes_slice *b)
{
	sm4_slice_enter(b);
	aes_slice_sbox(b);
	sm4_slice_leave(b);
}
"""


def network(name, about, columns, constant):
    steps, outputs = sm4_fields.additions(columns)
    lines = [f"// {about}", f"static inline void {name}(aes_slice *b)", "{"]
    term = lambda n: f"b[{n}]" if n < 8 else f"s{n - 8}"
    lines += [f"\taes_slice s{new - 8} = {term(a)} ^ {term(b)};" for new, a, b in steps]
    kept = sorted({n for n in outputs if n < 8})
    if kept:
        lines += [f"\taes_slice b{n} = b[{n}];" for n in kept]
    lines.append("")
    for bit, n in enumerate(outputs):
        sign = "~" if constant >> bit & 1 else ""
        lines.append(f"\tb[{bit}] = {sign}{term(n) if n >= 8 else f'b{n}'};")
    return lines + ["}"]


def text():
    enter, leave = sm4_fields.around_sbox(sm4_fields.phi())
    lines = [HEAD]
    lines += network("sm4_slice_enter", "From a byte of SM4 to one of AES.", *enter)
    lines += [""] + network("sm4_slice_leave", "From the output of AES's S-box to that of SM4's.", *leave)
    return "\n".join(lines) + "\n" + TAIL


if __name__ == "__main__":
    sys.stdout.write(text())
