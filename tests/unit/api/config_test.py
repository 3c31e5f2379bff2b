# SPDX-License-Identifier: GPL-3.0-or-later
"""What changes bulkhead-control, by HTTP and by the command line: config show, config reload, move; and every error."""

import json
import unittest

import api_test
import cli_test
import fake

MISTAKES = {"ok": False, "error": "the document has 2 mistakes", "errors": ["/groups/0/name: is missing", "/mux: \x1b[31m"]}


class Http(api_test.Case):
    def post(self, path, status, body=b"", where=None):
        got, _, text = fake.request(where or self.where, "POST", path, body, ())
        self.assertEqual(got, status, text)
        return json.loads(text)

    def test_config(self):
        self.assertEqual(fake.get(self.where, "/v1/config"), (200, self.control.config))
        self.assertEqual(fake.get(self.port, "/v1/config"), (200, self.control.config))

    def test_config_of_another_kind(self):
        self.control.config = {"ok": False, "error": "unknown request"}
        self.error_at("/v1/config", 422, "unknown request")

    def error_at(self, path, status, *words, **options):
        got, _, text = fake.request(self.where, options.get("method", "GET"), path, options.get("body"), ())
        self.assertEqual(got, status, text)
        for word in words:
            self.assertIn(word, json.loads(text)["error"])

    def test_reload(self):
        self.assertEqual(self.post("/v1/config/reload", 200), self.control.reload)
        self.assertEqual(self.control.requests[-1], {"do": "config reload", "check": False})
        self.assertEqual(self.post("/v1/config/check", 200), self.control.reload)
        self.assertEqual(self.control.requests[-1], {"do": "config reload", "check": True})

    def test_reload_refused(self):
        self.control.reload = MISTAKES
        self.assertEqual(self.post("/v1/config/reload", 422), MISTAKES)
        self.control.reload = {"ok": False}
        self.assertIn("does not say why", self.post("/v1/config/reload", 422)["error"])

    def test_reload_takes_no_body(self):
        self.error(self.where, "/v1/config/reload", 400, "no body", method="POST", body=b"{}")
        self.assertNotIn({"do": "config reload", "check": False}, self.control.requests)

    def test_not_here(self):
        for path in ("/v1/config/reload", "/v1/config/check", "/v1/inputs/a/move"):
            self.error(self.port, path, 403, "local socket", method="POST", body=b"")
            self.error(self.where, path, 405, "POST alone")
        self.error(self.where, "/v1/config", 405, "GET alone", method="POST", body=b"")
        self.error(self.where, "/v1/inputs//move", 404, method="POST", body=b"{}")

    def test_move(self):
        self.assertEqual(self.post("/v1/inputs/a%2Fb%22/move", 200, b'{"worker": 1}'), self.control.moved)
        self.assertEqual(self.control.requests[-1], {"do": "move", "input": 'a/b"', "worker": 1})
        self.control.moved = {"ok": False, "error": "no such worker"}
        self.assertEqual(self.post("/v1/inputs/a/move", 422, b'{"worker": 9}'), self.control.moved)

    def test_move_what(self):
        for body in (b"", b"{", b"[]", b"1", b'{"worker": "1"}', b'{"worker": 1.5}', b'{"worker": 1, "worker": 2}', b"\xff" * 1000, b"[" * 100000):
            self.error(self.where, "/v1/inputs/a/move", 400, "worker", method="POST", body=body)
        self.error(self.where, "/v1/inputs/%ff/move", 400, "UTF-8", method="POST", body=b'{"worker": 1}')

    def test_control_that_is_gone(self):
        for manner, words in (("garbage", "JSON"), ("close", ""), ("list", "JSON")):
            self.control.manner = manner
            self.error(self.where, "/v1/config/reload", 503, "bulkhead-control does not answer", words,
                       method="POST", body=b"")
        self.control.close()
        for path in ("/v1/config/reload", "/v1/config/check"):
            self.error(self.where, path, 503, "is it running", method="POST", body=b"")
        self.error(self.where, "/v1/config", 503, "is it running")
        self.error(self.where, "/v1/inputs/a/move", 503, "is it running", method="POST", body=b'{"worker": 0}')


class Command(cli_test.Case):
    def test_show(self):
        self.assertEqual(json.loads(self.good("config", "show")), self.control.config["document"])
        self.assertEqual(json.loads(self.good("config", "show", "--json")), self.control.config)
        self.control.config["document"] = None
        self.bad(1, "config", "show", told=("no document",))

    def test_reload(self):
        out = self.good("config", "reload")
        self.assertEqual(out.split("\n")[0], "the document is on air")
        rows = [line.split() for line in out.strip().split("\n")[2:]]
        self.assertEqual(rows, [["added", "services", "News"], ["removed", "groups", "a"], ["removed", "groups", "b"]])
        self.assertEqual(json.loads(self.good("config", "reload", "--json")), self.control.reload)

    def test_states(self):
        for state, words in (("unchanged", "nothing differs"), ("kept", "dataplane is away"), ("sent", "not answered yet"), ("new", "--json")):
            self.control.reload = {"ok": True, "state": state, "added": {}, "changed": {}, "removed": {}}
            out = self.good("config", "reload")
            self.assertIn(words, out)
            self.assertEqual(out.count("\n"), 1)
        self.control.reload = {"ok": True}
        self.good("config", "reload")

    def test_check(self):
        self.control.reload["state"] = "checked"
        self.assertIn("would change", self.good("config", "reload", "--check"))
        self.assertEqual(self.control.requests[-1], {"do": "config reload", "check": True})

    def test_mistakes(self):
        self.control.reload = MISTAKES
        status, out, err = cli_test.bulkhead("config", "reload", api=self.api.socket)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, "bulkhead: the document has 2 mistakes\nbulkhead:   /groups/0/name: is missing\nbulkhead:   /mux: ?[31m\n")

    def test_names_are_made_harmless(self):
        self.control.reload["added"] = {cli_test.ODD_NAME: [cli_test.ODD_NAME, 3, None]}
        self.assertNotIn("\x1b", self.good("config", "reload"))

    def test_move(self):
        self.assertEqual(self.good("move", "news", "--worker", "1"), "news: on worker 1\n")
        self.assertEqual(self.control.requests[-1], {"do": "move", "input": "news", "worker": 1})
        self.assertEqual(json.loads(self.good("move", "news", "--worker", "1", "--json")), self.control.moved)
        self.control.moved = {"ok": False, "error": "no such worker"}
        self.bad(1, "move", "news", "--worker", "7", told=("no such worker",))

    def test_wrong_usage(self):
        for words in (("config",), ("config", "hide"), ("config", "show", "x"), ("config", "reload", "x"), ("config", "show", "--check"),
                      ("show", "services", "--check"), ("move",), ("move", "a"), ("move", "a", "--worker", "x"), ("move", "", "--worker", "1"),
                      ("move", "a", "--worker", "-1"), ("move", "a", "--worker", "65535"), ("move", "a", "b", "--worker", "1"),
                      ("show", "services", "--worker", "1"), ("config", "show", "--cas", "x")):
            self.bad(2, *words, told=("--help",))


if __name__ == "__main__":
    unittest.main()
