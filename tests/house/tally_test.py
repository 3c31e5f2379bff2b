#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last line of run-tests tells the truth: tests/tally.py on made-up results."""

import json
import os
import subprocess
import sys
import tempfile

TALLY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tally.py")


def tally(*args):
    return subprocess.run([sys.executable, "-B", TALLY, *args], capture_output=True, text=True, check=False)


def outcome(folder, meson=(), added=(), skips="", log=None):
    """Exit status and last line for tests of a meson log (name, result) and added ones (name, status)."""
    results, testlog, skips_file = (os.path.join(folder, name) for name in ("results", "log.json", "skips.txt"))
    for path in (results, testlog):
        if os.path.exists(path):
            os.remove(path)
    with open(skips_file, "w", encoding="utf-8") as file:
        file.write(skips)
    if meson or log is not None:
        with open(testlog, "w", encoding="utf-8") as file:
            file.write(log if log is not None else
                       "".join(json.dumps({"name": f"bulkhead / {n}", "result": r, "stdout": f"out of {n}"}) + "\n" for n, r in meson))
        tally("meson", results, "build", testlog)
    for name, status in added:
        tally("add", results, "demo", name, str(status))
    run = tally("total", results, skips_file)
    return run.returncode, run.stdout.rstrip().split("\n")[-1], run.stdout + run.stderr


CASES = [
    ("all good", {"meson": [("a", "OK"), ("b", "OK")], "added": [("c", 0)]}, 0, "tests: 3 passed, 0 failed, 0 skipped"),
    ("one fails", {"meson": [("a", "OK"), ("b", "FAIL")]}, 1, "tests: 1 passed, 1 failed, 0 skipped"),
    ("timeout, error", {"meson": [("a", "OK"), ("b", "TIMEOUT"), ("c", "ERROR")]}, 1, "tests: 1 passed, 2 failed, 0 skipped"),
    ("unexpected pass", {"meson": [("a", "OK"), ("b", "UNEXPECTEDPASS")]}, 1, "tests: 1 passed, 1 failed, 0 skipped"),
    ("allowed skip", {"meson": [("a", "OK"), ("b", "SKIP")], "skips": "b no card\n"}, 0, "tests: 1 passed, 0 failed, 1 skipped"),
    ("other skip", {"meson": [("a", "OK"), ("b", "SKIP")], "skips": "c no card\n"}, 1, "tests: 1 passed, 1 failed, 0 skipped"),
    ("added skip", {"added": [("a", 0), ("b", 77)], "skips": "# x\nb why # y\n"}, 0, "tests: 1 passed, 0 failed, 1 skipped"),
    ("only skips", {"added": [("b", 77)], "skips": "b why\n"}, 1, "tests: 0 passed, 0 failed, 1 skipped"),
    ("nothing", {}, 1, "tests: 0 passed, 0 failed, 0 skipped"),
    ("a signal", {"added": [("a", 0), ("b", 139)]}, 1, "tests: 1 passed, 1 failed, 0 skipped"),
    ("empty log", {"log": "", "added": [("a", 0)]}, 1, "tests: 1 passed, 1 failed, 0 skipped"),
    ("cut log", {"log": '{"name": "a", "res', "added": [("a", 0)]}, 1, "tests: 1 passed, 1 failed, 0 skipped"),
]


def statuses(folder):
    """What is wrong with the exit statuses of `add` and `meson`: recorded, a failure recorded, not recorded."""
    results, nowhere, log = (os.path.join(folder, name) for name in ("results", "none/results", "log.json"))
    wrong = []

    def expect(right, *args):
        got = tally(*args).returncode
        if not right(got):
            wrong.append(f"{args[0]} {args[3:]}: exit status {got}")

    def lost(status):
        return status not in (0, 3)

    for status, right in (("0", 0), ("77", 0), ("1", 3), ("139", 3)):
        expect(right.__eq__, "add", results, "demo", "a", status)
        expect(lost, "add", nowhere, "demo", "a", status)
    for result, right in (("OK", 0), ("SKIP", 0), ("FAIL", 3)):
        with open(log, "w", encoding="utf-8") as file:
            file.write(json.dumps({"name": "bulkhead / a", "result": result}) + "\n")
        expect(right.__eq__, "meson", results, "build", log)
        expect(lost, "meson", nowhere, "build", log)
    expect((3).__eq__, "meson", results, "build", os.path.join(folder, "none.json"))
    with open(log, "w", encoding="utf-8") as file:
        file.write('{"result": "FAIL"}\n')
    expect(lost, "meson", results, "build", log)
    expect(lost, "add", results)
    return wrong


def main():
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="bulkhead-tally-") as folder:
        for name, given, status, line in CASES:
            got = outcome(folder, **given)
            if got[:2] != (status, line):
                print(f"{name}: expected {status} '{line}', got {got}")
                wrong += 1
        if "out of b" not in outcome(folder, meson=[("b", "FAIL")])[2]:
            print("the output of a failed test is not shown")
            wrong += 1
        if outcome(folder, added=[("a", 0)], skips="b\n")[0] == 0:
            print("a skip without a reason is accepted")
            wrong += 1
        for line in statuses(folder):
            print(line)
            wrong += 1
    print(f"tally: {len(CASES) + 3} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
