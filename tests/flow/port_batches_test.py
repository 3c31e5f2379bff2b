#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A multiplex of 200 services, each with a key of its own: the worker's batches mix them, and only an edge leaves one unfilled."""

import unittest

import live_ts as ts
import port_frames as net
import port_plant

IN, SERVICES = "239.1.1.9", 200
ALGORITHMS = ("csa2", "cissa")


def algorithm(number):
    return ALGORITHMS[number % 2]


def programs():
    return [ts.Program(n, 0x1000 + n, 0x100 + n, [ts.Stream(0x100 + n, 0x1B)]) for n in range(1, SERVICES + 1)]


def histogram(counts, labels):
    all_of = sum(counts)
    return "  ".join(f"{label}: {100 * count / all_of:.1f} %" for label, count in zip(labels, counts) if count)


def show(name, of):
    batches = sum(of["fill_16ths"])
    print(f"{name}, {of['name']} {of['isa']}: {batches} batches of up to {of['full_lanes']} lanes, {of['lanes'] / batches:.1f} lanes and "
          f"{of['keys'] / batches:.1f} keys each")
    print("  sixteenths filled  " + histogram(of["fill_16ths"], range(1, 17)))
    print("  keys               " + histogram(of["keys_log2"], ["1", "2"] + [f"{2 ** i // 2 + 1}-{2 ** i}" for i in range(2, 10)]))


class Batches(port_plant.Case):
    def test_200_services(self):
        mux = ts.Mux(programs(), rate_bps=40_000_000)
        mux.PSI_PKTS = 20_000  # 200 PMTs
        mux.run(2)
        net.write_pcap(self.path("in.pcap"), [net.frame(row, IN) for row in net.datagrams(mux.packets)])
        port_plant.make_keys(self.path("keys.txt"), {f"g{n}": (algorithm(n), 10_000, 3) for n in range(1, SERVICES + 1)})
        self.configure(port_plant.document(
            [{"name": "p", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}], [{"name": "in", "port": "p", "group": IN, "udp_port": net.PORT}],
            [{"name": "out", "port": "p", "group": "239.2.1.1", "udp_port": net.PORT, "source": "10.0.2.1"}],
            [port_plant.service(f"s{n}", n, "in", "out", algorithm(n), f"g{n}") for n in range(1, SERVICES + 1)], batch_wait_us=10_000))
        stats = self.run_dataplane("--until-idle", "400")
        self.assertEqual([one["drops"] for one in stats["services"] + stats["outputs"]], [{}] * (SERVICES + 1))
        batches_of = stats["workers"][0]["batches_of"]
        self.assertEqual(sorted(batches_of), sorted(ALGORITHMS))
        for name, of in batches_of.items():
            show(name, of)
            batches = sum(of["fill_16ths"])
            self.assertEqual(sum(of["keys_log2"]), batches)
            self.assertEqual(of["lanes"], sum(s["scrambled_pkts"] + s["untouched_pkts"] for s in stats["services"] if s["algorithm"] == name))
            self.assertGreater(of["keys"] / batches, 8)
            self.assertGreater(of["lanes"] / batches, of["full_lanes"] / 8)
        self.assertEqual(sum(sum(of["fill_16ths"]) for of in batches_of.values()), stats["workers"][0]["batches"])


if __name__ == "__main__":
    unittest.main()
