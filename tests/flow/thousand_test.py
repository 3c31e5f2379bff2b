#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand services on air, one of them changed again and again: the others lose nothing, are never clear and do not wait.

    port_veth.sh thousand_test.py

A change must not make the others wait for longer than a batch. Two things are measured, with one worker and so in one order:

- Overtaken: how many datagrams that were closed by packets sent later left before a datagram. That does not depend on how fast
  the machine is: what is taken in one burst leaves together, so nothing is overtaken by more than a burst.
- How long a datagram took, from sending its last packet to its capture. That has in it whatever else the machine did. But what a
  change costs it costs each time: of the times that a kind of change is made the best must be no worse than the worst of some
  time without changes, and a batch. An edge at which the algorithm changes is one of many, there is no time without.
"""

import bisect
import collections
import copy
import time
import unittest

import thousand_air
import thousand_change
import thousand_plan as plan
import thousand_spoil

WARM_UP_S = 5
CHANGE_S = 0.25    # on air without a change before each, and after it
EDGE_S = 4.2       # a period may have just been given, and then goes by whole
OTHER_ALGORITHM = ("s17", "s18", "s13", "s14")  # two of one output, and two with an output of their own
BURST = 32         # datagrams
BATCH_US = 100 + 500  # batch_wait_us, and a batch


def overtaken(took):
    """By (captured, sent) of each datagram in order of capture: how many that left before were sent later."""
    sent_before, found = [], []
    for _, sent in took:
        at = bisect.bisect_right(sent_before, sent)
        found.append(len(sent_before) - at)
        sent_before.insert(at, sent)
    return found


class Window:
    """A time on air, and what the datagrams in it took."""

    def __init__(self, name, begin_ns, end_ns):
        self.name, self.begin_ns, self.end_ns = name, begin_ns, end_ns
        self.worst_us = self.overtaken = 0

    def look(self, took, found):
        first, last = (bisect.bisect_left(took, (ns,)) for ns in (self.begin_ns, self.end_ns))
        self.worst_us = max((captured - sent) / 1000 for captured, sent in took[first:last])
        self.overtaken = max(found[first:last])


class Reckoning(unittest.TestCase):
    """The measures themselves."""

    def test_overtaken(self):
        in_order = [(10, 1), (11, 2), (12, 4), (13, 4), (14, 5)]
        self.assertEqual(overtaken(in_order), [0, 0, 0, 0, 0])
        self.assertEqual(overtaken([(10, 1), (11, 3), (12, 4), (13, 2), (14, 5)]), [0, 0, 0, 2, 0])

    def test_window(self):
        took = [(1000, 0), (5000, 3000), (9000, 2000), (90000, 89000)]
        window = Window("w", 4000, 10000)
        window.look(took, overtaken(took))
        self.assertEqual((window.worst_us, window.overtaken), (7, 1))


class Thousand(thousand_air.Air):
    def setUp(self):
        super().setUp()
        self.plans, self.changed = [], set()

    def begin(self):
        self.bring(plan.Plan())
        self.start_source()
        self.head.rest(WARM_UP_S)

    def bring(self, wanted):
        result = self.head.line_up(wanted)
        self.assertEqual(result.error, 0, result.text)
        self.plans.append(copy.deepcopy(wanted))

    def finish(self):
        """Ends all and judges; returns the datagrams of services that were not changed, as events."""
        sent, stats = self.end()
        self.tell_judge(self.plans)
        told, events = self.judge()
        self.others(events)
        self.whole([s for s in self.plans[0].services.values() if s.name not in self.changed], sent, told)
        self.assertEqual(told["frames"], next(p["tx_datagrams"] for p in stats["ports"] if p["name"] == "out"))
        return [e for e in events if e[0] == "took" and e[2] not in self.changed]

    def others(self, events):
        """Nothing happened to the services that were not changed, and those that were were never clear."""
        bad = [e for e in events if e[0] != "took" and e[2] not in self.changed]
        self.assertEqual(bad[:20], [], f"{len(bad)} in all")
        seen = collections.Counter(e[0] for e in events if e[0] != "took")
        print(f"of the changed services: {dict(seen)}")
        self.assertEqual([e for e in events if e[0] in ("clear", "unopened", "strange")], [])

    def judge_finds(self, services):
        """What is done to the capture is found, each thing at its service, and nothing else."""
        capture = thousand_spoil.Capture(self.path("capture.pcapng"))
        with open(self.path("block"), "rb") as file:
            done = thousand_spoil.spoil(capture, services, file.read())
        capture.write(self.path("spoiled.pcapng"))
        _, events = self.judge("spoiled.pcapng")
        self.assertEqual({(e[0], e[2]) for e in events if e[0] != "took" and e[2] not in self.changed}, set(done))

    def window(self, name, what, seconds):
        begin_ns = time.time_ns()
        what()
        self.head.rest(seconds)
        return Window(name, begin_ns, time.time_ns())

    def change(self, situation):
        """One turn: each kind of change, with a quiet time before each; returns all windows."""
        turn, windows = thousand_change.Turn(self.plans[0], situation), []
        self.changed.add(turn.home.name)
        for name, step in turn.steps():
            step()
            windows.append(self.window("quiet", lambda: None, 2 * CHANGE_S))
            windows.append(self.window(name, lambda: self.bring(turn.plan), CHANGE_S))
        return windows

    def change_algorithms(self, names):
        """Each at the next edge of its own. That is of the period, not of the line-up, and costs not even these a packet."""
        self.plans.append(copy.deepcopy(self.plans[-1]))
        for name in names:
            s = self.plans[-1].services[name]
            s.algorithm = "csa2" if s.algorithm == "cissa" else "cissa"
        return self.window("algorithm", lambda: self.head.change_algorithms(self.plans[-1]), EDGE_S)

    def test_changes(self):
        self.begin()
        windows = [w for situation in range(3) for w in self.change(situation)]
        windows.append(self.change_algorithms(OTHER_ALGORITHM))
        events = self.finish()
        for name in OTHER_ALGORITHM:
            self.assertEqual({algorithm for algorithm, _ in self.head.words[self.plans[0].services[name].group][:-1]}, {"csa2", "cissa"})
        self.waited(windows, events)
        self.judge_finds([s for s in self.plans[0].services.values() if s.input % 2 and s.name not in self.changed][:7])

    def waited(self, windows, events):
        took = [(int(captured), int(captured) - int(delay)) for _, captured, _, delay in events]
        found = overtaken(took)
        for window in windows:
            window.look(took, found)
        allowed_us = max(w.worst_us for w in windows if w.name == "quiet") + BATCH_US
        for name in dict.fromkeys(w.name for w in windows):
            of = [w for w in windows if w.name == name]
            print(f"{name}: worst {[round(w.worst_us) for w in of]} us, overtaken {[w.overtaken for w in of]}")
            with self.subTest(name):
                self.assertLessEqual(max(w.overtaken for w in of), BURST)
                if len(of) > 1:
                    self.assertLessEqual(min(w.worst_us for w in of), allowed_us)


if __name__ == "__main__":
    unittest.main()
