#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand services on air: none loses a packet, is clear or opens by a wrong word.

    port_veth.sh thousand_test.py
"""

import unittest

import thousand_air
import thousand_plan as plan
import thousand_spoil

WARM_UP_S, QUIET_S = 5, 5


def content(pid, datagrams):
    """How many packets of a PID the first so many datagrams of its multiplex hold: video one in each, audio in turns."""
    programme, audio = (pid - 0x101) // 16, (pid - 0x101) % 16
    return (datagrams + plan.PROGRAMS - 1 - programme) // plan.PROGRAMS if audio else datagrams


class Thousand(thousand_air.Air):
    def whole(self, services, sent, told):
        """Each PID of these services came from its first packet on air to the last that was sent."""
        for s in services:
            found = told["services"][s.name]["pids"]
            self.assertEqual(sorted(found), sorted(str(pid) for pid in plan.media_pids(s.programme)), s.name)
            for pid, of in found.items():
                self.assertEqual((s.name, pid, of["input"], of["next"]), (s.name, pid, s.input, content(int(pid), sent[s.input])))
                self.assertGreater(of["pkts"], content(int(pid), sent[s.input]) // 2, f"{s.name} PID {pid}")

    def judge_finds(self, services):
        """What is done to the capture is found, each thing at its service, and nothing else."""
        capture = thousand_spoil.Capture(self.path("capture.pcapng"))
        with open(self.path("block"), "rb") as file:
            done = thousand_spoil.spoil(capture, services, file.read())
        capture.write(self.path("spoiled.pcapng"))
        _, events = self.judge("spoiled.pcapng")
        self.assertEqual({(e[0], e[2]) for e in events if e[0] != "took"}, set(done))

    def test_all(self):
        wanted = plan.Plan()
        result = self.head.line_up(wanted)
        self.assertEqual(result.error, 0, result.text)
        self.start_source()
        self.head.rest(WARM_UP_S + QUIET_S)
        sent, stats = self.end()
        self.tell_judge([wanted])
        told, events = self.judge()
        self.assertEqual([e for e in events if e[0] != "took"], [])
        self.whole(wanted.services.values(), sent, told)
        self.assertGreaterEqual(min(s["flips"] for s in told["services"].values()), 3)
        self.assertEqual(told["datagrams"], sum(o["datagrams"] for o in stats["outputs"]))
        self.judge_finds([s for s in wanted.services.values() if s.input % 2][:7])


if __name__ == "__main__":
    unittest.main()
