#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark's DVB dissectors read what the dataplane sends: PAT, PMT, CAT and SDT well-formed, their CRCs good, CA_descriptor
and scrambling_descriptor in the PMT, and the scrambling bits where they belong.

Spoilt copies of the capture must be reported.
"""

import os
import struct
import sys

import witness_line as line

SECONDS = 8
MODES = {"csa1": "01", "csa2": "02", "cissa": "10", "idsa": "70", "sm4-cbc": "82", "aes-cbc": "f0", "aes-ecb": "f2"}  # scrambling_mode
WARNING = 0x00400000  # tshark's severities from here on mean something is wrong
FIELDS = ("ip.dst", "mp2t.pid", "mp2t.tsc", "mp2t.afc", "mpeg_sect.crc.status", "mpeg_pat.prog_num", "mpeg_pat.prog_map_pid",
          "mpeg_pmt.pg_num", "mpeg_pmt.stream.elementary_pid", "mpeg_descr.tag", "mpeg_descr.data", "mpeg_descr.ca.sys_id",
          "mpeg_descr.ca.pid", "mpeg_descr.ca.private", "dvb_sdt.svc.id", "dvb_sdt.svc.free_ca_mode", "mpeg_ca.version")
AFC_NO_PAYLOAD = 2
FRAME_HEADER = 14 + 20 + 8  # Ethernet, IPv4, UDP


def tshark(pcap, fields, display=None):
    """The wanted fields of every frame, as {field: [values]}."""
    command = ["tshark", "-r", pcap, "-d", f"udp.port=={line.plan.UDP_PORT},mp2t", "-o", "mpeg_sect.verify_crc:TRUE",
               "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=|"]
    command += [word for field in fields for word in ("-e", field)] + (["-Y", display] if display else [])
    done = line.run(command)
    rows = [dict(zip(fields, row.split("|"))) for row in done.stdout.decode().split("\n") if row]
    return [{field: text.split(",") if text else [] for field, text in row.items()} for row in rows]


def complaints(pcap):
    """What tshark itself finds wrong."""
    rows = tshark(pcap, ("frame.number", "_ws.expert.message"), f"_ws.malformed || _ws.expert.severity >= {WARNING}")
    return [f"tshark on frame {row['frame.number']}: {row['_ws.expert.message']}" for row in rows]


class Seen:
    """What one output carried."""

    def __init__(self):
        self.tsc = {}  # PID: {(transport_scrambling_control, has payload)}
        self.programs, self.streams, self.free_ca, self.pmts, self.crcs, self.cats = {}, set(), set(), set(), [], 0

    def take(self, row):
        lists = [[int(v, 0) for v in row[f]] for f in ("mp2t.pid", "mp2t.tsc", "mp2t.afc")]
        for pid, tsc, afc in zip(*lists, strict=True):
            self.tsc.setdefault(pid, set()).add((tsc, afc != AFC_NO_PAYLOAD))
        self.crcs += row["mpeg_sect.crc.status"]
        self.cats += len(row["mpeg_ca.version"])
        for number, pid in zip(row["mpeg_pat.prog_num"], row["mpeg_pat.prog_map_pid"]):
            self.programs[int(number, 0)] = int(pid, 0)
        self.streams |= {int(pid, 0) for pid in row["mpeg_pmt.stream.elementary_pid"]}
        self.free_ca |= {(int(s, 0), int(f, 0)) for s, f in zip(row["dvb_sdt.svc.id"], row["dvb_sdt.svc.free_ca_mode"])}
        if row["mpeg_pmt.pg_num"]:
            self.pmts.add(tuple(",".join(row[f]) for f in ("mpeg_pmt.pg_num", "mpeg_descr.data", "mpeg_descr.ca.sys_id",
                                                           "mpeg_descr.ca.pid", "mpeg_descr.ca.private")))
            self.pmts |= {("tag", tag) for tag in row["mpeg_descr.tag"]}


def read(pcap):
    seen = {}
    for row in tshark(pcap, FIELDS):
        if row["ip.dst"] and row["mp2t.pid"]:
            seen.setdefault(row["ip.dst"][0], Seen()).take(row)
    return seen


def bits_wrong(seen, name):
    wrong = []
    for pid, found in sorted(seen.tsc.items()):
        if pid in seen.streams:
            expected = {(2, True), (3, True)}
            good = expected <= found <= expected | {(0, False)}
        else:
            good = {tsc for tsc, _ in found} == {0}
        if not good:
            wrong.append(f"{name}: PID 0x{pid:04x} carries scrambling bits {sorted(found)}")
    return wrong


def look(seen, case, ecm_pid):
    wrong = bits_wrong(seen, case.name)
    pmt_pid = seen.programs.get(case.program)
    facts = {
        "CRCs": bool(seen.crcs) and set(seen.crcs) == {"1"},
        "a CAT on its PID": seen.cats > 3 and 1 in seen.tsc,
        "the programme in the PAT": list(seen.programs) == [case.program] and pmt_pid in seen.tsc,
        "two streams in the PMT": len(seen.streams) == 2 and seen.streams <= set(seen.tsc),
        "free_CA_mode in the SDT": seen.free_ca == {(case.program, 1)},
        "CA_descriptor and scrambling_descriptor": {("tag", "0x09"), ("tag", "0x65")} <= seen.pmts,
    }
    wrong += [f"{case.name}: not {what}" for what, good in facts.items() if not good]
    described = {pmt for pmt in seen.pmts if pmt[0] != "tag"}
    expected = {(f"0x{case.program:04x}", MODES[case.algorithm], f"0x{line.CA_SYSTEM_ID:04x}", f"0x{ecm_pid:04x}", line.CA_PRIVATE)}
    if described != expected:
        wrong.append(f"{case.name}: the PMT says {described}, not {expected}")
    return wrong


def faults(bench, pcap):
    """All that is wrong with a capture of the dataplane, as a list of lines."""
    wrong, seen = complaints(pcap), read(pcap)
    for i, case in enumerate(bench.cases):
        here = seen.get(f"239.2.1.{i + 1}")
        wrong += look(here, case, line.ECM_PID + i) if here else [f"{case.name}: nothing of it was sent"]
    return wrong


def places(capture):
    """Offsets of all transport packets in a capture file of microsecond stamps in this machine's order."""
    at = 24
    while at + 16 <= len(capture):
        size = struct.unpack_from("=I", capture, at + 8)[0]
        yield from range(at + 16 + FRAME_HEADER, at + 16 + size, line.TS_BYTES)
        at += 16 + size


