# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand services on air, live: their source, a dataplane with its controller, and the capture of all outputs.

Runs inside tests/netns/port_veth.sh.
"""

import collections
import json
import os
import random
import re
import select
import socket
import subprocess
import sys
import time

import link_controller as link
import port_plant
import thousand_plan

PERIOD_MS, ECM_LEAD_MS, FIRST_CP = 2000, 200, 0
HERE = os.path.dirname(os.path.abspath(__file__))


class Head(link.Controller):
    """A controller that gives every group its next period as soon as it has none; groups are by name, whatever their index.

    It never waits to send: a dataplane that waits for an answer to be read does not read.
    """

    def __init__(self, path):
        super().__init__(path)
        self.dice, self.queue = random.Random(1), collections.deque()
        self.wanted = None
        self.names, self.groups = [], {}
        self.state, self.given = {}, {}
        self.words = collections.defaultdict(list)  # by service: (algorithm, word), in the order of its periods

    def send(self, data):
        self.queue.append(data)
        self.flush()

    def flush(self):
        try:
            while self.queue:
                self.socket.send(self.queue[0], socket.MSG_DONTWAIT)
                self.queue.popleft()
        except BlockingIOError:
            pass

    def turn(self, timeout_s):
        end = time.monotonic() + timeout_s
        while True:
            left = max(end - time.monotonic(), 0)
            readable, _, _ = select.select([self.socket], [self.socket] if self.queue else [], [], left)
            self.flush()
            if readable:
                return super().turn(0)
            if not left:
                return False

    def _take_period_state(self, m):
        name = self.names[m.group]
        self.state[name] = m
        if not m.have_next:
            self.give(name)

    def _take_lineup_result(self, m):
        if not m.error:
            self.groups = self.wanted
            self.names = list(self.groups)
        super()._take_lineup_result(m)

    def _take_period_refused(self, m):
        """It crossed the PERIOD_STATE of one that was given before."""
        name = self.names[m.group]
        self.given[name] = self.given[name] - 1 & 0xFFFF
        self.words[name].pop()
        super()._take_period_refused(m)

    def change_algorithms(self, plan):
        """From the next period of each group on."""
        self.wanted = self.groups = plan.groups()

    def line_up(self, plan):
        """Brings a plan on air; returns the LINEUP_RESULT."""
        self.wanted = plan.groups()
        self.names = self.names or list(self.wanted)
        return super().line_up(plan.lineup())

    def give(self, name):
        """The period after the last that was given, unless that has not begun."""
        index, _, pids = self.groups.get(name) or self.wanted[name]
        state, last = self.state[name], self.given.get(name)
        if last is not None and state.running and state.cp_number != last:
            return
        number = FIRST_CP if last is None else last + 1 & 0xFFFF
        algorithm = self.wanted.get(name, (0, "csa2"))[1]
        word = self.dice.randbytes(link.CW_BYTES[algorithm])
        section = link.ecm_section(number, number.to_bytes(2, "big") + b"ecm" * 10)
        ecms = [{"pid": pid, "section": section, "start_ms": -ECM_LEAD_MS} for pid in pids]
        self.given[name] = number
        self.words[name].append((algorithm, word))
        self.send(link.period(index, number, [word], ecms, PERIOD_MS, algorithm=algorithm, lineup=self.taken))

    def rest(self, seconds):
        """Lets time pass on air."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.turn(left)


def be_urgent():
    """On processors that others use too nothing of this may wait its turn for long (sched(7)); children inherit it."""
    try:
        os.nice(-10)
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write("-10")
    except OSError:
        pass  # no right to, or no autogroups


