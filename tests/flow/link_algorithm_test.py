#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The algorithm changes at every edge of a crypto-period: what leaves is what OpenSSL and libdvbcsa make of it, and the PMT is in step."""

import os
import random
import subprocess
import unittest

import link_controller as link
import link_fixture as plain
import live_ts as ts
import live_watch

TURNS = "csa2,cissa,sm4-cbc"  # each in both parities, for there are three of them


def with_duplicates(packets):
    """Behind each PCR, which is where an edge may be, the audio packet before it comes once more."""
    made, audio = [], None
    for packet in packets:
        made.append(packet)
        if ts.pid_of(packet) == plain.AUDIO:
            audio = packet
        elif audio and ts.pcr_of(packet) is not None:
            made.append(audio)
            audio = None
    return made


def mode_of(pmt):
    """scrambling_mode of a PMT's body, or None."""
    modes = [data[0] for tag, data in plain.descriptors(pmt[4:4 + (pmt[2] << 8 & 0xF00 | pmt[3])]) if tag == 0x65]
    assert len(modes) <= 1, "more than one scrambling_descriptor"
    return modes[0] if modes else None


class Algorithm(plain.Fixture):
    def source(self):
        self.packets = with_duplicates(self.mux.packets)
        return self.packets

    def lineup(self):
        return plain.lineup(algorithm="idsa")  # until the first period begins

    def witness(self, turns, capture="out.ts"):
        return subprocess.run([os.environ["WITNESS_PACKETS"], "--algorithm", turns, "--keys", self.path("keys.txt"), "--group", "basic",
                               "--pid", str(plain.VIDEO), "--pid", str(plain.AUDIO), "--min-periods", "4", self.path("in.ts"), self.path(capture)],
                              capture_output=True, text=True, timeout=link.WAIT_S, check=False)

    def judge_out(self, out, words):
        watch = live_watch.Watch(out, source=self.packets, ca=[plain.ECM, plain.EMM])
        self.assertEqual(watch.wrong, [])
        words.schedule(self.path("keys.txt"), "basic", plain.PERIOD_MS)
        done = self.witness(TURNS)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"\n?\d+ duplicates, [1-9]\d* of them over an edge", "no duplicate came behind an edge")
        for other in ("cissa,sm4-cbc,csa2", "csa2,cissa", "csa2"):
            self.assertEqual(self.witness(other).returncode, 1, f"the witness takes {other} for {TURNS}")
        self.in_step(out, watch.tables[plain.PMT, 2, 1])

    def in_step(self, out, pmts):
        """The PMT heard last names the algorithm of each packet but of duplicates; before the first period, that of the line-up."""
        modes = {at: mode_of(body) for at, _, body in pmts}
        self.assertEqual(list(modes.values())[:2], [link.MODES["csa2"], link.MODES["cissa"]])
        mode, cp, last, changed = None, -1, {}, 0
        for at, packet in enumerate(out):
            if at in modes:
                mode, changed = modes[at], changed + 1
            pid, tsc = ts.pid_of(packet), ts.tsc_of(packet)
            if not tsc or last.get(pid) == packet:
                continue
            last[pid] = packet
            cp += cp < 0 or tsc != (3 if cp % 2 else 2)
            self.assertEqual(mode, link.MODES[TURNS.split(",")[cp % 3]], f"packet {at} of period {cp}")
        self.assertGreaterEqual(changed, plain.SECONDS - 1)

    def test_every_edge(self):
        controller, words = self.taken(), link.Words(TURNS, random.Random(1))
        self.feed(controller, words, 0, lead=0)
        self.judge_out(self.ended(), words)
        stats = self.stats()
        last = words.algorithm(len(words.words) - 2)  # the one after it is the next for ever
        self.assertEqual((stats["groups"][0]["algorithm"], stats["services"][0]["algorithm"]), (last, last))

    def test_held_over_a_restart(self):
        """The period on air comes back to the next controller with its algorithm, which is not the line-up's; nobody goes dark."""
        first, words = self.taken(), link.Words(TURNS, random.Random(2))
        self.feed(first, words, 0, lead=0, until=1)
        section = {"pid": plain.ECM, "section": words.section(2), "start_ms": -200}
        first.send(link.period(0, 2, [words.word(2)], [section], plain.PERIOD_MS, algorithm="sm4-cbc", lineup=first.taken))
        first.until("its edge", lambda: first.periods[0].cp_number == 2)
        first.close()  # a file waits for the next period, so the one on air stays
        second = self.taken()
        self.assertEqual(second.group_states["basic"], (link.Held(2, "sm4-cbc", [words.word(2)]), None))
        self.feed(second, words, 3, lead=0)
        self.judge_out(self.ended(), words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
