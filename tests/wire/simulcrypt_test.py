#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SimulCrypt actors themselves: their codec against captured messages, and each pair in a dialogue."""

import json
import os
import unittest

from simulcrypt import Ecmg, Emmg, Mux, Scs, decode, section

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "simulcrypt.json")


class Codec(unittest.TestCase):
    def test_reads_and_writes_what_was_captured(self):
        with open(VECTORS, encoding="utf-8") as file:
            vectors = json.load(file)["messages"]
        self.assertEqual(len(vectors), 14)
        for vector in vectors:
            data = bytes.fromhex(vector["hex"])
            message = decode(vector["interface"], data)
            self.assertEqual(message.name, vector["name"])
            shown = [[n, v.hex() if isinstance(v, bytes) else v] for n, v in message.parameters]
            self.assertEqual(shown, [[name, value] for name, _, value in vector["parameters"]])
            self.assertEqual(message.encode(), data)

    def test_refuses_what_is_not_well_formed(self):
        good = bytes.fromhex("030002000600" + "0e00020001")
        self.assertEqual(decode("ecmg", good).get("ECM_channel_id"), 1)
        for bad in (good[:-1], good + b"\0", good[:8] + b"\3" + good[9:], good[:1] + b"\x77" + good[2:]):
            with self.assertRaises(ValueError):
                decode("ecmg", bad)


class Dialogue(unittest.TestCase):
    def test_scs_and_ecmg(self):
        words = {7: bytes(range(8)), 8: bytes(range(8, 16))}
        with Ecmg(delay_start=-300) as ecmg:
            scs = Scs(ecmg.port)
            self.assertEqual(scs.open().get("delay_start"), -300)
            self.assertEqual(scs.open_stream(2, ecm_id=5).get("ECM_id"), 5)
            ecm = scs.ecm(7, words, stream=2, access_criteria=b"ac", duration_ms=1000)
            self.assertEqual(ecm, section(0x81, bytes.fromhex("00020007")))
            self.assertEqual(ecmg.words, {(1, 2, n): word for n, word in words.items()})
            scs.close_stream(2)
            scs.send("channel_close", ECM_channel_id=1)
            self.assertTrue(ecmg.wait(lambda: ecmg.received["channel_close"]))
            scs.close()
            self.assertEqual((dict(scs.sent), dict(scs.received)), (dict(ecmg.received), dict(ecmg.sent)))
            self.assertEqual(ecmg.errors, [])

    def test_emmg_and_mux(self):
        with Mux(bandwidth_kbps=200) as mux:
            emmg = Emmg(mux.port, client_id=0x0ABC0001, data_id=3)
            self.assertEqual(emmg.open(500), 200)
            emmg.data(section(0x82, b"one"), section(0x83, b"two"))
            emmg.close_stream()
            self.assertEqual(mux.datagrams, [(0x0ABC0001, 3, b"\x82\x70\x03one"), (0x0ABC0001, 3, b"\x83\x70\x03two")])
            emmg.close()
            self.assertEqual((dict(emmg.sent), dict(emmg.received)), (dict(mux.received), dict(mux.sent)))
            self.assertEqual(mux.errors, [])

    def test_a_server_tells_what_nobody_should_send(self):
        with Mux() as mux:
            emmg = Emmg(mux.port)
            emmg.sock.sendall(b"\3\x77\x77\0\0")
            self.assertTrue(mux.wait(lambda: mux.errors))
            with self.assertRaises(EOFError):
                emmg.receive()
            emmg.close()


if __name__ == "__main__":
    unittest.main()
