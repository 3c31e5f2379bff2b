# SPDX-License-Identifier: GPL-3.0-or-later
"""The streams of the soak: many small programmes in one multiplex of constant rate, as long as wanted in bounded memory.

A frame of 40 ms holds two video packets and one audio packet of every programme, a PCR in the first of them, PSI and null
packets. Continuity counters, PES and PSI come out even after PIECE_FRAMES, so that a piece is made once and follows itself
with other PCRs.
"""

import os

import live_ts as ts
import programs
import streams

FRAME_MS, PIECE_FRAMES = 40, 800
VIDEO_PKTS, AUDIO_PKTS = 2, 1  # of a programme in a frame
PES_PKTS = 10                  # a PES start every 200 and 400 ms: in every crypto-period of a second
PAT_FRAMES, PMT_FRAMES, SDT_FRAMES = 2, 10, 25
PSI_ROOM = 10                  # packets of a frame for PSI; what PSI leaves is null
STUFFED = 24                   # one packet in so many has stuffing, and so a payload of another length


def pids(number):
    """Video, which carries the PCR, and audio of a programme."""
    return 2000 + 2 * number, 2001 + 2 * number


def program(number):
    video, audio = pids(number)
    return ts.Program(number, 1000 + number, video, [ts.Stream(video, 0x1B), ts.Stream(audio, 0x0F)])


class Mux(ts.Mux):
    def __init__(self, numbers):
        self.frame_pkts = len(numbers) * (VIDEO_PKTS + AUDIO_PKTS) + PSI_ROOM
        super().__init__([program(n) for n in numbers], rate_bps=self.frame_pkts * ts.BYTES * 8 * 1000 // FRAME_MS, seed=numbers[0])
        self.frames = 0

    def _payload(self, pid, pcr):
        at = self.units.get(pid, 0)
        self.units[pid] = at + 1
        field = ts.pcr_field(int(self.pcr)) if pcr else None
        if not pcr and self.dice.randrange(STUFFED) == 0:
            field = b"\0" * self.dice.randrange(1, 150)
        head = b"\0\0\1\xe0\0\0\x80\0\0" if at % PES_PKTS == 0 else b""
        room = (184 if field is None else 183 - len(field)) - len(head)
        self.put(ts.packet(pid, self.next_cc(pid), head + self.dice.randbytes(room), bool(head), field))

    def _psi(self):
        if self.frames % PAT_FRAMES == 0:
            self.put_section(ts.PAT_PID, self.pat())
        for i, p in enumerate(self.programs):
            if i % PMT_FRAMES == self.frames % PMT_FRAMES:
                self.put_section(p.pmt_pid, p.pmt())
        if self.frames % SDT_FRAMES == 0:
            self.put_sdt()

    def frame(self):
        end = self.sent + self.frame_pkts
        self.pcr = float(self.frames * FRAME_MS * ts.CLOCK_HZ // 1000)
        for turn in range(VIDEO_PKTS):
            for p in self.programs:
                self._payload(p.pcr_pid, pcr=turn == 0)
        for p in self.programs:
            self._payload(p.streams[1].pid, pcr=False)
        self._psi()
        assert self.sent <= end, f"{self.sent - end} packets too many for a frame"
        while self.sent < end:
            self.put(ts.NULL)
        self.frames += 1


def _write(path, numbers, frames):
    """Makes one piece and lets it follow itself."""
    mux = Mux(numbers)
    for _ in range(PIECE_FRAMES):
        mux.frame()
    assert set(mux.cc.values()) == {15}, "the continuity counters do not come out even"
    pcrs = [(i * ts.BYTES + 6, ts.pcr_of(p)) for i, p in enumerate(mux.packets) if ts.pcr_of(p) is not None]
    piece = bytearray(b"".join(mux.packets))
    left = frames
    with open(path, "wb") as file:
        for turn in range(-(-frames // PIECE_FRAMES)):
            later = turn * PIECE_FRAMES * FRAME_MS * ts.CLOCK_HZ // 1000
            for at, pcr in pcrs if turn else ():
                piece[at:at + 6] = ts.pcr_field(pcr + later)[1:]
            file.write(memoryview(piece)[:left * mux.frame_pkts * ts.BYTES])
            left -= PIECE_FRAMES


def make(numbers, seconds, folder):
    """The path of a stream with these programmes, and multicat's .aux beside it."""
    programs.say(f"making {seconds} s of the programmes {numbers[0]} to {numbers[-1]}")
    path = os.path.join(folder, f"{numbers[0]}-{numbers[-1]}.ts")
    _write(path, numbers, frames_of(seconds))
    streams.pad(path)
    streams.pace(path, pids(numbers[0])[0])
    return path


def frames_of(seconds):
    return seconds * 1000 // FRAME_MS


def packets_of(pid, seconds):
    """How many packets of a video or audio PID the source has."""
    return frames_of(seconds) * (AUDIO_PKTS if pid % 2 else VIDEO_PKTS)
