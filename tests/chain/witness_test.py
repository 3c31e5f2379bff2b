#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Witnesses who hold the control words, by way of a test ECMG alone, open what a live head-end sends.

OpenSSL makes every packet of the DVB-CISSA service anew; VLC opens two crypto-periods of the DVB-CSA2 service and ffmpeg
decodes what it wrote; with a wrong word neither agrees. The ECMs on air are the test ECMG's, byte for byte, each from
delay_start to delay_stop of its crypto-period, and come again every ECM_rep_period.

    witness_test.py DEMO BUILD DELAY_START_MS DELAY_STOP_MS
"""

import os
import sys
import types

import open_cas
import session

import air
import live_ts as ts
import plan
import witness_line as line
import witness_packets
import witness_vlc

SECONDS, PERIOD_MS = 17, 3000
REPETITION_MS = 150
WHOLE_PERIODS = 4  # that must be whole for the test to mean something


class Service:
    """One service of the session with its capture and its control words."""

    def __init__(self, s, stream_id, stream):
        self.s, self.id, self.service = s, stream_id, stream.services[0]
        self.name, self.files = self.service.name, s.demo.files[stream.name]
        self.air = air.Air(self.files.capture, 7000 + self.service.program)
        self.first = open_cas.number_of(self.air.ecms[0][1])  # CP_number of the first crypto-period on air
        self.clear = self.air.clear_twin(ts.read(self.files.source))

    def number(self, period):
        return (self.first + period) & 0xFFFF

    def word(self, period):
        return self.s.ecmg.word(self.id, self.number(period))

    def beside(self, what):
        return os.path.join(self.s.folder, f"{self.name}-{what}")


def parities_wrong(service):
    return [f"{service.name}: crypto-period {service.number(i)} has transport_scrambling_control {tsc}"
            for i, (_, tsc) in enumerate(service.air.periods) if tsc != 2 + service.number(i) % 2]


def times_wrong(service, period, delay_start_s, delay_stop_s):
    """What is wrong with when the ECM of a whole crypto-period was on air. The clock moves from PCR to PCR."""
    number, seconds, periods = service.number(period), service.air.seconds, service.air.periods
    begin, end = (seconds[periods[i][0]] for i in (period, period + 1))
    times = [seconds[at] for at, section in service.air.ecms if open_cas.number_of(section) == number]
    slack = service.air.pcr_interval_s + 0.001
    wrong = []
    if not times:
        return [f"{service.name}: no ECM of crypto-period {number}"]
    if abs(times[0] - begin - delay_start_s) > slack:
        wrong.append(f"begins {times[0] - begin:+.3f} s from its crypto-period, not {delay_start_s:+.3f} s")
    if not -REPETITION_MS / 1000 - slack < times[-1] - end - delay_stop_s <= slack:
        wrong.append(f"ends {times[-1] - end:+.3f} s from the end of its crypto-period, not {delay_stop_s:+.3f} s")
    late = max(abs(time - times[0] - i * REPETITION_MS / 1000) for i, time in enumerate(times))
    if late > slack:
        wrong.append(f"is {late:.3f} s off its repetition")
    return [f"{service.name}: the ECM of crypto-period {number} {what}" for what in wrong]


def ecms_wrong(service, delay_start_s, delay_stop_s):
    seen, wrong = [], list(service.air.wrong)
    for at, section in service.air.ecms:
        number = open_cas.number_of(section)
        if section != service.s.ecmg.sections.get((service.id, number)):
            wrong.append(f"{service.name}: packet {at} begins an ECM that the ECMG did not make")
        if not seen or seen[-1] != section:
            seen.append(section)
    numbers = [open_cas.number_of(section) for section in seen]
    if numbers != [service.number(i) for i in range(len(numbers))]:
        wrong.append(f"{service.name}: ECMs of the crypto-periods {numbers} one after the other")
    if any(a[0] ^ b[0] != 1 for a, b in zip(seen, seen[1:])):
        wrong.append(f"{service.name}: table_id does not toggle: {[section[0] for section in seen]}")
    if service.air.ecms[0][0] > service.air.periods[0][0]:
        wrong.append(f"{service.name}: scrambled packets leave before the first ECM")
    # Of the first crypto-period transition_delay_start holds; the last is cut.
    for period in range(1, len(service.air.periods) - 1):
        wrong += times_wrong(service, period, delay_start_s, delay_stop_s)
    if len({len(section) > 183 for section in seen}) != 2:
        wrong.append(f"{service.name}: all ECMs fill as many packets: not enough to judge by")
    return wrong


def openssl_wrong(service):
    """Every packet of the capture is what OpenSSL makes of the source with the words of the ECMG."""
    first = service.first & 1  # the witness counts from an even crypto-period on
    at, capture = service.air.periods[first][0], service.beside("from-even.ts")
    case = line.Case(service.name, service.beside("clear.ts"), service.service.program, "cissa", (), False)
    bench = types.SimpleNamespace(folder=service.s.folder, keys=service.beside("words"),
                                  args=types.SimpleNamespace(packets=service.s.demo.tool("tests/flow/witness_packets")))
    ts.write(case.source, service.clear[at:])
    ts.write(capture, service.air.packets[at:])

    def compare(spoil=lambda word: word):
        words = [spoil(service.word(i)) for i in range(first, len(service.air.periods))]
        with open(bench.keys, "w", encoding="ascii") as file:
            file.write(f"group {case.name} period_ms {PERIOD_MS}\n")
            file.writelines(f"cp {i} {'odd' if i % 2 else 'even'} {word.hex()}\n" for i, word in enumerate(words))
        return witness_packets.compare(bench, case, service.air.pids, capture, "--min-periods", str(WHOLE_PERIODS - 1))

    wrong = []
    if compare(lambda word: word[:-1] + bytes([word[-1] ^ 1]))[0] != 1:
        wrong.append(f"{service.name}: OpenSSL agrees with wrong words as well")
    status, said = compare()
    print(said.strip())
    if status:
        wrong.append(f"{service.name}: OpenSSL does not agree, status {status}")
    return wrong + witness_packets.blind_spots(bench, case, service.air.pids, capture)


def cut(service, period):
    """Packets [from, to) of two crypto-periods, the first from its first whole picture on."""
    begin, end = service.air.periods[period][0], service.air.periods[period + 2][0]

    def enters(p):  # random_access_indicator, of the video: its PID carries the PCR
        return ts.pid_of(p) in service.air.pids and p[3] & 0x20 and p[4] and p[5] & 0x40 and ts.pcr_of(p) is not None

    key = next(at for at in range(begin, end) if enters(service.air.packets[at]))
    pat = max(at for at in range(begin, key) if ts.pid_of(service.air.packets[at]) == ts.PAT_PID)
    return [at for at in range(pat, end) if at >= key or ts.pid_of(service.air.packets[at]) not in service.air.pids]


def vlc_faults(clear, out, seconds):
    """What is wrong with VLC's copy; its multiplexer drops the last frames of a stream."""
    if not os.path.exists(out) or not os.path.getsize(out):
        return ["VLC wrote nothing"]
    complaint = line.decodes(out, seconds=seconds - 1)
    wrong = [f"ffmpeg says {complaint[:300]}"] if complaint else []
    for kind in ("v", "a"):
        expected, got = witness_vlc.frames(clear, kind), witness_vlc.frames(out, kind)
        if len(expected) < 75 or len(got) < 0.9 * len(expected):
            wrong.append(f"{len(got)} frames of {kind}, the source has {len(expected)}")
        elif got[:-1] != expected[:len(got) - 1]:
            wrong.append(f"the frames of {kind} are not the source's")
    return wrong


