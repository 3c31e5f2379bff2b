# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for bulkhead-control or bulkhead-cas on its operator socket, and starts bulkhead-api and bulkhead before it.

A Process answers {"get": "status"} with a document and remembers every request; `manner` makes it misbehave."""

import json
import os
import select
import socket
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 20


def sample(name):
    with open(os.path.join(HERE, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


class Process:
    """manner: 'good', or what it does instead of answering: 'mute', 'garbage', 'list', 'huge', 'close', 'refuse'."""

    def __init__(self, path, document):
        self.path, self.document, self.manner = path, document, "good"
        self.requests = []
        self.config = {"state": "on_air", "loaded": 1795300000.5, "refused": "", "document": {"name": "headend-1", "services": []}}
        self.reload = {"ok": True, "state": "on_air", "added": {"services": ["News"]}, "changed": {}, "removed": {"groups": ["a", "b"]}}
        self.moved = {"ok": True, "worker": 1}
        self.listener = None
        self.open()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def close(self):
        """As a process that is killed: the socket stays on the disk and refuses."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def again(self):
        os.unlink(self.path)
        self.open()

    def accept(self, listener):
        while True:
            try:
                peer = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as lines:
            for line in lines:
                try:
                    self.answer(peer, json.loads(line))
                except OSError:
                    return
                if self.manner == "close":
                    return

    def answer(self, peer, request):
        self.requests.append(request)
        if self.manner == "mute":
            peer.recv(1)
        elif self.manner == "garbage":
            peer.sendall(b"\x00\xff what\n")
        elif self.manner == "list":
            peer.sendall(b"[1, 2]\n")
        elif self.manner == "huge":
            peer.sendall(b"{" + b" " * (9 << 20))
        elif self.manner == "refuse":
            peer.sendall(b'{"ok": false, "error": "no room for \\"more\\""}\n')
        elif self.manner == "good":
            peer.sendall(json.dumps(self.reply(request)).encode() + b"\n")

    def reply(self, request):
        if request == {"get": "status"}:
            return self.document
        if request.get("do") == "emm send":
            return {"ok": True, "sections": 3, "bytes": len(request["sections"]) // 2}
        if request == {"get": "config"}:
            return self.config
        if request.get("do") == "config reload":
            return self.reload
        if request.get("do") == "move":
            return self.moved
        return {"ok": False, "error": "unknown request"}


class Api:
    """bulkhead-api on a local socket and, when `port` is given, on loopback."""

    def __init__(self, folder, control, cas=(), listen=None, extra=()):
        self.socket = os.path.join(folder, "api.sock")
        command = [os.environ["BULKHEAD_API_PROGRAM"], "--control", control, "--socket", self.socket]
        for path in cas:
            command += ["--cas", path]
        if listen:
            command += ["--listen", listen]
        self.process = subprocess.Popen(command + list(extra), stderr=subprocess.PIPE)
        self.wait_ready()

    def wait_ready(self):
        self.log = b""
        end = time.monotonic() + LIMIT_S
        while b"READY" not in self.log:
            if not select.select([self.process.stderr], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("bulkhead-api is not ready: " + repr(self.log))
            part = os.read(self.process.stderr.fileno(), 4096)
            assert part, "bulkhead-api ended: " + repr(self.log)
            self.log += part

    def stop(self):
        self.process.terminate()
        status = self.process.wait(LIMIT_S)
        self.log += self.process.stderr.read()
        self.process.stderr.close()
        return status


def free_port():
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(where):
    """To a path or a port of loopback, with a limit on everything after. (With one before, a local connect does not wait for
    room in the listener's queue.)"""
    peer = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
    peer.connect(where if isinstance(where, str) else ("127.0.0.1", where))
    peer.settimeout(LIMIT_S)
    return peer


def receive_all(peer):
    data = b""
    while True:
        try:
            part = peer.recv(65536)
        except ConnectionResetError:
            return data
        if not part:
            return data
        data += part


def split(data):
    """(status, headers in lower case, body) of a reply."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    return int(lines[0].split(" ")[1]), headers, body


def talk(where, data):
    """Sends raw bytes and gives back everything that came until the end."""
    with connect(where) as peer:
        try:
            peer.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has said enough already
        return receive_all(peer)


def request(where, method, path, body=None, headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
    if not any(line.lower().startswith("host:") for line in headers):
        lines.append("Host: localhost")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return split(talk(where, "\r\n".join(lines + list(headers)).encode("latin-1") + b"\r\n\r\n" + (body or b"")))


def get(where, path, headers=()):
    status, _, body = request(where, "GET", path, headers=headers)
    return status, json.loads(body)
