#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs as they are, on live wires: in bursts, gone and back, from two sources, through a port that goes down.

Runs inside tests/netns/port_veth.sh. Frames are sent as they are, so that a test says which source they come from.
"""

import os
import random
import re
import socket
import subprocess
import time
import unittest

import live_ts as ts
import live_watch
import port_frames as net
import port_plant
import port_veth_test

RATE_BPS, PERIOD_MS, HOLD_MS = 800_000, 1000, 1500
ONE_MS = 60_000  # one crypto-period for the whole test: a receiver without ECMs loses count in a pause
VIDEO, AUDIO, TEXT = 0x101, 0x102, 0x104
TELETEXT = bytes([0x56, 5]) + b"eng\x09\x00"
FIRST, SECOND = "10.0.1.1", "10.0.1.2"


def mux(seconds, number=1, **more):
    pid = 0x100 * number
    streams = [ts.Stream(pid + 1, 0x1B, share=5), ts.Stream(pid + 2, 0x0F), ts.Stream(pid + 4, 0x06, TELETEXT)]
    return ts.Mux([ts.Program(number, 0x1000 + number, pid + 1, streams)], rate_bps=RATE_BPS, seed=number, **more).run(seconds)


def new_wire():
    """The wire that a test took away, for the next."""
    subprocess.run(["ip", "link", "add", "rcv0", "type", "veth", "peer", "name", "bh-out"], check=True)
    for end in ("rcv0", "bh-out"):
        subprocess.run(["ip", "link", "set", end, "up"], check=True)


class Inputs(port_plant.Case):
    def setUp(self):
        super().setUp()
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.addCleanup(self.wire.close)
        self.wire.bind(("src0", 0))
        self.receivers = {name: port_veth_test.Receiver(name) for name in ("rcv0", "src0")}
        for receiver in self.receivers.values():
            receiver.start()

    def begin(self, services, ports=("out",), hold_ms=HOLD_MS, period_ms=PERIOD_MS):
        """Service n from 239.1.1.n to 239.2.1.n by the nth of the ports, or the last."""
        port_plant.make_keys(self.path("keys.txt"), {f"g{n}": ("csa2", period_ms, 60) for n in services})
        self.configure(port_plant.document(
            [{"name": p, "driver": "af_packet", "interface": f"bh-{p}"} for p in ("in", "out")],
            [{"name": f"i{n}", "port": "in", "group": f"239.1.1.{n}", "udp_port": net.PORT} for n in services],
            [{"name": f"o{n}", "port": ports[min(n, len(ports)) - 1], "group": f"239.2.1.{n}", "udp_port": net.PORT, "source": "10.0.2.1"} for n in services],
            [port_plant.service(f"s{n}", n, f"i{n}", f"o{n}", "csa2", f"g{n}", clear=["teletext"]) for n in services], source_hold_ms=hold_ms,
            workers=[{"core": core} for core in sorted(os.sched_getaffinity(0))[:2]]))
        self.running = self.start()
        self.running.ready()

    def send(self, packets, number=1, source=FIRST):
        for row in net.datagrams(packets):
            self.wire.send(net.frame(row, f"239.1.1.{number}", source=source))

    def paced(self, rows, seconds):
        """rows: lists of packets with number and source, each spread evenly over the time."""
        timed = []
        for packets, number, source in rows:
            parts = list(net.datagrams(packets))
            timed += [(i / len(parts) * seconds, net.frame(part, f"239.1.1.{number}", source=source)) for i, part in enumerate(parts)]
        start = time.monotonic()
        for at, frame in sorted(timed, key=lambda one: one[0]):
            ahead = at - (time.monotonic() - start)
            if ahead > 0.001:
                time.sleep(ahead)  # the pace of the streams
            self.wire.send(frame)

    def alarm(self, name, what="raised"):
        self.running.until(f"{name} {what}", lambda: self.alarms(name, what))
        return self.alarms(name, what)[-1]

    def alarms(self, name, what="raised"):
        return re.findall(rf"alarm {what} name={name} .*", self.running.text())

    def taken(self, number, packets):
        """Waits until the statistics tell of so many packets."""
        def enough():
            try:
                return self.stats()["inputs"][number - 1]["in_pkts"] >= packets
            except FileNotFoundError:
                return False
        self.running.until(f"{packets} packets", enough)

    def end(self):
        self.assertEqual(self.running.stop(), 0, self.running.text())
        self.assertNotIn("Sanitizer", self.running.text())
        self.frames = {name: receiver.end() for name, receiver in self.receivers.items()}
        return self.stats()

    def sent(self, number, wire="rcv0"):
        return ts.read(self.capture(self.frames[wire], f"239.2.1.{number}", f"capture{number}.ts"))

    def expect_scrambled(self, number, out, owed):
        """Nothing left in clear but by policy."""
        pid = 0x100 * number
        watch = live_watch.Watch(out, [(pid + 4, 0x06)], [p for p in owed if ts.pid_of(p) in (pid + 1, pid + 2)])
        self.assertEqual(watch.wrong, [])

    def expect_open(self, number, out, owed):
        """What a receiver is owed it opens, but for the first packets."""
        pid = 0x100 * number
        ts.write(self.path("half.ts"), out)
        self.open(self.path("half.ts"), self.path("opened.ts"), {number: f"g{number}"})
        wrong, waited = live_watch.opened_wrong(ts.read(self.path("opened.ts")), [p for p in owed if ts.pid_of(p) in (pid + 1, pid + 2)])
        self.assertEqual(wrong, [])
        self.assertLess(waited, 200)

    def expect_whole(self, number, owed, wire="rcv0"):
        out = self.sent(number, wire)
        self.expect_scrambled(number, out, owed)
        self.expect_open(number, out, owed)

    def test_bursts_and_pauses(self):
        """What a network holds back for less than the hold and then sends at once loses nothing, and periods keep to the PCR."""
        self.begin([1], hold_ms=60_000)
        packets, dice, at = mux(6).packets, random.Random(3), 0
        per_s = len(packets) / 6
        start = time.monotonic()
        while at < len(packets):
            held = dice.choice((0.02, 0.1, 0.3, 0.8))
            upto = min(len(packets), at + max(7, int(held * per_s) // 7 * 7))
            ahead = upto / per_s - (time.monotonic() - start)
            if ahead > 0:
                time.sleep(ahead)  # the pause before the burst
            self.send(packets[at:upto])
            at = upto
        self.taken(1, len(packets))
        stats = self.end()
        self.assertEqual((stats["inputs"][0]["drops"], stats["services"][0]["drops"]), ({}, {}))
        self.assertEqual((stats["services"][0]["continuity_errors"], stats["services"][0]["pcr_jumps"]), (0, 0))
        self.assertIn(stats["services"][0]["periods"], (6, 7))
        self.expect_whole(1, packets)

    def test_gone_and_back_as_another(self):
        """An input is lost and comes back with video where teletext was: nothing of it leaves in clear before its PMT says so."""
        self.begin([1])
        made = mux(2)
        before = list(made.packets)
        self.paced([(before, 1, FIRST)], 2)
        self.alarm("input_lost")
        self.running.until("wall clock", lambda: self.stats()["groups"][0]["on_wall"])
        periods = self.stats()["groups"][0]["periods"]
        self.running.until("a crypto-period by the wall clock", lambda: self.stats()["groups"][0]["periods"] > periods)
        # Back without tables first.
        program = made.programs[0]
        program.streams[2].stream_type, program.streams[2].info, program.version = 0x1B, b"", 1
        made.psi_due = made.sent + 60
        made.run(2)
        after = made.packets[len(before):]
        first_psi = next(i for i, p in enumerate(after) if ts.pid_of(p) == program.pmt_pid)
        early = [p for p in after[:first_psi] if ts.pid_of(p) == TEXT]
        self.assertGreater(len(early), 3)
        self.paced([(after, 1, FIRST)], 2)
        self.alarm("input_lost", "cleared")
        self.taken(1, len(before) + len(after))
        stats = self.end()
        self.assertEqual(stats["inputs"][0]["drops"], {"pid_unknown": len(early)})
        self.assertEqual(stats["inputs"][0]["source_changes"], 0)
        out = self.sent(1)
        self.expect_scrambled(1, out, before + after)
        video = [i for i, p in enumerate(out) if ts.pid_of(p) == VIDEO]
        back = video[sum(ts.pid_of(p) == VIDEO for p in before)]
        self.expect_open(1, out[:back], before)
        self.expect_open(1, out[back:], [p for p in after if ts.pid_of(p) == VIDEO])
        clear = {ts.payload_of(p) for p in out if ts.pid_of(p) == TEXT and not ts.tsc_of(p)}
        self.assertEqual(clear, {ts.payload_of(p) for p in before if ts.pid_of(p) == TEXT})

    def test_two_sources(self):
        """The second is refused while the first is there, and followed once it is silent."""
        self.begin([1], period_ms=ONE_MS)
        first, second = mux(2).packets, mux(2, null_share=0.1).packets
        self.send(first[:7])
        self.taken(1, 7)
        self.paced([(first[7:], 1, FIRST), (second, 1, SECOND)], 2)
        raised = self.alarm("second_source")
        self.assertIn(FIRST, raised)
        self.assertIn(SECOND, raised)
        self.taken(1, len(first))
        time.sleep(HOLD_MS / 1000)  # the silence that is the condition
        alone = mux(4).packets[len(first) // 2:]
        self.paced([(alone, 1, SECOND)], 3)
        self.assertIn(SECOND, self.alarm("source_changed"))
        self.taken(1, len(first) + len(alone))
        stats = self.end()
        refused, sent = stats["inputs"][0]["drops"]["second_source"], len(list(net.datagrams(second)))
        self.assertLessEqual(refused, sent)
        self.assertGreater(refused, sent * 9 // 10)  # a wire may lose some of them
        self.assertEqual((stats["inputs"][0]["source"], stats["inputs"][0]["source_changes"]), (SECOND, 1))
        self.assertEqual(stats["services"][0]["continuity_errors"], 0)
        self.expect_whole(1, first + alone)

    def test_a_port_goes_down(self):
        """Down and up again, and then taken away: named, and the service beside it, by another port, does not notice."""
        self.begin([1, 2], ports=("out", "in"), hold_ms=60_000, period_ms=ONE_MS)
        streams = {n: mux(6, number=n).packets for n in (1, 2)}
        third = {n: [streams[n][len(streams[n]) * i // 3:len(streams[n]) * (i + 1) // 3] for i in range(3)] for n in streams}

        def go_on(part):
            self.paced([(third[n][part], n, FIRST) for n in streams], 2)
            for n in streams:
                self.taken(n, sum(len(third[n][i]) for i in range(part + 1)))

        def link(*command, what):
            """What is done to the wire, and waits until the dataplane says so, once more than before."""
            before = len(self.alarms("port_down", what))
            subprocess.run(["ip", "link", *command], check=True)
            self.running.until(f"port_down {what}", lambda: len(self.alarms("port_down", what)) > before)
            self.assertIn('object="out"', self.alarms("port_down", what)[-1])

        go_on(0)
        link("set", "bh-out", "down", what="raised")
        go_on(1)
        link("set", "bh-out", "up", what="cleared")
        go_on(2)
        self.addCleanup(new_wire)
        link("del", "bh-out", what="raised")
        stats = self.end()
        self.assertEqual([port["up"] for port in stats["ports"]], [True, False])
        self.assertGreater(stats["outputs"][0]["drops"]["port_down"], len(third[1][1]) * 9 // 10)
        self.assertEqual((stats["outputs"][1]["drops"], stats["services"][1]["continuity_errors"]), ({}, 0))
        self.expect_whole(2, streams[2], "src0")
        back = [p for p in self.sent(1) if ts.has_payload(p) and ts.pid_of(p) == VIDEO]
        owed = sum(ts.has_payload(p) and ts.pid_of(p) == VIDEO for part in (0, 2) for p in third[1][part])
        self.assertLessEqual(abs(len(back) - owed), 20)
        self.assertEqual({ts.tsc_of(p) for p in back}, {2})


if __name__ == "__main__":
    unittest.main()
