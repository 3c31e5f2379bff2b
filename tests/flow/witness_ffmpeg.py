#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ffmpeg decodes without an error what the terminal opened: every algorithm, both families of codecs.

A stream whose key is wrong must not decode, or the witness is blind.
"""

import sys

import witness_line as line

SECONDS = 8
CODECS = {"h264": line.H264, "mpeg2": line.MPEG2}


def free_ca_modes(bench, case, what):
    """free_CA_mode of the service in every SDT of one of its files, as tshark reads it."""
    pcap = case.beside(bench, "sdt.pcap")
    line.run([bench.args.pcap, "wrap", what, pcap, "239.3.1.1:5000"])
    done = line.run(["tshark", "-r", pcap, "-d", "udp.port==5000,mp2t", "-Y", f"dvb_sdt.svc.id == {case.program}", "-T", "fields",
                     "-e", "dvb_sdt.svc.free_ca_mode"])
    return {int(mode, 0) for text in done.stdout.decode().split("\n") for mode in text.split(",") if mode}


def look(bench, case):
    bench.open(case)
    wrong = []
    said = bench.verdict(case)
    if not said["good"]:
        wrong += [f"{case.name}: {reason}" for reason in said["reasons"] or ["not good, no reason given"]]
    complaint = line.decodes(case.beside(bench, "opened.ts"))
    if complaint:
        wrong.append(f"{case.name}: ffmpeg says {complaint[:300]}")
    if line.decodes(case.beside(bench, "capture.ts")) == "":
        wrong.append(f"{case.name}: ffmpeg decodes the scrambled stream")
    for what, expected in ((case.source, {0}), (case.beside(bench, "capture.ts"), {1})):
        modes = free_ca_modes(bench, case, what)
        if modes != expected:
            wrong.append(f"{case.name}: free_CA_mode is {modes} in {what}, expected {expected}")
    return wrong


def wrong_key(bench, case):
    """The same capture opened with other words: the terminal says that nothing opened, ffmpeg that nothing decodes."""
    bench.cases = [line.dataclasses.replace(case, words=line.random_words(case.algorithm, len(case.words)))]
    bench.write_keys()
    bench.open(case, good=(1,))
    if line.decodes(case.beside(bench, "opened.ts")) == "":
        return [f"{case.name}: ffmpeg decodes what was opened with wrong keys"]
    return []


def main():
    args = line.arguments(__doc__).parse_args()
    made = line.make_streams(args.streams, [("h264", line.H264, 1600), ("mpeg2", line.MPEG2, 0)], SECONDS)
    wrong = []
    with line.Line(args) as bench:
        for algorithm in ("csa1", "csa2", "cissa"):
            for codec in CODECS:
                bench.add(f"{algorithm}-{codec}", made[codec], algorithm)
        bench.scramble()
        for case in bench.cases:
            wrong += look(bench, case)
        for case in list(bench.cases)[::3]:
            wrong += wrong_key(bench, case)
    return line.report("witness-ffmpeg", wrong)


if __name__ == "__main__":
    sys.exit(main())
