# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of this process inside another network namespace."""

import contextlib
import ctypes
import os

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def network_of(pid):
    """What the calling thread opens in here belongs to the network namespace of that process, and stays there."""
    libc = ctypes.CDLL(None, use_errno=True)

    def move(space):
        if libc.setns(space, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")

    with open("/proc/thread-self/ns/net", "rb") as mine, open(f"/proc/{pid}/ns/net", "rb") as theirs:
        move(theirs.fileno())
        try:
            yield
        finally:
            move(mine.fileno())
