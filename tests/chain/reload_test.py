#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document changes on air: a service comes, has another algorithm, another ECM PID, and leaves, while control is killed in
the middle of it. The other services are identical bit by bit, and nothing of any is ever clear.

    reload_test.py DEMO BUILD
"""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import session
import verdict

SECONDS = 60
KILLS = 6
LIMIT_S = 20
FRESH_S = 2  # the statistics are a second old at most
ECM_PID = 7777


class Changing:
    """The document of bulkhead-control, with the last service in it or not."""

    def __init__(self, s):
        self.s, self.path = s, s.chain.path("control.json")
        with open(self.path, encoding="utf-8") as file:
            self.whole = json.load(file)
        self.stream, self.service = session.plan.services(s.demo.streams)[-1]

    def write(self, there):
        names = () if there else (self.stream.name, self.service.name, self.service.key_group)
        session.plan.write(self.path, {key: [x for x in value if x["name"] not in names] if key in ("inputs", "outputs", "groups", "services") else value
                               for key, value in self.whole.items()})

    @property
    def group(self):
        return next(g for g in self.whole["groups"] if g["name"] == self.service.key_group)

    def reload(self, there=True, expect="on_air"):
        """As an operator, again while another document is being read; returns what differs."""
        self.write(there)
        command = self.s.chain.bulkhead("config", "reload", "--json")
        run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        while "ask again" in run.stderr:
            run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if run.returncode != 0 or json.loads(run.stdout)["state"] != expect:
            raise session.programs.Failed(f"the reload is not {expect}: {run.stdout}{run.stderr}")
        return json.loads(run.stdout)

    def periods(self):
        stats = self.s.stats()
        return next((x["periods"] for x in stats["services"] if x["name"] == self.service.name), None) if stats else None

    def on_air(self, why):
        """Waits for crypto-periods of the service that changes, counted in statistics that were written after the change."""
        changed = time.time()
        self.s.until(f"the changed service {why}", lambda: os.path.getmtime(self.s.demo.stats_file) > changed + FRESH_S and self.periods() is not None)
        before = self.periods()
        self.s.until(f"its crypto-periods {why}", lambda: (self.periods() or 0) >= before + 4)

    def gone(self):
        self.s.until("the service to be gone", lambda: self.s.stats() and self.periods() is None)


def hang_up(s):
    s.chain.running["control"].child.send_signal(signal.SIGHUP)


def kill_in_the_middle(s, changing):
    """control is told to read another document and killed a moment later, each time a little later; then it comes back."""
    for turn in range(KILLS):
        changing.group["cas"][0]["access_criteria"] = session.plan.ACCESS_CRITERIA
        changing.write(there=turn % 2 == 1)
        hang_up(s)
        time.sleep(0.003 * turn)
        s.chain.kill("control")
        s.chain.start("control")
        s.until("control to have its line-up taken", lambda: s.chain.running["control"].said("line-up taken"))
    changing.on_air("after control was killed")


def test():
    with session.Session(SECONDS, services=3) as s:
        changing = Changing(s)
        changing.write(there=False)
        s.on_air()
        s.until("crypto-periods of the first two", lambda: s.periods() >= 3)
        added = changing.reload()["added"]
        wrong = [] if added["services"] == [changing.service.name] else [f"added are {added}"]
        changing.on_air("when it was added")
        changing.group["algorithm"] = "cissa"
        changing.reload()
        changing.on_air("with another algorithm")
        changing.group["cas"][0]["ecm_pid"] = ECM_PID
        changing.reload()
        changing.on_air("with another ECM PID")
        kill_in_the_middle(s, changing)
        changing.write(there=False)
        for _ in range(100):
            hang_up(s)
        changing.gone()
        s.more_periods(3, "after it was removed")
        wrong += s.received()
        # DVB-CISSA leaves in clear what DVB-CSA2 would not: less than 16 bytes at the end of a payload.
        s.demo.streams[-1] = dataclasses.replace(changing.stream, services=(dataclasses.replace(changing.service, algorithm="cissa"),))
        results = verdict.judge(s.demo)
        print(verdict.table(results))
        for result in results:
            wrong += [f"{result.service}: {result.leaked} packets leaked"] if result.leaked else []
            if result.service != changing.service.name:
                wrong += [f"{result.service}: {reason}" for reason in result.reasons]
                wrong += [] if result.identical else [f"{result.service} is not identical"]
        return wrong


if __name__ == "__main__":
    sys.exit(session.main("chain-reload", test))
