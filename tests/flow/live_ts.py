# SPDX-License-Identifier: GPL-3.0-or-later
"""Transport streams made packet by packet: tests change them while they run, and know every packet.

Refs: ISO/IEC 13818-1 clauses 2.4.3 (packets, PCR, PES) and 2.4.4 (PSI); EN 300 468 clause 5.2.3 (SDT).
"""

import dataclasses
import random
import struct

BYTES = 188
PAT_PID, CAT_PID, SDT_PID, NULL_PID = 0, 1, 0x11, 0x1FFF
NULL = bytes([0x47, 0x1F, 0xFF, 0x10]) + b"\xff" * 184
CLOCK_HZ = 27_000_000
PCR_WRAP = (1 << 33) * 300


def crc32(data):
    """CRC_32 of ISO/IEC 13818-1 annex A."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


def section(table_id, extension, version, body, flags=0xB000):
    head = struct.pack(">BHHBBB", table_id, flags | (len(body) + 9), extension, 0xC1 | version << 1, 0, 0)
    return head + body + struct.pack(">I", crc32(head + body))


def packet(pid, cc, payload, start=False, adaptation=None, tsc=0):
    """One packet; `adaptation` is what stands behind adaptation_field_length. Short payloads are stuffed."""
    room = 184 - len(payload)
    if adaptation is None and room:
        adaptation = b"" if room == 1 else b"\0"
    field = b""
    if adaptation is not None:
        adaptation += b"\xff" * (room - 1 - len(adaptation))
        field = bytes([len(adaptation)]) + adaptation
    control = (0x10 if payload else 0) | (0x20 if field else 0)
    made = struct.pack(">BHB", 0x47, pid | (0x4000 if start else 0), tsc << 6 | control | cc & 15) + field + payload
    assert len(made) == BYTES, len(made)
    return made


def pcr_field(pcr_27mhz, discontinuity=False):
    """flags and PCR of an adaptation field."""
    base, extension = divmod(pcr_27mhz % PCR_WRAP, 300)
    return bytes([0x10 | (0x80 if discontinuity else 0)]) + (base << 15 | 0x3F << 9 | extension).to_bytes(6, "big")


def pid_of(p):
    return struct.unpack_from(">H", p, 1)[0] & 0x1FFF


def tsc_of(p):
    return p[3] >> 6


def has_payload(p):
    return bool(p[3] & 0x10)


def payload_of(p):
    return p[5 + p[4]:] if p[3] & 0x20 else p[4:]


def pcr_of(p):
    """The PCR in 27 MHz, or None."""
    if not p[3] & 0x20 or p[4] < 7 or not p[5] & 0x10:
        return None
    value = int.from_bytes(p[6:12], "big")
    return (value >> 15) * 300 + (value & 0x1FF)


def split(data):
    assert len(data) % BYTES == 0, f"{len(data)} bytes are no row of packets"
    return [data[i:i + BYTES] for i in range(0, len(data), BYTES)]


def read(path):
    with open(path, "rb") as file:
        return split(file.read())


def write(path, packets):
    with open(path, "wb") as file:
        file.write(b"".join(packets))


def stuffed(section_bytes):
    """The payload of a packet that starts with this section."""
    return (b"\0" + section_bytes + b"\xff" * 184)[:184]


class Sections:
    """Whole sections out of the packets of one PID, each with the index its last packet was fed with."""

    def __init__(self):
        self.part, self.found = b"", []

    def feed(self, p, at):
        data = payload_of(p)
        if p[1] & 0x40:
            data = data[1 + data[0]:]
            self.part = b""
        elif not self.part:
            return
        self.part += data
        while len(self.part) >= 3 and self.part[0] != 0xFF:
            size = 3 + (struct.unpack_from(">H", self.part, 1)[0] & 0xFFF)
            if len(self.part) < size:
                return
            self.found.append((at, self.part[:size]))
            self.part = self.part[size:]
        self.part = b""


@dataclasses.dataclass
class Stream:
    pid: int
    stream_type: int
    info: bytes = b""
    share: int = 1  # of the packets, against the other streams


@dataclasses.dataclass
class Program:
    number: int
    pmt_pid: int
    pcr_pid: int
    streams: list
    info: bytes = b""
    version: int = 0
    listed: bool = True  # in the PAT
    aired: bool = True   # its streams are there

    def pmt(self):
        body = struct.pack(">HH", 0xE000 | self.pcr_pid, 0xF000 | len(self.info)) + self.info
        for s in self.streams:
            body += struct.pack(">BHH", s.stream_type, 0xE000 | s.pid, 0xF000 | len(s.info)) + s.info
        return section(2, self.number, self.version, body)


class Mux:
    """A transport stream on its way: `packets` holds what has been sent. Every packet takes the same time."""

    PSI_PKTS, SDT_PKTS, PES_PKTS, PCR_MS = 70, 350, 20, 30

    def __init__(self, programs, rate_bps=1_000_000, null_share=0, seed=1, pcr_27mhz=0):
        self.programs, self.null_share = programs, null_share
        self.dice = random.Random(seed)
        self.tick = BYTES * 8 * CLOCK_HZ / rate_bps
        self.pcr = float(pcr_27mhz)
        self.packets, self.sent = [], 0
        self.pat_version, self.psi_due, self.sdt_due = 0, 0, 0
        self.cc, self.units, self.pcr_due, self.jumped = {}, {}, {}, set()

    def put(self, made):
        self.packets.append(made)
        self.sent += 1
        self.pcr += self.tick

    def next_cc(self, pid):
        self.cc[pid] = (self.cc.get(pid, -1) + 1) & 15
        return self.cc[pid]

    def put_section(self, pid, data):
        rest = b"\0" + data
        first = True
        while rest:
            self.put(packet(pid, self.next_cc(pid), (rest + b"\xff" * 184)[:184], start=first))
            rest, first = rest[184:], False

    def pat(self):
        return section(0, 1, self.pat_version, b"".join(struct.pack(">HH", p.number, 0xE000 | p.pmt_pid) for p in self.programs if p.listed))

    def put_psi(self):
        self.put_section(PAT_PID, self.pat())
        for program in self.programs:
            if program.listed:
                self.put_section(program.pmt_pid, program.pmt())

    def put_sdt(self):
        services = b"".join(struct.pack(">HBH", p.number, 0xFC, 0x8000) for p in self.programs)
        self.put_section(SDT_PID, section(0x42, 1, 0, struct.pack(">HB", 1, 0xFF) + services, 0xF000))

    def jump(self, program, by_27mhz):
        """The PCR of everybody goes on elsewhere; the PID of this programme's announces it."""
        self.pcr += by_27mhz
        self.jumped.add(program.pcr_pid)
        self.pcr_due[program.pcr_pid] = self.pcr

    def _media(self, program, stream):
        pid = stream.pid
        at = self.units.get(pid, 0)
        start = at % self.PES_PKTS == 0
        field = None
        if pid == program.pcr_pid and self.pcr >= self.pcr_due.get(pid, self.pcr):
            field = pcr_field(int(self.pcr), pid in self.jumped)
            self.jumped.discard(pid)
            self.pcr_due[pid] = self.pcr + self.PCR_MS * CLOCK_HZ / 1000
        elif self.dice.randrange(12) == 0:
            field = b"\0" * self.dice.randrange(1, 183) if self.dice.randrange(3) else b""
        room = 184 if field is None else 183 - len(field)
        head = b"\0\0\1\xe0\0\0\x80\0\0" if start else b""
        if start and room < 40:
            field, room = None, 184
        self.units[pid] = at + 1
        self.put(packet(pid, self.next_cc(pid), head + self.dice.randbytes(room - len(head)), start, field))

    def _pick(self):
        choices = [(p, s) for p in self.programs if p.aired for s in p.streams]
        return self.dice.choices(choices, [s.share for _, s in choices])[0]

    def step(self):
        if self.sent >= self.psi_due:
            self.psi_due = self.sent + self.PSI_PKTS
            self.put_psi()
        elif self.sent >= self.sdt_due:
            self.sdt_due = self.sent + self.SDT_PKTS
            self.put_sdt()
        elif self.dice.random() < self.null_share:
            self.put(NULL)
        else:
            self._media(*self._pick())

    def run(self, seconds):
        end = self.pcr + seconds * CLOCK_HZ
        while self.pcr < end:
            self.step()
        return self
