#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice of ciphers: what is told of it, what the configuration lowers, what it names, and no READY without known answers."""

import json
import os
import re
import subprocess
import unittest

import live_ts as ts
import port_plant
from port_plant import program

ALGORITHMS = tuple(port_plant.CW_BYTES)
FEATURES = ["aes", "avx2", "vaes", "avx512", "vbmi", "gfni"]


class Ciphers(port_plant.Case):
    def prepare(self, **ciphers):
        """A programme of every algorithm from a file to a file."""
        mux = ts.Mux([ts.Program(n, 0x1000 + n, n * 16, [ts.Stream(n * 16, 0x1B)]) for n in range(11, 11 + len(ALGORITHMS))], rate_bps=2_000_000).run(5)
        ts.write(self.path("in.ts"), mux.packets)
        port_plant.make_keys(self.path("keys.txt"), {f"g-{a}": (a, 1000, 12) for a in ALGORITHMS})
        self.configure(port_plant.document(
            [{"name": "f", "driver": "file", "rx": "in.ts", "tx": "out.ts"}], [{"name": "in", "port": "f"}], [{"name": "out", "port": "f"}],
            [port_plant.service(f"s{n}", n, "in", "out", a, f"g-{a}") for n, a in enumerate(ALGORITHMS, 11)], ciphers=ciphers))

    def told(self):
        """{algorithm: [implementations]}, by --ciphers with the configuration."""
        run = subprocess.run([program("BULKHEAD_DATAPLANE"), "--ciphers", "--json", "--config", self.path("dataplane.json")],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=port_plant.WAIT_S, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return {one["algorithm"]: one["implementations"] for one in json.loads(run.stdout)["ciphers"]}

    def run_and_judge(self):
        """Every programme comes back as it was; what runs is what was told. Returns {algorithm: name and isa}."""
        told = {a: [(of["name"], of["isa"], of["lanes"]) for of in all_of if of["chosen"]] for a, all_of in self.told().items()}
        stats = self.run_dataplane()
        self.assertEqual({of["algorithm"]: [(of["name"], of["isa"], of["lanes"])] for of in stats["ciphers"]}, told)
        with open(self.path("dataplane.log"), encoding="utf-8") as log:
            self.assertEqual(re.findall(r"algorithm=(\S+) name=\S+ isa=\"[^\"]+\" lanes=\d+", log.read()), list(told))
        self.open(self.path("out.ts"), self.path("opened.ts"), {n: f"g-{a}" for n, a in enumerate(ALGORITHMS, 11)})
        for n, a in enumerate(ALGORITHMS, 11):
            self.judge(self.path("in.ts"), self.path("out.ts"), self.path("opened.ts"), a, n)
        return {a: one[0][:2] for a, one in told.items()}

    def test_features_taken_away(self):
        seen = []
        for without in (["avx512"], ["vaes", "gfni", "vbmi"], FEATURES):
            self.prepare(without=without)
            chosen = self.run_and_judge()
            self.assertEqual({name for name, _ in chosen.values()}, {"bulkhead"})
            for a, all_of in self.told().items():
                self.assertFalse([of for of in all_of if of["chosen"] and set(of["needs"]) & set(without)], a)
            seen.append(chosen)
        self.assertEqual({isa for _, isa in seen[-1].values()}, {"portable"})

    def test_named(self):
        self.prepare()
        there = {a: [of["name"] for of in all_of if of["runs"] and of["name"] != "bulkhead"] for a, all_of in self.told().items()}
        for pick in (0, -1):
            names = {a: all_of[pick] for a, all_of in there.items()}
            self.prepare(implementations=names)
            self.assertEqual({a: name for a, (name, _) in self.run_and_judge().items()}, names)

    def test_no_known_answers_no_ready(self):
        self.prepare()
        run = subprocess.run([program("BULKHEAD_DATAPLANE_FAULTY"), "--config", self.path("dataplane.json"), "--fault", "answers"],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=port_plant.WAIT_S, check=False)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("gives wrong answers on this processor and must not go on air", run.stderr)
        self.assertIn("/ciphers/without", run.stderr)
        self.assertNotIn("READY", run.stderr + run.stdout)
        self.assertFalse(os.path.exists(self.path("out.ts")) and os.path.getsize(self.path("out.ts")))

    def test_statistics_as_documented(self):
        """The members of the document in docs/dataplane-stats.md are those that are written."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "dataplane-stats.md"), encoding="utf-8") as file:
            sample = json.loads(re.search(r"```json\n(.*?)```", file.read(), re.S)[1])
        self.prepare()
        stats = self.run_dataplane()
        self.assertEqual(sorted(stats), sorted(sample))
        for name in ("services", "groups", "inputs", "outputs", "workers", "ciphers", "ports"):
            self.assertEqual(sorted(stats[name][0]), sorted(sample[name][0]), name)
        told, said = (document["workers"][0]["batches_of"]["csa2"] for document in (stats, sample))
        self.assertEqual({k: len(v) if isinstance(v, list) else 0 for k, v in told.items()},
                         {k: len(v) if isinstance(v, list) else 0 for k, v in said.items()})


if __name__ == "__main__":
    unittest.main()
