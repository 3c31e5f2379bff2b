#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input next to good services: every fault has its named counter with the number sent, and nobody else notices.

Service A shares its group with the bad datagrams and its stream with the bad packets; B stands beside; C is good in unusual
wrapping (VLAN, RTP with CSRC list, extension and padding, IP options, a source filter); N takes noise.
"""

import collections
import random
import struct
import unittest

import live_ts as ts
import port_frames as net
import port_plant

A, B, C, N = "239.1.1.1", "239.1.1.2", "239.1.1.3", "239.77.1.1"
PMT_PID, VIDEO, AUDIO = 0x1000, 0x101, 0x102
SECONDS = 6


def program(number):
    return ts.Program(number, PMT_PID, VIDEO, [ts.Stream(VIDEO, 0x1B, share=6), ts.Stream(AUDIO, 0x0F)])


def configuration():
    ports = [{"name": "wire", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}]
    inputs = [{"name": n, "port": "wire", "group": g, "udp_port": net.PORT} for n, g in zip("ABCN", (A, B, C, N))]
    inputs[2].update(source=net.SOURCE, vlan=100, encapsulation="rtp")
    outputs = [{"name": n, "port": "wire", "group": f"239.2.1.{i + 1}", "udp_port": net.PORT, "source": "10.0.2.1"} for i, n in enumerate("ABCN")]
    services = [port_plant.service(n, i + 1, n, n, algorithm) for i, (n, algorithm) in enumerate(zip("ABCN", ("csa2", "cissa", "csa2", "cissa")))]
    return port_plant.document(ports, inputs, outputs, services)


class Faults:
    """What has been sent that is wrong, by the counters it must show up in."""

    def __init__(self):
        self.worker, self.input, self.service = collections.Counter(), collections.Counter(), collections.Counter()


class Mux(ts.Mux):
    """A's stream; now and then a packet that is wrong. Those are no part of `good`, what a receiver is owed."""

    def __init__(self, faults):
        super().__init__([program(1)], null_share=0.1, seed=3)
        self.faults, self.turn, self.bad = faults, 0, set()

    def step(self):
        super().step()
        if self.sent > 400 and self.sent % 23 == 0:
            makers = [self.sync, self.error, self.adaptation, self.reserved, self.scrambled, self.unknown, self.psi_crc, self.pmt_crc, self.pmt_loops,
                      self.psi_length, self.psi_pointer, self.psi_cut, self.pmt_tiny, self.psi_adaptation, self.sdt_crc]
            first = len(self.packets)
            makers[self.turn % len(makers)]()
            self.bad.update(range(first, len(self.packets)))
            self.turn += 1

    def es(self, control, body):
        return struct.pack(">BHB", 0x47, VIDEO, control | self.dice.randrange(16)) + (body + self.dice.randbytes(184))[:184]

    def sync(self):
        self.put(b"\x46" + self.es(0x10, b"")[1:])
        self.faults.input["lost_sync"] += 1

    def error(self):
        made = bytearray(self.es(0x10, b""))
        made[1] |= 0x80
        self.put(bytes(made))
        self.faults.input["transport_error"] += 1

    def adaptation(self):
        self.put(self.es(0x30, bytes([184 + self.dice.randrange(72)])))
        self.put(self.es(0x20, bytes([200])))
        self.faults.service["bad_adaptation"] += 2

    def reserved(self):
        self.put(self.es(0x00, b""))
        self.faults.service["bad_adaptation"] += 1

    def scrambled(self):
        for tsc in (1, 2, 3):
            self.put(self.es(tsc << 6 | 0x10, b""))
        self.faults.service["already_scrambled"] += 3

    def unknown(self):
        for pid in (0x20, 0x1FFE):
            self.put(ts.packet(pid, 0, b"\xAA" * 184))
        self.faults.input["pid_unknown"] += 2

    def section_packet(self, pid, payload):
        self.put(ts.packet(pid, self.next_cc(pid), (payload + b"\xff" * 184)[:184], start=True))

    def psi_crc(self):
        self.section_packet(ts.PAT_PID, b"\0" + self.pat()[:-1] + b"\0")
        self.faults.input["psi_broken"] += 1

    def pmt_crc(self):
        self.section_packet(PMT_PID, b"\0" + self.programs[0].pmt()[:-1] + b"\0")
        self.faults.service["psi_broken"] += 1

    def pmt_loops(self):
        body = struct.pack(">HH", 0xE000 | VIDEO, 0xF000 | 900)  # program_info_length past the section
        self.section_packet(PMT_PID, b"\0" + ts.section(2, 1, 5, body))
        self.faults.service["psi_broken"] += 1

    def pmt_tiny(self):
        self.section_packet(PMT_PID, b"\0\x02\xb0\x02\x00\x01")
        self.faults.input["psi_broken"] += 1

    def psi_length(self):
        self.section_packet(PMT_PID, b"\0\x02\xbf\xff" + self.dice.randbytes(180))
        self.section_packet(ts.PAT_PID, b"\0\x00\xb4\x00" + self.dice.randbytes(180))
        self.faults.input["psi_broken"] += 2

    def psi_pointer(self):
        for pointer in (183, 200, 255):
            self.section_packet(PMT_PID, bytes([pointer]) + b"\x01" * 183)
        self.faults.input["psi_broken"] += 3

    def psi_cut(self):
        """A section whose second packet never comes: the next one starts in its place."""
        self.section_packet(PMT_PID, b"\0\x02\xb1\x2c" + self.dice.randbytes(180))
        self.section_packet(PMT_PID, b"\0" + self.programs[0].pmt())
        self.faults.input["psi_broken"] += 1

    def psi_adaptation(self):
        self.put(struct.pack(">BHBB", 0x47, PMT_PID | 0x4000, 0x30 | self.next_cc(PMT_PID), 190) + b"\0" * 183)
        self.cc[PMT_PID] -= 1
        self.faults.input["psi_broken"] += 1

    def sdt_crc(self):
        self.section_packet(ts.SDT_PID, b"\0" + ts.section(0x42, 1, 0, struct.pack(">HB", 1, 0xFF), 0xF000)[:-1] + b"\0")
        self.faults.input["psi_broken"] += 1


