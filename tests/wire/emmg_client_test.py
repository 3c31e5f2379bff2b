#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EMMG's dialogue with a MUX, good and bad, over loopback. Refs: ETSI TS 103 197 clause 6."""

import struct
import sys
import threading
import time

from ecmg_rig import SUPER_CAS_ID, Cas, free_port, run, wait
from simulcrypt import Mux, section

IDS = {"client_id": SUPER_CAS_ID, "data_channel_id": 1}
STREAM_IDS = {**IDS, "data_stream_id": 1}


def emms(n, size=100, table_id=0x82):
    return [section(table_id, struct.pack(">I", i) + bytes(size - 7)) for i in range(n)]


def send(cas, sections):
    answer = cas.ask({"do": "emm send", "sections": b"".join(sections).hex()})
    assert answer == {"ok": True, "sections": len(sections), "bytes": sum(map(len, sections))}, answer


def is_open(cas):
    return cas.status()["emmg"]["state"] == "open"


def taken(mux):
    return [datagram for _, _, datagram in list(mux.datagrams)]


def test_sends_each_once():
    for packets in (False, True):
        with Mux() as mux, Cas(emmg={"tcp_port": mux.port, "data_id": 7, "packets": packets}) as cas:
            wait(lambda: is_open(cas), "the stream")
            sent = [section(0x82 + i % 14, bytes([i]) * size) for i, size in enumerate((1, 5, 180, 181, 182, 253, 4093))]
            send(cas, sent)
            assert mux.wait(lambda: len(mux.datagrams) == len(sent))
            assert {(client, data) for client, data, _ in mux.datagrams} == {(SUPER_CAS_ID, 7)}
            if not packets:
                assert taken(mux) == sent
            counter = 0
            for datagram, emm in zip(taken(mux), sent if packets else ()):
                assert len(datagram) == (len(emm) + 1 + 183) // 184 * 188
                payload = b""
                for at in range(0, len(datagram), 188):
                    start = 0x40 if at == 0 else 0
                    assert datagram[at:at + 4] == bytes([0x47, start | 0x1F, 0xFF, 0x10 | counter]), datagram[at:at + 4]
                    counter = counter + 1 & 15
                    payload += datagram[at + 4:at + 188]
                assert payload[0] == 0 and payload[1:1 + len(emm)] == emm
                assert set(payload[1 + len(emm):]) <= {0xFF}
            status = cas.status()["emmg"]
            assert (status["sections"], status["queued"], status["malformed"]) == (len(sent), 0, 0), status
            assert status["sent"] == dict(mux.received) and status["received"] == dict(mux.sent)
            # Ends as the standard says.
            assert cas.stop() == 0
            assert mux.wait(lambda: mux.received["channel_close"] == 1)
            assert mux.received["stream_close_request"] == 1 and not mux.errors, mux.errors


def test_refuses_what_is_no_emm():
    with Mux() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: is_open(cas), "the stream")
        for bad, why in (("", "there is no section"), ("8", "hexadecimal"), ("8z", "hexadecimal"), ("80700100", "table_id"),
                         ("90700100", "table_id"), ("82", "1 bytes are left"), ("827001", "3 bytes are left of 4"),
                         ("827000", "section_length 0"), ("8270010082700200", "byte 4, section 2"),
                         ("827ffe" + "00" * 4094, "section_length 4094")):
            answer = cas.ask({"do": "emm send", "sections": bad})
            assert not answer["ok"] and why in answer["error"], (bad, answer)
        assert not cas.ask({"do": "emm send", "sections": 5})["ok"] and not cas.ask({"do": "emm send"})["ok"]
        send(cas, emms(1))
        assert mux.wait(lambda: mux.datagrams)
        assert taken(mux) == emms(1) and cas.status()["emmg"]["sections"] == 1


