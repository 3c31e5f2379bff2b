# SPDX-License-Identifier: GPL-3.0-or-later
"""One dataplane under test: its configuration and keys in a folder of its own, its run, what it left behind.

The programs come from the environment, set by meson: BULKHEAD_DATAPLANE, BULKHEAD_TERMINAL, FLOW_VERDICT.
"""

import json
import os
import random
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import live_ts as ts
import port_frames

CW_BYTES = {"csa1": 8, "csa2": 8, "cissa": 16, "idsa": 16, "aes-cbc": 16, "aes-ecb": 16, "sm4-cbc": 16}
WAIT_S = 60  # no wait is longer; a sanitizer build is slow to start


def program(name):
    return os.environ[name]


def sanitized():
    """Whether the dataplane under test is a sanitizer build."""
    with open(program("BULKHEAD_DATAPLANE"), "rb") as file:
        return b"__asan_init" in file.read()


def make_keys(path, groups, seed=7, repeat=False):
    """groups: {name: (algorithm, period_ms, number of control words)}. Returns all control words as hex digits."""
    dice, made = random.Random(seed), []
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        for name, (algorithm, period_ms, cps) in groups.items():
            file.write(f"group {name} period_ms {period_ms}{' repeat' if repeat else ''}\n")
            for cp in range(cps):
                made.append(dice.randbytes(CW_BYTES[algorithm]).hex())
                file.write(f"cp {cp} {'odd' if cp % 2 else 'even'} {made[-1]}\n")
    return made


def document(ports, inputs, outputs, services, **more):
    cpus = sorted(os.sched_getaffinity(0))
    made = {"main_core": cpus[0], "workers": [{"core": cpus[-1]}], "idle": "yield", "memory": {"hugepages": False, "mib": 128},
            "keys": "keys.txt", "ports": ports, "inputs": inputs, "outputs": outputs, "services": services}
    made.update(more)
    return {name: value for name, value in made.items() if value is not None}


def service(name, number, input_name, output_name, algorithm="csa2", group=None, **more):
    made = {"name": name, "program": number, "input": input_name, "output": output_name}
    if algorithm:
        made["scrambling"] = {"group": group or name, "algorithm": algorithm}
    else:
        made["clear_service"] = True
    made.update(more)
    return made


class Running:
    """A dataplane that has been started; its output goes to a file that can be looked into at any time."""

    def __init__(self, folder, name, options, env=None, prefix=()):
        self.name, self.log = name, os.path.join(folder, f"{name}.log")
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen([*prefix, program("BULKHEAD_DATAPLANE"), *options], stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def until(self, what, condition):
        """Polls until condition(); fails when the dataplane ends or time is up."""
        end = time.monotonic() + WAIT_S
        while not condition():
            if self.child.poll() is not None:
                if condition():
                    return
                raise AssertionError(f"{self.name} ended with {self.child.returncode} before {what}:\n{self.text()}")
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: no {what} in {WAIT_S} s:\n{self.text()}")
            select.select([], [], [], 0.01)

    def ready(self):
        self.until("READY", lambda: re.search(r"\bREADY\b", self.text()))

    def wait(self):
        try:
            return self.child.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"{self.name} did not end in {WAIT_S} s:\n{self.text()}") from None

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()


class Case(unittest.TestCase):
    """A test with a folder that goes away, and no dataplane that outlives it."""

    def run(self, result=None):
        def end(*_):
            result.stop()
            sys.exit(2)

        # An end by signal ends this test like an error, so that nothing stays behind, and no other test begins.
        signal.signal(signal.SIGTERM, end)
        return super().run(result)

    def setUp(self):
        os.umask(0o077)
        self.temporary = tempfile.TemporaryDirectory(prefix="bulkhead-flow-")
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def configure(self, made, name="dataplane.json"):
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(made, file, indent=1)
        return self.path(name)

    def start(self, *options, config="dataplane.json", name="dataplane", env=None, prefix=()):
        running = Running(self.folder, name, ["--config", self.path(config), "--stats", self.path(f"{name}-stats.json"), *options], env, prefix)
        self.addCleanup(running.kill)
        return running

    def stats(self, name="dataplane"):
        with open(self.path(f"{name}-stats.json"), encoding="utf-8") as file:
            return json.load(file)

    def run_dataplane(self, *options, **more):
        """Runs until it ends by itself. Returns the statistics."""
        running = self.start(*options, **more)
        status = running.wait()
        self.assertEqual(status, 0, running.text())
        self.assertNotIn("Sanitizer", running.text())
        self.assertNotIn("runtime error", running.text())
        return self.stats(running.name)

    def open(self, capture, opened, groups, expect=(0,), **more):
        """Runs the terminal; groups: {program: scrambling group}. Returns its report."""
        command = [program("BULKHEAD_TERMINAL"), "--input", capture, "--output", opened, "--schedule", self.path(more.get("keys", "keys.txt")),
                   "--report", self.path("report.json")]
        for number, group in groups.items():
            command += ["--group", f"{number}={group}", "--program", str(number)]
        if "filter" in more:
            command += ["--filter", more["filter"]]
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT_S, check=False)
        self.assertIn(run.returncode, expect, run.stderr)
        with open(self.path("report.json"), encoding="utf-8") as file:
            return json.load(file)

    def judge(self, source, capture, opened, algorithm, number, *options, good=True):
        """Asks flow_verdict; returns what it said."""
        command = [program("FLOW_VERDICT"), "--source", source, "--capture", capture, "--opened", opened, "--algorithm", algorithm,
                   "--program", str(number), "--json", *options]
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT_S, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        said = json.loads(run.stdout)
        if good:
            self.assertTrue(said["good"], said["reasons"])
            self.assertEqual(said["leaked_pkts"], 0)
        return said

    def capture(self, frames, group, name):
        """The transport packets sent to a group, as a file; returns its path."""
        ts.write(self.path(name), ts.split(b"".join(port_frames.payloads(frames, group))))
        return self.path(name)
