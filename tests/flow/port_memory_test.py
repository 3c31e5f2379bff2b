#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that are memory: a ring inside one process, and memif between two.

    file -> clear service -> ring or memif -> scrambled service -> file
"""

import os
import unittest

import live_ts as ts
import port_pipe
import port_plant

GROUP, UDP = "239.5.5.5", 5000
RATE_BPS, SECONDS, PACKETS_PER_S = 1_500_000, 8, 3000  # the pace is about three times real time


def programs():
    return [ts.Program(1, 0x1000, 0x101, [ts.Stream(0x101, 0x1B, share=5), ts.Stream(0x102, 0x0F)])]


class Memory(port_plant.Case):
    def setUp(self):
        super().setUp()
        self.mux = ts.Mux(programs(), rate_bps=RATE_BPS, seed=21).run(SECONDS)
        ts.write(self.path("source.ts"), self.mux.packets)
        port_pipe.make(self.path("in.ts"))

    def expect_identical(self, algorithm):
        self.open(self.path("out.ts"), self.path("opened.ts"), {1: "one"})
        self.judge(self.path("source.ts"), self.path("out.ts"), self.path("opened.ts"), algorithm, 1)

    def test_a_cascade_over_a_ring(self):
        port_plant.make_keys(self.path("keys.txt"), {"one": ("cissa", 1000, 40)})
        self.configure(port_plant.document(
            [{"name": "f", "driver": "file", "rx": "in.ts", "tx": "out.ts"}, {"name": "r", "driver": "ring"}],
            [{"name": "in", "port": "f"}, {"name": "again", "port": "r", "group": GROUP, "udp_port": UDP}],
            [{"name": "half", "port": "r", "group": GROUP, "udp_port": UDP, "source": "10.0.0.1"}, {"name": "out", "port": "f"}],
            [port_plant.service("first", 1, "in", "half", None), port_plant.service("second", 1, "again", "out", "cissa", "one")]))
        running = self.start("--until-idle", "1000")
        with port_pipe.Pipe(self.path("in.ts")) as pipe:
            pipe.send(self.mux.packets, PACKETS_PER_S)
        self.assertEqual(running.wait(), 0, running.text())
        stats = self.stats()
        self.assertEqual([one["drops"] for kind in ("services", "inputs", "outputs") for one in stats[kind]], [{}] * 6)
        self.assertEqual(stats["services"][0]["scrambled_pkts"], 0)
        self.assertGreaterEqual(stats["services"][1]["periods"], 7)
        self.expect_identical("cissa")

    def test_memif_between_two_processes(self):
        port_plant.make_keys(self.path("keys.txt"), {"one": ("csa2", 1000, 40)})

        def memif(role):
            return {"name": "m", "driver": "memif", "role": role, "socket": "memif.sock", "id": 3}

        self.configure(port_plant.document(
            [memif("server"), {"name": "f", "driver": "file", "tx": "out.ts"}], [{"name": "again", "port": "m", "group": GROUP, "udp_port": UDP}],
            [{"name": "out", "port": "f"}], [port_plant.service("second", 1, "again", "out", "csa2", "one")]), "server.json")
        self.configure(port_plant.document(
            [{"name": "f", "driver": "file", "rx": "in.ts"}, memif("client")], [{"name": "in", "port": "f"}],
            [{"name": "half", "port": "m", "group": GROUP, "udp_port": UDP, "source": "10.0.0.1"}],
            [port_plant.service("first", 1, "in", "half", None)], keys=None), "client.json")
        server = self.start(config="server.json", name="server")
        server.ready()
        client = self.start(config="client.json", name="client")
        with port_pipe.Pipe(self.path("in.ts")) as pipe:
            client.ready()

            def connected():
                pipe.nulls()
                return os.path.exists(self.path("server-stats.json")) and self.stats("server")["inputs"][0]["datagrams"] > 0
            server.until("datagrams over the memif", connected)
            pipe.send(self.mux.packets, PACKETS_PER_S)
        server.until("the last of the stream", lambda: self.stats("server")["services"][0]["in_pkts"] >= self.owed())
        self.assertEqual(client.stop(), 0, client.text())
        self.assertEqual(server.stop(), 0, server.text())
        stats = self.stats("server")
        self.assertEqual([one["drops"] for kind in ("services", "inputs", "outputs") for one in stats[kind]], [{}] * 3)
        self.assertEqual(stats["services"][0]["continuity_errors"], 0)
        self.expect_identical("csa2")

    def owed(self):
        return sum(ts.pid_of(p) in (0x101, 0x102) for p in self.mux.packets)


if __name__ == "__main__":
    unittest.main()