class Air(port_plant.Case):
    workers = 1

    def setUp(self):
        super().setUp()
        be_urgent()
        with open(self.path("block"), "wb") as file:
            file.write(random.Random(2).randbytes(thousand_plan.BLOCK_BYTES))
        cpus = sorted(os.sched_getaffinity(0))
        self.configure(port_plant.document([{"name": p, "driver": "af_packet", "interface": f"bh-{p}"} for p in ("in", "out")], None, None, None,
                                           keys=None, control={"socket": "control.sock"}, memory={"hugepages": False, "mib": 512},
                                           workers=[{"core": cpus[-(i + 1) % len(cpus)]} for i in range(self.workers)]))
        self.running = self.start()
        self.running.ready()
        self.capture_process = self.child("dumpcap", "dumpcap", "-q", "-i", "rcv0", "-B", "128", "-w", self.path("capture.pcapng"))
        self.running.until("the capture", lambda: "File:" in self.said("dumpcap"))
        self.head = Head(self.path("control.sock"))
        self.addCleanup(self.head.close)
        self.head.hello()

    def child(self, name, *command):
        """A process that ends with the test; its output goes to files."""
        with open(self.path(f"{name}.out"), "wb") as out, open(self.path(f"{name}.err"), "wb") as err:
            started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder)  # pylint: disable=consider-using-with
        self.addCleanup(lambda: (started.kill(), started.wait()))
        return started

    def said(self, name, end="err"):
        with open(self.path(f"{name}.{end}"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def start_source(self):
        inputs = thousand_plan.INPUTS + thousand_plan.SPARE
        self.source = self.child("source", sys.executable, "-B", os.path.join(HERE, "thousand_source.py"), self.path("block"), str(inputs), "10.0.1.1")

    def end(self):
        """Ends source, dataplane and capture in this order; returns (datagrams sent of each input, statistics)."""
        self.source.terminate()
        self.assertEqual(self.source.wait(), 0, self.said("source"))
        sent = json.loads(self.said("source", "out"))
        self.head.rest(2 * thousand_plan.DEADLINE_US / 1e6)  # what waits to be a whole datagram leaves
        self.assertEqual(self.running.stop(), 0, self.running.text())
        self.assertNotIn("Sanitizer", self.running.text())
        self.capture_process.terminate()
        self.capture_process.wait()
        dropped = re.search(r"received/dropped on interface '\w+': (\d+)/(\d+)", self.said("dumpcap"))
        self.assertTrue(dropped, self.said("dumpcap"))
        self.assertEqual(int(dropped[2]), 0, "frames that the capture lost")
        return sent, self.stats()

    def tell_judge(self, plans):
        """Writes for thousand_verdict what was on air by one of the plans."""
        places = collections.defaultdict(dict)
        groups = collections.defaultdict(dict)
        for plan in plans:
            for s in plan.services.values():
                groups[s.name][s.group] = True
                for pid in thousand_plan.media_pids(s.programme):
                    places[s.name][thousand_plan.address_out(s.output), pid] = True
        with open(self.path("plan"), "w", encoding="ascii") as file:
            for name, where in places.items():
                file.write(f"service {name}\n")
                file.writelines(f"pid {address} {pid}\n" for address, pid in where)
                for group in groups[name]:
                    words = self.head.words[group]
                    # Of each group the first is even.
                    words = words + words[-1:] * (len(words) % 2)
                    file.writelines(f"word {algorithm} {word.hex()}\n" for algorithm, word in words)

    def judge(self, capture="capture.pcapng"):
        """What thousand_verdict finds: (counts, [event])."""
        run = subprocess.run([port_plant.program("THOUSAND_VERDICT"), self.path("plan"), self.path("block"), self.path(capture),
                              self.path("events")], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(run.returncode, 0, run.stderr)
        with open(self.path("events"), encoding="ascii") as file:
            return json.loads(run.stdout), [line.split() for line in file]

    def whole(self, services, sent, told):
        """Each PID of these services came from its first packet on air to the last that was sent."""
        for s in services:
            found = told["services"][s.name]["pids"]
            self.assertEqual(sorted(found), sorted(str(pid) for pid in thousand_plan.media_pids(s.programme)), s.name)
            for pid, of in found.items():
                wanted = thousand_plan.content(int(pid), sent[s.input])
                self.assertEqual((s.name, pid, of["input"], of["next"]), (s.name, pid, s.input, wanted))
                self.assertGreater(of["pkts"], wanted // 2, f"{s.name} PID {pid}")
