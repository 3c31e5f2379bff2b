# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-control under test: its process, its document, and a dataplane that keeps groups by name and begins a
crypto-period when it is told to. The dataplane speaks dataplane/api/dp_msg.h, written a second time."""

import contextlib
import copy
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import simulcrypt

LIMIT_S = 20
HELLO, WELCOME, GROUP_STATE, LINEUP, INPUT, OUTPUT, GROUP, SERVICE, EMM_STREAM, LINEUP_END, LINEUP_RESULT, PERIOD, PERIOD_STATE = range(1, 14)
MOVE, MOVE_RESULT = 20, 21
EBUSY, EINVAL = 16, 22
MODES = {"csa1": 0x01, "csa2": 0x02, "cissa": 0x10}


def message(kind, body):
    return struct.pack("=II", kind, 8 + len(body)) + body


def string(data):
    return data.split(b"\0", 1)[0].decode()


class Period:
    """One dp_msg_period."""

    def __init__(self, data):
        (self.group, self.cp, self.cw_bytes, cws, ecms, self.mode, self.lineup, _, self.flip, self.duration) = struct.unpack_from("=HHBBBBIIQQ", data, 8)
        self.words = [data[40 + 16 * i:40 + 16 * i + self.cw_bytes] for i in range(cws)]
        entries = [struct.unpack_from("=HHHHii", data, 168 + 16 * i) for i in range(ecms)]
        self.ecms = {pid: data[424 + at:424 + at + n] for pid, at, n, _, _, _ in entries}

    def held(self):
        words = b"".join(w.ljust(16, b"\0") for w in self.words).ljust(128, b"\0")
        return struct.pack("=HBBB3x", self.cp, len(self.words), self.cw_bytes, self.mode) + words


NONE_HELD = bytes(136)


class Group:
    def __init__(self, name):
        self.name, self.current, self.next, self.history = name, None, None, []


class Dataplane:
    """Listens at `path`. `refuse` is the text with which the next line-up is refused; `busy` so many are answered -EBUSY."""

    def __init__(self, path):
        self.changed = threading.Condition()
        self.groups, self.order, self.before = {}, [], []  # by name; names by index of the line-up taken, and the one before
        self.taken, self.serials = 0, [0, 0]
        self.services, self.ca = [], {}
        self.busy, self.refuse, self.moves, self.errors = 0, None, [], []
        self.peer = None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen(4)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with contextlib.suppress(OSError):
            while data := peer.recv(65536):
                with self.changed:
                    try:
                        self.take(peer, struct.unpack_from("=I", data)[0], data)
                    except Exception as error:  # pylint: disable=broad-except
                        self.errors.append(repr(error))
                    self.changed.notify_all()
        peer.close()

    def take(self, peer, kind, data):
        if kind == HELLO:
            self.peer, self.serials = peer, [0, 0]
            peer.send(message(WELCOME, struct.pack("=IIQ", 2, int(bool(self.order)), 1)))
            for group in self.groups.values():
                held = [p.held() if p else NONE_HELD for p in (group.current, group.next)]
                if group.current or group.next:
                    peer.send(message(GROUP_STATE, group.name.encode().ljust(64, b"\0") + held[0] + held[1]))
        elif kind == LINEUP:
            self.coming = {"serial": struct.unpack_from("=I", data, 20)[0], "groups": [], "services": [], "ca": {}}
        elif kind == GROUP:
            self.coming["groups"].append(string(data[16:80]))
        elif kind == SERVICE:
            name, count = string(data[24:88]), data[21]
            self.coming["services"].append(name)
            self.coming["ca"][name] = [struct.unpack_from("=H", data, 88 + 70 * i + 2)[0] for i in range(count)]
        elif kind == LINEUP_END:
            peer.send(message(LINEUP_RESULT, self.line_up()))
        elif kind == PERIOD:
            self.take_period(Period(data))
        elif kind == MOVE:
            place, worker, _ = struct.unpack_from("=HHI", data, 8)
            self.moves.append((place, worker))
            error = (-EINVAL, b"no such worker") if worker > 1 else (0, b"")
            peer.send(message(MOVE_RESULT, struct.pack("=HHi192s", place, worker, *error)))

    def line_up(self):
        serial, text = self.coming["serial"], self.refuse
        self.refuse = None
        if self.busy or text:
            error = -EBUSY if self.busy else -EINVAL
            self.busy = max(0, self.busy - 1)
            return struct.pack("=iI192s", error, serial, (text or "").encode())
        self.before, self.order = self.order, self.coming["groups"]
        self.serials = [serial, self.serials[0]]
        self.groups = {name: self.groups.get(name) or Group(name) for name in self.order}
        self.services, self.ca = self.coming["services"], self.coming["ca"]
        self.taken += 1
        return struct.pack("=iI192s", 0, serial, b"")

    def take_period(self, period):
        assert period.lineup in self.serials, f"a period of line-up {period.lineup}"
        names = self.order if period.lineup == self.serials[0] else self.before
        group = self.groups[names[period.group]]
        assert not group.next, f"two periods for {group.name}"
        assert not group.current or period.cp == (group.current.cp + 1) & 0xFFFF, f"{group.name} skips to {period.cp}"
        group.next = period
        group.history.append(period)
        if not group.current:
            self.begin(group)
        self.tell(group)

    def begin(self, group):
        group.current, group.next = group.next, None

    def tell(self, group):
        current = group.current
        self.peer.send(message(PERIOD_STATE, struct.pack("=HHHBBBBBB4xQQ", self.order.index(group.name), current.cp, group.next.cp if group.next else 0,
                                                         1, int(bool(group.next)), 0, 0, 0, 1, 27_000_000, 27_000_000)))

    def flip(self, *names):
        """Begins the next period of these groups, or of all."""
        with self.changed:
            for name in names or list(self.groups):
                self.begin(self.groups[name])
                self.tell(self.groups[name])

    def wait(self, what, condition):
        with self.changed:
            assert self.changed.wait_for(condition, LIMIT_S), f"not in time: {what}\n{self.errors}"
            assert not self.errors, self.errors

    def ready(self, *names):
        """Waits until these groups, or all, have their next period."""
        self.wait("the next periods", lambda: all(n in self.groups and self.groups[n].next for n in names or list(self.groups)))

    def drop(self):
        self.peer.shutdown(socket.SHUT_RDWR)


class Lab:
    """bulkhead-control with `groups` groups g0, g1, .., a service s0, s1, .. in each, and one ECMG."""

    def __init__(self, groups=3, **ecmg):
        self.folder = tempfile.mkdtemp(prefix="bulkhead-wire-")
        self.dataplane = Dataplane(self.path("dataplane.sock"))
        self.ecmg = simulcrypt.Ecmg(**ecmg)
        self.document = {"name": "wire", "dataplane": {"socket": "dataplane.sock"}, "operator": {"socket": "control.sock"}, "inputs": [], "outputs": [],
                         "ecmgs": [{"name": "vendor", "super_cas_id": "0abc0001", "address": "127.0.0.1", "tcp_port": self.ecmg.port}],
                         "groups": [], "services": []}
        for i in range(groups):
            self.add(i)
        self.write()
        self.start()
        self.dataplane.ready(*(f"g{i}" for i in range(groups)))

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, i):
        self.document["inputs"].append({"name": f"i{i}", "port": "p", "group": f"239.1.1.{i + 1}", "udp_port": 5000})
        self.document["outputs"].append({"name": f"o{i}", "port": "p", "group": f"239.2.1.{i + 1}", "udp_port": 5000, "source": "10.0.0.1"})
        self.document["groups"].append({"name": f"g{i}", "algorithm": "cissa" if i % 2 else "csa2", "crypto_period_ms": 1000,
                                        "cas": [{"ecmg": "vendor", "ecm_id": i + 1, "ecm_pid": 500 + i, "access_criteria": "07"}]})
        self.document["services"].append({"name": f"s{i}", "input": f"i{i}", "program": i + 1, "output": f"o{i}", "group": f"g{i}"})

    def remove(self, i):
        for kind, name in (("inputs", f"i{i}"), ("outputs", f"o{i}"), ("groups", f"g{i}"), ("services", f"s{i}")):
            self.document[kind] = [x for x in self.document[kind] if x["name"] != name]

    def group(self, i):
        return next(g for g in self.document["groups"] if g["name"] == f"g{i}")

    def write(self):
        with open(self.path("control.json"), "w", encoding="utf-8") as file:
            json.dump(self.document, file)

    def start(self):
        with open(self.path("log"), "ab") as log:
            starts = self.log().count("READY")
            self.process = subprocess.Popen([os.environ["BULKHEAD_CONTROL"], "--config", self.path("control.json")], stderr=log)
        self.until("READY", lambda: self.log().count("READY") > starts)

    def log(self):
        with open(self.path("log"), encoding="utf-8") as file:
            return file.read()

    def signal(self, number=signal.SIGHUP):
        self.process.send_signal(number)

    def ask(self, **request):
        """The answer of the operator socket."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(LIMIT_S)
            peer.connect(self.path("control.sock"))
            peer.sendall(json.dumps(request).encode() + b"\n")
            with peer.makefile("rb") as lines:
                return json.loads(lines.readline())

    def reload(self, check=False):
        self.write()
        return self.ask(do="config reload", check=check)

    def status(self):
        return self.ask(get="status")

    def until(self, what, condition):
        end = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < end, f"not in time: {what}\n{self.log()[-2000:]}"
            time.sleep(0.01)

    def copy(self):
        return copy.deepcopy(self.document)

    def close(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            assert self.process.wait(LIMIT_S) == 0, self.log()[-2000:]
        self.ecmg.close()
        self.dataplane.listener.close()
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None and any(_):
            self.process.kill()
            self.process.wait()
            shutil.rmtree(self.folder)
        else:
            self.close()
