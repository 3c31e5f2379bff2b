#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutations of the guard's source, each of which fault_hooks must catch: or the fault tests prove nothing.

bulkhead-dataplane-faulty is linked again with a mutated stage/guard.o by the build's own commands, in a folder that goes
away. Linked with the guard as it is, the same tests must pass.

    fault_guard_mutants.py BUILD SOURCE FAULT_HOOKS [arguments of FAULT_HOOKS]
"""

import concurrent.futures
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile

TARGET = "dataplane/bulkhead-dataplane-faulty"
OBJECT = f"{TARGET}.p/stage_guard.c.o"
GUARD = "dataplane/stage/guard.c"
TEST_S = 120

# (what, pattern in the guard, its mutation, the fault whose test must see it)
MUTANTS = (
    ("never finds a payload unchanged", r"(static bool unchanged\([^)]*\)\n{\n)", r"\1\treturn false;\n", "skip-lane"),
    ("never looks at clear packets", r"return !DP_FAULT\(GUARD_OFF\) && ", "return false && ", "wrong-kind"),
    ("takes the null packet's bytes for scrambled", r" \|\| word == UINT64_MAX", "", "unwritten"),
    ("takes a slot that waits for sealed", r"return DP_DROP_GUARD_UNSEALED;", "return -1;", "lost-key"),
    ("compares the first word only", r"i < note->n;", "i < 1;", "zero-mask"),
    ("counts and lets pass", r"ts_packet_null\([^;]*;", "", "skip-lane"),
    ("nulls the header alone", r"ts_packet_null\(([^;]*)\);", r'memcpy(\1, "\\x47\\x1F\\xFF\\x10", 4);', "skip-lane"),
    ("blocks and says nothing", r"dp_count\(\S+drops\[reason\], 1\);", "", "skip-lane"),
    ("looks at the first slot only", r"i < dgram->slots;", "i < 1;", "skip-lane"),
)


class Relink:
    """The build's commands for the faulty dataplane."""

    def __init__(self, build):
        self.build = build
        with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
            entries = [entry for entry in json.load(file) if entry.get("output") == OBJECT]
        if len(entries) != 1:
            raise SystemExit(f"compile_commands.json has {len(entries)} entries for {OBJECT}")
        # Without the file of dependencies, which belongs to the build.
        self.compile = shlex.split(re.sub(r" -MD -MQ \S+ -MF \S+", "", entries[0]["command"]))
        self.file = entries[0]["file"]
        said = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s", TARGET], capture_output=True, text=True, check=True)
        self.link = shlex.split(said.stdout.strip().split("\n")[-1])
        if OBJECT not in self.link or self.file not in self.compile:
            raise SystemExit(f"the build's commands do not name {OBJECT} and {self.file}")

    def make(self, folder, guard):
        """Links a dataplane with this text as its guard; returns its path."""
        source, made, program = (os.path.join(folder, name) for name in ("guard.c", "guard.o", "dataplane"))
        with open(source, "w", encoding="utf-8") as file:
            file.write(guard)
        for command, swap in ((self.compile, {self.file: source, OBJECT: made}), (self.link, {OBJECT: made, TARGET: program})):
            done = subprocess.run([swap.get(word, word) for word in command], cwd=self.build, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"not built again:\n{done.stdout}{done.stderr}")
        return program


def hooks(args, program, fault):
    """Status of the fault's test with this dataplane, and the lines in which it says what is wrong."""
    done = subprocess.run([sys.executable, "-B", *args, "--faulty", program, "--only", fault], capture_output=True, text=True,
                          timeout=TEST_S, check=False)
    return done.returncode, [row for row in done.stdout.split("\n") if row.startswith("WRONG ")], done.stdout + done.stderr


def try_mutant(relink, args, guard, mutant):
    what, pattern, mutation, fault = mutant
    mutated, times = re.subn(pattern, mutation, guard)
    if times != 1:
        return [f"{what}: the guard matches '{pattern}' {times} times, not once"]
    with tempfile.TemporaryDirectory(prefix="bulkhead-mutant-") as folder:
        status, said, everything = hooks(args, relink.make(folder, mutated), fault)
    if status != 1 or not said:
        return [f"a guard that {what} passes the test of {fault} with status {status}: {everything[-500:]}"]
    print(f"a guard that {what}: {said[0][:150]}")
    return []


def try_unmutated(relink, args, guard):
    with tempfile.TemporaryDirectory(prefix="bulkhead-mutant-") as folder:
        program = relink.make(folder, guard)
        tries = {fault: hooks(args, program, fault) for fault in sorted({mutant[3] for mutant in MUTANTS})}
    return [f"the guard as it is does not pass the test of {fault}: {everything[-500:]}"
            for fault, (status, _, everything) in tries.items() if status != 0]


def main(build, source, *args):
    # An end by signal unwinds like an error, so that nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    with open(os.path.join(source, GUARD), encoding="utf-8") as file:
        guard = file.read()
    relink = Relink(build)
    wrong = try_unmutated(relink, args, guard)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for lines in pool.map(lambda mutant: try_mutant(relink, args, guard, mutant), MUTANTS):
            wrong += lines
    for row in wrong:
        print(f"WRONG {row}")
    print(f"fault-guard-mutants: {len(MUTANTS)} mutants, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
