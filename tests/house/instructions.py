# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processor feature an instruction of x86-64 needs beyond x86-64-v2, from objdump's bytes and words.

The encoding tells most of it: an EVEX prefix (0x62) is AVX-512's and a VEX prefix (0xc4, 0xc5) AVX's, unless the mnemonic
belongs to an extension of its own. Among what has neither, only the extensions are named: all else is of the baseline.
"""

import re
import subprocess

# Of the names of meson's and the compiler's flags. What is not here no kernel may have.
FLAG_FEATURES = {
    "-maes": {"aes"},
    "-mavx2": {"avx2"},
    "-mvaes": {"avx2", "vaes"},
    "-mavx512f": {"avx2", "avx512"},
    "-mavx512bw": {"avx2", "avx512"},
    "-mavx512dq": {"avx2", "avx512"},
    "-mavx512vl": {"avx2", "avx512"},
    "-mavx512vbmi": {"avx2", "avx512", "vbmi"},
    "-mgfni": {"gfni"},
}

LEGACY = [
    (r"aes", "aes"),
    (r"gf2p8", "gfni"),
    (r"pclmul", "pclmulqdq"),
    (r"sha(1|256)", "sha"),
    (r"lzcnt", "lzcnt"),
    (r"movbe", "movbe"),
    (r"ad[co]x", "adx"),
    (r"rd(rand|seed)", "rdrand"),
    (r"x(begin|end|abort|test)$", "rtm"),
    (r"xgetbv|xsetbv|xsave|xrstor", "xsave"),
    (r"(rd|wr)[fg]sbase", "fsgsbase"),
    (r"clflushopt|clwb|clzero|cldemote", "cache lines"),
    (r"movdir|enqcmd|rdpid|umwait|umonitor|tpause|serialize", "newer than x86-64-v2"),
    (r"extrq|insertq|movnts[sd]$", "sse4a"),
]

VEX = [
    (r"k(mov|and|andn|or|xor|xnor|not|add|test|ortest|shift[lr]|unpck)", "avx512"),
    (r"vgf2p8", "gfni"),
    (r"vpclmul", "pclmulqdq"),
    (r"vf[n]?m(add|sub)", "fma"),
    (r"vcvtph2ps|vcvtps2ph", "f16c"),
    (r"vpdp(bus|bss|bsu|buu|wus|wsu|wuu|wss)d|vpmadd52", "newer than avx2"),
    (r"v(sm3|sm4|sha512|bcstne|cvtne)", "newer than avx2"),
    (r"andn|bextr|bls|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx", "bmi"),
]

EVEX = [
    (r"vpermb$|vperm[it]2b$|vpmultishiftqb", "vbmi"),
    (r"vgf2p8", "gfni"),
    (r"vaes", "vaes"),
    (r"vpclmul", "pclmulqdq"),
    (r"vp(compress|expand)[bw]$|vpsh[lr]d", "vbmi2"),
    (r"vpopcnt|vpshufbitqmb", "vpopcntdq or bitalg"),
    (r"vpconflict|vplzcnt|vpbroadcastm", "avx512cd"),
    (r"vpdp|vpmadd52|.*bf16|vp2intersect|vrcp28|vrsqrt28|vexp2|v(gather|scatter)pf", "newer than avx512 of skylake"),
]

LINE = re.compile(r"^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t?([^#<]*)")
MEMBER = re.compile(r"^(\S+):\s+file format ")
PREFIXES = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x67, 0xF0}
IGNORED = {"rep", "repz", "repnz", "lock", "notrack", "bnd", "data16", "addr32", "cs", "ds", "es", "ss", "fs", "gs"}


def first(table, mnemonic):
    return next((feature for pattern, feature in table if re.match(pattern, mnemonic)), None)


def features(code, words):
    """What one instruction needs, as a set that is empty for the baseline."""
    words = [word for word in words.split() if word not in IGNORED and not word.startswith("rex")]
    if not words:
        return set()
    mnemonic, operands = words[0], " ".join(words[1:])
    while code and code[0] in PREFIXES:
        code = code[1:]
    if mnemonic == "(bad)":
        return {"what objdump does not know"}
    if code[0] == 0x62:
        if code[1] & 7 in (5, 6):
            return {"avx512fp16"}
        return {"avx512", first(EVEX, mnemonic) or "avx512"}
    if code[0] in (0xC4, 0xC5):
        if mnemonic.startswith("vaes"):
            return {"avx2", "vaes" if "%ymm" in operands else "aes"}
        return {"avx2", first(VEX, mnemonic) or "avx2"}
    feature = first(LEGACY, mnemonic)
    return {feature} if feature else set()


def needed(paths):
    """For each object in these files: {object: {feature: [(address, instruction), ...]}}."""
    text = subprocess.run(["objdump", "-d", "--insn-width=16", *paths], check=True, capture_output=True, text=True).stdout
    found, here = {}, None
    for line in text.split("\n"):
        match = LINE.match(line)
        if match:
            for feature in features(bytes.fromhex(match[2]), match[3]):
                here.setdefault(feature, []).append((match[1], " ".join(match[3].split())))
            continue
        match = MEMBER.match(line)
        if match:
            here = found.setdefault(match[1], {})
    return found
