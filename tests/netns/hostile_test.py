#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input next to good services: the good ones stay identical, nothing leaks, every fault has its counter.

Two services of the demo run through the namespaces of tests/flow/demo/namespaces.py while a sender throws datagrams that
are no TS at the first one's group, and bad transport packets at a third service that has nothing else.

    hostile_test.py DEMO BUILD      DEMO: the folder of the demo; BUILD: the build directory
"""

import json
import os
import signal
import sys
import tempfile
import types

sys.path.insert(0, sys.argv[1])

import by_netns  # noqa: E402
import demo as demo_module  # noqa: E402
import destinations  # noqa: E402
import namespaces  # noqa: E402
import plan  # noqa: E402
import verdict  # noqa: E402

SECONDS = 10
BAD_PROGRAM = 99
# The kernel may hand a fragmented datagram over in pieces, or whole and cut to the frame.
COUNTERS = ("fragment truncated", "no_input", "not_ts", "lost_sync", "transport_error", "bad_adaptation", "pid_unknown", "already_scrambled",
            "psi_broken")


def add_bad_service(path, key_group):
    """A third service, with the bad group as its input."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    document["inputs"].append({"name": "bad", "port": "in", "group": "239.1.1.99", "udp_port": plan.UDP_PORT})
    document["outputs"].append({"name": "bad", "port": "out", "group": "239.2.1.99", "udp_port": plan.UDP_PORT, "source": "10.0.2.1"})
    document["services"].append({"name": "bad", "input": "bad", "program": BAD_PROGRAM, "output": "bad", "group": key_group})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)


def attack(demo, line):
    sender = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hostile_sender.py")
    return [demo.start("attacker", [sys.executable, "-B", sender, str(SECONDS - 1), namespaces.SOURCE_IP, demo.streams[0].group_in,
                                    "239.1.1.99", str(plan.UDP_PORT), str(BAD_PROGRAM)], line.source.prefix)]


def counted(node, name):
    """The sum of every counter of this name in the statistics."""
    if isinstance(node, dict):
        return sum(value if key == name and isinstance(value, int) else counted(value, name) for key, value in node.items())
    return sum(counted(value, name) for value in node) if isinstance(node, list) else 0


def main(build):
    if not namespaces.possible():
        print("network namespaces are not possible here")
        return 77
    # An end by signal unwinds like an error, so that nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    wrong = []
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="bulkhead-hostile-") as folder:
        demo = demo_module.Demo(types.SimpleNamespace(build=build, seconds=SECONDS, services=2, sabotage=None, stay=False), folder)
        config = demo.chain.path("control.json")
        try:
            demo.prepare(by_netns.ports())
            add_bad_service(config, demo.streams[0].services[0].key_group)
            by_netns.play(demo, lambda demo: 0, attack)
        finally:
            demo.close()
        results = verdict.judge(demo)
        print(verdict.table(results))
        print(verdict.last_line(results))
        with open(os.path.join(folder, "stats.json"), encoding="utf-8") as file:
            stats = json.load(file)
        if not verdict.good(results):
            wrong.append("a good service noticed")
        wrong += [f"{n} frames left for {where}"
                  for where, n in destinations.strangers(demo.sent_to, destinations.planned(config)).items()]
        wrong += [f"no {name} was counted" for name in COUNTERS if not any(counted(stats, n) for n in name.split())]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[2])))
