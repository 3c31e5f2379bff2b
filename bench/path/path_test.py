#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-bench path, function only: it runs, its own checks hold, its JSON and table are whole. No figure is judged."""

import json
import subprocess
import sys

STAGES = ("rx", "classify", "slot", "batch", "scramble", "guard", "tx", "other")
NUMBERS = ("pkts_per_s", "gbit_per_s", "wall_pkts_per_s", "lanes_per_batch", "keys_per_batch", "total_ticks_per_pkt",
           "undisturbed", "replay_ticks_per_pkt", "sink_ticks_per_pkt")
PROVENANCE = ("date", "commit", "cpu", "microcode", "cpu_flags", "tsc_hz", "kernel", "dpdk", "compiler", "cipher_csa2", "cipher_cissa", "nic",
              "workers", "runs", "window_ms", "period_ms", "rate_kbps", "null_percent")
SCRAMBLED = {"guard": ("check", "note", "sum", "share_of_total"), "kernel": ("ticks_per_lane", "pkts_per_s", "path_rate_over_kernel_rate")}


def bench(program, *args):
    return subprocess.run([program, "path", *args], capture_output=True, text=True, check=False)


def judge_case(case):
    """What is wrong with one case of the JSON."""
    name = f"{case.get('services')} {case.get('algorithm')}"
    clear = case.get("algorithm") == "clear"
    wrong = [f"{name}: no number {key}" for key in NUMBERS if not isinstance(case.get(key), float)]
    wrong += [f"{name}: no stage {stage}" for stage in STAGES if not isinstance(case["ticks_per_pkt"].get(stage), float)]
    checks = case["checks"]
    if not checks["sound"] or checks["wrong_pkts"] or checks["guard_drops"] or checks["other_drops"] or checks["continuity_errors"]:
        wrong.append(f"{name}: not sound: {checks}")
    if checks["checked_pkts"] < 1000:
        wrong.append(f"{name}: only {checks['checked_pkts']} packets were looked at")
    if abs(sum(case["ticks_per_pkt"].values()) - case["total_ticks_per_pkt"]) > 0.01 * case["total_ticks_per_pkt"]:
        wrong.append(f"{name}: the stages do not add up to the total")
    if clear != (case["lanes_per_batch"] == 0):
        wrong.append(f"{name}: {case['lanes_per_batch']} lanes per batch")
    for group, keys in SCRAMBLED.items():
        if clear == (group in case):
            wrong.append(f"{name}: {group} where it should not be, or not where it should")
        wrong += [f"{name}: no {group}/{key}" for key in keys if not clear and not case.get(group, {}).get(key, 0) > 0]
    return wrong


def try_json(program):
    run = bench(program, "--services", "1,3", "--algorithm", "csa2,cissa,mixed", "--seconds", "0.05", "--runs", "2", "--json")
    if run.returncode:
        return [f"exit status {run.returncode}: {run.stderr}"]
    out = json.loads(run.stdout)
    wrong = [f"no provenance of {key}" for key in PROVENANCE if key not in out["provenance"]]
    want = [(s, a) for s in (1, 3) for a in ("clear", "csa2", "cissa", "mixed")]
    if [(c["services"], c["algorithm"]) for c in out["cases"]] != want:
        wrong.append("not the cases that were asked for")
    for case in out["cases"]:
        wrong += judge_case(case)
        if len(case["totals_of_runs"]) != 2:
            wrong.append("not the total of every run")
    return wrong


# Stream time runs much faster than the clock here, so crypto-periods of a second change many times in the window.
def try_periods(program):
    run = bench(program, "--services", "1", "--algorithm", "cissa", "--seconds", "0.2", "--runs", "1", "--period-ms", "1000", "--json")
    if run.returncode:
        return [f"with crypto-periods: exit status {run.returncode}: {run.stderr}"]
    case = json.loads(run.stdout)["cases"][1]
    wrong = judge_case(case)
    return wrong if case["checks"]["periods"] > 1 else wrong + ["no crypto-period changed"]


def try_table(program):
    run = bench(program, "--services", "2", "--algorithm", "cissa", "--seconds", "0.05", "--runs", "1", "--null-percent", "0")
    pieces = ("scramble", "guard: tx check", "kernel alone", "replay", "TSC")
    return [f"the table lacks '{piece}': {run.stdout}{run.stderr}" for piece in pieces if run.returncode or piece not in run.stdout]


def try_usage(program):
    bad = (["--services", "0"], ["--services", "1,,2"], ["--services", "257"], ["--services", "1,2,3,4,5,6,7,8,9"], ["--algorithm", "aes"],
           ["--algorithm", "clear"], ["--algorithm", ""], ["--seconds", "0"], ["--seconds", "nan"], ["--runs", "0"], ["--runs", "3x"],
           ["--workers", "0"], ["--period-ms", "999"], ["--rate-kbps", "1"], ["--null-percent", "51"], ["--nonsense"], ["more"])
    wrong = [f"{args} is accepted" for args in bad if bench(program, *args).returncode != 2]
    if bench(program, "--help").returncode or subprocess.run([program], capture_output=True, check=False).returncode != 2:
        wrong.append("--help, or no subcommand")
    return wrong


def main():
    program = sys.argv[1]
    wrong = try_usage(program) + try_json(program) + try_periods(program) + try_table(program)
    for line in wrong:
        print(line)
    print(f"bench-path: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
