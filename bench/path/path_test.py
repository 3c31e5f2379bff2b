#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-bench path, function only: it runs, its own checks hold, its JSON and table are whole. No figure is judged."""

import json
import os
import subprocess
import sys
import tempfile

STAGES = ("rx", "classify", "slot", "insert", "batch", "scramble", "guard", "tx", "other")
NUMBERS = ("pkts_per_s", "gbit_per_s", "wall_pkts_per_s", "lanes_per_batch", "keys_per_batch", "total_ticks_per_pkt", "undisturbed",
           "replay_ticks_per_pkt", "sink_ticks_per_pkt", "bare_forward_ticks_per_pkt")
PROVENANCE = ("date", "commit", "cpu", "microcode", "cpu_flags", "tsc_hz", "core_ghz", "kernel", "dpdk", "compiler", "cipher_csa2", "cipher_cissa",
              "nic", "hugepages", "runs", "run_ms", "trial_ms", "period_ms", "null_percent")
SCRAMBLED = {"guard": ("check", "note", "sum", "share_of_total"),
             "kernel": ("ticks_per_lane", "pkts_per_s", "path_rate_over_kernel_rate", "scrambled_rate_over_kernel_rate")}


def bench(program, *args):
    return subprocess.run([program, "path", *args], capture_output=True, text=True, check=False)


def measure(program, *args):
    """Runs it; its JSON, and what is wrong with the run."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-bench-") as folder:
        file = os.path.join(folder, "path.json")
        run = bench(program, *args, "--json", file)
        if run.returncode:
            return None, [f"{args}: exit status {run.returncode}: {run.stderr}"]
        with open(file, encoding="utf-8") as written:
            return json.load(written), []


def judge_case(case):
    """What is wrong with one case of the JSON."""
    name = f"{case.get('services')} {case.get('algorithm')}"
    clear = case.get("algorithm") == "clear"
    wrong = [f"{name}: no number {key}" for key in NUMBERS if not isinstance(case.get(key), float)]
    wrong += [f"{name}: no stage {stage}" for stage in STAGES if not isinstance(case["ticks_per_pkt"].get(stage), float)]
    checks = case["checks"]
    if checks["unsound"] or checks["trials"] < 1 or checks["watched_pkts"] < 1000 or checks["opened_pkts"] < 100:
        wrong.append(f"{name}: not sound, or hardly looked at: {checks}")
    if abs(sum(case["ticks_per_pkt"].values()) - case["total_ticks_per_pkt"]) > 0.01 * case["total_ticks_per_pkt"]:
        wrong.append(f"{name}: the stages do not add up to the total")
    if clear != (case["lanes_per_batch"] == 0):
        wrong.append(f"{name}: {case['lanes_per_batch']} lanes per batch")
    if not 0 < case["memory_bytes"] < 1 << 30 or case["rss_bytes"] < 1 << 20:
        wrong.append(f"{name}: memory {case['memory_bytes']}, resident {case['rss_bytes']}")
    for group, keys in SCRAMBLED.items():
        if clear == (group in case):
            wrong.append(f"{name}: {group} where it should not be, or not where it should")
        wrong += [f"{name}: no {group}/{key}" for key in keys if not clear and not case.get(group, {}).get(key, 0) > 0]
    return wrong


def judge_search(case):
    name = f"{case['services']} {case['algorithm']}"
    wrong = [f"{name}: no {which}" for which in ("ndr", "pdr") if not case[which]["trials"]]
    for latency in case["latency"]:
        both = latency["all_us"], latency["outside_gaps_us"]
        wrong += [f"{name}: percentiles fall: {p}" for p in both if not p["p50"] <= p["p90"] <= p["p99"] <= p["p99_9"] <= p["max"]]
        if both[1]["samples"] > both[0]["samples"]:
            wrong.append(f"{name}: more samples outside gaps than there are")
    return wrong


def try_costs(program):
    out, wrong = measure(program, "--services", "1,3", "--algorithm", "csa2,mixed", "--run-ms", "20", "--runs", "2", "--costs")
    if wrong:
        return wrong
    wrong = [f"no provenance of {key}" for key in PROVENANCE if key not in out["provenance"]]
    want = [(s, a) for s in (1, 3) for a in ("clear", "csa2", "mixed")]
    if [(c["services"], c["algorithm"]) for c in out["cases"]] != want:
        wrong.append("not the cases that were asked for")
    for case in out["cases"]:
        wrong += judge_case(case)
        if len(case["totals_of_runs"]) != 2 or "ndr" in case:
            wrong.append("not the total of every run, or more than was asked for")
    return wrong


# More services than inputs: multiplexes of two programmes; crypto-periods of a second change a few times.
def try_search(program):
    out, wrong = measure(program, "--services", "300", "--algorithm", "csa2", "--run-ms", "600", "--runs", "1", "--trial-ms", "20", "--period-ms", "1000")
    for case in out["cases"] if out else ():
        wrong += judge_case(case) + judge_search(case)
    return wrong


def try_table(program):
    run = bench(program, "--services", "2", "--algorithm", "cissa", "--run-ms", "20", "--runs", "1", "--null-percent", "0", "--trial-ms", "20",
                "--period-ms", "0")
    pieces = ("scramble", "cipher alone", "replay", "TSC", "NDR", "PDR", "MRR", "of the samples were in gaps")
    return [f"the table lacks '{piece}': {run.stdout}{run.stderr}" for piece in pieces if run.returncode or piece not in run.stdout]


def try_usage(program):
    bad = (["--services", "0"], ["--services", "1,,2"], ["--services", "1025"], ["--services", "1,2,3,4,5,6,7,8,9"], ["--services", "1,"],
           ["--algorithm", "aes"], ["--algorithm", "clear"], ["--algorithm", ""], ["--run-ms", "19"], ["--runs", "0"], ["--runs", "3x"],
           ["--workers", "0"], ["--period-ms", "999"], ["--trial-ms", "1"], ["--null-percent", "51"], ["--nonsense"], ["more"])
    wrong = [f"{args} is accepted" for args in bad if bench(program, *args).returncode != 2]
    if bench(program, "--help").returncode or subprocess.run([program], capture_output=True, check=False).returncode != 2:
        wrong.append("--help, or no subcommand")
    return wrong


def try_file(program):
    run = bench(program, "--services", "1", "--algorithm", "csa2", "--run-ms", "20", "--runs", "1", "--costs", "--json", "/nonexistent/path.json")
    return [] if run.returncode == 1 and "/nonexistent/path.json" in run.stderr else ["a file that cannot be written goes unnoticed"]


def main():
    program = sys.argv[1]
    wrong = try_usage(program) + try_costs(program) + try_search(program) + try_table(program) + try_file(program)
    for line in wrong:
        print(line)
    print(f"bench-path: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
