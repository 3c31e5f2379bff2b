# SPDX-License-Identifier: GPL-3.0-or-later
"""A head-end on live wires for a test: the demo's namespaces, streams and judge, with hands on every process.

    session.py is imported; its users are called with DEMO BUILD: the folder of the demo and the build directory.
"""

import json
import os
import signal
import sys
import tempfile
import types

sys.path.insert(0, sys.argv[1])

import by_netns  # noqa: E402
import chain  # noqa: E402
import demo as demo_module  # noqa: E402
import namespaces  # noqa: E402
import plan  # noqa: E402
import programs  # noqa: E402
import verdict  # noqa: E402

BUILD = os.path.abspath(sys.argv[2])
EVENT_S = 20  # no event of a test is waited for longer
FAULTY_CONTROL = chain.BINARIES["control"] + "-faulty"


class Session:
    """The services of plan.make(services), `seconds` long, with a crypto-period of `period_ms`; or `made`, which is
    {plan.Stream: its file}."""

    def __init__(self, seconds, services=2, period_ms=1000, made=None, **ecmg):
        # An end by signal unwinds like an error, so that nothing stays behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
        os.umask(0o077)
        self._temporary = tempfile.TemporaryDirectory(prefix="bulkhead-chain-")
        self.folder = self._temporary.name
        args = types.SimpleNamespace(build=BUILD, seconds=seconds, services=services, sabotage=None, stay=False, json=False)
        self.demo = demo_module.Demo(args, self.folder)
        self.demo.judged_period_ms = 0  # a killed controller may lengthen one
        if made:
            self.demo.streams = list(made)
        self.sources = made and {stream.name: path for stream, path in made.items()}
        self.chain = self.demo.chain
        self.chain.period_ms = period_ms
        self.ecmg = ecmg
        self.line, self.receivers, self.senders = None, [], []

    def __enter__(self):
        self.demo.prepare(by_netns.ports(), self.sources, **self.ecmg)
        self.line = namespaces.Line(self.folder)
        self.chain.prefix = self.line.appliance.prefix
        return self

    def __exit__(self, *_):
        self.demo.close()
        if self.line:
            self.line.close()
        self._temporary.cleanup()

    def on_air(self):
        """Starts what of the head-end does not run yet, the receivers, and then the streams."""
        for name in chain.BINARIES:
            if name not in self.chain.running:
                self.chain.start(name)
        self.receivers = by_netns.receive(self.demo, self.line)
        self.senders = by_netns.send(self.demo, self.line)

    def until(self, what, condition):
        """Waits for an event while dataplane and receivers go on."""
        others = self.receivers + [self.chain.running[n] for n in ("dataplane",) if n in self.chain.running]
        programs.until(what, condition, EVENT_S, others)

    def stats(self):
        """The statistics of the dataplane, at most a second old; None before the first."""
        try:
            with open(self.demo.stats_file, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def periods(self):
        """Crypto-periods begun so far by the service that has begun the fewest."""
        stats = self.stats()
        return min((s["periods"] for s in stats["services"]), default=0) if stats else 0

    def more_periods(self, n, why):
        """Waits until every service has begun so many more."""
        before = self.periods()
        self.until(f"{n} more crypto-periods {why}", lambda: self.periods() >= before + n)

    def received(self):
        """Waits for the end of the streams and stops everything; returns the streams that had ended before."""
        early = [f"{s.name} had ended before the test was through" for s in self.senders if not s.running()]
        by_netns.watch(self.demo, self.senders, [self.chain.running["dataplane"], *self.receivers])
        self.chain.stop_all()
        for receiver in self.receivers:
            receiver.stop()
        return early

    def end(self):
        """The same, judged; returns what is wrong with what was received."""
        wrong = self.received()
        results = verdict.judge(self.demo)
        print(verdict.table(results))
        print(verdict.last_line(results), flush=True)
        if not verdict.good(results):
            print("\n".join(verdict.journey(self.demo)))
        return wrong + [f"{r.service}: {reason}" for r in results for reason in r.reasons] + (
            [] if verdict.good(results) else ["not every service is identical, or something leaked"])


def report(name, wrong):
    for text in wrong:
        print(f"WRONG {text}")
    print(f"{name}: {len(wrong)} wrong")
    return 1 if wrong else 0


def main(name, test):
    """Runs `test`, which returns what is wrong; 77 where namespaces are not possible."""
    if not namespaces.possible():
        print("network namespaces are not possible here")
        sys.exit(77)
    try:
        sys.exit(report(name, test()))
    except programs.Failed as error:
        print(f"{name}: {error}")
        sys.exit(1)
