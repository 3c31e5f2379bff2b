# SPDX-License-Identifier: GPL-3.0-or-later
"""The line that the witnesses look at: streams of ffmpeg -> dataplane -> terminal -> verdict, on files.

A Line lives in a folder of its own that goes away with it. What it starts is bounded in time and ended by its own pid.
"""

import argparse
import dataclasses
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo"))

import plan  # noqa: E402
import streams  # noqa: E402

TS_BYTES = 188
PERIOD_MS = 1000
CW_BYTES = {"csa1": 8, "csa2": 8, "cissa": 16, "idsa": 16, "sm4-cbc": 16, "aes-cbc": 16, "aes-ecb": 16}
PROGRAM_S = 120  # no program of a test runs longer
H264 = plan.Codec("H.264+AAC", 900, 96)
MPEG2 = plan.Codec("MPEG-2+MP2", 1500, 128)
CA_SYSTEM_ID, ECM_PID = 0x0ABC, 0x1B00
CA_PRIVATE = "c0ffee"


class Failed(Exception):
    """The test failed, or could not run."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One service with a stream and files of its own. `words` are its control words, from CP_number 0 on."""

    name: str
    source: str
    program: int
    algorithm: str
    words: tuple
    repeat: bool

    def beside(self, line, what):
        return os.path.join(line.folder, f"{self.name}-{what}")


def arguments(description):
    # An end by signal unwinds like an error, so that nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    parser = argparse.ArgumentParser(description=description)
    for tool in ("dataplane", "faulty", "terminal", "verdict", "pcap", "packets", "lengths"):
        parser.add_argument(f"--{tool}", required=True)
    parser.add_argument("--streams", required=True, help="folder where made streams are kept")
    return parser


