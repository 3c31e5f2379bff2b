# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes of one service, one after the other, each with its way back: what an operator may do while the others are on air.

A turn is over one service that is alone on its input, one that shares its output, or one of four outputs of an input.
"""

import copy

import thousand_plan

ALONE, SHARES_OUTPUT, ONE_OF_FOUR = range(3)
SPARE_OUTPUTS = (1000, 1001)


class Turn:
    """The plan on air, and the service that is changed."""

    def __init__(self, plan, situation):
        self.plan = copy.deepcopy(plan)
        if situation == ALONE:
            self.home = thousand_plan.Service(thousand_plan.INPUTS, 0, SPARE_OUTPUTS[0])
        else:
            number = thousand_plan.number(2 if situation == SHARES_OUTPUT else 1, 1)
            self.home = self.plan.services[f"s{number}"]
        self.alone = situation == ALONE

    @property
    def service(self):
        return self.plan.services[self.home.name]

    def add(self):
        self.plan.add(copy.copy(self.home))

    def remove(self):
        del self.plan.services[self.home.name]

    def private_bytes(self):
        self.service.private = b"\x01\x02\x03"

    def ecm_pid(self):
        self.service.ecm_pid = 0x1E00 + self.service.programme

    def profiles(self):
        self.service.teletext = self.service.subtitles = self.service.keep = 1

    def group(self):
        self.service.group = "another"

    def output(self):
        self.service.output = SPARE_OUTPUTS[1]

    def output_itself(self):
        self.plan.output_more[self.service.output] = {"ttl": 3, "dscp": 10, "deadline_us": 900_000, "short": 1}

    def input(self):
        """Which has other programme numbers."""
        self.service.input = thousand_plan.INPUTS + 1
        self.service.number = thousand_plan.number(self.service.input, self.service.programme)

    def program_number(self):
        self.service.programme ^= 1
        self.service.number = thousand_plan.number(self.service.input, self.service.programme)

    def back(self):
        """All at once as it was."""
        self.plan.output_more.clear()
        self.plan.services[self.home.name] = copy.copy(self.home)

    def steps(self):
        """[(name, what does it)]."""
        each = [self.private_bytes, self.ecm_pid, self.profiles, self.group, self.output, self.output_itself, self.input, self.program_number,
                self.back]
        ends = [self.add] if self.alone else [self.remove, self.add]
        return [(step.__name__, step) for step in ends + each + ([self.remove] if self.alone else [])]
