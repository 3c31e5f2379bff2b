# SPDX-License-Identifier: GPL-3.0-or-later
"""The head-end as its processes: vault, cas, dataplane, control and api, with their files in one folder.

    vault <-- cas <--ECMG-- control --> dataplane
                  --EMMG-->    |
                          api, bulkhead
"""

import os
import shutil
import socket
import tempfile

import plan
import programs

READY_S = 60
BINARIES = {"vault": "keymgmt/bulkhead-vault", "cas": "controlplane/ecmg/bulkhead-cas", "dataplane": "dataplane/bulkhead-dataplane",
            "control": "controlplane/service/bulkhead-control", "api": "controlplane/http/bulkhead-api"}


def free_ports(n):
    """TCP ports of the loopback that nobody has now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Chain:
    """Every process is started, killed and started again by name. `prefix` puts those that move packets or speak SimulCrypt
    into a namespace; the api stays where the operator is."""

    def __init__(self, build, folder, prefix=()):
        self.build, self.folder, self.prefix = build, folder, prefix
        self.ecmg_port, self.mux_port, self.http_port = free_ports(3)
        # The path of a local socket has at most 107 bytes, which those of a working copy may not leave.
        self.run = tempfile.mkdtemp(prefix="bulkhead-")
        self.sockets = {name: os.path.join(self.run, f"{name}.sock") for name in BINARIES}
        self.terminal_keys = self.path("lab/terminal.keys")
        self.running, self.turns = {}, {}
        self.binary = dict(BINARIES)
        self.more = {name: [] for name in BINARIES}  # arguments to add
        self.period_ms = plan.PERIOD_MS

    def path(self, name):
        return os.path.join(self.folder, name)

    def tool(self, path):
        return os.path.join(self.build, *path.split("/"))

    def configure(self, streams, ports, port_in, port_out, **ecmg):
        """Fresh keys, and the configurations for these streams."""
        programs.run([self.tool(BINARIES["vault"]), "--make-lab", self.path("lab")], self.folder, "make-lab")
        plan.write(self.path("dataplane.json"), plan.dataplane(ports, self.sockets["dataplane"]))
        plan.write(self.path("control.json"),
                   plan.control(streams, port_in, port_out, self.sockets, self.ecmg_port, self.mux_port, self.period_ms))
        plan.write(self.path("cas.json"), plan.cas(self.sockets, self.ecmg_port, self.mux_port, **ecmg))

    def _arguments(self, name):
        if name == "vault":
            return ["--keys", self.path("lab/vault.keys"), "--socket", self.sockets["vault"]]
        if name == "api":
            return ["--control", self.sockets["control"], "--cas", self.sockets["cas"], "--socket", self.sockets["api"],
                    "--listen", f"127.0.0.1:{self.http_port}"]
        return ["--config", self.path(f"{name}.json")]

    def start(self, name):
        """Starts a process and waits until it says READY."""
        turn = self.turns[name] = self.turns.get(name, 0) + 1
        command = [self.tool(self.binary[name]), *self._arguments(name), *self.more[name]]
        program = programs.Program(name if turn == 1 else f"{name}-{turn}", command, self.folder, () if name == "api" else self.prefix)
        self.running[name] = program
        programs.until(f"the READY of {name}", lambda: program.said("READY"), READY_S, [program])
        return program

    def start_all(self):
        for name in BINARIES:
            self.start(name)

    def kill(self, name):
        """SIGKILL, as when it crashed."""
        self.running.pop(name).kill()

    def stop(self, name):
        """Asks it to end; it must do so with status 0."""
        program = self.running.pop(name)
        status = program.stop()
        if status != 0:
            raise programs.Failed(f"{program.name} ended with status {status}\n{program.tail()}")

    def stop_all(self):
        for name in reversed(list(self.running)):
            self.stop(name)

    def close(self):
        for name in list(self.running):
            self.kill(name)
        shutil.rmtree(self.run, ignore_errors=True)

    def bulkhead(self, *words):
        """The command line against this head-end."""
        return [self.tool("controlplane/cli/bulkhead"), "--api", self.sockets["api"], *words]
