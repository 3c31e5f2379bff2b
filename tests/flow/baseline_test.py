#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dataplane runs on any x86-64-v2: on emulated processors it writes what it writes here, byte for byte.

Here its kernels are others, so this is also a test of them in their place.
"""

import unittest

import live_ts as ts
import port_plant

ALGORITHMS = list(port_plant.CW_BYTES)
# A processor, and what it must not choose there.
CPUS = {"Nehalem": ("aes", "avx2", "avx512"), "Haswell": ("vaes", "avx512")}


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Baseline(port_plant.Case):
    def setUp(self):
        super().setUp()
        groups = {f"g{n}": (algorithm, 1000, 12) for n, algorithm in enumerate(ALGORITHMS, 1)}
        port_plant.make_keys(self.path("keys.txt"), groups)
        programs = [ts.Program(n, 0x1000 + n, n * 0x100, [ts.Stream(n * 0x100, 0x1B, share=4), ts.Stream(n * 0x100 + 1, 0x0F)])
                    for n in range(1, len(groups) + 1)]
        ts.write(self.path("in.ts"), ts.Mux(programs, rate_bps=4_000_000).run(3).packets)
        self.services = [port_plant.service(f"s{n}", n, "in", "out", algorithm, f"g{n}") for n, algorithm in enumerate(ALGORITHMS, 1)]

    def scramble(self, name, prefix=()):
        """Returns the output and what was said."""
        self.configure(port_plant.document([{"name": "f", "driver": "file", "rx": "in.ts", "tx": f"{name}.ts"}], [{"name": "in", "port": "f"}],
                                           [{"name": "out", "port": "f"}], self.services), f"{name}.json")
        running = self.start(config=f"{name}.json", name=name, prefix=prefix)
        self.assertEqual(running.wait(), 0, running.text())
        return read(self.path(f"{name}.ts")), running.text()

    def test_same_bytes(self):
        here, _ = self.scramble("here")
        self.assertGreater(len(here), 1_000_000)
        self.assertNotEqual(here, read(self.path("in.ts")))
        for cpu, lacks in CPUS.items():
            with self.subTest(cpu=cpu):
                there, said = self.scramble(cpu, ("qemu-x86_64", "-cpu", cpu))
                for isa in lacks:
                    self.assertNotIn(f'isa="{isa}', said)
                self.assertEqual(len(there), len(here))
                self.assertTrue(there == here, "other bytes than here")


if __name__ == "__main__":
    unittest.main()
