# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends bad input for some seconds: datagrams that are no TS to a good group, and bad transport packets to a group of their own.

    hostile_sender.py SECONDS SOURCE_IP GOOD_GROUP BAD_GROUP PORT PROGRAM
"""

import os
import random
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "flow"))

import live_ts as ts  # noqa: E402

PMT_PID, VIDEO_PID = 0x1000, 0x0100


def bad_crc(section):
    return section[:-1] + bytes([section[-1] ^ 1])


def psi(pid, section, cc):
    return ts.packet(pid, cc, ts.stuffed(section), start=True)


def with_control(packet, adaptation_field_control):
    return packet[:3] + bytes([packet[3] & 0xCF | adaptation_field_control << 4]) + packet[4:]


def no_ts(dice):
    """Datagrams without transport packets: wrong lengths, no sync byte, noise; one that IP has to fragment."""
    good = ts.packet(VIDEO_PID, 0, b"\xff" * 184)
    return [b"", b"\x47", good[:187], good + b"\x47", b"\0" * 188, b"\0" * 1316, dice.randbytes(1316), dice.randbytes(dice.randrange(1, 1400)),
            dice.randbytes(3000)]


def bad_ts(dice, program, cc):
    """Datagrams with transport packets that are bad one by one, after a good PAT and PMT."""
    noise = dice.randbytes(184)
    service = ts.Program(program, PMT_PID, VIDEO_PID, [ts.Stream(VIDEO_PID, 0x1B)])
    pat, pmt = ts.Mux([service]).pat(), service.pmt()
    good = [psi(ts.PAT_PID, pat, cc), psi(PMT_PID, pmt, cc), ts.packet(VIDEO_PID, cc, noise)]
    bad = [psi(ts.PAT_PID, bad_crc(pat), cc + 1), psi(PMT_PID, bad_crc(pmt), cc + 1),
           psi(PMT_PID, b"\x02\xbf\xff" + noise, cc + 2),
           ts.packet(PMT_PID, cc + 3, b"\xff" + noise[1:], start=True),    # a pointer_field past the packet
           ts.packet(VIDEO_PID, cc, noise, tsc=2),                         # scrambled already
           with_control(ts.packet(VIDEO_PID, cc, b"\xb8" + noise[1:]), 3), # an adaptation field that does not fit
           with_control(ts.packet(VIDEO_PID, cc, noise), 0),
           ts.packet(0x0ABC, cc, noise),                                   # in no table
           b"\x47\x81" + dice.randbytes(186),                              # transport_error_indicator
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
