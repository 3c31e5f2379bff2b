#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""run-demo exits with 2, as docs/demo.md says, when its set-up fails: a copy of it in a small tree, with programs of ours."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = ("bash", "dirname", "grep", "mkdir", "readlink", "rm", "sed", "tr")
INSTALLED = "echo installed"
# What the programs of the set-up do, whether root runs it, and a piece of what is said then.
CASES = [
    ({}, True, "made for Debian 12"),
    ({"dpkg-query": "exit 1", "apt-get": "exit 1"}, True, "apt-get update failed"),
    ({"dpkg-query": "exit 1"}, False, "these packages are missing"),
    ({"dpkg-query": INSTALLED, "meson": "exit 1"}, True, "the build failed"),
    ({"dpkg-query": INSTALLED, "meson": "mkdir -p build", "ninja": "exit 1"}, True, "the build failed"),
]


def lay(root, programs):
    os.makedirs(os.path.join(root, "tests"))
    os.mkdir(os.path.join(root, "tools"))
    for name in ("run-demo", "tests/setup.sh"):
        shutil.copy(os.path.join(ROOT, name), os.path.join(root, name))
    with open(os.path.join(root, "packages.txt"), "w", encoding="utf-8") as file:
        file.write("wanted # for the test\n")
    for name in TOOLS:
        os.symlink(shutil.which(name), os.path.join(root, "tools", name))
    for name, does in programs.items():
        path = os.path.join(root, "tools", name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{does}\n")
        os.chmod(path, 0o755)


def main():
    wrong = tried = 0
    for programs, needs_root, piece in CASES:
        root_here = os.geteuid() == 0
        # Root may become another; another may not become root, and gets as far as the missing packages.
        if needs_root and not root_here and "apt-get" in programs:
            continue
        with tempfile.TemporaryDirectory(prefix="bulkhead demo ") as root:
            os.chmod(root, 0o755)
            lay(root, programs)
            other = [] if needs_root or not root_here else [shutil.which("setpriv"), "--reuid=65534", "--clear-groups"]
            run = subprocess.run([*other, os.path.join(root, "run-demo")], env={"PATH": os.path.join(root, "tools")},
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        tried += 1
        if run.returncode != 2 or piece not in run.stderr:
            print(f"{programs}: expected 2 and '{piece}', got {run.returncode}: {run.stdout}{run.stderr}")
            wrong += 1
    print(f"run-demo: {tried} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
