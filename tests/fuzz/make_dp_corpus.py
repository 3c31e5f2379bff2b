#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of dp_frame and dp_psi, named for what they show. The other corpora of dp_* are text, kept by hand."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def write(target, name, data):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as file:
        file.write(data)


def frame(payload, vlan=b"", proto=17, flags=0x4000, ihl=5, total=None, udp=None, version=4):
    udp_bytes = struct.pack(">HHHH", 1234, 5000, (len(payload) + 8) if udp is None else udp, 0) + payload
    options = b"\x01" * (4 * ihl - 20)
    ip = struct.pack(">BBHHHBBHII", version << 4 | ihl, 0, 20 + len(options) + len(udp_bytes) if total is None else total,
                     1, flags, 16, proto, 0, 0x0A000001, 0xEF010101) + options
    return bytes.fromhex("01005e010101020000000001") + vlan + b"\x08\x00" + ip + udp_bytes


TS = (b"\x47\x01\x00\x10" + b"\x00" * 184)
RTP = bytes.fromhex("8021beef0000000000000001")


def frames():
    auto, plain, rtp = b"\x00", b"\x01", b"\x02"
    tag = b"\x81\x00\x60\x64"
    seeds = {
        "udp-one": auto + frame(TS), "udp-seven": plain + frame(TS * 7), "udp-eight": plain + frame(TS * 8),
        "rtp-auto": auto + frame(RTP + TS * 2), "rtp-seven": rtp + frame(RTP + TS * 7),
        "rtp-csrc": rtp + frame(b"\x81" + RTP[1:] + b"\0\0\0\1" + TS), "rtp-broken": rtp + frame(TS),
        "vlan": auto + frame(TS, vlan=tag), "vlan-cut": auto + frame(TS, vlan=tag)[:16],
        "two-tags": auto + frame(TS, vlan=tag * 2), "options": auto + frame(TS, ihl=7),
        "fragment": auto + frame(TS, flags=0x2000), "fragment-later": auto + frame(TS, flags=0x0010),
        "tcp": auto + frame(TS, proto=6), "ipv6": auto + frame(TS, version=6), "short-header": auto + frame(TS)[:14 + 1] +
        b"\x00" * 4, "header-of-16": auto + frame(TS).replace(b"\x45\x00", b"\x44\x00", 1),
        "ip-too-long": auto + frame(TS, total=9999), "ip-too-short": auto + frame(TS, total=27),
        "udp-too-long": auto + frame(TS, udp=9999), "udp-too-short": auto + frame(TS, udp=7),
        "empty-udp": auto + frame(b""), "not-whole": auto + frame(TS[:187]), "padded": auto + frame(TS) + b"\0" * 18,
        "arp": auto + bytes.fromhex("ffffffffffff0200000000010806") + b"\0" * 28, "cut": auto + frame(TS)[:30],
        "thirteen-bytes": auto + frame(TS)[:13],
    }
    for name, data in seeds.items():
        write("dp_frame", name, data)


def record(pid, section, lead=1):
    return bytes([lead]) + struct.pack(">HH", pid, len(section)) + section


def long_section(table, extension, version, body, number=0, last=0, current=1):
    return struct.pack(">BHHBBB", table, 0, extension, 0xC0 | version << 1 | current, number, last) + body + b"\0" * 4


def pat(programs, version=0, **more):
    return record(0, long_section(0, 7, version, b"".join(struct.pack(">HH", n, 0xE000 | p) for n, p in programs), **more))


def pmt(on, program, streams, version=0, pcr=0x1FFF, info=b"", **more):
    body = struct.pack(">HH", 0xE000 | pcr, 0xF000 | len(info)) + info
    for kind, pid, es in streams:
        body += struct.pack(">BHH", kind, 0xE000 | pid, 0xF000 | len(es)) + es
    return record(on, long_section(2, program, version, body, **more))


def cat(info, version=0, **more):
    return record(1, long_section(1, 0xFFFF, version, info, **more))


def sdt(services, table=0x42, version=0):
    body = struct.pack(">HB", 1, 0xFF) + b"".join(struct.pack(">HBH", s, 0xFC, f << 12) for s, f in services)
    return record(0x11, long_section(table, 7, version, body))


def transform(service, flags, pid):
    """Another transform: 0x10 keeps the CA of the input, 0x20 and 0x40 clear teletext and subtitles; ECMs from 0x100."""
    return bytes([0x10, next(b for b in range(256) if b % 3 == service and b & 0x70 == flags), pid & 0xFF])


