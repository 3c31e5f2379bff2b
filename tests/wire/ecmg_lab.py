# SPDX-License-Identifier: GPL-3.0-or-later
"""A laboratory: bulkhead-cas with the real bulkhead-vault, and its ECMs computed anew by the openssl program."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from ecmg_rig import Cas, wait


def seal(key, block):
    """E(key, block): one block of AES-128 in ECB."""
    return subprocess.run(["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", key], input=block, capture_output=True,
                          check=True).stdout


def cmac(key, data):
    done = subprocess.run(["openssl", "mac", "-cipher", "AES-128-CBC", "-macopt", "hexkey:" + key, "-in", "-", "CMAC"],
                          input=data, capture_output=True, check=True)
    return bytes.fromhex(done.stdout.decode().strip())


class Vault:
    def __init__(self, directory):
        self.program = os.environ["BULKHEAD_VAULT"]
        self.dir, self.process = directory, None
        subprocess.run([self.program, "--make-lab", directory, "--service-keys", "2"], check=True, stdout=subprocess.DEVNULL)
        self.keys = {}
        with open(os.path.join(directory, "vault.keys"), encoding="ascii") as file:
            for number, k1, auth in re.findall(r"^service_key (\d+) k1 ([0-9a-f]+) auth ([0-9a-f]+)", file.read(), re.M):
                self.keys[int(number)] = k1, auth
        self.start()

    def start(self):
        path = os.path.join(self.dir, "vault.sock")
        self.process = subprocess.Popen([self.program, "--keys", os.path.join(self.dir, "vault.keys"), "--socket", path],
                                        stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Lab:
    """A vault and a CAS, ready."""

    def __init__(self, **ecmg):
        self.dir = tempfile.mkdtemp(prefix="bulkhead-lab-")
        self.vault = Vault(self.dir)
        self.cas = Cas(vault=False, directory=self.dir, **ecmg)
        wait(lambda: self.cas.status()["vault"]["connected"], "the vault")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            self.cas.__exit__(*error)
        finally:
            self.vault.kill()
            shutil.rmtree(self.dir)


def check_ecm(section, vault, number, criteria, even, odd):
    """The layout of docs/ecm.md, byte by byte; `time` is near now."""
    service_key = int.from_bytes(criteria[:2], "big")
    k1, auth = vault.keys[service_key]
    conditions = criteria[2:]
    sealed = b"".join(seal(k1, word.ljust(16, b"\0")) if word else bytes(16) for word in (even, odd))
    when = int.from_bytes(section[11:15], "big")
    assert abs(when - time.time()) < 5, when
    rest = (bytes([1, 2]) + b"\0\1" + service_key.to_bytes(2, "big") + number.to_bytes(2, "big") + section[11:15] +
            bytes([len(conditions)]) + conditions + sealed)
    length = len(rest) + 8
    head = bytes([0x80 | number & 1, 0x70 | length >> 8, length & 255])
    assert section == head + rest + cmac(auth, head + rest)[:8], section.hex()
