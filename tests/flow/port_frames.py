# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames around transport packets, good ones and deliberately wrong ones, and capture files of them.

Refs: IEEE 802.3, 802.1Q; RFC 791, RFC 768, RFC 3550; the pcap file format with microseconds.
"""

import socket
import struct

SOURCE = "192.0.2.1"
PORT = 5000


def udp(payload, port=PORT, length=None):
    """UDP header and payload; `length` lies."""
    return struct.pack(">HHHH", port, port, 8 + len(payload) if length is None else length, 0) + payload


def ipv4(payload, group, source=SOURCE, protocol=17, flags=0x4000, total=None, first=0x45, options=b""):
    """IPv4 header and payload. `flags` is the word of flags and fragment offset; `total` lies."""
    total = 20 + len(options) + len(payload) if total is None else total
    first += len(options) // 4
    head = struct.pack(">BBHHHBBH", first, 0, total, 0, flags, 16, protocol, 0) + socket.inet_aton(source) + socket.inet_aton(group)
    total = sum(struct.unpack(f">{(20 + len(options)) // 2}H", head + options))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", total ^ 0xFFFF) + head[12:] + options + payload


def ethernet(payload, group="239.0.0.1", ethertype=0x0800, vlan=None):
    """A frame to the group's MAC address, with an 802.1Q tag or without; short ones are padded as on the wire."""
    address = socket.inet_aton(group)
    head = b"\x01\x00\x5e" + bytes([address[1] & 0x7F]) + address[2:] + b"\x02\0\0\0\0\x01"
    if vlan is not None:
        head += struct.pack(">HH", 0x8100, vlan)
    return (head + struct.pack(">H", ethertype) + payload).ljust(60, b"\0")


def frame(payload, group, port=PORT, vlan=None, **ip):
    return ethernet(ipv4(udp(payload, port), group, **ip), group, vlan=vlan)


def rtp(payload, sequence, first=0x80, between=b"", padding=b""):
    """An RTP datagram of payload type 33; `between` are CSRC list and extension, as `first` announces them."""
    return struct.pack(">BBHII", first, 33, sequence & 0xFFFF, sequence * 90 & 0xFFFFFFFF, 0x42) + between + payload + padding


def datagrams(packets, n=7):
    """Rows of n packets; n may be a function that gives the size of the next."""
    at = 0
    while at < len(packets):
        size = n() if callable(n) else n
        yield b"".join(packets[at:at + size])
        at += size


def write_pcap(path, frames, step_us=1000):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i, data in enumerate(frames):
            at = i * step_us
            file.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(data), len(data)) + data)


def read_pcap(path):
    """All frames, from a file in the byte order of this machine."""
    with open(path, "rb") as file:
        data = file.read()
    at, found = 24, []
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return found


def payloads(frames, group):
    """UDP payloads to a group, out of good untagged or tagged frames."""
    for data in frames:
        at = 18 if data[12:14] == b"\x81\x00" else 14
        if data[at - 2:at] == b"\x08\x00" and socket.inet_ntoa(data[at + 16:at + 20]) == group:
            size = struct.unpack_from(">H", data, at + 24)[0]
            yield data[at + 28:at + 20 + size]
