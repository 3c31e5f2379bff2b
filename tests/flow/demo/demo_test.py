#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's own reckoning: its plan, its judgement, its last line. Needs no program of ours."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import types
import unittest

import destinations
import plan
import streams
import verdict


def result(**given):
    return verdict.Result("a", 1, "s01", "SPTS VBR", "x", "csa2", **given)


class Plan(unittest.TestCase):
    def test_every_number_of_services(self):
        for n in range(1, plan.SERVICES_MAX + 1):
            made = plan.services(plan.make(n))
            self.assertEqual(len(made), n)
            self.assertEqual(sum(s.algorithm == "csa2" for _, s in made), (n + 1) // 2)
            self.assertEqual(len({s.key_group for _, s in made}), n)
            self.assertEqual(sum(len(stream.services) == 3 for stream in plan.make(n)), 1 if n >= 5 else 0)

    def test_the_default_has_every_kind(self):
        made = plan.make(8)
        self.assertEqual([bool(s.mux_kbps) for s in made], [True, True, False, False, True, True])
        self.assertEqual({s.codec.name for _, s in plan.services(made)}, {"H.264+AAC", "MPEG-2+MP2"})
        self.assertEqual(len({s.group_in for s in made} | {s.group_out for s in made}), 12)

    def test_the_configuration_names_what_it_has(self):
        sockets = dict.fromkeys(("dataplane", "control", "cas", "vault"), "x")
        made = plan.control(plan.make(8), "in", "out", sockets, 1, 2)
        for key in ("input", "output", "group"):
            names = {end["name"] for end in made[f"{key}s"]}
            self.assertEqual({service[key] for service in made["services"]}, names)
        pids = [cas["ecm_pid"] for group in made["groups"] for cas in group["cas"]] + [plan.EMM_PID]
        self.assertEqual(len(set(pids)), 9)
        self.assertTrue(all(0x20 <= pid < 0x1FFF for pid in pids))
        self.assertEqual(made["ecmgs"][0]["super_cas_id"], plan.cas(sockets, 1, 2)["super_cas_id"])


# The demo with a run that only writes a file of keys and waits.
WAITING = """
import os, select, sys
import demo
def play(args, folder):
    open(os.path.join(folder, "vault.keys"), "w").close()
    print(folder, flush=True)
    select.select([], [], [])
demo.play = play
sys.exit(demo.main())
"""


class Signals(unittest.TestCase):
    def end_by(self, *numbers):
        """Sends these signals to a waiting demo; returns its exit status."""
        here = os.path.dirname(os.path.abspath(__file__))
        with tempfile.TemporaryDirectory() as build:
            command = [sys.executable, "-B", "-c", WAITING, "--pcap", "--build", build]
            # Whoever runs the tests may ignore SIGHUP, as nohup does; the demo would leave it so.
            with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=here,
                                  preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)) as child:
                folder = child.stdout.readline().strip()
                self.assertTrue(os.path.exists(os.path.join(folder, "vault.keys")))
                for number in numbers:
                    child.send_signal(number)
                status = child.wait(20)
            self.assertEqual(os.listdir(build), [])
        return status

    def test_no_key_file_stays_behind(self):
        for numbers in ((signal.SIGTERM,), (signal.SIGHUP,), (signal.SIGHUP, signal.SIGTERM)):
            self.assertEqual(self.end_by(*numbers), 2)


