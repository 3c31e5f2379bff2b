#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECMs of bulkhead-cas with the real bulkhead-vault are what the openssl program makes of the laboratory's keys."""

import secrets
import sys

from ecmg_lab import Lab, check_ecm
from ecmg_rig import CRITERIA, run
from simulcrypt import Scs


def test_ecms_are_what_openssl_says():
    for lead in (0, 1):
        with Lab(lead_cw=lead, cw_per_msg=1) as lab:
            scs = Scs(lab.cas.port)
            scs.open()
            scs.open_stream()
            for size in (8, 16):
                words = {n: secrets.token_bytes(size) for n in range(20 + size, 30 + size)}
                for n in range(20 + size, 25 + size):
                    criteria = b"\0\2" + b"\2\0" if n & 1 else CRITERIA
                    section = scs.ecm(n, {n + lead: words[n + lead]}, access_criteria=criteria)
                    pair = {n + lead & 1: words[n + lead], n + lead - 1 & 1: words.get(n + lead - 1)}
                    if n == 20 + size:
                        pair[n + lead - 1 & 1] = None
                    check_ecm(section, lab.vault, n, criteria, pair[0], pair[1])
            # A key that the vault has not, then all is well again.
            scs.provide(50, {50 + lead: secrets.token_bytes(8)}, access_criteria=b"\0\7")
            assert scs.expect("stream_error").get("error_status") == 0x0011


def test_vault_killed_and_restarted():
    with Lab() as lab:
        scs = Scs(lab.cas.port)
        scs.open()
        scs.open_stream()
        words = {n: secrets.token_bytes(8) for n in range(8)}
        for n in range(6):
            if n in (2, 4):
                lab.vault.kill()
            scs.provide(n, {n: words[n], n + 1: words[n + 1]}, access_criteria=CRITERIA)
            if n in (2, 4):
                lab.vault.start()
            section = scs.expect("ECM_response").get("ECM_datagram")
            check_ecm(section, lab.vault, n, CRITERIA, words[n + n % 2], words[n + 1 - n % 2])


if __name__ == "__main__":
    sys.exit(run([test for name, test in list(globals().items()) if name.startswith("test_")]))
