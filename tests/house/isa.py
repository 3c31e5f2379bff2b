# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kernel's library keeps to the instruction set that its row in dataplane/cipher/meson.build declares, and exports
nothing but ops tables; everything else of the programs keeps to x86-64-v2.

What is looked at is machine code, so that neither a function attribute nor an inline function of a system header can bring
in what the flags would not.
"""

import json
import os
import re
import subprocess

import instructions

KERNELS = "dataplane/cipher/meson.build"
ROW = re.compile(r"'([\w-]+)':\s*\{'source':(.*?)'args':\s*\[(.*?)\]", re.DOTALL)
TABLE = re.compile(r"\bextern const struct dp_cipher_ops (\w+)\[")
PROGRAMS = ("base", "mpegts", "dataplane", "keymgmt", "controlplane", "sdmp", "terminal-ref")
# Asks what the operating system keeps, after cpuid said that it may.
MAY = {"dataplane/cipher/libcipher.a.p/cpu.c.o": {"xsave"}}
SHOWN = 3


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def kernels(root):
    """Name and flags of each row."""
    table = re.search(r"cipher_kernels = \{\n(.*?)\n\}", read(root, KERNELS), re.DOTALL)
    return [(name, re.findall(r"'([^']+)'", args)) for name, _, args in ROW.findall(table[1])] if table else []


def library(build, name):
    return os.path.join(build, "dataplane", "cipher", f"libcipher-{name}.a")


def beyond(where, needed, allowed):
    for feature in sorted(set(needed) - allowed):
        for address, instruction in needed[feature][:SHOWN]:
            yield f"{where}:{address}: needs {feature}: {instruction}"


def check_kernel(root, build, name, flags):
    path = library(build, name)
    if not os.path.exists(path):
        yield f"{KERNELS}: {name}: not built"
        return
    allowed = set()
    for flag in (flag for flag in flags if flag.startswith("-m") and not flag.startswith("-mtune=")):
        if flag not in instructions.FLAG_FEATURES:
            yield f"{KERNELS}: {name}: this test does not know what {flag} allows"
        allowed |= instructions.FLAG_FEATURES.get(flag, set())
    for member, needed in instructions.needed([path]).items():
        yield from beyond(f"libcipher-{name}.a({os.path.basename(member)})", needed, allowed)
    yield from check_exports(root, path, name)


def check_exports(root, path, name):
    tables = TABLE.findall(read(root, "dataplane/cipher/cipher.h"))
    text = subprocess.run(["nm", "-g", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    # Address sanitizer adds an indicator to each.
    symbols = [line.split()[-1] for line in text.split("\n") if re.match(r"[0-9a-f]+ ", line) and "__odr_asan" not in line]
    yield from (f"libcipher-{name}.a: exports {symbol}" for symbol in symbols if symbol not in tables)
    if not any(symbol in tables for symbol in symbols):
        yield f"libcipher-{name}.a: exports no ops table that cipher.h declares"


def objects(build, names):
    """All objects of the programs but those of the kernels named."""
    of_kernels = tuple(f"dataplane/cipher/libcipher-{name}.a.p/" for name in names)
    outputs = [entry.get("output", "") for entry in json.loads(read(build, "compile_commands.json"))]
    outputs = [output for output in outputs if output.split("/")[0] in PROGRAMS and not output.startswith(of_kernels)]
    return [os.path.join(build, output) for output in outputs if os.path.exists(os.path.join(build, output))]


def check(root, build):
    rows = kernels(root)
    lines = [line for name, flags in rows for line in check_kernel(root, build, name, flags)]
    if not rows:
        lines.append(f"{KERNELS}: no row of a kernel was found")
    for path, needed in instructions.needed(objects(build, [name for name, _ in rows])).items():
        lines += beyond(os.path.relpath(path, build), needed, MAY.get(os.path.relpath(path, build), set()))
    return lines


def prepare(root, build):
    """Builds a sample: x86/NAME.c of each row, and every other .c file as one of the programs' objects."""
    baseline = ["gcc", "-O2", "-march=x86-64-v2", "-c"]
    for name, flags in kernels(root):
        os.makedirs(os.path.dirname(library(build, name)), exist_ok=True)
        made = os.path.join(build, f"{name}.o")
        source = os.path.join(root, "dataplane/cipher/x86", f"{name}.c")
        if os.path.exists(source):
            subprocess.run([*baseline, *flags, source, "-o", made], check=True)
            subprocess.run(["ar", "rcs", library(build, name), made], check=True)
    commands = []
    for name in (name for name in ("cpu", "other", "no_row") if os.path.exists(os.path.join(root, f"dataplane/cipher/{name}.c"))):
        output = f"dataplane/cipher/libcipher{'-no-row' if name == 'no_row' else ''}.a.p/{name}.c.o"
        os.makedirs(os.path.dirname(os.path.join(build, output)), exist_ok=True)
        subprocess.run([*baseline, os.path.join(root, f"dataplane/cipher/{name}.c"), "-o", os.path.join(build, output)], check=True)
        commands.append({"output": output})
    with open(os.path.join(build, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(commands, file)


HEADER = "struct dp_cipher_ops { int x; };\nextern const struct dp_cipher_ops dp_k[1];\n"
DEFINED = '#include "../cipher.h"\nconst struct dp_cipher_ops dp_k[1] = {{1}};\n'


def sample(flags, body, **others):
    """A tree with one kernel "k"."""
    quoted = ", ".join(f"'{flag}'" for flag in flags.split())
    tree = {
        KERNELS: f"cipher_kernels = {{\n  'k': {{'source': files('x86/k.c'), 'args': [{quoted}]}},\n}}\n",
        "dataplane/cipher/cipher.h": HEADER,
    }
    if body is not None:
        tree["dataplane/cipher/x86/k.c"] = DEFINED + body
    tree["dataplane/cipher/other.c"] = "int other(int x) { return x + 1; }\n"
    return tree | {f"dataplane/cipher/{name}.c": text for name, text in others.items()}


def uses(instruction):
    return f'static __attribute__((used)) void f(void) {{ __asm__("{instruction}"); }}\n'


AVX512 = "-mavx512f -mavx512bw -mavx512dq -mavx512vl"

VECTOR = """\
typedef int v __attribute__((vector_size(64)));
static __attribute__((used, target("avx512f"))) void f(v *to, const v *a) { *to += *a; }
"""

SAMPLES = [
    ("good", sample("-mavx2 -maes", uses("vpxor %ymm0, %ymm1, %ymm2; vaesenclast %xmm0, %xmm1, %xmm2; aesenc %xmm0, %xmm1")), []),
    ("good with avx512", sample(AVX512 + " -mavx512vbmi -mgfni", uses(
        "vpermb %zmm0, %zmm1, %zmm2; vgf2p8affineqb $0, %ymm0, %ymm1, %ymm2; kmovq %k1, %rax; vpxorq %xmm16, %xmm1, %xmm2")), []),
    ("attribute", sample("-mavx2", VECTOR), ["needs avx512"] * 3),
    ("zmm", sample("-mavx2", uses("vpxord %zmm0, %zmm1, %zmm2")), ["needs avx512: vpxord %zmm0"]),
    ("mask register", sample("-mavx2", uses("kmovw %k1, %eax")), ["needs avx512: kmovw"]),
    ("sixteenth register", sample("-mavx2", uses("vpxord %ymm16, %ymm1, %ymm2")), ["needs avx512"]),
    ("ymm", sample("-maes", uses("vpxor %ymm0, %ymm1, %ymm2")), ["needs avx2"]),
    ("xmm of avx", sample("-maes", uses("vpxor %xmm0, %xmm1, %xmm2")), ["needs avx2"]),
    ("aes", sample("-mavx2", uses("aesenc %xmm0, %xmm1")), ["needs aes: aesenc"]),
    ("aes of avx", sample("-mavx2", uses("vaesenc %xmm0, %xmm1, %xmm2")), ["needs aes: vaesenc"]),
    ("vaes of ymm", sample("-mavx2 -maes", uses("vaesenc %ymm0, %ymm1, %ymm2")), ["needs vaes"]),
    ("vaes of zmm", sample(AVX512, uses("vaesenc %zmm0, %zmm1, %zmm2")), ["needs vaes"]),
    ("vbmi", sample(AVX512, uses("vpermi2b %zmm0, %zmm1, %zmm2")), ["needs vbmi"]),
    ("vbmi2", sample(AVX512 + " -mavx512vbmi", uses("vpcompressb %zmm0, %zmm1{%k1}")), ["needs vbmi2"]),
    ("gfni", sample(AVX512, uses("vgf2p8affineqb $0, %zmm0, %zmm1, %zmm2")), ["needs gfni"]),
    ("gfni of avx", sample("-mavx2", uses("vgf2p8mulb %ymm0, %ymm1, %ymm2")), ["needs gfni"]),
    ("vnni", sample(AVX512, uses("vpdpbusd %zmm0, %zmm1, %zmm2")), ["needs newer than avx512"]),
    ("bmi", sample("-mavx2", uses("pdep %rax, %rbx, %rcx")), ["needs bmi"]),
    ("fma", sample("-mavx2", uses("vfmadd132ps %ymm0, %ymm1, %ymm2")), ["needs fma"]),
    ("unknown flag", sample("-mavx512vbmi2", ""), ["does not know what -mavx512vbmi2 allows"]),
    ("a function exported", sample("-mavx2", "int dp_f(void) { return 1; }\n"), ["exports dp_f"]),
    ("a weak function exported", sample("-mavx2", "__attribute__((weak)) int dp_f(void) { return 1; }\n"), ["exports dp_f"]),
    ("a table that is not declared", sample("-mavx2", "const struct dp_cipher_ops dp_l[1];\n"), ["exports dp_l"]),
    ("not built", sample("-mavx2", None), ["k: not built"]),
    ("avx elsewhere", sample("-mavx2", "", other=uses("vpxor %xmm0, %xmm1, %xmm2")), ["other.c.o:0: needs avx2"]),
    ("aes elsewhere", sample("-mavx2", "", other=uses("aesenc %xmm0, %xmm1")), ["needs aes"]),
    ("a library without a row", sample("-mavx2", "", no_row=uses("vpxor %xmm0, %xmm1, %xmm2")), ["no_row.c.o:0: needs avx2"]),
    ("xgetbv where it may be", sample("-mavx2", "", cpu=uses("xgetbv")), []),
    ("xgetbv elsewhere", sample("-mavx2", "", other=uses("xgetbv")), ["needs xsave"]),
    ("no rows", {KERNELS: "cipher_kernels = {}\n", "dataplane/cipher/cipher.h": HEADER,
                 "dataplane/cipher/other.c": "int x;\n"}, ["no row of a kernel"]),
]
