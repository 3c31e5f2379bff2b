# SPDX-License-Identifier: GPL-3.0-or-later
"""All readable memory of another process at one moment, and what lies where in it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Run:
    name: str
    start: int
    data: bytes


PAGE_BYTES = 4096


class Image:
    """Every mapping that can be read, the stacks and the programs themselves included; not what the kernel maps in, and not
    pages of zeros."""

    def __init__(self, pid):
        self.runs = []
        with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                area, mode, _, _, _, *name = line.split()
                if mode[0] == "r" and name[:1] not in (["[vvar]"], ["[vsyscall]"]):
                    start, end = (int(a, 16) for a in area.split("-"))
                    self._take(" ".join(name) or "anonymous", start, self._read(memory, start, end))
        self.bytes = sum(len(run.data) for run in self.runs)

    @staticmethod
    def _read(memory, start, end):
        """As far as there are pages behind the addresses."""
        parts = []
        try:
            memory.seek(start)
            while start < end and (part := memory.read(min(end - start, 1 << 24))):
                parts.append(part)
                start += len(part)
        except OSError:
            pass
        return b"".join(parts)

    def _take(self, name, start, data):
        """The runs of pages in which there is anything."""
        zeros, run = bytes(PAGE_BYTES), None
        for at in range(0, len(data) + 1, PAGE_BYTES):
            empty = at >= len(data) or data[at:at + PAGE_BYTES] == zeros
            if empty and run is not None:
                self.runs.append(Run(name, start + run, data[run:at]))
                run = None
            elif not empty and run is None:
                run = at

    def places(self, needle):
        """Where these bytes lie: ["name address"]."""
        found = []
        for run in self.runs:
            at = run.data.find(needle)
            while at >= 0:
                found.append(f"{run.name} 0x{run.start + at:x}")
                at = run.data.find(needle, at + 1)
        return found
