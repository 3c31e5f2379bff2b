#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soak's own reckoning: its streams follow themselves evenly, and its judges find each thing that can be wrong.

    soak_reckoning_test.py DEMO
"""

import copy
import os
import sys
import tempfile
import unittest

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, os.path.join(sys.argv[1], ".."))

import live_ts as ts  # noqa: E402
import plan  # noqa: E402
import soak_judge  # noqa: E402
import soak_stream  # noqa: E402
import soak_watch  # noqa: E402

SECONDS = 40
STREAM = plan.Stream(1, 0, (plan.Service("service-1", 1, "csa2", None),))


def good_stats():
    return {
        "groups": [{"name": "group-1", "periods": 40, "periods_extended": 0, "messages_refused": 0, "on_wall": False}],
        "services": [{"name": "service-1", "drops": {"awaits_period": 20}, "continuity_errors": 0, "untouched_pkts": 0}],
        "inputs": [{"name": "s01", "drops": {"pid_unknown": 9}, "datagrams": 100}],
        "outputs": [{"name": "s01", "drops": {}, "datagrams": 120}],
        "workers": [{"worker": 0, "drops": {}}],
        "ports": [{"name": "in", "missed": 0, "no_buffer": 0, "errors": 0}],
    }


def good_pid(pid):
    sent = soak_stream.packets_of(pid, SECONDS)
    return {"pid": pid, "pkts": sent - 30, "results": {"opened": sent - 30}, "wrong_cw": 0, "clear_pkts": 0, "cc_errors": 0,
            "parity_changes": 39, "pes_starts": (sent - 30) // soak_stream.PES_PKTS}


def good_report():
    ecm = {"cp_gaps": 0, "refused": {}, "periods_proved": 40, "ecm_to_use_ms": {"min": 800, "max": 800}}
    return {"programmes": [{"program": 1, "flips": 39, "ecm": ecm}], "pids": [good_pid(pid) for pid in soak_stream.pids(1)],
            "reasons": [], "input": {"datagrams": 120, "kernel_dropped": 0}}


def metrics(**changed):
    values = dict.fromkeys(soak_judge.COUNTERS, 0) | {"ecm_requests": 41, "ecm_responses": 41, "group_periods": 40} | changed
    return "".join(f'bulkhead_{name}_total{{group="group-1",ecmg="lab"}} {n}\n' for name, n in values.items())


class Judged(unittest.TestCase):
    """What `judge` finds in a good document that was changed at one place."""

    def found(self, judge, good, path=(), value=None):
        document = copy.deepcopy(good)
        at = document
        for step in path[:-1]:
            at = at[step]
        if path:
            at[path[-1]] = value
        totals = soak_judge.Totals()
        judge(totals, document)
        return totals

    def each(self, judge, good, cases):
        self.assertEqual(self.found(judge, good).wrong, [])
        for path, value, kind in cases:
            with self.subTest(path=path, value=value):
                totals = self.found(judge, good, path, value)
                self.assertEqual(len(totals.wrong) > 0, True)
                for name in ("late_ecm", "wrong_cw", "lost", "clear"):
                    self.assertEqual(getattr(totals, name) > 0, name == kind)

    def test_groups(self):
        group = ("groups", 0)
        self.each(lambda t, d: soak_judge.groups(t, d, SECONDS), good_stats(), [
            ((*group, "periods"), 37, None), ((*group, "periods"), 43, None), ((*group, "periods_extended"), 1, "late_ecm"),
            ((*group, "messages_refused"), 1, None)])

    def test_a_kill_costs_no_more_than_it_may(self):
        def judge(totals, stats):
            soak_judge.groups(totals, stats, SECONDS, 3)

        late = [self.found(judge, good_stats(), ("groups", 0, "periods_extended"), n) for n in (3, 4)]
        self.assertEqual([(len(t.wrong), t.late_ecm) for t in late], [(0, 3), (1, 4)])
        self.assertEqual([len(self.found(judge, good_stats(), ("groups", 0, "periods"), n).wrong) for n in (31, 32, 42, 43)], [1, 0, 0, 1])

        def receive(totals, report):
            soak_judge.receiver(totals, STREAM, report, SECONDS, False, 3)

        self.assertEqual([len(self.found(receive, good_report(), ("programmes", 0, "flips"), n).wrong) for n in (31, 32)], [1, 0])
        self.assertEqual([len(self.found(receive, good_report(), ("pids", 1, "parity_changes"), n).wrong) for n in (30, 31)], [1, 0])

    def test_dataplane(self):
        self.each(soak_judge.dataplane, good_stats(), [
            (("ports", 0, "missed"), 1, "lost"), (("inputs", 0, "drops"), {"already_scrambled": 1}, "lost"),
            (("workers", 0, "drops"), {"not_ours": 1}, "lost"), (("services", 0, "drops"), {"no_key": 1}, "lost"),
            (("services", 0, "continuity_errors"), 1, "lost"), (("services", 0, "untouched_pkts"), 1, "clear")])

    def test_receiver(self):
        ecm, pid = ("programmes", 0, "ecm"), ("pids", 1)
        self.each(lambda t, d: soak_judge.receiver(t, STREAM, d, SECONDS, False), good_report(), [
            (("programmes",), [], None), (("programmes", 0, "flips"), 36, None), (("pids",), [], None),
            (("reasons",), ["not all opened"], None),
            ((*ecm, "cp_gaps"), 1, "late_ecm"), ((*ecm, "refused"), {"wrong_mac": 1}, None), ((*ecm, "periods_proved"), 38, None),
            ((*ecm, "ecm_to_use_ms", "min"), 300, "late_ecm"), ((*ecm, "ecm_to_use_ms"), None, "late_ecm"),
            ((*pid, "results", "waiting"), 1, "lost"), ((*pid, "wrong_cw"), 1, "wrong_cw"), ((*pid, "clear_pkts"), 1, "clear"),
            ((*pid, "cc_errors"), 1, "lost"), ((*pid, "pkts"), 900, None), ((*pid, "pkts"), 1001, None),
            ((*pid, "parity_changes"), 36, None), ((*pid, "pes_starts"), 90, None)])

    def test_a_period_may_go_by_after_the_end(self):
        report = good_report()
        report["programmes"][0]["ecm"]["cp_gaps"] = 1
        self.assertEqual(self.found(lambda t, d: soak_judge.receiver(t, STREAM, d, SECONDS, True), report).wrong, [])
        report["programmes"][0]["ecm"]["cp_gaps"] = 2
        self.assertEqual(self.found(lambda t, d: soak_judge.receiver(t, STREAM, d, SECONDS, True), report).late_ecm, 2)

    def test_control(self):
        def judge(totals, text):
            soak_judge.control(totals, text, 1)

        self.assertEqual(self.found(judge, metrics()).wrong, [])
        for name in ("ecm_timeouts", "ecm_late", "ecm_errors", "group_extended"):
            self.assertEqual(self.found(judge, metrics(**{name: 2})).late_ecm, 2)
        for changed in ({"group_refused": 1}, {"ecm_responses": 38}, {"ecm_requests": 45, "ecm_responses": 45}, {"group_periods": 44}):
            self.assertEqual(len(self.found(judge, metrics(**changed)).wrong), 1)
        self.assertEqual(len(self.found(judge, "").wrong), len(soak_judge.COUNTERS))

    def test_the_wire(self):
        with tempfile.NamedTemporaryFile() as source:
            source.truncate(100 * soak_judge.DATAGRAM_BYTES)

            def lost(taken=100, left=120, came=120, dropped=0):
                stats, report, totals = good_stats(), good_report(), soak_judge.Totals()
                stats["inputs"][0]["datagrams"], stats["outputs"][0]["datagrams"] = taken, left
                report["input"] = {"datagrams": came, "kernel_dropped": dropped}
                soak_judge.wire(totals, STREAM, source.name, stats, report)
                return totals.lost, len(totals.wrong)

            self.assertEqual([lost(), lost(taken=97), lost(came=118), lost(dropped=1)], [(0, 0), (3, 1), (2, 1), (1, 1)])

    def test_latency(self):
        text = "".join(f'bulkhead_ecm_response_max_seconds{{group="g{i}",ecmg="lab"}} 0.00{i}\n' for i in (3, 1, 2))
        self.assertEqual(soak_judge.ecm_latency(text), (2.0, 3.0))
        self.assertEqual(str(soak_judge.ecm_latency("")), "(nan, nan)")


class Growth(unittest.TestCase):
    def wrong(self, seconds=600, name="control", **of_time):
        watch = soak_watch.Watch(name, 0)
        steady = {"rss_kib": lambda t: 8000, "files": lambda t: 5, "threads": lambda t: 1, "cpu_s": lambda t: t / 10}
        for t in range(0, seconds + 1, 2):
            watch.samples.append(soak_watch.Sample(at=t, **{what: f(t) for what, f in (steady | of_time).items()}))
        self.assertEqual(len(watch.row()), len(soak_watch.HEAD))
        return len(watch.wrong())

    def test_growth(self):
        self.assertEqual(self.wrong(), 0)
        self.assertEqual(self.wrong(rss_kib=lambda t: 8000 + 20 * min(t, 200)), 0)  # warm-up
        self.assertEqual(self.wrong(rss_kib=lambda t: 8000 + 300 * (t % 60 > 50)), 0)  # up and down
        self.assertEqual(self.wrong(rss_kib=lambda t: 8000 + 200 * 7 * t // 1024), 1)  # 7 bytes of each of 200 crypto-periods a second
        self.assertEqual([self.wrong(name="api", rss_kib=lambda t, n=n: 8000 + n * (t > 500)) for n in (4000, 5000)], [0, 1])
        self.assertEqual(self.wrong(files=lambda t: 5 + (t > 500)), 1)
        self.assertEqual(self.wrong(threads=lambda t: 1 + (t > 500)), 1)
        self.assertEqual(self.wrong(seconds=40, rss_kib=lambda t: 8000 + 20 * t), 0)
        self.assertEqual(self.wrong(seconds=40, rss_kib=lambda t: 8000 + 200 * t), 1)

    def test_lives_of_a_process(self):
        watch = soak_watch.Watch("this", os.getpid())
        watch.sample()
        cpu_s = watch.samples[0].cpu_s
        watch.follow(os.getpid())
        watch.sample()
        self.assertGreaterEqual(watch.samples[1].cpu_s, 2 * cpu_s)

    def test_this_process(self):
        sample = soak_watch.look(os.getpid())
        self.assertGreater(sample.rss_kib, 1000)
        self.assertEqual((sample.threads, sample.files >= 3, sample.cpu_s > 0), (1, True, True))


class Streams(unittest.TestCase):
    def test_pieces_follow_one_another(self):
        """Longer than a piece: no break of a continuity counter, a PCR of each programme every 40 ms, PES starts everywhere."""
        numbers, seconds = [1, 2, 7], 40
        with tempfile.TemporaryDirectory() as folder:
            packets = ts.read(soak_stream.make(numbers, seconds, folder))
        cc, pcr, seen, starts = {}, {}, {}, {}
        for p in packets:
            pid = ts.pid_of(p)
            if pid == ts.NULL_PID:
                continue
            self.assertEqual(p[3] & 15, (cc.get(pid, p[3] - 1) + 1) & 15)
            cc[pid] = p[3]
            seen[pid] = seen.get(pid, 0) + 1
            starts[pid] = starts.get(pid, 0) + bool(p[1] & 0x40)
            if (now := ts.pcr_of(p)) is not None:
                self.assertEqual(now - pcr.get(pid, now - 27000 * soak_stream.FRAME_MS), 27000 * soak_stream.FRAME_MS)
                pcr[pid] = now
        for number in numbers:
            video, audio = soak_stream.pids(number)
            self.assertIn(video, pcr)
            for pid in (video, audio):
                self.assertEqual(seen[pid], soak_stream.packets_of(pid, seconds))
                self.assertEqual(starts[pid] * soak_stream.PES_PKTS, seen[pid])
        self.assertEqual(len(packets) % 7, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
