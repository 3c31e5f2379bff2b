#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of stb_frame, stb_psi and stb_url, named for what they show. Those of stb_schedule are kept by hand."""
import struct

from make_dp_corpus import RTP, TS, frame, long_section, pat, pmt, record, write


def row(*records, kind=0):
    return b"".join(bytes([kind]) + struct.pack(">H", len(r)) + r for r in records)


def rtp(sequence, payload=TS, first=0x80, kind=33, more=b""):
    return struct.pack(">BBHII", first, kind, sequence, 0, 1) + more + payload


def frames():
    tag, outer = b"\x81\x00\x60\x64", b"\x88\xa8\x00\x05"
    seeds = {
        "udp-one": row(frame(TS)), "udp-seven": row(frame(TS * 7)), "udp-many": row(frame(TS * 40)),
        "vlan": row(frame(TS, vlan=tag)), "two-tags": row(frame(TS, vlan=outer + tag)), "three-tags":
        row(frame(TS, vlan=tag * 3)), "vlan-cut": row(frame(TS, vlan=tag)[:16]), "options": row(frame(TS, ihl=15)),
        "header-of-16": row(frame(TS).replace(b"\x45\x00", b"\x44\x00", 1)), "fragment": row(frame(TS, flags=0x2000)),
        "fragment-later": row(frame(TS, flags=0x0010)), "tcp": row(frame(TS, proto=6)), "ipv6": row(frame(TS, version=6)),
        "ip-too-long": row(frame(TS, total=9999)), "ip-too-short": row(frame(TS, total=27)),
        "udp-too-long": row(frame(TS, udp=9999)), "udp-too-short": row(frame(TS, udp=7)), "empty-udp": row(frame(b"")),
        "padded": row(frame(TS) + b"\0" * 18), "cut": row(frame(TS)[:30]), "thirteen-bytes": row(frame(TS)[:13]),
        "arp": row(bytes.fromhex("ffffffffffff0200000000010806") + b"\0" * 28), "not-whole": row(TS[:187], kind=1),
        "no-sync": row(TS + b"\x48" + TS[1:], kind=1), "rtp-frame": row(frame(RTP + TS * 2)),
        "rtp-row": row(rtp(1), rtp(2), rtp(3), kind=1), "rtp-gap": row(rtp(1), rtp(5), rtp(4), rtp(6), kind=1),
        "rtp-turns-over": row(rtp(65535), rtp(0), rtp(0), kind=1), "rtp-csrc": row(rtp(1, first=0x82, more=b"\0" * 8), kind=1),
        "rtp-extension": row(rtp(1, first=0x90, more=b"\0\0\0\1abcd"), kind=1), "rtp-padded": row(rtp(1, TS + b"\0\0\0\4", 0xA0), kind=1),
        "rtp-cut": row(rtp(1)[:11], kind=1), "rtp-version-1": row(rtp(1, first=0x40), kind=1), "record-cut": row(frame(TS))[:40],
        "empty-records": row(b"", b"", kind=1) + row(b""),
    }
    for name, data in seeds.items():
        write("stb_frame", name, data)


def packet(pid, tsc=0, payload=b"\0\0\1\xe0", afc=1, flags=0):
    return b"\x00" + struct.pack(">BHB", 0x47, flags << 8 | 0x4000 | pid, tsc << 6 | afc << 4) + payload + b"\x55" * (184 - len(payload))


