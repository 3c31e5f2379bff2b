#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live multicast through af_packet ports on two workers; what arrives at one and belongs to the other is handed over.

Runs inside tests/netns/port_veth.sh. The kernel spreads flows over the workers' sockets by a hash that nobody can foretell;
the noise comes from so many source ports that both get some of it.
"""

import os
import socket
import threading
import time
import unittest

import live_ts as ts
import port_frames as net
import port_plant

SERVICES, SECONDS = 4, 6
NOISE = "239.1.9.9"
SO_RCVBUFFORCE = 33  # asm-generic/socket.h
ALGORITHMS = ("csa2", "cissa", "csa1", "cissa")


class Receiver(threading.Thread):
    """Everything that comes out of a wire."""

    def __init__(self, interface):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.bind((interface, 0))
        self.socket.settimeout(0.1)
        self.frames, self.ending = [], False

    def run(self):
        while True:
            try:
                frame, address = self.socket.recvfrom(65536)
            except TimeoutError:
                if self.ending:
                    return
                continue
            if address[2] != socket.PACKET_OUTGOING:
                self.frames.append(frame)

    def end(self):
        """What is on its way is taken; then all frames."""
        self.ending = True
        self.join()
        self.socket.close()
        return self.frames


class Veth(port_plant.Case):
    def setUp(self):
        super().setUp()
        self.muxes = []
        for n in range(1, SERVICES + 1):
            pids = 0x100 * n
            program = ts.Program(n, 0x1000 + n, pids, [ts.Stream(pids, 0x1B, share=4), ts.Stream(pids + 1, 0x0F)])
            self.muxes.append(ts.Mux([program], rate_bps=800_000, null_share=0.1 if n % 2 else 0, seed=n).run(SECONDS))
            ts.write(self.path(f"source{n}.ts"), self.muxes[-1].packets)
        port_plant.make_keys(self.path("keys.txt"), {f"g{n + 1}": (ALGORITHMS[n], 1000, 20) for n in range(SERVICES)})
        cpus = sorted(os.sched_getaffinity(0))
        inputs = [{"name": f"i{n}", "port": "in", "group": f"239.1.1.{n}", "udp_port": net.PORT} for n in range(1, SERVICES + 1)]
        inputs += [{"name": "noise", "port": "in", "group": NOISE, "udp_port": net.PORT}]
        outputs = [{"name": f"o{n}", "port": "out", "group": f"239.2.1.{n}", "udp_port": net.PORT, "source": "10.0.2.1"} for n in range(1, SERVICES + 1)]
        outputs += [{"name": "noise", "port": "out", "group": "239.2.9.9", "udp_port": net.PORT, "source": "10.0.2.1"}]
        services = [port_plant.service(f"s{n}", n, f"i{n}", f"o{n}", ALGORITHMS[n - 1], f"g{n}") for n in range(1, SERVICES + 1)]
        services += [port_plant.service("noise", 9, "noise", "noise", None)]
        self.configure(port_plant.document([{"name": p, "driver": "af_packet", "interface": f"bh-{p}"} for p in ("in", "out")], inputs, outputs, services,
                                           workers=[{"core": cpus[0]}, {"core": cpus[-1]}]))

    def send(self):
        """All streams in real time, and noise from many source ports between them."""
        senders, stray = [], ts.packet(0x1ABC, 0, bytes(184))
        for _ in range(33):
            senders.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            senders[-1].bind(("10.0.1.1", 0))
            self.addCleanup(senders[-1].close)
        timed = []
        for n, mux in enumerate(self.muxes, 1):
            rows = list(net.datagrams(mux.packets))
            timed += [(i / len(rows) * SECONDS, f"239.1.1.{n}", row) for i, row in enumerate(rows)]
        start = time.monotonic()
        for i, (at, group, row) in enumerate(sorted(timed)):
            ahead = at - (time.monotonic() - start)
            if ahead > 0.001:
                time.sleep(ahead)  # the pace of the streams
            senders[0].sendto(row, (group, net.PORT))
            if i % 3 == 0:
                senders[1 + i // 3 % 32].sendto(stray, (NOISE, net.PORT))

    def test_two_workers(self):
        receiver = Receiver("rcv0")
        receiver.start()
        running = self.start()
        running.ready()
        self.send()
        running.until("the last of every stream", self.all_in)
        self.assertEqual(running.stop(), 0, running.text())
        frames = receiver.end()
        stats = self.stats()
        self.assertGreater(sum(worker["handed_over"] for worker in stats["workers"]), 0)
        self.assertEqual([worker["drops"] for worker in stats["workers"]], [{}, {}])
        for i in range(SERVICES):
            self.assertEqual(stats["inputs"][i]["drops"], {})
            self.assertEqual(stats["services"][i]["drops"], {})
            self.assertEqual(stats["services"][i]["continuity_errors"], 0)
        self.assertEqual({one["worker"] for one in stats["inputs"]}, {0, 1})
        for n, algorithm in enumerate(ALGORITHMS, 1):
            capture = self.capture(frames, f"239.2.1.{n}", "capture.ts")
            self.open(capture, self.path("opened.ts"), {n: f"g{n}"})
            self.judge(self.path(f"source{n}.ts"), capture, self.path("opened.ts"), algorithm, n)

    def all_in(self):
        if not os.path.exists(self.path("dataplane-stats.json")):
            return False
        return all(one["in_pkts"] >= len(mux.packets) for one, mux in zip(self.stats()["inputs"], self.muxes))


if __name__ == "__main__":
    unittest.main()
