# SPDX-License-Identifier: GPL-3.0-or-later
"""A file port's input as a named pipe: the test gives the pace, and decides when the input ends."""

import os
import time

import live_ts as ts

ROW = 7


class Pipe:
    """Opening waits for the reader, so open it after the dataplane has been started."""

    def __init__(self, path):
        self.file = open(path, "wb", buffering=0)  # pylint: disable=consider-using-with

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def nulls(self):
        """One datagram of null packets, to see whether the other end is there."""
        self.file.write(ts.NULL * ROW)

    def send(self, packets, packets_per_s):
        """Whole datagrams at a pace; the last is filled with null packets."""
        packets = packets + [ts.NULL] * (-len(packets) % ROW)
        start = time.monotonic()
        for at in range(0, len(packets), ROW):
            ahead = at / packets_per_s - (time.monotonic() - start)
            if ahead > 0.002:
                time.sleep(ahead)
            self.file.write(b"".join(packets[at:at + ROW]))
    

def make(path):
    os.mkfifo(path, 0o600)
