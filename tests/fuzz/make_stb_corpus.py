#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of stb_ca, stb_ecm, stb_frame, stb_keys, stb_psi and stb_url, named for what they show. Those of
stb_schedule are kept by hand."""
import struct

from make_dp_corpus import RTP, TS, cat, frame, long_section, pat, pmt, record, write


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


def ecm(cp=4, suite=2, key=1, time=1000, conditions=b"", words=b"\x11" * 16 + b"\x22" * 16, version=1, subsystem=0x0A01, table=None, flags=0x7000):
    body = struct.pack(">BBHHHIB", version, suite, subsystem, key, cp, time, len(conditions)) + conditions + words + b"\0" * 8
    return struct.pack(">BH", 0x80 | cp & 1 if table is None else table, flags | len(body)) + body


def ecms():
    tlv = b"\1\4\0\0\0\1\2\0\3\1\x12\4\3\0\7\1\5\6\0\0\0\x09\0\x32\6\1\1\7\1\2\x63\0"
    sections = {
        "aes": ecm(), "tdes": ecm(suite=1, words=b"\x11" * 16), "tdes-16": ecm(suite=1), "sm4": ecm(suite=3, key=2), "odd": ecm(cp=5),
        "conditions": ecm(conditions=tlv), "no-words": ecm(words=b"\0" * 32), "even-only": ecm(words=b"\1" * 16 + b"\0" * 16),
        "odd-only": ecm(words=b"\0" * 16 + b"\1" * 16), "words-short": ecm(words=b"\1" * 16), "words-odd-length": ecm(words=b"\1" * 31),
        "words-long": ecm(words=b"\1" * 48), "version-2": ecm(version=2), "suite-0": ecm(suite=0), "suite-9": ecm(suite=9),
        "subsystem": ecm(subsystem=7), "unknown-key": ecm(key=999), "wrong-table": ecm(table=0x81), "emm-table": ecm(table=0x82),
        "long-form": ecm(flags=0xF000), "condition-cut": ecm(conditions=b"\3"), "condition-past": ecm(conditions=b"\3\x09\1"),
        "condition-length": ecm(conditions=b"\4\1\0"), "products-none": ecm(conditions=b"\1\0"), "unknown-condition": ecm(conditions=b"\xc8\2ab"),
        "conditions-past": ecm()[:15] + b"\xff" + ecm()[16:], "largest": ecm(conditions=b"\x63\xc6" + b"x" * 198),
        "too-large": ecm(conditions=b"\x63\xc7" + b"x" * 199), "header-only": ecm()[:16], "cut": ecm()[:40], "three": ecm()[:3], "empty": b"",
    }
    # Bit 0: the length is made right; bit 1: the MAC. The section once, then another one, then the first again.
    for name, data in sections.items():
        write("stb_ecm", name, b"\x03" + data)
    write("stb_ecm", "length-wrong", b"\x02" + ecm() + b"\0")
    write("stb_ecm", "mac-wrong", b"\x01" + ecm())
    write("stb_ecm", "length-past", b"\x00" + ecm()[:30])


def keys():
    a, b, c = "00112233445566778899aabbccddeeff", "8899AABBccddeeff0011223344556677", "102132435465768798a9bacbdcedfe0f"
    head, one = f"suite aes\nca_subsystem 0a01\nk3 {a}\n", f"service_key 1 ek2 {a} ek1 {b} auth {c}\n"
    seeds = {
        "good": head + one, "two": head + one + one.replace(" 1 ", " 65535 "), "tdes": head.replace("aes", "tdes") + one, "sm4": head.replace("aes", "sm4") + one,
        "other-order": one + head, "no-newline": head + one.strip(), "comments": "# lab\n\n" + head + one.strip() + " # one\r\n", "tabs": head + one.replace(" ", "\t"),
        "empty": "", "comment-only": "# nothing", "no-suite": head[10:] + one, "no-k3": head[:head.index("k3")] + one, "no-service-key": head,
        "two-suites": head + one + "suite sm4\n", "two-k3": head + one + f"k3 {b}\n", "two-subsystems": head + one + "ca_subsystem 1111\n", "twice": head + one * 2,
        "suite-unknown": head.replace("aes", "des") + one, "suite-alone": "suite\n" + one, "subsystem-short": head.replace("0a01", "a01") + one,
        "subsystem-letters": head.replace("0a01", "0ag1") + one, "k3-short": head.replace(a, a[:30]) + one, "k3-long": head.replace(a, a + "00") + one,
        "k3-letters": head.replace(a, a[:31] + "g") + one, "id-large": head + one.replace(" 1 ", " 65536 "), "id-huge": head + one.replace(" 1 ", " 99999999999 "),
        "id-letters": head + one.replace(" 1 ", " x "), "ek2-short": head + one.replace(a, "00"), "ek1-letters": head + one.replace(b, "g" * 32),
        "auth-missing": head + one[:one.index(" auth")] + "\n", "names-turned": head + one.replace("ek2", "ek1", 1), "key-alone": head + one + a + "\n",
        "words-many": head + one.strip() + " more words\n", "zero-byte": head + one + "\0\n", "blank-lines": "\n\n \t\r\n" + head + "\n" + one,
    }
    for name, text in seeds.items():
        write("stb_keys", name + ".txt", text.encode())


def access():
    any_system, ours = b"\x00", b"\x01"
    ca, emm, foreign = b"\x09\x04\x0a\x0b\xe1\xf0", b"\x09\x04\x0a\x0b\xe1\xe0", b"\x09\x06\x0b\x00\xe1\xf9zz"
    film, usual = [(0x1B, 0x101, b""), (0x0F, 0x102, b"")], pat([(1, 0x100), (2, 0x200)])
    mode = b"\x65\x01\x10"
    one = usual + pmt(0x100, 1, film, info=mode + ca, pcr=0x101)
    both = one + pmt(0x200, 2, [(0x1B, 0x201, b"")], info=mode + ca)

    def on(section, pid=0x1F0):
        return record(pid, section, 5)

    def air(tsc, count=3, pid=0x101):
        return b"".join(b"\x00" + struct.pack(">BHB", 0x47, (0x4000 if i == 0 else 0) | pid, tsc << 6 | 0x10 | i) + bytes([i]) * 184 for i in range(count))

    seeds = {
        "empty": b"", "ecm": any_system + one + on(ecm()), "opened": any_system + one + on(ecm()) + air(2) + air(3), "ours": ours + one + on(ecm()) + air(2),
        "no-ecm": any_system + one + air(2), "no-descriptor": any_system + usual + pmt(0x100, 1, film, info=mode) + air(2), "foreign": ours + usual +
        pmt(0x100, 1, film, info=mode + foreign) + air(2), "second-descriptor": ours + usual + pmt(0x100, 1, film, info=mode + foreign + ca) + on(ecm()) + air(2),
        "per-stream": any_system + usual + pmt(0x100, 1, [(0x1B, 0x101, ca), (0x0F, 0x102, b"")], info=mode) + on(ecm()) + air(2),
        "own-ecm-pid": any_system + usual + pmt(0x100, 1, [(0x1B, 0x101, foreign), (0x0F, 0x102, b"")], info=mode + ca) + on(ecm()) + air(2),
        "repeats": any_system + one + on(ecm()) * 4, "next": any_system + one + on(ecm()) + air(2) + on(ecm(cp=5, words=b"\x11" * 16 + b"\x33" * 16)) + air(3, 20) + air(2),
        "waits": any_system + one + on(ecm()) + air(2) + on(ecm(cp=5, words=b"\x44" * 16 + b"\x22" * 16)) + air(2) + air(3, 16) + air(3, 16) + air(2),
        "late-packet": any_system + one + on(ecm()) + air(2, 16) + air(3) + air(2, 2, 0x102) + air(3), "duplicate": any_system + one + on(ecm()) + air(2, 1) * 2,
        "replayed": any_system + one + on(ecm()) + on(ecm(cp=3, time=999)), "bad-mac": any_system + one + record(0x1F0, ecm(), 7), "bad-version": any_system + one + on(ecm(version=3)),
        "key-2": any_system + one + on(ecm(key=2)), "key-3": any_system + one + on(ecm(key=3)), "tdes": any_system + one + on(ecm(suite=1)), "zeros": any_system + one + on(
            ecm(words=b"\0" * 32)) + air(2), "pid-moves": any_system + one + on(ecm()) + pmt(0x100, 1, film, 1, info=mode + foreign) + on(ecm(cp=5), 0x1F9) + air(3),
        "mode-changes": any_system + one + on(ecm()) + pmt(0x100, 1, film, 1, info=b"\x65\x01\x02" + ca) + on(ecm()) + air(2), "mode-unknown": any_system + one + pmt(
            0x100, 1, film, 1, info=b"\x65\x01\x77" + ca) + on(ecm()) + air(2), "two-programmes": any_system + both + on(ecm()) + air(2) + air(2, 3, 0x201),
        "leaves": any_system + one + on(ecm()) + pat([(2, 0x200)], 1) + on(ecm(cp=5)) + air(2), "pcr": any_system + one + on(ecm()) + b"\x00\x47\x01\x01\xb0\x07\x10" + b"\1" * 182,
        "ecm-on-pat": any_system + usual + pmt(0x100, 1, film, info=b"\x09\x04\x0a\x0b\xe0\0") + on(ecm(), 0), "ecm-on-null": any_system + usual + pmt(
            0x100, 1, film, info=b"\x09\x04\x0a\x0b\xff\xff") + air(2), "ecm-on-stream": any_system + usual + pmt(0x100, 1, film, info=b"\x09\x04\x0a\x0b\xe1\1") + on(ecm(), 0x101),
        "cat": any_system + cat(emm), "emm": any_system + cat(emm) + on(b"\x82\x70\3abc", 0x1E0) * 3 + on(b"\x84\x70\3abd", 0x1E0), "emm-before-cat": any_system + on(b"\x82\x70\3abc", 0x1E0),
        "cat-changes": any_system + cat(emm) + cat(foreign, 1) + on(b"\x82\x70\3abc", 0x1E0), "cat-many": any_system + cat(
            b"".join(b"\x09\x04\x0a\x0b" + struct.pack(">H", 0xE300 + i) for i in range(40))), "cat-foreign": ours + cat(foreign + emm), "cat-cut": any_system + cat(b"\x09\x09\x0a"),
        "cat-next": any_system + cat(emm, current=0), "record-cut": any_system + b"\x05\x00",
    }
    for name, data in seeds.items():
        write("stb_ca", name, data)


access()
ecms()
frames()
keys()
psi()
urls()
