# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything that left the appliance went: nothing may go where no output of the configuration is, IGMP apart.

Run as a program it counts what arrives on an interface until SIGTERM, and then says it as JSON in its last line.

    destinations.py INTERFACE
"""

import collections
import json
import signal
import socket
import struct
import sys

PCAP_HEADER, PCAP_RECORD = 24, 16
ETHERNET, VLAN, IPV4 = 14, 0x8100, 0x0800
IGMP, UDP = 2, 17
ENOUGH_BYTES = 96  # of a frame: VLAN tag, IP options and the ports
BUFFER_BYTES = 64 << 20


def of_frame(frame):
    """ "A.B.C.D:PORT", "igmp", or what else it is."""
    at = ETHERNET
    kind = int.from_bytes(frame[at - 2:at], "big")
    if kind == VLAN:
        at += 4
        kind = int.from_bytes(frame[at - 2:at], "big")
    if kind != IPV4 or len(frame) < at + 20:
        return f"ethertype 0x{kind:04x}"
    address, protocol = socket.inet_ntoa(frame[at + 16:at + 20]), frame[at + 9]
    if protocol == IGMP:
        return "igmp"
    ports = at + 4 * (frame[at] & 15)
    if protocol != UDP or len(frame) < ports + 4:
        return f"{address} protocol {protocol}"
    return f"{address}:{int.from_bytes(frame[ports + 2:ports + 4], 'big')}"


def of_pcap(path):
    """All destinations of a capture in the byte order of this machine: {destination: frames}."""
    found = collections.Counter()
    with open(path, "rb") as file:
        file.read(PCAP_HEADER)
        while len(record := file.read(PCAP_RECORD)) == PCAP_RECORD:
            found[of_frame(file.read(struct.unpack_from("<I", record, 8)[0]))] += 1
    return found


def planned(config):
    """The destinations of the outputs in a configuration."""
    with open(config, encoding="utf-8") as file:
        return {f"{output['group']}:{output['udp_port']}" for output in json.load(file)["outputs"]}


def strangers(found, wanted):
    """What went elsewhere."""
    return {where: n for where, n in found.items() if where not in wanted and where != "igmp"}


def listen(interface):
    found = collections.Counter()
    # All that arrives, whoever it is for; what this side sends is not looked at.
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003)) as wire:
        wire.setsockopt(socket.SOL_SOCKET, 33, BUFFER_BYTES)  # SO_RCVBUFFORCE
        wire.bind((interface, 0x0003))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("listening", flush=True)
        try:
            while True:
                frame, (_, _, kind, _, _) = wire.recvfrom(ENOUGH_BYTES)
                if kind != socket.PACKET_OUTGOING:
                    found[of_frame(frame)] += 1
        finally:
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    listen(sys.argv[1])