class Streams(unittest.TestCase):
    def test_pad_fills_the_last_datagram(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.ts")
            for packets, padded in ((1, 7), (7, 7), (8, 14), (13, 14)):
                with open(path, "wb") as file:
                    file.write(b"\x47" * 188 * packets)
                streams.pad(path)
                self.assertEqual(os.path.getsize(path), 188 * padded)

    def test_pcr_pid(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.ts")
            with open(path, "wb") as file:
                file.write(bytes([0x47, 0x01, 0x01, 0x30, 1, 0x00]) + b"\0" * 182)
                file.write(bytes([0x47, 0x01, 0x23, 0x30, 7, 0x10]) + b"\0" * 182)
            self.assertEqual(streams.pcr_pid(path), 0x123)
            with open(path, "wb") as file:
                file.write(b"\x47" + b"\0" * 187)
            self.assertRaises(ValueError, streams.pcr_pid, path)


def frame(group, port, protocol=17, tag=b""):
    ip = bytes([0x45]) + b"\0" * 8 + bytes([protocol]) + b"\0" * 6 + socket.inet_aton(group)
    return b"\0" * 12 + tag + b"\x08\0" + ip + struct.pack(">HHHH", 1, port, 0, 0)


class Destinations(unittest.TestCase):
    def test_of_frames(self):
        self.assertEqual(destinations.of_frame(frame("239.2.1.1", 5000)), "239.2.1.1:5000")
        self.assertEqual(destinations.of_frame(frame("239.2.1.1", 5000, tag=b"\x81\0\0\7")), "239.2.1.1:5000")
        self.assertEqual(destinations.of_frame(frame("224.0.0.22", 0, 2)), "igmp")
        self.assertEqual(destinations.of_frame(frame("239.2.1.1", 0, 6)), "239.2.1.1 protocol 6")
        self.assertEqual(destinations.of_frame(b"\0" * 12 + b"\x86\xdd" + b"\0" * 60), "ethertype 0x86dd")

    def test_strangers_in_a_capture(self):
        with tempfile.TemporaryDirectory() as folder:
            config, path = os.path.join(folder, "c.json"), os.path.join(folder, "out.pcap")
            plan.write(config, {"outputs": [{"group": s.group_out, "udp_port": plan.UDP_PORT} for s in plan.make(2)]})
            frames = [frame("239.2.1.1", 5000), frame("239.2.1.2", 5000), frame("239.2.1.2", 5001), frame("224.0.0.22", 0, 2),
                      frame("239.2.1.3", 5000), frame("239.2.1.3", 5000)]
            with open(path, "wb") as file:
                file.write(b"\0" * 24 + b"".join(struct.pack("<IIII", 0, 0, len(f), len(f)) + f for f in frames))
            found = destinations.strangers(destinations.of_pcap(path), destinations.planned(config))
        self.assertEqual(found, {"239.2.1.2:5001": 1, "239.2.1.3:5000": 2})


class MustFail(unittest.TestCase):
    def status(self, fault, last, status=1):
        """Of must-fail, with a demo that is this last line and status."""
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "must-fail")
        demo = ["sh", "-c", f"echo 'demo: {last}, crypto_periods=4'; exit {status}", "demo"]
        return subprocess.run([script, fault, *demo], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode

    def test_the_reason_counts(self):
        found = {"clear": "2/2 services identical, leaked=3", "wrong-cw": "0/2 services identical, leaked=0",
                 "drop": "1/2 services identical, leaked=0"}
        good = {("clear", "clear"), ("wrong-cw", "wrong-cw"), ("drop", "drop"), ("drop", "wrong-cw")}
        for fault in found:
            for seen, last in found.items():
                self.assertEqual(self.status(fault, last) == 0, (fault, seen) in good, (fault, last))
            self.assertNotEqual(self.status(fault, found[fault], status=2), 0)
            self.assertNotEqual(self.status(fault, "2/2 services identical, leaked=0"), 0)
        self.assertNotEqual(self.status("drop", "1/2 services identical, leaked=1"), 0)
        self.assertNotEqual(self.status("other", found["drop"]), 0)


class Verdict(unittest.TestCase):
    def test_the_last_line(self):
        good = [result(identical=True, periods=4), result(identical=True, periods=5)]
        self.assertEqual(verdict.last_line(good), "demo: 2/2 services identical, leaked=0, crypto_periods=9")
        self.assertTrue(verdict.good(good))

    def test_what_is_not_good(self):
        good = result(identical=True, periods=4)
        self.assertFalse(verdict.good([]))
        self.assertFalse(verdict.good([good, result(identical=False, periods=4)]))
        self.assertFalse(verdict.good([good, result(identical=True, leaked=1)]))
        self.assertIn("leaked=3", verdict.last_line([good, result(leaked=3)]))

    def judged(self, script, n=1):
        """The result of a judge that is this shell script."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "judge")
            with open(path, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n" + script)
            os.chmod(path, 0o700)
            made = plan.make(n)
            files = {s.name: types.SimpleNamespace(source="s", capture=f"{s.name}-c", opened="o") for s in made}
            demo = types.SimpleNamespace(streams=made, seconds=10, files=files, tool=lambda name: path, captured=lambda stream: 188,
                                         judged_period_ms=2000)
            return verdict.judge(demo)

    def test_a_judge_that_breaks_down_is_no_good_verdict(self):
        for script in ("echo no file >&2; exit 2\n", "kill -SEGV $$\n", "echo '{'\n", "echo '{}'\n", "true\n"):
            results = self.judged(script)
            self.assertFalse(verdict.good(results))
            self.assertEqual(verdict.last_line(results), "demo: 0/1 services identical, leaked=0, crypto_periods=0")

    def test_the_judge_sees_all_captures(self):
        results = self.judged('echo "$*" >&2; exit 2\n', 3)
        for i, said in enumerate(r.reasons[0] for r in results):
            self.assertIn("--period-ms 2000", said)
            self.assertIn(f"--capture s{i + 1:02}-c ", said)
            for other in {1, 2, 3} - {i + 1}:
                self.assertIn(f"--also-capture s{other:02}-c", said)
            self.assertNotIn(f"--also-capture s{i + 1:02}-c", said)

    def test_a_judge_whose_status_and_words_differ_is_not_believed(self):
        said = {"identical": True, "leaked_pkts": 0, "periods_opened": 3, "reasons": [], "pids": []}
        self.assertTrue(verdict.good(self.judged(f"echo '{json.dumps(said)}'\n")))
        self.assertFalse(verdict.good(self.judged(f"echo '{json.dumps(said)}'; exit 1\n")))


if __name__ == "__main__":
    unittest.main()
