# SPDX-License-Identifier: GPL-3.0-or-later
"""A head-end with a CAS that has no secrets: a test ECMG of SimulCrypt in the place of bulkhead-cas and its vault.

It is the one way by which control words come to a test: bulkhead-control provides them, as to any ECMG.
"""

import os
import random
import struct
import sys

import session

sys.path[:0] = [os.path.join(sys.argv[1], "..", "..", where) for where in ("wire", "flow")]

import by_netns  # noqa: E402
import enter  # noqa: E402
import simulcrypt  # noqa: E402

CHANNEL = 1  # of the only ECMG of the demo's configuration; its streams are numbered as its scrambling groups, from 1


class OpenEcmg(simulcrypt.Ecmg):
    """Keeps its ECMs: {(ECM_stream_id, CP_number): section}. Some fill one packet, some two."""

    def __init__(self, *arguments, **status):
        self.sections, self.dice = {}, random.Random(1)
        super().__init__(*arguments, **status)

    def ecm(self, link, message, words):
        stream, number = message.get("ECM_stream_id"), message.get("CP_number")
        body = struct.pack(">HH", stream, number) + self.dice.randbytes(self.dice.choice((20, 90, 230)))
        return self.sections.setdefault((stream, number), simulcrypt.section(0x80 | number & 1, body))

    def word(self, stream, number):
        return self.words[CHANNEL, stream, number]


def number_of(section):
    """The CP_number in an ECM of OpenEcmg."""
    return struct.unpack_from(">H", section, 5)[0]


class Session(session.Session):
    """A head-end whose ECMG is `self.ecmg`: one of the class `ecmg`, made with `status`."""

    def __init__(self, seconds, period_ms, ecmg=OpenEcmg, **status):
        super().__init__(seconds, period_ms=period_ms)
        self.ecmg, self.make_ecmg, self.status = {}, ecmg, status

    def __enter__(self):
        super().__enter__()
        with enter.network_of(self.line.appliance.holder.pid):
            self.ecmg = self.make_ecmg("127.0.0.1", self.chain.ecmg_port, **self.status)
        return self

    def __exit__(self, *error):
        super().__exit__(*error)
        if self.ecmg:
            self.ecmg.close()

    def on_air(self):
        for name in ("dataplane", "control"):
            self.chain.start(name)
        self.receivers = by_netns.receive(self.demo, self.line)
        self.senders = by_netns.send(self.demo, self.line)
