# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-api before clients that break HTTP: raw bytes on sockets. After each of them it still serves."""

import os
import re
import tempfile
import time
import unittest

import fake

HOST = b"Host: localhost\r\n"
ANSWERS = (400, 403, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 505)


class Hostile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bulkhead-api-")
        self.addCleanup(folder.cleanup)
        self.control = fake.Process(os.path.join(folder.name, "control"), fake.sample("control"))
        self.cas = fake.Process(os.path.join(folder.name, "cas"), fake.sample("cas"))
        self.port = fake.free_port()
        self.api = fake.Api(folder.name, self.control.path, [self.cas.path], f"127.0.0.1:{self.port}")
        self.addCleanup(self.end)

    def end(self):
        for where in (self.api.socket, self.port):
            self.assertEqual(fake.get(where, "/v1/services")[0], 200)
        self.assertEqual(self.api.stop(), 0, self.api.log)

    def refused(self, data):
        """The connection ends; what was answered, if anything, is one answer and no 200. (libmicrohttpd 0.9.75 sends the
        head of an error that it finds itself twice: the same head counts once.)"""
        for where in (self.api.socket, self.port):
            got = fake.talk(where, data)
            if got:
                self.assertIn(fake.split(got)[0], ANSWERS, data[:60])
                self.assertEqual(len(set(re.findall(rb"HTTP/1[^\r]*", got))), 1, (data[:60], got))

    def test_request_lines(self):
        for line in (b"\x00\r\n\r\n", b"\xff" * 64 + b"\r\n\r\n", b"GET\r\n\r\n", b"GET /metrics HTTP/9.9\r\n" + HOST + b"\r\n",
                     b"GET metrics HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            with self.subTest(line[:20]):
                self.refused(line)

    def test_long_lines(self):
        for data in (b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
                     b"GET /metrics HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 100000 + b"\r\n\r\n",
                     b"GET /metrics HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 20000 + b"\r\n",
                     b"A" * 100000):
            with self.subTest(data[:20]):
                self.refused(data)

    def test_no_host(self):
        self.refused(b"GET /metrics HTTP/1.1\r\n\r\n")

    def test_two_hosts(self):
        self.refused(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    def test_host(self):
        """A page whose name was turned to 127.0.0.1 gets nothing on loopback."""
        for host in ("localhost", "LocalHost:80", f"127.0.0.1:{self.port}", "127.9.9.9", "[::1]", "[::1]:9"):
            self.assertEqual(fake.get(self.port, "/v1/services", ["Host: " + host])[0], 200, host)
        for host in ("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "1.2.3.4",
                     "[::2]", "[::1", "::1", "localhost:x", "localhost:0", "localhost:65536", "localhost:1:2", "[]", ":80", "127.1",
                     "x" * 300):
            status, told = fake.get(self.port, "/v1/services", ["Host: " + host])
            self.assertEqual(status, 403, host)
            self.assertIn("Host header", told["error"])
            self.assertEqual(fake.get(self.api.socket, "/v1/services", ["Host: " + host])[0], 200, host)

    def test_smuggling(self):
        """Where a body ends is never open to doubt: what follows is no second request."""
        inner = b"POST /v1/cas/vendor1/emm HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\nx"
        post = b"POST /v1/cas/vendor1/emm HTTP/1.1\r\n" + HOST
        for headers, body in ((b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"),
                              (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", b"0\r\n\r\n"),
                              (b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n", b"hello"),
                              (b"Content-Length: 5, 6\r\n\r\n", b"hello"), (b"Content-Length: +5\r\n\r\n", b"hello"),
                              (b"Content-Length: -1\r\n\r\n", b""), (b"Content-Length: 0x5\r\n\r\n", b"hello"),
                              (b"Content-Length: \r\n\r\n", b""), (b"Content-Length: 99999999999999999999999\r\n\r\n", b""),
                              (b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"), (b"Transfer-Encoding: xchunked\r\n\r\n", b"")):
            with self.subTest(headers):
                self.refused(post + headers + body + inner)
        self.refused(b"GET /v1/services HTTP/1.1\r\n" + HOST + b"Content-Length: " + str(len(inner)).encode() + b"\r\n\r\n" + inner)
        self.refused(b"GET /v1/services HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner)
        self.assertEqual([request for request in self.cas.requests if "do" in request], [])

    def test_body_cut_short(self):
        for where in (self.api.socket, self.port):
            with fake.connect(where) as peer:
                peer.sendall(b"POST /v1/cas/vendor1/emm HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\nhalf")
                peer.shutdown(fake.socket.SHUT_WR)
                self.assertNotIn(b"200 OK", fake.receive_all(peer))
        self.assertEqual([request for request in self.cas.requests if "do" in request], [])

    def test_vanishing(self):
        """Clients that go away in the middle of everything."""
        for data in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\n" + HOST, b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n"):
            for where in (self.api.socket, self.port):
                for _ in range(20):
                    with fake.connect(where) as peer:
                        peer.sendall(data)

    def test_keep_alive(self):
        """Two whole requests in one write are two answers, in order; an error closes instead."""
        one = b"GET /v1/emmg HTTP/1.1\r\n" + HOST + b"\r\n"
        two = b"GET /v1/ecmg HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        for where in (self.api.socket, self.port):
            got = fake.talk(where, one + two)
            self.assertEqual(got.count(b"HTTP/1.1 200"), 2)
            self.assertLess(got.index(b"client_id"), got.index(b"super_cas_id"))
            got = fake.talk(where, one.replace(b"emmg", b"nothing") + two)
            self.assertEqual([got.count(b"HTTP/1.1 404"), got.count(b"HTTP/1.1 200")], [1, 0])

    def test_too_many(self):
        """Clients that never finish a request fill loopback; the local socket serves on, and in time loopback again."""
        held = [fake.connect(self.port) for _ in range(80)]
        for peer in held:
            try:
                peer.sendall(b"GET /metrics HTTP/1.1\r\nHo")
            except OSError:
                pass
        self.assertEqual(fake.get(self.api.socket, "/v1/services")[0], 200)
        begun = time.monotonic()
        for peer in held:
            with peer:
                self.assertNotIn(b"200 OK", fake.receive_all(peer))
        self.assertLess(time.monotonic() - begun, 18)


if __name__ == "__main__":
    unittest.main(verbosity=2)
