# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller of the dataplane for tests: speaks the messages of dataplane/api/dp_msg.h.

It makes its own control words, so a test knows them. Nothing here waits longer than WAIT_S.
"""

import collections
import json
import os
import select
import socket
import struct
import time

import live_ts as ts

WAIT_S = 60
NONE = 0xFFFF
NAMES = ["HELLO", "WELCOME", "GROUP_STATE", "LINEUP", "INPUT", "OUTPUT", "GROUP", "SERVICE", "EMM_STREAM", "LINEUP_END", "LINEUP_RESULT",
         "PERIOD", "PERIOD_STATE", "PERIOD_REFUSED", "EMM_DATA", "ALARM", "INPUT_PSI", "REPORT", "BYE", "MOVE", "MOVE_RESULT"]
BYE_REASONS = ["STOPPING", "SUPERSEDED", "OLDER", "VERSION", "BROKEN"]
MODES = {"csa1": 0x01, "csa2": 0x02, "cissa": 0x10, "idsa": 0x70, "sm4-cbc": 0x82, "aes-cbc": 0xF0, "aes-ecb": 0xF2}
CW_BYTES = {name: 8 if name.startswith("csa") else 16 for name in MODES}
BYTES = {"HELLO": 88, "WELCOME": 24, "GROUP_STATE": 344, "LINEUP": 24, "INPUT": 152, "OUTPUT": 160, "GROUP": 80, "SERVICE": 1208, "EMM_STREAM": 280,
         "LINEUP_END": 8, "LINEUP_RESULT": 208, "PERIOD": 8616, "PERIOD_STATE": 40, "PERIOD_REFUSED": 16, "EMM_DATA": 1336, "ALARM": 344,
         "INPUT_PSI": 1040, "REPORT": 16408, "BYE": 280, "MOVE": 16, "MOVE_RESULT": 208}

# Fields of what comes up, behind the head.
UP = {
    "WELCOME": ("=IIQ", "version lineup boot_id"),
    "GROUP_STATE": ("=64s136s136s", "name current next"),
    "LINEUP_RESULT": ("=iI192s", "error serial text"),
    "PERIOD_STATE": ("=HHHBBBBBB4xQQ", "group cp_number next_cp_number running have_next next_ecm_on_air extending on_wall ecm_on_air started_27mhz now_27mhz"),
    "PERIOD_REFUSED": ("=HHi", "group cp_number error"),
    "ALARM": ("=BB6xQ64s64s192s", "raised severity count name object text"),
    "INPUT_PSI": ("=HHHH1024s", "input service pid bytes section"),
    "REPORT": ("=IIII16384s", "serial offset total bytes part"),
    "BYE": ("=IiQ64s192s", "reason pid epoch name text"),
    "MOVE_RESULT": ("=HHi192s", "input worker error text"),
}
KINDS = {name: collections.namedtuple(name, fields) for name, (_, fields) in UP.items()}
Held = collections.namedtuple("Held", "cp_number algorithm words")


def string(data):
    return data.split(b"\0", 1)[0].decode()


def message(name, body):
    made = struct.pack("=II", NAMES.index(name) + 1, 8 + len(body)) + body
    assert len(made) == BYTES[name], f"{name} has {len(made)} bytes"
    return made


def read(data):
    """(name, fields) of a message that came up."""
    kind, size = struct.unpack_from("=II", data)
    name = NAMES[kind - 1]
    assert len(data) == size == BYTES[name], f"{name} of {len(data)} bytes"
    values = [string(v) if isinstance(v, bytes) and len(v) in (64, 192) else v for v in struct.unpack_from(UP[name][0], data, 8)]
    return name, KINDS[name](*values)


def held(data):
    """A dp_msg_held, or None when there is no such period."""
    number, words, cw_bytes, mode = struct.unpack_from("=HBBB", data)
    algorithms = {value: name for name, value in MODES.items()}
    return Held(number, algorithms[mode], [data[8 + 16 * i:8 + 16 * i + cw_bytes] for i in range(words)]) if words else None


def ip(text):
    return int.from_bytes(socket.inet_aton(text), "big")


def ecm_section(cp_number, body):
    """A section as an ECM has it: short form, table_id by parity."""
    return struct.pack(">BH", 0x80 | cp_number & 1, 0x7000 | len(body)) + body


def emm_section(body, table_id=0x82):
    return struct.pack(">BH", table_id, 0x7000 | len(body)) + body


class Lineup:
    """What a line-up holds; each list in the order of its indexes."""

    def __init__(self):
        self.inputs, self.outputs, self.groups, self.services, self.emms = [], [], [], [], []

    def input(self, name, port, group="0.0.0.0", udp_port=0, source="0.0.0.0", vlan=0, encapsulation=0):
        self.inputs.append(struct.pack("=HHHBxII64s64s", len(self.inputs), udp_port, vlan, encapsulation, ip(group), ip(source),
                                       name.encode(), port.encode()))
        return len(self.inputs) - 1

    def output(self, name, port, group="0.0.0.0", udp_port=0, source="0.0.0.0", vlan=0, ttl=16, dscp=0, deadline_us=40000, short=0):
        self.outputs.append(struct.pack("=HHHHIIIBBBx64s64s", len(self.outputs), udp_port, 0, vlan, ip(group), ip(source), deadline_us,
                                        ttl, dscp, short, name.encode(), port.encode()))
        return len(self.outputs) - 1

    def group(self, name, algorithm="csa2"):
        self.groups.append(struct.pack("=HB5x64s", len(self.groups), MODES[algorithm], name.encode()))
        return len(self.groups) - 1

    def service(self, name, input_index, output_index, program, group=NONE, ca=(), keep=0, teletext=0, subtitles=0):
        """ca: (ca_system_id, ecm_pid, private bytes)."""
        rows = b"".join(struct.pack("=HHB64sx", system, pid, len(private), private) for system, pid, private in ca)
        self.services.append(struct.pack("=HHHHHBBBBxx64s1120s", len(self.services), input_index, output_index, program, group,
                                         keep, teletext, subtitles, len(ca), name.encode(), rows))
        return len(self.services) - 1

    def emm(self, name, pid, ca_system_id, outputs, rate_kbps=100, private=b""):
        bits = sum(1 << i for i in outputs).to_bytes(128, "little")
        self.emms.append(struct.pack("=HHHHB64s7x64s128s", len(self.emms), pid, ca_system_id, rate_kbps, len(private), private, name.encode(), bits))
        return len(self.emms) - 1

    def messages(self, serial=1):
        lists = [("INPUT", self.inputs), ("OUTPUT", self.outputs), ("GROUP", self.groups), ("SERVICE", self.services), ("EMM_STREAM", self.emms)]
        yield message("LINEUP", struct.pack("=5H2xI", *(len(rows) for _, rows in lists), serial))
        for name, rows in lists:
            for row in rows:
                yield message(name, row)
        yield message("LINEUP_END", b"")


def period(group, cp_number, words, ecms, duration_ms, flip_27mhz=0, algorithm="csa2", lineup=1):
    """words: its own and those promised, of one algorithm; ecms: dicts with pid, section, and optionally repetition_ms, start_ms, stop_ms."""
    pool, rows = b"", b""
    for ecm in ecms:
        rows += struct.pack("=HHHHii", ecm["pid"], len(pool), len(ecm["section"]), ecm.get("repetition_ms", 100), ecm.get("start_ms", 0), ecm.get("stop_ms", 0))
        pool += ecm["section"]
    return message("PERIOD", struct.pack("=HHBBBBI4xQQ128s256s8192s", group, cp_number, len(words[0]), len(words), len(ecms), MODES[algorithm], lineup,
                                         flip_27mhz, duration_ms * 27000,
                                         b"".join(w.ljust(16, b"\0") for w in words), rows, pool))


def emm_data(index, packets, lineup=1):
    return message("EMM_DATA", struct.pack("=HHI1316s4x", index, len(packets), lineup, b"".join(packets)))


def move(index, worker, lineup):
    return message("MOVE", struct.pack("=HHI", index, worker, lineup))


class Gone(Exception):
    """The dataplane has closed the connection; `bye` says why, when it did."""

    def __init__(self, bye):
        super().__init__(f"closed: {BYE_REASONS[bye.reason]} {bye.name} {bye.text}" if bye else "closed without BYE")
        self.bye = bye


class Controller:
    """A connection. What has come is kept: the last of each state, the whole of the rest."""

    def __init__(self, path, epoch=None, name="test"):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.socket.connect(path)
        self.epoch = epoch or time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self.name = name
        self.welcome = self.result = self.moved = self.bye = None
        self.on_result = lambda result: None
        self.serial = self.taken = 0  # of the line-ups sent last and taken last
        self.group_states, self.periods, self.alarms, self.psi = {}, {}, {}, {}
        self.refused, self.period_history, self.seen = [], [], []
        self.parts, self.report = b"", None

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.send(data)

    def hello(self, version=2):
        self.send(message("HELLO", struct.pack("=I4xQ64s", version, self.epoch, self.name.encode())))
        self.until("WELCOME", lambda: self.welcome)

    def line_up(self, lineup):
        """Sends a line-up and returns its LINEUP_RESULT."""
        self.result, self.serial = None, self.serial + 1
        for data in lineup.messages(self.serial):
            self.send(data)
        self.until("LINEUP_RESULT", lambda: self.result)
        return self.result

    def move(self, index, worker):
        """Moves an input and returns its MOVE_RESULT."""
        self.moved = None
        self.send(move(index, worker, self.taken))
        self.until("MOVE_RESULT", lambda: self.moved)
        return self.moved

    def until(self, what, condition):
        end = time.monotonic() + WAIT_S
        while not condition():
            if not self.turn(end - time.monotonic()):
                raise AssertionError(f"no {what} in {WAIT_S} s; came: {self.seen[-20:]}")

    def turn(self, timeout_s):
        """Takes the next message; False when none came in time."""
        if not select.select([self.socket], [], [], max(timeout_s, 0))[0]:
            return False
        data = self.socket.recv(32768)
        if not data:
            raise Gone(self.bye)
        name, fields = read(data)
        self.seen.append(name)
        getattr(self, "_take_" + name.lower())(fields)
        return True

    def _take_welcome(self, m):
        self.welcome = m

    def _take_group_state(self, m):
        self.group_states[m.name] = (held(m.current), held(m.next))

    def _take_lineup_result(self, m):
        self.result = m
        self.on_result(m)
        if not m.error:
            self.taken = m.serial

    def _take_move_result(self, m):
        self.moved = m

    def _take_period_state(self, m):
        self.periods[m.group] = m
        self.period_history.append(m)

    def _take_period_refused(self, m):
        self.refused.append(m)

    def _take_alarm(self, m):
        self.alarms[m.name, m.object] = m

    def _take_input_psi(self, m):
        self.psi[m.input, m.service] = (m.pid, m.section[:m.bytes])

    def _take_report(self, m):
        self.parts = (self.parts if m.offset else b"") + m.part[:m.bytes]
        if len(self.parts) == m.total:
            self.report = json.loads(self.parts)

    def _take_bye(self, m):
        self.bye = m



class Words:
    """The control words of a group, by CP_number, and the ECMs that stand for them. Several algorithms take turns."""

    def __init__(self, algorithm, dice):
        self.algorithms, self.dice, self.words = algorithm.split(","), dice, {}

    def algorithm(self, cp_number):
        return self.algorithms[cp_number % len(self.algorithms)]

    def word(self, cp_number):
        return self.words.setdefault(cp_number, self.dice.randbytes(CW_BYTES[self.algorithm(cp_number)]))

    def section(self, cp_number):
        """Not a real ECM: it says which period it is of, and holds nothing of the word."""
        return ecm_section(cp_number, struct.pack(">H", cp_number) + b"ecm" * 10)

    def schedule(self, path, group, period_ms):
        """The words that were used, as a terminal's schedule."""
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(f"group {group} period_ms {period_ms}\n")
            for cp in sorted(self.words):
                file.write(f"cp {cp} {'odd' if cp % 2 else 'even'} {self.words[cp].hex()}\n")


def sections_of(packets, pid):
    """[(index of the packet that completed it, section)] of a PID."""
    assembler = ts.Sections()
    for at, packet in enumerate(packets):
        if ts.pid_of(packet) == pid:
            assembler.feed(packet, at)
    return assembler.found
