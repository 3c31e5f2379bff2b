# SPDX-License-Identifier: GPL-3.0-or-later
"""What was on air in the soak, judged by the receivers' reports and held against the files that were sent; the counts of the
head-end say where something went wrong, and whether an ECM was late."""

import dataclasses
import json
import math
import os
import re

import soak_stream

DATAGRAM_BYTES = 7 * 188
PERIODS_OFF = 2  # the first begins with the first PMT and its ECM's lead; the statistics are up to a second old
START_UP_S = 2   # after which every packet of the source is on air
# The ECM of n holds the words n and n + 1 and goes on air 200 ms (delay_start) after n began, so 800 ms before the first packet of
# n + 1. One that was not there by then comes later.
ECM_AHEAD_MS_LEAST = 600
KILL_PERIODS = 2  # of a second, that a kill of control may cost: it starts, finds its ECMG and asks for the ECMs of all groups
COUNTERS = ("ecm_timeouts", "ecm_late", "ecm_errors", "ecm_requests", "ecm_responses", "group_periods", "group_extended", "group_refused")


@dataclasses.dataclass
class Totals:
    late_ecm: int = 0
    wrong_cw: int = 0
    lost: int = 0
    clear: int = 0
    wrong: list = dataclasses.field(default_factory=list)

    def note(self, kind, n, text):
        """Counts n of a kind and says where."""
        if n:
            setattr(self, kind, getattr(self, kind) + n)
            self.wrong.append(f"{text}: {n}")

    def expect(self, kind, n, most, text):
        """The same, but wrong only when there are more than `most`."""
        setattr(self, kind, getattr(self, kind) + n)
        self.need(n <= most, f"{text}: {n}")

    def need(self, good, text):
        if not good:
            self.wrong.append(text)


def groups(totals, stats, seconds, kills=0):
    """The dataplane's crypto-periods when the streams ended: as many as media time went by, each begun on time. After a kill of
    control the period on air goes on until control is back and its ECMG has made the next ECM."""
    for group in stats["groups"]:
        name = group["name"]
        totals.need(seconds - PERIODS_OFF - KILL_PERIODS * kills <= group["periods"] <= seconds + PERIODS_OFF,
                    f"{name}: {group['periods']} crypto-periods in {seconds} s")
        totals.expect("late_ecm", group["periods_extended"], kills, f"{name}: crypto-periods that went on for want of the next")
        totals.need(group["messages_refused"] == 0, f"{name}: the dataplane refused {group['messages_refused']} messages")


def of_metric(metrics, name):
    """{group: value} of a family in OpenMetrics text."""
    found = re.findall(rf'^{name}\{{group="([^"]*)"[^}}]*\}} (\S+)$', metrics, re.M)
    return {group: float(value) for group, value in found}


def control(totals, metrics, n_groups):
    """What the SCS counted, as the operator's /metrics tell it."""
    of = {what: of_metric(metrics, f"bulkhead_{what}_total") for what in COUNTERS}
    for what, values in of.items():
        totals.need(len(values) == n_groups, f"/metrics: {len(values)} groups have bulkhead_{what}_total, not {n_groups}")
    for what in ("ecm_timeouts", "ecm_late", "ecm_errors", "group_extended"):
        for name, n in of[what].items():
            totals.note("late_ecm", int(n), f"{name}: {what}")
    for name, requests in of["ecm_requests"].items():
        responses, periods = of["ecm_responses"].get(name), of["group_periods"].get(name)
        totals.need(of["group_refused"].get(name) == 0, f"{name}: control saw periods refused")
        # One CW_provision for each period, and one that is of the next.
        totals.need(responses is not None and periods is not None and 0 <= requests - responses <= 1 and 0 <= requests - periods <= 2,
                    f"{name}: {requests} requests, {responses} responses, {periods} periods")


def _pid(totals, where, pid, seconds, kills):
    for result, n in pid["results"].items():
        if result != "opened":
            totals.note("lost", n, f"{where}: packets {result}")
    totals.note("wrong_cw", pid["wrong_cw"], f"{where}: PES starts that did not open")
    totals.note("clear", pid["clear_pkts"], f"{where}: clear packets with payload")
    totals.note("lost", pid["cc_errors"], f"{where}: breaks of the continuity counter")
    sent, least = soak_stream.packets_of(pid["pid"], seconds), soak_stream.packets_of(pid["pid"], seconds - START_UP_S)
    totals.need(least <= pid["pkts"] <= sent, f"{where}: {pid['pkts']} packets of {sent} came")
    totals.need(pid["parity_changes"] >= seconds - 1 - PERIODS_OFF - KILL_PERIODS * kills, f"{where}: {pid['parity_changes']} changes of parity")
    # A PES start every 200 or 400 ms: each word is proved on each PID.
    totals.need(pid["pes_starts"] * soak_stream.PES_PKTS >= pid["pkts"] - soak_stream.PES_PKTS, f"{where}: {pid['pes_starts']} PES starts")


