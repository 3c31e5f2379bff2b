# SPDX-License-Identifier: GPL-3.0-or-later
"""Every api header compiles alone, and twice, with nothing in sight but the api folders its folder may see."""

import os
import shutil
import subprocess

import tree

FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-march=x86-64-v2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]


def compilers():
    found = [c for c in ("gcc", "clang-14", "clang") if shutil.which(c)]
    return found[:2] if found[1:2] == ["clang-14"] else found


def compile_twice(compiler, root, path):
    """The first line of complaint about one header, or None."""
    folder = tree.top(path)
    seen = [folder, *tree.MAY_SEE.get(folder, ())]
    includes = [f"-I{os.path.join(root, f, 'api')}" for f in seen if os.path.isdir(os.path.join(root, f, "api"))]
    text = f'#include <{os.path.basename(path)}>\n' * 2
    run = subprocess.run([compiler, *FLAGS, *includes, "-x", "c", "-"], input=text, capture_output=True, text=True, check=False)
    return None if run.returncode == 0 else next((l for l in run.stderr.split("\n") if "error" in l), run.stderr[:200])


def check(root, build):
    headers = [p for p in tree.c_files(root) if tree.in_api(p) and p.endswith(".h")]
    found = ((p, c, compile_twice(c, root, p)) for p in headers for c in compilers())
    return [f"{path}:1: does not compile alone with {compiler}: {why}" for path, compiler, why in found if why]


SAMPLES = [
    ("good", {"base/api/base_x.h": "#pragma once\n#include <stdint.h>\nstruct base_x { uint8_t y; };\n",
              "mpegts/api/ts_x.h": "#pragma once\n#include <base_x.h>\nstruct ts_x { struct base_x y; };\n"}, []),
    ("forgotten include", {"base/api/base_x.h": "#pragma once\nuint8_t base_x(void);\n"},
     [f"base/api/base_x.h:1: does not compile alone with {c}" for c in compilers()]),
    ("no guard", {"base/api/base_x.h": "struct base_x { int y; };\n"}, ["compile alone"] * len(compilers())),
    ("sees upwards", {"mpegts/api/ts_x.h": "#pragma once\nint ts_x;\n", "base/api/base_x.h": "#pragma once\n#include <ts_x.h>\n"},
     ["base/api/base_x.h:1:"] * len(compilers())),
]
