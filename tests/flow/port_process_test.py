#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dataplane as a process: READY, sd_notify, SIGTERM, no core dumps, no privileges, and no control word where one could look.

As root the run is repeated by the user nobody; without, what it says of nobody is said of the user.
"""

import glob
import os
import pwd
import select
import shutil
import socket
import subprocess
import sys
import unittest

import live_ts as ts
import port_plant

ROOT = os.geteuid() == 0
GROUPS = {1: ("csa2", "one"), 2: ("cissa", "two")}

# Two tests that write keys and wait for a signal.
WAITING = """
import select, unittest
import port_plant
class Waiting(port_plant.Case):
    def test_a(self):
        port_plant.make_keys(self.path("keys.txt"), {"one": ("csa2", 1000, 2)})
        print(self.folder, flush=True)
        select.select([], [], [])
    test_b = test_a
unittest.main()
"""


def programs():
    return [ts.Program(n, 0x1000 + n, n * 0x100, [ts.Stream(n * 0x100, 0x1B, share=4), ts.Stream(n * 0x100 + 1, 0x0F)]) for n in GROUPS]


class Process(port_plant.Case):
    def setUp(self):
        super().setUp()
        self.words = port_plant.make_keys(self.path("keys.txt"), {group: (algorithm, 1000, 12) for algorithm, group in GROUPS.values()})
        self.mux = ts.Mux(programs(), rate_bps=2_000_000).run(5)
        ts.write(self.path("source.ts"), self.mux.packets)
        self.configure(port_plant.document(
            [{"name": "f", "driver": "file", "rx": "in.ts", "tx": "out.ts"}], [{"name": "in", "port": "f"}], [{"name": "out", "port": "f"}],
            [port_plant.service(f"s{n}", n, "in", "out", *GROUPS[n]) for n in GROUPS]))

    def expect_no_words(self, what, data):
        for word in self.words:
            for form in (word.encode(), word.upper().encode(), bytes.fromhex(word)):
                self.assertNotIn(form, data, f"a control word is in {what}")

    def feed(self):
        """The input is a pipe, so that the dataplane stays up until it is closed."""
        os.mkfifo(self.path("in.ts"), 0o600)
        if ROOT:
            shutil.chown(self.path("in.ts"), "nobody")

    def as_nobody(self):
        """What to put before the command; the folder is theirs then."""
        if not ROOT:
            return []
        for path in [self.folder, *glob.glob(os.path.join(self.folder, "*"))]:
            shutil.chown(path, "nobody")
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]

    def env(self):
        # A process that may not be looked into has nobody to look for leaks, but root.
        return {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}

    def test_notify_and_sigterm(self):
        self.feed()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(self.path("notify"))
            running = self.start(env={"NOTIFY_SOCKET": self.path("notify")})
            with open(self.path("in.ts"), "wb") as pipe:
                self.assertTrue(select.select([notify], [], [], port_plant.WAIT_S)[0], "no notification")
                self.assertIn(b"READY=1", notify.recv(4096).split(b"\n"))
                running.until("READY in the log", lambda: " READY " in running.text())
                self.assertEqual(running.text().count(" READY "), 1)
                pipe.write(b"".join(self.mux.packets[:2100]))
                pipe.flush()
                running.until("packets", lambda: os.path.getsize(self.path("out.ts")) > 0)
                running.child.terminate()
            self.assertEqual(running.wait(), 0, running.text())
            said = b""
            while select.select([notify], [], [], 0)[0]:
                said += notify.recv(4096) + b"\n"
            self.assertIn(b"STOPPING=1", said.split(b"\n"))
        stats = self.stats()
        sent = ts.read(self.path("out.ts"))
        self.assertEqual(stats["outputs"][0]["out_pkts"], len(sent))
        self.assertGreater(len(sent), 1000)

    def test_without_privileges(self):
        """As nobody: it runs to the end, both services are identical, and nobody may look into it."""
        self.feed()
        prefix = self.as_nobody()
        running = self.start(prefix=prefix, env=self.env())
        with open(self.path("in.ts"), "wb") as pipe:
            running.ready()
            self._look_into(running)
            pipe.write(b"".join(self.mux.packets))
        self.assertEqual(running.wait(), 0, running.text())
        if ROOT:
            shutil.chown(self.path("keys.txt"), "root")  # who runs the terminal owns the keys
        for n, (algorithm, group) in GROUPS.items():
            self.open(self.path("out.ts"), self.path("opened.ts"), {n: group})
            self.judge(self.path("source.ts"), self.path("out.ts"), self.path("opened.ts"), algorithm, n)
        self.expect_no_words("the log", running.text().encode())
        with open(self.path("dataplane-stats.json"), "rb") as file:
            self.expect_no_words("the statistics", file.read())
        for name in os.listdir(self.folder):
            self.assertFalse(name.startswith("core"), name)

    def _look_into(self, running):
        pid = running.child.pid
        with open(f"/proc/{pid}/limits", encoding="ascii") as file:
            core = next(line for line in file if line.startswith("Max core file size")).split()
        self.assertEqual(core[4:6], ["0", "0"])
        # A process that is not dumpable belongs to root in /proc (proc(5)), whoever runs it.
        self.assertEqual(os.stat(f"/proc/{pid}/status").st_uid, 0)
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual(set(status["Uid"].split()), {str(pwd.getpwnam("nobody").pw_uid if ROOT else os.getuid())})
        if not port_plant.sanitized():  # AddressSanitizer makes mlock do nothing
            self.assertGreater(int(status["VmLck"].split()[0]), 0, "no locked memory")
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            self.expect_no_words("argv", file.read())
        if ROOT:
            with open(f"/proc/{pid}/environ", "rb") as file:
                self.expect_no_words("the environment", file.read())

    def test_no_words_at_any_level_of_the_log(self):
        shutil.copy(self.path("source.ts"), self.path("in.ts"))
        running = self.start("--log", "debug")
        self.assertEqual(running.wait(), 0, running.text())
        self.expect_no_words("the log", running.text().encode())

    def test_no_telemetry(self):
        """No socket of DPDK's, nobody else's door into the process."""
        self.feed()
        running = self.start()
        with open(self.path("in.ts"), "wb"):
            running.ready()
            mine = {os.readlink(link) for link in glob.glob(f"/proc/{running.child.pid}/fd/*")}
            with open("/proc/net/unix", encoding="ascii") as file:
                sockets = {f"socket:[{row.split()[6]}]": row for row in file.readlines()[1:]}
            # The eighth column is the path, of a socket that has one.
            named = [sockets[s] for s in mine if s in sockets and len(sockets[s].split()) > 7]
            self.assertEqual(named, [])
            running.child.terminate()
        self.assertEqual(running.wait(), 0, running.text())

    def test_nothing_stays_behind_after_a_signal(self):
        """Of port_plant itself: the folder goes, and no other test begins."""
        command = [sys.executable, "-B", "-c", WAITING]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              cwd=os.path.dirname(os.path.abspath(__file__))) as child:
            folder = child.stdout.readline().strip()
            self.assertTrue(os.path.exists(os.path.join(folder, "keys.txt")))
            child.terminate()
            self.assertEqual(child.stdout.read(), "")
            self.assertEqual(child.wait(port_plant.WAIT_S), 1)
        self.assertFalse(os.path.exists(folder))


if __name__ == "__main__":
    unittest.main()
