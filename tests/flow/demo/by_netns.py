# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo on the wire: real multicast through namespaces, paced by the streams' own PCRs."""

import json
import os
import sys

import destinations
import namespaces
import plan
import programs

QUIET_S = 1.0


def ports():
    return [{"name": "in", "driver": "af_packet", "interface": "bh-in"},
            {"name": "out", "driver": "af_packet", "interface": "bh-out"}], "in", "out"


def joined(program, group):
    """True when the program's namespace has a UDP socket on this group and port (/proc/net/udp, little-endian hex)."""
    wanted = "".join(f"{int(part):02X}" for part in reversed(group.split("."))) + f":{plan.UDP_PORT:04X}"
    try:
        with open(f"/proc/{program.pid}/net/udp", encoding="ascii") as file:
            lines = [line.split() for line in file]
        inodes = {line[9] for line in lines[1:] if line[1] == wanted}
        held = {os.readlink(f"/proc/{program.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{program.pid}/fd")}
    except OSError:
        return False
    return any(f"socket:[{inode}]" in held for inode in inodes)


def receive(demo, line):
    """Two receivers for every output, of which one is not ours: a recorder and the terminal."""
    pairs = []
    for stream in demo.streams:
        group, files = stream.group_out, demo.files[stream.name]
        recorder = ["multicat", "-u", "-U", f"@{group}:{plan.UDP_PORT}/ifaddr={namespaces.RECEIVER_IP}", files.capture]
        terminal = demo.terminal(stream, f"udp://{group}:{plan.UDP_PORT}?ifaddr={namespaces.RECEIVER_IP}")
        for kind, command in (("recorder", recorder), ("terminal", terminal)):
            # A receiver that waits for a busy processor loses what its socket cannot hold.
            pairs.append((demo.start(f"{kind}-{stream.name}", ["nice", "-n", "-10", *command], line.receivers.prefix), group))
    programs.until("the receivers to join their groups", lambda: all(joined(p, g) for p, g in pairs), 20, [p for p, _ in pairs])
    return [program for program, _ in pairs]


def listen(demo, line):
    """Counts by destination all that reaches the receivers' namespace."""
    command = ["nice", "-n", "-10", sys.executable, "-B", destinations.__file__, namespaces.RECEIVER_INTERFACE]
    listener = demo.start("listener", command, line.receivers.prefix)
    programs.until("the listener", lambda: listener.said("listening"), 20, [listener])
    return listener


def heard(listener):
    if listener.stop() != 0:
        raise programs.Failed(f"{listener.name} failed\n{listener.tail()}")
    with open(listener.log, encoding="utf-8") as file:
        return json.loads(file.read().strip().split("\n")[-1])


def send(demo, line):
    return [demo.start(f"sender-{stream.name}",
                       ["multicat", "-U", "-u", demo.files[stream.name].source,
                        f"{stream.group_in}:{plan.UDP_PORT}/ifaddr={namespaces.SOURCE_IP}/ttl=8"], line.source.prefix)
            for stream in demo.streams]


def watch(demo, senders, others):
    """Shows how much has arrived until the senders have ended and nothing more comes."""
    seen = programs.Quiet(lambda: sum(demo.captured(stream) for stream in demo.streams), QUIET_S)

    def over():
        programs.progress(f"{sum(s.running() for s in senders)} senders on air, {seen.value() / 1e6:.1f} MB received")
        return not any(s.running() for s in senders) and seen.quiet()

    programs.until("the streams to end", over, demo.seconds + 60, others)
    programs.progress("")
    for sender in senders:
        if sender.wait(1) != 0:
            raise programs.Failed(f"{sender.name} failed\n{sender.tail()}")


def stay(demo, line):
    """The streams over and over, until Ctrl-C. Each turn begins with a jump of the PCR, as after a splice."""
    demo.where_to_look()
    programs.say("on air until Ctrl-C")
    try:
        while True:
            senders = send(demo, line)
            programs.until("the streams to end", lambda on_air=senders: not any(s.running() for s in on_air),
                           demo.seconds + 60, list(demo.chain.running.values()))
    except KeyboardInterrupt:
        programs.say("ending")


def play(demo, judge, also=lambda demo, line: []):
    """Plays once; `also` may start more senders, which must end by themselves. Returns the exit status of `judge`."""
    programs.say("three network namespaces: source, appliance, receivers")
    line = namespaces.Line(demo.folder)
    try:
        listener = listen(demo, line)
        demo.start_chain(line.appliance.prefix)
        receivers = receive(demo, line)
        demo.where_to_look()
        programs.say(f"sending {len(demo.streams)} streams with multicat for {demo.seconds} s")
        watch(demo, send(demo, line) + also(demo, line), [*demo.chain.running.values(), listener, *receivers])
        if not demo.args.stay:
            demo.chain.stop_all()
        demo.sent_to = heard(listener)
        for receiver in receivers:
            # The recorder of multicat knows no good end but a signal.
            status = receiver.stop()
            if receiver.name.startswith("terminal") and status not in (0, 1):
                raise programs.Failed(f"{receiver.name} ended with status {status}\n{receiver.tail()}")
        status = judge(demo)
        if demo.args.stay:
            stay(demo, line)
            demo.chain.stop_all()
        return status
    finally:
        line.close()
