#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""1,024 services with four CAS each: in 16 multiplexes of 64 programmes and in 256 of four, to an output each and whole.

Every packet that leaves is looked at: it is in its own output, scrambled or a table of that output, and nothing is missing. A controller
makes the crypto-periods; their ECMs name whose they are. The terminal opens all of a multiplex at once, and some outputs of one service.
"""

import collections
import os
import random
import select
import struct
import unittest

import link_controller as link
import live_ts as ts
import port_frames as net
import port_plant

SECONDS, PERIOD_MS, PCR_MS, REPETITION_MS = 2.4, 1000, 40, 100
CASES = 4
STAMP = ">4sHHBI"  # where a payload comes from
MAGIC = b"\xb7own"
PES = b"\0\0\1\xe0\0\0\x80\0\0"  # a receiver without ECMs knows an opened packet by it
NAME = b"a service of a multiplex with so many"


def pmt_pid(n):
    return 0x1000 + n


def video_pid(n):
    return 0x100 + 8 * n


def audio_pid(n):
    return video_pid(n) + 1


def ecm_pid(n, cas):
    return video_pid(n) + 4 + cas


def section(table_id, extension, body, number=0, last=0, flags=0xB000):
    """As live_ts.section, one of several."""
    head = struct.pack(">BHHBBB", table_id, flags | (len(body) + 9), extension, 0xC1, number, last)
    return head + body + struct.pack(">I", ts.crc32(head + body))


class Multiplex:
    """One input: its packets in order, each with the time at which it is sent."""

    def __init__(self, number, programs, block):
        self.number, self.programs, self.block = number, range(1, programs + 1), block
        self.cc, self.count = collections.Counter(), collections.Counter()
        pat = section(0, number + 1, b"".join(struct.pack(">HH", n, 0xE000 | pmt_pid(n)) for n in self.programs))
        rows = [(0x11, data) for data in self.sdt()]
        due = [(at, 0, pid, data) for at in self.turns(500) for pid, data in [(0, pat), *rows]]
        for n in self.programs:
            pmt = ts.section(2, n, 0, struct.pack(">HH", 0xE000 | video_pid(n), 0xF000) + struct.pack(">BHH", 0x1B, 0xE000 | video_pid(n), 0xF000) +
                             struct.pack(">BHH", 0x0F, 0xE000 | audio_pid(n), 0xF000))
            offset = n / 100
            due += [(at, 1, pmt_pid(n), pmt) for at in self.turns(500)]
            due += [(at + offset, 2, n, 0) for at in self.turns(PCR_MS)] + [(at + offset, 2, n, 1) for at in self.turns(130)]
        self.packets = []
        for at, kind, pid, what in sorted(due, key=lambda one: one[:3]):
            if kind == 2:
                self.packets.append(self.media(at, pid, what))
            else:
                self.tables(pid, what)

    @staticmethod
    def turns(ms):
        return [i * ms for i in range(int(SECONDS * 1000) // ms)]

    def sdt(self):
        """As many sections as it takes."""
        services = [struct.pack(">HBHBBBB", n, 0xFC, 0x8000 | len(NAME) + 5, 0x48, len(NAME) + 3, 1, 0) + bytes([len(NAME)]) + NAME for n in self.programs]
        parts = [services[i:i + 20] for i in range(0, len(services), 20)]
        return [section(0x42, self.number + 1, struct.pack(">HB", 1, 0xFF) + b"".join(part), i, len(parts) - 1, 0xF000) for i, part in enumerate(parts)]

    def put_cc(self, pid):
        self.cc[pid] += 1
        return self.cc[pid] - 1 & 15

    def tables(self, pid, data):
        rest, first = b"\0" + data, True
        while rest:
            self.packets.append(ts.packet(pid, self.put_cc(pid), (rest + b"\xff" * 184)[:184], start=first))
            rest, first = rest[184:], False

    def media(self, at_ms, n, stream):
        pid = video_pid(n) + stream
        self.count[pid] += 1
        stamp = struct.pack(STAMP, MAGIC, self.number, n, stream, self.count[pid])
        where = self.count[pid] * 37 % (len(self.block) - 184)
        field = b"" if stream else b"\x07" + ts.pcr_field(int(at_ms * 27000))
        return struct.pack(">BHB", 0x47, pid | 0x4000, (0x10 if stream else 0x30) | self.put_cc(pid)) + field + (PES + stamp + self.block[where:])[:184 - len(field)]


class Mpts64(port_plant.Case):
    def play(self, inputs, programs, whole):
        """Runs it all; self.out: the packets of every output by number."""
        self.inputs, self.programs, self.whole = inputs, programs, whole
        block = random.Random(64).randbytes(4096)
        self.sources = [Multiplex(i, programs, block) for i in range(inputs)]
        rows = [list(net.datagrams(source.packets)) for source in self.sources]
        frames = [net.frame(row, self.address("239.1", i)) for turn in zip(*rows) for i, row in enumerate(turn)]
        net.write_pcap(self.path("in.pcap"), frames)
        self.configure(port_plant.document([{"name": "p", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}], None, None, None, keys=None,
                                           control={"socket": "control.sock"}, memory={"hugepages": False, "mib": 512}))
        running = self.start()
        running.ready()
        controller = link.Controller(self.path("control.sock"))
        self.addCleanup(controller.close)
        controller.hello()
        self.assertEqual((controller.line_up(self.lineup()).error, controller.result.text), (0, ""))
        self.feed(controller)
        self.assertEqual(running.stop(), 0, running.text())
        self.assertNotIn("Sanitizer", running.text())
        self.out = collections.defaultdict(list)
        numbers = {net.socket.inet_aton(self.address("239.2", o)): o for o in range(self.outputs())}
        for frame in net.read_pcap(self.path("out.pcap")):
            if frame[30:34] in numbers:
                self.out[numbers[frame[30:34]]] += ts.split(frame[42:])
        return self.stats()

    @staticmethod
    def address(base, i):
        return f"{base}.{i // 200 + 1}.{i % 200 + 1}"

    def outputs(self):
        return self.inputs if self.whole else self.inputs * self.programs

    def output_of(self, i, n):
        return i if self.whole else i * self.programs + n - 1

    def services(self):
        """(index of service and of group, input, program_number)."""
        return [(i * self.programs + n - 1, i, n) for i in range(self.inputs) for n in range(1, self.programs + 1)]

    def lineup(self):
        made = link.Lineup()
        for i in range(self.inputs):
            made.input(f"i{i}", "p", self.address("239.1", i), net.PORT)
        for o in range(self.outputs()):
            made.output(f"o{o}", "p", self.address("239.2", o), net.PORT, "10.0.2.1")
        for g, i, n in self.services():
            made.group(f"g{g}", "cissa" if g % 2 else "csa2")
            made.service(f"s{g}", i, self.output_of(i, n), n, g, [(0x0B00 + cas, ecm_pid(n, cas), b"") for cas in range(CASES)])
        return made

    def word(self, g, cp):
        return random.Random(g * 64 + cp).randbytes(16 if g % 2 else 8)

    def feed(self, controller):
        """A next period for whoever has none, until everything has been read."""
        sent, packets = collections.Counter(), sum(len(source.packets) for source in self.sources)
        while not controller.report or sum(one["in_pkts"] for one in controller.report["inputs"]) < packets:
            for g, i, n in self.services():
                state = controller.periods.get(g)
                if state is None or state.have_next or sent[g] > (state.cp_number + 1 if state.running else 0):
                    continue
                cp = sent[g]
                ecms = [{"pid": ecm_pid(n, cas), "section": link.ecm_section(cp, struct.pack(">HHBH", i, n, cas, cp)), "repetition_ms": REPETITION_MS}
                        for cas in range(CASES)]
                controller.send(link.period(g, cp, [self.word(g, cp)], ecms, PERIOD_MS, algorithm="cissa" if g % 2 else "csa2", lineup=controller.taken))
                sent[g] += 1
            self.assertTrue(controller.turn(link.WAIT_S), "nothing came")
            while select.select([controller.socket], [], [], 0)[0]:
                controller.turn(0)
        self.assertEqual(controller.refused, [])

    def expect_all(self, stats):
        for kind in ("inputs", "outputs", "services"):
            self.assertEqual([one["drops"] for one in stats[kind] if one["drops"]], [])
        self.assertEqual([one["name"] for one in stats["services"] if one["continuity_errors"] or one["pid_conflicts"]], [])
        self.assertEqual({one["periods"] for one in stats["services"]}, {3})
        self.assertEqual(sorted(self.out), list(range(self.outputs())))
        for i, source in enumerate(self.sources):
            if self.whole:
                self.expect_output(i, source, source.programs)
            for n in source.programs if not self.whole else ():
                self.expect_output(self.output_of(i, n), source, [n])

    def expect_output(self, o, source, programs):
        """Exactly the packets of these programmes, scrambled, with tables that name them and no other, and their ECMs."""
        media = {video_pid(n) + s: n for n in programs for s in (0, 1)}
        ecms = {ecm_pid(n, cas): (n, cas) for n in programs for cas in range(CASES)}
        tables = {0, 1, 0x11, ts.NULL_PID} | {pmt_pid(n) for n in programs}
        count, cc, now, heard = collections.Counter(), {}, 0, collections.defaultdict(list)
        assemblers = {pid: ts.Sections() for pid in tables - {ts.NULL_PID}}
        for at, p in enumerate(self.out[o]):
            pid = ts.pid_of(p)
            count[pid] += 1
            if pid != ts.NULL_PID:
                self.assertIn(p[3] & 15, (cc.get(pid, p[3] - 1) + 1 & 15,), f"output {o} PID 0x{pid:x}: continuity_counter")
                cc[pid] = p[3]
            if pid in media:
                self.assertGreaterEqual(ts.tsc_of(p), 2, f"output {o} PID 0x{pid:x} in clear")
                self.assertNotIn(MAGIC, p)
                now = ts.pcr_of(p) or now
            elif pid in ecms:
                heard[pid].append((now, p))
            else:
                self.assertIn(pid, tables, f"output {o}: a PID that is not its own")
                if pid in assemblers:
                    assemblers[pid].feed(p, at)
        self.assertEqual({pid: count[pid] for pid in media}, {pid: source.count[pid] for pid in media})
        self.expect_tables(assemblers, programs)
        self.assertEqual(set(heard), set(ecms))
        for pid, times in heard.items():
            self.expect_ecms(source.number, *ecms[pid], times)

    def expect_tables(self, assemblers, programs):
        pats = {data for _, data in assemblers[0].found}
        self.assertEqual([[n for n, _ in struct.iter_unpack(">HH", data[8:-4])] for data in pats], [list(programs)])
        named = set()
        for _, data in assemblers[0x11].found:
            self.assertEqual(ts.crc32(data), 0)
            at = 11
            while at < len(data) - 4:
                named.add(struct.unpack_from(">H", data, at)[0])
                at += 5 + (struct.unpack_from(">H", data, at + 3)[0] & 0xFFF)
        self.assertEqual(named, set(programs))
        for n in programs:
            self.assertEqual({data[3:5] for _, data in assemblers[pmt_pid(n)].found}, {struct.pack(">H", n)})
            body = assemblers[pmt_pid(n)].found[0][1][8:]
            for cas in range(CASES):
                self.assertIn(struct.pack(">BBHH", 9, 4, 0x0B00 + cas, 0xE000 | ecm_pid(n, cas)), body)

    def expect_ecms(self, i, n, cas, times):
        """Its own ECMs, those of one period after the other, again and again without a gap."""
        said = [struct.unpack_from(">HHBH", p, 8) for _, p in times]
        self.assertEqual({one[:3] for one in said}, {(i, n, cas)})
        cps = [one[3] for one in said]
        self.assertEqual(cps, sorted(cps))
        self.assertEqual(set(cps), {0, 1, 2})
        gaps = [after - before for (before, _), (after, _) in zip(times, times[1:])]
        self.assertLessEqual(max(gaps), (REPETITION_MS + 2 * PCR_MS) * 27000)
        self.assertGreaterEqual(len(times), SECONDS * 1000 / REPETITION_MS - 3)

    def expect_open(self, o, source, programs):
        ts.write(self.path("capture.ts"), self.out[o])
        groups = {n: f"g{source.number * self.programs + n - 1}" for n in programs}
        with open(os.open(self.path("keys.txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            for name in groups.values():
                file.write(f"group {name} period_ms {PERIOD_MS}\n")
                for cp in range(4):
                    file.write(f"cp {cp} {'odd' if cp % 2 else 'even'} {self.word(int(name[1:]), cp).hex()}\n")
        self.open(self.path("capture.ts"), self.path("opened.ts"), groups)
        pids = {video_pid(n) + s for n in programs for s in (0, 1)}
        rows = [collections.defaultdict(list), collections.defaultdict(list)]
        for row, packets in zip(rows, (source.packets, ts.read(self.path("opened.ts")))):
            for p in packets:
                if ts.pid_of(p) in pids:
                    row[ts.pid_of(p)].append(p)
        for pid in pids:
            owed, got = rows[0][pid], rows[1][pid]
            late = next((k for k, p in enumerate(got) if p == owed[k]), len(got))
            self.assertLess(late, 20, f"output {o} PID 0x{pid:x}: opens late")
            self.assertEqual(got[late:], owed[late:], f"output {o} PID 0x{pid:x}")

    def test_whole_multiplexes(self):
        self.expect_all(self.play(16, 64, True))
        for i, source in enumerate(self.sources):
            self.expect_open(i, source, source.programs)

    def test_an_output_for_each_of_64(self):
        self.expect_all(self.play(16, 64, False))
        for o in range(0, 1024, 33):
            self.expect_open(o, self.sources[o // 64], [o % 64 + 1])

    def test_256_inputs(self):
        self.expect_all(self.play(256, 4, False))
        for o in range(0, 1024, 33):
            self.expect_open(o, self.sources[o // 4], [o % 4 + 1])


if __name__ == "__main__":
    unittest.main()
