#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every process but the dataplane is killed in mid-stream and comes back; receivers lose nothing and nothing is clear.

bulkhead-control kills itself at each point of a crypto-period's life, one after the other, and is started again; then cas,
vault and api are killed at several places of a crypto-period, and the first two once for longer than one; then a new
control takes over from the old one while that still runs.

    kill_test.py DEMO BUILD DELAY_START_MS CW_PER_MSG
"""

import signal
import sys
import time

import session

POINTS = ("cw-made", "ecm-back", "period-sent", "ecm-on-air", "flipped")
TURN = 5  # of both services together: in mid-flight, and not at the start
SECONDS = 75
PARTS = 5  # of a crypto-period, at each of which cas, vault and api die once
SUPERSEDED = 3  # exit status of a control that a newer one has closed


def control_dies(s, point):
    """Waits until control has killed itself at this point."""
    control = s.chain.running["control"]
    s.until(f"control to kill itself at {point}", lambda: not control.running())
    del s.chain.running["control"]
    return [] if control.child.returncode == -signal.SIGKILL else [f"at {point} control ended with status {control.child.returncode}"]


def kill_control(s):
    wrong = []
    for point, following in zip(POINTS, POINTS[1:] + ("",)):
        wrong += control_dies(s, point)
        s.chain.more["control"] = ["--kill-at", f"{following}:{TURN}"] if following else []
        s.chain.start("control")
    s.more_periods(2, "after control came back for good")
    return wrong


def kill_others(s):
    """Each at several places of a crypto-period, back at once; then cas and vault for longer than one."""
    for name in ("cas", "vault", "api"):
        for part in range(PARTS):
            s.more_periods(1, f"before {name} is killed")
            time.sleep(part * s.chain.period_ms / 1000 / PARTS)
            s.chain.kill(name)
            s.chain.start(name)
    for name in ("cas", "vault"):
        s.chain.kill(name)
        s.until(f"a crypto-period to be held without {name}", lambda: any(x["extending"] for x in s.stats()["groups"]))
        s.chain.start(name)
        s.more_periods(2, f"after {name} came back")


def two_controls(s):
    old = s.chain.running.pop("control")
    s.chain.start("control")
    s.until("the old control to end", lambda: not old.running())
    s.more_periods(2, "under the new control")
    return [] if old.child.returncode == SUPERSEDED and old.said("supersed") else [f"the old control ended with status {old.child.returncode}\n{old.tail()}"]


def test():
    delay_start_ms, cw_per_msg = int(sys.argv[3]), int(sys.argv[4])
    lead_cw = 1 if delay_start_ms >= 0 else 0
    with session.Session(SECONDS, lead_cw=lead_cw, cw_per_msg=cw_per_msg, delay_start_ms=delay_start_ms, delay_stop_ms=delay_start_ms) as s:
        s.chain.binary["control"] = session.FAULTY_CONTROL
        s.chain.more["control"] = ["--kill-at", f"{POINTS[0]}:{TURN}"]
        s.on_air()
        wrong = kill_control(s)
        kill_others(s)
        wrong += two_controls(s)
        return wrong + s.end()


if __name__ == "__main__":
    session.main("chain-kill", test)
