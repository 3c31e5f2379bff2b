#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""After its life a control word is in no process's memory, and neither is any piece of its key schedules.

The words are known from a test ECMG, or given by a test SCS or a test CAS. All readable memory is searched: that of
dataplane and control while a head-end is on air, before and after control was killed and started again; that of the vault
after a batch was answered; that of cas after the stream moved on. What must still be there is found, or the search is blind.

    memory_test.py DEMO BUILD
"""

import os
import secrets
import socket
import struct
import sys
import tempfile
import time

import open_cas
import session

import chain
import image
import programs
import schedules

PERIOD_MS, SECONDS = 3000, 27
SETTLED = 0.7  # of a crypto-period: the key before is wiped at the half of it
LOOKS = 3  # at a live head-end, the last of them after control was started again

ECM_BATCH, ECM_RESULT, BATCH_MAX = 3, 4, 32
REQUEST, ANSWER_BYTES = struct.Struct("=IHHBBBB16s16s64s"), 272


def left_over(name, of, words, expected=()):
    """Pieces of words in an image, as lines; `expected` are words that have to be there instead."""
    wrong = [f"{name}: {what} of CW {word.hex()[:4]}.. at {', '.join(places[:4])}" for word in words
             for what, piece in schedules.pieces(word).items() if (places := of.places(piece))]
    return wrong + [f"{name}: the search does not find a word that is in use" for word in expected if not of.places(word)]


def fips_197():
    """The schedules made here are those of FIPS 197, appendix A.1 and of the library; the search finds all of them."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    wrong = [] if schedules.round_keys(key)[9].hex() == "d014f9a8c9ee2589e13f0cc8b6630ca6" else ["AES key expansion is wrong"]
    mixed = schedules.inverse_mixed(bytes.fromhex("ac7766f319fadc2128d12941575c006e")).hex()
    wrong += [] if mixed == "0c7b5a631319eafeb0398890664cfbb4" else ["InvMixColumns is wrong"]
    cw = secrets.token_bytes(8)
    schedules.CSA.keys(cw)  # leaves them in this process
    mine = image.Image(os.getpid())
    schedules.CSA.wipe()
    return wrong + [f"the search does not find the {what}" for what, piece in schedules.pieces(cw).items()
                    if not what.startswith("shifted") and not mine.places(piece)]


def settle(s):
    """Waits until every service is well inside a crypto-period; returns {ECM_stream_id: its CP_number}."""
    def look():
        """The last CW_provision of each stream, which came at the beginning of the period before that one."""
        last = {ids[1]: number for ids, number, _ in s.ecmg.asked}
        return last, max(when for _, _, when in s.ecmg.asked)

    def settled():
        _, when = look()
        return SETTLED < (time.monotonic() - when) * 1000 / PERIOD_MS < SETTLED + 0.1

    s.until("the middle of a crypto-period", settled)
    return {stream: number - 1 for stream, number in look()[0].items()}


class LookedAt:
    """One look at dataplane and control of a head-end, with what was on air then."""

    def __init__(self, s):
        while True:
            self.on_air, asked = settle(s), len(s.ecmg.asked)
            self.images = {name: image.Image(s.chain.running[name].pid) for name in ("dataplane", "control")}
            if len(s.ecmg.asked) == asked:  # the same crypto-periods all the while
                break
        self.words = dict(s.ecmg.words)

    def wrong(self, old_of_before):
        """What is left over of the words of all crypto-periods before those on air."""
        old = [word for (_, stream, number), word in self.words.items() if (number - self.on_air[stream] & 0xFFFF) > 0x8000]
        now = [self.words[open_cas.CHANNEL, stream, number] for stream, number in self.on_air.items()]
        wrong = [] if len(old) > old_of_before else ["no crypto-period is over yet"]
        for name, of in self.images.items():
            wrong += left_over(name, of, old, now)
        for size, kind in ((16, "round key"), (8, "shifted schedule")):
            if not any(self.images["dataplane"].places(piece) for word in now if len(word) == size
                       for what, piece in schedules.pieces(word).items() if what.startswith(kind)):
                wrong.append(f"dataplane: the search does not find a {kind} that is in use")
        print(f"{len(old)} words are over: searched " +
              ", ".join(f"{name} ({of.bytes >> 20} MiB)" for name, of in self.images.items()))
        return wrong, len(old)


