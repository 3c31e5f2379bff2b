# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends bad input for some seconds: datagrams that are no TS to a good group, and bad transport packets to a group of their own.

    hostile_sender.py SECONDS SOURCE_IP GOOD_GROUP BAD_GROUP PORT PROGRAM
"""

import random
import socket
import struct
import sys
import time

PMT_PID, VIDEO_PID = 0x1000, 0x0100


def crc32(data):
    """CRC_32 of ISO/IEC 13818-1 annex A."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


def section(table_id, extension, body, broken=False):
    head = bytes([table_id]) + struct.pack(">H", 0xB000 | (len(body) + 9)) + struct.pack(">H", extension) + b"\xc1\0\0"
    return head + body + struct.pack(">I", crc32(head + body) ^ broken)


def packet(pid, payload, cc, start=False, tsc=0, afc=1):
    head = struct.pack(">BHB", 0x47, pid | (0x4000 if start else 0), tsc << 6 | afc << 4 | cc & 15)
    return (head + payload + b"\xff" * 184)[:188]


def psi(pid, data, cc):
    return packet(pid, b"\0" + data, cc, start=True)


def pat(program, broken=False):
    return section(0, 1, struct.pack(">HH", program, 0xE000 | PMT_PID), broken)


def pmt(program, broken=False):
    return section(2, program, struct.pack(">HH", 0xE000 | VIDEO_PID, 0xF000) + struct.pack(">BHH", 0x1B, 0xE000 | VIDEO_PID, 0xF000), broken)


def no_ts(dice):
    """Datagrams without transport packets: wrong lengths, no sync byte, noise; one that IP has to fragment."""
    good = packet(VIDEO_PID, b"", 0)
    return [b"", b"\x47", good[:187], good + b"\x47", b"\0" * 188, b"\0" * 1316, dice.randbytes(1316), dice.randbytes(dice.randrange(1, 1400)),
            dice.randbytes(3000)]


def bad_ts(dice, program, cc):
    """Datagrams with transport packets that are bad one by one, after a good PAT and PMT."""
    noise = dice.randbytes(184)
    good = [psi(0, pat(program), cc), psi(PMT_PID, pmt(program), cc), packet(VIDEO_PID, noise, cc)]
    bad = [psi(0, pat(program, broken=True), cc + 1), psi(PMT_PID, pmt(program, broken=True), cc + 1),
           psi(PMT_PID, b"\x02\xbf\xff" + noise, cc + 2),
           packet(PMT_PID, b"\xff" + noise, cc + 3, start=True),  # a pointer_field past the packet
           packet(VIDEO_PID, noise, cc, tsc=2),                   # scrambled already
           packet(VIDEO_PID, b"\xb8" + noise, cc, afc=3),         # an adaptation field that does not fit
           packet(VIDEO_PID, noise, cc, afc=0),
           packet(0x0ABC, noise, cc),                             # in no table
           b"\x47\x81" + dice.randbytes(186),                     # transport_error_indicator
           b"\x46" + dice.randbytes(187)]
    dice.shuffle(bad)
    return [b"".join(good), *(b"".join([good[2], *bad[i:i + 6]]) for i in range(0, len(bad), 6)), b"\x47".join([dice.randbytes(187)] * 7)]


def main(seconds, source, good_group, bad_group, port, program):
    seed = int(time.time())
    print(f"seed {seed}", flush=True)
    dice = random.Random(seed)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
    end, cc = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for group, datagrams in ((good_group, no_ts(dice)), (bad_group, bad_ts(dice, program, cc))):
            for datagram in datagrams:
                out.sendto(datagram, (group, port))
        out.sendto(dice.randbytes(1316), ("239.9.9.9", port))  # no input at all
        cc += 1
        time.sleep(0.02)  # the pace of the sender, about 700 datagrams a second


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
