#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dataplane is killed in mid-stream: silence, then keyed again by the same control, and never clear.

    dataplane_test.py DEMO BUILD
"""

import os
import time

import session
import verdict

SECONDS = 20
AGAIN_S = 5  # from its READY on, every service is scrambled again
QUIET_S = 0.5


def captured(s):
    return [s.demo.captured(stream) for stream in s.demo.streams]


def silence(s):
    """Waits until nothing more arrives, then makes sure that it stays so while nobody is there."""
    time.sleep(QUIET_S)
    before = captured(s)
    time.sleep(QUIET_S)
    return [] if captured(s) == before else ["packets arrive though there is no dataplane"]


def test():
    with session.Session(SECONDS) as s:
        s.on_air()
        s.more_periods(3, "to begin with")
        s.chain.kill("dataplane")
        wrong = silence(s)
        os.remove(s.demo.stats_file)
        s.chain.start("dataplane")
        ready, before = time.monotonic(), captured(s)
        s.until("every output to be on air again", lambda: all(n > old + 100_000 for n, old in zip(captured(s), before)))
        s.until("two crypto-periods of the new dataplane", lambda: s.periods() >= 2)
        took_s = time.monotonic() - ready
        print(f"keyed again, two crypto-periods of 1 s later: {took_s:.2f} s after READY")
        if took_s > AGAIN_S:
            wrong.append(f"keyed again only {took_s:.1f} s after READY")
        wrong += s.received()
        for result in verdict.judge(s.demo):
            if result.leaked:
                wrong.append(f"{result.service}: {result.leaked} packets leaked")
            if result.share_percent < 99:
                wrong.append(f"{result.service}: {result.share_percent:.2f} % scrambled")
        return wrong


if __name__ == "__main__":
    session.main("chain-dataplane", test)
