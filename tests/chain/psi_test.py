#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""With control dead the tables of the input change: receivers follow by ECM alone, and none of it is clear.

Programme 1 moves its video to another PID, gets a second audio, and its PMT moves; programme 2 must not notice.

    psi_test.py DEMO BUILD
"""

import os
import sys
import tempfile

import session

sys.path.insert(0, os.path.join(sys.argv[1], ".."))

import live_ts as ts  # noqa: E402
import live_watch  # noqa: E402
import plan  # noqa: E402
import streams  # noqa: E402

CALM_S, TURN_S = 9, 2  # before the first change, and after each
VIDEO, MOVED, AUDIO, MORE_AUDIO = 0x101, 0x111, 0x102, 0x103
PMT, MOVED_PMT, STEADY_PCR = 0x1000, 0x1010, 0x201


class Mux(ts.Mux):
    def __init__(self):
        super().__init__([ts.Program(1, PMT, VIDEO, [ts.Stream(VIDEO, 0x1B, share=6), ts.Stream(AUDIO, 0x0F)]),
                          ts.Program(2, 0x1200, STEADY_PCR, [ts.Stream(STEADY_PCR, 0x02, share=4), ts.Stream(0x202, 0x03)])],
                         rate_bps=2_000_000)
        self.one = self.programs[0]

    def new_pmt(self):
        self.one.version += 1
        self.put_section(self.one.pmt_pid, self.one.pmt())

    def play(self):
        self.run(CALM_S)
        self.one.streams[0].pid = self.one.pcr_pid = MOVED
        self.new_pmt()
        self.run(TURN_S)
        self.one.streams.append(ts.Stream(MORE_AUDIO, 0x03))
        self.new_pmt()
        self.run(TURN_S)
        self.one.pmt_pid = MOVED_PMT
        self.pat_version += 1
        self.put_psi()
        self.run(TURN_S)
        return self

    def owed(self):
        return [p for p in self.packets if 0x100 <= ts.pid_of(p) < 0x300]


def owed_since(mux, opened):
    """What a receiver is owed of each PID, from the first packet on that was let out: an ECM goes ahead of it."""
    owed = []
    for pid in {ts.pid_of(p) for p in mux.owed()}:
        n = sum(ts.pid_of(p) == pid for p in opened)
        owed += [p for p in mux.owed() if ts.pid_of(p) == pid][-n:]
    return owed


def look(s, stream, mux):
    """What is wrong with what was on air and with what was opened of it."""
    files = s.demo.files[stream.name]
    ca = [plan.EMM_PID] + [7000 + service.program for service in stream.services]
    watch = live_watch.Watch(ts.read(files.capture), source=mux.owed(), ca=ca)
    opened = [p for p in ts.read(files.opened) if 0x100 <= ts.pid_of(p) < 0x300]
    wrong, waited = live_watch.opened_wrong(opened, owed_since(mux, opened))
    if waited or len(mux.owed()) - len(opened) > len(mux.owed()) / 10:
        wrong.append(f"{len(opened)} packets of {len(mux.owed())} came, {waited} of them not opened")
    if watch.versions(PMT, 2, 1) != [0, 1, 2] or watch.versions(MOVED_PMT, 2, 1) != [2]:
        wrong.append(f"versions of the PMTs: {watch.versions(PMT, 2, 1)}, then {watch.versions(MOVED_PMT, 2, 1)}")
    return watch.wrong + wrong


def test():
    mux = Mux().play()
    stream = plan.Stream(1, 0, (plan.Service("first", 1, "csa2", None), plan.Service("second", 2, "cissa", None)))
    with tempfile.TemporaryDirectory(prefix="bulkhead-psi-") as folder:
        source = os.path.join(folder, "source.ts")
        ts.write(source, mux.packets)
        streams.pad(source)
        streams.pace(source, STEADY_PCR)
        with session.Session(CALM_S + 3 * TURN_S, made={stream: source}) as s:
            s.on_air()
            s.more_periods(2, "to begin with")
            s.chain.kill("control")
            wrong = [] if s.stats()["services"][0]["pmt_changes"] == 1 else ["control died too late for this test"]
            wrong += s.received()
            if s.stats()["services"][0]["pmt_changes"] != 4:
                wrong.append(f"{s.stats()['services'][0]['pmt_changes']} PMTs were taken, not 4")
            return wrong + look(s, stream, mux)


if __name__ == "__main__":
    session.main("chain-psi", test)
