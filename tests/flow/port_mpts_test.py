#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An MPTS with a programme and a group of every algorithm: through one output, split into three, and on one PMT PID."""

import unittest

import live_ts as ts
import live_watch
import port_frames as net
import port_plant

IN = "239.1.1.9"
ALGORITHMS = dict(enumerate(("csa2", "cissa", "csa1", "idsa", "aes-cbc", "aes-ecb", "sm4-cbc"), 11))
RATE_BPS = 4_000_000


def programs(pmt_pid=None):
    return [ts.Program(n, pmt_pid or 0x1001 + k, n * 16, [ts.Stream(n * 16, 0x1B, share=3 + k % 3), ts.Stream(n * 16 + 1, 0x0F)])
            for k, n in enumerate(ALGORITHMS)]


def in_output(i, outputs):
    return [n for k, n in enumerate(ALGORITHMS) if k % outputs == i]


class Mpts(port_plant.Case):
    def play(self, packets, outputs, **changes):
        ts.write(self.path("source.ts"), packets)
        net.write_pcap(self.path("in.pcap"), [net.frame(row, IN) for row in net.datagrams(packets)])
        port_plant.make_keys(self.path("keys.txt"), {f"g{n}": (a, 1000, 12) for n, a in ALGORITHMS.items()})
        ends = [{"name": f"o{i}", "port": "p", "group": f"239.2.1.{i + 1}", "udp_port": net.PORT, "source": "10.0.2.1"} for i in range(outputs)]
        services = [port_plant.service(f"s{n}", n, "in", f"o{k % outputs}", a, f"g{n}", **changes.get(f"s{n}", {})) for k, (n, a) in enumerate(ALGORITHMS.items())]
        services = [s if not s.get("clear_service") else {k: v for k, v in s.items() if k != "scrambling"} for s in services]
        self.configure(port_plant.document([{"name": "p", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}],
                                           [{"name": "in", "port": "p", "group": IN, "udp_port": net.PORT}], ends, services))
        stats = self.run_dataplane("--until-idle", "400")
        for kind in ("services", "inputs", "outputs"):
            self.assertEqual([one["drops"] for one in stats[kind]], [{}] * len(stats[kind]))
        return stats, net.read_pcap(self.path("out.pcap"))

    def expect(self, frames, output, numbers):
        """An output with exactly these programmes, each identical once opened."""
        capture = self.capture(frames, f"239.2.1.{output + 1}", "capture.ts")
        packets = ts.read(capture)
        watch = live_watch.Watch(packets, source=[p for p in ts.read(self.path("source.ts")) if 0x80 < ts.pid_of(p) < 0x1000])
        self.assertEqual(watch.wrong, [])
        self.assertEqual(sorted(watch.programs), sorted(numbers))
        self.assertEqual({ts.pid_of(p) >> 4 for p in packets if 0x80 < ts.pid_of(p) < 0x1000}, set(numbers))
        self.open(capture, self.path("opened.ts"), {n: f"g{n}" for n in numbers})
        for n in numbers:
            self.judge(self.path("source.ts"), capture, self.path("opened.ts"), ALGORITHMS[n], n)
        return packets

    def test_one_output(self):
        for null_share in (0, 0.1):
            mux = ts.Mux(programs(), rate_bps=RATE_BPS, null_share=null_share).run(5)
            stats, out = self.play(mux.packets, 1)
            packets = self.expect(out, 0, list(ALGORITHMS))
            self.assertEqual([s["periods"] for s in stats["services"]], [5] * len(ALGORITHMS))
            if null_share:
                self.assertLessEqual(abs(len(packets) - len(mux.packets)), 10)

    def test_three_outputs(self):
        mux = ts.Mux(programs(), rate_bps=RATE_BPS, null_share=0.1).run(5)
        _, out = self.play(mux.packets, 3)
        for i in range(3):
            self.expect(out, i, in_output(i, 3))

    def test_one_pmt_pid_for_all(self):
        """Legal, and the PMTs share the continuity_counter of their PID."""
        mux = ts.Mux(programs(0x1001), rate_bps=RATE_BPS).run(5)
        _, out = self.play(mux.packets, 1)
        self.expect(out, 0, list(ALGORITHMS))

    def test_one_pmt_pid_for_all_in_three_outputs(self):
        mux = ts.Mux(programs(0x1001), rate_bps=RATE_BPS).run(5)
        _, out = self.play(mux.packets, 3)
        for i in range(3):
            self.expect(out, i, in_output(i, 3))

    def test_a_clear_service_beside(self):
        """One programme stays clear on purpose, bit for bit, and the others do not."""
        mux = ts.Mux(programs(), rate_bps=RATE_BPS, null_share=0.1).run(5)
        stats, out = self.play(mux.packets, 3, s12={"clear_service": True})
        self.expect(out, 0, in_output(0, 3))
        self.expect(out, 2, in_output(2, 3))
        sent = ts.read(self.capture(out, "239.2.1.2", "clear.ts"))
        for pid in (12 * 16, 12 * 16 + 1):
            self.assertEqual([p for p in sent if ts.pid_of(p) == pid], [p for p in mux.packets if ts.pid_of(p) == pid])
        self.assertEqual(stats["services"][1]["scrambled_pkts"], 0)


if __name__ == "__main__":
    unittest.main()
