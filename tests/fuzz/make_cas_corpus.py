#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of cas_conf, cas_criteria, cas_sections and cas_words, named for what they show."""
import copy
import json
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def write(target, name, data):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as file:
        file.write(data)


GOOD = {"name": "v", "super_cas_id": "0abc0001", "vault": {"socket": "/v"}, "operator": {"socket": "/o"},
        "ecmg": {"address": "127.0.0.1", "tcp_port": 2222},
        "emmg": {"address": "::1", "tcp_port": 8002, "version": 2, "client_id": "0abc0001", "data_id": 1}}


def conf():
    changes = {
        "good": {}, "no-emmg": {"emmg": None}, "lead-0": {"ecmg.lead_cw": 0}, "lead-0-late": {"ecmg.lead_cw": 0,
                                                                                         "ecmg.delay_start_ms": 5},
        "lead-1-early": {"ecmg.delay_start_ms": -5}, "one-word": {"ecmg.cw_per_msg": 1}, "packets": {"ecmg.packets": True},
        "three-words": {"ecmg.cw_per_msg": 3}, "step": {"ecmg.min_cp_duration_ms": 1050},
        "slow": {"ecmg.max_comp_time_ms": 1000}, "address": {"ecmg.address": "localhost"}, "no-port": {"ecmg.tcp_port": None},
        "id-short": {"super_cas_id": "abc"}, "id-letters": {"super_cas_id": "0abc000g"}, "id-number": {"super_cas_id": 7},
        "socket-empty": {"vault.socket": ""}, "socket-long": {"operator.socket": "/" * 108}, "name-empty": {"name": ""},
        "unknown": {"surprise": 1, "ecmg.x": 1, "emmg.x": 1, "vault.x": 1}, "wrong-types": {"ecmg": 1, "emmg": [], "vault": ""},
        "emmg-version": {"emmg.version": 4}, "emmg-bandwidth": {"emmg.bandwidth_kbps": 0}, "emmg-client": {"emmg.client_id": "g"},
    }
    for name, change in changes.items():
        document = copy.deepcopy(GOOD)
        for path, value in change.items():
            at = document
            for step in path.split(".")[:-1]:
                at = at[step]
            at[path.split(".")[-1]] = value
            if value is None:
                del at[path.split(".")[-1]]
        write("cas_conf", name + ".json", json.dumps(document).encode())
    write("cas_conf", "cut.json", json.dumps(GOOD)[:40].encode())
    write("cas_conf", "array.json", b"[]")
    write("cas_conf", "empty-object.json", b"{}")


def criteria():
    key = b"\0\1"
    for name, data in {
        "empty": b"", "one-byte": b"\0", "key": key, "product": key + b"\1\4\0\0\0\x2a", "products": key + b"\1\x08" + b"\0\0\0\1" * 2,
        "product-short": key + b"\1\3\0\0\1", "product-none": key + b"\1\0", "preview": key + b"\2\0", "rating": key + b"\3\1\x12",
        "area": key + b"\4\3\0\1\2", "event": key + b"\5\6\0\0\0\1\0\5", "copy": key + b"\6\1\3", "fingerprint": key + b"\7\1\0",
        "unknown": key + b"\x08\0", "zero": key + b"\0\0", "all": key + bytes.fromhex("01040000002a0200030112040300010205060000000100090601030701ff"),
        "cut-head": key + b"\3", "cut-value": key + b"\5\6\0", "most": key + b"\2\0" * 32, "too-many": key + b"\2\0" * 33,
        "length-wrong": key + b"\3\2\1\1",
    }.items():
        write("cas_criteria", name, data)


def section(table_id, n):
    return bytes([table_id, 0x70 | n - 3 >> 8, n - 3 & 255]) + bytes(n - 3)


def sections():
    for name, data in {
        "empty": b"", "one": section(0x82, 20), "three": section(0x82, 4) + section(0x83, 40) + section(0x8F, 184),
        "largest": section(0x84, 4096), "too-large": section(0x84, 4097), "ecm": section(0x80, 20), "table-90": section(0x90, 20),
        "nothing": section(0x82, 3), "cut-head": section(0x82, 20) + b"\x82\x70", "cut": section(0x82, 20)[:-1],
        "second-bad": section(0x82, 20) + section(0x81, 20), "one-byte": b"\x82", "bytes-after": section(0x82, 9) + b"\0",
    }.items():
        write("cas_sections", name, data)


def parameter(kind, value):
    return struct.pack(">HH", kind, len(value)) + value


def provision(number, words, size=8, **more):
    body = parameter(0x0E, b"\0\1") + parameter(0x0F, b"\0\1") + parameter(0x12, struct.pack(">H", number))
    for word in words:
        body += parameter(0x14, struct.pack(">H", word & 0xFFFF) + bytes([word & 255]) * more.get("of", {}).get(word, size))
    return struct.pack(">BHH", 3, 0x0201, len(body)) + body


def words():
    for lead in (0, 1):
        for per_msg in (1, 2):
            first = bytes([lead | per_msg - 1 << 1])
            due = range(1 + lead - per_msg, 1 + lead)
            name = f"lead-{lead}-{per_msg}"
            run = b"".join(provision(n & 0xFFFF, [n + d for d in due]) for n in range(0xFFFE, 0x10002))
            write("cas_words", name, first + run)
            write("cas_words", name + "-16", first + b"".join(provision(n, [n + d for d in due], 16) for n in range(3)))
            write("cas_words", name + "-tsduck", first + b"".join(provision(n, [n, n + 1]) for n in range(3)))
            write("cas_words", name + "-none", first + provision(5, []))
    both = b"\3"
    write("cas_words", "twice", both + provision(5, [5, 5, 6]))
    conflict = bytearray(both + provision(5, [5, 5, 6]))
    conflict[1 + 5 + 18 + 6] ^= 1
    write("cas_words", "conflict", bytes(conflict))
    write("cas_words", "lengths", both + provision(5, [5, 6], of={6: 16}))
    write("cas_words", "length-7", both + provision(5, [5, 6], 7))
    write("cas_words", "longer-later", b"\1" + provision(5, [6]) + provision(6, [7], 16))
    write("cas_words", "many", both + provision(6, range(3, 10)))
    write("cas_words", "leap", b"\1" + provision(5, [6]) + provision(100, [101]))
    write("cas_words", "cut", both + provision(5, [5, 6])[:-1])
    write("cas_words", "empty", b"")


if __name__ == "__main__":
    conf()
    criteria()
    sections()
    words()