def run(command, good=(0,), seconds=PROGRAM_S, **more):
    """Runs a program to its end; returns it with its output. A status not in `good` fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, **more)
    if good is not None and done.returncode not in good:
        tail = (done.stdout + done.stderr).decode("utf-8", "replace")[-3000:]
        raise Failed(f"{' '.join(map(str, command))}\nended with status {done.returncode}:\n{tail}")
    return done


def make_streams(folder, specs, seconds):
    """Streams of (name, codec, mux_kbps), made once and kept: {name: path}. Tests that run at once wait for each other."""
    os.makedirs(folder, exist_ok=True)
    wanted = [plan.Stream(i + 1, mux, (plan.Service(name, 101 + i, "", codec),)) for i, (name, codec, mux) in enumerate(specs)]
    with open(os.path.join(folder, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        paths = streams.make(wanted, seconds, folder)
    return {stream.services[0].name: (paths[stream.name], stream.services[0].program) for stream in wanted}


def random_words(algorithm, n):
    """Control words; those of CSA1 have the right check bytes (bytes 3 and 7 are sums of the three before them)."""
    words = []
    for _ in range(n):
        word = bytearray(secrets.token_bytes(CW_BYTES[algorithm]))
        if algorithm == "csa1":
            word[3], word[7] = sum(word[0:3]) & 0xFF, sum(word[4:7]) & 0xFF
        words.append(word.hex())
    return tuple(words)


class Line:
    def __init__(self, args, cases=()):
        self.args, self.cases = args, list(cases)
        self._temporary = tempfile.TemporaryDirectory(prefix="bulkhead-witness-")
        self.folder = self._temporary.name
        self.keys = os.path.join(self.folder, "keys.txt")
        self.config = os.path.join(self.folder, "dataplane.json")
        self.stats_file = os.path.join(self.folder, "stats.json")
        self.log = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._temporary.cleanup()

    def add(self, name, stream, algorithm, words=None, repeat=False):
        source, program = stream
        self.cases.append(Case(name, source, program, algorithm, words or random_words(algorithm, 40), repeat))
        return self.cases[-1]

    def write_keys(self):
        with open(os.open(self.keys, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            for case in self.cases:
                file.write(f"group {case.name} period_ms {PERIOD_MS}{' repeat' if case.repeat else ''}\n")
                for cp, word in enumerate(case.words):
                    file.write(f"cp {cp} {'odd' if cp % 2 else 'even'} {word}\n")

    def document(self, files):
        """`files` is {case name: (rx, tx)}; a file port for each."""
        cpus = sorted(os.sched_getaffinity(0))
        return {
            "main_core": cpus[0], "workers": [{"core": cpus[-1]}], "idle": "yield", "keys": self.keys,
            "memory": {"hugepages": False, "mib": 128},
            "ports": [{"name": c.name, "driver": "file", "rx": files[c.name][0], "tx": files[c.name][1]} for c in self.cases],
            "inputs": [{"name": c.name, "port": c.name} for c in self.cases],
            "outputs": [{"name": c.name, "port": c.name} for c in self.cases],
            "services": [{"name": c.name, "input": c.name, "program": c.program, "output": c.name,
                          "scrambling": {"group": c.name, "algorithm": c.algorithm},
                          "ca": [{"ca_system_id": CA_SYSTEM_ID, "ecm_pid": ECM_PID + i, "private": CA_PRIVATE}]}
                         for i, c in enumerate(self.cases)],
        }

    def pcap_document(self, rx, tx):
        """All cases over one pcap port: 239.1.1.N in, 239.2.1.N out."""
        document = self.document({c.name: ("", "") for c in self.cases})
        document["ports"] = [{"name": "wire", "driver": "pcap", "rx": rx, "tx": tx}]
        document["inputs"] = [{"name": c.name, "port": "wire", "group": f"239.1.1.{i + 1}", "udp_port": plan.UDP_PORT}
                              for i, c in enumerate(self.cases)]
        document["outputs"] = [{"name": c.name, "port": "wire", "group": f"239.2.1.{i + 1}", "udp_port": plan.UDP_PORT,
                                "source": "10.0.2.1"} for i, c in enumerate(self.cases)]
        return document

    def wrap(self, out):
        """The sources of all cases in one capture, for pcap_document."""
        parts = []
        for i, case in enumerate(self.cases):
            parts.append(case.beside(self, "in.pcap"))
            run([self.args.pcap, "wrap", case.source, parts[-1], f"239.1.1.{i + 1}:{plan.UDP_PORT}"])
        run([self.args.pcap, "merge", out, *parts])

    def write(self, document):
        self.write_keys()
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(document, file)

    def command(self, program=None, *more):
        return [program or self.args.dataplane, "--config", self.config, "--stats", self.stats_file, *more]

    def scramble(self, program=None, fault=None):
        """Every case through file ports, to its capture.ts."""
        self.write(self.document({c.name: (c.source, c.beside(self, "capture.ts")) for c in self.cases}))
        fault = ["--fault", fault] if fault else []
        done = run(self.command(program or (self.args.faulty if fault else None), *fault))
        self.log = (done.stdout + done.stderr).decode("utf-8", "replace")

    def stats(self):
        with open(self.stats_file, encoding="utf-8") as file:
            return json.load(file)

    def open(self, case, good=(0,)):
        run([self.args.terminal, "--input", case.beside(self, "capture.ts"), "--schedule", self.keys, "--group", case.name,
             "--output", case.beside(self, "opened.ts"), "--report", case.beside(self, "report.json")], good)

    def verdict(self, case, opened="opened.ts"):
        """What flow_verdict says, which holds no cipher."""
        done = run([self.args.verdict, "--source", case.source, "--capture", case.beside(self, "capture.ts"), "--opened",
                    case.beside(self, opened), "--program", str(case.program), "--algorithm", case.algorithm, "--json"], (0, 1))
        said = json.loads(done.stdout)
        if said["good"] != (done.returncode == 0):
            raise Failed(f"flow_verdict: status {done.returncode} with good={said['good']}")
        return said

    def verdict_of_capture(self, case):
        """The same before anything was opened: what leaked, and which PIDs there are."""
        return self.verdict(case, "capture.ts")


def decodes(path, seconds=None):
    """What ffmpeg has against a file when it decodes all of it, or its first seconds, as text; empty when nothing."""
    part = ["-t", str(seconds)] if seconds else []
    done = run(["ffmpeg", "-nostdin", "-v", "error", "-xerror", *part, "-i", path, "-map", "0", "-f", "null", "-"], None)
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0 or said:
        return said or f"status {done.returncode}"
    probe = json.loads(run(["ffprobe", "-v", "error", "-of", "json", "-show_entries", "stream=codec_type", path]).stdout)
    found = sorted(s["codec_type"] for s in probe["streams"])
    return "" if {"audio", "video"} <= set(found) else f"only the streams {found}"


def packets(path):
    """The transport packets of a file; a part of one at the end, where a program was killed, is left out."""
    with open(path, "rb") as file:
        while len(packet := file.read(TS_BYTES)) == TS_BYTES:
            yield packet


def parities(path):
    """The parities on air, a set of transport_scrambling_control values, clear packets left out."""
    return {packet[3] >> 6 for packet in packets(path)} - {0}


def report(name, wrong):
    """The test's last words; returns its exit status."""
    for line in wrong:
        print(f"WRONG {line}")
    print(f"{name}: {len(wrong)} wrong")
    return 1 if wrong else 0
