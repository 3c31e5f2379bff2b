# SPDX-License-Identifier: GPL-3.0-or-later
"""The build is the wall: no include path of the root, nor of a foreign folder past its api/, in compile_commands.json."""

import json
import os
import shlex

import tree

FLAGS = ("-I", "-isystem", "-iquote", "-idirafter")


def include_paths(entry):
    words = entry.get("arguments") or shlex.split(entry["command"])
    for index, word in enumerate(words):
        for flag in FLAGS:
            if word == flag and index + 1 < len(words):
                yield words[index + 1]
            elif word.startswith(flag) and len(word) > len(flag):
                yield word[len(flag):]


def inside(path, folder):
    return path == folder or path.startswith(folder + os.sep)


def judge(mine, relative, opened):
    """What is wrong with a source of folder `mine` having this include path (relative to the root, or None)."""
    if relative == ".":
        return "the root of the tree is an include path"
    theirs = relative.split(os.sep)[0]
    if theirs == mine or theirs not in tree.MAY_SEE:
        return None
    if theirs not in tree.MAY_SEE.get(mine, ()):
        return f"{mine} may not see {relative}"
    if relative == os.path.join(theirs, "api"):
        return None
    if mine not in tree.MAY_OPEN_ONE:
        return f"{relative} is not {theirs}/api"
    # A benchmark has opened a folder itself, and its test sees that one with it.
    if theirs != "bench":
        opened.add(theirs)
    return f"opens more than one folder: {', '.join(sorted(opened))}" if len(opened) > 1 else None


def check(root, build):
    try:
        with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
            entries = json.load(file)
    except OSError as error:
        return [f"compile_commands.json: {error}"]
    lines = set() if entries else {"compile_commands.json: empty"}
    for entry in entries:
        source = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        opened = set()
        for path in include_paths(entry):
            full = os.path.normpath(os.path.join(entry["directory"], path))
            # Meson mirrors each include directory below the build directory.
            base = build if inside(full, build) else root
            if not inside(full, base) or not inside(source, root):
                continue
            wrong = judge(tree.top(os.path.relpath(source, root)), os.path.relpath(full, base), opened)
            if wrong:
                lines.add(f"{os.path.relpath(source, root)}:1: {wrong}")
    return sorted(lines)


def _sample(file, *flags):
    entry = {"directory": "@ROOT@/build", "file": f"../{file}", "command": f"cc {' '.join(flags)} -c ../{file}"}
    return {"build/compile_commands.json": json.dumps([entry])}


SAMPLES = [
    ("own and below", _sample("mpegts/a.c", "-Impegts/libmpegts.a.p", "-I../mpegts/api", "-I../mpegts", "-Ibase/api", "-I../base/api", "-I/usr/include/x"), []),
    ("root", _sample("mpegts/a.c", "-I.."), ["mpegts/a.c:1: the root of the tree"]),
    ("root of the build", _sample("mpegts/a.c", "-I."), ["the root of the tree"]),
    ("root in another way", _sample("mpegts/a.c", "-isystem", "@ROOT@/base/.."), ["the root of the tree"]),
    ("upwards", _sample("base/a.c", "-I../mpegts/api"), ["base may not see mpegts/api"]),
    ("terminal", _sample("terminal-ref/a.c", "-I../dataplane/cipher"), ["terminal-ref may not see dataplane/cipher"]),
    ("past the api", _sample("mpegts/a.c", "-I../base"), ["base is not base/api"]),
    ("white box", _sample("tests/unit/a.c", "-I../tests/unit", "-I../base", "-I../mpegts/api"), []),
    ("the test of a benchmark", _sample("tests/unit/a.c", "-I../bench", "-I../dataplane"), []),
    ("the test of a benchmark, and another box", _sample("tests/unit/a.c", "-I../bench", "-I../dataplane", "-I../keymgmt"),
     ["opens more than one folder"]),
    ("two white boxes", _sample("tests/unit/a.c", "-I../base", "-I../mpegts"), ["opens more than one folder"]),
    ("nothing built", {"build/compile_commands.json": "[]"}, ["empty"]),
    ("not there", {"x/y": ""}, ["compile_commands.json:"]),
]