def test_keeps_within_the_allocation():
    """Bits of packets over any while are at most the allocation, one burst of 50 ms and one section."""
    class Clock(Mux):
        def on_data_provision(self, link, message):
            super().on_data_provision(link, message)
            times.append(time.monotonic())

    times = []
    with Clock(bandwidth_kbps=200) as mux, Cas(emmg={"tcp_port": mux.port, "bandwidth_kbps": 1000}) as cas:
        wait(lambda: is_open(cas), "the stream")
        assert cas.status()["emmg"]["allocated_kbps"] == 200
        send(cas, emms(200))
        assert mux.wait(lambda: len(mux.datagrams) == 200)
        # 200 packets at 200 kbit/s take 1.504 s, less the burst.
        took = times[-1] - times[0]
        assert 1.40 < took < 2.5, took
        assert taken(mux) == emms(200)
        # The MUX takes bandwidth away, and gives more.
        link = mux.links[0]
        link.send("stream_BW_allocation", **STREAM_IDS, bandwidth=0)
        wait(lambda: cas.status()["emmg"]["allocated_kbps"] == 0, "no bandwidth")
        send(cas, emms(50))
        time.sleep(0.3)  # in which nothing may happen
        assert len(mux.datagrams) == 200 and cas.status()["emmg"]["queued"] == 50
        link.send("stream_BW_allocation", **STREAM_IDS, bandwidth=65535)
        assert mux.wait(lambda: len(mux.datagrams) == 250, 1)
        # Exceeded, says the MUX: the EMMG asks what it may.
        asked = mux.received["stream_BW_request"]
        link.send("stream_error", **STREAM_IDS, error_status=0x000F, error_information=b"\0\0")
        assert mux.wait(lambda: mux.received["stream_BW_request"] == asked + 1)
        wait(lambda: cas.status()["emmg"]["allocated_kbps"] == 200, "the allocation")
        # An allocation without a bandwidth is none.
        link.send("stream_BW_allocation", **STREAM_IDS)
        wait(lambda: cas.status()["emmg"]["allocated_kbps"] == 0, "no bandwidth")


def test_survives_the_mux():
    """What was not sent when the MUX went is sent to the next one, in order and once."""
    port = free_port()
    with Cas(emmg={"tcp_port": port, "bandwidth_kbps": 300}) as cas:
        send(cas, emms(100))
        status = cas.status()
        assert status["emmg"]["queued"] == 100 and status["emmg"]["state"] in ("down", "connecting")
        assert [a["name"] for a in status["alarms"]] == ["mux_lost"]
        with Mux(port=port) as mux:
            assert mux.wait(lambda: len(mux.datagrams) >= 20)
        wait(lambda: not is_open(cas), "the loss to be seen")
        first = taken(mux)
        left = cas.status()["emmg"]["queued"]
        assert 0 < left < 81 and cas.status()["emmg"]["last_error"]
        with Mux(port=port) as again:
            assert again.wait(lambda: len(again.datagrams) == left)
            assert not cas.status()["alarms"]
            # What was on its way at that moment may be lost; nothing is sent twice.
            assert first == emms(100)[:len(first)] and taken(again) == emms(100)[100 - left:]
            wait(lambda: cas.status()["emmg"]["queued"] == 0, "the queue to be empty")


def test_queue_is_bounded():
    with Cas(emmg={"tcp_port": free_port()}) as cas:
        big = [section(0x82, bytes(4093))] * 800
        for _ in range(2):
            send(cas, big)
        answer = cas.ask({"do": "emm send", "sections": b"".join(big).hex()})
        assert not answer["ok"] and "full" in answer["error"]
        status = cas.status()["emmg"]
        assert (status["queued"], status["refused"]) == (1600, 800), status


def test_version():
    """A MUX that knows only 2 is asked with 3 first, then with 2."""
    class Old(Mux):
        def on_channel_setup(self, link, message):
            asked.append(message.version)
            if message.version != 2:
                link.version = 2
                link.send("channel_error", **IDS, error_status=2, error_information=b"\0\0")
            else:
                super().on_channel_setup(link, message)

    asked = []
    with Old() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: is_open(cas), "the stream")
        assert asked == [3, 2]
        send(cas, emms(3))
        assert mux.wait(lambda: len(mux.datagrams) == 3)


