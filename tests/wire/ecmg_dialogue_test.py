#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ECMG's dialogue with SCSs, good and bad, over loopback and with a fake vault. Refs: ETSI TS 103 197 clause 5."""

import socket
import struct
import sys
import time

from ecmg_rig import CRITERIA, SUPER_CAS_ID, Cas, FakeVault, run, wait, words_in
from simulcrypt import Link, Message, Scs


def word(cp, size=8):
    return bytes([cp >> 8, cp & 255]) * (size // 2)


def words(*cps, size=8):
    return {cp & 0xFFFF: word(cp & 0xFFFF, size) for cp in cps}


def opened(cas, channel=1, version=3):
    scs = Scs(cas.port, channel=channel, version=version)
    scs.open()
    return scs


def error_of(link, name, status):
    message = link.expect(name)
    assert message.get("error_status") == status, f"{message}, not {status:#06x}"
    assert len(message.get("error_information")) == 2, message
    return message


def test_golden_bytes():
    """A captured session of TSDuck, byte for byte; what the ECMG announces by default is what tsecmg announces."""
    with Cas(packets=True) as cas, socket.create_connection(("127.0.0.1", cas.port)) as sock:
        link = Link("ecmg", sock)

        def say(request, answer):
            sock.sendall(bytes.fromhex(request))
            got = link.read(len(bytes.fromhex(answer)))
            assert got == bytes.fromhex(answer), got.hex()

        say("020001000E 000E00020001 0001000400000000".replace("0400000000", f"04{SUPER_CAS_ID:08x}"),
            "0200030051 000E00020001 0002000101 0016000200C8 0017000200C8 0003000200C8 0004000200C8 00050002FE0C"
            "000600020000 000700020064 000800020000 00090002000A 000A000101 000B000102 000C00020064")
        say("0201010018 000E00020001 000F00020001 001900020001 001000020064",
            "0201030017 000E00020001 000F00020001 001900020001 0011000100")
        sock.sendall(bytes.fromhex("020201003C 000E00020001 000F00020001 001200020000 001300020064 000D00020001"
                                   "0014000A00000123456789ABCDEF 0014000A0001FEDCBA9876543210".replace("3C ", "3A ")))
        head = link.read(5 + 6 + 6 + 6 + 4)
        assert head.hex() == "02020200d2" "000e00020001" "000f00020001" "001200020000" "001500bc", head.hex()
        packet = link.read(188)
        assert packet[:6].hex() == "475fff100080", packet.hex()
        size = 3 + packet[7]
        assert packet[5 + size:] == b"\xff" * (188 - 5 - size), packet.hex()
        assert words_in(packet[5:]) == (1, 0, bytes.fromhex("0123456789ABCDEF"), bytes.fromhex("FEDCBA9876543210"))
        say("020104000C 000E00020001 000F00020001", "020105000C 000E00020001 000F00020001")
        sock.sendall(bytes.fromhex("0200040006 000E00020001"))
        assert sock.recv(1) == b"", "channel_close ends the connection"


def test_words_of_every_kind():
    """lead_CW x CW_per_msg: the ECM holds n and n + 1, or n - 1 and n; across the wrap of CP_number."""
    for lead, per_msg in ((0, 1), (0, 2), (1, 1), (1, 2)):
        with Cas(lead_cw=lead, cw_per_msg=per_msg) as cas:
            scs = opened(cas)
            assert (scs.status.get("lead_CW"), scs.status.get("CW_per_msg")) == (lead, per_msg)
            assert scs.status.get("delay_start") == (200 if lead else -500)
            scs.open_stream()
            for n in range(0xFFFE, 0x10003):
                sent = range(n + 1 + lead - per_msg, n + lead + 1)
                ecm = scs.ecm(n & 0xFFFF, words(*sent), access_criteria=CRITERIA)
                older, newer = n + lead - 1, n + lead
                want = {older & 1: word(older & 0xFFFF), newer & 1: word(newer & 0xFFFF)}
                if n == 0xFFFE and per_msg == 1:
                    want[older & 1] = None  # nothing to remember yet
                assert words_in(ecm) == (1, n & 0xFFFF, want[0], want[1]), (lead, per_msg, n, ecm.hex())
                assert ecm[0] == 0x80 | n & 1
            # Of 16 bytes as well; the remembered words of 8 do not fit them.
            ecm = scs.ecm(3, words(*range(4 + lead - per_msg, 4 + lead), size=16))
            assert word(3 + lead, 16) in words_in(ecm)[2:], ecm.hex()
            scs.close()


def test_words_of_tsduck():
    """tsp's scrambler sends n and n + 1, two at once, whatever lead_CW says."""
    for lead, per_msg in ((0, 1), (0, 2), (1, 1), (1, 2)):
        with Cas(lead_cw=lead, cw_per_msg=per_msg) as cas:
            scs = opened(cas, version=2)
            scs.open_stream()
            for n in (0, 1):
                scs.provide(n, words(n, n + 1), access_criteria=CRITERIA, duration_ms=10000)
            ecms = [scs.expect("ECM_response") for _ in range(2)]
            assert [ecm.get("CP_number") for ecm in ecms] == [0, 1]
            assert words_in(ecms[1].get("ECM_datagram")) == (1, 1, word(2 if lead else 0), word(1)), ecms


def test_words_missing():
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream()
        for sent in ((), (5,), (6,), (7, 8)):
            scs.provide(5, words(*sent), access_criteria=CRITERIA)
            error_of(scs, "stream_error", 0x000B)
        assert words_in(scs.ecm(5, words(5, 6)))[2:] == (word(6), word(5))
        assert words_in(scs.ecm(6, words(7)))[2:] == (word(6), word(7)), "6 was remembered"
        scs.provide(7, {7: word(7), 8: word(8)[:7]})
        error_of(scs, "stream_error", 0x000F)
        both = words_in(scs.ecm(7, {7: word(7, 16), 8: word(8)}))[2:]
        assert both == (word(8) + bytes(8), word(7, 16)), "words of both lengths, as where the algorithm changes"
        scs.send("CW_provision", ("ECM_channel_id", 1), ("ECM_stream_id", 1), ("CP_number", 7),
                 ("CP_CW_combination", b"\0\7" + word(7)), ("CP_CW_combination", b"\0\7" + word(1)),
                 ("CP_CW_combination", b"\0\10" + word(8)))
        error_of(scs, "stream_error", 0x0011)
        scs.send("CW_provision", ("ECM_channel_id", 1), ("ECM_stream_id", 1), ("CP_number", 7), ("CW_encryption", b"\0\0"),
                 *[("CP_CW_combination", struct.pack(">H", n) + word(n)) for n in (7, 8)])
        assert error_of(scs, "stream_error", 0x000E).get("error_information") == b"\x00\x18"


def test_access_criteria():
    """Remembered by the stream; wrong ones are refused and leave the old in force."""
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream()
        scs.provide(0, words(0, 1))
        assert error_of(scs, "stream_error", 0x0010).get("error_information") == b"\x00\x0d"
        assert words_in(scs.ecm(0, words(0, 1), access_criteria=b"\0\2"))[0] == 2
        assert words_in(scs.ecm(1, words(1, 2)))[0] == 2
        for bad in ("", "00", "0001010400000", "000108", "0001ff00", "00010105000000002a", "00010300", "0001" + "0200" * 33):
            scs.provide(2, words(2, 3), access_criteria=bytes.fromhex(bad[:len(bad) // 2 * 2]))
            assert error_of(scs, "stream_error", 0x0011).get("error_information") == b"\x00\x0d", bad
        ecm = scs.ecm(2, words(2, 3), access_criteria=b"\0\1" + b"\2\0" * 32)
        assert words_in(ecm)[0] == 1 and ecm.endswith(b"\2\0" * 32)
        scs.provide(3, words(3, 4), access_criteria=b"\0\x63")  # a key the vault has not
        error_of(scs, "stream_error", 0x0011)
        # Another stream has criteria of its own.
        scs.open_stream(stream=2, ecm_id=2)
        scs.provide(3, words(3, 4), stream=2)
        error_of(scs, "stream_error", 0x0010)


def test_ids():
    with Cas(max_streams=3) as cas:
        stranger = Scs(cas.port, super_cas_id=0x0ABC0002)
        stranger.send("channel_setup", ECM_channel_id=9, Super_CAS_id=0x0ABC0002)
        assert error_of(stranger, "channel_error", 0x0005).get("ECM_channel_id") == 9
        stranger.send("channel_test", ECM_channel_id=9)
        error_of(stranger, "channel_error", 0x0006)

        one, two = opened(cas, channel=1), opened(cas, channel=2)
        stranger.send("channel_setup", ECM_channel_id=1, Super_CAS_id=SUPER_CAS_ID)
        error_of(stranger, "channel_error", 0x0013)
        one.send("channel_setup", ECM_channel_id=1, Super_CAS_id=SUPER_CAS_ID)
        error_of(one, "channel_error", 0x0013)
        one.send("channel_setup", ECM_channel_id=7, Super_CAS_id=SUPER_CAS_ID)
        error_of(one, "channel_error", 0x0008)

        def stream(scs, stream_id, ecm_id, duration=100, status=None, channel=None):
            scs.send("stream_setup", ECM_channel_id=channel or scs.channel, ECM_stream_id=stream_id, ECM_id=ecm_id,
                     nominal_CP_duration=duration)
            if status is None:
                assert scs.expect("stream_status").get("ECM_id") == ecm_id
            else:
                error_of(scs, "channel_error" if status == 6 else "stream_error", status)

        stream(one, 1, 1)
        stream(one, 1, 2, status=0x0014)
        stream(one, 2, 1, status=0x0015)
        stream(two, 1, 1, status=0x0015)
        stream(two, 1, 2)
        stream(one, 2, 3, duration=9, status=0x0011)
        stream(one, 2, 3, channel=5, status=0x0006)
        stream(one, 2, 3)
        stream(one, 3, 4)
        stream(one, 4, 5, status=0x0009)
        for name in ("stream_test", "stream_close_request"):
            one.send(name, ECM_channel_id=1, ECM_stream_id=9)
            assert error_of(one, "stream_error", 0x0007).get("ECM_stream_id") == 9
        one.provide(0, words(0, 1), stream=9, access_criteria=CRITERIA)
        error_of(one, "stream_error", 0x0007)
        one.send("channel_test", ECM_channel_id=2)
        error_of(one, "channel_error", 0x0006)

        # Ids are free again once closed: of a stream, and of a connection that is gone.
        one.close_stream(1)
        stream(two, 2, 1)
        assert [c["streams"] for c in sorted(cas.status()["ecmg"]["channels"], key=lambda c: c["ecm_channel_id"])] == [2, 2]
        two.close()
        wait(lambda: len(cas.status()["ecmg"]["channels"]) == 1, "channel 2 to be gone")
        again = opened(cas, channel=2)
        stream(again, 1, 1)
        stream(again, 2, 2)


def test_tests_and_own_messages():
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream(ecm_id=77)
        scs.send("channel_test", ECM_channel_id=1)
        assert scs.expect("channel_status").parameters == scs.status.parameters
        scs.send("stream_test", ECM_channel_id=1, ECM_stream_id=1)
        assert scs.expect("stream_status").get("ECM_id") == 77
        # Answers to tests of ours, and errors, are heard in silence.
        scs.send("channel_status", *scs.status.parameters)
        scs.send("stream_status", ECM_channel_id=1, ECM_stream_id=1, ECM_id=77, access_criteria_transfer_mode=0)
        scs.send("channel_error", ECM_channel_id=1, error_status=0x7000)
        scs.send("stream_error", ECM_channel_id=1, ECM_stream_id=1, error_status=0x7000, error_information=b"\0\0")
        # What only an ECMG says is an invalid message.
        scs.send("ECM_response", ECM_channel_id=1, ECM_stream_id=1, CP_number=0, ECM_datagram=b"")
        error_of(scs, "channel_error", 0x0001)
        scs.send("stream_close_response", ECM_channel_id=1, ECM_stream_id=1)
        error_of(scs, "channel_error", 0x0001)
        # An unrecoverable error ends what it names.
        scs.send("stream_error", ECM_channel_id=1, ECM_stream_id=1, error_status=0x7001)
        scs.send("stream_test", ECM_channel_id=1, ECM_stream_id=1)
        error_of(scs, "stream_error", 0x0007)
        scs.send("channel_error", ECM_channel_id=1, error_status=0x7001)
        assert scs.sock.recv(1) == b""


def test_errors_are_never_answered():
    """Whatever an error names, and in which version: two ends that answer errors by errors never come to an end."""
    with Cas() as cas:
        scs = Scs(cas.port)
        scs.send("stream_error", ECM_channel_id=1, ECM_stream_id=1, error_status=0x7001)
        scs.open()
        scs.open_stream()
        for version in (2, 3):
            scs.version = version
            scs.send("channel_error", ECM_channel_id=0, error_status=0x0002)
            scs.send("stream_error", ECM_channel_id=1, ECM_stream_id=9, error_status=0x0007)
            scs.send("stream_error", ECM_channel_id=9, ECM_stream_id=1, error_status=0x7001)
        scs.send("stream_test", ECM_channel_id=1, ECM_stream_id=1)
        scs.expect("stream_status")
        # That of a peer that does not know our channel ends it all the same.
        scs.send("channel_error", ECM_channel_id=0, error_status=0x7001)
        assert scs.sock.recv(1) == b""


def test_log_is_not_the_peers():
    """However many errors a connection says, the log has a few of them."""
    with Cas() as cas:
        scs = opened(cas)
        for _ in range(500):
            scs.send("channel_error", ECM_channel_id=1, error_status=0x7000)
        scs.send("channel_test", ECM_channel_id=1)
        scs.expect("channel_status")
        assert 1 <= cas.log().count("warning bulkhead-cas ecmg: channel_error heard") <= 16


def test_version():
    """2 and 3 are spoken, each connection keeps the one it began with; others are refused in ours, and closed."""
    with Cas() as cas:
        for version in (2, 3):
            scs = opened(cas, version=version)
            assert scs.status.version == version
            scs.version = 5 - version
            scs.send("channel_test", ECM_channel_id=1)
            assert error_of(scs, "channel_error", 0x0002).version == version
            assert scs.sock.recv(1) == b""
        for version in (0, 1, 4, 5, 255):
            scs = Scs(cas.port, version=version)
            scs.send("channel_setup", ECM_channel_id=1, Super_CAS_id=SUPER_CAS_ID)
            message = error_of(scs, "channel_error", 0x0002)
            assert (message.version, message.get("ECM_channel_id")) == (3, 1)
            assert scs.sock.recv(1) == b""


def test_order_and_batches():
    """What comes in one turn goes in one batch of at most 32; a stream gets its answers in its order, errors too."""
    with Cas() as cas:
        scs = opened(cas)
        for stream in range(1, 41):
            scs.open_stream(stream, ecm_id=stream)
        cas.vault.batches.clear()
        burst = b""
        for stream in range(1, 41):
            parameters = [("ECM_channel_id", 1), ("ECM_stream_id", stream), ("CP_number", 0), ("access_criteria", CRITERIA)]
            burst += Message("ecmg", "CW_provision", 3, parameters + [("CP_CW_combination", struct.pack(">H", n) + word(n))
                                                                      for n in (0, 1)]).encode()
        scs.sock.sendall(burst)
        assert [scs.expect("ECM_response").get("ECM_stream_id") for _ in range(40)] == list(range(1, 41))
        assert max(cas.vault.batches) <= 32 and len(cas.vault.batches) <= 4, cas.vault.batches
        # Pipelined on one stream, with a bad one in between.
        cas.vault.hold.set()
        for n in range(6):
            scs.provide(n, words(n, n + 1) if n != 3 else {})
        wait(lambda: cas.status()["ecmg"]["waiting"] == 6, "six to wait")
        cas.vault.hold.clear()
        got = [scs.receive() for _ in range(6)]
        assert [m.name for m in got] == ["ECM_response"] * 3 + ["stream_error"] + ["ECM_response"] * 2, got
        assert [m.get("CP_number") for m in got] == [0, 1, 2, None, 4, 5]
        # Past what a stream may have waiting.
        cas.vault.hold.set()
        for n in range(10):
            scs.provide(n, words(n, n + 1))
        for _ in range(2):
            error_of(scs, "stream_error", 0x000D)
        cas.vault.hold.clear()
        assert [scs.expect("ECM_response").get("CP_number") for _ in range(8)] == list(range(8))


def test_streams_close_while_asked():
    """Answers for a stream or a channel that closed meanwhile go nowhere; those of others arrive."""
    with Cas() as cas:
        one, two = opened(cas, channel=1), opened(cas, channel=2)
        for stream in (1, 2):
            one.open_stream(stream, ecm_id=stream)
        two.open_stream(1, ecm_id=10)
        cas.vault.hold.set()
        one.provide(0, words(0, 1), stream=1, access_criteria=CRITERIA)
        two.provide(0, words(0, 1), stream=1, access_criteria=CRITERIA)
        one.provide(0, words(0, 1), stream=2, access_criteria=CRITERIA)
        wait(lambda: cas.status()["ecmg"]["waiting"] == 3, "three to wait")
        one.close_stream(1)
        one.open_stream(1, ecm_id=1)
        two.close()
        wait(lambda: len(cas.status()["ecmg"]["channels"]) == 1, "channel 2 to be gone")
        cas.vault.hold.clear()
        assert one.expect("ECM_response").get("ECM_stream_id") == 2
        assert words_in(one.ecm(5, words(5, 6), access_criteria=CRITERIA))[1] == 5
        wait(lambda: cas.status()["ecmg"]["waiting"] == 0, "nothing to wait")


def test_vault_dies_and_returns():
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream()
        scs.ecm(0, words(0, 1), access_criteria=CRITERIA)
        cas.vault.hold.set()
        scs.provide(1, words(1, 2))
        wait(lambda: cas.vault.batches[-1:] and len(cas.vault.batches) == 2, "the batch to be away")
        cas.vault.die()
        status = wait(lambda: (s := cas.status()) and not s["vault"]["connected"] and s, "the loss to be seen")
        assert [a["name"] for a in status["alarms"]] == ["vault_lost"], status
        scs.provide(2, words(2, 3))
        cas.vault = FakeVault(cas.vault_path)
        # Both are composed by the new one, in order, and nobody had to ask again.
        assert [scs.expect("ECM_response").get("CP_number") for _ in range(2)] == [1, 2]
        status = cas.status()
        assert status["vault"]["connected"] and status["alarms"] == [], status


def test_vault_stays_away():
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream()
        cas.vault.die()
        wait(lambda: not cas.status()["vault"]["connected"], "the loss to be seen")
        began = time.monotonic()
        scs.provide(0, words(0, 1), access_criteria=CRITERIA)
        error_of(scs, "stream_error", 0x000D)
        assert 1.5 < time.monotonic() - began < 4
        cas.vault = FakeVault(cas.vault_path)
        wait(lambda: cas.status()["vault"]["connected"], "the vault", 5)
        assert words_in(scs.ecm(0, words(0, 1)))[1] == 0, "the stream lives on, with its criteria"


def test_vault_is_wrong():
    """A vault of another vendor or another version seals nothing; one that answers nonsense is left."""
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream()
        for wrong in ({"subsystem": 2}, {"version": 2}):
            cas.vault.die()
            wait(lambda: not cas.status()["vault"]["connected"], "the loss to be seen")
            cas.vault = FakeVault(cas.vault_path, **wrong)
            wait(lambda: cas.vault.links, "a try")
            scs.provide(0, words(0, 1), access_criteria=CRITERIA)
            error_of(scs, "stream_error", 0x000D)
            assert not cas.vault.batches, "it sealed"
        assert "another version" in cas.log() and "ca_subsystem is not" in cas.log()
        cas.vault.die()
        cas.vault = FakeVault(cas.vault_path)
        wait(lambda: cas.status()["vault"]["connected"], "the vault", 5)
        cas.vault.spoil = lambda answers: b"\xff\xff" + answers[2:]
        scs.provide(0, words(0, 1))
        wait(lambda: "do not fit" in cas.log(), "the loss")
        cas.vault.spoil = None
        assert scs.expect("ECM_response").get("CP_number") == 0
        # A section that is none.
        cas.vault.spoil = lambda answers: answers[:18] + b"\x0f" + answers[19:]
        scs.provide(1, words(1, 2))
        error_of(scs, "stream_error", 0x7000)


def test_thousand_streams():
    with Cas() as cas:
        scs = opened(cas)
        for stream in range(1000):
            scs.open_stream(stream, ecm_id=stream)
        slowest = 0
        for n in range(3):
            began = time.monotonic()
            for stream in range(1000):
                scs.provide(n, words(n, n + 1), stream, access_criteria=CRITERIA)
            for stream in range(1000):
                response = scs.expect("ECM_response")
                assert (response.get("ECM_stream_id"), response.get("CP_number")) == (stream, n)
            slowest = max(slowest, time.monotonic() - began)
        print(f"      1000 streams answered in {slowest * 1000:.0f} ms, batches of up to {max(cas.vault.batches)}")
        assert cas.status()["ecmg"]["channels"][0]["streams"] == 1000
        # A peer that goes takes all of them with it.
        scs.close()
        wait(lambda: not cas.status()["ecmg"]["channels"], "the channel to be gone")
        again = opened(cas)
        again.open_stream(5, ecm_id=5)


def test_half_close():
    """An SCS that has said all and closes its half is closed; what others have stays."""
    with Cas() as cas:
        one, two = opened(cas, channel=1), opened(cas, channel=2)
        one.open_stream(ecm_id=1)
        two.open_stream(ecm_id=2)
        one.sock.sendall(b"\3\2\1")  # and a part of a message
        one.sock.shutdown(socket.SHUT_WR)
        assert one.sock.recv(1) == b""
        two.ecm(0, words(0, 1), access_criteria=CRITERIA)
        wait(lambda: len(cas.status()["ecmg"]["channels"]) == 1, "channel 1 to be gone")


def test_flood():
    """A peer that sends without reading is closed; another goes on getting its ECMs meanwhile."""
    with Cas() as cas:
        flooder, other = opened(cas, channel=1), opened(cas, channel=2)
        other.open_stream(ecm_id=2)
        flooder.sock.settimeout(0.2)
        burst = Message("ecmg", "channel_test", 3, [("ECM_channel_id", 1)]).encode() * 4096
        closed, answered = False, 0
        for _ in range(400):
            try:
                flooder.sock.sendall(burst)
            except TimeoutError:
                pass
            except OSError:
                closed = True
                break
            began = time.monotonic()
            other.ecm(answered, words(answered, answered + 1), access_criteria=CRITERIA)
            assert time.monotonic() - began < 2
            answered += 1
        assert closed and answered > 3, (closed, answered)


def test_operator():
    with Cas() as cas:
        scs = opened(cas)
        scs.open_stream()
        scs.ecm(0, words(0, 1), access_criteria=CRITERIA)
        status = cas.status()
        assert status["cas"]["super_cas_id"] == "0abc0001" and status["cas"]["pid"] == cas.process.pid
        assert status["ecmg"]["ecms"] == 1 and status["ecmg"]["malformed"] == 0
        assert status["ecmg"]["sent"] == dict(scs.received), (status["ecmg"]["sent"], scs.received)
        assert status["ecmg"]["received"] == dict(scs.sent)
        assert status["vault"]["suite"] == "aes" and status["vault"]["service_keys"] == [1, 2]
        assert word(1).hex() not in str(status) and word(1).hex() not in cas.log()
        assert "emmg" not in status
        assert not cas.ask({"do": "emm send", "sections": "820001ff"})["ok"]


def test_ends_orderly():
    """SIGTERM: every channel is told that the ECMG stops."""
    with Cas() as cas:
        scs = opened(cas)
        idle = socket.create_connection(("127.0.0.1", cas.port))
        cas.process.terminate()
        error_of(scs, "channel_error", 0x7001)
        assert scs.sock.recv(1) == b"" and idle.recv(1) == b""
        assert cas.process.wait(5) == 0


if __name__ == "__main__":
    sys.exit(run([test for name, test in list(globals().items()) if name.startswith("test_")]))
