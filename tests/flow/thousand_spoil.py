# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture spoiled in known places, to see that thousand_verdict finds each."""

import struct

import live_ts as ts
import thousand_plan as plan

ENHANCED_PACKET, DATA_AT = 6, 28  # of pcapng
TS_AT = 14 + 20 + 8               # behind Ethernet, IPv4 and UDP


class Capture:
    """The blocks of a pcapng file of this machine's byte order."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        at, self.blocks = 0, []
        while at < len(data):
            size = struct.unpack_from("=I", data, at + 4)[0]
            self.blocks.append(bytearray(data[at:at + size]))
            at += size

    def write(self, path):
        with open(path, "wb") as file:
            file.write(b"".join(self.blocks))

    def datagrams(self, address):
        """Indexes of the blocks that went to a multicast address."""
        binary = bytes(int(part) for part in address.split("."))
        return [i for i, b in enumerate(self.blocks) if struct.unpack_from("=I", b)[0] == ENHANCED_PACKET and b[DATA_AT + 30:DATA_AT + 34] == binary]

    def packet(self, index, pid):
        """Where the first packet of a PID stands in a block, or None."""
        block = self.blocks[index]
        for at in range(DATA_AT + TS_AT, len(block) - 4 - ts.BYTES + 1, ts.BYTES):
            if block[at] == 0x47 and ts.pid_of(block[at:at + ts.BYTES]) == pid:
                return at
        return None

    def middle(self, address, pid):
        """(block, place) of a packet of a PID in the middle of the capture."""
        found = [(i, at) for i in self.datagrams(address) if (at := self.packet(i, pid)) is not None]
        return found[len(found) // 2]


def clear_payload(block, service, pid):
    cut = 99
    stamp = struct.pack(plan.STAMP, plan.MAGIC, service.input, pid, 7, cut, 0)
    return stamp + block[cut:cut + 184 - len(stamp)]


def spoil(capture, services, block):
    """Does one thing to each of seven services with an output of their own; returns [(event, service's name or address)]."""
    def where(service):
        pid = plan.media_pids(service.programme)[0]
        return pid, *capture.middle(plan.address_out(service.output), pid)

    doubled, lost, clear, parity, bit, strange, foreign = services
    done = []
    for service in (clear, strange):
        pid, index, at = where(service)
        if service is strange:
            pid = 0x1000
        capture.blocks[index][at:at + ts.BYTES] = ts.packet(pid, 0, clear_payload(block, service, pid))
    done += [("clear", clear.name), ("gap", clear.name), ("gap", strange.name),
             ("strange", bytes(int(n) for n in plan.address_out(strange.output).split(".")).hex())]
    _, index, at = where(parity)
    capture.blocks[index][at + 3] ^= 0x40
    _, index, at = where(bit)
    capture.blocks[index][at + ts.BYTES - 1] ^= 1
    done += [(what, s.name) for s in (parity, bit) for what in ("unopened", "gap")]
    _, index, at = where(foreign)
    other = capture.middle(plan.address_out(bit.output), plan.media_pids(bit.programme)[1])
    capture.blocks[index][at + 12:at + ts.BYTES] = capture.blocks[other[0]][other[1] + 12:other[1] + ts.BYTES]
    done += [("unopened", foreign.name), ("gap", foreign.name)]
    _, index, _ = where(doubled)
    capture.blocks.insert(index, capture.blocks[index])
    _, index, _ = where(lost)
    del capture.blocks[index]
    return done + [("late", doubled.name), ("gap", lost.name)]
