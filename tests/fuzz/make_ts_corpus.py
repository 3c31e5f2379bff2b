#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of the ts_* fuzz targets to corpus/. Files that a fuzzer found stay as they are.

The sections in hexadecimal were written by ffmpeg 5.1.9; everything else is composed here.
"""

import os

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")

PAT = bytes.fromhex("00b015004dc10000000000100065f0000066f00145b3b278")
PMT = bytes.fromhex("02b01d0065c10000e100f00002e100f00003e101f0060a0468756e0055521d05")
SDT = bytes.fromhex("42f036004dc1000020faff0065fc800e480c010646466d706567034567790066fc8012481001"
                    "0646466d70656707154b657474c5914d7167a1")
NIT = bytes.fromhex("40f02520fac10000f00a400842756c6b68656164f00e004d20faf008410600650100660151dd4834")
PCR_PACKET = bytes.fromhex("47410030075000007b0c7e00000001e0").ljust(188, b"\xff")


def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc.to_bytes(4, "big")


def section(table_id, body, extension=1, version=0, current=1, number=0, last=0):
    """A long section with its CRC_32."""
    n = len(body) + 9
    head = bytes([table_id, 0xB0 | n >> 8, n & 255, extension >> 8, extension & 255,
                  0xC0 | version << 1 | current, number, last])
    return head + body + crc32(head + body)


def short(table_id, n, seed=0):
    """A section in short form, `n` bytes in all."""
    return bytes([table_id, 0x70 | n - 3 >> 8, n - 3 & 255]) + bytes((i * 7 + seed) & 255 for i in range(n - 3))


def flip(data, at, bits):
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1:]


def loop(data):
    return (0xF000 | len(data)).to_bytes(2, "big") + data


def ca(system, pid, private=b""):
    return bytes([9, 4 + len(private)]) + system.to_bytes(2, "big") + (0xE000 | pid).to_bytes(2, "big") + private


def packet(cc, payload, start=False, af=None, tsc=0, pid=0x123, flags=0):
    """A packet with exactly this payload; an adaptation field fills the rest unless `af` gives its bytes."""
    room = 184 - len(payload)
    if af is None and room > 0:
        af = b"" if room == 1 else (bytes([flags]) + b"\xff" * (room - 2))
    control = (1 if payload else 0) | (2 if af is not None else 0)
    head = bytes([0x47, 0x40 * start | pid >> 8, pid & 255, tsc << 6 | control << 4 | cc & 15])
    return (head + (bytes([len(af)]) + af if af is not None else b"") + payload).ljust(188, b"\xff")[:188]


def packets(data, cc=0):
    """One section cut into packets, stuffed at the end."""
    data = b"\x00" + data
    cuts = [data[i:i + 184].ljust(184, b"\xff") for i in range(0, len(data), 184)]
    return b"".join(packet(cc + i, cut, i == 0) for i, cut in enumerate(cuts))


def of_packet():
    value = (0x1FFFFFFFF * 300 + 299).to_bytes(8, "big")
    yield "pcr", PCR_PACKET
    yield "pcr-set-last", PCR_PACKET + value
    yield "pcr-set-past-the-turn", PCR_PACKET + b"\xff" * 8
    yield "pcr-across-the-turn", PCR_PACKET + (5).to_bytes(8, "big") + value
    yield "pcr-half-a-turn", PCR_PACKET + (2**32 * 300).to_bytes(8, "big") + bytes(8)
    yield "pcr-extension-300", PCR_PACKET[:10] + b"\x7f\x2c" + PCR_PACKET[12:]
    yield "pcr-extension-299", PCR_PACKET[:10] + b"\x7f\x2b" + PCR_PACKET[12:]
    yield "broken-pcr-without-room", flip(PCR_PACKET, 4, 1)
    yield "broken-field-past-the-packet", PCR_PACKET[:4] + b"\xb8" + PCR_PACKET[5:]
    yield "broken-control-00", flip(PCR_PACKET, 3, 0x30)
    yield "broken-field-only-182", packet(1, b"", af=b"\x10" + b"\xff" * 181)
    yield "field-only", packet(1, b"", af=b"\x90" + b"\x00" * 182)
    yield "field-of-nothing", packet(2, b"x" * 183)
    yield "field-full-with-payload-bit", flip(packet(2, b"", af=b"\x80" + b"\xff" * 182), 3, 0x10)
    yield "discontinuity", packet(3, b"y" * 100, flags=0x80)
    yield "scrambled-odd", packet(4, bytes(range(184)), tsc=3)
    yield "null", packet(0, b"\xff" * 184, pid=0x1FFF)
    yield "error-indicator", flip(packet(4, bytes(184)), 1, 0x80)
    yield "broken-too-short", PCR_PACKET[:187]


def of_assemble():
    a, b, c = short(0x80, 40, 1), short(0x81, 60, 2), short(0x82, 300, 3)
    largest = packets(short(0x80, 4096), 5)
    yield "one", packets(PMT)
    yield "of-four-tables", packets(PAT) + packets(PMT, 1) + packets(SDT, 2) + packets(NIT, 3)
    yield "over-two-packets", packets(c, 15)
    yield "over-23-packets", largest
    yield "two-in-a-packet", packets(a + b)
    yield "pointer", packet(0, b"\0" + (a + b)[:70], True) + packet(1, bytes([30]) + (a + b)[70:] + a, True)
    yield "header-split", packet(0, b"\0" + (a + b)[:41], True) + packet(1, (a + b)[41:])
    yield "header-split-later", packet(0, b"\0" + (a + b)[:42], True) + packet(1, (a + b)[42:])
    yield "smallest", packets(bytes([0x80, 0x70, 0]) * 50)
    yield "joins-in-the-middle", packet(3, c[100:200]) + packet(4, b"\x64" + c[200:] + b[:60], True)
    yield "duplicates", b"".join(2 * packets(c)[i:i + 188] for i in (0, 188))
    yield "duplicate-announced", 2 * packet(7, b"\0" + a, True, flags=0x80)
    yield "no-payload-between", packet(0, b"\0" + c[:150], True) + packet(0, b"", af=b"\0" * 183) + packet(1, c[150:])
    yield "empty-payload-between", (packet(0, b"\0" + c[:150], True) + flip(packet(1, b"", af=b"\0" * 183), 3, 0x10)
                                    + packet(2, c[150:]))
    yield "jump-announced", packet(0, b"\0" + c[:150], True) + packet(9, b"\0" + a, True, flags=0x80)
    yield "jump-announced-without-payload", (packet(0, b"\0" + c[:150], True) + packet(9, b"", af=b"\x80" + b"\0" * 182)
                                             + packet(10, b"\0" + a, True))
    yield "broken-lost-packet", largest[:188 * 4] + largest[188 * 5:]
    yield "broken-lost-before-start", packet(0, b"\0" + c[:150], True) + packet(2, b"\x0a" + c[290:] + a, True)
    yield "broken-pointer-past-the-packet", packet(0, b"\xb7" + b"\0" * 183, True)
    yield "broken-pointer-past-the-payload", packet(0, b"\0" + c[:20], True) + packet(1, b"\x14" + c[20:40], True)
    yield "broken-next-starts-early", packet(0, b"\0" + b[:30], True) + packet(1, b"\0" + a, True)
    yield "broken-psi-over-1021", packet(0, b"\0\x02\xb3\xfe" + b"\0" * 50, True)
    yield "broken-private-over-4093", packet(0, b"\0\x80\x7f\xfe" + b"\0" * 50, True)
    yield "broken-field", packet(0, b"\0" + c[:150], True) + packet(1, b"", af=b"\0" * 182) + packet(1, c[150:])
    yield "broken-control-00", flip(packets(PMT), 3, 0x10) + packets(PMT)
    yield "error-indicator", flip(packets(PMT), 1, 0x80) + packets(PMT)
    yield "scrambled", flip(packets(PMT), 3, 0xC0) + packets(PMT, 1)
    yield "no-sync-byte", flip(packets(PMT), 0, 0xFF) + packets(PMT)
    yield "broken-half-a-packet", packets(c)[:282]


def of_section():
    yield "pat", PAT
    yield "pmt", PMT
    yield "nit", NIT
    yield "empty-body", section(0x01, b"")
    yield "psi-of-1024", section(0x02, bytes(1012))
    yield "private-of-4096", section(0x80, bytes(range(256)) * 15 + bytes(244))
    yield "dsmcc-of-2000", section(0x3B, bytes(1988))
    yield "next-version-31", section(0x00, b"", version=31, current=0, number=255, last=255)
    yield "broken-crc", flip(PMT, 30, 1)
    yield "broken-length", flip(PMT, 2, 1)
    yield "broken-short-form", short(0x80, 40)
    yield "broken-psi-of-1025", section(0x02, bytes(1013))
    yield "broken-cut", PMT[:20]
    yield "broken-eleven-bytes", PMT[:11]
    yield "broken-empty", b""


def of_desc():
    yield "language", bytes.fromhex("0a0468756e00")
    yield "ca", ca(0x4AEE, 0x1FFE)
    yield "ca-private", ca(0x0B00, 0x1F4, bytes(range(20)))
    yield "ca-longest", ca(0x0B00, 0x1F4, bytes(251))
    yield "ca-twice", ca(0x0B00, 0x1F4) + ca(0x0B00, 0x1F5)
    yield "scrambling", bytes.fromhex("650110")
    yield "mixed", bytes.fromhex("650102") + ca(0x4AEE, 0x100) + bytes.fromhex("5600 5900 6f00 660401060000")
    yield "empty-one", b"\x52\x00"
    yield "empty", b""
    yield "broken-ca-of-3", bytes.fromhex("09034aeee1")
    yield "broken-ca-of-0", bytes.fromhex("0900")
    yield "broken-scrambling-of-2", bytes.fromhex("65021000")
    yield "broken-past-the-end", bytes.fromhex("0a0468756e")
    yield "broken-after-a-good-one", bytes.fromhex("65011009ff00")
    yield "broken-tag-alone", bytes.fromhex("65011009")


def of_pat():
    full = b"".join(bytes([i >> 8, i & 255, 0xE1, i & 255]) for i in range(253))
    yield "ffmpeg", PAT
    yield "empty", section(0x00, b"")
    yield "one-program", section(0x00, bytes.fromhex("0001e100"), extension=0xFFFF)
    yield "full", section(0x00, full)
    yield "same-program-twice", section(0x00, bytes.fromhex("0001e1000001e200"))
    yield "null-pid", section(0x00, bytes.fromhex("0001ffff"))
    yield "next", section(0x00, bytes.fromhex("0001e100"), current=0, version=31)
    yield "third-of-four", section(0x00, bytes.fromhex("0001e100"), number=2, last=3)
    yield "broken-number-over-last", section(0x00, bytes.fromhex("0001e100"), number=2, last=1)
    yield "broken-half-a-program", section(0x00, bytes.fromhex("0001e1"))
    yield "broken-one-byte-over", section(0x00, bytes.fromhex("0001e10000"))
    yield "broken-table", section(0x02, bytes.fromhex("0001e100"))
    yield "broken-crc", flip(PAT, 10, 0x10)
    yield "broken-cut", PAT[:15]


def of_cat():
    yield "empty", section(0x01, b"", extension=0xFFFF)
    yield "one", section(0x01, ca(0x4AEE, 0x500), extension=0xFFFF)
    yield "two", section(0x01, ca(0x0B00, 0x1F4, b"\1\2") + ca(0x4AEE, 0x1F5), extension=0xFFFF, version=3)
    yield "private", section(0x01, ca(0x0100, 0x1F4, bytes(100)), extension=0xFFFF)
    yield "other-descriptor", section(0x01, b"\x5f\x04\0\0\0\1" + ca(0x4AEE, 0x500), extension=0xFFFF)
    yield "full", section(0x01, ca(0x4AEE, 0x500) * 168, extension=0xFFFF)
    yield "second-of-two", section(0x01, ca(0x4AEE, 0x500), number=1, last=1)
    yield "next", section(0x01, ca(0x4AEE, 0x500), current=0)
    yield "broken-number-over-last", section(0x01, ca(0x4AEE, 0x500), number=1)
    yield "broken-descriptor", section(0x01, ca(0x4AEE, 0x500)[:-1])
    yield "broken-descriptor-tag-alone", section(0x01, ca(0x4AEE, 0x500) + b"\x09")
    yield "broken-table", section(0x02, ca(0x4AEE, 0x500))
    yield "broken-crc", flip(section(0x01, ca(0x4AEE, 0x500)), 10, 1)
    yield "broken-cut", section(0x01, ca(0x4AEE, 0x500))[:13]


def of_pmt():
    video = b"\x1b\xe1\x00" + loop(b"")
    audio = b"\x03\xe1\x01" + loop(bytes.fromhex("0a0468756e00"))
    scrambled = ca(0x4AEE, 0x200) + bytes.fromhex("650110")
    yield "ffmpeg", PMT
    yield "no-streams", section(0x02, b"\xff\xff" + loop(b""))
    yield "scrambled", section(0x02, b"\xe1\x00" + loop(scrambled) + video + audio, version=1)
    yield "scrambled-per-stream", section(0x02, b"\xe1\x00" + loop(b"") + b"\x1b\xe1\x00" + loop(ca(1, 2)) + audio)
    yield "full-of-streams", section(0x02, b"\xe1\x00" + loop(b"") + video * 201)
    yield "full-program-loop", section(0x02, b"\xe1\x00" + loop(ca(1, 2) * 168))
    yield "data-streams", section(0x02, b"\xff\xff" + loop(b"") + b"\x86\xe1\x02" + loop(b"\x8a\x01\x01")
                                  + b"\x06\xe1\x03" + loop(b"\x56\x05eng\x09\x00") + b"\x0b\xe1\x04" + loop(b"\x66\0"))
    yield "next", section(0x02, b"\xe1\x00" + loop(b"") + video, current=0, version=31)
    yield "broken-second-section", section(0x02, b"\xe1\x00" + loop(b"") + video, number=1, last=1)
    yield "broken-program-loop-past-the-end", section(0x02, b"\xe1\x00\xf0\x09" + video)
    yield "broken-program-descriptor", section(0x02, b"\xe1\x00" + loop(scrambled[:-1]) + video)
    yield "broken-stream-loop-past-the-end", section(0x02, b"\xe1\x00" + loop(b"") + video[:4] + b"\x01")
    yield "broken-stream-descriptor", section(0x02, b"\xe1\x00" + loop(b"") + video[:3] + loop(b"\x52"))
    yield "broken-half-a-stream", section(0x02, b"\xe1\x00" + loop(b"") + video[:3])
    yield "broken-three-bytes", section(0x02, b"\xe1\x00\xf0")
    yield "broken-table", section(0x03, b"\xe1\x00" + loop(b""))
    yield "broken-crc", flip(PMT, 12, 4)
    yield "broken-cut", PMT[:22]


def of_sdt():
    service = b"\x00\x65\xfc\x80\x05\x48\x03\x01\x00\x00"
    yield "ffmpeg", SDT
    yield "no-services", section(0x42, b"\0\1\xff")
    yield "other", section(0x46, b"\0\1\xff" + service)
    yield "scrambled", section(0x42, b"\0\1\xff" + flip(service, 3, 0x10), version=31)
    yield "mixed", section(0x42, b"\0\1\xff" + service + flip(service, 3, 0x10))
    yield "ca-identifier", section(0x42, b"\0\1\xff\0\1\xff\x90\x04\x53\x02\x4a\xee")
    yield "full", section(0x42, b"\0\1\xff" + b"\0\1\xfc\x80\0" * 201)
    yield "second-of-two", section(0x42, b"\0\1\xff" + service, number=1, last=1)
    yield "next", section(0x42, b"\0\1\xff" + service, current=0)
    yield "broken-over-1024", section(0x42, b"\0\1\xff" + b"\0\1\xfc\x80\0" * 202)
    yield "broken-number-over-last", section(0x42, b"\0\1\xff" + service, number=1)
    yield "broken-two-bytes", section(0x42, b"\0\1")
    yield "broken-half-a-service", section(0x42, b"\0\1\xff" + service[:4])
    yield "broken-loop-past-the-end", section(0x42, b"\0\1\xff" + service[:-1])
    yield "broken-descriptor", section(0x42, b"\0\1\xff" + flip(service, 6, 4))
    yield "broken-table", section(0x4A, b"\0\1\xff" + service)
    yield "broken-crc", flip(SDT, 14, 0x10)
    yield "broken-cut", SDT[:30]


def of_rtp():
    fixed = bytes.fromhex("21068cf9a89ac12704319a")
    ts = packets(PMT) * 7
    yield "ffmpeg", b"\x80" + fixed + ts
    yield "one-packet", b"\x80" + fixed + ts[:188]
    yield "marker", b"\x80" + flip(fixed, 0, 0x80) + ts[:188]
    yield "header-alone", b"\x80" + fixed
    yield "csrc", b"\x82" + fixed + bytes(8) + ts[:188]
    yield "csrc-15", b"\x8f" + fixed + bytes(60)
    yield "extension", b"\x90" + fixed + b"\xbe\xde\0\1abcd" + ts[:188]
    yield "extension-empty", b"\x90" + fixed + b"\xbe\xde\0\0"
    yield "padding", b"\xa0" + fixed + ts[:188] + b"\0\0\0\4"
    yield "padding-all", b"\xa0" + fixed + b"\0\2"
    yield "everything", b"\xb1" + fixed + b"csrc" + b"\0\0\0\1abcd" + ts[:188] + b"\1"
    yield "broken-version", b"\x40" + fixed + ts[:188]
    yield "broken-csrc-past-the-end", b"\x8f" + fixed + bytes(59)
    yield "broken-extension-past-the-end", b"\x90" + fixed + b"\0\0\xff\xff" + bytes(20)
    yield "broken-extension-cut", b"\x90" + fixed + b"\0\0\0"
    yield "broken-padding-zero", b"\xa0" + fixed + ts[:188] + b"\0"
    yield "broken-padding-past-the-start", b"\xa0" + fixed + b"\0\0\4"
    yield "broken-padding-of-nothing", b"\xa0" + fixed
    yield "broken-eleven-bytes", (b"\x80" + fixed)[:11]


def main():
    makers = {"ts_packet": of_packet, "ts_assemble": of_assemble, "ts_section": of_section, "ts_desc": of_desc,
              "ts_pat": of_pat, "ts_cat": of_cat, "ts_pmt": of_pmt, "ts_sdt": of_sdt, "ts_rtp": of_rtp}
    for target, maker in makers.items():
        folder = os.path.join(CORPUS, target)
        os.makedirs(folder, exist_ok=True)
        seeds = dict(maker())
        for name, data in seeds.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        print(f"{target}: {len(seeds)} seeds")


if __name__ == "__main__":
    main()