DOUBT = b"\x20"  # what follows may be another stream
CA = bytes.fromhex("09040b01e190")


def psi():
    usual = pat([(0, 16), (1, 0x100), (2, 0x200), (3, 0x300)])
    video = (0x1B, 0x101, b"")
    one = pmt(0x100, 1, [video, (0x0F, 0x102, b"\x0a\x04eng\x00")], pcr=0x101)
    clear = pmt(0x200, 2, [(0x1B, 0x201, b"")], pcr=0x201)
    other = pmt(0x300, 3, [(0x1B, 0x301, b"")], pcr=0x301)
    packet = b"\x47\x40\x00\x10\x00" + bytes.fromhex("00b00d0001c100000001e100") + b"\0\0\0\0" + b"\xff" * 167
    seeds = {
        "empty": b"", "pat": usual, "pat-repeats": usual * 8, "pat-next": pat([(1, 0x150)], current=0),
        "pat-broken": record(0, b"\x00\xb0\x0d\x00\x01\xc1\x00\x00\x00\x01\xe1\x00\0\0\0\0", 3),
        "pat-of-two": pat([(1, 0x150)], last=1), "pat-twice": pat([(1, 0x150), (1, 0x160)]),
        "pat-pmt-on-sdt": pat([(1, 0x11), (2, 0x1FFF), (3, 0)]), "pmt": usual + one, "pmt-repeats": usual + one * 3,
        "pmt-next": usual + pmt(0x100, 1, [video], current=0), "pmt-moves": usual + one + pat([(1, 0x180)], 1) +
        pmt(0x180, 1, [(0x1B, 0x131, b"")]), "leaves": usual + one + pat([(2, 0x200)], 1) + usual + one,
        "pmt-wrong-pid": usual + one + pmt(0x200, 1, [(0x86, 0x101, b"")], 1),
        "pmt-broken": usual + one + record(0x100, b"\x02\xb0\x20" + b"\x00" * 32, 3),
        "pmt-short": usual + record(0x100, b"\x02\xb0\x02\x00\x00", 3), "pmt-other-table": usual +
        record(0x100, long_section(0x40, 1, 0, b"")), "pmt-nobodys": usual + pmt(0x100, 77, [video]),
        "pmt-too-long": usual + pmt(0x100, 1, [(0x1B, 0x400 + i, b"") for i in range(201)]),
        "pmt-ca": usual + pmt(0x100, 1, [(0x1B, 0x101, CA + b"\x65\x01\x01")], info=CA),
        "pmt-ca-kept": usual + pmt(0x300, 3, [(0x1B, 0x301, CA)], info=CA),
        "pmt-clear": usual + pmt(0x200, 2, [(0x1B, 0x201, CA)], pcr=0x501),
        "pmt-every-policy": usual + pmt(0x100, 1, [
            (0x86, 0x110, b""), (5, 0x111, b"\x6f\x00"), (5, 0x112, b""), (0x0B, 0x113, b"\x13\x00"),
            (0x0D, 0x114, b"\x66\x00"), (6, 0x115, b"\x56\x00"), (6, 0x116, b"\x46\x00"), (6, 0x117, b"\x59\x00"),
            (6, 0x118, b"")], pcr=0x500),
        "pcr-shared": usual + pmt(0x200, 2, [], pcr=0x501) + pmt(0x300, 3, [], pcr=0x501),
        "shared-stream": usual + pmt(0x200, 2, [video]) + pmt(0x100, 1, [video]) + pmt(0x300, 3, [video]),
        "impossible-pids": usual + pmt(0x100, 1, [(0x1B, p, b"") for p in (0, 0x12, 0x1FFF, 0x100, 0x200)], pcr=0),
        "si-streams": usual + pmt(0x100, 1, [(0x1B, p, b"") for p in range(32)], pcr=0x1E) + pmt(0x100, 1, [video], 1),
        "si-streams-clear": usual + pmt(0x200, 2, [(0x1B, p, b"") for p in range(32)], pcr=0x12) + one + other,
        "pcr-before-pmt": usual + pmt(0x200, 2, [(0x1B, 0x201, b"")], pcr=0x101) + other + one,
        "pcr-unclaimed": usual + one + other + pmt(0x200, 2, [], pcr=0x101) + pmt(0x100, 1, [], 1),
        "ca-names-video": usual + pmt(0x300, 3, [(0x1B, 0x301, CA[:4] + b"\xe1\x01")], info=CA[:4] + b"\xe0\x15") + one,
        "emm-names-video": usual + cat(CA[:4] + b"\xe1\x01") + one + other,
        "awaits": usual + clear + other + one, "awaits-shared": usual + pmt(0x200, 2, [video]) + other + one,
        "awaits-for-ever": pat([(1, 0x10), (2, 0x200), (3, 0x300)]) + clear + other,
        "awaits-what-was-clear": pat([(2, 0x200)]) + clear + usual + clear + pmt(0x200, 2, [
            (0x1B, 0x201, b""), (3, 0x202, b"")], 1) + pat([(2, 0x200)], 2),
        "awaits-broken": usual + clear + other + record(0x100, b"\x02\xb0\x20" + b"\x00" * 32, 3) + one,
        "bat": record(0x11, long_section(0x4A, 1, 0, b"\xf0\0\xf0\0")),
        "bat-broken": record(0x11, b"\x4a\xf0\x0d" + b"\0" * 13, 3), "shared-pmt-pid": pat([(1, 0x140), (2, 0x140)]) + pmt(0x140, 1, [video]) + pmt(0x140, 2, [(2, 0x201, b"")]),
        "cat": usual + cat(CA), "cat-goes": usual + cat(CA) + usual * 8, "cat-empty": cat(b""), "cat-next":
        cat(CA, current=0), "cat-of-two": cat(CA, last=1), "cat-repeats": cat(CA) * 3,
        "cat-full": cat(b"".join(struct.pack(">BBHH", 9, 4, 1, 0xE400 + i) for i in range(40))),
        "cat-broken": record(1, b"\x01\xb0\x09\xff\xff\xc1\x00\x00\0\0\0\0", 3),
        "sdt": sdt([(1, 0), (2, 1), (99, 1)]), "sdt-other": sdt([(1, 0)], 0x46), "sdt-full":
        (b"\x01" + sdt([(i, 0) for i in range(190)])[1:]) * 4, "sdt-broken": record(0x11, b"\x42\xf0\x20" + b"\0" * 32, 3),
        "bat-too-long": record(0x11, long_section(0x4A, 1, 0, b"\0" * 1500)), "packets": (b"\x00" + packet) * 3,
        "packet-bad-pointer": b"\x00" + b"\x47\x40\x00\x10\xb8" + b"\xff" * 183, "cut-record": b"\x01\x00",
        "own-ecm": usual + pmt(0x100, 1, [video, (0x1B, 0x1AA, b""), (0x86, 0x1AB, b"")], pcr=0x1AA) + other,
        "own-ecm-clear-elsewhere": usual + one + other + pmt(0x200, 2, [(0x1B, 0x1AA, b"")]) +
        pmt(0x100, 1, [(0x1B, 0x1AA, b"")], 1),
        "own-emm": usual + pmt(0x300, 3, [(0x1B, 0x1AC, CA[:4] + b"\xe1\xac")]) + cat(CA[:4] + b"\xe1\xac"),
        "own-pmt": pat([(1, 0x1AA), (3, 0x1AC)]) + pmt(0x1AA, 1, [video]),
        "transforms": usual + one + other + cat(CA) + b"".join(transform(i % 3, i % 8 << 4, i) for i in range(16)) + usual,
        "transform-policy": usual + other + pmt(0x100, 1, [video, (6, 0x115, b"\x56\x00"), (6, 0x117, b"\x59\x00")]) +
        transform(0, 0x20, 0xF0) + transform(0, 0x40, 0xF0) + transform(0, 0, 0x15) + pat([(1, 0x180)], 1) +
        transform(0, 0x60, 0xF0), "transform-first": transform(0, 0x10, 3) + usual + one, "transform-cut": b"\x10\x00",
        "doubt": usual + clear + other + one + cat(CA) + DOUBT + other + usual + clear + one + DOUBT, "doubt-first": DOUBT,
        "changes": usual + b"".join(pmt(0x100, 1, [(0x1B, 0x101 + i % 3, b"")], i % 32) for i in range(40)),
    }
    for name, data in seeds.items():
        write("dp_psi", name, data)


if __name__ == "__main__":
    frames()
    psi()
