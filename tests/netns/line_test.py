#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's three namespaces: multicast crosses each link, no other, and nothing stays behind.

      source                appliance                 receivers
    +-----------+         +----------------+         +-----------+
    | src0      |---------| bh-in   bh-out |---------| rcv0      |
    +-----------+         +----------------+         +-----------+

    line_test.py DEMO      DEMO: the folder with namespaces.py
"""

import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[1])

import namespaces  # noqa: E402
import programs  # noqa: E402

# In the appliance: prints "ready", then the interface and the payload of the first datagram to the group.
LISTEN = """
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
print("ready", flush=True)
while True:
    frame, where = s.recvfrom(2048)
    if frame[30:34] == socket.inet_aton("239.1.1.9"):
        print(where[0], frame[42:].decode(), flush=True)
        break
"""

SEND = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.0.1.1"))
s.sendto(b"hello", ("239.1.1.9", 5000))
"""


def cross(line, folder):
    """What the appliance heard of a datagram from the source."""
    listener = programs.Program("listener", [sys.executable, "-c", LISTEN], folder, line.appliance.prefix)
    programs.until("the listener", lambda: listener.said("ready"), 10, [listener])
    programs.run([sys.executable, "-c", SEND], folder, "sender", line.source.prefix, 10)
    listener.wait(10)
    with open(listener.log, encoding="utf-8") as file:
        return file.read().split("\n")[1]


def interfaces(space):
    run = subprocess.run([*space.prefix, "ip", "-o", "link"], capture_output=True, text=True, check=True)
    return sorted(line.split(": ")[1].split("@")[0] for line in run.stdout.strip().split("\n"))


def main():
    if not namespaces.possible():
        print("network namespaces are not possible here")
        return 77
    # An end by signal unwinds like an error, so that nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bulkhead-line-") as folder:
        line = namespaces.Line(folder)
        try:
            found = [interfaces(space) for space in line.spaces]
            if found != [["lo", "src0"], ["bh-in", "bh-out", "lo"], ["lo", "rcv0"]]:
                wrong.append(f"interfaces: {found}")
            heard = cross(line, folder)
            if heard != "bh-in hello":
                wrong.append(f"the appliance heard '{heard}'")
        finally:
            line.close()
        left = [space.holder.pid for space in line.spaces if os.path.exists(f"/proc/{space.holder.pid}")]
        if left:
            wrong.append(f"holders left behind: {left}")
    for text in wrong:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
