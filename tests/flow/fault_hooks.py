#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a fault inside the dataplane: the guard blocks it, nothing leaks, the alarm is raised.

bulkhead-dataplane-faulty has the faults built in. With `guard-off` added the same faults must leak: that proves fault and
judge. What leaked is counted by flow_verdict from the capture, never by a counter of the dataplane.

    fault_hooks.py ... [--only FAULT]
"""

import os
import sys

import witness_line as line

SECONDS = 8
# Of each fault that the guard must block, the reason that it must be counted under.
BLOCKED = {"skip-lane": "guard_clear", "zero-mask": "guard_clear", "lost-key": "guard_unsealed", "wrong-kind": "guard_pid",
           "unwritten": "guard_clear"}
# A lost key leaves a null packet behind, guard or no guard.
LEAKING = ("skip-lane", "zero-mask", "wrong-kind")
ALARM = "alarm raised name=guard_blocked severity=critical"


def play(bench, fault):
    """One run of all cases; returns the verdicts of the captures by case name, and the statistics."""
    bench.scramble(bench.args.faulty, fault)
    return {case.name: bench.verdict_of_capture(case) for case in bench.cases}, bench.stats()


def outputs(stats):
    return {output["name"]: output["drops"] for output in stats["outputs"]}


def blocked(bench, fault):
    said, stats = play(bench, fault)
    wrong = []
    for name, drops in outputs(stats).items():
        leaked = said[name]["leaked_pkts"]
        if leaked:
            wrong.append(f"{fault}: {leaked} packets of {name} leaked: {said[name]['leaks'][:3]}")
        if drops.get(BLOCKED[fault], 0) == 0 or any(r.startswith("guard") and r != BLOCKED[fault] for r in drops):
            wrong.append(f"{fault}: drops of {name} are {drops}, not {BLOCKED[fault]}")
        if f'{ALARM} object="{name}"' not in bench.log:
            wrong.append(f"{fault}: the log has no alarm of {name}")
        if sum(pid["captured_pkts"] for pid in said[name]["pids"]) < sum(pid["source_pkts"] for pid in said[name]["pids"]) / 2:
            wrong.append(f"{fault}: of {name} hardly anything was sent")
    raised = stats["alarms_raised"]["guard_blocked"]
    if raised < len(bench.cases):
        wrong.append(f"{fault}: alarms_raised counts {raised} of guard_blocked")
    return wrong


def leaking(bench, fault):
    said, stats = play(bench, f"{fault},guard-off")
    wrong = [f"{fault} without the guard: nothing of {name} leaked" for name in said if said[name]["leaked_pkts"] == 0]
    if any(r.startswith("guard") for drops in outputs(stats).values() for r in drops) or ALARM in bench.log:
        wrong.append(f"{fault} without the guard: the guard counts or alarms")
    return wrong


def clean(bench):
    """No fault: everything identical, no drop, no alarm."""
    said, stats = play(bench, None)
    wrong = [f"no fault: {name}: {drops}" for name, drops in outputs(stats).items() if drops]
    if any(stats["alarms_raised"].values()) or "alarm raised" in bench.log:
        wrong.append(f"no fault: alarms {stats['alarms_raised']}")
    for case in bench.cases:
        bench.open(case)
        verdict = bench.verdict(case)
        if not verdict["good"]:
            wrong.append(f"no fault: {case.name}: {verdict['reasons']}")
        wrong += [f"no fault: {case.name} leaked"] if said[case.name]["leaked_pkts"] else []
    return wrong


def wrong_word(bench):
    """Nothing opens, and nothing leaks either."""
    said, _ = play(bench, "wrong-cw")
    wrong = []
    for case in bench.cases:
        bench.open(case, good=(1,))
        verdict = bench.verdict(case)
        if verdict["identical"] or verdict["periods_opened"] or said[case.name]["leaked_pkts"]:
            wrong.append(f"wrong-cw: {case.name}: {verdict['periods_opened']} periods opened, {said[case.name]['leaked_pkts']} leaked")
        if any(pid["equal_pkts"] for pid in verdict["pids"] if pid["scrambled"]):
            wrong.append(f"wrong-cw: {case.name}: packets came out as they went in")
    return wrong


def lost_packets(bench):
    """What vanishes inside is found missing by who counts outside."""
    said, _ = play(bench, "drop")
    wrong = []
    for case in bench.cases:
        bench.open(case)
        verdict = bench.verdict(case)
        missing = sum(pid["source_pkts"] - pid["captured_pkts"] for pid in verdict["pids"])
        if verdict["identical"] or missing < 2:
            wrong.append(f"drop: {case.name}: identical is {verdict['identical']}, {missing} packets missing")
        wrong += [f"drop: {case.name} leaked"] if said[case.name]["leaked_pkts"] else []
    return wrong


def all_faults():
    parts = {"none": clean, "wrong-cw": wrong_word, "drop": lost_packets}
    parts |= {fault: lambda bench, f=fault: blocked(bench, f) for fault in BLOCKED}
    return parts | {f"{fault},guard-off": lambda bench, f=fault: leaking(bench, f) for fault in LEAKING}


def main():
    parser = line.arguments(__doc__)
    parser.add_argument("--only", choices=sorted(all_faults()))
    args = parser.parse_args()
    made = line.make_streams(args.streams, [("h264", line.H264, 1600), ("mpeg2", line.MPEG2, 0)], SECONDS)
    wrong = []
    with line.Line(args) as bench:
        bench.add("csa2", made["h264"], "csa2")
        bench.add("cissa", made["mpeg2"], "cissa")
        for fault, look in all_faults().items():
            if args.only in (None, fault):
                wrong += look(bench)
    return line.report(f"fault-hooks of {os.path.basename(args.faulty)}", wrong)


if __name__ == "__main__":
    sys.exit(main())
