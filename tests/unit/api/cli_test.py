# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead, the command line: what each command prints, against the texts in expected/, and every error.

With WRITE_EXPECTED in the environment the texts are written again, to be looked at before they are kept."""

import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import unittest

import fake

EXPECTED = os.path.join(fake.HERE, "expected")
ODD_NAME = 'Köln "1"\x1b[31m\nred'


def bulkhead(*words, api=None, stdin=b"", environment=None):
    env = {"PATH": "/usr/bin:/bin", "http_proxy": "http://192.0.2.1:1"} | (environment or {})
    command = [os.environ["BULKHEAD_CLI_PROGRAM"]] + (["--api", str(api)] if api else []) + list(words)
    done = subprocess.run(command, input=stdin, capture_output=True, env=env, timeout=fake.LIMIT_S)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bulkhead-api-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.control = fake.Process(os.path.join(self.folder, "control"), fake.sample("control"))
        self.cas = fake.Process(os.path.join(self.folder, "cas"), fake.sample("cas"))
        self.port = fake.free_port()
        self.api = fake.Api(self.folder, self.control.path, [self.cas.path], f"127.0.0.1:{self.port}")
        self.addCleanup(self.end)

    def end(self):
        if self.api.process.poll() is None:
            self.assertEqual(self.api.stop(), 0, self.api.log)

    def good(self, *words, **options):
        status, out, err = bulkhead(*words, api=options.pop("api", self.api.socket), **options)
        self.assertEqual((status, err), (0, ""))
        return out

    def bad(self, status, *words, api=None, told=(), **options):
        got, out, err = bulkhead(*words, api=api or self.api.socket, **options)
        self.assertEqual((got, out), (status, ""), err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("bulkhead: "))
        for word in told:
            self.assertIn(word, err)


class Show(Case):
    def check(self, name, out):
        out = out.replace(self.folder, "FOLDER")
        path = os.path.join(EXPECTED, name + ".txt")
        if "WRITE_EXPECTED" in os.environ:
            with open(path, "w", encoding="utf-8") as file:
                file.write(out)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(out, file.read())

    def test_tables(self):
        for what in ("services", "ecmg", "emmg", "cas", "inputs", "outputs", "ports", "workers", "alarms"):
            with self.subTest(what):
                self.check(what, self.good("show", what))
                self.assertEqual(self.good("show", what), self.good("show", what, api=f"http://127.0.0.1:{self.port}/"))

    def test_status(self):
        """bulkhead-api's own pid and start differ from run to run, and the widths of columns with them."""
        out = re.sub(" {2,}", "  ", self.good("show", "status"))
        own = re.compile(rf"(?m)^(up  api  -  \S+)  {self.api.process.pid}  [-\d]+ [:\d]+  ")
        self.assertRegex(out, own)
        self.check("status", own.sub(r"\1  PID  STARTED  ", out))

    def test_service(self):
        for file, name in {"service-on-air": "News", "service-held": ODD_NAME, "service-clear": "Barker\u202e\x9b",
                           "service-waiting": "Films"}.items():
            with self.subTest(file):
                self.check(file, self.good("show", "service", name))

    def test_names_of_dots(self):
        """They are names, and no steps in a path."""
        for name in (".", ".."):
            self.bad(1, "show", "service", name, told=(f'no service "{name}"',))

    def test_gone(self):
        """Without control and cas: what is gone stands first."""
        bulkhead("show", "status", api=self.api.socket)
        self.control.close()
        self.cas.close()
        fake.time.sleep(0.25)
        self.check("alarms-gone", self.good("show", "alarms"))
        lines = self.good("show", "status").split("\n")
        self.assertEqual([line.split()[:2] for line in lines[1:4]], [["gone", "control"], ["gone", "cas"], ["up", "api"]])
        for what in ("services", "ecmg", "emmg", "inputs", "outputs", "ports", "workers"):
            self.bad(1, "show", what, told=("bulkhead-control does not answer", self.control.path, "is it running?"))
        self.bad(1, "show", "cas", told=("bulkhead-cas does not answer", self.cas.path))

    def test_empty(self):
        self.control.document = {"control": self.control.document["control"]}
        self.cas.document = dict(self.cas.document, alarms=[])
        for what in ("services", "ecmg", "emmg", "inputs", "outputs", "ports", "workers", "alarms"):
            self.check(what + "-empty", self.good("show", what))

    def test_hostile(self):
        """Members of any kind in any place: something is printed, and no control among it."""
        good = dict(self.control.document)
        for thing in (None, 1, -1.5, True, "\x1b]0;x\x07\u009b\u202e", [1, None, [], "x"], [{}], [{"name": 1, "state": []}],
                      [{"name": "\x1b", "state": "\x1b", "streams": [1, {}], "counters": {"\x1b": 1}, "drops": {"\n": "\x1b"}}]):
            self.control.document = dict(dict.fromkeys(good, thing), control=good["control"])
            fake.time.sleep(0.25)
            for what in ("services", "ecmg", "emmg", "inputs", "outputs", "ports", "workers", "alarms", "status"):
                with self.subTest((what, repr(thing))):
                    out = self.good("show", what)
                    self.assertTrue(out)
                    self.assertEqual([c for c in out if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e")], [])

    def test_json(self):
        for what in ("services", "ecmg", "emmg", "inputs", "outputs", "ports", "workers"):
            out = self.good("show", what, "--json")
            self.assertEqual(json.loads(out), self.control.document[what])
            self.assertTrue(out.isascii())
            self.assertNotIn("\x1b", out)
        self.assertEqual(json.loads(self.good("show", "--json", "service", "News"))["program"], 101)
        self.assertEqual([p["process"] for p in json.loads(self.good("show", "status", "--json"))], ["api", "control", "cas"])

    def test_place(self):
        """BULKHEAD_API names the place; --api goes before it."""
        for environment in ({"BULKHEAD_API": self.api.socket}, {"BULKHEAD_API": f"http://localhost:{self.port}"}):
            self.assertEqual(bulkhead("show", "ports", environment=environment)[0], 0)
        self.bad(1, "show", "ports", api="/nowhere/api", environment={"BULKHEAD_API": self.api.socket},
                 told=("does not answer at /nowhere/api", "is it running?", "BULKHEAD_API"))
        status, _, err = bulkhead("show", "ports")
        self.assertEqual((status, "/run/bulkhead/api.sock" in err), (1, True))


class EmmSend(Case):
    def test_send(self):
        path = os.path.join(self.folder, "emm")
        with open(path, "wb") as file:
            file.write(bytes(range(200)))
        want = "vendor1: 3 EMM sections of 200 bytes taken\n"
        self.assertEqual(self.good("cas", "emm", "send", path), want)
        self.assertEqual(self.good("cas", "emm", "send", path, "--cas", "vendor1"), want)
        self.assertEqual(self.good("cas", "emm", "send", "-", stdin=bytes(range(200))), want)
        sent = [request["sections"] for request in self.cas.requests if "do" in request]
        self.assertEqual(sent, [bytes(range(200)).hex()] * 3)

    def test_bad(self):
        send = ("cas", "emm", "send")
        self.bad(1, *send, "/nowhere/file", told=("/nowhere/file: cannot be opened: No such file",))
        self.bad(1, *send, self.folder, told=("cannot be read: Is a directory",))
        self.bad(1, *send, "-", told=("is empty",))
        self.bad(1, *send, "-", stdin=b"x" * 4000001, told=("over 4000000 bytes",))
        self.bad(1, *send, "-", "--cas", "nobody", stdin=b"x", told=('no CAS "nobody"',))
        self.bad(1, *send, "-", "--cas", "n" * 3000, stdin=b"x", told=("name is too long",))
        self.bad(1, *send, "-", stdin=b"x", api=f"http://127.0.0.1:{self.port}", told=("local socket alone",))
        self.cas.manner = "refuse"
        self.bad(1, *send, "-", "--cas", "vendor1", stdin=b"x", told=("vendor1 refuses", 'no room for "more"'))
        self.cas.close()
        fake.time.sleep(0.25)
        self.bad(1, *send, "-", stdin=b"x", told=("bulkhead-cas does not answer",))

    def test_which(self):
        self.assertEqual(self.api.stop(), 0)
        for cas, words in (([], "there are 0 CAS"), ([self.cas.path, self.cas.path + "2"], "there are 2 CAS")):
            api = fake.Api(self.folder, self.control.path, cas)
            self.bad(1, "cas", "emm", "send", "-", stdin=b"x", told=(words, "--cas"))
            self.assertEqual(api.stop(), 0)


class Usage(unittest.TestCase):
    def test_help(self):
        status, out, _ = bulkhead("--help")
        self.assertEqual(status, 0)
        for word in ("show services", "show service NAME", "cas emm send FILE", "BULKHEAD_API", "Exit status"):
            self.assertIn(word, out)
        self.assertRegex(bulkhead("--version")[1], r"^bulkhead \d")

    def test_wrong(self):
        for words in ((), ("show",), ("show", "nothing"), ("show", "services", "x"), ("show", "service"), ("show", "service", ""),
                      ("show", "service", "a", "b"), ("hide",), ("cas",), ("cas", "emm"), ("cas", "emm", "take", "x"),
                      ("cas", "emm", "send"), ("cas", "emm", "send", "a", "b"), ("show", "services", "--cas", "x"),
                      ("cas", "emm", "send", "a", "--json"), ("--nonsense",), ("--api",)):
            with self.subTest(words):
                status, out, err = bulkhead(*words)
                self.assertEqual((status, out), (2, ""))
                self.assertTrue(err)


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Somebody else's HTTP server."""

    reply = (200, b"<html>\x1b[31m")

    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(self.reply[0])
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(self.reply[1])

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass


class Stranger(unittest.TestCase):
    def test_replies(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for reply, words in (((200, b"<html>\x1b[31m"), "no bulkhead-api"), ((200, b"{}"), "of another kind"), ((302, b""), "HTTP status 302"), ((500, b"{}"), "HTTP status 500"),
                             ((404, b'{"error": "\\u001b[31mred\\n"}'), "bulkhead: ?[31mred?\n"), ((200, b" " * (65 << 20)), "failed")):
            Elsewhere.reply = reply
            status, out, err = bulkhead("show", "services", api=f"http://127.0.0.1:{server.server_port}")
            self.assertEqual((status, out), (1, ""))
            self.assertIn(words, err)
            self.assertNotIn("\x1b", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
