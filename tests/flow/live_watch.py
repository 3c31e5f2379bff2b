# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches a scrambled stream as the tables in it say: what must be scrambled is, from the packet after the section on.

Refs: ISO/IEC 13818-1 clauses 2.4.3.3 (continuity_counter), 2.4.4 (version_number, CRC_32).
"""

import struct

import live_ts as ts


class Watch:
    """Reads a capture once. `wrong` says what is not as it must be; the rest is what the tests ask for."""

    def __init__(self, packets, clear=(), source=(), ca=()):
        self.wrong = []
        self.ca = set(ca)                        # PIDs of ECMs and EMMs
        self.clear = set(clear)                  # elementary PIDs that are clear by policy, as (pid, stream_type)
        self.known = {ts.payload_of(p) for p in source if ts.has_payload(p) and len(ts.payload_of(p)) >= 16}
        self.programs, self.types = {}, {}       # program_number: PMT PID; program_number: {PID: stream_type}
        self.tables = {}                         # (PID, table_id, extension): [(at, version, body)], changes only
        self.assemblers, self.cc = {ts.PAT_PID: ts.Sections(), ts.CAT_PID: ts.Sections(), ts.SDT_PID: ts.Sections()}, {}
        self.parities = {}                       # PID: parities of its packets with payload
        for at, p in enumerate(packets):
            self._packet(at, p)

    def _say(self, at, text):
        self.wrong.append(f"packet {at}: {text}")

    def _packet(self, at, p):
        pid = ts.pid_of(p)
        if p[0] != 0x47:
            self._say(at, "no sync byte")
        if pid in self.assemblers:
            self._counter(at, pid, p)
            self.assemblers[pid].feed(p, at)
            for _, data in self.assemblers[pid].found:
                self._section(at, pid, data)
            self.assemblers[pid].found = []
        elif pid in self.ca:
            self._counter(at, pid, p)
        elif pid != ts.NULL_PID and ts.has_payload(p):
            self._elementary(at, pid, p)

    def _counter(self, at, pid, p):
        cc = p[3] & 15
        if pid in self.cc and cc != (self.cc[pid] + 1) & 15:
            self._say(at, f"PSI PID 0x{pid:04x}: continuity_counter {cc} after {self.cc[pid]}")
        if ts.tsc_of(p):
            self._say(at, f"PSI PID 0x{pid:04x} scrambled")
        self.cc[pid] = cc

    def _elementary(self, at, pid, p):
        stream_type = next((types[pid] for types in self.types.values() if pid in types), None)
        if stream_type is None:
            self._say(at, f"PID 0x{pid:04x} is in no PMT")
        elif (pid, stream_type) in self.clear:
            if ts.tsc_of(p):
                self._say(at, f"PID 0x{pid:04x} is scrambled, though clear by policy")
        else:
            self.parities.setdefault(pid, []).append(ts.tsc_of(p))
            if ts.tsc_of(p) < 2:
                self._say(at, f"PID 0x{pid:04x} left in clear")
            elif ts.payload_of(p) in self.known:
                self._say(at, f"PID 0x{pid:04x} carries a payload of the source")

    def _section(self, at, pid, data):
        if ts.crc32(data):
            self._say(at, f"PID 0x{pid:04x}: CRC_32 wrong")
            return
        extension, version = struct.unpack_from(">HB", data, 3)
        body, version = data[8:-4], version >> 1 & 31
        changes = self.tables.setdefault((pid, data[0], extension), [])
        if changes and (changes[-1][1] == version) != (changes[-1][2] == body):
            self._say(at, f"PID 0x{pid:04x}: version_number {version} after {changes[-1][1]}, and the table {'changed' if changes[-1][2] != body else 'did not'}")
        if not changes or changes[-1][2] != body:
            changes.append((at, version, body))
        if data[0] == 0:
            self._pat(body)
        elif data[0] == 2:
            self._pmt(extension, body)

    def _pat(self, body):
        self.programs = {n: pid & 0x1FFF for n, pid in struct.iter_unpack(">HH", body) if n}
        for pid in self.programs.values():
            self.assemblers.setdefault(pid, ts.Sections())
        self.types = {n: types for n, types in self.types.items() if n in self.programs}

    def _pmt(self, number, body):
        at, types = 4 + (struct.unpack_from(">H", body, 2)[0] & 0xFFF), {}
        while at < len(body):
            stream_type, pid, size = struct.unpack_from(">BHH", body, at)
            types[pid & 0x1FFF] = stream_type
            at += 5 + (size & 0xFFF)
        self.types[number] = types

    def versions(self, pid, table_id, extension):
        return [version for _, version, _ in self.tables.get((pid, table_id, extension), [])]


def opened_wrong(opened, expected):
    """Compares, PID by PID, what a receiver opened with what it is owed, from its first opened packet to the end.

    Returns (what is wrong, packets at the start that it could not open yet)."""
    wrong, waited = [], 0
    for pid in sorted({ts.pid_of(p) for p in expected}):
        owed = [p for p in expected if ts.pid_of(p) == pid]
        got = [p for p in opened if ts.pid_of(p) == pid]
        closed = 0
        while closed < len(got) and got[closed] != owed[closed if len(got) == len(owed) else len(owed) - len(got) + closed]:
            closed += 1
        waited += closed
        if len(got) != len(owed):
            wrong.append(f"PID 0x{pid:04x}: {len(got)} packets of {len(owed)}")
        elif closed == len(got):
            wrong.append(f"PID 0x{pid:04x}: nothing of {len(owed)} packets opened")
        else:
            different = [i for i in range(closed, len(got)) if got[i] != owed[i]]
            if different:
                wrong.append(f"PID 0x{pid:04x}: {len(different)} packets differ from packet {different[0]} on (opened from {closed})")
    return wrong, waited
