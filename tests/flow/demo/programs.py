# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the demo's programs: started with their output in a log, waited for by events, ended by their own pid."""

import os
import subprocess
import sys
import time

POLL_S = 0.02


class Failed(Exception):
    """The demo could not run, as opposed to: it ran and showed a fault."""


def say(text):
    print(f"-- {text}", flush=True)


class Program:
    """A started program. It is killed by the kernel when the demo dies (setpriv --pdeathsig)."""

    def __init__(self, name, command, log_dir, prefix=()):
        self.name = name
        self.log = os.path.join(log_dir, f"{name}.log")
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen([*prefix, "setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child.poll() is None

    def tail(self, first=5, last=12):
        """What it said: the first and the last lines."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
        if len(lines) > first + last:
            lines[first:-last] = ["...\n"]
        return "".join(f"    {line}" for line in lines)

    def said(self, word):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return word in file.read()

    def wait(self, seconds):
        """Waits for its own end; returns the exit status."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.name} did not end within {seconds} s\n{self.tail()}") from None

    def stop(self, seconds=10):
        """Asks it to end and waits; returns the exit status."""
        if self.running():
            self.child.terminate()
        return self.wait(seconds)

    def kill(self):
        if self.running():
            self.child.kill()
        self.child.wait()


def until(what, condition, seconds, programs=()):
    """Waits until condition() is true. None of `programs` may end meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        for program in programs:
            if not program.running() and not condition():
                raise Failed(f"{program.name} ended with status {program.child.returncode}\n{program.tail()}")
        if time.monotonic() > end:
            tails = "".join(f"  {p.name} said:\n{p.tail()}" for p in programs)
            raise Failed(f"waited {seconds} s in vain for {what}\n{tails}")
        time.sleep(POLL_S)


def run(command, log_dir, name, prefix=(), seconds=120):
    """Runs a program to its end; anything but status 0 is a failure."""
    program = Program(name, command, log_dir, prefix)
    status = program.wait(seconds)
    if status != 0:
        raise Failed(f"{name} ended with status {status}: {' '.join(command)}\n{program.tail()}")
    return program


def progress(text):
    if sys.stdout.isatty():
        print(f"\r   {text}\x1b[K", end="", flush=True)


class Quiet:
    """A number that is watched until it has stood still for a while."""

    def __init__(self, read, seconds):
        self.read, self.seconds = read, seconds
        self.last, self.since = read(), time.monotonic()

    def value(self):
        now = self.read()
        if now != self.last:
            self.last, self.since = now, time.monotonic()
        return self.last

    def quiet(self):
        self.value()
        return time.monotonic() - self.since >= self.seconds
