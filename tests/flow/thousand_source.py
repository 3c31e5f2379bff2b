#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the multiplexes of thousand_plan.py in real time until it is told to end; prints how many datagrams of each as JSON.

    thousand_source.py BLOCK INPUTS ADDRESS

Every payload says whose it is, which of its PID, and when it was sent; the rest is cut from the file BLOCK.
"""

import json
import signal
import socket
import struct
import sys
import time

import live_ts as ts
import port_frames as net
import thousand_plan as plan

VIDEO_AT = (0, 1, 3, 6)  # packets of a datagram; the last is content, so that it closes a datagram
PSI_AT, NULL_AT, AUDIO_AT = 2, 4, 5
STAMP = struct.Struct(plan.STAMP)
HEAD_PCR = 12            # bytes before the payload of a packet with a PCR


class Multiplex:
    def __init__(self, number, block):
        self.number, self.block, self.address = number, block, (plan.address_in(number), net.PORT)
        self.sent = 0
        self.seq = {}
        programs = [ts.Program(plan.number(number, p), plan.pmt_pid(p), plan.media_pids(p)[0],
                               [ts.Stream(plan.media_pids(p)[0], 0x1B), ts.Stream(plan.media_pids(p)[1], 0x0F)]) for p in range(plan.PROGRAMS)]
        self.psi = [(ts.PAT_PID, ts.stuffed(ts.Mux(programs).pat()))] + [(p.pmt_pid, ts.stuffed(p.pmt())) for p in programs]
        self.datagram = bytearray(ts.NULL * 7)

    def _content(self, slot, pid, now_ns, pcr=None):
        seq = self.seq.get(pid, 0)
        self.seq[pid] = seq + 1
        at, data = ts.BYTES * slot, self.datagram
        end = at + ts.BYTES
        struct.pack_into(">BHB", data, at, 0x47, pid, (0x10 if pcr is None else 0x30) | seq & 15)
        payload = at + 4
        if pcr is not None:
            data[at + 4] = 7
            data[at + 5:at + HEAD_PCR] = ts.pcr_field(pcr)
            payload = at + HEAD_PCR
        cut = (seq * 191 + pid * 7 + self.number * 13) % (plan.BLOCK_BYTES - ts.BYTES)
        STAMP.pack_into(data, payload, plan.MAGIC, self.number, pid, seq, cut, now_ns)
        payload += STAMP.size
        data[payload:end] = self.block[cut:cut + end - payload]

    def next(self):
        """The next datagram, of this moment."""
        turn, now_ns = self.sent, time.time_ns()
        pcr = turn * plan.DATAGRAM_MS * ts.CLOCK_HZ // 1000
        for programme, slot in enumerate(VIDEO_AT):
            self._content(slot, plan.media_pids(programme)[0], now_ns, pcr)
        self._content(AUDIO_AT, plan.media_pids(turn % plan.PROGRAMS)[1], now_ns)
        pid, section = self.psi[turn % len(self.psi)]
        cc = turn // len(self.psi) & 15
        self.datagram[ts.BYTES * PSI_AT:ts.BYTES * (PSI_AT + 1)] = ts.packet(pid, cc, section, start=True)
        self.sent += 1
        return self.datagram


def main():
    block, inputs, address = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    with open(block, "rb") as file:
        bytes_of_block = file.read()
    multiplexes = [Multiplex(i, bytes_of_block) for i in range(inputs)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 8)
        out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        start, step_s = time.monotonic(), plan.DATAGRAM_MS / 1000 / inputs
        while not ending:
            for multiplex in multiplexes:
                ahead = start - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)
                start += step_s
                out.sendto(multiplex.next(), multiplex.address)
    print(json.dumps([m.sent for m in multiplexes]))


if __name__ == "__main__":
    main()
