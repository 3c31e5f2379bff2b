#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL and SIGTERM in the middle of the stream: nothing that the dataplane wrote by then is clear.

Input and output are FIFOs, so that the test sees every byte on its way and the dataplane cannot run ahead. Through the file
port and through net_pcap; with the fault `clear` built in, the same must be found leaking.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
import time

import witness_line as line

SECONDS = 8
READY_S, END_S = 60, 20
READ_BYTES = 16384
KILL_AT = (5_000, 100_000, 700_000)  # bytes read from the output


class Output:
    """A FIFO that the dataplane writes to."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path = path
        # A reader that does not wait for its writer.
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.bytes = bytearray()

    def read(self, until=None):
        """Reads until so much is there, or to the end."""
        os.set_blocking(self.fd, True)
        while until is None or len(self.bytes) < until:
            part = os.read(self.fd, READ_BYTES)
            if not part:
                return
            self.bytes += part

    def close(self):
        os.close(self.fd)


def feed(source, fifo):
    """Writes a file into a FIFO, in a thread of its own; ends with the reader."""

    def work():
        try:
            with open(source, "rb") as whole, open(fifo, "wb", buffering=0) as to:
                while part := whole.read(READ_BYTES):
                    to.write(part)
        except BrokenPipeError:
            pass

    os.mkfifo(fifo)
    threading.Thread(target=work, daemon=True).start()


def wait_ready(child, log):
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if " READY " in text:
            return
        if child.poll() is not None:
            break
        time.sleep(0.02)
    raise line.Failed(f"the dataplane is not ready:\n{text[-2000:]}")


def kill_at(bench, output, number, at, program, fault):
    """Plays until so many bytes have come out, signals, reads the rest; returns the exit status."""
    log = os.path.join(bench.folder, "dataplane.log")
    fault = ["--fault", fault] if fault else []
    with open(log, "wb") as said:
        child = subprocess.Popen(bench.command(program, *fault), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
    # Whatever hangs, the end comes: and with it the end of the output.
    watchdog = threading.Timer(READY_S + END_S, child.kill)
    watchdog.start()
    try:
        wait_ready(child, log)
        output.read(at)
        child.send_signal(number)
        output.read()
        return child.wait(END_S)
    finally:
        watchdog.cancel()
        child.kill()
        child.wait()


def whole_records(capture):
    """A capture file without the part of a record at its end."""
    at = 24
    while at + 16 <= len(capture):
        size = struct.unpack_from("=I", capture, at + 8)[0]
        if at + 16 + size > len(capture):
            break
        at += 16 + size
    return capture[:at]


def keep(bench, case, output, pcap):
    """Leaves what came out as the capture of the case."""
    capture = case.beside(bench, "capture.ts")
    if not pcap:
        with open(capture, "wb") as file:
            file.write(output.bytes[:len(output.bytes) // line.TS_BYTES * line.TS_BYTES])
        return
    path = case.beside(bench, "out.pcap")
    with open(path, "wb") as file:
        file.write(whole_records(output.bytes))
    line.run([bench.args.pcap, "unwrap", path, capture, f"239.2.1.1:{line.plan.UDP_PORT}"])


def play(args, stream, algorithm, pcap, number, at, program=None, fault=None):
    """One kill; returns the verdict of what was written, the exit status, and the packets that are scrambled."""
    with line.Line(args) as bench:
        case = bench.add(algorithm, stream, algorithm)
        output = Output(os.path.join(bench.folder, "out.fifo"))
        fifo = os.path.join(bench.folder, "in.fifo")
        source = case.source
        if pcap:
            source = os.path.join(bench.folder, "in.pcap")
            bench.wrap(source)
        feed(source, fifo)
        bench.write(bench.pcap_document(fifo, output.path) if pcap else bench.document({case.name: (fifo, output.path)}))
        try:
            status = kill_at(bench, output, number, at, program, fault)
        finally:
            output.close()
        keep(bench, case, output, pcap)
        scrambled = sum(packet[3] >> 6 >= 2 for packet in line.packets(case.beside(bench, "capture.ts")))
        return bench.verdict_of_capture(case), status, scrambled


def look(args, stream, algorithm, pcap, number, at):
    what = f"{algorithm} through {'pcap' if pcap else 'file'}, {signal.Signals(number).name} after {at} bytes"
    said, status, scrambled = play(args, stream, algorithm, pcap, number, at)
    wrong = []
    if said["leaked_pkts"]:
        wrong.append(f"{what}: {said['leaked_pkts']} packets leaked: {said['leaks'][:3]}")
    if status != (0 if number == signal.SIGTERM else -number):
        wrong.append(f"{what}: it ended with status {status}")
    sent, there = (sum(pid[f"{side}_pkts"] for pid in said["pids"]) for side in ("captured", "source"))
    if scrambled == 0 and at > KILL_AT[0] or sent >= there:
        wrong.append(f"{what}: not in the middle of the stream: {scrambled} scrambled, {sent} of {there} packets sent")
    return wrong


def main():
    args = line.arguments(__doc__).parse_args()
    stream = line.make_streams(args.streams, [("h264", line.H264, 1600)], SECONDS)["h264"]
    wrong = []
    for pcap in (False, True):
        for algorithm in ("csa2", "cissa"):
            for number in (signal.SIGKILL, signal.SIGTERM):
                for at in KILL_AT:
                    wrong += look(args, stream, algorithm, pcap, number, at)
        said, _, _ = play(args, stream, "csa2", pcap, signal.SIGKILL, KILL_AT[-1], args.faulty, "clear")
        if said["leaked_pkts"] == 0:
            wrong.append(f"the fault clear through {'pcap' if pcap else 'file'}: nothing leaked")
    return line.report("fault-kill", wrong)


if __name__ == "__main__":
    sys.exit(main())
