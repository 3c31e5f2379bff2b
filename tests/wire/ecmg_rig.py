# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-cas under test: its process, its configuration, and a vault that shows what it was asked.

The vault of these tests is a fake that speaks keymgmt/api/km_msg.h: its "ECM" is a section in which the request stands
as it came, control words included, so that a test sees which words the ECMG chose. The real vault is tried in
ecmg_vault_test.py.
"""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SUPER_CAS_ID = 0x0ABC0001
CRITERIA = bytes.fromhex("000101040000002a")
BATCH_MAX = 32
REQUEST = struct.Struct("=IHHBBBB16s16s64s")
ANSWER = struct.Struct("=IiH6x256s")
STATUS_REQUEST, STATUS, ECM_BATCH, ECM_RESULT = 1, 2, 3, 4
ENOENT = 2


class Request:
    """One struct km_msg_ecm_request."""

    def __init__(self, raw):
        (self.tag, self.key, self.cp, self.cw_bytes, self.have, tlv_n, _, self.even, self.odd, tlv) = REQUEST.unpack(raw)
        self.tlv = tlv[:tlv_n]

    def section(self):
        words = b"".join(w[:self.cw_bytes] for bit, w in ((1, self.even), (2, self.odd)) if self.have & bit)
        body = struct.pack(">HHBB", self.key, self.cp, self.have, self.cw_bytes) + words + self.tlv
        return bytes([0x80 | self.cp & 1, 0x70 | len(body) >> 8, len(body) & 255]) + body


def words_in(section):
    """What the fake vault was given: (service_key_id, CP_number, even word or None, odd word or None)."""
    key, cp, have, size = struct.unpack_from(">HHBB", section, 3)
    at, words = 9, []
    for bit in (1, 2):
        words.append(section[at:at + size] if have & bit else None)
        at += size if have & bit else 0
    return key, cp, words[0], words[1]


class FakeVault:
    """Listens as bulkhead-vault does. `hold` keeps answers back while it is set."""

    def __init__(self, path, subsystem=SUPER_CAS_ID & 0xFFFF, version=1):
        self.path, self.subsystem, self.version = path, subsystem, version
        self.batches = []  # sizes
        self.hold = threading.Event()
        self.refuse_keys = {99}
        self.spoil = None  # changes an answer before it leaves
        self.links, self.ecms = [], 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.path.exists(path):
            os.unlink(path)
        self.listener.bind(path)
        os.chmod(path, 0o600)
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            self.links.append(link)
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        try:
            while True:
                message = link.recv(65536)
                if not message:
                    return
                kind, size = struct.unpack_from("=II", message)
                assert size == len(message), (size, len(message))
                link.sendall(self.status() if kind == STATUS_REQUEST else self.compose(message))
        except OSError:
            pass

    def status(self):
        keys = struct.pack("=H256H6x", 2, 1, 2, *[0] * 254)
        body = struct.pack("=IBxHQQ", self.version, 2, self.subsystem, self.ecms, 0) + keys
        return struct.pack("=II", STATUS, 8 + len(body)) + body

    def compose(self, message):
        n = struct.unpack_from("=I", message, 8)[0]
        self.batches.append(n)
        while self.hold.is_set():
            time.sleep(0.002)
        answers = b""
        for i in range(n):
            request = Request(message[16 + i * REQUEST.size:16 + (i + 1) * REQUEST.size])
            section = request.section()
            error = -ENOENT if request.key in self.refuse_keys else 0
            answers += ANSWER.pack(request.tag, error, 0 if error else len(section), b"" if error else section)
            self.ecms += 1
        if self.spoil:
            answers = self.spoil(answers)
        answers = answers.ljust(BATCH_MAX * ANSWER.size, b"\0")
        return struct.pack("=IIII", ECM_RESULT, 16 + len(answers), n, 0) + answers

    def die(self):
        """As if killed: the socket's file stays."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for link in self.links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait(condition, what, timeout=10.0):
    """Looks until `condition()` holds and returns what it gave."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.01)


class Cas:
    """bulkhead-cas in a directory of its own, with a fake vault unless `vault` is False."""

    def __init__(self, vault=True, emmg=None, program=None, directory=None, **ecmg):
        self.own = directory is None
        self.dir = directory or tempfile.mkdtemp(prefix="bulkhead-cas-")
        self.port = free_port()
        self.vault_path = os.path.join(self.dir, "vault.sock")
        self.operator_path = os.path.join(self.dir, "cas.sock")
        self.vault = FakeVault(self.vault_path) if vault else None
        document = {"name": "vendor1", "super_cas_id": f"{SUPER_CAS_ID:08x}", "vault": {"socket": self.vault_path},
                    "operator": {"socket": self.operator_path},
                    "ecmg": {"address": "127.0.0.1", "tcp_port": self.port, **ecmg}}
        if emmg is not None:
            document["emmg"] = {"address": "127.0.0.1", **emmg}
        self.config = os.path.join(self.dir, "cas.json")
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(document, file)
        self.program = program or os.environ["BULKHEAD_CAS"]
        self.log_path = os.path.join(self.dir, "log")
        self.process = None
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config, "--log", "debug"], stderr=log)
        wait(lambda: self.process.poll() is not None or "READY" in self.log(), "READY")
        if self.process.poll() is not None:
            raise AssertionError(f"bulkhead-cas ended with {self.process.returncode}:\n{self.log()}")
        if self.vault:
            wait(lambda: self.status()["vault"]["connected"], "the vault's status")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def ask(self, request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(5)
            link.connect(self.operator_path)
            link.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(link.makefile("rb").readline())

    def status(self):
        return self.ask({"get": "status"})

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        status = self.stop()
        log = self.log()
        if self.own:
            shutil.rmtree(self.dir)
        if kind is None:
            assert status == 0, f"bulkhead-cas ended with {status}:\n{log}"
            assert not re.search(r"ERROR: |runtime error", log), log
        else:
            print(log[-4000:], file=sys.stderr)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "a hang"


def run(tests):
    """Runs test functions, by name or all; returns the exit status."""
    wrong = 0
    for test in tests:
        if sys.argv[1:] and test.__name__ not in sys.argv[1:]:
            continue
        try:
            test()
            print(f"good  {test.__name__}")
        except Exception as error:  # the next test is tried all the same
            wrong += 1
            import traceback
            traceback.print_exc()
            print(f"WRONG {test.__name__}: {error!r}")
    return 1 if wrong else 0
