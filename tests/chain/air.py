# SPDX-License-Identifier: GPL-3.0-or-later
"""What a capture shows of one service: its media time, its crypto-periods, its ECMs.

Refs: ISO/IEC 13818-1 clauses 2.4.2.2 (PCR), 2.4.4 (sections); ETSI TS 100 289 (transport_scrambling_control).
"""

import live_ts as ts


class Air:
    """`seconds` is the media time of each packet: that of the last PCR, its own included; None before the first."""

    def __init__(self, path, ecm_pid):
        self.packets = ts.read(path)
        self.wrong = []
        self.pids = sorted({ts.pid_of(p) for p in self.packets if ts.tsc_of(p)})  # scrambled
        self._read_clock()
        self._read_parities()
        self._read_ecms(ecm_pid)

    def _read_clock(self):
        pcrs = [ts.pcr_of(p) if ts.pid_of(p) in self.pids else None for p in self.packets]
        self.seconds, last, steps = [], None, [0]
        for pcr in pcrs:
            if pcr is not None:
                steps += [pcr / ts.CLOCK_HZ - last] if last is not None else []
                last = pcr / ts.CLOCK_HZ
            self.seconds.append(last)
        self.pcr_interval_s = max(steps)
        if min(steps) < 0:
            self.wrong.append("the PCR goes back: this stream is not for this test")

    def _read_parities(self):
        """[(packet, transport_scrambling_control)] of the first packet of every crypto-period."""
        self.periods, last = [], 0
        for at, p in enumerate(self.packets):
            tsc = ts.tsc_of(p)
            if tsc and tsc != last:
                self.periods.append((at, tsc))
                last = tsc

    def _read_ecms(self, pid):
        """[(packet, section)], by the packet in which the section begins."""
        self.ecms, counter, start, assembler = [], None, None, ts.Sections()
        for at, p in enumerate(self.packets):
            if ts.pid_of(p) != pid:
                continue
            if counter is not None and p[3] & 15 != (counter + 1) & 15:
                self.wrong.append(f"packet {at}: continuity_counter {p[3] & 15} of the ECMs after {counter}")
            counter = p[3] & 15
            start = at if p[1] & 0x40 else start
            assembler.feed(p, at)
            self.ecms += [(start, section) for _, section in assembler.found]
            assembler.found = []

    def clear_twin(self, source):
        """The packets with those of the scrambled PIDs as the source has them. Nothing of a service leaves before its first
        crypto-period, so that they are the last of the source."""
        twins = {}
        for pid in self.pids:
            mine = [p for p in source if ts.pid_of(p) == pid]
            count = sum(ts.pid_of(p) == pid for p in self.packets)
            twins[pid] = iter(mine[len(mine) - count:])
        return [next(twins[ts.pid_of(p)]) if ts.pid_of(p) in twins else p for p in self.packets]
