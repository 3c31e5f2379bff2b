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

SECONDS = 6
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
            except OSError:  # the wire is gone
                return
            if address[2] != socket.PACKET_OUTGOING:
                self.frames.append(frame)

    def end(self):
        """What is on its way is taken; then all frames."""
        self.ending = True
        self.join()
        self.socket.close()
        return self.frames


def igmp_groups(frames):
    """Groups in IGMPv3 reports, as (group, record type), RFC 3376 clause 4.2."""
    found = set()
    for frame in frames:
        if frame[12:14] == b"\x08\x00" and frame[23] == 2:
            report = frame[14 + (frame[14] & 15) * 4:]
            if report[0] == 0x22:
                found.add((socket.inet_ntoa(report[12:16]), report[8]))
    return found


class Veth(port_plant.Case):
    def stream(self, number, algorithm, per_row=7, output=None, **more):
        """A service with its own input, output and scrambling group."""
        pids = 0x100 * number
        program = ts.Program(number, 0x1000 + number, pids, [ts.Stream(pids, 0x1B, share=4), ts.Stream(pids + 1, 0x0F)])
        mux = ts.Mux([program], seed=number, **more).run(SECONDS)
        ts.write(self.path(f"source{number}.ts"), mux.packets)
        self.streams[number] = (algorithm, mux.packets, list(net.datagrams(mux.packets, per_row)))
        self.inputs.append({"name": f"i{number}", "port": "in", "group": f"239.1.1.{number}", "udp_port": net.PORT})
        self.outputs.append({"name": f"o{number}", "port": "out", "group": f"239.2.1.{number}", "udp_port": net.PORT, "source": "10.0.2.1", **(output or {})})
        self.services.append(port_plant.service(f"s{number}", number, f"i{number}", f"o{number}", algorithm, f"g{number}"))

    def setUp(self):
        super().setUp()
        self.streams, self.inputs, self.outputs, self.services = {}, [], [], []

    def send(self):
        """All streams in real time, and noise from many source ports between them."""
        senders, stray = [], ts.packet(0x1ABC, 0, bytes(184))
        for _ in range(33):
            senders.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            senders[-1].bind(("10.0.1.1", 0))
            self.addCleanup(senders[-1].close)
        timed = [(i / len(rows) * SECONDS, f"239.1.1.{n}", row) for n, (_, _, rows) in self.streams.items() for i, row in enumerate(rows)]
        start = time.monotonic()
        for i, (at, group, row) in enumerate(sorted(timed)):
            ahead = at - (time.monotonic() - start)
            if ahead > 0.001:
                time.sleep(ahead)  # the pace of the streams
            senders[0].sendto(row, (group, net.PORT))
            if i % 3 == 0:
                senders[1 + i // 3 % 32].sendto(stray, (NOISE, net.PORT))

    def play(self):
        """Runs all that was added, and a clear service of noise. Returns statistics, and the frames at both ends."""
        port_plant.make_keys(self.path("keys.txt"), {f"g{n}": (algorithm, 1000, 20) for n, (algorithm, _, _) in self.streams.items()})
        cpus = sorted(os.sched_getaffinity(0))
        noise = {"name": "noise", "port": "out", "group": "239.2.9.9", "udp_port": net.PORT, "source": "10.0.2.1"}
        self.configure(port_plant.document(
            [{"name": p, "driver": "af_packet", "interface": f"bh-{p}"} for p in ("in", "out")],
            self.inputs + [{"name": "noise", "port": "in", "group": NOISE, "udp_port": net.PORT}], self.outputs + [noise],
            self.services + [port_plant.service("noise", 99, "noise", "noise", None)], workers=[{"core": cpus[0]}, {"core": cpus[-1]}]))
        receivers = [Receiver("rcv0"), Receiver("src0")]
        for receiver in receivers:
            receiver.start()
        running = self.start()
        running.ready()
        self.send()
        running.until("the last of every stream", self.all_in)
        self.assertEqual(running.stop(), 0, running.text())
        stats = self.stats()
        for kind in ("inputs", "services"):
            self.assertEqual([one["drops"] for one in stats[kind][:-1]], [{}] * len(self.streams))
        self.assertEqual([one["continuity_errors"] for one in stats["services"]], [0] * len(stats["services"]))
        return stats, *(receiver.end() for receiver in receivers)

    def all_in(self):
        if not os.path.exists(self.path("dataplane-stats.json")):
            return False
        return all(one["in_pkts"] >= len(packets) for one, (_, packets, _) in zip(self.stats()["inputs"], self.streams.values()))

    def expect_identical(self, frames, number):
        capture = self.capture(frames, f"239.2.1.{number}", "capture.ts")
        self.open(capture, self.path("opened.ts"), {number: f"g{number}"})
        self.judge(self.path(f"source{number}.ts"), capture, self.path("opened.ts"), self.streams[number][0], number)

    def test_two_workers(self):
        for n, algorithm in enumerate(ALGORITHMS, 1):
            self.stream(n, algorithm, rate_bps=800_000, null_share=0.1 if n % 2 else 0)
        stats, out, back = self.play()
        self.assertGreater(sum(worker["handed_over"] for worker in stats["workers"]), 0)
        self.assertEqual([worker["drops"] for worker in stats["workers"]], [{}, {}])
        self.assertEqual({one["worker"] for one in stats["inputs"]}, {0, 1})
        for n in self.streams:
            self.expect_identical(out, n)
        groups = {one["group"] for one in self.inputs} | {NOISE}
        self.assertEqual({group for group, _ in igmp_groups(back)}, groups, "groups that the network was asked for")

    def test_answers_queries(self):
        """A general query (RFC 3376 clause 4.1) is answered with the state of every group, long before it would be told unasked."""
        self.stream(1, "csa2")
        self.stream(2, "cissa")
        self.inputs[1]["source"] = "10.0.1.1"
        port_plant.make_keys(self.path("keys.txt"), {f"g{n}": (algorithm, 1000, 20) for n, (algorithm, _, _) in self.streams.items()})
        self.configure(port_plant.document([{"name": p, "driver": "af_packet", "interface": f"bh-{p}"} for p in ("in", "out")],
                                           self.inputs, self.outputs, self.services))
        receiver = Receiver("src0")
        receiver.start()
        running = self.start()
        running.ready()
        wanted = {("239.1.1.1", 2), ("239.1.1.2", 1)}  # MODE_IS_EXCLUDE nobody, MODE_IS_INCLUDE the source
        running.until("joins", lambda: {group for group, _ in igmp_groups(list(receiver.frames))} >= {group for group, _ in wanted})
        self.assertEqual(igmp_groups(list(receiver.frames)) & wanted, set(), "the state is told before anybody asks")
        query = bytes.fromhex("1164ec1e00000000027d0000")
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("src0", 0))
            wire.send(net.ethernet(net.ipv4(query, "224.0.0.1", protocol=2, options=b"\x94\x04\0\0"), "224.0.0.1"))
        running.until("answers", lambda: igmp_groups(list(receiver.frames)) >= wanted)
        self.assertEqual(running.stop(), 0, running.text())
        worker = self.stats()["workers"][0]
        self.assertGreaterEqual(worker["igmp_pkts"], 1)
        self.assertNotIn("not_udp", worker["drops"])
        self.assertEqual({kind for group, kind in igmp_groups(receiver.end()) if group == "239.1.1.1"}, {4, 2, 3})  # join, state, leave

    def test_slow_services(self):
        """Seven packets take longer than the deadline: null packets fill the datagram, or it leaves short. Nothing else adds any."""
        self.stream(1, "csa2", per_row=1, rate_bps=150_000, output={"deadline_ms": 20})
        self.stream(2, "cissa", per_row=1, rate_bps=150_000, output={"deadline_ms": 20, "slow": "short"})
        self.stream(3, "csa2", per_row=7, rate_bps=2_000_000, output={"deadline_ms": 1000})
        stats, out, _ = self.play()
        filled, short, fast = stats["outputs"][:3]
        self.assertGreater(filled["deadline_closes"], 50)
        self.assertGreater(filled["null_pkts"], 50)
        self.assertLessEqual(filled["null_pkts"], 6 * (filled["deadline_closes"] + 1))
        self.assertEqual(short["null_pkts"], 0)
        self.assertGreater(short["deadline_closes"], 50)
        self.assertLessEqual(fast["deadline_closes"], 1)  # of the last datagram, when the stream has ended
        self.assertLessEqual(fast["null_pkts"], 6)
        self.assertEqual({len(p) // 188 for p in net.payloads(out, "239.2.1.1")}, {7})
        self.assertGreater(len({len(p) // 188 for p in net.payloads(out, "239.2.1.2")}), 1)
        for n in self.streams:
            self.expect_identical(out, n)


if __name__ == "__main__":
    unittest.main()
