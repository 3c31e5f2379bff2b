# SPDX-License-Identifier: GPL-3.0-or-later
"""The licence, as one SPDX line, comes first in every file of code (second after an interpreter line)."""

import os

import tree

LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
ENDINGS = {".c": "// ", ".h": "// ", ".py": "# ", ".sh": "# "}
NAMES = ("meson.build", "meson_options.txt")


def comment(path, lines):
    """How this file opens a comment, or None when it is no code."""
    ending = os.path.splitext(path)[1]
    if ending in ENDINGS:
        return ENDINGS[ending]
    if os.path.basename(path) in NAMES:
        return "# "
    # A script without an ending is known by its interpreter line.
    return "# " if not ending and lines and lines[0].startswith("#!") else None


def check(root, build):
    wrong = []
    for path in tree.files(root):
        with open(os.path.join(root, path), "rb") as file:
            lines = file.read(400).decode("utf-8", "replace").split("\n")
        opens = comment(path, lines)
        if opens is None:
            continue
        first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        if first != opens + LICENCE:
            wrong.append(f"{path}:1: the first line is not '{opens}{LICENCE}'")
    return wrong


SAMPLES = [
    ("good", {"a/a.c": f"// {LICENCE}\n", "a/run": f"#!/bin/sh\n# {LICENCE}\n", "a/README.md": "x", "a/meson.build": f"# {LICENCE}\n",
              "a/seed": "plain"}, []),
    ("none", {"a/a.c": "int x;\n"}, ["a/a.c:1:"]),
    ("late", {"a/a.h": f"\n// {LICENCE}\n"}, ["a/a.h:1:"]),
    ("another licence", {"a/a.py": "# SPDX-License-Identifier: MIT\n"}, ["a/a.py:1:"]),
    ("script", {"a/run": "#!/bin/sh\necho\n"}, ["a/run:1:"]),
    ("build file", {"a/meson.build": "project('x')\n"}, ["a/meson.build:1:"]),
    ("empty", {"a/a.c": ""}, ["a/a.c:1:"]),
]
