#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many services at a crypto-period of a second for a long time: no ECM is late, no word is wrong, nothing is lost or clear,
and no process grows.

Four multiplexes of small programmes, every other one CSA2, the rest CISSA, each with a scrambling group, an ECM PID and a
stream at the ECMG of its own; a reference terminal that opens all of each output by ECM alone.

With hands on it control is killed every half a minute and started again, and every second one service is configured anew. An ECM
may be late then, after each kill once; nothing else may.

    soak_test.py DEMO BUILD SECONDS [SERVICES [hands]]
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import session

sys.path.insert(0, os.path.join(sys.argv[1], ".."))

import by_netns  # noqa: E402
import namespaces  # noqa: E402
import plan  # noqa: E402
import programs  # noqa: E402
import soak_batches  # noqa: E402
import soak_hands  # noqa: E402
import soak_judge  # noqa: E402
import soak_stream  # noqa: E402
import soak_watch  # noqa: E402

SECONDS = int(sys.argv[3])
SERVICES = int(sys.argv[4]) if len(sys.argv) > 4 else 200
HANDS = sys.argv[5:] == ["hands"]
STREAMS = 4
PROGRESS_S = 10
WRONG_SHOWN = 40
# On processors that others use too, nothing of the head-end or the line may wait its turn for long: a sender that was late
# sends all at once then, and the rings and sockets hold a fraction of a second. Between sessions it is the autogroup's niceness
# that counts (sched(7)), where the kernel has any.
URGENT = ["setsid", "sh", "-c", "{ echo -10 >/proc/self/autogroup; } 2>/dev/null; exec nice -n -10 \"$@\"", "sh"]


def make_streams(folder):
    """{plan.Stream: its file}; the programmes are numbered from 1 over all."""
    made = {}
    for i in range(STREAMS):
        numbers = range(1 + SERVICES * i // STREAMS, 1 + SERVICES * (i + 1) // STREAMS)
        services = tuple(plan.Service(f"service-{n}", n, "csa2" if n % 2 else "cissa", None) for n in numbers)
        made[plan.Stream(i + 1, 0, services)] = soak_stream.make(numbers, SECONDS, folder)
    return made


class Soak:
    def __init__(self, s):
        self.s, self.demo, self.chain = s, s.demo, s.chain
        self.terminals, self.senders, self.watches, self.terminal_watches = [], [], [], []
        self.began = self.next_line = 0
        self.hands = None

    def start(self):
        self.chain.prefix = [*self.s.line.appliance.prefix, *URGENT]
        self.chain.start_all()
        for stream in self.demo.streams:
            command = [*URGENT, self.demo.tool("terminal-ref/bulkhead-terminal"), "--keys", self.chain.terminal_keys,
                       "--input", f"udp://{stream.group_out}:{plan.UDP_PORT}?ifaddr={namespaces.RECEIVER_IP}",
                       "--report", self.demo.files[stream.name].report]
            self.terminals.append(self.demo.start(f"terminal-{stream.name}", command, self.s.line.receivers.prefix))
        programs.until("the receivers to join their groups",
                       lambda: all(by_netns.joined(t, s.group_out) for t, s in zip(self.terminals, self.demo.streams)), 20, self.terminals)
        self.watches = [soak_watch.Watch(name, program.pid) for name, program in self.chain.running.items()]
        self.terminal_watches = [soak_watch.Watch(t.name, t.pid) for t in self.terminals]
        for stream in self.demo.streams:
            command = [*URGENT, "multicat", "-U", "-u", self.demo.files[stream.name].source,
                       f"{stream.group_in}:{plan.UDP_PORT}/ifaddr={namespaces.SOURCE_IP}/ttl=8"]
            self.senders.append(self.demo.start(f"sender-{stream.name}", command, self.s.line.source.prefix))
        self.began = self.next_line = time.monotonic()
        if HANDS:
            self.hands = soak_hands.Hands(self.chain, self.watches, SECONDS)

    def show(self, *words):
        """A document of the operator's interface, asked for as an operator does."""
        ran = subprocess.run(self.chain.bulkhead("show", *words, "--json"), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False)
        if ran.returncode != 0:
            raise programs.Failed(f"bulkhead show {' '.join(words)}: {ran.stderr.strip()}")
        return json.loads(ran.stdout)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.chain.http_port}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def progress(self):
        now = time.monotonic()
        if now < self.next_line:
            return
        self.next_line += PROGRESS_S
        stats, on_air = self.s.stats(), sum(v["state"] == "on_air" for v in self.show("services"))
        if not stats or not stats["groups"]:
            return
        periods = [g["periods"] for g in stats["groups"]]
        _, slowest_ms = soak_judge.ecm_latency(self.metrics())
        print(f"   {now - self.began:4.0f} s: {on_air}/{SERVICES} on air, periods {min(periods)}..{max(periods)}, "
              f"extended {sum(g['periods_extended'] for g in stats['groups'])}, slowest ECM {slowest_ms:.1f} ms, "
              f"{sum(i['datagrams'] for i in stats['inputs'])} datagrams taken, load {os.getloadavg()[0]:.1f}, MiB "
              + " ".join(f"{w.name} {w.samples[-1].rss_kib / 1024:.1f}" for w in self.watches), flush=True)

    def watch(self):
        """Until the streams have ended."""
        due, alive = time.monotonic(), [*self.chain.running.values(), *self.terminals]

        def over():
            nonlocal due
            if all(s.running() for s in self.senders) and time.monotonic() >= due:
                due += soak_watch.SAMPLE_S
                for w in self.watches + self.terminal_watches:
                    w.sample()
                self.progress()
            if self.hands:
                self.hands.turn()
                alive[:] = [*self.chain.running.values(), *self.terminals]
            return not any(s.running() for s in self.senders)

        programs.until("the streams to end", over, SECONDS + 60, alive)
        for sender in self.senders:
            if sender.wait(1) != 0:
                raise programs.Failed(f"{sender.name} failed\n{sender.tail()}")

    def queued(self):
        """Bytes that wait at the sockets of the receivers' namespace."""
        with open(f"/proc/{self.terminals[0].pid}/net/udp", encoding="ascii") as file:
            return sum(int(line.split()[4].split(":")[1], 16) for line in file.readlines()[1:])

    def end(self):
        """Stops everything; returns the statistics and the metrics at the end of the streams, and the statistics at the very end."""
        at_end, metrics = self.s.stats(), self.metrics()
        self.chain.stop_all()
        programs.until("the receivers to read what is there", lambda: self.queued() == 0, 20, self.terminals)
        for terminal in self.terminals:
            if terminal.stop() not in (0, 1):  # 1: not all opened, which its report says
                raise programs.Failed(f"{terminal.name} ended with status {terminal.child.returncode}\n{terminal.tail()}")
        return at_end, metrics, self.s.stats()


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))) for row in rows)


