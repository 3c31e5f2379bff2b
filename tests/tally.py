# SPDX-License-Identifier: GPL-3.0-or-later
"""The count behind run-tests: takes results into one file and prints the last line.

    tally.py meson RESULTS STAGE TESTLOG.json   adds every test of a `meson test` run
    tally.py add RESULTS STAGE NAME STATUS      adds one result by its exit status (77: skipped)
    tally.py total RESULTS SKIPS                names what failed, then `tests: N passed, N failed, N skipped`

A skip counts as one only when SKIPS names its test (a line: name, then the reason); any other skip is a failure.
The exit status of `total` is true only when nothing failed and something passed. `meson` and `add` have 0 when all
was recorded and passed or skipped, 3 when all was recorded and something failed; any other means that a result may be missing.
"""

import json
import sys

PASSED = ("OK", "EXPECTEDFAIL")
RECORDED_FAILURE = 3


def record(results, stage, name, outcome, detail=""):
    with open(results, "a", encoding="utf-8") as file:
        file.write(json.dumps({"stage": stage, "name": name, "outcome": outcome, "detail": detail}) + "\n")


def take_meson(results, stage, testlog):
    """Adds the tests of one log and returns the exit status; no log or no test in it is a failure too."""
    try:
        with open(testlog, encoding="utf-8") as file:
            tests = [json.loads(line) for line in file if line.strip()]
    except (OSError, ValueError) as error:
        record(results, stage, "meson test", "failed", f"no result: {error}")
        return RECORDED_FAILURE
    failed = not tests
    for test in tests:
        name, result = test["name"].split(" / ")[-1], test["result"]
        outcome = "passed" if result in PASSED else "skipped" if result == "SKIP" else "failed"
        failed |= outcome == "failed"
        tail = "\n".join((test.get("stdout", "") + test.get("stderr", "")).rstrip().split("\n")[-25:])
        record(results, stage, name, outcome, "" if outcome == "passed" else f"{result}\n{tail}")
    if not tests:
        record(results, stage, "meson test", "failed", "ran no test")
    return RECORDED_FAILURE if failed else 0


def take_status(results, stage, name, status):
    outcome = {"0": "passed", "77": "skipped"}.get(status, "failed")
    record(results, stage, name, outcome, "" if outcome == "passed" else f"exit status {status}; its output stands above")
    return RECORDED_FAILURE if outcome == "failed" else 0


def read_skips(path):
    """Name to reason. A name without a reason is refused."""
    skips = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split("#", 1)[0].split(None, 1)
            if len(words) == 1:
                sys.exit(f"{path}:{number}: '{words[0]}' has no reason")
            if words:
                skips[words[0]] = words[1].strip()
    return skips


def total(results, skips_path):
    skips = read_skips(skips_path)
    try:
        with open(results, encoding="utf-8") as file:
            tests = [json.loads(line) for line in file]
    except FileNotFoundError:
        tests = []
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for test in tests:
        outcome, where = test["outcome"], f"{test['stage']}: {test['name']}"
        if outcome == "skipped" and test["name"] not in skips:
            outcome, test["detail"] = "failed", "skipped, and tests/skips.txt does not allow it\n" + test["detail"]
        counts[outcome] += 1
        if outcome == "failed":
            print(f"FAILED  {where}")
            print("".join(f"    {line}\n" for line in test["detail"].strip().split("\n")), end="")
        elif outcome == "skipped":
            print(f"skipped {where} ({skips[test['name']]})")
    print("tests: {passed} passed, {failed} failed, {skipped} skipped".format(**counts), flush=True)
    return 0 if counts["passed"] and not counts["failed"] else 1


def main(args):
    if args[:1] == ["meson"] and len(args) == 4:
        return take_meson(*args[1:])
    if args[:1] == ["add"] and len(args) == 5:
        return take_status(*args[1:])
    if args[:1] == ["total"] and len(args) == 3:
        return total(*args[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
