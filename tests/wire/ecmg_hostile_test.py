#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of ECMG<=>SCS, truncated at every byte and with every length wrong: the ECMG answers with the standard's
error_status, and another channel on another connection goes on getting its ECMs undisturbed.

What is due is worked out here, from ETSI TS 103 197 clauses 4.4 and 5.5, and not asked of the ECMG's own tables.
"""

import socket
import struct
import sys
import threading
import time

from ecmg_rig import CRITERIA, SUPER_CAS_ID, Cas, run, wait, words_in
from simulcrypt import NUMBERS, PARAMETERS, TYPES, Message, Scs

INVALID, UNKNOWN_TYPE, LENGTH, MISSING = 0x0001, 0x0003, 0x000F, 0x0010
CHANNEL = [("ECM_channel_id", 1)]
STREAM = CHANNEL + [("ECM_stream_id", 1)]
STATUS = {"section_TSpkt_flag": 0, "delay_start": 200, "delay_stop": 200, "ECM_rep_period": 100, "max_streams": 0,
          "min_CP_duration": 10, "lead_CW": 1, "CW_per_msg": 2, "max_comp_time": 100}
CWS = [("CP_CW_combination", b"\0\0" + b"\x11" * 8), ("CP_CW_combination", b"\0\1" + b"\x22" * 8)]

# message -> its mandatory parameters, those that may be there, those that may repeat.
GOOD = {
    "channel_setup": (CHANNEL + [("Super_CAS_id", SUPER_CAS_ID)], [], []),
    "channel_test": (CHANNEL, [], []),
    "channel_status": (CHANNEL + list(STATUS.items()),
                       [("AC_delay_start", 1), ("AC_delay_stop", 1), ("transition_delay_start", -1),
                        ("transition_delay_stop", 0)], []),
    "channel_close": (CHANNEL, [], []),
    "channel_error": (CHANNEL + [("error_status", 0x7000)], [], [("error_information", b"\0\0")]),
    "stream_setup": (STREAM + [("ECM_id", 5), ("nominal_CP_duration", 100)], [], []),
    "stream_test": (STREAM, [], []),
    "stream_status": (STREAM + [("ECM_id", 5), ("access_criteria_transfer_mode", 0)], [], []),
    "stream_close_request": (STREAM, [], []),
    "stream_close_response": (STREAM, [], []),
    "stream_error": (STREAM + [("error_status", 0x7000)], [], [("error_information", b"\0\0")]),
    "CW_provision": (STREAM + [("CP_number", 0)],
                     [("CP_duration", 100), ("access_criteria", CRITERIA), ("CW_encryption", b"\0\0")], CWS),
    "ECM_response": (STREAM + [("CP_number", 0), ("ECM_datagram", b"\x80\x70\1\0")], [], []),
}
SHORTEST = {"CP_CW_combination": 3}  # of what has no fixed size


def due(name, body):
    """The error_status for a body, or None when the message is good."""
    mandatory, optional, many = GOOD[name]
    known = {NUMBERS["ecmg"][key][0] for key, _ in mandatory + optional + many}
    repeats = {NUMBERS["ecmg"][key][0] for key, _ in many}
    if name in ("channel_error", "stream_error"):
        repeats.add(0x7000)
    seen, at = [], 0
    while len(body) - at >= 4:
        number, size = struct.unpack_from(">HH", body, at)
        if size > len(body) - at - 4:
            return LENGTH
        if number in known:
            key, wanted = PARAMETERS["ecmg"][number]
            if wanted is not None and size != abs(wanted) or size < SHORTEST.get(key, 0):
                return LENGTH
            if number in seen and number not in repeats:
                return INVALID
            seen.append(number)
        at += 4 + size
    if at != len(body):
        return INVALID
    if any(NUMBERS["ecmg"][key][0] not in seen for key, _ in mandatory):
        return MISSING
    return None


def body_of(name):
    mandatory, optional, many = GOOD[name]
    return Message("ecmg", name, 3, mandatory + optional + many).encode()[5:]


def frame(name, body):
    return struct.pack(">BHH", 3, TYPES["ecmg"][name], len(body)) + body


def tlv_places(body):
    at = 0
    while at < len(body):
        yield at, struct.unpack_from(">H", body, at + 2)[0]
        at += 4 + struct.unpack_from(">H", body, at + 2)[0]


def bad_bodies(name):
    """Cut at every byte; every parameter_length wrong; every value of a wrong size."""
    body = body_of(name)
    yield from (body[:cut] for cut in range(len(body)))
    for at, size in tlv_places(body):
        for wrong in {0, size - 1, size + 1, size + 4, 255, 0x7FFF, 0xFFFF} - {size}:
            if wrong >= 0:
                yield body[:at + 2] + struct.pack(">H", wrong) + body[at + 4:]
        value = body[at + 4:at + 4 + size]
        for wrong in (b"", value[:-1], value + b"\0", value + value):
            yield body[:at + 2] + struct.pack(">H", len(wrong)) + wrong + body[at + 4 + size:]


class Bystander:
    """Another SCS on another connection, which must not notice anything."""

    def __init__(self, cas):
        self.scs = Scs(cas.port, channel=2)
        self.scs.open()
        self.scs.open_stream(stream=1, ecm_id=1000)
        self.ecms, self.slowest, self.wrong = 0, 0.0, None
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.go, daemon=True)
        self.thread.start()

    def go(self):
        try:
            while not self.done.is_set():
                n = self.ecms & 0xFFFF
                later = n + 1 & 0xFFFF
                words = {n: struct.pack(">Q", n + 1), later: struct.pack(">Q", later + 1)}
                began = time.monotonic()
                ecm = self.scs.ecm(n, words, access_criteria=CRITERIA)
                self.slowest = max(self.slowest, time.monotonic() - began)
                key, cp, even, odd = words_in(ecm)
                assert (key, cp, (even, odd)[n & 1], (even, odd)[later & 1]) == (1, n, words[n], words[later])
                self.ecms += 1
        except Exception as error:
            self.wrong = repr(error)

    def finish(self, least=1):
        """Ends it, after ten more ECMs; it had `least` of them meanwhile."""
        meanwhile = self.ecms
        wait(lambda: self.wrong or self.ecms >= meanwhile + 10, "ten more ECMs")
        self.done.set()
        self.thread.join(10)
        assert self.wrong is None, self.wrong
        print(f"      meanwhile the other channel got {meanwhile} ECMs, the slowest in {self.slowest * 1000:.1f} ms")
        assert meanwhile >= least and self.slowest < 1.0, (meanwhile, self.slowest)


def test_every_message_truncated_and_with_wrong_lengths():
    with Cas() as cas:
        bystander = Bystander(cas)
        scs = Scs(cas.port)
        scs.open()
        scs.open_stream()
        tried, statuses = 0, {}
        for name in GOOD:
            for body in bad_bodies(name):
                status = due(name, body)
                if status is None:
                    continue
                scs.sock.sendall(frame(name, body))
                error = scs.receive()
                assert error.name in ("channel_error", "stream_error"), (name, body.hex(), error)
                got = error.get("error_status")
                assert got == status, f"{name} {body.hex()}: {got:#06x}, due {status:#06x}"
                assert len(error.get("error_information")) == 2 and error.get("ECM_channel_id") == 1, error
                tried += 1
                statuses[status] = statuses.get(status, 0) + 1
                # The channel that sent it lives on too.
                scs.send("channel_test", ECM_channel_id=1)
                scs.expect("channel_status")
        print(f"      {tried} bad messages of {len(GOOD)} types: " +
              ", ".join(f"{n} with {status:#06x}" for status, n in sorted(statuses.items())))
        assert tried > 800 and set(statuses) == {INVALID, LENGTH, MISSING}, (tried, statuses)
        assert cas.status()["ecmg"]["malformed"] == tried
        assert scs.ecm(0, {0: b"\x11" * 8, 1: b"\x22" * 8}, access_criteria=CRITERIA), "its stream is as it was"
        bystander.finish(least=10)


def test_every_message_cut_off():
    """The connection ends inside a message, at every byte of every type: nothing stays behind."""
    with Cas() as cas:
        bystander = Bystander(cas)
        tried = 0
        for name in GOOD:
            message = frame(name, body_of(name))
            for cut in range(len(message)):
                with socket.create_connection(("127.0.0.1", cas.port)) as sock:
                    sock.sendall(message[:cut])
                    sock.shutdown(socket.SHUT_WR)
                    assert sock.recv(1) == b"", f"{name} cut at {cut} was answered"
                    tried += 1
        print(f"      {tried} connections cut off")
        bystander.finish()


def test_message_length_wrong():
    """A message_length that lies shifts the frames after it; whatever comes of it stays on its connection."""
    with Cas() as cas:
        bystander = Bystander(cas)
        for name in GOOD:
            body = body_of(name)
            for wrong in {0, 1, 3, len(body) - 1, len(body) + 1, len(body) + 5, 0x7FFF, 0xFFFF} - {len(body)}:
                with socket.create_connection(("127.0.0.1", cas.port)) as sock:
                    sock.settimeout(10)
                    sock.sendall(struct.pack(">BHH", 3, TYPES["ecmg"][name], wrong) + body + frame(name, body))
                    sock.shutdown(socket.SHUT_WR)
                    said = b""
                    while more := sock.recv(4096):
                        said += more
                # Whatever was framed was refused: no channel was ever opened by it but by a good channel_setup.
                assert not said or struct.unpack_from(">H", said, 1)[0] in (0x0005, 0x0106, 0x0003), (name, said.hex())
        bystander.finish()


def test_unknown_types():
    """A message_type nobody knows is told so, and is no reason to close; a row of malformed messages is."""
    with Cas() as cas:
        bystander = Bystander(cas)
        scs = Scs(cas.port)
        scs.open()
        for kind in (0x0000, 0x0006, 0x0011, 0x0107, 0x0203, 0x0211, 0x0401, 0x7FFF, 0x8000, 0xFFFF) * 3:
            scs.sock.sendall(struct.pack(">BHH", 3, kind, 0))
            assert scs.expect("channel_error").get("error_status") == UNKNOWN_TYPE
        # A parameter nobody knows is passed over.
        scs.sock.sendall(frame("channel_test", body_of("channel_test") + b"\x80\0\0\3abc"))
        scs.expect("channel_status")
        for _ in range(8):
            scs.sock.sendall(frame("channel_test", b""))
            assert scs.expect("channel_error").get("error_status") == MISSING
        assert scs.sock.recv(1) == b""
        bystander.finish()


if __name__ == "__main__":
    sys.exit(run([test for name, test in list(globals().items()) if name.startswith("test_")]))
