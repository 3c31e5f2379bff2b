# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo plays: its streams and services, and the configurations of the head-end."""

import dataclasses
import json
import os

PERIOD_MS = 2000
UDP_PORT = 5000
SERVICES_MAX = 64
MPTS_PROGRAMS = 3
MPTS_FROM = 5  # so many services or more, and three of them travel in one MPTS
SUPER_CAS_ID = "0abc0001"
ACCESS_CRITERIA = "0001" "01040000002a"  # service key 1; product 42
EMM_PID, EMM_KBPS = 8001, 200


@dataclasses.dataclass(frozen=True)
class Codec:
    name: str
    video_kbps: int
    audio_kbps: int


@dataclasses.dataclass(frozen=True)
class Service:
    name: str
    program: int
    algorithm: str
    codec: Codec

    @property
    def key_group(self):
        return f"group-{self.name}"


@dataclasses.dataclass(frozen=True)
class Stream:
    """One transport stream: a file at the source, one multicast group in and one out."""

    number: int
    mux_kbps: int  # constant, with null packets; 0: as it comes, without
    services: tuple

    @property
    def name(self):
        return f"s{self.number:02}"

    @property
    def group_in(self):
        return f"239.1.1.{self.number}"

    @property
    def group_out(self):
        return f"239.2.1.{self.number}"

    @property
    def rate(self):
        kind = "MPTS" if len(self.services) > 1 else "SPTS"
        return f"{kind} CBR {self.mux_kbps / 1000:g}M" if self.mux_kbps else f"{kind} VBR"


# Constant and variable rates, small and large, both families of codecs: (codec, mux rate).
SPTS = (
    (Codec("H.264+AAC", 1500, 128), 2500),
    (Codec("MPEG-2+MP2", 2600, 192), 3500),
    (Codec("H.264+AAC", 1100, 96), 0),
    (Codec("MPEG-2+MP2", 2000, 128), 0),
    (Codec("H.264+AAC", 3800, 192), 5000),
)
MPTS = (Codec("H.264+AAC", 1200, 128), Codec("MPEG-2+MP2", 2200, 192), Codec("H.264+AAC", 800, 96))
MPTS_MUX_KBPS = 6000


def make(n_services):
    """The streams of a demo of so many services; every other service is CSA2, the rest CISSA."""
    algorithms = ["csa2" if i % 2 == 0 else "cissa" for i in range(n_services)]
    n_spts = n_services - MPTS_PROGRAMS if n_services >= MPTS_FROM else n_services
    streams = []
    for i in range(n_spts):
        codec, mux_kbps = SPTS[i % len(SPTS)]
        service = Service(f"spts-{i + 1}", 101 + i, algorithms[i], codec)
        streams.append(Stream(i + 1, mux_kbps, (service,)))
    if n_spts < n_services:
        programs = tuple(Service(f"mpts-{i + 1}", 11 + i, algorithms[n_spts + i], MPTS[i]) for i in range(MPTS_PROGRAMS))
        streams.append(Stream(n_spts + 1, MPTS_MUX_KBPS, programs))
    return streams


def services(streams):
    return [(stream, service) for stream in streams for service in stream.services]


def write(path, document):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
        file.write("\n")


def dataplane(ports, socket):
    """What the dataplane knows by itself: cores, memory and the "ports" array. The rest comes by its control socket."""
    cpus = sorted(os.sched_getaffinity(0))
    return {
        "main_core": cpus[0],
        "workers": [{"core": cpus[-1]}],
        "idle": "yield",
        "memory": {"hugepages": False, "mib": 256},
        "batch_wait_us": 100,
        "control": {"socket": socket},
        "ports": ports,
    }


def control(streams, port_in, port_out, sockets, ecmg_port, mux_port, period_ms=PERIOD_MS):
    """The head-end: a scrambling group of its own for every service, one CAS, its EMMs on every output."""
    return {
        "name": "demo",
        "dataplane": {"socket": sockets["dataplane"]},
        "operator": {"socket": sockets["control"]},
        "inputs": [{"name": s.name, "port": port_in, "group": s.group_in, "udp_port": UDP_PORT} for s in streams],
        "outputs": [{"name": s.name, "port": port_out, "group": s.group_out, "udp_port": UDP_PORT, "source": "10.0.2.1"}
                    for s in streams],
        "ecmgs": [{"name": "lab", "super_cas_id": SUPER_CAS_ID, "address": "127.0.0.1", "tcp_port": ecmg_port}],
        "groups": [{"name": v.key_group, "algorithm": v.algorithm, "crypto_period_ms": period_ms,
                    "cas": [{"ecmg": "lab", "ecm_id": v.program, "ecm_pid": 7000 + v.program, "access_criteria": ACCESS_CRITERIA}]}
                   for _, v in services(streams)],
        "services": [{"name": v.name, "input": s.name, "program": v.program, "output": s.name, "group": v.key_group}
                     for s, v in services(streams)],
        "mux": {"address": "127.0.0.1", "tcp_port": mux_port},
        "emm_streams": [{"name": "lab", "client_id": SUPER_CAS_ID, "data_id": 1, "pid": EMM_PID, "bandwidth_kbps": EMM_KBPS,
                         "outputs": "all"}],
    }


def cas(sockets, ecmg_port, mux_port, **ecmg):
    """The CAS of the laboratory; `ecmg` goes to its ECMG, delays for instance."""
    return {
        "name": "lab",
        "super_cas_id": SUPER_CAS_ID,
        "vault": {"socket": sockets["vault"]},
        "operator": {"socket": sockets["cas"]},
        "ecmg": {"address": "127.0.0.1", "tcp_port": ecmg_port, **ecmg},
        "emmg": {"address": "127.0.0.1", "tcp_port": mux_port, "data_id": 1, "bandwidth_kbps": EMM_KBPS},
    }
