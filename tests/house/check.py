#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one check of the house on the tree, or proves on small bad trees that the check can fail.

A check is a module with `check(root, build)`, which returns a list of "path:line: what is wrong", and SAMPLES, a list
of (what it shows, {path: text}, [a piece of each expected line]); an empty list of pieces is a good tree. A module that
looks at what was built has `prepare(root, build)` as well, which builds a sample's tree.
"""

import argparse
import importlib
import os
import sys
import tempfile


def lay(root, tree):
    for path, text in tree.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text.replace("@ROOT@", root))


def sample_wrong(module, shows, tree, pieces):
    """What the check should have said about one sample and did not, as a list of lines."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-house-") as root:
        lay(root, tree)
        if hasattr(module, "prepare"):
            os.makedirs(os.path.join(root, "build"))
            module.prepare(root, os.path.join(root, "build"))
        said = module.check(root, os.path.join(root, "build"))
    wrong = []
    if len(said) != len(pieces):
        wrong.append(f"{shows}: {len(pieces)} findings expected, {len(said)} made: {said}")
    wrong += [f"{shows}: nothing says {piece!r}: {said}" for piece in pieces if not any(piece in line for line in said)]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("--root", default=".")
    parser.add_argument("--build", default="build")
    parser.add_argument("--samples", action="store_true", help="prove the check on its samples instead")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    module = importlib.import_module(args.module)
    if not args.samples:
        lines = module.check(os.path.abspath(args.root), os.path.abspath(args.build))
    else:
        if not any(pieces for _, _, pieces in module.SAMPLES) or all(pieces for _, _, pieces in module.SAMPLES):
            sys.exit(f"{args.module}: samples must hold a bad tree and a good one")
        lines = [line for sample in module.SAMPLES for line in sample_wrong(module, *sample)]
    for line in lines:
        print(line)
    print(f"{args.module}: {len(lines)} findings")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