def test_refused_by_the_mux():
    """Errors end the connection, which is tried again with growing pauses; a silent MUX is left after a while."""
    class Bad(Mux):
        def on_channel_setup(self, link, message):
            setups.append(time.monotonic())
            link.send("channel_error", **IDS, error_status=0x000E, error_information=b"\0\1")

        def on_channel_error(self, link, message):
            pass

    setups = []
    with Bad() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: len(setups) >= 4, "four tries", 15)
        gaps = [b - a for a, b in zip(setups, setups[1:])]
        assert gaps[0] < gaps[1] < gaps[2], gaps
        wait(lambda: cas.status()["emmg"]["state"] == "down", "the end of the fourth")
        assert "client_id" in cas.status()["emmg"]["last_error"]
    with Mux() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: is_open(cas), "the stream")
        mux.links[0].send("stream_error", **STREAM_IDS, error_status=0x7001, error_information=b"\0\0")
        assert mux.wait(lambda: len(mux.links) == 2)
        wait(lambda: is_open(cas), "the stream again")


def test_silent_mux():
    """A MUX that does not answer is left after 5 s, and asked with the other version."""
    class Silent(Mux):
        def on_channel_setup(self, link, message):
            asked.append((message.version, time.monotonic()))

    asked = []
    with Silent() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        assert mux.wait(lambda: len(asked) == 2, 15)
        (first, began), (second, again) = asked
        assert (first, second) == (3, 2) and 4.5 < again - began < 8, asked
        assert cas.status()["emmg"]["last_error"] == "no answer"


def test_hostile_mux():
    """Truncated and strange messages of the MUX: told so, left when it goes on; the ECMG never notices."""
    with Mux() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: is_open(cas), "the stream")
        errors = []
        mux.on_channel_error = lambda link, message: errors.append(message.get("error_status"))
        good = struct.pack(">HHIHHHHHHHHH", 1, 4, SUPER_CAS_ID, 3, 2, 1, 4, 2, 1, 6, 2, 900)

        def say(body):
            n = len(errors)
            mux.links[-1].sock.sendall(struct.pack(">BHH", 3, 0x0118, len(body)) + body)
            assert mux.wait(lambda: len(errors) > n), body.hex()
            return errors[-1]

        for cut in range(len(good)):
            status = say(good[:cut]) if cut != 20 else None
            at = max(a for a in (0, 8, 14, 20, 26) if a <= cut)
            due = 0x000C if cut == at else 0x0001 if cut - at < 4 else 0x000B
            assert status in (due, None), (cut, status, due)
            # A good one in between, or the connection is given up.
            mux.links[-1].send("channel_test", **IDS)
        assert len(mux.links) == 1
        assert say(good.replace(struct.pack(">I", SUPER_CAS_ID), b"\0\0\0\1")) == 0x000E
        assert say(good[:12] + b"\0\7" + good[14:]) == 0x0006
        assert say(good[:18] + b"\0\7" + good[20:]) == 0x0005
        mux.links[-1].sock.sendall(struct.pack(">BHH", 3, 0x0999, 0) * 8)
        assert mux.wait(lambda: len(mux.links) == 2)
        wait(lambda: is_open(cas), "the stream again")
        send(cas, emms(2))
        assert mux.wait(lambda: len(mux.datagrams) == 2)


def test_errors_are_never_answered():
    """Not even those that its table refuses."""
    with Mux() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: is_open(cas), "the stream")
        errors, answers = [], []
        mux.on_channel_error = lambda link, message: errors.append(message)
        mux.on_channel_status = lambda link, message: answers.append(message)
        for kind in (0x0015, 0x0116):
            mux.links[-1].sock.sendall(struct.pack(">BHH", 3, kind, 0))
            mux.links[-1].send("channel_test", **IDS)
        assert mux.wait(lambda: len(answers) == 2)
        assert not errors and len(mux.links) == 1, errors
        assert cas.status()["emmg"]["malformed"] == 2


def test_tests():
    with Mux() as mux, Cas(emmg={"tcp_port": mux.port}) as cas:
        wait(lambda: is_open(cas), "the stream")
        answers = []
        got = threading.Event()
        mux.on_channel_status = lambda link, message: answers.append(message) or got.set()
        mux.on_stream_status = lambda link, message: answers.append(message) or got.set()
        for name, ids in (("channel_test", IDS), ("stream_test", STREAM_IDS)):
            got.clear()
            mux.links[0].send(name, **ids)
            assert got.wait(5)
        assert answers[0].get("section_TSpkt_flag") == 0 and answers[1].get("data_type") == 0


if __name__ == "__main__":
    sys.exit(run([test for name, test in list(globals().items()) if name.startswith("test_")]))