def summary(reports, metrics):
    """What there is to know beyond good and bad."""
    ecms = [p["ecm"] for r in reports for p in r["programmes"]]
    ahead = [e["ecm_to_use_ms"] for e in ecms if e["ecm_to_use_ms"]]
    median_ms, slowest_ms = soak_judge.ecm_latency(metrics)
    print(f"slowest ECM_response of a group: median {median_ms:.2f} ms, highest {slowest_ms:.2f} ms")
    print(f"at the receivers: {sum(e['distinct'] for e in ecms)} ECMs, each {min((a['min'] for a in ahead), default=None)} to "
          f"{max((a['max'] for a in ahead), default=None)} ms before the first packet of its word; "
          f"{sum(e['periods_proved'] for e in ecms)} crypto-periods proved")


def judge(soak, at_end, metrics, last):
    totals = soak_judge.Totals()
    kills = soak.hands.kills if soak.hands else 0
    soak_judge.groups(totals, at_end, SECONDS, kills)
    if not kills:
        soak_judge.control(totals, metrics, SERVICES)
    soak_judge.dataplane(totals, last)
    reports, on_wall = [], any(g["on_wall"] for g in last["groups"])
    for stream in soak.demo.streams:
        files = soak.demo.files[stream.name]
        reports.append(soak_judge.read_report(files.report))
        soak_judge.receiver(totals, stream, reports[-1], SECONDS, on_wall, kills)
        soak_judge.wire(totals, stream, files.source, last, reports[-1])
    print(table([soak_watch.HEAD] + [w.row() for w in soak.watches + soak.terminal_watches]))
    summary(reports, metrics)
    print("\n".join(soak_batches.lines(last)))
    totals.wrong += soak_batches.wrong(last)
    for w in soak.watches:
        totals.wrong += w.wrong()
    totals.wrong += soak.hands.wrong() if soak.hands else []
    periods = [g["periods"] for g in at_end["groups"]]
    grown = max(w.growth_kib() for w in soak.watches)
    print(f"soak: {len(periods)} services, {SECONDS} s, periods={min(periods)}..{max(periods)}, late_ecm={totals.late_ecm}, "
          f"wrong_cw={totals.wrong_cw}, lost={totals.lost}, clear={totals.clear}, growth={grown} KiB"
          + (f", {soak.hands.told()}" if soak.hands else ""), flush=True)
    more = [f"... and {len(totals.wrong) - WRONG_SHOWN} more"] if len(totals.wrong) > WRONG_SHOWN else []
    return totals.wrong[:WRONG_SHOWN] + more


def test():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    # 2 GB for ten minutes, so not in /tmp, which may be memory.
    with tempfile.TemporaryDirectory(prefix="soak-streams-", dir=session.BUILD) as folder, \
            session.Session(SECONDS, made=make_streams(folder)) as s:
        soak = Soak(s)
        soak.start()
        soak.watch()
        return judge(soak, *soak.end())


if __name__ == "__main__":
    session.main("chain-soak", test)
