#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLC descrambles three DVB-CSA2 services, and ffmpeg decodes what it wrote.

VLC takes one even and one odd control word (`--ts-csa2-ck` is the even one, `--ts-csa-ck` the odd one), so each service has
a schedule of two that comes again and again. It uses all 64 bits of a word: words without check bytes open here, so what
it opens is CSA2, and CSA1 only when the word is given with its check bytes.

VLC's own multiplexer drops the last frames of a stream, and may cut the last one of the audio, when the stream is
clear, too. So all but the last second must decode without an error, and every decoded frame but the last must be the
source's, 95 % of them at least. With a wrong word, or with the two exchanged, this must fail.
"""

import os
import sys

import witness_line as line

SECONDS = 8
SERVICES = (("h264", line.H264, 1600), ("mpeg2", line.MPEG2, 0), ("mpeg2-cbr", line.MPEG2, 2200))
NOBODY = 65534
VLC_S = 60


class Vlc:
    """A folder that VLC, which does not run as root, may write to."""

    def __init__(self, bench):
        self.folder = os.path.join(bench.folder, "vlc")
        os.mkdir(self.folder)
        os.chmod(bench.folder, 0o711)
        self.prefix = []
        if os.getuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self.prefix = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]

    def play(self, path, even, odd):
        """Returns the file that VLC wrote."""
        out = os.path.join(self.folder, "out.ts")
        if os.path.exists(out):
            os.remove(out)
        os.chmod(path, 0o644)
        line.run([*self.prefix, "env", f"HOME={self.folder}", "cvlc", "-I", "dummy", "--ts-csa2-ck", even, "--ts-csa-ck", odd,
                  "--sout", f"#std{{access=file,mux=ts,dst={out}}}", path, "vlc://quit"], seconds=VLC_S, cwd=self.folder)
        return out


def frames(path, kind):
    """A digest of every frame that decodes, in order."""
    done = line.run(["ffmpeg", "-nostdin", "-v", "quiet", "-i", path, "-map", f"0:{kind}", "-f", "framemd5", "-"], None)
    return [row.rsplit(",", 1)[-1].strip() for row in done.stdout.decode().split("\n") if row and not row.startswith("#")]


def faults(source, out):
    """What is wrong with VLC's copy of the source, as a list of lines."""
    if not os.path.exists(out) or not os.path.getsize(out):
        return ["VLC wrote nothing"]
    wrong = []
    complaint = line.decodes(out, seconds=SECONDS - 1)
    if complaint:
        wrong.append(f"ffmpeg says {complaint[:300]}")
    for kind in ("v", "a"):
        expected, got = frames(source, kind), frames(out, kind)
        if len(expected) < 100 or len(got) < 0.95 * len(expected):
            wrong.append(f"{len(got)} frames of {kind}, the source has {len(expected)}")
        elif got[:-1] != expected[:len(got) - 1]:
            first = next(i for i, pair in enumerate(zip(got, expected)) if pair[0] != pair[1])
            wrong.append(f"frame {first} of {kind} is not the source's")
    return wrong


def look(bench, vlc, case):
    even, odd = case.words
    capture = case.beside(bench, "capture.ts")
    wrong = []
    if line.parities(capture) != {2, 3}:
        wrong.append(f"{case.name}: parities {line.parities(capture)} on air")
    runs = [tsc for tsc in (p[3] >> 6 for p in line.packets(capture)) if tsc]
    flips = sum(a != b for a, b in zip(runs, runs[1:]))
    if flips < 4:
        wrong.append(f"{case.name}: only {flips} flips, no word came again")
    wrong += [f"{case.name}: {fault}" for fault in faults(case.source, vlc.play(capture, even, odd))]
    return wrong


def look_wrong(bench, vlc, case):
    even, odd = case.words
    other = line.random_words("csa2", 1)[0]
    capture = case.beside(bench, "capture.ts")
    tries = {"the even word wrong": (other, odd), "the odd word wrong": (even, other), "the words exchanged": (odd, even)}
    return [f"{case.name}: VLC opens it with {what}" for what, words in tries.items()
            if not faults(case.source, vlc.play(capture, *words))]


def main():
    args = line.arguments(__doc__).parse_args()
    made = line.make_streams(args.streams, SERVICES, SECONDS)
    wrong = []
    with line.Line(args) as bench:
        for name, _, _ in SERVICES:
            bench.add(name, made[name], "csa2", line.random_words("csa2", 2), repeat=True)
        bench.scramble()
        vlc = Vlc(bench)
        for case in bench.cases:
            wrong += look(bench, vlc, case)
        wrong += look_wrong(bench, vlc, bench.cases[0])
    return line.report("witness-vlc", wrong)


if __name__ == "__main__":
    sys.exit(main())
