# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminal is the second witness: nothing of the dataplane or of the head-end's keys is linked or named in it."""

import os
import re

import tree

FOREIGN = re.compile(r"\b(?:dp|km)_[a-z]\w*|\b(?:dataplane|keymgmt)_(?:dep|lib|inc)\w*|\bIPSec_MB\b|\blibipsec\w*|\bintel-ipsec-mb\b")


def code(root, path):
    text = tree.read(root, path)
    if path.endswith((".c", ".h")):
        return tree.code_only(text)
    return re.sub(r"#[^\n]*", "", text)


def check(root, build):
    lines = []
    mine = [p for p in tree.files(root) if tree.top(p) == "terminal-ref"
            and (p.endswith((".c", ".h")) or os.path.basename(p) == "meson.build")]
    for path in mine:
        for number, line in enumerate(code(root, path).split("\n"), 1):
            lines += [f"{path}:{number}: names what it must not share: {name}" for name in FOREIGN.findall(line)]
    return lines


SAMPLES = [
    ("good", {"terminal-ref/a.c": "// not dp_cipher_ops\nint stb_x;\n", "terminal-ref/meson.build": "x = [base_dep, mpegts_dep]\n",
              "dataplane/a.c": "int dp_x;\n"}, []),
    ("symbol", {"terminal-ref/descramble/a.c": "\ndp_cipher_select(x);\n"}, ["a.c:2: names what it must not share: dp_cipher_select"]),
    ("key side", {"terminal-ref/a.c": "km_ladder(x);\n"}, ["km_ladder"]),
    ("linked", {"terminal-ref/meson.build": "executable('x', dependencies: dataplane_dep)\n"}, ["dataplane_dep"]),
]
