#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of the sim_* fuzz targets to corpus/. Files that a fuzzer found stay as they are.

The messages come from tests/vectors/simulcrypt.json, which names their source; the broken ones are made of them.
"""

import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "corpus")


def with_length(message):
    return message[:3] + struct.pack(">H", len(message) - 5) + message[5:]


def parameter(number, value):
    return struct.pack(">HH", number, len(value)) + value


def messages():
    with open(os.path.join(HERE, "..", "vectors", "simulcrypt.json"), encoding="utf-8") as file:
        vectors = json.load(file)["messages"]
    seeds = {f"{v['interface']}-{v['name']}": bytes.fromhex(v["hex"]) for v in vectors}
    setup, words = seeds["ecmg-channel_setup"], seeds["ecmg-CW_provision"]
    error = struct.pack(">BHH", 3, 0x0106, 0) + parameter(0x0E, b"\0\1") + parameter(0x0F, b"\0\2")
    seeds.update({
        "empty": b"", "header-short": setup[:4], "header-alone": with_length(setup[:5]), "cut": setup[:-1],
        "longer": setup + b"\0", "version-0": b"\0" + setup[1:], "version-3": b"\3" + setup[1:],
        "version-5": b"\5" + setup[1:], "type-unknown": b"\2\4\7" + setup[3:], "missing": with_length(setup[:11]),
        "twice": with_length(setup + setup[5:11]), "left-over": with_length(setup + b"\0\1\0"),
        "past-the-end": with_length(setup[:-1]), "length-0": setup[:8] + b"\0" + setup[9:],
        "unknown-parameter": with_length(setup + parameter(0x8001, b"vendor")),
        "other-parameter": with_length(setup + parameter(0x12, b"\0\1")),
        "words-none": with_length(words[:words.index(b"\0\x14\0\x0a")]),
        "word-empty": with_length(words + parameter(0x14, b"\0\2")),
        "word-of-16": with_length(words + parameter(0x14, b"\0\2" + bytes(range(16)))),
        "stream_error": with_length(error + parameter(0x7000, b"\0\7") + parameter(0x7000, b"\x70\1") +
                                    parameter(0x7001, b"\0\x0f") + parameter(0x7001, b"in words") + parameter(0x7001, b"")),
        "stream_error-bad": with_length(error), "bandwidth-none": with_length(seeds["emmg-stream_BW_request"][:-6]),
        "datagrams": with_length(seeds["emmg-data_provision"] + parameter(5, b"") + parameter(5, b"\x82\x70\1\0")),
        "data-without-ids": with_length(struct.pack(">BHH", 3, 0x0211, 0) + parameter(1, b"\0\0\0\1") +
                                        parameter(8, b"\0\1") + parameter(5, b"")),
    })
    return seeds


def pack():
    def sizes(*ns):
        return b"".join(struct.pack(">H", n - 3) for n in ns)

    return {
        "empty": b"", "shortest": sizes(3), "longest": sizes(4096), "fills-a-packet": sizes(183), "one-more": sizes(184),
        "one-less": sizes(182, 50), "two-left": sizes(181, 50), "three-left": sizes(180, 50), "four-left": sizes(179, 3, 3),
        "five-of-100": sizes(100, 100, 100, 100, 100), "many-shortest": sizes(*[3] * 200),
        "rest-of-183": sizes(183 + 183, 40, 183 + 184, 40), "rest-of-180": sizes(183 + 180, 40, 9),
        "rest-of-179": sizes(183 + 179, 40, 9), "all-long": sizes(*[4096] * 16), "odd": sizes(300) + b"\1",
    }


for target, seeds in (("sim_message", messages()), ("sim_pack", pack())):
    os.makedirs(os.path.join(CORPUS, target), exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(CORPUS, target, name), "wb") as out:
            out.write(data)
