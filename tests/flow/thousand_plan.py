# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand services: what is sent, and the line-up that scrambles it.

Each input is a multiplex of four programmes at a constant rate. Inputs with even numbers go to one output as they are, those with
odd numbers to an output for each programme. Services are CSA2 and CISSA in turns.
"""

import link_controller as link
import port_frames as net

INPUTS, PROGRAMS = 250, 4
SPARE = 2              # inputs that are sent but are in no line-up at first
DATAGRAM_MS = 100      # of each input
SYSTEM = 0x0ABC
DEADLINE_US = 1_000_000
STAMP = ">IHHIIQ"      # at the start of every payload; see thousand_verdict.c
MAGIC = 0x42756C6B
BLOCK_BYTES = 1 << 16  # what payloads are cut from


def pmt_pid(programme):
    return 0x100 + 16 * programme


def media_pids(programme):
    """Video, which carries the PCR, and audio."""
    return 0x101 + 16 * programme, 0x102 + 16 * programme


def content(pid, datagrams):
    """How many packets of a PID the first so many datagrams of its multiplex hold: video one in each, audio in turns."""
    programme, audio = (pid - 0x101) // 16, (pid - 0x101) % 16
    return (datagrams + PROGRAMS - 1 - programme) // PROGRAMS if audio else datagrams


def ecm_pid(programme):
    return 0x108 + 16 * programme


def number(input_number, programme):
    """program_number."""
    return 1 + PROGRAMS * input_number + programme


def address_in(input_number):
    return f"239.1.{1 + input_number // 200}.{1 + input_number % 200}"


def address_out(output_number):
    return f"239.2.{1 + output_number // 200}.{1 + output_number % 200}"


class Service:
    """What a line-up says of one service; a test changes what it likes."""

    def __init__(self, input_number, programme, output):
        self.input, self.programme, self.output = input_number, programme, output
        self.name = f"s{number(input_number, programme)}"
        self.group = f"g{number(input_number, programme)}"
        self.number = number(input_number, programme)
        self.algorithm = "csa2" if self.number % 2 else "cissa"
        self.ecm_pid, self.private = ecm_pid(programme), b""
        self.keep = self.teletext = self.subtitles = 0


class Plan:
    """The wanted state. Outputs are by number, so that a service can name one; one without a service is left out."""

    def __init__(self, inputs=INPUTS):
        self.services = {}
        self.output_more = {}  # by number: what of an output is not as of the others
        for i in range(inputs):
            for programme in range(PROGRAMS):
                self.add(Service(i, programme, self.output_of(i, programme)))

    @staticmethod
    def output_of(input_number, programme):
        return PROGRAMS * input_number + (programme if input_number % 2 else 0)

    def add(self, service):
        self.services[service.name] = service

    def used_inputs(self):
        """In the order of the line-up."""
        return sorted({s.input for s in self.services.values()})

    def lineup(self):
        made = link.Lineup()
        inputs = {i: made.input(f"i{i}", "in", address_in(i), net.PORT) for i in self.used_inputs()}
        outputs = {o: made.output(f"o{o}", "out", address_out(o), net.PORT, "10.0.2.1", **{"deadline_us": DEADLINE_US, **self.output_more.get(o, {})})
                   for o in sorted({s.output for s in self.services.values()})}
        groups = {}
        for s in self.services.values():
            if s.group not in groups:
                groups[s.group] = made.group(s.group, s.algorithm)
        for s in self.services.values():
            made.service(s.name, inputs[s.input], outputs[s.output], s.number, groups[s.group], [(SYSTEM, s.ecm_pid, s.private)], s.keep,
                         s.teletext, s.subtitles)
        return made

    def groups(self):
        """{name: (index in the line-up, algorithm, ECM PIDs)}."""
        made = {}
        for s in self.services.values():
            index, _, pids = made.setdefault(s.group, (len(made), s.algorithm, []))
            if s.ecm_pid not in pids:
                pids.append(s.ecm_pid)
        return made
