# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-api: every route, every error, and what the processes behind it may do."""

import json
import os
import re
import stat
import subprocess
import tempfile
import threading
import time
import unittest

import fake

ROOT = os.path.join(fake.HERE, "..", "..", "..")
LISTS = ("services", "ecmg", "emmg", "inputs", "outputs", "ports", "workers")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bulkhead-api-")
        self.addCleanup(self.folder.cleanup)
        self.control = fake.Process(os.path.join(self.folder.name, "control"), fake.sample("control"))
        self.cas = fake.Process(os.path.join(self.folder.name, "cas"), fake.sample("cas"))
        self.port = fake.free_port()
        self.api = self.start([self.cas.path], listen=f"127.0.0.1:{self.port}")
        self.where = self.api.socket

    def start(self, cas, **options):
        api = fake.Api(self.folder.name, self.control.path, cas, **options)
        self.addCleanup(self.end, api)
        return api

    def end(self, api):
        if api.process.poll() is None:
            self.assertEqual(api.stop(), 0, api.log)
        self.assertFalse(os.path.exists(api.socket))

    def fresh(self):
        """After this no answer is shared with those before."""
        time.sleep(0.25)

    def error(self, where, path, status, *words, method="GET", body=None, headers=()):
        got, answer_headers, text = fake.request(where, method, path, body, headers)
        self.assertEqual(got, status, text)
        self.assertEqual(answer_headers["content-type"], "application/json")
        told = json.loads(text)
        self.assertEqual(list(told), ["error"])
        for word in words:
            self.assertIn(word, told["error"])
        return answer_headers