def no_ts(group, dice, good):
    """Frames to a good group that hold no transport packets: (counter, frame)."""
    row = b"".join(good)

    def rtp(**broken):
        return net.frame(net.rtp(row, 1, **broken), group)

    return [("not_ts", net.frame(payload, group)) for payload in (
        b"", b"\x47", row[:187], row + b"\x47", row + good[0], b"\x40" * 1316, b"\0" * 1316, b"\x11" + dice.randbytes(1315), b"\xff" * 188)
    ] + [("not_ts", frame) for frame in (
        rtp(first=0x40), rtp(first=0xC0),                    # versions 1 and 3
        net.frame(net.rtp(b"", 1), group), net.frame(net.rtp(b"", 1)[:11], group),
        net.frame(net.rtp(b"\0" * 8, 1, first=0x8F), group),  # CSRC identifiers past the end
        rtp(first=0x90, between=b"\0\0\xff\xff"),            # an extension past the end
        rtp(first=0xA0, padding=b"\0"), rtp(first=0xA0, padding=b"\xff"), net.frame(net.rtp(row[:100], 1), group))]


def no_datagram(group, good):
    """Frames to a good group that are no UDP datagram of their own: (counter, frame)."""
    row = b"".join(good)
    whole = net.ipv4(net.udp(row), group)
    fragments = [("fragment", net.frame(row, group, flags=flags)) for flags in (0x2000, 0x0001, 0x2001, 0x1FFF)]
    fragments.append(("fragment", net.ethernet(whole[:6] + b"\x20\x00" + whole[8:700], group)))  # first, and cut
    return fragments + [
        ("truncated", net.frame(row, group, total=1500)), ("truncated", net.frame(row, group, total=27)), ("truncated", net.frame(row, group, total=0)),
        ("truncated", net.ethernet(whole[:900], group)), ("truncated", net.ethernet(whole, group)[:33]), ("truncated", net.ethernet(b"", group)[:13]),
        ("truncated", b""), ("truncated", net.ethernet(whole, group, vlan=1)[:17]),
        ("truncated", net.frame(row + bytes(3000), group)),  # more than a buffer holds
        ("truncated", net.ethernet(net.ipv4(net.udp(row, length=len(row) + 9), group), group)),
        ("truncated", net.ethernet(net.ipv4(net.udp(row, length=7), group), group)), ("truncated", net.ethernet(net.ipv4(b"\0" * 4, group), group)),
        ("not_udp", net.frame(row, group, protocol=6)), ("not_udp", net.frame(row, group, protocol=1)),
        ("not_ipv4", net.ethernet(b"\x60" + bytes(100), group, 0x86DD)), ("not_ipv4", net.ethernet(bytes(28), group, 0x0806)),
        ("not_ipv4", net.frame(row, group, first=0x44)), ("not_ipv4", net.frame(row, group, first=0x65)),
        ("not_ipv4", net.ethernet(b"\0\x64\x08\0" + whole, group, 0x88A8)),
        ("no_input", net.frame(row, "239.66.6.6")), ("no_input", net.frame(row, group, port=net.PORT + 1)), ("no_input", net.frame(row, group, vlan=7))]