class Ecmg(open_cas.OpenEcmg):
    """Notes the crypto-period of each CW_provision: [((ECM_channel_id, ECM_stream_id), CP_number, when)]."""

    def __init__(self, *arguments, **status):
        self.asked = []
        super().__init__(*arguments, **status)

    def on_CW_provision(self, link, message):
        super().on_CW_provision(link, message)
        self.asked.append(((message.get("ECM_channel_id"), message.get("ECM_stream_id")), message.get("CP_number"), time.monotonic()))


def live_wrong(**status):
    """The live head-end, with an ECMG of these values."""
    with open_cas.Session(SECONDS, PERIOD_MS, ecmg=Ecmg, **status) as s:
        s.on_air()
        s.more_periods(2, "to begin with")
        looks = []
        for i in range(LOOKS):
            if i == LOOKS - 1:
                s.chain.kill("control")
                s.chain.start("control")
            s.more_periods(1, "between two looks")
            looks.append(LookedAt(s))
        wrong, old = [], 0
        for look in looks:
            found, old = look.wrong(old)
            wrong += found
        return wrong + s.ecmg.errors


class Vault:
    """bulkhead-vault with fresh keys, in a folder."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "vault.sock")
        program = os.path.join(session.BUILD, chain.BINARIES["vault"])
        programs.run([program, "--make-lab", os.path.join(folder, "lab")], folder, "make-lab")
        keys = os.path.join(folder, "lab", "vault.keys")
        self.program = programs.Program("vault", [program, "--keys", keys, "--socket", self.socket], folder)
        programs.until("the vault", lambda: self.program.said("READY"), session.EVENT_S, [self.program])
        with open(keys, encoding="ascii") as file:
            self.k1 = bytes.fromhex(next(line.split()[3] for line in file if line.startswith("service_key 1 ")))


def batch(words):
    """An ECM_BATCH of whole ECMs for service key 1, two words each."""
    requests = [REQUEST.pack(i, 1, i, len(even), 3, 0, 0, even, odd, b"") for i, (even, odd) in enumerate(zip(words[::2], words[1::2]))]
    body = struct.pack("=II", len(requests), 0) + b"".join(requests).ljust(BATCH_MAX * REQUEST.size, b"\0")
    return struct.pack("=II", ECM_BATCH, 8 + len(body)) + body


def vault_wrong():
    """A test CAS has the vault make ECMs of its words."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-memory-") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        vault, words = Vault(folder), []
        try:
            link.connect(vault.socket)
            for size in (8, 16):
                some = [secrets.token_bytes(size) for _ in range(2 * BATCH_MAX)]
                link.sendall(batch(some))
                answer = link.recv(1 << 16)
                kind, n = struct.unpack_from("=I4xI", answer)
                errors = [struct.unpack_from("=i", answer, 16 + i * ANSWER_BYTES + 4)[0] for i in range(n)]
                if kind != ECM_RESULT or errors != [0] * BATCH_MAX:
                    return [f"vault: answered {kind} with {errors}"]
                words += some
            of = image.Image(vault.program.pid)
        finally:
            vault.program.kill()
        print(f"{len(words)} words are in ECMs: searched vault ({of.bytes >> 20} MiB)")
        return left_over("vault", of, words, [vault.k1])


def cas_wrong():
    """A test SCS provides words to a CAS with its vault: with one word a message the ECMG remembers the newest one."""
    os.environ.update({f"BULKHEAD_{name.upper()}": os.path.join(session.BUILD, chain.BINARIES[name]) for name in ("cas", "vault")})
    import ecmg_lab
    import ecmg_rig

    wrong = []
    for size in (8, 16):
        with ecmg_lab.Lab(cw_per_msg=1) as lab:
            scs = open_cas.simulcrypt.Scs(lab.cas.port)
            scs.open()
            scs.open_stream()
            words = [secrets.token_bytes(size) for _ in range(30)]
            for n in range(len(words) - 1):
                scs.ecm(n, {n + 1: words[n + 1]}, access_criteria=ecmg_rig.CRITERIA)
            of = {"cas": image.Image(lab.cas.process.pid), "vault": image.Image(lab.vault.process.pid)}
            scs.close()
        print(f"{len(words) - 3} words are over: searched " + ", ".join(f"{name} ({i.bytes >> 20} MiB)" for name, i in of.items()))
        wrong += left_over("cas", of["cas"], words[1:-2], words[-1:]) + left_over("vault of cas", of["vault"], words[1:])
    return wrong


def test():
    wrong = fips_197() + vault_wrong() + cas_wrong()
    return wrong + live_wrong(lead_CW=1, CW_per_msg=2, delay_start=300, delay_stop=300)


if __name__ == "__main__":
    session.main("chain-memory", test)
