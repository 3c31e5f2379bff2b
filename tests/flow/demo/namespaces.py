# SPDX-License-Identifier: GPL-3.0-or-later
"""Three network namespaces in a row, joined by two veth pairs:

      source                appliance                 receivers
    +-----------+         +----------------+         +-----------+
    | src0      |---------| bh-in   bh-out |---------| rcv0      |
    | 10.0.1.1  |         | (no addresses) |         | 10.0.2.2  |
    +-----------+         +----------------+         +-----------+

A namespace lives as long as the process that holds it: `unshare --net` around a sleep. It has no name that could be
left behind, and it works inside a chroot, where `ip netns exec` cannot.

Run as a program it says whether namespaces are possible: exit status 0, or 77 when not.
"""

import os
import subprocess
import sys

import programs

SOURCE_IP = "10.0.1.1"
RECEIVER_IP = "10.0.2.2"
RECEIVER_INTERFACE = "rcv0"
HOLD = ["unshare", "--net", "sleep", "infinity"]


def possible():
    """True when this process may make a namespace, a veth pair in it and a raw socket."""
    if os.geteuid() != 0:
        return False
    script = "ip link add probe0 type veth peer name probe1 && ip link set probe0 up"
    return subprocess.run(["unshare", "--net", "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


class Namespace:
    def __init__(self, name, log_dir):
        self.holder = programs.Program(f"namespace-{name}", HOLD, log_dir)
        mine = os.readlink("/proc/self/ns/net")
        programs.until(f"the namespace '{name}'", lambda: self._net() not in (None, mine), 10, [self.holder])

    def _net(self):
        try:
            return os.readlink(f"/proc/{self.holder.pid}/ns/net")
        except OSError:
            return None

    @property
    def prefix(self):
        """What to put before a command so that it runs in here."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]

    def do(self, *commands):
        for command in commands:
            subprocess.run([*self.prefix, *command.split()], check=True, stdin=subprocess.DEVNULL)

    def quiet(self):
        """No IPv6 chatter on the links."""
        subprocess.run([*self.prefix, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; ip link set lo up"],
                       check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Line:
    """The three namespaces and the links between them; close() ends them and all that they hold."""

    def __init__(self, log_dir):
        self.spaces = []
        try:
            for name in ("source", "appliance", "receivers"):
                self.spaces.append(Namespace(name, log_dir))
                self.spaces[-1].quiet()
            self.source, self.appliance, self.receivers = self.spaces
            self._link()
        except BaseException:
            self.close()
            raise

    def _link(self):
        self.appliance.do(
            f"ip link add bh-in type veth peer name src0 netns {self.source.holder.pid}",
            f"ip link add bh-out type veth peer name rcv0 netns {self.receivers.holder.pid}",
            "ip link set bh-in up",
            "ip link set bh-out up")
        self.source.do(f"ip addr add {SOURCE_IP}/24 dev src0", "ip link set src0 up",
                       "ip route add 224.0.0.0/4 dev src0")
        self.receivers.do(f"ip addr add {RECEIVER_IP}/24 dev rcv0", "ip link set rcv0 up")

    def close(self):
        for space in self.spaces:
            space.holder.kill()


if __name__ == "__main__":
    sys.exit(0 if possible() else 77)
