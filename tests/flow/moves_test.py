#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand services on air on two workers, whose inputs move between them again and again: nothing is lost, clear, repeated or in
another order, and crypto-periods go on meanwhile.

    port_veth.sh moves_test.py

Inputs that share a group move together, so each move has packets that come while it is on its way. tests/unit/dataplane/moves_test.c
stops workers in the middle of a pass; here are the kernel's queues, the controller and the whole dataplane.

The order of what leaves is that of what came only while no worker is kept from its core for longer than its receive queue holds,
0.7 s here: what no longer fits the kernel gives to the queue of the other worker (PACKET_FANOUT_FLAG_ROLLOVER of packet(7)).
"""

import random
import unittest

import thousand_air
import thousand_plan

WARM_UP_S, MOVES, SETS = 3, 200, 8


class Joined(thousand_plan.Plan):
    """Services of every so manyth input share a group."""

    def add(self, service):
        of = service.input % SETS
        service.group, service.algorithm = f"g{of}", "cissa" if of % 2 else "csa2"
        super().add(service)


class Moves(thousand_air.Air):
    workers = 2

    def move(self, index, worker):
        moved = self.head.move(index, worker)
        self.assertEqual(moved.error, 0, moved.text)

    def handed_over(self, stats):
        """By each worker to the other, as inputs move but the queues they come to do not."""
        for worker in stats["workers"]:
            self.assertGreater(worker["handed_over"], 0)
            self.assertNotIn("handover_full", worker["drops"])

    def test_moves(self):
        on_air, dice = Joined(), random.Random(3)
        result = self.head.line_up(on_air)
        self.assertEqual(result.error, 0, result.text)
        self.start_source()
        self.head.rest(WARM_UP_S)
        at = dict.fromkeys(range(SETS))
        for _ in range(MOVES):
            chosen = dice.randrange(SETS)
            at[chosen] = dice.randrange(2) if at[chosen] is None else 1 - at[chosen]
            self.move(chosen + SETS * dice.randrange(thousand_plan.INPUTS // SETS), at[chosen])
            self.head.rest(dice.random() / 50)
        sent, stats = self.end()
        self.tell_judge([on_air])
        told, events = self.judge()
        bad = [e for e in events if e[0] != "took"]
        slowest_ms = max(int(delay) for _, _, _, delay in (e for e in events if e[0] == "took")) / 1e6
        self.assertEqual(bad[:20], [], f"{len(bad)} in all; the slowest datagram took {slowest_ms:.0f} ms")
        self.whole(on_air.services.values(), sent, told)
        self.handed_over(stats)
        self.assertTrue(all(s["flips"] >= 1 for s in told["services"].values()))


if __name__ == "__main__":
    unittest.main()
