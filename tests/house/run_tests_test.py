#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""run-tests tells the truth and ends when told to: a copy of it in a small tree, whose only test is a script of ours."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WAIT_S = 30
STUCK = "#!/bin/sh\nsleep 1000 &\necho $$ $! >pids.part && mv pids.part pids\nwait\n"


def write(root, name, text, mode=0o755):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def lay(root, test):
    for name in ("run-tests", "tests/setup.sh", "tests/tally.py"):
        os.makedirs(os.path.join(root, "tests"), exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), os.path.join(root, name))
    write(root, "packages.txt", "")
    write(root, "tests/skips.txt", "")
    write(root, "tests/fuzz/run-coverage", test)
    write(root, "tests/house/run-format", "#!/bin/sh\ntouch style-ran\n")


def start(root, stages):
    # A shell that starts with SIGINT ignored, as in the background, cannot trap it.
    return subprocess.Popen(["env", "--default-signal=INT", os.path.join(root, "run-tests"), "--only", stages],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def last(said):
    return said.rstrip().split("\n")[-1]


def counted(test, status, line, tally=None):
    """What is wrong with the answer to one test, and to a tally that cannot record when `tally` is given."""
    with tempfile.TemporaryDirectory(prefix="bulkhead run ") as root:
        lay(root, test)
        if tally:
            write(root, "tests/tally.py", tally.replace("REAL", os.path.join(ROOT, "tests", "tally.py")))
        run = start(root, "coverage")
        said = run.communicate(timeout=WAIT_S)[0]
        if run.returncode != status or last(said) != line:
            return [f"expected {status} '{line}', got {run.returncode}: {said}"]
    return []


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(what):
    end = time.monotonic() + WAIT_S
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def interrupted(number):
    """What is wrong after a signal in the midst of the first of two stages."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bulkhead run ") as root:
        lay(root, STUCK)
        run = start(root, "coverage,style")
        pids = os.path.join(root, "pids")
        if not wait_for(lambda: os.path.exists(pids)):
            run.kill()
            return ["the test did not begin"]
        with open(pids, encoding="ascii") as file:
            children = [int(pid) for pid in file.read().split()]
        run.send_signal(number)
        try:
            said = run.communicate(timeout=WAIT_S)[0]
        except subprocess.TimeoutExpired:
            run.kill()
            said = ""
        if run.returncode != 1 or last(said) != "tests: 0 passed, 1 failed, 0 skipped":
            wrong.append(f"signal {number}: got {run.returncode}: {said}")
        if os.path.exists(os.path.join(root, "style-ran")):
            wrong.append(f"signal {number}: the next stage ran")
        for pid in children:
            if not wait_for(lambda: not alive(pid)):  # pylint: disable=cell-var-from-loop
                wrong.append(f"signal {number}: {pid} lives on")
                os.kill(pid, signal.SIGKILL)
    return wrong


# A tally that falls over one result after it took another, and counts as ever.
UNABLE = """import subprocess, sys
args = sys.argv[1:]
if args[0] == "add":
    subprocess.call([sys.executable, "-B", "REAL", *args[:3], "another", "0"])
    sys.exit(1)
sys.exit(subprocess.call([sys.executable, "-B", "REAL", *args]))
"""


def main():
    wrong = counted("#!/bin/sh\nexit 0\n", 0, "tests: 1 passed, 0 failed, 0 skipped")
    wrong += counted("#!/bin/sh\nexit 4\n", 1, "tests: 0 passed, 1 failed, 0 skipped")
    wrong += counted("#!/bin/sh\nexit 4\n", 1, "tests: 1 passed, 0 failed, 0 skipped", UNABLE)
    wrong += interrupted(signal.SIGTERM) + interrupted(signal.SIGINT)
    for line in wrong:
        print(line)
    print(f"run-tests: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
