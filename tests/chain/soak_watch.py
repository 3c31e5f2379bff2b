# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes over a long time, from /proc: memory, open files, threads and processor time, and whether they grow. One that is killed
and started again counts as one: the highest values of its lives are held against each other.

The first third of the time is warm-up: DPDK's buffers are touched one after the other, an allocator finds its level. After
that nothing of a head-end whose line-up stands still has a reason to grow: the highest value of the last third is held
against the highest of the middle third. Memory may be higher by 1 % or by 256 KiB, whichever is more, because an allocator
gives back and takes again in pieces. In ten minutes with 200 services a third has 40 000 crypto-periods: 7 bytes lost in each show.
In a run under five minutes an allocator has not settled, and memory may be higher by 1 MiB. The api may be higher by 4 MiB at any
time: it makes documents of a megabyte, in buffers that double when the counters in them gain a digit. Open files and threads
may never be higher.
"""

import dataclasses
import os
import time

GROWTH_KIB, GROWTH_SHARE = 256, 0.01
SHORT_S, SHORT_GROWTH_KIB = 300, 1024
GROWTH_KIB_OF = {"api": 4096}
SAMPLE_S = 2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Sample:
    at: float
    rss_kib: int
    files: int
    threads: int
    cpu_s: float


def look(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        rss = next(int(line.split()[1]) for line in file if line.startswith("Rss:"))
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()  # from the third on
    return Sample(time.monotonic(), rss, len(os.listdir(f"/proc/{pid}/fd")), int(fields[17]), (int(fields[11]) + int(fields[12])) / TICKS)


class Watch:
    """Of one process."""

    def __init__(self, name, pid):
        self.name, self.pid, self.samples = name, pid, []
        self.cpu_before_s = 0

    def sample(self):
        now = look(self.pid)
        self.samples.append(dataclasses.replace(now, cpu_s=now.cpu_s + self.cpu_before_s))

    def follow(self, pid):
        """The process was killed, and this is it again."""
        self.pid, self.cpu_before_s = pid, self.samples[-1].cpu_s if self.samples else 0

    def thirds(self):
        begin, end = self.samples[0].at, self.samples[-1].at
        parts = [[], [], []]
        for s in self.samples:
            parts[min(2, int(3 * (s.at - begin) / (end - begin)))].append(s)
        return parts

    def highest(self, what):
        """In each third."""
        return [max(getattr(s, what) for s in part) for part in self.thirds()]

    def cpu_percent(self):
        first, last = self.samples[0], self.samples[-1]
        return 100 * (last.cpu_s - first.cpu_s) / (last.at - first.at)

    def growth_kib(self):
        _, middle, last = self.highest("rss_kib")
        return last - middle

    def allowed_kib(self):
        short = self.samples[-1].at - self.samples[0].at < SHORT_S - 2 * SAMPLE_S
        return GROWTH_KIB_OF.get(self.name, SHORT_GROWTH_KIB if short else GROWTH_KIB)

    def wrong(self):
        found = []
        _, middle, _ = self.highest("rss_kib")
        if self.growth_kib() > max(self.allowed_kib(), GROWTH_SHARE * middle):
            found.append(f"{self.name}: its memory grew by {self.growth_kib()} KiB from {middle} KiB")
        for what in ("files", "threads"):
            _, middle, last = self.highest(what)
            if last > middle:
                found.append(f"{self.name}: {what} grew from {middle} to {last}")
        return found

    def row(self):
        warm, middle, last = self.highest("rss_kib")
        files, threads = self.highest("files"), self.highest("threads")
        return (self.name, f"{self.cpu_percent():.1f} %", *(f"{kib / 1024:.2f}" for kib in (warm, middle, last)),
                f"{self.growth_kib():+d}", "/".join(map(str, files)), "/".join(map(str, threads)))


HEAD = ("process", "processor", "MiB warm-up", "MiB middle", "MiB last", "KiB grown", "files", "threads")