def unusual(packets):
    """C's stream as it may come: RTP with everything RTP may have, tagged, with IP options."""
    for i, row in enumerate(net.datagrams(packets)):
        first, between, padding = [(0x80, b"", b""), (0x83, bytes(12), b""), (0x90, b"\xbe\xde\0\2" + bytes(8), b""),
                                   (0xA0, b"", b"\0\0\0\4"), (0xB1, bytes(4) + b"\0\1\0\0", b"\1")][i % 5]
        yield net.frame(net.rtp(row, i, first, between, padding), C, vlan=100, options=bytes(8) if i % 3 == 0 else b"")


class BadInput(port_plant.Case):
    def setUp(self):
        super().setUp()
        self.configure(configuration())
        port_plant.make_keys(self.path("keys.txt"), {n: (a, 1000, SECONDS + 4) for n, a in zip("ABCN", ("csa2", "cissa", "csa2", "cissa"))})

    def good(self, number):
        mux = ts.Mux([program(number)], seed=number, null_share=0.1 if number != 2 else 0).run(SECONDS)
        ts.write(self.path(f"source{number}.ts"), mux.packets)
        return mux.packets

    def play(self, rows, extra=()):
        """Merges the rows of frames evenly, with `extra` strewn in between, and runs the dataplane over them."""
        timed = [(i / len(row), k, frame) for k, row in enumerate(rows) for i, frame in enumerate(row)]
        timed += [((i + 0.5) / len(extra) * 0.9 + 0.05, len(rows), frame) for i, frame in enumerate(extra)]
        net.write_pcap(self.path("in.pcap"), [frame for _, _, frame in sorted(timed, key=lambda t: t[:2])])
        return self.run_dataplane("--until-idle", "500")

    def expect_identical(self, name, number, algorithm):
        where = f"239.2.1.{number}"
        capture = self.capture(net.read_pcap(self.path("out.pcap")), where, f"capture{number}.ts")
        self.open(capture, self.path(f"opened{number}.ts"), {number: name})
        return self.judge(self.path(f"source{number}.ts"), capture, self.path(f"opened{number}.ts"), algorithm, number)

    def test_every_fault_has_its_counter(self):
        faults, dice = Faults(), random.Random(5)
        a = Mux(faults).run(SECONDS)
        ts.write(self.path("source1.ts"), [p for i, p in enumerate(a.packets) if i not in a.bad])
        b, c = self.good(2), self.good(3)
        rows = [[net.frame(row, A) for row in net.datagrams(a.packets)], [net.frame(row, B) for row in net.datagrams(b)], list(unusual(c))]
        extra = []
        for _ in range(3):
            extra += no_ts(A, dice, b[:7]) + no_datagram(A, b[:7])
            extra.append(("wrong_source", net.frame(net.rtp(b"".join(c[:7]), 0), C, vlan=100, source="192.0.2.2")))
            extra.append(("not_ts", net.frame(b"".join(c[:7]), C, vlan=100)))  # C is RTP, and only that
            extra.append(("no_input", net.frame(net.rtp(b"".join(c[:7]), 0), C)))
        faults.worker.update(counter for counter, _ in extra)
        seconds = [("second_source", net.frame(b"".join(b[:7]), A, source=f"192.0.2.{2 + i % 3}")) for i in range(20)]
        faults.input.update(counter for counter, _ in seconds)
        extra += seconds
        dice.shuffle(extra)
        # A sync byte lost at the head of a datagram takes nothing else with it.
        self.assertTrue(any(row[0] != 0x47 for row in net.datagrams(a.packets)))

        stats = self.play(rows, [frame for _, frame in extra])

        self.assertEqual(stats["workers"][0]["drops"], dict(faults.worker))
        self.assertEqual(stats["inputs"][0]["drops"], dict(faults.input))
        self.assertEqual(stats["services"][0]["drops"], dict(faults.service))
        self.assertEqual(stats["inputs"][0]["source"], net.SOURCE)
        self.assertEqual(stats["inputs"][0]["in_pkts"], len(a.packets))
        self.assertEqual(stats["inputs"][0]["null_pkts"], sum(p[:3] == ts.NULL[:3] for p in a.packets))
        raised = {name for name, times in stats["alarms_raised"].items() if times}
        self.assertEqual(raised, {"bad_datagrams", "input_errors", "input_scrambled", "psi_broken", "second_source"})
        for i in (1, 2):
            self.assertEqual(stats["inputs"][i]["drops"], {})
            self.assertEqual(stats["services"][i]["drops"], {})
            self.assertEqual(stats["services"][i]["continuity_errors"], 0)
        self.assertEqual(stats["inputs"][2]["rtp_gaps"], 0)
        self.assertGreaterEqual(len(faults.worker), 7)
        for name, number, algorithm in (("A", 1, "csa2"), ("B", 2, "cissa"), ("C", 3, "csa2")):
            self.expect_identical(name, number, algorithm)

    def test_noise(self):
        """Good frames with bytes changed, cut and grown, and random bytes: counted or not, B does not notice."""
        dice = random.Random(6)
        b = self.good(2)
        seeds = [net.frame(row, N) for row in net.datagrams(ts.Mux([program(4)], seed=9).run(2).packets)]
        seeds += [net.frame(net.rtp(b"".join(b[:7]), 0, 0xB1, bytes(4) + b"\0\1\0\0", b"\1"), N)]
        noise = []
        while len(noise) < 4000:
            frame = bytearray(dice.choice(seeds))
            reach = dice.choice((46, 60, len(frame)))
            for _ in range(dice.randrange(1, 8)):
                frame[dice.randrange(reach)] = dice.randrange(256)
            cut = dice.randrange(10)
            frame = frame[:dice.randrange(len(frame))] if cut == 0 else frame + dice.randbytes(dice.randrange(2000)) if cut == 1 else frame
            if bytes(frame[30:34]) != net.socket.inet_aton(B):
                noise.append(bytes(frame))
        noise += [net.frame(b"\x47" + dice.randbytes(1315), N) for _ in range(500)]
        noise += [net.frame(b"".join(b"\x47" + dice.randbytes(187) for _ in range(7)), N) for _ in range(500)]
        noise += [net.frame(dice.randbytes(dice.randrange(1400)), N) for _ in range(500)]
        # Sections of noise with a good CRC, on the PIDs where tables stand.
        for i in range(1000):
            data = ts.section(dice.choice((0, 1, 2, 0x42)), dice.choice((1, 4)), i & 31, dice.randbytes(dice.randrange(165)))
            noise.append(net.frame(ts.packet(dice.choice((0, 1, 0x11, PMT_PID)), i, ts.stuffed(data), True), N))
        dice.shuffle(noise)

        stats = self.play([[net.frame(row, B) for row in net.datagrams(b)]], seeds + noise)

        self.assertGreater(sum(stats["workers"][0]["drops"].values()), 500)
        self.assertGreater(sum(stats["inputs"][3]["drops"].values()), 500)
        self.assertEqual(stats["inputs"][1]["drops"], {})
        self.expect_identical("B", 2, "cissa")


if __name__ == "__main__":
    unittest.main()
