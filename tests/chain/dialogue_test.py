#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark reads the SimulCrypt dialogues of a live head-end: ECMG<=>SCS and EMMG<=>MUX, while EMMs are sent.

The number of PDUs by message type is what both peers logged; nothing is malformed, and no byte belongs to no PDU. The EMM
sections that the command line sent came to every receiver, once each. A capture in which one byte was changed is told from
a good one.

    dialogue_test.py DEMO BUILD
"""

import collections
import hashlib
import json
import os
import random
import re
import struct
import subprocess
import sys

import session

sys.path.insert(0, os.path.join(sys.argv[1], "..", "..", "wire"))

import plan  # noqa: E402
import programs  # noqa: E402
import simulcrypt  # noqa: E402

SECONDS = 12
QUIET_S = 2.0  # dumpcap has written all that it took before; it writes at least every half second
FILES, SECTIONS = 3, 12  # of each, sections of all sizes
FIELDS = ("tcp.srcport", "tcp.dstport", "tcp.len", "simulcrypt.message.type", "simulcrypt.message.len", "simulcrypt.parameter.type",
          "simulcrypt.parameter.len", "_ws.malformed")
HEADER_BYTES = {"message": 5, "parameter": 4}
# The lines of both peers, by interface: (process, module of the server), (process, module of the client).
PEERS = {"ecmg": (("cas", "ecmg"), ("control", "ecmg")), "emmg": (("control", "mux"), ("cas", "emmg"))}
LINE = re.compile(r' (\w+): pdus peer="[^"]*" sent="([^"]*)" received="([^"]*)" unknown=(\d+) malformed=(\d+)')


class Heard:
    """What tshark reads of one direction of a dialogue."""

    def __init__(self):
        self.types, self.tcp_bytes, self.pdu_bytes, self.parameter_bytes, self.malformed = collections.Counter(), 0, 0, 0, 0

    def take(self, row):
        lengths = {name: [int(text, 0) for text in row[f"simulcrypt.{name}.len"]] for name in HEADER_BYTES}
        self.types.update(int(text, 0) for text in row["simulcrypt.message.type"])
        self.tcp_bytes += sum(int(text) for text in row["tcp.len"])
        self.pdu_bytes += sum(lengths["message"]) + HEADER_BYTES["message"] * len(lengths["message"])
        self.parameter_bytes += sum(lengths["parameter"]) + HEADER_BYTES["parameter"] * len(lengths["parameter"])
        self.malformed += len(row["_ws.malformed"])

    def named(self, interface):
        names = simulcrypt.MESSAGES[interface]
        return {names.get(number, f"{number:#06x}"): n for number, n in self.types.items()}

    def wrong(self):
        wrong = [f"{self.malformed} malformed"] if self.malformed else []
        if self.tcp_bytes != self.pdu_bytes:
            wrong.append(f"{self.tcp_bytes} bytes of TCP, {self.pdu_bytes} of them in PDUs")
        message_bytes = self.pdu_bytes - HEADER_BYTES["message"] * sum(self.types.values())
        if message_bytes != self.parameter_bytes:
            wrong.append(f"{message_bytes} bytes of messages, {self.parameter_bytes} of them in parameters")
        return wrong


def hear(capture, ports):
    """{interface: (server's Heard, client's Heard)}; `ports` is {interface: TCP port of the server}."""
    command = ["tshark", "-r", capture, "-T", "fields", "-E", "separator=;", "-E", "aggregator=,"]
    command += [word for port in ports.values() for word in ("-d", f"tcp.port=={port},simulcrypt")]
    command += [word for field in FIELDS for word in ("-e", field)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
    found = {interface: (Heard(), Heard()) for interface in ports}
    for text in done.stdout.splitlines():
        row = dict(zip(FIELDS, ([value for value in cell.split(",") if value] for cell in text.split(";"))))
        for interface, port in ports.items():
            if str(port) in row["tcp.srcport"] + row["tcp.dstport"]:
                found[interface][str(port) in row["tcp.dstport"]].take(row)
    return found


def logged(s, process, module):
    """({message: sent}, {message: received}, unknown and malformed) that a peer told at its end."""
    with open(os.path.join(s.folder, f"{process}.log"), encoding="utf-8") as file:
        lines = [found for found in map(LINE.search, file) if found and found[1] == module]
    if len(lines) != 1:
        raise programs.Failed(f"{process} told its PDUs of {module} {len(lines)} times")
    sent, received = ({name: int(n) for name, n in (pair.split("=") for pair in lines[0][i].split())} for i in (2, 3))
    return sent, received, int(lines[0][4]) + int(lines[0][5])


def faults(s, capture, ports):
    """All that a capture shows otherwise than both peers logged it."""
    wrong = []
    for interface, directions in hear(capture, ports).items():
        server, client = (logged(s, *peer) for peer in PEERS[interface])
        for who, heard, told in (("server", directions[0], (server[0], client[1])), ("client", directions[1], (client[0], server[1]))):
            counts = heard.named(interface)
            if not counts or counts != told[0] or counts != told[1]:
                wrong.append(f"{interface}: of the {who} tshark counts {counts}, it logged {told[0]} and its peer {told[1]}")
            wrong += [f"{interface}: of the {who}: {what}" for what in heard.wrong()]
        wrong += [f"{interface}: a peer logged {n} unknown or malformed PDUs" for n in (server[2], client[2]) if n]
    return wrong


def spoilt(good):
    """Ways to spoil a capture, {what: bytes}; each changes one byte of one PDU in its middle."""
    def find(kind, interface):
        head = struct.pack(">BH", 3, simulcrypt.TYPES[interface][kind])
        return good.index(head, good.index(head, len(good) // 3) + 1)

    def changed(at, bits):
        return good[:at] + bytes([good[at] ^ bits]) + good[at + 1:]

    provision, response, data = find("CW_provision", "ecmg"), find("ECM_response", "ecmg"), find("data_provision", "emmg")
    return {
        "a message_length, longer": changed(provision + 4, 0x80),
        "a message_length, shorter": changed(response + 4, 0x04),
        "a message_type": changed(response + 2, 0x01),
        "a parameter_length": changed(provision + 5 + 3, 0x04),
        "a parameter_length, over the end": changed(data + 5 + 2, 0x7F),
    }


def make_sections():
    dice = random.Random(3)
    made = []
    for i in range(FILES * SECTIONS):
        body = dice.randbytes(dice.choice((8, 40, 177, 178, 250, 700)))
        made.append(simulcrypt.section(0x82 + i % 14, body))
    return made


def send_emms(s, sections):
    for i in range(FILES):
        path = os.path.join(s.folder, f"emms-{i}")
        with open(path, "wb") as file:
            file.write(b"".join(sections[i * SECTIONS:(i + 1) * SECTIONS]))
        programs.run(s.chain.bulkhead("cas", "emm", "send", path), s.folder, f"emm-send-{i}")

    def over():
        stats = s.stats()
        done = subprocess.run(s.chain.bulkhead("show", "emmg", "--json"), capture_output=True, check=True)
        took = json.loads(done.stdout)[0]["datagrams"] == len(sections)
        return took and stats["emm_streams"][0]["waiting"] == 0 and all(out["emm_pkts"] for out in stats["outputs"])

    s.until("the EMMs to be on air", over)


def emms_wrong(s, sections):
    """Every section must have come to every terminal, once."""
    wrong = []
    for stream in s.demo.streams:
        with open(s.demo.files[stream.name].report, encoding="utf-8") as file:
            told = json.load(file)["emm"]
        size = len(told["sections"][0]["sha256"]) if told["sections"] else 0
        owed = collections.Counter((plan.EMM_PID, e[0], len(e), hashlib.sha256(e).hexdigest()[:size], 1) for e in sections)
        got = collections.Counter((e["pid"], e["table_id"], e["bytes"], e["sha256"], e["count"]) for e in told["sections"])
        if got != owed or told["received"] != len(sections):
            wrong.append(f"{stream.name}: {told['received']} EMMs came, {len(sections)} were sent; missing {sum((owed - got).values())}, "
                         f"not as sent {sum((got - owed).values())}")
        wrong += [f"{stream.name}: EMM PID {pid}" for pid in told["pids"] if pid["cc_errors"] or pid["sections_cut"] or pid["sections_broken"]]
    return wrong


def record(s, capture, ports):
    """dumpcap on the loopback of the head-end, at work."""
    command = ["dumpcap", "-q", "-P", "-i", "lo", "-f", " or ".join(f"tcp port {port}" for port in ports.values()), "-w", capture]
    recorder = programs.Program("dumpcap", command, s.folder, s.line.appliance.prefix)
    programs.until("dumpcap", lambda: recorder.said("File:"), session.EVENT_S, [recorder])
    return recorder


def end_of_record(recorder, capture):
    """What dumpcap has not written when it is told to end is lost."""
    size = programs.Quiet(lambda: os.path.getsize(capture), QUIET_S)
    programs.until("dumpcap to have written all", size.quiet, session.EVENT_S, [recorder])


def test():
    sections = make_sections()
    with session.Session(SECONDS) as s:
        capture = os.path.join(s.folder, "dialogues.pcap")
        ports = {"ecmg": s.chain.ecmg_port, "emmg": s.chain.mux_port}
        recorder = record(s, capture, ports)
        try:
            s.on_air()
            s.more_periods(2, "to begin with")
            send_emms(s, sections)
            wrong = s.end()
            end_of_record(recorder, capture)
        finally:
            recorder.stop()
        wrong += faults(s, capture, ports) + emms_wrong(s, sections)
        for interface, (server, client) in hear(capture, ports).items():
            print(f"{interface}: server {server.named(interface)}, client {client.named(interface)}")
        with open(capture, "rb") as file:
            good = file.read()
        for what, bad in spoilt(good).items():
            path = os.path.join(s.folder, "spoilt.pcap")
            with open(path, "wb") as file:
                file.write(bad)
            found = faults(s, path, ports)
            print(f"{what} changed: {found[0][:150] if found else 'nothing reported'}")
            if not found:
                wrong.append(f"{what} changed: nothing reported")
        return wrong


if __name__ == "__main__":
    session.main("chain-dialogue", test)
