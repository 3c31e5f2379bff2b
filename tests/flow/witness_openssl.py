#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSL alone, from the source and the key file, makes every packet that left the dataplane in DVB-CISSA."""

import sys

import witness_line as line
import witness_packets

SECONDS = 8


def main():
    args = line.arguments(__doc__).parse_args()
    made = line.make_streams(args.streams, [("h264", line.H264, 1600), ("mpeg2", line.MPEG2, 0)], SECONDS)
    wrong = []
    with line.Line(args) as bench:
        for codec in made:
            bench.add(f"cissa-{codec}", made[codec], "cissa")
        bench.scramble()
        for case in bench.cases:
            capture = case.beside(bench, "capture.ts")
            # The PIDs as the judge found them in the source's PMT.
            pids = [pid["pid"] for pid in bench.verdict_of_capture(case)["pids"] if pid["scrambled"]]
            status, said = witness_packets.compare(bench, case, pids, capture, "--min-periods", "3")
            print(said.strip())
            if len(pids) != 2 or status != 0:
                wrong.append(f"{case.name}: PIDs {pids}, status {status}")
            wrong += witness_packets.blind_spots(bench, case, pids, capture)
    return line.report("witness-openssl", wrong)


if __name__ == "__main__":
    sys.exit(main())
