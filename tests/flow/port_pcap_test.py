#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures in and out: 1 to 7 transport packets a datagram, UDP and RTP, and every field of the frames that leave."""

import random
import struct
import unittest

import live_ts as ts
import port_frames as net
import port_plant

IN, OUT, VIDEO, AUDIO = "239.1.1.1", "239.2.1.1", 0x101, 0x102
SOURCE_TS, OPENED = "source.ts", "opened.ts"


def programs():
    return [ts.Program(1, 0x1000, VIDEO, [ts.Stream(VIDEO, 0x1B, share=5), ts.Stream(AUDIO, 0x0F, share=2)])]


class Pcap(port_plant.Case):
    def play(self, frames, algorithm="csa2", output=None, **more):
        port_plant.make_keys(self.path("keys.txt"), {"one": (algorithm, 1000, 30)})
        net.write_pcap(self.path("in.pcap"), frames)
        self.configure(port_plant.document(
            [{"name": "p", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}], [{"name": "in", "port": "p", "group": IN, "udp_port": net.PORT, **more}],
            [{"name": "out", "port": "p", "group": OUT, "udp_port": 6000, "source": "10.0.2.1", **(output or {})}],
            [port_plant.service("first", 1, "in", "out", algorithm, "one")]))
        stats = self.run_dataplane("--until-idle", "400")
        self.assertEqual(stats["workers"][0]["drops"], {})
        self.assertEqual(stats["inputs"][0]["drops"], {})
        self.assertEqual(stats["services"][0]["drops"], {})
        return stats, net.read_pcap(self.path("out.pcap"))

    def judged(self, frames, algorithm="csa2"):
        capture = self.capture(frames, OUT, "capture.ts")
        self.open(capture, self.path(OPENED), {1: "one"})
        self.judge(self.path(SOURCE_TS), capture, self.path(OPENED), algorithm, 1)
        return ts.read(capture)

    def source(self, **more):
        mux = ts.Mux(programs(), **more).run(5)
        ts.write(self.path(SOURCE_TS), mux.packets)
        return mux.packets

    def test_every_size_of_datagrams(self):
        packets = self.source(seed=11)
        dice = random.Random(3)
        for size in (1, 2, 3, 4, 5, 6, 7, lambda: dice.randrange(1, 8)):
            stats, out = self.play([net.frame(row, IN) for row in net.datagrams(packets, size)], "cissa" if size == 4 else "csa2")
            self.judged(out, "cissa" if size == 4 else "csa2")
            sizes = [len(p) // 188 for p in net.payloads(out, OUT)]
            self.assertEqual(set(sizes[:-1]), {7})
            self.assertEqual(stats["outputs"][0]["null_pkts"], 0)
            self.assertEqual(stats["inputs"][0]["in_pkts"], len(packets))
            self.assertEqual(stats["services"][0]["periods_extended"], 0)

    def test_rtp(self):
        packets = self.source(seed=12, null_share=0.1)
        for encapsulation in ("auto", "rtp"):
            rows = [net.frame(net.rtp(row, 65500 + i), IN) for i, row in enumerate(net.datagrams(packets))]
            stats, out = self.play(rows, encapsulation=encapsulation)
            self.assertEqual(stats["inputs"][0]["rtp_gaps"], 0)
            self.judged(out)

    def test_rtp_that_misses_datagrams(self):
        """What is lost is counted; what is there goes on."""
        packets = self.source(seed=13)
        rows = [net.frame(net.rtp(row, i), IN) for i, row in enumerate(net.datagrams(packets))]
        lost = {70, 200, 201, 202}
        stats, out = self.play([f for i, f in enumerate(rows) if i not in lost])
        self.assertEqual(stats["inputs"][0]["rtp_gaps"], 4)
        self.assertEqual(stats["inputs"][0]["datagrams"], len(rows) - 4)
        self.assertGreater(stats["services"][0]["continuity_errors"], 0)
        left = sum(ts.pid_of(p) in (VIDEO, AUDIO) for p in ts.split(b"".join(net.payloads(out, OUT))))
        there = [p for i, row in enumerate(net.datagrams(packets)) if i not in lost for p in ts.split(row)]
        self.assertEqual(left, sum(ts.pid_of(p) in (VIDEO, AUDIO) for p in there))

    def test_frames_that_leave(self):
        packets = self.source(seed=14)
        output = {"vlan": 300, "ttl": 33, "dscp": 34, "source_udp_port": 6100}
        _, out = self.play([net.frame(row, IN, vlan=200) for row in net.datagrams(packets)], output=output, vlan=200)
        for frame in out:
            self.assertEqual(frame[:6], b"\x01\x00\x5e\x02\x01\x01")
            self.assertEqual(frame[12:18], b"\x81\x00\x01\x2c\x08\x00")
            ip = frame[18:38]
            total = sum(struct.unpack(">10H", ip))
            self.assertEqual((total & 0xFFFF) + (total >> 16), 0xFFFF, "checksum of the IPv4 header")
            self.assertEqual((ip[0], ip[1], ip[8], ip[9]), (0x45, 34 << 2, 33, 17))
            self.assertEqual(struct.unpack_from(">H", ip, 6)[0] & 0x3FFF, 0, "a fragment")
            self.assertEqual(ip[12:20], bytes([10, 0, 2, 1, 239, 2, 1, 1]))
            source, to, size, checksum = struct.unpack_from(">HHHH", frame, 38)
            self.assertEqual((source, to, checksum), (6100, 6000, 0))
            self.assertEqual(struct.unpack_from(">H", ip, 2)[0], size + 20)
            self.assertEqual(len(frame), 38 + size)
            self.assertIn(size - 8, [188 * n for n in range(1, 8)])
        self.judged(out)


if __name__ == "__main__":
    unittest.main()
