#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""run-format and run-tidy can fail, and do not on good code: tried on a small tree of their own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

GOOD = "int f(int x)\n{\n\treturn x + 1;\n}\n"
SHAPELESS = "int f(int x)\n{\n  return x+1;\n}\n"
MISTAKEN = "int f(int x)\n{\n\tif (x == 1 && x == 1)\n\t\treturn 1;\n\treturn 10 / (x - x);\n}\n"


def lay(root, source):
    """A tree with our configuration, our scripts, one source and its compile command."""
    for name in (".clang-format", ".clang-tidy", os.path.join("tests", ".clang-tidy")):
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), os.path.join(root, name))
    shutil.copytree(HERE, os.path.join(root, "tests", "house"), ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("base", "build"):
        os.mkdir(os.path.join(root, folder))
    with open(os.path.join(root, "base", "a.c"), "w", encoding="utf-8") as file:
        file.write(source)
    entry = {"directory": os.path.join(root, "build"), "file": "../base/a.c", "command": "cc -std=gnu17 -c ../base/a.c"}
    with open(os.path.join(root, "build", "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump([entry], file)


def run(root, *command, env=None):
    done = subprocess.run([os.path.join(root, "tests", "house", command[0]), *command[1:]], capture_output=True, text=True, check=False,
                          env=env)
    return done.returncode, done.stdout + done.stderr


def try_source(source, expected):
    """What is wrong with the answers on one source; `expected` is [(command, status, a piece of the output)]."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bulkhead style ") as root:
        lay(root, source)
        for command, status, piece in expected:
            got = run(root, *[word.replace("BUILD", os.path.join(root, "build")) for word in command])
            if got[0] != status or piece not in got[1]:
                wrong.append(f"{command}: expected {status} and '{piece}', got {got}")
    return wrong


def try_broken():
    """What is wrong with run-format when clang-format is not there, and when it dies on a file."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bulkhead style ") as root:
        lay(root, GOOD)
        tools = os.path.join(root, "tools")
        os.mkdir(tools)
        for name in ("dirname", "find", "xargs", "grep", "sort"):
            os.symlink(shutil.which(name), os.path.join(tools, name))
        for what in ("none", "dies"):
            if what == "dies":
                with open(os.path.join(tools, "clang-format"), "w", encoding="utf-8") as file:
                    file.write("#!/bin/sh\nkill -SEGV $$\n")
                os.chmod(os.path.join(tools, "clang-format"), 0o755)
            got = run(root, "run-format", env={"PATH": tools})
            if got[0] != 1 or "did not get through" not in got[1]:
                wrong.append(f"run-format, clang-format {what}: got {got}")
    return wrong


def main():
    wrong = try_broken()
    wrong += try_source(GOOD, [(["run-format"], 0, ""), (["run-tidy", "BUILD"], 0, "1 sources looked at, 0 with"),
                              (["run-tidy", "BUILD"], 0, "0 sources looked at")])
    wrong += try_source(SHAPELESS, [(["run-format"], 1, "base/a.c:2")])
    wrong += try_source(MISTAKEN, [(["run-tidy", "BUILD"], 1, "1 with findings"), (["run-tidy", "BUILD"], 1, "base/a.c")])
    for line in wrong:
        print(line)
    print(f"style: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