class Routes(Case):
    def test_lists(self):
        for name in LISTS:
            self.assertEqual(fake.get(self.where, "/v1/" + name), (200, self.control.document[name]))
            self.assertEqual(fake.get(self.port, "/v1/" + name), (200, self.control.document[name]))

    def test_list_that_is_absent(self):
        del self.control.document["ports"]
        self.control.document["workers"] = {"a": 1}
        self.assertEqual(fake.get(self.where, "/v1/ports"), (200, []))
        self.assertEqual(fake.get(self.where, "/v1/workers"), (200, []))

    def test_service(self):
        service = dict(self.control.document["services"][0], scrambling_group=self.control.document["groups"][0])
        self.assertEqual(fake.get(self.where, "/v1/services/News"), (200, service))
        clear = self.control.document["services"][2]
        self.assertEqual(fake.get(self.where, "/v1/services/Barker%E2%80%AE%C2%9B"), (200, clear))
        odd = fake.get(self.where, "/v1/services/K%C3%B6ln%20%221%22%1B%5B31m%0Ared")
        self.assertEqual((odd[0], odd[1]["program"]), (200, 102))
        self.control.document["services"][3]["name"] = "a/b/../emm"
        self.fresh()
        self.assertEqual(fake.get(self.where, "/v1/services/a%2Fb/..%2Femm")[1]["program"], 104)

    def test_service_unknown(self):
        self.error(self.where, "/v1/services/Nobody", 404, 'no service "Nobody"', "/v1/services lists")
        self.error(self.where, "/v1/services/%FF", 404, "no UTF-8")
        self.error(self.where, "/v1/services/" + "x" * 255, 404, "no service")
        self.error(self.where, "/v1/services/" + "x" * 256, 404, "nothing is at this path")

    def test_cas(self):
        status, answer = fake.get(self.where, "/v1/cas")
        self.assertEqual(status, 200)
        self.assertEqual([(cas["name"], cas["up"], cas["super_cas_id"]) for cas in answer], [("vendor1", True, "0abc0001")])
        for member in ("vault", "ecmg", "emmg"):
            self.assertEqual(answer[0][member], self.cas.document[member])

    def test_alarms(self):
        status, answer = fake.get(self.where, "/v1/alarms")
        self.assertEqual(status, 200)
        self.assertEqual([alarm["severity"] for alarm in answer], ["critical", "major", "warning"])
        self.assertEqual([alarm["process"] for alarm in answer], ["cas", "control", "control"])

    def test_status(self):
        status, answer = fake.get(self.where, "/v1/status")
        self.assertEqual(status, 200)
        self.assertEqual([(p["process"], p["name"], p["up"]) for p in answer],
                         [("api", "", True), ("control", "headend-1", True), ("cas", "vendor1", True)])
        self.assertEqual(answer[0]["pid"], self.api.process.pid)
        self.assertEqual([(c["to"], c["state"]) for c in answer[1]["connections"]],
                         [("dataplane", "connected"), ("ECMG", "open"), ("ECMG", "connecting"), ("EMMG", "open")])
        self.assertEqual([(c["to"], c["state"]) for c in answer[2]["connections"]],
                         [("vault", "connected"), ("SCS", "open"), ("MUX", "open")])
        self.assertLess(answer[1]["age_s"], 2)

    def test_head(self):
        status, headers, body = fake.request(self.where, "HEAD", "/v1/services")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["content-length"]), 100)

    def test_headers(self):
        for path in ("/v1/status", "/metrics", "/nothing"):
            headers = fake.request(self.where, "GET", path)[1]
            self.assertEqual((headers["cache-control"], headers["x-content-type-options"]), ("no-store", "nosniff"))

    def test_answers_are_ascii(self):
        body = fake.request(self.where, "GET", "/v1/services")[2]
        self.assertTrue(all(byte == 10 or 32 <= byte < 127 for byte in body))

    def test_404(self):
        for path in ("/", "/v1", "/v1/", "/v1/service", "/v1/services/", "/v1/ecmg/x", "/metrics/", "//v1/status",
                     "/v1/../metrics", "/v1/cas//emm", "/v1/cas/x", "*", "/v1/cas/emm"):
            self.error(self.where, path, 404, "nothing is at this path")

    def test_405(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
            headers = self.error(self.where, "/v1/services", 405, "GET alone", method=method,
                                 body=b"" if method == "POST" else None)
            self.assertEqual(headers["allow"], "GET, HEAD")
        self.assertEqual(self.error(self.where, "/v1/cas/vendor1/emm", 405, "POST alone")["allow"], "POST")

    def test_samples_of_the_manual(self):
        """The documents in docs/operator-api.md are answered as they stand there."""
        with open(os.path.join(ROOT, "docs", "operator-api.md"), encoding="utf-8") as file:
            samples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", file.read(), re.S)]
        control, cas = (next(s for s in samples if kind in s) for kind in ("control", "cas"))
        self.control.document, self.cas.document = control, cas
        self.assertEqual(fake.get(self.where, "/v1/services"), (200, control["services"]))
        self.assertEqual(fake.get(self.where, "/v1/cas")[1][0]["ecmg"], cas["ecmg"])
        self.assertEqual([a["name"] for a in fake.get(self.where, "/v1/alarms")[1]], ["ecmg_lost"])


class Emm(Case):
    PATH = "/v1/cas/vendor1/emm"

    def test_send(self):
        body = bytes(range(256))
        status, _, text = fake.request(self.where, "POST", self.PATH, body)
        self.assertEqual((status, json.loads(text)), (200, {"ok": True, "sections": 3, "bytes": 256}))
        self.assertEqual(self.cas.requests[-1], {"do": "emm send", "sections": body.hex()})

    def test_largest(self):
        status, _, text = fake.request(self.where, "POST", self.PATH, b"\x82" * 4000000)
        self.assertEqual((status, json.loads(text)["bytes"]), (200, 4000000))

    def test_too_long(self):
        self.error(self.where, self.PATH, 413, "over 4000000 bytes", method="POST", headers=["Content-Length: 4000001"])
        self.error(self.where, self.PATH, 413, "over 4000000 bytes", method="POST", headers=["Content-Length: 12345678901234"])

    def test_empty(self):
        self.error(self.where, self.PATH, 400, "the body is empty", method="POST", body=b"")

    def test_no_length(self):
        self.error(self.where, self.PATH, 411, "Content-Length alone", method="POST")
        self.error(self.where, self.PATH, 411, "Content-Length alone", method="POST", headers=["Transfer-Encoding: chunked"])

    def test_loopback_may_not(self):
        asked = len(self.cas.requests)
        self.error(self.port, self.PATH, 403, "local socket alone", method="POST", body=b"x")
        self.assertEqual(len(self.cas.requests), asked)

    def test_unknown_cas(self):
        self.error(self.where, "/v1/cas/nobody/emm", 404, 'no CAS "nobody"', method="POST", body=b"x")

    def test_refused(self):
        fake.get(self.where, "/v1/cas")
        self.cas.manner = "refuse"
        self.error(self.where, self.PATH, 422, "vendor1 refuses", 'no room for "more"', method="POST", body=b"x")

    def test_gone(self):
        fake.get(self.where, "/v1/cas")
        self.cas.close()
        self.fresh()
        self.error(self.where, self.PATH, 503, "bulkhead-cas", self.cas.path, "is it running?", method="POST", body=b"x")

    def test_never_seen(self):
        self.cas.close()
        self.error(self.where, self.PATH, 503, "bulkhead-cas", self.cas.path, method="POST", body=b"x")


class Behind(Case):
    def check_control_gone(self, *words):
        self.fresh()
        for name in LISTS:
            self.error(self.where, "/v1/" + name, 503, "bulkhead-control", self.control.path, *words)
        self.error(self.where, "/v1/services/News", 503, "bulkhead-control", *words)
        status, answer = fake.get(self.where, "/v1/status")
        self.assertEqual((status, answer[1]["up"], answer[2]["up"]), (200, False, True))
        self.assertIn(words[0], answer[1]["error"])
        alarms = fake.get(self.where, "/v1/alarms")[1]
        self.assertEqual([a["name"] for a in alarms], ["emmg_slow", "process_lost"])
        metrics = fake.request(self.where, "GET", "/metrics")[2].decode().split("\n")
        self.assertEqual([line for line in metrics if line.startswith(("bulkhead_up{process=\"control\"", "bulkhead_alarms{severity=\"major\""))],
                         ['bulkhead_up{process="control"} 0', 'bulkhead_alarms{severity="major"} 1'])
        self.assertEqual(fake.get(self.where, "/v1/cas")[0], 200)

    def test_gone_and_back(self):
        fake.get(self.where, "/v1/status")
        self.control.close()
        self.check_control_gone("is it running?")
        self.assertEqual(fake.get(self.where, "/v1/status")[1][1]["name"], "headend-1")
        self.control.again()
        self.fresh()
        self.assertEqual(fake.get(self.where, "/v1/services")[0], 200)

    def test_mute(self):
        self.control.manner = "mute"
        self.check_control_gone("no answer within 2 s")

    def test_mute_holds_up_nobody(self):
        """While many wait for a process that hangs, what needs another is answered at once."""
        self.control.manner = "mute"
        self.fresh()
        asked = [threading.Thread(target=fake.get, args=(self.where, "/v1/services")) for _ in range(20)]
        for thread in asked:
            thread.start()
        begun = time.monotonic()
        self.error(self.where, "/nothing", 404)
        self.assertTrue(all(thread.is_alive() for thread in asked))
        for thread in asked:
            thread.join()
        self.assertLess(time.monotonic() - begun, 20)

    def test_misbehaving(self):
        for manner, words in {"garbage": "no JSON object", "list": "no JSON object", "close": "closed without an answer",
                              "huge": "over 8 MiB", "refuse": "another kind of process"}.items():
            with self.subTest(manner):
                self.control.manner = manner
                self.check_control_gone(words)

    def test_wrong_socket(self):
        self.control.document = self.cas.document
        self.check_control_gone("another kind of process")

    def test_cas_gone(self):
        self.cas.close()
        self.fresh()
        self.error(self.where, "/v1/cas", 503, "bulkhead-cas", "is it running?")
        self.assertEqual(fake.get(self.where, "/v1/services")[0], 200)

    def test_one_cas_of_two_gone(self):
        api_two = os.path.join(self.folder.name, "nowhere")
        self.assertEqual(self.api.stop(), 0)
        self.api = self.start([api_two, self.cas.path])
        status, answer = fake.get(self.where, "/v1/cas")
        self.assertEqual((status, [cas["up"] for cas in answer]), (200, [False, True]))
        self.assertIn("is it running?", answer[0]["error"])

    def test_answers_are_shared(self):
        """A burst of questions is one question to the process."""
        fake.get(self.where, "/v1/services")
        self.fresh()
        before = len(self.control.requests)
        threads = [threading.Thread(target=fake.get, args=(self.where, "/v1/services")) for _ in range(40)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spans = (time.monotonic() - begun) / 0.2
        self.assertLessEqual(len(self.control.requests) - before, spans + 1)


class Program(unittest.TestCase):
    def run_it(self, *options):
        done = subprocess.run([os.environ["BULKHEAD_API_PROGRAM"], *options], capture_output=True, text=True, timeout=fake.LIMIT_S)
        return done.returncode, done.stdout, done.stderr

    def test_usage(self):
        self.assertIn("Usage: bulkhead-api", self.run_it("--help")[1])
        self.assertRegex(self.run_it("--version")[1], r"^bulkhead-api \d")
        for options, words in {("--nonsense",): "nonsense", ("x",): "unexpected argument x", ("--log", "loud"): "--log loud",
                               ("--cas", "a") * 17: "at most 16"}.items():
            status, _, told = self.run_it(*options)
            self.assertEqual(status, 2)
            self.assertIn(words, told)

    def test_listen(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "api")
            for listen in ("0.0.0.0:80", "192.0.2.1:80", "[::]:80", "128.0.0.1:80", "[::ffff:127.0.0.1]:80"):
                status, _, told = self.run_it("--socket", path, "--listen", listen)
                self.assertEqual(status, 1)
                self.assertIn("no loopback address", told)
            for listen in ("", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:8o", "localhost:80",
                           "[::1:80", "127.0.0.1:80:80", ":80", "[]:80"):
                status, _, told = self.run_it("--socket", path, "--listen", listen)
                self.assertEqual(status, 1)
                self.assertIn("give ADDRESS:PORT", told)
            self.assertEqual(os.listdir(folder), [])

    def test_places_taken(self):
        with tempfile.TemporaryDirectory() as folder, fake.socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            path = os.path.join(folder, "api")
            status, _, told = self.run_it("--socket", path, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
            self.assertEqual((status, "Address already in use" in told), (1, True))
            self.assertEqual(self.run_it("--socket", "/nowhere/there")[0], 1)
            with open(path, "w", encoding="ascii"):
                pass
            status, _, told = self.run_it("--socket", path)
            self.assertEqual((status, "no socket" in told), (1, True))

    def test_socket(self):
        """Mode 0660; a second process is refused; the socket of a killed one is replaced."""
        with tempfile.TemporaryDirectory() as folder:
            api = fake.Api(folder, "/nowhere/control")
            self.assertEqual(stat.S_IMODE(os.stat(api.socket).st_mode), 0o660)
            self.assertEqual(self.run_it("--socket", api.socket)[0], 1)
            with open(f"/proc/{api.process.pid}/status", encoding="ascii") as file:
                self.assertIn("NoNewPrivs:\t1", file.read())
            api.process.kill()
            api.process.wait(fake.LIMIT_S)
            api.process.stderr.close()
            again = fake.Api(folder, "/nowhere/control")
            self.assertEqual(fake.get(again.socket, "/v1/status")[0], 200)
            self.assertEqual(again.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
