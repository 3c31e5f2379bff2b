#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of km_keyfile and km_message, named for what they show."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")

STATUS_REQUEST, STATUS, ECM_BATCH, ECM_RESULT = 1, 2, 3, 4
BATCH_BYTES, BATCH_MAX = 3472, 32


def write(target, name, data):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as file:
        file.write(data)


def request(tag=1, key=1, cp=1, cw=8, have=3, tlv=b"", tlv_n=None):
    return struct.pack("=IHHBBBB16s16s64s", tag, key, cp, cw, have, len(tlv) if tlv_n is None else tlv_n, 0,
                       bytes(range(16)), bytes(range(0x80, 0x90)), tlv)


def batch(*requests, n=None, kind=ECM_BATCH, length=BATCH_BYTES):
    data = struct.pack("=IIII", kind, length, len(requests) if n is None else n, 0) + b"".join(requests)
    return data + b"\0" * (BATCH_BYTES - len(data))


def messages():
    tdes, aes, sm4 = b"\x00", b"\x01", b"\x02"
    tlv = bytes.fromhex("010400000007060103")
    every = bytes.fromhex("01080000000100000002" "0200" "030112" "0403000101" "050600000001000a" "060103" "070101")
    status = struct.pack("=IIII", STATUS_REQUEST, 16, 1, 0)
    mixed = [request(i, key, i, cw, have, tlv) for i, (key, cw, have) in
             enumerate([(1, 8, 3), (2, 16, 1), (0xFFFF, 16, 2), (3, 8, 3), (1, 9, 3), (1, 8, 0), (1, 8, 4)])]
    seeds = {
        "empty": b"", "suite-only": aes, "status": aes + status, "status-other-version": sm4 + status[:8] + b"\xff" * 8,
        "status-short": aes + status[:-1], "status-long": aes + status + b"\0", "head-half": aes + status[:7],
        "head-only": aes + status[:8], "wrong-length": aes + status[:4] + b"\x11" + status[5:],
        "batch-none": aes + batch(), "batch-aes": aes + batch(request(tlv=tlv)), "batch-tdes": tdes + batch(request(tlv=tlv)),
        "batch-sm4": sm4 + batch(request(cw=16, tlv=tlv)), "batch-tdes-16": tdes + batch(request(cw=16)),
        "batch-mixed": aes + batch(*mixed), "batch-full": tdes + batch(*[request(i, cp=i) for i in range(BATCH_MAX)]),
        "batch-too-many": aes + batch(request(), n=33), "batch-huge-n": aes + batch(request(), n=0xFFFFFFFF),
        "batch-short": aes + batch(request())[:-1], "batch-half": aes + batch(request())[:1700],
        "batch-wrong-length": aes + batch(request(), length=BATCH_BYTES - 1),
        "type-none": aes + batch(request(), kind=0), "type-status": aes + batch(request(), kind=STATUS),
        "type-result": aes + batch(request(), kind=ECM_RESULT), "type-huge": aes + batch(request(), kind=0xFFFFFFFF),
        "tlv-every": sm4 + batch(request(tlv=every)), "tlv-longest": aes + batch(request(tlv=b"\x01\x3c" + b"\0" * 60 + b"\x02\x00")),
        "tlv-cut": aes + batch(request(tlv=tlv, tlv_n=8)), "tlv-past-its-room": aes + batch(request(tlv=tlv, tlv_n=65)),
        "tlv-unknown": aes + batch(request(tlv=b"\x08\x00")), "tlv-length-255": aes + batch(request(tlv=b"\x01\xff")),
        "tlv-one-byte": aes + batch(request(tlv=b"\x01")), "tlv-wrong-size": aes + batch(request(tlv=b"\x03\x02ab")),
        "tlv-no-product": aes + batch(request(tlv=b"\x01\x00")),
    }
    for name, data in seeds.items():
        write("km_message", name, data)


def keyfiles():
    key, auth = "00112233445566778899aabbccddeeff", "102132435465768798a9bacbdcedfe0f"
    head, one = "suite aes\nca_subsystem 0001\n", f"service_key 1 k1 {key} auth {auth}\n"
    weak = "0101010101010101" + key[:16]
    seeds = {
        "empty": "", "good": head + one, "comment": "# x\n\n" + head + one + "#", "no-newline": (head + one)[:-1],
        "carriage-return": (head + one).replace("\n", "\r\n"), "tabs": (head + one).replace(" ", "\t \t"),
        "tdes": head.replace("aes", "tdes") + one, "sm4": head.replace("aes", "sm4") + one, "suite-last": one + head,
        "two-keys": head + one + one.replace("key 1", "key 65535"), "upper-case": head + one.upper().replace("SERVICE_KEY", "service_key").replace("K1", "k1").replace("AUTH", "auth"),
        "head-only": head, "key-only": one, "no-suite": "ca_subsystem 0001\n" + one, "no-subsystem": "suite aes\n" + one,
        "suite-unknown": "suite des\n" + one, "suite-twice": head + head + one, "subsystem-short": "suite aes\nca_subsystem 1\n" + one,
        "subsystem-not-hex": "suite aes\nca_subsystem 00g1\n" + one, "key-twice": head + one + one,
        "number-65536": head + one.replace("key 1", "key 65536"), "number-negative": head + one.replace("key 1", "key -1"),
        "number-long": head + one.replace("key 1", "key 99999999999999999999"), "key-short": head + one.replace(key, key[:30]),
        "key-long": head + one.replace(key, key + "00"), "key-odd": head + one.replace(key, key[:31]), "key-not-hex": head + one.replace(key, key[:31] + "g"),
        "auth-short": head + one.replace(auth, "10"), "words-swapped": head + one.replace("k1", "auth", 1), "words-missing": head + "service_key 1 k1\n",
        "words-many": head + one[:-1] + " a b c d\n", "unknown-line": head + one + "k3 " + key + "\n", "weak-tdes": "suite tdes\nca_subsystem 0001\n" + one.replace(key, weak),
        "same-halves-tdes": "suite tdes\nca_subsystem 0001\n" + one.replace(auth, auth[:16] * 2), "zero-byte": head + one.replace("aa", "\0a"),
        "keys-too-many": head + "".join(one.replace("key 1", f"key {i}") for i in range(257)),
    }
    for name, text in seeds.items():
        write("km_keyfile", name, text.encode())


if __name__ == "__main__":
    messages()
    keyfiles()
