#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build directory is configured when it must be, and not else: tests/setup.sh and tests/fuzz in a small tree, with a meson of ours."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MESON = """#!/bin/sh
case $1 in
setup)
	echo "$*" >>"$LOG"
	mkdir -p "$2/meson-private" "$2/tests/fuzz" && touch "$2/build.ninja"
	echo one >"$2/tests/fuzz/targets.txt"
	printf '#!/bin/sh\n' >"$2/tests/fuzz/fuzz-one" && chmod +x "$2/tests/fuzz/fuzz-one" ;;
introspect) echo '[{"name": "b_coverage", "value": true}]' ;;
esac
"""


class Tree:
    def __init__(self, folder):
        self.folder, self.root, self.log = folder, os.path.join(folder, "a tree"), os.path.join(folder, "log")
        os.makedirs(os.path.join(self.root, "tests", "fuzz"))
        os.mkdir(os.path.join(folder, "tools"))
        for name in ("tests/setup.sh", "tests/fuzz/run-fuzz", "tests/fuzz/run-coverage"):
            shutil.copy(os.path.join(ROOT, name), os.path.join(self.root, name))
        for name, text in (("meson", MESON), ("ninja", "#!/bin/sh\n"), ("clang", "#!/bin/sh\n")):
            path = os.path.join(folder, "tools", name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)

    def run(self, *command):
        """Runs in the tree; returns the exit status and how often meson set up since the last call."""
        env = {"PATH": os.path.join(self.folder, "tools") + ":" + os.environ["PATH"], "LOG": self.log}
        done = subprocess.run(command, cwd=self.root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        times = 0
        if os.path.exists(self.log):
            with open(self.log, encoding="utf-8") as file:
                times = len(file.readlines())
            os.remove(self.log)
        return done.returncode, times

    def configure(self, *args):
        return self.run("bash", "-c", '. tests/setup.sh && setup_configure "$@"', "bash", *args)

    def move(self):
        moved = os.path.join(self.folder, "moved")
        os.rename(self.root, moved)
        self.root = moved


def main():
    wrong = []

    def expect(what, got, right):
        if got != right:
            wrong.append(f"{what}: expected status and times {right}, got {got}")

    with tempfile.TemporaryDirectory(prefix="bulkhead setup ") as folder:
        tree = Tree(folder)
        expect("first", tree.configure("build", "-Da=1"), (0, 1))
        expect("again", tree.configure("build", "-Da=1"), (0, 0))
        expect("another option", tree.configure("build", "-Da=2"), (0, 1))
        for command in (["tests/fuzz/run-fuzz", "1"], ["tests/fuzz/run-coverage"]):
            expect(f"{command} first", tree.run(*command), (0, 1))
            expect(f"{command} again", tree.run(*command), (0, 0))
        for name in ("build-fuzz", "build-coverage"):
            with open(os.path.join(tree.root, name, "house-options"), "a", encoding="utf-8") as file:
                file.write("as it was once\n")
        expect("run-fuzz, other options", tree.run("tests/fuzz/run-fuzz", "1"), (0, 1))
        expect("run-coverage, other options", tree.run("tests/fuzz/run-coverage"), (0, 1))
        tree.move()
        expect("moved", tree.configure("build", "-Da=2"), (0, 1))
        expect("run-fuzz, moved", tree.run("tests/fuzz/run-fuzz", "1"), (0, 1))
        expect("run-coverage, moved", tree.run("tests/fuzz/run-coverage"), (0, 1))
        os.mkdir(os.path.join(tree.root, "empty"))
        expect("empty folder", tree.configure("empty"), (0, 1))
        expect("a folder of something else", tree.configure("tests"), (1, 0))
        if not os.path.exists(os.path.join(tree.root, "tests", "setup.sh")):
            wrong.append("a folder that is no build directory was removed")
    for line in wrong:
        print(line)
    print(f"setup: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
