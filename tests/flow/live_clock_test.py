#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Crypto-periods on a media clock that jumps and wraps, packets that come twice at a flip, and the place of every packet.

Refs: ISO/IEC 13818-1 clauses 2.4.2.2 (PCR), 2.4.3.3 (duplicate packets), 2.4.3.5 (discontinuity_indicator).
"""

import unittest

import live_ts as ts
import live_watch
import port_plant

VIDEO, AUDIO = 0x101, 0x102
PERIOD = ts.CLOCK_HZ  # 1000 ms


def programs():
    return [ts.Program(1, 0x1000, VIDEO, [ts.Stream(VIDEO, 0x1B, share=5), ts.Stream(AUDIO, 0x0F, share=2)])]


class Twice(ts.Mux):
    """Sends packets twice around every edge of a crypto-period: see put()."""

    def __init__(self, **more):
        super().__init__(programs(), **more)
        self.first_pcr, self.edges, self.last_audio, self.twice = None, 0, None, []

    def again(self, at, made):
        self.twice.append((at, len(self.packets)))
        super().put(made)

    def put(self, made):
        """At even edges the packet with the PCR that crosses is followed by a duplicate of the audio packet before it,
        and by its own duplicate; at odd edges the duplicate alone crosses: its PCR is a new one."""
        at, pcr = len(self.packets), ts.pcr_of(made)
        super().put(made)
        if ts.pid_of(made) == AUDIO and ts.has_payload(made):
            self.last_audio = at
        if pcr is None or self.last_audio is None:
            return
        self.first_pcr = pcr if self.first_pcr is None else self.first_pcr
        edge = self.first_pcr + (self.edges + 1) * PERIOD
        if self.edges % 2 and edge - 1_500_000 < pcr < edge:
            self.again(at, made[:4] + bytes([made[4]]) + ts.pcr_field(edge) + made[12:])
        elif pcr < edge:
            return
        else:
            self.again(self.last_audio, self.packets[self.last_audio])
            self.again(at, made)
        self.edges += 1
        self.last_audio = None


def inside(packets):
    """Packets without what a duplicate may change: the PCR."""
    return [p[:4] + ts.payload_of(p) for p in packets]


class LiveClock(port_plant.Case):
    def play(self, packets, algorithm="csa2"):
        ts.write(self.path("in.ts"), packets)
        port_plant.make_keys(self.path("keys.txt"), {"one": (algorithm, 1000, 30)})
        self.configure(port_plant.document([{"name": "f", "driver": "file", "rx": "in.ts", "tx": "out.ts"}], [{"name": "in", "port": "f"}],
                                           [{"name": "out", "port": "f"}], [port_plant.service("first", 1, "in", "out", algorithm, "one")]))
        stats = self.run_dataplane()
        self.assertEqual(stats["outputs"][0]["drops"], {})
        self.assertEqual(stats["services"][0]["drops"], {})
        out = ts.read(self.path("out.ts"))
        self.open(self.path("out.ts"), self.path("opened.ts"), {1: "one"})
        wrong, waited = live_watch.opened_wrong(ts.read(self.path("opened.ts")), [p for p in packets if ts.pid_of(p) in (VIDEO, AUDIO)])
        self.assertEqual(wrong, [])
        self.assertLess(waited, 100)
        return stats["services"][0], out

    def flips(self, out):
        """The packets, among those of the programme, where the parity is a new one."""
        rows = [p for p in out if ts.pid_of(p) in (VIDEO, AUDIO)]
        found, last = [], None
        for i, p in enumerate(rows):
            if not ts.has_payload(p):
                continue
            if last is not None and ts.tsc_of(p) != last:
                found.append(i)
            last = ts.tsc_of(p)
        return found

    def due(self, packets, periods):
        """Where the flips must be: the packets whose PCR is the first past each edge."""
        rows = [p for p in packets if ts.pid_of(p) in (VIDEO, AUDIO)]
        clocked = [(i, ts.pcr_of(p)) for i, p in enumerate(rows) if ts.pcr_of(p) is not None]
        start = clocked[0][1]
        return [next(i for i, pcr in clocked if (pcr - start) % ts.PCR_WRAP >= k * PERIOD) for k in range(1, periods)]

    def test_flips_are_exact_to_the_packet(self):
        for algorithm in ("csa1", "csa2", "cissa"):
            mux = ts.Mux(programs(), seed=4).run(5.5)
            service, out = self.play(mux.packets, algorithm)
            self.assertEqual(service["periods"], 6)
            self.assertEqual(self.flips(out), self.due(mux.packets, 6))
            self.judge(self.path("in.ts"), self.path("out.ts"), self.path("opened.ts"), algorithm, 1)

    def test_the_pcr_wraps(self):
        """The base wraps at 2^33 in the middle of a crypto-period, and nothing happens."""
        for before_s in (1.4, 2.0, 0.01):
            mux = ts.Mux(programs(), pcr_27mhz=ts.PCR_WRAP - int(before_s * ts.CLOCK_HZ)).run(4.5)
            service, out = self.play(mux.packets)
            self.assertEqual((service["pcr_jumps"], service["periods"]), (0, 5))
            self.assertEqual(self.flips(out), self.due(mux.packets, 5))

    def test_the_pcr_jumps(self):
        """Forwards, backwards and far, announced or not: the crypto-period goes on, longer by less than two PCR intervals."""
        for by_s in (1.7, -3.0, 40_000.0, -0.2):
            for announced in (True, False):
                with self.subTest(by_s=by_s, announced=announced):
                    mux = ts.Mux(programs(), pcr_27mhz=10 * ts.CLOCK_HZ).run(1.5)
                    cut = len(mux.packets)
                    mux.jump(mux.programs[0], by_s * ts.CLOCK_HZ)
                    if not announced:
                        mux.jumped.clear()
                    mux.run(3.1)
                    service, out = self.play(mux.packets)
                    self.assertEqual((service["pcr_jumps"], service["periods"]), (1, 5))
                    straight = ts.Mux(programs(), pcr_27mhz=10 * ts.CLOCK_HZ).run(4.6)
                    self.assertGreater(cut, 0)
                    for got, even in zip(self.flips(out), self.due(straight.packets, 5)):
                        self.assertLess(abs(got - even), 60)

    def test_the_pcr_moves_to_another_pid(self):
        """From the video's PID to the audio's, where another clock runs: crypto-periods go on, and their flips with the new clock."""
        mux = ts.Mux(programs(), pcr_27mhz=10 * ts.CLOCK_HZ).run(1.5)
        program = mux.programs[0]
        program.pcr_pid, program.version = AUDIO, 1
        mux.pcr += 500 * ts.CLOCK_HZ
        mux.put_section(program.pmt_pid, program.pmt())
        mux.run(3.1)
        service, out = self.play(mux.packets)
        self.assertEqual((service["pcr_jumps"], service["periods"], service["pmt_changes"]), (1, 5, 2))
        straight = ts.Mux(programs(), pcr_27mhz=10 * ts.CLOCK_HZ).run(4.6)
        for got, even in zip(self.flips(out), self.due(straight.packets, 5)):
            self.assertLess(abs(got - even), 60)

    def test_packets_that_come_twice_at_a_flip(self):
        for algorithm in ("csa2", "cissa"):
            mux = Twice(seed=2).run(5.5)
            service, out = self.play(mux.packets, algorithm)
            self.assertGreaterEqual(mux.edges, 4)
            self.assertEqual(service["duplicates"], len(mux.twice))
            self.assertEqual(service["continuity_errors"], 0)
            self.assertEqual(service["periods"], mux.edges + 1)
            rows = [i for i, p in enumerate(mux.packets) if ts.pid_of(p) in (VIDEO, AUDIO)]
            sent = inside([p for p in out if ts.pid_of(p) in (VIDEO, AUDIO)])
            self.assertEqual(len(sent), len(rows))
            for original, duplicate in mux.twice:
                self.assertEqual(sent[rows.index(original)], sent[rows.index(duplicate)])

    def test_a_constant_rate_keeps_every_place(self):
        """As many packets leave as came, and PCRs keep their places within a few packets."""
        mux = ts.Mux(programs(), rate_bps=2_000_000, null_share=0.08, seed=6).run(5)
        _, out = self.play(mux.packets)
        self.assertLessEqual(abs(len(out) - len(mux.packets)), 3)
        moved = [o - i for i, o in zip(*([k for k, p in enumerate(row) if ts.pcr_of(p) is not None] for row in (mux.packets, out)))]
        self.assertGreater(len(moved), 100)
        self.assertLessEqual(max(abs(m) for m in moved), 6)

    def test_a_variable_rate_gets_no_null_packets(self):
        mux = ts.Mux(programs(), seed=6).run(5)
        _, out = self.play(mux.packets)
        self.assertEqual(sum(ts.pid_of(p) == ts.NULL_PID for p in out), 0)
        own = [p for p in out if ts.pid_of(p) == ts.CAT_PID]
        self.assertEqual(len(out), len(mux.packets) + len(own))


if __name__ == "__main__":
    unittest.main()