def psi():
    everything, some = b"\x00", b"\x01"
    usual = pat([(0, 16), (1, 0x100), (2, 0x200), (7, 0x300)])
    film = [(0x1B, 0x101, b""), (0x0F, 0x102, b"")]
    one = pmt(0x100, 1, film)
    modes = [bytes([0x65, 1, mode]) for mode in (1, 2, 16, 3)]
    sections = [(t, 0x110 + t, b"") for t in (5, 10, 11, 12, 13, 0x13, 0x14, 0x16, 0x17, 0x18, 0x86)]
    pes = [(t, 0x110 + t, b"") for t in (1, 2, 3, 4, 0x10, 0x11, 0x24, 0x2D, 0x33, 0xC0)]
    private = [(6, 0x120 + i, d) for i, d in enumerate((b"", b"\x59\0", b"\x6a\1\0", b"\x0a\0\x7a\1\0", b"\x7b\0", b"\x7c\0", b"\x6a"))]
    seeds = {
        "empty": b"", "nothing": everything, "pat": everything + usual, "pat-wanted": some + usual, "pmt": everything + usual + one,
        "pmt-repeats": everything + usual + one * 3, "pmt-changes": everything + usual + b"".join(
            pmt(0x100, 1, film[:1 + i % 2], i % 32) for i in range(40)),
        "pmt-next": everything + usual + pmt(0x100, 1, film, current=0), "pat-next": everything + pat([(1, 0x100)], current=0),
        "pat-of-two": everything + pat([(1, 0x100)], last=1) + pat([(2, 0x200)], last=1, number=1) + one,
        "pat-number-past-last": everything + pat([(1, 0x100)], last=0, number=3),
        "pat-twice-one": everything + pat([(1, 0x100), (1, 0x200)]) + one,
        "pat-moves": everything + usual + one + pat([(1, 0x180)], 1) + pmt(0x180, 1, film),
        "leaves": everything + usual + one + pat([(2, 0x200)], 1) + usual + one, "pat-full": everything + pat(
            [(i + 1, 0x20 + i) for i in range(250)]),
        "pats-fill": everything + b"".join(pat([(100 * v + i + 1, 0x20 + i) for i in range(100)], v) for v in range(4)),
        "pat-broken": everything + record(0, long_section(0, 7, 0, b"\0\1\xe1"), 3), "pmt-wrong-pid": everything + usual + pmt(0x200, 1, film),
        "pmt-nobodys": everything + usual + pmt(0x100, 77, film), "pmt-on-pat": everything + pat([(1, 0)]) + pmt(0, 1, film),
        "shared-stream": everything + usual + one + pmt(0x200, 2, film), "shared-goes": everything + usual + one + pmt(0x200, 2, film) +
        pat([(2, 0x200)], 1) + pmt(0x200, 2, film, 1), "stream-twice": everything + usual + pmt(0x100, 1, film * 2),
        "types": everything + usual + pmt(0x100, 1, sections + pes), "private": everything + usual + pmt(0x100, 1, private),
        "modes": everything + usual + b"".join(pmt(0x100, 1, film, i, info=d) for i, d in enumerate(modes)),
        "mode-empty": everything + usual + pmt(0x100, 1, film, info=b"\x65\0"), "asked-csa2": b"\x04" + usual + one,
        "scrambled": everything + usual + one + packet(0x101, 2) + packet(0x101, 3) + packet(0x102, 2) + packet(0x102, 1),
        "no-group": everything + usual + pmt(0x200, 2, film) + packet(0x101, 2), "clear": everything + usual + one + packet(0x101) + packet(0x102),
        "broken": everything + usual + one + packet(0x101, flags=0x80) + packet(0x101, afc=2, payload=b"\xff"),
        "null": everything + packet(0x1FFF), "pointer-past": everything + packet(0, payload=b"\xb8"), "cut-record": everything + b"\x01\x00",
    }
    for name, data in seeds.items():
        write("stb_psi", name, data)


def urls():
    seeds = {
        "plain": "udp://239.1.2.3:5000", "both": "udp://239.1.2.3:5000?ifaddr=10.0.0.1&source=10.0.0.2", "any": "udp://0.0.0.0:1",
        "empty": "", "scheme-only": "udp://", "no-port": "udp://239.1.2.3", "port-empty": "udp://239.1.2.3:", "port-0": "udp://239.1.2.3:0",
        "port-large": "udp://239.1.2.3:65536", "port-huge": "udp://239.1.2.3:99999999999999999999", "port-letters": "udp://239.1.2.3:5o",
        "port-zeros": "udp://239.1.2.3:0005000", "address-short": "udp://239.1.2:1", "address-long": "udp://239.001.002.00300:1",
        "address-256": "udp://239.1.2.256:1", "question-only": "udp://239.1.2.3:1?", "unknown": "udp://239.1.2.3:1?ttl=3",
        "parameter-cut": "udp://239.1.2.3:1?source", "parameter-empty": "udp://239.1.2.3:1?source=", "and-and": "udp://239.1.2.3:1?ifaddr=1.2.3.4&&",
        "source-unicast": "udp://10.0.0.1:1?source=10.0.0.2", "twice": "udp://239.1.2.3:1?source=1.2.3.4&source=4.3.2.1",
        "long": "udp://239.1.2.3:1?" + "x" * 400, "endpoint": "239.1.2.3:5000", "endpoint-colons": "239.1.2.3:50:00", "file": "stream.ts",
    }
    for name, text in seeds.items():
        write("stb_url", name + ".txt", text.encode())


frames()
psi()
urls()
