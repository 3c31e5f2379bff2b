# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the demo's streams with ffmpeg; a stream made before with the same command is used again."""

import hashlib
import os
import subprocess

import programs


def _codec(codec, video, audio):
    """ffmpeg's output options of one service, for its video and audio stream specifiers."""
    h264 = codec.name.startswith("H.264")
    rate = f"{codec.video_kbps}k"
    options = [f"-c:{video}", "libx264", f"-preset:{video}", "ultrafast"] if h264 else [f"-c:{video}", "mpeg2video"]
    options += [f"-b:{video}", rate, f"-maxrate:{video}", rate, f"-bufsize:{video}", f"{codec.video_kbps // 2}k",
                f"-g:{video}", "25", f"-pix_fmt:{video}", "yuv420p"]
    return options + [f"-c:{audio}", "aac" if h264 else "mp2", f"-b:{audio}", f"{codec.audio_kbps}k"]


def command(stream, seconds, out):
    inputs, outputs = [], []
    for i, service in enumerate(stream.services):
        hz = 300 + 40 * (stream.number + i)
        inputs += ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={seconds}",
                   "-f", "lavfi", "-i", f"sine=frequency={hz}:sample_rate=48000:duration={seconds}"]
        outputs += ["-map", f"{2 * i}:v", "-map", f"{2 * i + 1}:a", *_codec(service.codec, f"v:{i}", f"a:{i}")]
    if len(stream.services) == 1:
        outputs += ["-mpegts_service_id", str(stream.services[0].program),
                    "-metadata", f"service_name={stream.services[0].name}", "-metadata", "service_provider=Bulkhead"]
    else:
        for i, service in enumerate(stream.services):
            outputs += ["-program", f"title={service.name}:program_num={service.program}:st={2 * i}:st={2 * i + 1}"]
    if stream.mux_kbps:
        outputs += ["-muxrate", f"{stream.mux_kbps}k"]
    return ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *inputs, *outputs,
            "-mpegts_transport_stream_id", str(stream.number), "-f", "mpegts", out]


def make(streams, seconds, cache):
    """Returns {stream name: path of its .ts}, each with multicat's .aux beside it."""
    os.makedirs(cache, exist_ok=True)
    paths = {}
    for stream in streams:
        key = hashlib.sha256(" ".join(command(stream, seconds, "")).encode()).hexdigest()[:16]
        path = paths[stream.name] = os.path.join(cache, f"{stream.name}-{seconds}s-{key}.ts")
        if os.path.exists(path) and os.path.exists(path[:-3] + ".aux"):
            continue
        programs.say(f"making {stream.name}: {stream.rate}, " + ", ".join(v.codec.name for v in stream.services))
        part = os.path.join(cache, f"part-{stream.name}.ts")
        subprocess.run(command(stream, seconds, part), check=True, stdin=subprocess.DEVNULL)
        pad(part)
        pace(part, pcr_pid(part))
        os.replace(part[:-3] + ".aux", path[:-3] + ".aux")
        os.replace(part, path)
    return paths


def pad(path):
    """Null packets at the end, up to a whole datagram of seven: multicat sends no other."""
    with open(path, "ab") as file:
        packets = file.tell() // 188
        file.write((bytes([0x47, 0x1F, 0xFF, 0x10]) + b"\xFF" * 184) * (-packets % 7))


def pace(path, pid):
    """Writes the time of every datagram beside the file, from the PCRs of a PID: what multicat paces by."""
    subprocess.run(["ingests", "-p", str(pid), path], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def pcr_pid(path):
    """The PID of the first packet that carries a PCR (ISO/IEC 13818-1 clause 2.4.3.4)."""
    with open(path, "rb") as file:
        while len(packet := file.read(188)) == 188:
            if packet[3] & 0x20 and packet[4] > 0 and packet[5] & 0x10:
                return (packet[1] & 0x1F) << 8 | packet[2]
    raise ValueError(f"{path}: no packet carries a PCR")
