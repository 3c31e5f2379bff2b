# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands on a head-end in a soak: control is killed every KILL_S and started again, and every CHANGE_S the document is changed in one
service, as an editor would, and control told to read it anew.

Nothing of this may cost a packet: the algorithm changes at the edge of a crypto-period, the rest is in the PSI.
"""

import json
import os
import re
import signal
import time

import programs

KILL_S, CHANGE_S = 30, 1
QUIET_S = 8  # at the end, so that what the last of it has cost is over when it is judged
WAIT_S = 10
READ = re.compile(r"document read anew state=(\w+)")


def algorithm(_, group):
    group["algorithm"] = "csa2" if group["algorithm"] == "cissa" else "cissa"


def ecm_pid(_, group):
    group["cas"][0]["ecm_pid"] ^= 0x200  # 7001 and on, which has the bit, and what is free without


def private_bytes(_, group):
    group["cas"][0]["private"] = "" if group["cas"][0].get("private") else "0102"


def profiles(service, _):
    service["clear"] = [] if service.get("clear") else ["teletext", "subtitles"]


KINDS = (algorithm, ecm_pid, private_bytes, profiles)


class Hands:
    def __init__(self, chain, watches, seconds):
        self.chain = chain
        self.watch = next(w for w in watches if w.name == "control")
        now = time.monotonic()
        self.next_kill, self.next_change, self.end = now + KILL_S / 2, now + CHANGE_S, now + seconds - QUIET_S
        self.kills = self.changes = 0
        self.lives, self.asked = [chain.running["control"]], [0]
        with open(chain.path("control.json"), encoding="utf-8") as file:
            self.document = json.load(file)
        self.groups = {group["name"]: group for group in self.document["groups"]}

    def turn(self):
        now = time.monotonic()
        if now >= self.end:
            return
        if now >= self.next_kill:
            self.next_kill += KILL_S
            self.kill()
        if now >= self.next_change:
            self.next_change += CHANGE_S
            self.change()

    def kill(self):
        self.chain.kill("control")
        self.lives.append(self.chain.start("control"))
        self.asked.append(0)
        self.watch.follow(self.lives[-1].pid)
        self.kills += 1

    def change(self):
        """The next kind of change, of the next service: in time every kind of every one."""
        services = self.document["services"]
        turn, at = divmod(self.changes, len(services))
        service = services[at]
        KINDS[(turn + at) % len(KINDS)](service, self.groups[service["group"]])
        path = self.chain.path("control.json")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(self.document, file)
        os.rename(path + ".part", path)
        os.kill(self.lives[-1].pid, signal.SIGHUP)
        self.asked[-1] += 1
        self.changes += 1

    def answers(self, life):
        with open(self.lives[life].log, encoding="utf-8", errors="replace") as file:
            return READ.findall(file.read())

    def settle(self):
        """Waits for the answer to the last change."""
        programs.until("control to take the last change", lambda: len(self.answers(-1)) >= self.asked[-1], WAIT_S)

    def wrong(self):
        """A document is taken, whole and at once, but for one that was asked for just when control died: its next life has read it."""
        found = []
        for life, asked in enumerate(self.asked):
            states = self.answers(life)
            lost = asked - len(states)
            if not 0 <= lost <= (1 if life < self.kills else 0) or set(states) - {"on_air"}:
                found.append(f"life {life} of control: asked for {asked} changes, answered {len(states)}: {sorted(set(states))}")
            if self.lives[life].said("refused"):
                found.append(f"life {life} of control: a document was refused, see {self.lives[life].log}")
        if not self.changes or not self.kills:
            found.append("no hands were on it")
        return found

    def told(self):
        return f"control killed {self.kills} times, services configured anew {self.changes} times"
