#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the input change while it runs: not one packet of a scrambled PID leaves in clear, and receivers follow.

Programme 1 changes; programme 2, in the same stream, does not, and must not notice.
"""

import struct
import unittest

import live_ts as ts
import live_watch
import port_plant

PMT, VIDEO, AUDIO, DATA = 0x1000, 0x101, 0x102, 0x104
TELETEXT = bytes([0x56, 5]) + b"eng\x09\x00"
PRIVATE = 0x06
CLEAR = [(DATA, PRIVATE)]


def programs():
    return [ts.Program(1, PMT, VIDEO, [ts.Stream(VIDEO, 0x1B, share=6), ts.Stream(AUDIO, 0x0F), ts.Stream(DATA, PRIVATE, TELETEXT)]),
            ts.Program(2, 0x1200, 0x201, [ts.Stream(0x201, 0x02, share=4), ts.Stream(0x202, 0x03)])]


class Mux(ts.Mux):
    """Changes of programme 1; each brings its tables at once."""

    def __init__(self, **more):
        super().__init__(programs(), rate_bps=2_000_000, **more)
        self.one, self.unowed = self.programs[0], set()

    def new_pmt(self):
        self.one.version = (self.one.version + 1) & 31
        self.put_section(self.one.pmt_pid, self.one.pmt())

    def new_pat(self):
        self.pat_version = (self.pat_version + 1) & 31
        self.put_psi()

    def video_pid(self, pid):
        self.one.streams[0].pid = self.one.pcr_pid = pid
        self.new_pmt()

    def more_audio(self):
        self.one.streams.append(ts.Stream(0x103, 0x03))
        self.new_pmt()

    def pmt_pid(self, pid):
        self.one.pmt_pid = pid
        self.new_pat()

    def data_becomes_video(self):
        self.one.streams[2].stream_type, self.one.streams[2].info = 0x1B, b""
        self.new_pmt()

    def drop(self, seconds, aired):
        """Out of the PAT; with `aired` its packets go on, and nobody may get them."""
        self.one.listed, self.one.aired = False, aired
        self.new_pat()
        first = len(self.packets)
        self.run(seconds)
        self.unowed.update(i for i in range(first, len(self.packets)) if 0x100 <= ts.pid_of(self.packets[i]) < 0x200)
        self.one.listed = self.one.aired = True
        self.new_pat()

    def owed(self):
        """The elementary packets that a receiver must get."""
        return [p for i, p in enumerate(self.packets) if i not in self.unowed and 0x100 <= ts.pid_of(p) < 0x300]


class LivePsi(port_plant.Case):
    def play(self, mux, algorithms=("csa2", "cissa"), **more):
        ts.write(self.path("in.ts"), mux.packets)
        port_plant.make_keys(self.path("keys.txt"), {"one": (algorithms[0], 1000, 30), "two": (algorithms[1], 1000, 30)})
        services = [port_plant.service("first", 1, "in", "out", algorithms[0], "one", clear=["teletext"], ca=[{"ca_system_id": 2748, "ecm_pid": 0x700}]),
                    port_plant.service("second", 2, "in", "out", algorithms[1], "two")]
        self.configure(port_plant.document([{"name": "f", "driver": "file", "rx": "in.ts", "tx": "out.ts"}], [{"name": "in", "port": "f"}],
                                           [{"name": "out", "port": "f"}], services))
        stats = self.run_dataplane()
        out = ts.read(self.path("out.ts"))
        clear_payloads = [p for p in mux.packets if ts.pid_of(p) >= 0x100 and ts.pid_of(p) not in (DATA, ts.NULL_PID, PMT, 0x1010, 0x1200)]
        self.watch = live_watch.Watch(out, CLEAR, clear_payloads)
        self.assertEqual(self.watch.wrong, [])
        report = self.open(self.path("out.ts"), self.path("opened.ts"), {1: "one", 2: "two"}, **more)
        wrong, waited = live_watch.opened_wrong(ts.read(self.path("opened.ts")), mux.owed())
        self.assertEqual(wrong, [])
        self.assertLess(waited, 200)
        self.judge(self.path("in.ts"), self.path("out.ts"), self.path("opened.ts"), algorithms[1], 2)
        self.assertEqual(stats["outputs"][0]["drops"], {})
        self.assertEqual(stats["services"][1]["drops"], {})
        return stats, out, report

    def test_a_stream_that_keeps_its_tables(self):
        stats, out, _ = self.play(Mux().run(5))
        self.assertEqual(self.watch.versions(PMT, 2, 1), [0])
        self.assertEqual(self.watch.versions(0, 0, 1), [0])
        self.assertEqual(stats["services"][0]["pmt_changes"], 1)
        self.assertEqual(sum(ts.pid_of(p) == DATA for p in out), sum(ts.pid_of(p) == DATA for p in ts.read(self.path("in.ts"))))

    def test_video_moves_to_another_pid(self):
        mux = Mux().run(2.3)
        mux.video_pid(0x111)
        mux.run(2.5)
        mux.video_pid(VIDEO)
        mux.run(2)
        stats, _, _ = self.play(mux)
        self.assertEqual(self.watch.versions(PMT, 2, 1), [0, 1, 2])
        self.assertEqual(stats["services"][0]["pmt_changes"], 3)
        self.assertGreaterEqual(stats["services"][0]["periods"], 6)

    def test_an_audio_pid_comes(self):
        mux = Mux().run(2.1)
        mux.more_audio()
        self.play(mux.run(3), ("cissa", "csa2"))
        self.assertEqual(self.watch.versions(PMT, 2, 1), [0, 1])
        self.assertEqual(set(self.watch.parities[0x103]), {2, 3})

    def test_the_pmt_moves_to_another_pid(self):
        mux = Mux().run(2.1)
        mux.pmt_pid(0x1010)
        self.play(mux.run(3))
        self.assertEqual(self.watch.versions(0, 0, 1), [0, 1])
        self.assertEqual(self.watch.programs, {1: 0x1010, 2: 0x1200})
        self.assertEqual(self.watch.versions(0x1010, 2, 1), [0])

    def test_private_data_becomes_video(self):
        mux = Mux().run(2.1)
        mux.data_becomes_video()
        self.play(mux.run(3))
        self.assertEqual(self.watch.versions(PMT, 2, 1), [0, 1])
        self.assertEqual(set(self.watch.parities[DATA]), {2, 3})

    def test_a_programme_leaves_the_pat_and_comes_back(self):
        for aired in (False, True):
            with self.subTest(aired=aired):
                mux = Mux().run(2.1)
                mux.drop(1.4, aired)
                stats, out, _ = self.play(mux.run(3))
                self.assertEqual(self.watch.versions(0, 0, 1), [0, 1, 2])
                self.assertEqual(stats["inputs"][0]["drops"], {"pid_unknown": len(mux.unowed)} if aired else {})

    def test_all_of_it_in_one_stream(self):
        """Every change, some between two packets of one PSI turn; versions wrap at 32."""
        mux = Mux(null_share=0.1, seed=8)
        mux.one.version = mux.pat_version = 30
        mux.run(2.1)
        mux.video_pid(0x111)
        mux.run(0.7)
        mux.more_audio()
        mux.data_becomes_video()
        mux.run(0.9)
        mux.pmt_pid(0x1010)
        mux.video_pid(VIDEO)
        mux.run(1.2)
        mux.drop(0.3, True)
        self.play(mux.run(2))
        self.assertEqual(self.watch.versions(PMT, 2, 1), [30, 31, 0, 1])
        self.assertEqual(self.watch.versions(0, 0, 1), [30, 31, 0, 1])

    def test_signalling(self):
        """CA_descriptors of the configuration, scrambling_descriptor by algorithm, free_CA_mode, and an own CAT."""
        for algorithm, mode in (("csa2", 2), ("cissa", 0x10), ("csa1", 1), ("idsa", 0x70), ("sm4-cbc", 0x82), ("aes-cbc", 0xF0), ("aes-ecb", 0xF2)):
            self.play(Mux().run(5), (algorithm, "cissa"))
            body = self.watch.tables[(PMT, 2, 1)][0][2]
            loop = body[4:4 + (struct.unpack_from(">H", body, 2)[0] & 0xFFF)]
            self.assertEqual(loop, b"\x09\x04\x0a\xbc\xe7\x00" + bytes([0x65, 1, mode]))
            self.assertIn((ts.CAT_PID, 1, 0xFFFF), self.watch.tables)
            sdt = self.watch.tables[(ts.SDT_PID, 0x42, 1)][0][2]
            self.assertEqual([sdt[i + 3] & 0x10 for i in (3, 8)], [0x10, 0x10])


if __name__ == "__main__":
    unittest.main()
