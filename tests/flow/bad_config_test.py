#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad configurations and key files: every mistake in one run, at its place, with exit status 2, and never a key digit."""

import copy
import os
import re
import subprocess
import unittest

import port_plant

WORDS = ["a1b2c3d4e5f60718", "918273645546372f"]
LONG_WORDS = ["5ca1ab1e0ddba11f005ba11c0ffee123", "deadbea7facade5eed5eedfeed1234ab"]
KEYS = f"group one period_ms 1000\ncp 0 even {WORDS[0]}\ncp 1 odd {WORDS[1]}\n"


def good():
    return port_plant.document(
        [{"name": "wire", "driver": "pcap", "rx": "in.pcap", "tx": "out.pcap"}],
        [{"name": "a", "port": "wire", "group": "239.1.1.1", "udp_port": 5000}, {"name": "b", "port": "wire", "group": "239.1.1.2", "udp_port": 5000}],
        [{"name": "a", "port": "wire", "group": "239.2.1.1", "udp_port": 5000, "source": "10.0.2.1"},
         {"name": "b", "port": "wire", "group": "239.2.1.2", "udp_port": 5000, "source": "10.0.2.1"}],
        [port_plant.service("a", 1, "a", "a", "csa2", "one"), port_plant.service("b", 2, "b", "b", None)])


def changed(*changes):
    """The good configuration with members replaced: ("/outputs/0/ttl", 0), or taken out: (pointer,)."""
    made = copy.deepcopy(good())
    for pointer, *value in changes:
        *way, last = [int(s) if s.isdigit() else s for s in pointer.split("/")[1:]]
        node = made
        for step in way:
            node = node[step]
        if value:
            node[last] = value[0]
        else:
            del node[last]
    return made


