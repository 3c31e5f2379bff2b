# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands on a head-end in a soak: control is killed every KILL_S and started again."""

import time

KILL_S = 30
QUIET_S = 8  # at the end, so that what a kill has cost is over when it is judged


class Hands:
    def __init__(self, chain, watches, seconds):
        self.chain = chain
        self.watch = next(w for w in watches if w.name == "control")
        self.next_kill, self.end = time.monotonic() + KILL_S / 2, time.monotonic() + seconds - QUIET_S
        self.kills = 0

    def turn(self):
        now = time.monotonic()
        if now < self.next_kill or now > self.end:
            return
        self.next_kill += KILL_S
        self.chain.kill("control")
        self.watch.follow(self.chain.start("control").pid)
        self.kills += 1

    def told(self):
        return f"control killed {self.kills} times"