def _programme(totals, where, programme, seconds, on_wall, kills):
    ecm = programme["ecm"]
    # After 2 s without input the wall clock carries media time on, all at once: a whole crypto-period of a second may go by then.
    gaps = ecm["cp_gaps"] if ecm["cp_gaps"] > on_wall else 0
    totals.note("late_ecm", gaps, f"{where}: crypto-periods whose ECM never came")
    totals.need(not ecm["refused"], f"{where}: ECMs refused: {ecm['refused']}")
    totals.need(seconds - PERIODS_OFF - KILL_PERIODS * kills <= programme["flips"] <= seconds + PERIODS_OFF,
                f"{where}: {programme['flips']} flips in {seconds} s")
    totals.need(ecm["periods_proved"] >= programme["flips"], f"{where}: {ecm['periods_proved']} of {programme['flips']} periods proved")
    ahead = ecm["ecm_to_use_ms"]
    if not ahead or ahead["min"] < ECM_AHEAD_MS_LEAST:
        totals.note("late_ecm", 1, f"{where}: an ECM came only {ahead and ahead['min']} ms before its word was used; programmes")


def receiver(totals, stream, report, seconds, on_wall, kills=0):
    """One terminal's report against what the source sent; `on_wall`: the head-end was on air for long after the source ended."""
    wanted = {service.program for service in stream.services}
    found = {p["program"]: p for p in report["programmes"]}
    totals.need(set(found) == wanted, f"{stream.name}: programmes {sorted(set(found) ^ wanted)} missing, or too many")
    for reason in report["reasons"]:
        totals.wrong.append(f"{stream.name}: {reason}")
    pids = {pid["pid"]: pid for pid in report["pids"]}
    for number in sorted(wanted & set(found)):
        _programme(totals, f"{stream.name} programme {number}", found[number], seconds, on_wall, kills)
        for pid in soak_stream.pids(number):
            totals.need(pid in pids, f"{stream.name}: nothing of PID {pid} came")
            if pid in pids:
                _pid(totals, f"{stream.name} PID {pid}", pids[pid], seconds, kills)


def wire(totals, stream, source, stats, report):
    """Every datagram from the source's file to the receiver; what the kernel drops for want of processor time is lost too."""
    taken = next(end for end in stats["inputs"] if end["name"] == stream.name)["datagrams"]
    left = next(end for end in stats["outputs"] if end["name"] == stream.name)["datagrams"]
    sent, came = os.path.getsize(source) // DATAGRAM_BYTES, report["input"]["datagrams"]
    totals.note("lost", sent - taken, f"{stream.name}: datagrams lost before the dataplane")
    totals.note("lost", left - came, f"{stream.name}: datagrams lost before the receiver")
    totals.note("lost", report["input"]["kernel_dropped"], f"{stream.name}: of these, dropped at the receiver's socket")


def dataplane(totals, stats):
    for port in stats["ports"]:
        for what in ("missed", "no_buffer", "errors"):
            totals.note("lost", port[what], f"port {port['name']}: {what}")
    for kind in ("inputs", "outputs", "workers"):
        for end in stats[kind]:
            for reason, n in end["drops"].items():
                # Until the first PMT nobody knows whose packets those are.
                if reason != "pid_unknown":
                    totals.note("lost", n, f"{kind} {end.get('name', end.get('worker'))}: dropped, {reason}")
    for service in stats["services"]:
        for reason, n in service["drops"].items():
            if reason != "awaits_period":
                totals.note("lost", n, f"{service['name']}: dropped, {reason}")
        totals.note("lost", service["continuity_errors"], f"{service['name']}: breaks of the continuity counter at the input")
        totals.note("clear", service["untouched_pkts"], f"{service['name']}: payloads too short to scramble")


def ecm_latency(metrics):
    """(median, highest) of the longest time that an ECM took, over the groups, in ms; from OpenMetrics text."""
    ms = sorted(1000 * seconds for seconds in of_metric(metrics, "bulkhead_ecm_response_max_seconds").values())
    return (ms[len(ms) // 2], ms[-1]) if ms else (math.nan, math.nan)


def read_report(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
