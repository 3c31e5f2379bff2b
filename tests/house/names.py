# SPDX-License-Identifier: GPL-3.0-or-later
"""File names say what is inside, and no file knows a path of one machine."""

import os
import re

import tree

SAYS_NOTHING = re.compile(r"^(.*[_-])?(utils?|misc|common|helpers?)$")

# Homes and working copies. Written in pieces, so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.$}])/(?:" + "|".join(("home", "root", "work", "Users", "mnt")) + r")/[\w.]")

TEXTS = (".c", ".h", ".py", ".sh", ".md", ".json", ".txt", ".build", ".yml", "")


def check(root, build):
    lines = []
    for path in tree.files(root):
        for part in path.split(os.sep):
            if SAYS_NOTHING.match(os.path.splitext(part)[0]):
                lines.append(f"{path}:1: the name '{part}' does not say what is inside")
        if os.path.splitext(path)[1] not in TEXTS or path.endswith(os.path.join("house", "names.py")):
            continue
        for number, line in enumerate(tree.read(root, path).split("\n"), 1):
            if "\0" not in line and MACHINE.search(line):
                lines.append(f"{path}:{number}: a path of one machine: {MACHINE.search(line).group()}")
    return lines


SAMPLES = [
    ("good", {"base/bytes.c": "// see docs/home/x and $HOME/root/x, /usr/lib/x\n", "base/utility_room.c": ""}, []),
    ("util", {"base/util.c": ""}, ["base/util.c:1: the name 'util.c'"]),
    ("suffix", {"base/ts_helpers.h": "", "base/x-common.sh": ""}, ["'ts_helpers.h'", "'x-common.sh'"]),
    ("folder", {"misc/a.c": ""}, ["'misc'"]),
    ("home", {"a/a.md": "line\nsee /home/jane/x\n"}, ["a/a.md:2: a path of one machine"]),
    ("script", {"a/run": "cd /root/x\n"}, ["a/run:1: a path"]),
]
