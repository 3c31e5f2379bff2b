#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of dp_link again: rows of messages with changes, named for what they show (see dp_link_fuzz.c).

    tests/fuzz/make_link_corpus.py
"""

import os
import struct

LINEUP, INPUT, OUTPUT, GROUP, SERVICE, EMM, END, PERIOD, EMM_DATA, MESSAGE, WORK, FLIP, FULL, CONTROLLER, STALL = (
    0, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
TYPE_SERVICE, TYPE_MOVE = 8, 20


def record(kind, *changes):
    """changes: (offset, bytes)."""
    row = [(offset + i, value) for offset, data in changes for i, value in enumerate(data)]
    return bytes([kind, len(row)]) + b"".join(struct.pack("<HB", offset, value) for offset, value in row)


def u16(value):
    return struct.pack("<H", value)


def u32(value):
    return struct.pack("<I", value & 0xFFFFFFFF)


GOOD = record(LINEUP)
ON_AIR = GOOD + record(PERIOD) + record(WORK)
NEXT = record(PERIOD, (10, u16(8)))


def move(index, worker, lineup):
    return record(MESSAGE, (0, bytes([TYPE_MOVE])), (8, u16(index) + u16(worker) + u32(lineup)))


SEEDS = {
    "good": GOOD,
    "same-again": GOOD + GOOD,
    "on-air": ON_AIR,
    "next": ON_AIR + NEXT + record(WORK) + record(FLIP),
    "next-twice": ON_AIR + NEXT + NEXT + record(WORK) + record(WORK),
    "controller-between": ON_AIR + NEXT + record(CONTROLLER) + record(WORK) + GOOD + record(FLIP),
    "full-socket": record(FULL) + GOOD + record(FULL) + GOOD + record(FULL) + record(PERIOD) + record(WORK) + record(FULL),
    "wrong-parity-of-table": GOOD + record(PERIOD, (424, b"\x42")),
    "section-cut": GOOD + record(PERIOD, (426, b"\x06")),
    "long-words": GOOD + record(PERIOD, (12, b"\x10")),
    "wrong-group": GOOD + record(PERIOD, (8, u16(2))),
    "no-word": GOOD + record(PERIOD, (13, b"\0")),
    "too-many-ecms": GOOD + record(PERIOD, (14, b"\x11")),
    "no-duration": GOOD + record(PERIOD, (32, bytes(4))),
    "two-on-a-pid": GOOD + record(PERIOD, (14, b"\2"), (184, u16(0x500) + u16(0) + u16(8) + u16(9))),
    "pool-passed": GOOD + record(PERIOD, (170, u16(8190))),
    "no-repetition": GOOD + record(PERIOD, (174, u16(0))),
    "far-start": GOOD + record(PERIOD, (176, u32(-60001))),
    "no-section": GOOD + record(PERIOD, (172, u16(0))) + record(WORK),
    "many-packets": GOOD + record(PERIOD, (14, b"\4"), (424, b"\x80\x7f\xfd"), (172, u16(4096)))
                    + record(PERIOD, (424, b"\x80\x7f\xfd"), (172, u16(4096))) + record(WORK),
    "other-pid": GOOD + record(PERIOD, (168, u16(0x501))),
    "emms": GOOD + record(EMM_DATA) * 3,
    "emm-broken": GOOD + record(EMM_DATA, (16, b"\0")),
    "emm-none": GOOD + record(EMM_DATA, (10, b"\0")),
    "emm-other": GOOD + record(EMM_DATA, (8, b"\1")),
    "service-on-air": GOOD + record(MESSAGE, (0, bytes([TYPE_SERVICE]))),
    "move": GOOD + move(0, 0, 1),
    "move-nowhere": GOOD + move(1, 7, 1),
    "move-none": GOOD + move(2, 0, 1),
    "move-of-no-line-up": GOOD + move(0, 0, 9),
    "other-mode": GOOD + record(PERIOD, (12, b"\x10"), (15, b"\x82")) + record(WORK) + NEXT + record(WORK) + record(FLIP),
    "no-mode": GOOD + record(PERIOD, (15, b"\x03")),
    "of-the-one-before": GOOD + GOOD + record(PERIOD, (16, u32(1))) + record(WORK),
    "of-an-old-one": GOOD + GOOD + GOOD + record(PERIOD, (16, u32(1))),
    "live": ON_AIR + record(SERVICE, (90, u16(0x700))) + record(SERVICE, (24, b"S")) + record(INPUT, (10, u16(5001))) + record(OUTPUT, (28, b"\7")) + GOOD + NEXT,
    "group-goes": ON_AIR + record(GROUP, (16, b"other")) + record(PERIOD, (16, u32(1))) + record(PERIOD) + record(WORK) + GOOD,
    "stalled": ON_AIR + record(STALL) + record(SERVICE, (24, b"S")) + GOOD + record(PERIOD, (10, u16(8)), (16, u32(1))) + move(0, 0, 1) + record(WORK) * 9,
    "dies-in-a-change": ON_AIR + record(STALL) + record(SERVICE, (24, b"S")) + record(CONTROLLER) + record(WORK) * 9 + GOOD + record(WORK) * 9,
    "stalled-for-ever": ON_AIR + record(STALL) + record(GROUP, (16, b"other")) + record(PERIOD, (10, u16(8)), (16, u32(1))),
    "bye-from-below": record(MESSAGE, (0, b"\x13")),
    "wrong-size": GOOD + record(MESSAGE, (0, bytes([TYPE_SERVICE])), (4, b"\1")),
    "no-type": record(MESSAGE),
    "period-first": record(PERIOD),
    "within": record(MESSAGE, (0, b"\4")) + record(PERIOD),
    "zero-line-up": record(MESSAGE, (0, b"\4")) + record(MESSAGE, (0, b"\x0a")),
    "inputs-257": record(LINEUP, (8, u16(257))),
    "inputs-3": record(LINEUP, (8, u16(3))),
    "outputs-1": record(LINEUP, (10, u16(1))),
    "input-twice": record(INPUT, (8, u16(0))),
    "input-name-empty": record(INPUT, (24, b"\0")),
    "input-name-not-utf8": record(INPUT, (24, b"\xff")),
    "input-port-empty": record(INPUT, (88, b"\0")),
    "input-port-unknown": record(INPUT, (88, b"W")),
    "input-unicast": record(INPUT, (16, u32(0x0A000001))),
    "input-no-udp-port": record(INPUT, (10, u16(0))),
    "input-vlan": record(INPUT, (12, u16(4095))),
    "input-encapsulation": record(INPUT, (14, b"\3")),
    "output-no-source": record(OUTPUT, (20, u32(0))),
    "output-ttl": record(OUTPUT, (28, b"\0")),
    "output-dscp": record(OUTPUT, (29, b"\x40")),
    "output-deadline": record(OUTPUT, (24, u32(999))),
    "group-mode": record(GROUP, (10, b"\3")),
    "group-same-name": record(GROUP, (16, b"premium")),
    "group-unused": record(SERVICE, (16, u16(1))),
    "service-no-input": record(SERVICE, (10, u16(2))),
    "service-no-output": record(SERVICE, (12, u16(2))),
    "service-no-program": record(SERVICE, (14, u16(0))),
    "service-no-group": record(SERVICE, (16, u16(2))),
    "service-of-line-up-clear": record(SERVICE, (16, u16(0xFFFF))),
    "service-ca-bad": record(SERVICE, (88, u16(0) + u16(3) + b"\x41")),
    "emm-bad": record(EMM, (10, u16(3) + u16(0) + u16(0) + b"\x41")),
    "emm-no-output": record(EMM, (152, b"\0")),
    "emm-far-output": record(EMM, (152, b"\7")),
    "emm-twice": record(EMM, (8, u16(1))),
    "differs-input": GOOD + record(INPUT, (24, b"I")),
    "differs-output": GOOD + record(OUTPUT, (28, b"\7")),
    "differs-service": GOOD + record(SERVICE, (14, u16(3))),
    "differs-emm": GOOD + record(EMM, (14, u16(9))),
    "differs-count": GOOD + record(MESSAGE, (0, b"\4"), (8, b"\1\0\1\0\1\0\1\0\0\0")),
    "differs-transform": GOOD + record(SERVICE, (90, u16(0x700))) + record(WORK) + GOOD + record(WORK),
    "report": GOOD + record(WORK) * 12,
    "report-not-read": GOOD + record(FULL) + record(WORK) * 30 + record(FULL) + record(WORK),
    "cut": GOOD[:-1] + b"\x0b\xff\1",
    "nothing": b"",
}


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "dp_link")
    os.makedirs(folder, exist_ok=True)
    for name, data in SEEDS.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    print(f"{len(SEEDS)} seeds")


if __name__ == "__main__":
    main()