def spoilt(good):
    """Ways to spoil a capture, {what: bytes}. Each changes one packet of its middle."""
    found = list(places(good))
    middle = found[len(found) // 2:]

    def first(condition):
        return next(at for at in middle if condition(good[at:at + line.TS_BYTES]))

    def changed(at, bits):
        copy = bytearray(good)
        copy[at] ^= bits
        return bytes(copy)

    def starts(pid, table):
        return first(lambda p: p[1] & 0x5F == 0x40 | pid >> 8 and p[2] == pid & 0xFF and p[5] == table)

    pmt = first(lambda p: p[1] & 0x40 and p[3] >> 6 == 0 and p[4] == 0 and p[5] == 2)
    scrambled = first(lambda p: p[3] >> 6)
    descriptor = good.index(bytes([0x65, 1]), pmt)
    return {
        "a PAT's programme": changed(starts(0, 0) + 14, 1),
        "a PMT's CRC": changed(descriptor + 2, 0x20),
        "a PMT's length": changed(pmt + 7, 0x10),
        "a CAT's table_id": changed(starts(1, 1) + 5, 0x80),
        "an SDT's free_CA_mode": changed(starts(0x11, 0x42) + 5 + 11 + 3, 0x10),
        "scrambling bits on a PMT": changed(pmt + 3, 0x80),
        "reserved scrambling bits": changed(scrambled + 3, 0xC0 if good[scrambled + 3] >> 6 == 2 else 0x80),
        "no scrambling bits": changed(scrambled + 3, good[scrambled + 3] & 0xC0),
    }


def main():
    args = line.arguments(__doc__).parse_args()
    made = line.make_streams(args.streams, [("h264", line.H264, 1600), ("mpeg2", line.MPEG2, 0)], SECONDS)
    with line.Line(args) as bench:
        for i, algorithm in enumerate(MODES):
            bench.add(algorithm, made[("h264", "mpeg2")[i % 2]], algorithm)
        rx, tx = (os.path.join(bench.folder, name) for name in ("in.pcap", "out.pcap"))
        bench.wrap(rx)
        bench.write(bench.pcap_document(rx, tx))
        line.run(bench.command(None, "--until-idle", "500"))
        wrong = faults(bench, tx)
        with open(tx, "rb") as file:
            good = file.read()
        for what, capture in spoilt(good).items():
            path = os.path.join(bench.folder, "spoilt.pcap")
            with open(path, "wb") as file:
                file.write(capture)
            if not faults(bench, path):
                wrong.append(f"{what} changed: nothing reported")
    return line.report("witness-tshark", wrong)


if __name__ == "__main__":
    sys.exit(main())
