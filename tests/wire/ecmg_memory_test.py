#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No control word stays in the memory of bulkhead-cas after its life."""

import os
import secrets
import sys

from ecmg_lab import Lab
from ecmg_rig import CRITERIA, run
from simulcrypt import Scs


def find_in_memory(pid, needles):
    """How often each of the needles stands in the writable memory of a process."""
    found = [0] * len(needles)
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            area, mode = line.split()[:2]
            start, end = (int(a, 16) for a in area.split("-"))
            if not mode.startswith("rw") or "[v" in line or end - start >= 1 << 32:
                continue
            memory.seek(start)
            try:
                data = memory.read(end - start)
            except OSError:
                continue
            for i, needle in enumerate(needles):
                found[i] += data.count(needle)
    return found


def test_no_word_stays_in_memory():
    with Lab(cw_per_msg=1) as lab:
        scs = Scs(lab.cas.port)
        scs.open()
        scs.open_stream()
        words = {n: secrets.token_bytes(8) for n in range(40)}
        for n in range(38):
            scs.ecm(n, {n + 1: words[n + 1]}, access_criteria=CRITERIA)
        pid = lab.cas.process.pid
        if not os.access(f"/proc/{pid}/mem", os.R_OK):
            print("the memory of another process may not be read here: root may")
            sys.exit(77)
        scs.test()  # an answer leaves before the word that it was made with is wiped
        found = find_in_memory(pid, list(words.values()))
        assert found[38] == 1 and found[37] == 1, f"the search finds the two that are remembered: {found}"
        assert sum(found) == 2, found
        scs.close_stream()
        scs.test()
        assert sum(find_in_memory(pid, list(words.values()))) == 0


if __name__ == "__main__":
    sys.exit(run([test for name, test in list(globals().items()) if name.startswith("test_")]))
