#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-bench kernel, function only: it runs, all implementations agree, its JSON, table and plots are whole. No figure is judged."""

import json
import os
import subprocess
import sys
import tempfile

TEXTS = ("algorithm", "implementation", "isa", "keys", "lengths")
NUMBERS = ("mpkt_per_s", "gbit_per_s", "ns_per_pkt", "cycles_per_pkt")
PROVENANCE = ("date", "commit", "cpu", "microcode", "cpu_flags", "tsc_hz", "kernel", "compiler", "core", "core_ghz", "clock", "rounds", "slice_us")
ALGORITHMS = ("csa1", "csa2", "cissa", "idsa", "aes-cbc", "aes-ecb", "sm4-cbc")
QUICK = ("--rounds", "1", "--slice-us", "10")


def bench(program, *args):
    return subprocess.run([program, "kernel", *args], capture_output=True, text=True, check=False)


def judge_row(row):
    name = " ".join(str(row.get(key)) for key in TEXTS)
    wrong = [f"{name}: no {key}" for key in TEXTS if not row.get(key)]
    wrong += [f"{name}: {key} is {row.get(key)}" for key in NUMBERS if not row.get(key, 0) > 0]
    if not 1 <= row["fill"] <= row["lanes"] or not 1 <= row["keys_per_batch"] <= row["fill"]:
        wrong.append(f"{name}: fill {row['fill']}, lanes {row['lanes']}, keys {row['keys_per_batch']}")
    if (row["keys"] == "one") != (row["keys_per_batch"] == 1) and row["fill"] > 1:
        wrong.append(f"{name}: keys {row['keys']} are {row['keys_per_batch']}")
    if not row["outside"] and not (row["ratio_to_best_other"] > 0 and row["best_other"]):
        wrong.append(f"{name}: compared with nobody")
    return wrong


def try_json(program):
    run = bench(program, *QUICK, "--json")
    if run.returncode:
        return [f"exit status {run.returncode}: {run.stderr}"]
    out = json.loads(run.stdout)
    wrong = [f"no provenance of {key}" for key in PROVENANCE if key not in out["provenance"]]
    for row in out["results"]:
        wrong += judge_row(row)
    for algorithm in ALGORITHMS:
        rows = [row for row in out["results"] if row["algorithm"] == algorithm]
        for who in ("reference", "bulkhead"):
            if not [row for row in rows if row["implementation"] == who and row["keys"] == "per-lane"]:
                wrong.append(f"{algorithm}: no row of {who}")
        if not [row for row in rows if row["outside"] and row["keys"] == "one"]:
            wrong.append(f"{algorithm}: no library beside it")
    wrong += [f"key set-up: {row}" for row in out["key_set_up"] if not row["ns"] > 0]
    return wrong


def try_table(program):
    with tempfile.TemporaryDirectory() as folder:
        run = bench(program, *QUICK, "--algorithm", "csa2,cissa", "--isa", "portable", "--plots", folder)
        plots = sorted(os.listdir(folder))
        drawn = [name for name in plots if "</svg>" in open(os.path.join(folder, name), encoding="utf-8").read()]
    pieces = ("csa2", "cissa", "portable", "libdvbcsa", "openssl", "ipsec-mb", "to best", "Key set-up", "fill")
    wrong = [f"the table lacks '{piece}': {run.stdout}{run.stderr}" for piece in pieces if run.returncode or piece not in run.stdout]
    if drawn != [f"{algorithm}-{what}.svg" for algorithm in ("cissa", "csa2") for what in ("fill", "keys", "rate")]:
        wrong.append(f"plots: {plots}, whole are {drawn}: {run.stderr}")
    if bench(program, *QUICK, "--algorithm", "csa2", "--plots", "/nonexistent/folder").returncode != 1:
        wrong.append("a folder for plots that does not exist is accepted")
    return wrong


def try_usage(program):
    bad = (["--algorithm", "csa3"], ["--algorithm", "csa2,"], ["--algorithm", ""], ["--isa", "mmx"], ["--isa", ""], ["--isa", "avx2,"], ["--rounds", "0"], ["--rounds", "1000"], ["--slice-us", "9"],
           ["--slice-us", "x"], ["--core", "-1"], ["--core", "100000"], ["--nonsense"], ["more"])
    wrong = [f"{args} is accepted" for args in bad if bench(program, *args).returncode != 2]
    return wrong + (["--help"] if bench(program, "--help").returncode else [])


def main():
    program = sys.argv[1]
    wrong = try_usage(program) + try_json(program) + try_table(program)
    for line in wrong:
        print(line)
    print(f"bench-kernel: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