class BadConfig(port_plant.Case):
    def setUp(self):
        super().setUp()
        self.keys(KEYS)

    def keys(self, text, mode=0o600):
        with open(self.path("keys.txt"), "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(self.path("keys.txt"), mode)

    def call(self, *options):
        run = subprocess.run([port_plant.program("BULKHEAD_DATAPLANE"), *options], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=port_plant.WAIT_S, check=False)
        said = run.stdout + run.stderr
        for word in WORDS + LONG_WORDS:
            for i in range(len(word) - 5):
                self.assertNotIn(word[i:i + 6], said.lower(), "a piece of a control word was printed")
        return run.returncode, said

    def places(self, made, *options):
        """Runs over a configuration; returns the JSON pointers of its mistakes."""
        self.configure(made)
        status, said = self.call("--config", self.path("dataplane.json"), *options)
        self.assertEqual(status, 2, said)
        self.assertNotIn("READY", said)
        return sorted(re.findall(r"^bulkhead-dataplane: (/[^ :]*): \S", said, re.MULTILINE)), said

    def test_a_good_one(self):
        self.configure(good())
        status, said = self.call("--config", self.path("dataplane.json"), "--check")
        self.assertEqual(status, 0, said)
        self.assertIn("2 services, 2 inputs, 2 outputs", said)
        self.assertFalse(os.path.exists(self.path("out.pcap")), "--check must open nothing")

    def test_ten_mistakes_at_once(self):
        mistakes = {"/main_core": 5000, "/idle": "nap", "/workers/0/core": -1, "/batch_wait_us": "soon", "/inputs/0/group": "10.0.0.1",
                    "/inputs/1/port": "nowhere", "/outputs/0/ttl": 0, "/outputs/1/source": "10.0.2.256", "/services/0/scrambling/algorithm": "des",
                    "/services/1/program": 0}
        made = changed(*mistakes.items())
        for options in (("--check",), ()):
            found, said = self.places(made, *options)
            self.assertEqual(found, sorted(mistakes), said)

    def test_more_mistakes_one_by_one(self):
        for pointer, change in {
                "/colour": ("/colour", "red"), "/ports/0/driver": ("/ports/0/driver", "pcapp"), "/ports/0/interface": ("/ports/0/interface", "eth0"),
                "/services/0/clear": ("/services/0/clear", ["video"]), "/services/0/output": ("/services/0/output", "c"),
                "/services/1": ("/services/1/scrambling", {"group": "one", "algorithm": "csa2"}), "/inputs": ("/inputs", []),
                "/memory/mib": ("/memory/mib", 1), "/services/0/scrambling": ("/services/0/scrambling",), "/outputs/0/udp_port": ("/outputs/0/udp_port",),
                "/inputs/1/name": ("/inputs/1/name", "a"), "/inputs/0/vlan": ("/inputs/0/vlan", 4095)}.items():
            with self.subTest(pointer):
                found, said = self.places(changed(change), "--check")
                self.assertIn(pointer, found, said)

    def test_an_output_equal_to_an_input(self):
        found, said = self.places(changed(("/outputs/1/group", "239.1.1.1")))
        self.assertEqual(found, ["/outputs/1"], said)
        self.assertIn("/inputs/0", said)
        self.assertFalse(os.path.exists(self.path("out.pcap")))

    def test_no_json(self):
        for text in ("", "{", "[]", '{"ports": 1, "ports": 2}', "\0", "{}"):
            with self.subTest(text):
                with open(self.path("dataplane.json"), "w", encoding="ascii") as file:
                    file.write(text)
                status, said = self.call("--config", self.path("dataplane.json"), "--check")
                self.assertEqual(status, 2, said)
                self.assertIn("dataplane.json" if text != "{}" else "/ports", said)

    def test_files_that_cannot_be_read(self):
        for path in (self.path("none.json"), self.folder):
            status, said = self.call("--config", path)
            self.assertEqual(status, 2, said)
            self.assertIn(path, said)
        os.unlink(self.path("keys.txt"))
        found, said = self.places(good())
        self.assertIn("keys.txt", said)

    def test_the_inputs_of_ports_must_be_there(self):
        """What only opening can tell is no mistake of the configuration, and has the other status."""
        made = changed(("/ports/0", {"name": "wire", "driver": "file", "rx": "none.ts", "tx": "out.ts"}), ("/inputs/1",), ("/outputs/1",),
                       ("/services/1",), ("/inputs/0/group",), ("/inputs/0/udp_port",), ("/outputs/0/group",), ("/outputs/0/udp_port",),
                       ("/outputs/0/source",))
        self.configure(made)
        status, said = self.call("--config", self.path("dataplane.json"))
        self.assertEqual(status, 1, said)
        self.assertIn("none.ts", said)
        self.assertIn("/ports/0", said)

    def test_mode_of_the_key_file(self):
        for mode in (0o644, 0o640, 0o602, 0o666):
            self.keys(KEYS, mode)
            _, said = self.places(good(), "--check")
            self.assertIn("keys.txt", said)
        self.keys(KEYS, 0o400)
        self.configure(good())
        self.assertEqual(self.call("--config", self.path("dataplane.json"), "--check")[0], 0)

    def test_groups_of_the_key_file(self):
        for options in (("--check",), ()):
            with self.subTest(options):
                found, said = self.places(changed(("/services/0/scrambling/group", "two")), *options)
                self.assertEqual(found, ["/services/0/scrambling/group"], said)
                found, said = self.places(changed(("/services/0/scrambling/algorithm", "cissa")), *options)
                self.assertEqual(found, ["/services/0/scrambling/group"], said)

    def test_lines_of_the_key_file(self):
        """All lines that are wrong, each named by its number, in the same run as the configuration's mistakes."""
        self.keys(f"group one period_ms 1000\ncp 0 even {WORDS[0]}\ncp 1 even {WORDS[1]}\ncp 2 even {WORDS[0]}zz\ncp 9 odd {WORDS[1]}\n"
                  f"cp {WORDS[0]}\n{WORDS[1]}\ngroup one period_ms 1\ncp 0 even {LONG_WORDS[0]}\ncp 1 odd {WORDS[1]}\ngroup\n")
        found, said = self.places(changed(("/outputs/0/ttl", 0)), "--check")
        self.assertEqual(found, ["/outputs/0/ttl"], said)
        for line in (3, 4, 5, 6, 7, 8, 10, 11):
            self.assertRegex(said, rf"keys\.txt:{line}\b")
        for line in (1, 2):
            self.assertNotRegex(said, rf"keys\.txt:{line}\b")

    def test_options(self):
        config = self.configure(good())
        for options in (["--config", config, "--colour"], [], ["--check"], ["--config", config, "more"], ["--config"],
                        ["--config", config, "--until-idle", "0"], ["--config", config, "--until-idle", "1x"], ["--config", config, "--log", "loud"],
                        ["--config", config, "--fault", "clear"]):
            with self.subTest(options):
                status, said = self.call(*options)
                self.assertEqual(status, 2, said)
                self.assertTrue(said.strip())
        for option in ("--help", "--version"):
            self.assertEqual(self.call(option)[0], 0)


if __name__ == "__main__":
    unittest.main()
