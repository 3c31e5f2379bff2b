# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes of one service, one after the other, each with its way back: what an operator may do while the others are on air."""

import copy

import thousand_plan


class Turn:
    """The plan on air, and the service that is changed."""

    def __init__(self, plan, name):
        self.plan = copy.deepcopy(plan)
        self.name, self.home = name, copy.copy(plan.services[name])

    @property
    def service(self):
        return self.plan.services[self.name]

    def private_bytes(self):
        self.service.private = b"\x01\x02\x03"

    def ecm_pid(self):
        self.service.ecm_pid = 0x1E00 + self.service.programme

    def profiles(self):
        self.service.teletext = self.service.subtitles = self.service.keep = 1

    def back(self):
        """All at once as it was."""
        self.plan.services[self.name] = copy.copy(self.home)

    def steps(self):
        """[(name, what does it)]."""
        return [(step.__name__, step) for step in (self.private_bytes, self.ecm_pid, self.profiles, self.back)]
