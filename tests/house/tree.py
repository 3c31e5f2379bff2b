# SPDX-License-Identifier: GPL-3.0-or-later
"""The source tree as the house checks see it: its files, its folders and who may include whom."""

import os
import re

# Who may see whose api/ (ARCHITECTURE.md, "The house"). Down only; nobody else may.
MAY_SEE = {
    "base": (),
    "mpegts": ("base",),
    "dataplane": ("mpegts", "base"),
    "keymgmt": ("mpegts", "base"),
    "controlplane": ("keymgmt", "dataplane", "mpegts", "base"),
    "sdmp": ("keymgmt", "base"),
    "terminal-ref": ("mpegts", "base"),
    "bench": ("controlplane", "sdmp", "keymgmt", "dataplane", "terminal-ref", "mpegts", "base"),
    "tests": ("bench", "controlplane", "sdmp", "keymgmt", "dataplane", "terminal-ref", "mpegts", "base"),
}

# A file of these folders may also open one folder (a white-box test).
MAY_OPEN_ONE = ("bench", "tests")


def files(root):
    """Paths of all source files relative to `root`, sorted; builds, git's own and caches left out."""
    found = []
    for folder, folders, names in os.walk(root):
        top = os.path.relpath(folder, root) == "."
        folders[:] = sorted(f for f in folders if f not in (".git", "__pycache__") and not (top and f.startswith("build")))
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names if not name.endswith(".pyc")]
    return sorted(found)


def c_files(root):
    return [path for path in files(root) if path.endswith((".c", ".h"))]


def top(path):
    """The folder of the house that a path lies in; an empty string for the root's own files."""
    return path.split(os.sep)[0] if os.sep in path else ""


def in_api(path):
    parts = path.split(os.sep)
    return len(parts) >= 3 and parts[1] == "api"


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_only(text):
    """C source with comments and the contents of literals blanked, line numbers kept."""
    return TOKENS.sub(lambda m: "".join(c if c == "\n" else " " for c in m.group()), text)
