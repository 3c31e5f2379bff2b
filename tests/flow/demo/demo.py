#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: real streams in, scrambled multicast out, opened again and compared with the source bit by bit.

Started by run-demo, which has built everything first. Exit status: 0 all good, 1 a service is not identical or something
leaked, 2 the demo could not run, 77 namespaces were asked for and are not possible here.
"""

import argparse
import dataclasses
import os
import shutil
import signal
import sys
import tempfile

import by_netns
import by_pcap
import destinations
import namespaces
import plan
import programs
import streams
import verdict

READY_S = 60


@dataclasses.dataclass(frozen=True)
class Files:
    """Of one stream: what was sent, what was on air behind the dataplane, what the terminal opened and its report."""

    source: str
    capture: str
    opened: str
    report: str


class Demo:
    def __init__(self, args, folder):
        self.args, self.folder, self.seconds = args, folder, args.seconds
        self.streams = plan.make(args.services)
        self.files, self.started = {}, []
        self.sent_to = {}  # {destination: frames}, all that left the dataplane
        self.keys = os.path.join(folder, "keys.txt")
        self.config = os.path.join(folder, "dataplane.json")

    def tool(self, path):
        return os.path.join(self.args.build, *path.split("/"))

    def prepare(self, ports):
        sources = streams.make(self.streams, self.seconds, os.path.join(self.args.build, "demo-streams"))
        for stream in self.streams:
            beside = [os.path.join(self.folder, f"{stream.name}-{what}") for what in ("capture.ts", "opened.ts", "report.json")]
            self.files[stream.name] = Files(sources[stream.name], *beside)
        plan.write_keys(self.keys, self.streams, self.seconds)
        plan.write_config(self.config, self.streams, *ports)

    def start(self, name, command, prefix=()):
        program = programs.Program(name, command, self.folder, prefix)
        self.started.append(program)
        return program

    def start_dataplane(self, prefix, *more):
        name = "bulkhead-dataplane-faulty" if self.args.sabotage else "bulkhead-dataplane"
        fault = ["--fault", self.args.sabotage] if self.args.sabotage else []
        stats = ["--stats", os.path.join(self.folder, "stats.json")]
        program = self.start("dataplane", [self.tool(f"dataplane/{name}"), "--config", self.config, *stats, *fault, *more], prefix)
        programs.until("the dataplane's READY", lambda: program.said("READY"), READY_S, [program])
        programs.say(f"{name} is ready" + (f", sabotaged: {self.args.sabotage}" if fault else ""))
        return program

    def stop(self, program):
        status = program.stop()
        if status != 0:
            raise programs.Failed(f"{program.name} ended with status {status}\n{program.tail()}")

    def terminal(self, stream, source, *more):
        files = self.files[stream.name]
        groups = [word for v in stream.services for word in ("--group", f"{v.program}={v.key_group}")]
        return [self.tool("terminal-ref/bulkhead-terminal"), "--input", source, *more, "--schedule", self.keys, *groups,
                "--output", files.opened, "--report", files.report]

    def captured(self, stream):
        try:
            return os.path.getsize(self.files[stream.name].capture)
        except FileNotFoundError:
            return 0

    def close(self):
        for program in self.started:
            program.kill()


def options():
    parser = argparse.ArgumentParser(prog="run-demo", description="Scrambles real streams, opens them again with the "
                                     "reference terminal and compares every elementary-stream packet with the source.")
    parser.add_argument("--seconds", type=int, default=20, metavar="S", help="length of the streams, 10 to 600 (default 20)")
    parser.add_argument("--services", type=int, default=8, metavar="N", help=f"how many, 1 to {plan.SERVICES_MAX} (default 8); "
                        f"from {plan.MPTS_FROM} on, three of them share one MPTS")
    parser.add_argument("--sabotage", choices=["clear", "wrong-cw", "drop"], help="inject a fault: the demo must then fail")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--pcap", action="store_true", help="through pcap files, even where namespaces are possible")
    way.add_argument("--netns", action="store_true", help="through namespaces or not at all (exit status 77)")
    parser.add_argument("--keep", metavar="DIR", help="keep all files of the run, the keys included, in this new directory")
    parser.add_argument("--json", action="store_true", help="print the results as JSON instead of the table")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not 10 <= args.seconds <= 600:
        parser.error("--seconds: three crypto-periods of 2 s must fit between two flips; give 10 to 600")
    if not 1 <= args.services <= plan.SERVICES_MAX:
        parser.error(f"--services: give 1 to {plan.SERVICES_MAX}")
    args.build = os.path.abspath(args.build)
    return args


def play(args, folder):
    """One run; returns the exit status."""
    way = by_netns if not args.pcap and (args.netns or namespaces.possible()) else by_pcap
    if way is by_pcap and not args.pcap:
        programs.say("no root, or no namespaces here: the same through pcap files")
    demo = Demo(args, folder)
    try:
        demo.prepare(way.ports())
        way.play(demo)
    finally:
        demo.close()
    results = verdict.judge(demo)
    planned = destinations.planned(demo.config)
    strangers = destinations.strangers(demo.sent_to, planned)
    unheard = planned - set(demo.sent_to)
    good = verdict.good(results) and not strangers and not unheard
    print(verdict.as_json(results) if args.json else verdict.table(results))
    if not verdict.good(results) and not args.json:
        print("\n".join(verdict.journey(demo)))
    for where, frames in strangers.items():
        print(f"{frames} frames left for {where}, where no output is", file=sys.stderr)
    for where in unheard:
        print(f"nothing was seen to leave for {where}", file=sys.stderr)
    print(verdict.last_line(results), flush=True)
    return 0 if good else 1


def end(*_):
    """An end by signal unwinds like an error, so that nothing stays behind; no further one may disturb that."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(2)


def main():
    args = options()
    if args.netns and not namespaces.possible():
        print("demo: skipped, network namespaces are not possible here (no root, or forbidden)")
        return 77
    signal.signal(signal.SIGTERM, end)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, end)
    os.umask(0o077)
    try:
        if args.keep:
            folder = os.path.abspath(args.keep)
            os.mkdir(folder)
        else:
            folder = tempfile.mkdtemp(prefix="demo-run-", dir=args.build)
        try:
            return play(args, folder)
        finally:
            if not args.keep:
                shutil.rmtree(folder, ignore_errors=True)
    except (programs.Failed, OSError, programs.subprocess.CalledProcessError) as error:
        print(f"demo: could not run: {error}", flush=True)
        return 2
    except KeyboardInterrupt:
        print("demo: interrupted", flush=True)
        return 2


if __name__ == "__main__":
    sys.exit(main())