def vlc_wrong(service):
    vlc = witness_vlc.Vlc(types.SimpleNamespace(folder=service.s.folder))
    clear, scrambled = service.beside("clear-cut.ts"), service.beside("cut.ts")
    period = 1
    here = cut(service, period)
    ts.write(clear, [service.clear[at] for at in here])
    ts.write(scrambled, [service.air.packets[at] for at in here])
    even, odd = (service.word(period + (service.number(period) & 1 != parity)).hex() for parity in (0, 1))
    seconds = service.air.seconds[here[-1]] - service.air.seconds[here[0]]
    wrong = [] if line.parities(scrambled) == {2, 3} else [f"parities {line.parities(scrambled)} in the cut"]
    wrong += vlc_faults(clear, vlc.play(scrambled, even, odd), seconds)
    print(f"{service.name}: VLC opened {seconds:.1f} s with one flip: {'; '.join(wrong) or 'as the source'}")
    stale = service.word(period + 2 + (service.number(period) & 1)).hex()  # of another crypto-period
    tries = {"the even word wrong": (stale, odd), "the odd word wrong": (even, stale), "the words exchanged": (odd, even)}
    wrong += [f"VLC opens it with {what}" for what, words in tries.items() if not vlc_faults(clear, vlc.play(scrambled, *words), seconds)]
    return [f"{service.name}: {what}" for what in wrong]


def test():
    delay_start_ms, delay_stop_ms = int(sys.argv[3]), int(sys.argv[4])
    lead_cw = 1 if delay_start_ms >= 0 else 0
    with open_cas.Session(SECONDS, PERIOD_MS, lead_CW=lead_cw, CW_per_msg=2, delay_start=delay_start_ms, delay_stop=delay_stop_ms,
                          transition_delay_start=-500, ECM_rep_period=REPETITION_MS) as s:
        s.on_air()
        wrong = s.received() + s.ecmg.errors
        services = [Service(s, i + 1, stream) for i, stream in enumerate(s.demo.streams)]
        for service in services:
            algorithm = service.service.algorithm
            print(f"{service.name} {algorithm}: {len(service.air.periods)} crypto-periods, {len(service.air.ecms)} ECMs on air, "
                  f"PCRs at most {service.air.pcr_interval_s * 1000:.0f} ms apart")
            if len(service.air.periods) <= WHOLE_PERIODS:
                wrong.append(f"{service.name}: too few crypto-periods to judge by")
                continue
            wrong += parities_wrong(service) + ecms_wrong(service, delay_start_ms / 1000, delay_stop_ms / 1000)
            wrong += vlc_wrong(service) if algorithm == "csa2" else openssl_wrong(service)
        return wrong


if __name__ == "__main__":
    session.main("chain-witness", test)
