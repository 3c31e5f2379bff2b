#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-control is given other documents while it runs, with an ECMG written from the standard a second time: groups come,
change and leave while the others go on, and not one ECM of them is late."""

import json
import os
import signal
import unittest

import control_lab
from control_lab import MODES


def late(lab):
    """What status counts of ECMs that were late, by group."""
    return {g["name"]: sum(c[k] for c in g["cas"] for k in ("late", "timeouts", "errors")) + g["extended"] + g["refused"]
            for g in lab.status()["groups"]}


class Change(unittest.TestCase):
    def turn(self, lab, n=1):
        """So many crypto-periods of all groups."""
        for _ in range(n):
            lab.dataplane.ready()
            lab.dataplane.flip()
        lab.dataplane.ready()

    def untouched(self, lab, *names):
        """The streams of these groups were opened once, and none of their ECMs was late."""
        self.assertEqual({n: late(lab)[n] for n in names}, {n: 0 for n in names})
        self.assertEqual(len(lab.ecmg.links), 1)
        self.assertEqual(lab.ecmg.errors, [])
        for name in names:
            history = lab.dataplane.groups[name].history
            for one, two in zip(history, history[1:]):
                self.assertEqual(two.cp, one.cp + 1 & 0xFFFF)
                self.assertEqual(one.words[1:], two.words[:len(one.words) - 1])

    def test_groups_come_and_leave(self):
        with control_lab.Lab(3) as lab:
            self.turn(lab, 2)
            lab.add(3)
            answer = lab.reload()
            self.assertEqual(answer, {"ok": True, "state": "on_air", "changed": {}, "removed": {},
                                      "added": {"inputs": ["i3"], "outputs": ["o3"], "groups": ["g3"], "services": ["s3"]}})
            self.turn(lab, 2)
            self.assertEqual(lab.dataplane.services, ["s0", "s1", "s2", "s3"])
            lab.remove(0)
            answer = lab.reload()
            self.assertEqual(answer["removed"]["groups"], ["g0"])
            self.assertTrue(lab.ecmg.wait(lambda: lab.ecmg.received["stream_close_request"] == 1))
            self.turn(lab, 2)
            self.assertEqual(list(lab.dataplane.groups), ["g1", "g2", "g3"])
            self.assertEqual(sorted(lab.ecmg.links[0].streams.values()), [2, 3, 4])
            self.untouched(lab, "g1", "g2", "g3")

    def test_a_group_changes(self):
        with control_lab.Lab(3) as lab:
            self.turn(lab, 3)
            lab.group(1).update(algorithm="csa2", crypto_period_ms=1500)
            lab.group(1)["cas"][0].update(access_criteria="09", ecm_pid=700)
            self.assertEqual(lab.reload()["changed"], {"groups": ["g1"]})
            before = len(lab.dataplane.groups["g1"].history)
            self.turn(lab, 6)
            modes = [p.mode for p in lab.dataplane.groups["g1"].history[before - 1:]]
            self.assertEqual(modes, sorted(modes, reverse=True))  # one edge, from CISSA to DVB-CSA2
            self.assertEqual({modes[0], modes[-1]}, {MODES["cissa"], MODES["csa2"]})
            last = lab.dataplane.groups["g1"].history[-1]
            self.assertEqual((last.cw_bytes, last.duration, list(last.ecms)), (8, 1500 * 27000, [700]))
            self.assertEqual(lab.dataplane.ca["s1"], [700])
            self.untouched(lab, "g0", "g1", "g2")

    def test_every_lead(self):
        """The edge is where no ECM has promised a word, and every CW_provision is whole by the standard."""
        for lead, per_msg in ((0, 1), (0, 2), (1, 1), (1, 2), (2, 3)):
            with control_lab.Lab(2, lead_CW=lead, CW_per_msg=per_msg, delay_start=200 if lead else -300) as lab:
                self.turn(lab, 4)
                newest = lab.dataplane.groups["g0"].next.cp
                lab.group(0)["algorithm"] = "cissa"
                lab.reload()
                self.turn(lab, 6)
                first = next(p for p in lab.dataplane.groups["g0"].history if p.mode == MODES["cissa"])
                self.assertEqual(first.cp, newest + lead + 1 & 0xFFFF)
                for cp, words, _ in lab.ecmg.provisions:
                    self.assertEqual(words, [cp + 1 + lead - per_msg + i & 0xFFFF for i in range(per_msg)])
                self.untouched(lab, "g0", "g1")

    def test_mistakes(self):
        with control_lab.Lab(2) as lab:
            self.turn(lab)
            good, taken = lab.copy(), lab.dataplane.taken
            lab.add(2)
            lab.group(2).update(algorithm="rot13", crypto_period_ms=1050)
            lab.document["services"][2]["group"] = "nobody"
            lab.document["name"] = "another"
            answer = lab.reload()
            self.assertFalse(answer["ok"])
            for pointer in ("/groups/2/algorithm", "/groups/2/crypto_period_ms", "/services/2/group"):
                self.assertTrue(any(e.startswith(pointer) for e in answer["errors"]), answer)
            lab.document = good
            lab.document["name"] = "another"
            self.assertTrue(lab.reload()["errors"][0].startswith("/name: "))
            lab.document["name"] = "wire"
            text = json.dumps(lab.document)
            for n in range(0, len(text), 101):  # while it is being written
                with open(lab.path("control.json"), "w", encoding="utf-8") as file:
                    file.write(text[:n])
                self.assertFalse(lab.ask(do="config reload")["ok"])
            os.unlink(lab.path("control.json"))
            self.assertFalse(lab.ask(do="config reload")["ok"])
            self.assertTrue(any(a["name"] == "config_refused" for a in lab.status()["alarms"]))
            self.assertEqual(lab.reload()["state"], "unchanged")
            self.assertFalse(any(a["name"] == "config_refused" for a in lab.status()["alarms"]))
            self.assertEqual(lab.dataplane.taken, taken)
            self.turn(lab, 2)
            self.untouched(lab, "g0", "g1")

    def test_check_and_show(self):
        with control_lab.Lab(2) as lab:
            self.turn(lab)
            shown = lab.ask(get="config")["document"]
            self.assertEqual(shown, lab.document)
            taken = lab.dataplane.taken
            lab.add(2)
            answer = lab.reload(check=True)
            self.assertEqual((answer["state"], answer["added"]["groups"]), ("checked", ["g2"]))
            self.assertEqual((lab.dataplane.taken, lab.ask(get="config")["document"]), (taken, shown))
            lab.reload()
            self.assertEqual(lab.ask(get="config")["document"], lab.document)

    def test_refused_and_busy(self):
        with control_lab.Lab(2) as lab:
            self.turn(lab)
            lab.add(2)
            lab.dataplane.refuse = "/services/2: no place for it"
            answer = lab.reload()
            self.assertEqual((answer["ok"], answer["errors"]), (False, ["/services/2: no place for it"]))
            self.assertEqual([g["name"] for g in lab.status()["groups"]], ["g0", "g1"])
            self.turn(lab)
            lab.dataplane.busy = 3
            self.assertEqual(lab.reload()["state"], "on_air")
            self.turn(lab, 2)
            self.untouched(lab, "g0", "g1", "g2")

    def test_kept(self):
        with control_lab.Lab(2) as lab:
            self.turn(lab)
            lab.dataplane.listener.close()
            lab.dataplane.drop()
            lab.until("the dataplane is lost", lambda: not lab.status()["dataplane"]["connected"])
            lab.add(2)
            self.assertEqual(lab.reload()["state"], "kept")
            self.assertEqual(lab.status()["config"]["state"], "kept")
            os.unlink(lab.path("dataplane.sock"))
            groups = lab.dataplane.groups
            lab.dataplane = control_lab.Dataplane(lab.path("dataplane.sock"))
            lab.dataplane.groups = groups
            lab.dataplane.ready("g0", "g1", "g2")
            self.assertEqual(lab.status()["config"]["state"], "on_air")
            self.turn(lab, 2)

    def test_storm(self):
        with control_lab.Lab(3) as lab:
            self.turn(lab)
            taken = lab.dataplane.taken
            lab.add(3)
            lab.write()
            for _ in range(100):
                lab.signal()
            lab.dataplane.ready("g3")
            self.turn(lab, 2)
            self.assertEqual(lab.dataplane.taken, taken + 1)
            self.untouched(lab, "g0", "g1", "g2", "g3")

    def test_killed_and_restarted_with_another_document(self):
        """A restart with another document is the same road: groups that stay go on with the words they have."""
        with control_lab.Lab(3) as lab:
            self.turn(lab, 3)
            lab.process.kill()
            lab.process.wait()
            before = {n: g.current.cp for n, g in lab.dataplane.groups.items()}
            lab.add(3)
            lab.remove(1)
            lab.group(2)["algorithm"] = "cissa"
            lab.write()
            lab.start()
            lab.dataplane.ready("g0", "g2", "g3")
            self.assertEqual(list(lab.dataplane.groups), ["g0", "g2", "g3"])
            self.turn(lab, 5)
            for name in ("g0", "g2"):
                history = lab.dataplane.groups[name].history
                self.assertGreater(history[-1].cp - before[name] & 0xFFFF, 4)
                for one, two in zip(history, history[1:]):
                    self.assertEqual((two.cp, one.words[1:]), (one.cp + 1 & 0xFFFF, two.words[:len(one.words) - 1]))
            self.assertEqual(lab.dataplane.groups["g2"].history[-1].mode, MODES["cissa"])

    def test_move(self):
        with control_lab.Lab(2) as lab:
            self.turn(lab)
            self.assertEqual(lab.ask(do="move", input="i1", worker=1), {"ok": True, "worker": 1})
            self.assertEqual(lab.dataplane.moves, [(1, 1)])
            self.assertEqual(lab.ask(do="move", input="i1", worker=9), {"ok": False, "error": "no such worker"})
            for wrong in ({"input": "nobody", "worker": 0}, {"input": "i0", "worker": -1}, {"input": "i0", "worker": 65535}, {"input": "i0"}, {}):
                self.assertFalse(lab.ask(do="move", **wrong)["ok"])
            self.assertEqual(len(lab.dataplane.moves), 2)

    def test_told_to_end_while_it_reads(self):
        with control_lab.Lab(2) as lab:
            self.turn(lab)
            lab.add(2)
            lab.write()
            lab.signal()
            lab.signal(signal.SIGTERM)
            self.assertEqual(lab.process.wait(control_lab.LIMIT_S), 0)


if __name__ == "__main__":
    unittest.main()
