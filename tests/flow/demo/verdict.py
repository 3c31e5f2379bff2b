# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's judgement: flow_verdict on every service, then the table and the last line."""

import dataclasses
import json
import os
import subprocess

import plan

DATAGRAM_BYTES = 7 * 188


@dataclasses.dataclass
class Result:
    service: str
    program: int
    stream: str
    rate: str
    codec: str
    algorithm: str
    mbps: float = 0.0
    packets: int = 0
    periods: int = 0
    share_percent: float = 0.0
    leaked: int = 0
    identical: bool = False
    reasons: tuple = ()


def _judge_one(demo, stream, service, seconds):
    """Asks flow_verdict, which holds no cipher and reads no counter of ours."""
    files = demo.files[stream.name]
    result = Result(service.name, service.program, stream.name, stream.rate, service.codec.name, service.algorithm)
    command = [demo.tool("tests/flow/flow_verdict"), "--source", files.source, "--capture", files.capture, "--opened", files.opened,
               "--program", str(service.program), "--algorithm", service.algorithm, "--json"]
    if demo.judged_period_ms:
        command += ["--period-ms", str(demo.judged_period_ms)]
    # Nothing of it may be on any other output.
    for other in demo.streams:
        if other != stream and demo.captured(other):
            command += ["--also-capture", demo.files[other.name].capture]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        result.reasons = tuple(f"no verdict: {line}" for line in run.stderr.strip().split("\n"))
        return result
    try:
        _read(result, json.loads(run.stdout), run.returncode == 0, seconds)
    except (ValueError, KeyError, TypeError) as error:
        result.identical, result.reasons = False, (f"no verdict: flow_verdict's answer is not understood: {error!r}",)
    return result


def _read(result, said, status_good, seconds):
    scrambled = [pid for pid in said["pids"] if pid["scrambled"]]
    reached = sum(pid["reached_pkts"] for pid in scrambled)
    result.packets = sum(pid["equal_pkts"] for pid in said["pids"])
    result.mbps = sum(pid["source_pkts"] for pid in said["pids"]) * 188 * 8 / seconds / 1e6
    result.periods = said["periods_opened"]
    result.share_percent = 100 * sum(pid["scrambled_pkts"] for pid in scrambled) / reached if reached else 0.0
    result.leaked = said["leaked_pkts"]
    result.identical = said["identical"] and (status_good or result.leaked > 0)
    result.reasons = tuple(said["reasons"])


def judge(demo):
    return [_judge_one(demo, stream, service, demo.seconds) for stream, service in plan.services(demo.streams)]


def journey(demo):
    """Where datagrams were lost, one line a stream: for a person who looks for the cause, no part of the judgement."""
    try:
        with open(demo.stats_file, encoding="utf-8") as file:
            stats = json.load(file)
        taken = {end["name"]: end["datagrams"] for end in stats["inputs"]}
        left = {end["name"]: end["datagrams"] for end in stats["outputs"]}
        return [f"{stream.name}: {os.path.getsize(demo.files[stream.name].source) // DATAGRAM_BYTES} datagrams sent, "
                f"{taken[stream.name]} taken and {left[stream.name]} sent on by the dataplane, "
                f"{demo.captured(stream) // DATAGRAM_BYTES} recorded" for stream in demo.streams]
    except (OSError, ValueError, KeyError, TypeError):
        return ["the dataplane left no statistics"]


def good(results):
    return bool(results) and all(r.identical and r.leaked == 0 for r in results)


HEAD = ("service", "stream", "codecs", "algorithm", "Mbit/s", "packets", "periods", "scrambled", "leaked", "identical")


def table(results):
    rows = [HEAD] + [(r.service, r.rate, r.codec, r.algorithm, f"{r.mbps:.2f}", str(r.packets), str(r.periods),
                      f"{r.share_percent:.2f} %", str(r.leaked), "yes" if r.identical else "NO") for r in results]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    text = [""] + ["  ".join(cell.ljust(w) if i < 4 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))
                   for row in rows]
    text.insert(2, "  ".join("-" * w for w in widths))
    for r in results:
        text += [f"{r.service}: {reason}" for reason in r.reasons]
    return "\n".join([*text, ""])


def as_json(results):
    return json.dumps({"services": [dataclasses.asdict(r) for r in results]}, indent=2)


def last_line(results):
    return (f"demo: {sum(r.identical for r in results)}/{len(results)} services identical, "
            f"leaked={sum(r.leaked for r in results)}, crypto_periods={sum(r.periods for r in results)}")
