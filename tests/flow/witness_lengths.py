#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Payloads of 0 to 184 bytes behind every adaptation_field_length, in all algorithms, against libdvbcsa and OpenSSL.

Short payloads leave untouched with the parity set, packets without payload with transport_scrambling_control 00, none is
missing, the order is kept; packets with a malformed adaptation field are dropped and counted.
"""

import sys

import witness_line as line
import witness_packets

PROGRAM, VIDEO, AUDIO, PCR = 7, 0x101, 0x102, 0x103  # of witness_lengths
ROUNDS, MALFORMED = 12, 6


def look(bench, case, service):
    capture = case.beside(bench, "capture.ts")
    status, said = witness_packets.compare(bench, case, (VIDEO, AUDIO, PCR), capture, "--all-lengths")
    print(said.strip())
    wrong = [] if status == 0 else [f"{case.name}: status {status}"]
    wrong += witness_packets.blind_spots(bench, case, (VIDEO, AUDIO, PCR), capture)
    drops = service["drops"]
    if drops != {"bad_adaptation": ROUNDS * MALFORMED}:
        wrong.append(f"{case.name}: drops are {drops}, not {ROUNDS * MALFORMED} of bad_adaptation")
    leaked = bench.verdict_of_capture(case)["leaked_pkts"]
    if leaked:
        wrong.append(f"{case.name}: {leaked} packets leaked")
    return wrong


def main():
    args = line.arguments(__doc__).parse_args()
    wrong = []
    with line.Line(args) as bench:
        source = f"{bench.folder}/lengths.ts"
        line.run([args.lengths, source])
        for algorithm in ("csa1", "csa2", "cissa"):
            # Words without check bytes: of CSA1 the dataplane has to make them.
            words = line.random_words("cissa" if algorithm == "cissa" else "csa2", 2)
            bench.add(algorithm, (source, PROGRAM), algorithm, words, repeat=True)
        bench.scramble()
        for case, service in zip(bench.cases, bench.stats()["services"]):
            wrong += look(bench, case, service)
    return line.report("witness-lengths", wrong)


if __name__ == "__main__":
    sys.exit(main())
