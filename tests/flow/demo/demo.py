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
import chain
import destinations
import namespaces
import plan
import programs
import streams
import verdict

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
        self.chain = chain.Chain(args.build, folder)
        if args.sabotage:
            self.chain.binary["dataplane"] += "-faulty"
            self.chain.more["dataplane"] += ["--fault", args.sabotage]
        self.stats_file = os.path.join(folder, "stats.json")
        self.chain.more["dataplane"] += ["--stats", self.stats_file]
        self.judged_period_ms = self.chain.period_ms  # 0: any length

    def tool(self, path):
        return os.path.join(self.args.build, *path.split("/"))

    def prepare(self, ports, sources=None, **ecmg):
        """`sources` are the files by stream name, instead of those that ffmpeg makes; `ecmg` is the ECMG's configuration."""
        sources = sources or streams.make(self.streams, self.seconds, os.path.join(self.args.build, "demo-streams"))
        for stream in self.streams:
            beside = [os.path.join(self.folder, f"{stream.name}-{what}") for what in ("capture.ts", "opened.ts", "report.json")]
            self.files[stream.name] = Files(sources[stream.name], *beside)
        self.chain.configure(self.streams, *ports, **ecmg)

    def start(self, name, command, prefix=()):
        program = programs.Program(name, command, self.folder, prefix)
        self.started.append(program)
        return program

    def start_chain(self, prefix=()):
        """The head-end, whole; returns when every one of its processes is ready."""
        self.chain.prefix = prefix
        self.chain.start_all()
        names = ", ".join(f"bulkhead-{name}" for name in self.chain.running)
        programs.say(f"{names} are ready" + (f"; the dataplane is sabotaged: {self.args.sabotage}" if self.args.sabotage else ""))

    def where_to_look(self):
        programs.say("where to look while it runs:\n"
                     f"     {' '.join(self.chain.bulkhead('show', 'services'))}\n"
                     "     ... show service NAME | ecmg | emmg | cas | ports | workers | alarms | status, each with --json\n"
                     f"     curl http://127.0.0.1:{self.chain.http_port}/metrics")

    def terminal(self, stream, source, *more):
        files = self.files[stream.name]
        return [self.tool("terminal-ref/bulkhead-terminal"), "--input", source, *more, "--keys", self.chain.terminal_keys,
                "--output", files.opened, "--report", files.report]

    def captured(self, stream):
        try:
            return os.path.getsize(self.files[stream.name].capture)
        except FileNotFoundError:
            return 0

    def close(self):
        for program in self.started:
            program.kill()
        self.chain.close()


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
    parser.add_argument("--stay", action="store_true", help="keep the head-end on air after the verdict, until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="print the results as JSON instead of the table")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not 10 <= args.seconds <= 600:
        parser.error("--seconds: three crypto-periods of 2 s must fit between two flips; give 10 to 600")
    if not 1 <= args.services <= plan.SERVICES_MAX:
        parser.error(f"--services: give 1 to {plan.SERVICES_MAX}")
    if args.stay and args.pcap:
        parser.error("--stay: files end; streams that go on need namespaces")
    args.build = os.path.abspath(args.build)
    return args


def judge(demo):
    """Says what became of every service; returns the exit status."""
    results = verdict.judge(demo)
    planned = destinations.planned(demo.chain.path("control.json"))
    strangers = destinations.strangers(demo.sent_to, planned)
    unheard = planned - set(demo.sent_to)
    print(verdict.as_json(results) if demo.args.json else verdict.table(results))
    if not verdict.good(results) and not demo.args.json:
        print("\n".join(verdict.journey(demo)))
    for where, frames in strangers.items():
        print(f"{frames} frames left for {where}, where no output is", file=sys.stderr)
    for where in unheard:
        print(f"nothing was seen to leave for {where}", file=sys.stderr)
    print(verdict.last_line(results), flush=True)
    return 0 if verdict.good(results) and not strangers and not unheard else 1


def play(args, folder):
    """One run; returns the exit status."""
    way = by_netns if not args.pcap and (args.netns or args.stay or namespaces.possible()) else by_pcap
    if way is by_pcap and not args.pcap:
        programs.say("no root, or no namespaces here: the same through pcap files")
    demo = Demo(args, folder)
    try:
        demo.prepare(way.ports())
        return way.play(demo, judge)
    finally:
        demo.close()


def end(*_):
    """An end by signal unwinds like an error, so that nothing stays behind; no further one may disturb that."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(2)


def main():
    args = options()
    if (args.netns or args.stay) and not namespaces.possible():
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
