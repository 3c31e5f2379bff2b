#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dataplane that takes its line-up, crypto-periods, ECMs and EMMs from a controller, over files: what leaves, what opens, who is obeyed."""

import os
import random
import struct
import unittest

import link_controller as link
import live_ts as ts
import live_watch
from link_fixture import ECM, EMM, PERIOD_MS, PMT, PRIVATE, SECONDS, SYSTEM, VIDEO, Fixture, descriptors, lineup


class Control(Fixture):
    def opens(self, words):
        words.schedule(self.path("keys.txt"), "basic", PERIOD_MS)
        self.open(self.path("out.ts"), self.path("opened.ts"), {1: "basic"})
        self.judge(self.path("in.ts"), self.path("out.ts"), self.path("opened.ts"), "csa2", 1)

    def test_whole(self):
        """ECMs lead their periods; PMT and CAT name ECM and EMM PIDs; EMMs leave once; the words open the stream."""
        controller, words = self.taken(), link.Words("csa2", random.Random(1))
        emms = [ts.packet(0x1FFF, 0, ts.stuffed(link.emm_section(bytes([n]) * 20)), start=True) for n in range(10)]
        controller.send(link.emm_data(0, emms[:7]))
        controller.send(link.emm_data(0, emms[7:]))
        self.feed(controller, words, 7, lead=0)
        out = self.ended()
        watch = live_watch.Watch(out, source=self.mux.packets, ca=[ECM, EMM])
        self.assertEqual(watch.wrong, [])
        self.assertEqual([data[3] for _, data in link.sections_of(out, EMM)], list(range(10)))
        self.check_ecms(out)
        pmt = watch.tables[PMT, 2, 1][-1][2]
        self.assertIn((9, struct.pack(">HH", SYSTEM, 0xE000 | ECM) + PRIVATE), list(descriptors(pmt[4:4 + (pmt[2] << 8 & 0xF00 | pmt[3])])))
        cat = watch.tables[ts.CAT_PID, 1, 0xFFFF][-1][2]
        self.assertEqual(list(descriptors(cat)), [(9, struct.pack(">HH", SYSTEM, 0xE000 | EMM))])
        self.opens(words)
        self.assertEqual(self.stats()["groups"][0]["periods"], len(words.words) - 1, "the last one is the next for ever")
        self.assertEqual(self.stats()["emm_streams"][0], {"name": "emms", "pid": EMM, "rate_kbps": 200, "waiting": 0, "dropped": 0})

    def check_ecms(self, out):
        """Each period's first scrambled packet comes after its ECM, and the table_id follows the parity."""
        ecms = link.sections_of(out, ECM)
        first_ecm, first_packet, parity, cp = {}, {}, None, 6
        for at, data in ecms:
            number = struct.unpack_from(">H", data, 3)[0]
            self.assertEqual(data[0], 0x80 | number & 1)
            first_ecm.setdefault(number, at)
        for at, packet in enumerate(out):
            if ts.pid_of(packet) == VIDEO and ts.tsc_of(packet) and ts.tsc_of(packet) != parity:
                parity, cp = ts.tsc_of(packet), cp + 1
                self.assertEqual(parity, 3 if cp & 1 else 2)
                first_packet[cp] = at
        self.assertGreaterEqual(len(first_packet), SECONDS - 1)
        for number, at in first_packet.items():
            self.assertLess(first_ecm[number], at, f"period {number} began before its ECM")

    def test_another_controller_goes_on(self):
        """The held words come back to the next controller, which goes on with them; receivers lose nothing."""
        first, words = self.taken(), link.Words("csa2", random.Random(2))
        self.feed(first, words, 65534, lead=1, until=65535)
        first.close()  # a file waits for the next period, so the one on air stays
        second = self.taken()
        self.assertEqual(second.welcome.lineup, 1)
        self.assertEqual(second.group_states["basic"], (link.Held(65535, "csa2", [words.word(65535), words.word(0)]), None))
        self.feed(second, words, 0)
        self.ended()
        self.opened_over_the_turn(words)

    def opened_over_the_turn(self, words):
        """A schedule goes up from its first CP_number, over the turn."""
        order = sorted(words.words, key=lambda cp: (cp + 2) & 0xFFFF)
        with open(os.open(self.path("keys.txt"), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write(f"group basic period_ms {PERIOD_MS}\n")
            for cp in order:
                file.write(f"cp {cp} {'odd' if cp % 2 else 'even'} {words.words[cp].hex()}\n")
        self.open(self.path("out.ts"), self.path("opened.ts"), {1: "basic"})
        self.judge(self.path("in.ts"), self.path("out.ts"), self.path("opened.ts"), "csa2", 1)

    def test_fence(self):
        """The newest of three is obeyed; the others are told by whom they are superseded."""
        middle, old, new = self.controller(epoch=200, name="middle"), self.controller(epoch=100, name="old"), self.controller(epoch=300, name="new")
        middle.hello()
        for other, reason in ((old, "OLDER"), (self.controller(epoch=200, name="same"), "OLDER")):
            with self.assertRaises(link.Gone) as caught:
                other.hello()
            bye = caught.exception.bye
            self.assertEqual((link.BYE_REASONS[bye.reason], bye.epoch, bye.name, bye.pid), (reason, 200, "middle", os.getpid()))
        new.hello()
        with self.assertRaises(link.Gone) as caught:
            middle.until("BYE", lambda: False)
        bye = caught.exception.bye
        self.assertEqual((link.BYE_REASONS[bye.reason], bye.epoch, bye.name), ("SUPERSEDED", 300, "new"))
        new.close()
        with self.assertRaises(link.Gone) as caught:
            self.controller(epoch=250, name="back").hello()
        self.assertEqual(link.BYE_REASONS[caught.exception.bye.reason], "OLDER")
        self.assertEqual(self.running.stop(), 0)
        for name in ("middle", "old", "same", "new", "back"):
            self.assertIn(f'name="{name}"', self.running.text())

    def test_lineups(self):
        """A bad one is refused with its place, and what is on air stays; any good one is taken at any time."""
        controller = self.controller()
        controller.hello()
        self.assertEqual(controller.welcome.lineup, 0)
        refused = controller.line_up(lineup(port="nowhere"))
        self.assertEqual(refused.error, -22)
        self.assertIn("/inputs/0/port", refused.text)
        self.assertIn("nowhere", refused.text)
        for one in (lineup(), lineup(service="other"), lineup(algorithm="cissa"), lineup(private=b"\x99")):
            self.assertEqual(controller.line_up(one).error, 0)
        self.assertEqual(controller.line_up(lineup(port="nowhere")).error, -22)
        words = link.Words("csa2", random.Random(3))
        self.feed(controller, words, 0)
        out = self.ended()
        pmt = live_watch.Watch(out, ca=[ECM, EMM]).tables[PMT, 2, 1][-1][2]
        self.assertIn(b"\x09\x05" + struct.pack(">HH", SYSTEM, 0xE000 | ECM) + b"\x99", pmt)
        self.opens(words)

    def test_line_ups_on_air(self):
        """Transforms change while periods go on, and one controller dies before it could be told of it; nothing is lost."""
        controller, words = self.taken(), link.Words("csa2", random.Random(6))
        for until in range(4):
            self.feed(controller, words, until, until=until)
            one = lineup(private=bytes([until]))
            if until == 2:
                for data in one.messages(controller.serial + 1):
                    controller.send(data)
                controller.close()
                controller = self.taken()
            else:
                self.assertEqual(controller.line_up(one).error, 0)
        self.feed(controller, words, 4)
        watch = live_watch.Watch(self.ended(), source=self.mux.packets, ca=[ECM, EMM])
        self.assertEqual(watch.wrong, [])
        self.opens(words)

    def test_back_to_back(self):
        """Each of many line-ups without a pause has its result: taken, or -EBUSY while another is on its way."""
        controller, results = self.taken(), []
        controller.on_result = results.append
        for serial in range(2, 12):
            for data in lineup(private=bytes([serial])).messages(serial):
                controller.send(data)
        controller.until("ten results", lambda: len(results) == 10)
        self.assertEqual([one.serial for one in sorted(results, key=lambda one: one.serial)], list(range(2, 12)))
        self.assertEqual({one.error for one in results} - {-16}, {0})
        controller.serial = 12
        self.assertEqual(controller.line_up(lineup()).error, 0)
        words = link.Words("csa2", random.Random(7))
        self.feed(controller, words, 0)
        self.ended()
        self.opens(words)

    def test_move(self):
        """There is one worker: an input is on it already, and no other can be named."""
        controller = self.taken()
        self.assertEqual(controller.move(0, 0).error, 0)
        moved = controller.move(0, 1)
        self.assertEqual((moved.error, moved.input, moved.worker), (-22, 0, 1))
        self.assertIn("/worker", moved.text)
        words = link.Words("csa2", random.Random(8))
        self.feed(controller, words, 0)
        self.ended()
        self.opens(words)

    def test_refused_period(self):
        """Periods that do not fit are refused and change nothing."""
        controller, words = self.taken(), link.Words("csa2", random.Random(4))
        good = {"pid": ECM, "section": words.section(1), "start_ms": -200}
        bad = [({"pid": 0x700}, "another PID"), ({"section": b"\x42\x70\x01\0"}, "another table"), ({"section": words.section(1)[:-1]}, "cut")]
        for change, why in bad:
            controller.send(link.period(0, 1, [words.word(1)], [{**good, **change}], PERIOD_MS))
            controller.until(why, lambda: controller.refused)
            self.assertEqual(controller.refused.pop(), (0, 1, -22), why)
        controller.send(link.period(0, 1, [bytes(16)], [good], PERIOD_MS))
        controller.until("length", lambda: controller.refused)
        self.assertEqual(controller.refused.pop().error, -22)
        self.feed(controller, words, 1)
        self.ended()
        self.opens(words)

    def test_broken_messages(self):
        """Each closes the connection with a text that says what; the next controller finds everything as it was."""
        good = link.period(0, 1, [bytes(8)], [{"pid": ECM, "section": link.ecm_section(1, b"x")}], PERIOD_MS)
        broken = [(good[:-1], "PERIOD of 8615 bytes"), (struct.pack("=II", 99, 8), "type 99"), (b"\1\0\0\0", "4 bytes"),
                  (link.message("LINEUP_END", b""), "out of place"), (link.message("BYE", bytes(272)), "from the dataplane"),
                  (link.period(5, 1, [bytes(8)], [], PERIOD_MS), "group 5 of 1"), (good + bytes(30000), "longer than any"),
                  (link.period(0, 1, [bytes(8)], [], PERIOD_MS, lineup=9), "of line-up 9"), (link.move(7, 0, 1), "input 7 of 1")]
        for data, text in broken:
            controller = self.taken()
            controller.send(data)
            with self.assertRaises(link.Gone) as caught:
                controller.until("BYE", lambda: False)
            self.assertEqual(link.BYE_REASONS[caught.exception.bye.reason], "BROKEN")
            self.assertIn(text, caught.exception.bye.text)
        words = link.Words("csa2", random.Random(5))
        self.feed(self.taken(), words, 3)
        self.ended()
        self.opens(words)

    def test_report(self):
        """The statistics that the controller gets are those of --stats; a lost controller is an alarm."""
        controller = self.taken()
        controller.until("REPORT", lambda: controller.report)
        self.assertEqual(controller.report["controller"]["name"], "test")
        self.assertEqual(sorted(controller.report), ["alarms", "alarms_raised", "ciphers", "controller", "emm_streams", "groups", "inputs", "outputs", "ports",
                                                     "services", "workers"])
        controller.close()
        self.running.until("controller_lost", lambda: "name=controller_lost" in self.running.text())
        again = self.taken()
        self.running.until("its end", lambda: "alarm cleared name=controller_lost" in self.running.text())
        self.assertEqual(self.running.stop(), 0)
        with self.assertRaises(link.Gone) as caught:
            again.until("BYE", lambda: False)
        self.assertEqual(link.BYE_REASONS[caught.exception.bye.reason], "STOPPING")


if __name__ == "__main__":
    unittest.main(verbosity=2)
