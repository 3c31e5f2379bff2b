# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo without a network: one pcap file in, one out, through the same stages of the dataplane."""

import os

import destinations
import plan
import programs

IDLE_MS = 500


def ports():
    return [{"name": "wire", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}], "wire", "wire"


def wrap(demo):
    """Every stream as datagrams with the time of its PCRs, merged by that time."""
    parts = []
    for stream in demo.streams:
        parts.append(os.path.join(demo.folder, f"{stream.name}.pcap"))
        programs.run([demo.tool("tests/flow/flow_pcap"), "wrap", demo.files[stream.name].source, parts[-1],
                      f"{stream.group_in}:{plan.UDP_PORT}"], demo.folder, f"wrap-{stream.name}")
    programs.run([demo.tool("tests/flow/flow_pcap"), "merge", os.path.join(demo.folder, "in.pcap"), *parts],
                 demo.folder, "merge")


def play(demo, judge):
    """Plays once; returns the exit status of `judge`."""
    programs.say("wrapping the streams into one pcap file")
    wrap(demo)
    demo.chain.more["dataplane"] += ["--until-idle", str(IDLE_MS)]
    demo.start_chain()
    dataplane = demo.chain.running.pop("dataplane")
    status = dataplane.wait(demo.seconds * 4 + 60)
    if status != 0:
        raise programs.Failed(f"the dataplane ended with status {status}\n{dataplane.tail()}")
    demo.chain.stop_all()
    out = os.path.join(demo.folder, "out.pcap")
    demo.sent_to = destinations.of_pcap(out)
    for stream in demo.streams:
        where = f"{stream.group_out}:{plan.UDP_PORT}"
        programs.run([demo.tool("tests/flow/flow_pcap"), "unwrap", out, demo.files[stream.name].capture, where],
                     demo.folder, f"unwrap-{stream.name}")
        terminal = demo.start(f"terminal-{stream.name}", demo.terminal(stream, out, "--filter", where))
        status = terminal.wait(120)
        if status not in (0, 1):
            raise programs.Failed(f"{terminal.name} ended with status {status}\n{terminal.tail()}")
    return judge(demo)
