#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What generators wrote is what they write today, and the networks they write are right.

Every S-box network in cipher/generate/csa_sboxes.json is evaluated over all 32 inputs against the box's table.
"""

import copy
import importlib.util
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CIPHER = os.path.join(ROOT, "dataplane", "cipher")

# Generator -> the file it writes.
GENERATED = {
    "csa_sboxes.py": "csa/csa_sboxes.h",
    "sm4_fields.py": "sm4/sm4_fields.h",
    "sm4_slice.py": "sm4/sm4_slice.h",
}

ALL = 0xffffffff

LOGIC = {
    "xor": lambda x, y: x ^ y,
    "and": lambda x, y: x & y,
    "or": lambda x, y: x | y,
    "andnot": lambda x, y: ~x & y & ALL,
    "not": lambda x: ~x & ALL,
}


def generator(name):
    spec = importlib.util.spec_from_file_location(name[:-3], os.path.join(CIPHER, "generate", name))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lut3(imm8, x, y, z):
    return sum((imm8 >> (4 * (x >> i & 1) + 2 * (y >> i & 1) + (z >> i & 1)) & 1) << i for i in range(32))


def evaluate(network):
    """Both outputs of a network, as words with one bit per input."""
    values = {name: sum((i >> (4 - at) & 1) << i for i in range(32)) for at, name in enumerate("abcde")}
    for number, (kind, *of) in enumerate(network["gates"]):
        of = [values[name] for name in of]
        values[f"g{number}"] = LOGIC[kind](*of) if kind in LOGIC else lut3(int(kind, 16), *of)
    return values[network["hi"]], values[network["lo"]]


def wrong_networks(boxes):
    for box in boxes:
        want = tuple(sum((out >> bit & 1) << i for i, out in enumerate(box["table"])) for bit in (1, 0))
        for kind in ("lut3", "logic"):
            if evaluate(box[kind]) != want:
                yield f"S-box {box['box']}: the {kind} network does not give its table"


def stale(name, text):
    path = os.path.join(CIPHER, GENERATED[name])
    with open(path, encoding="utf-8") as file:
        if file.read() != text:
            yield f"{path}: is not what cipher/generate/{name} writes"


def can_fail(boxes, name, text):
    """Whether each check finds what is made wrong for it: every gate in turn, the wrong output, another text."""
    for number, box in enumerate(boxes):
        for kind in ("lut3", "logic"):
            for gate in range(len(box[kind]["gates"])):
                bad = copy.deepcopy(boxes)
                bad[number][kind]["gates"][gate] = ["xor", "a", "a"]
                if not list(wrong_networks(bad)):
                    yield f"S-box {box['box']}: gate {gate} of the {kind} network is not needed"
            bad = copy.deepcopy(boxes)
            bad[number][kind]["hi"] = bad[number][kind]["lo"]
            if not list(wrong_networks(bad)):
                yield f"S-box {box['box']}: a wrong output of the {kind} network was not found"
    if not list(stale(name, text + "\n")):
        yield "a text that differs was not found"


def main():
    lines = []
    for name in GENERATED:
        lines += stale(name, generator(name).text())
    sboxes = generator("csa_sboxes.py")
    lines += wrong_networks(sboxes.load())
    lines += can_fail(sboxes.load(), "csa_sboxes.py", sboxes.text())
    print("\n".join(lines) or "generated files and networks are right")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
