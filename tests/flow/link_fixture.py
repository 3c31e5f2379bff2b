# SPDX-License-Identifier: GPL-3.0-or-later
"""A dataplane over files with one service, and a controller that feeds it crypto-periods."""

import link_controller as link
import live_ts as ts
import port_plant

PMT, VIDEO, AUDIO, ECM, EMM = 0x1000, 0x101, 0x102, 0x500, 0x501
SYSTEM, PRIVATE, PERIOD_MS, SECONDS = 0x0ABC, b"\x12\x34", 1000, 6


def lineup(private=PRIVATE, service="first", port="f", algorithm="csa2"):
    made = link.Lineup()
    made.input("in", port)
    made.output("out", port)
    made.group("basic", algorithm)
    made.service(service, 0, 0, 1, 0, [(SYSTEM, ECM, private)])
    made.emm("emms", EMM, SYSTEM, [0], rate_kbps=200)
    return made


def descriptors(data):
    while data:
        yield data[0], data[2:2 + data[1]]
        data = data[2 + data[1]:]


class Fixture(port_plant.Case):
    """A dataplane over files that awaits its controller."""

    def setUp(self):
        super().setUp()
        self.controllers = []
        self.addCleanup(lambda: [c.close() for c in self.controllers])
        self.mux = ts.Mux([ts.Program(1, PMT, VIDEO, [ts.Stream(VIDEO, 0x1B, share=5), ts.Stream(AUDIO, 0x0F)])], seed=5, null_share=0.2).run(SECONDS)
        ts.write(self.path("in.ts"), self.source())
        made = port_plant.document([{"name": "f", "driver": "file", "rx": "in.ts", "tx": "out.ts"}], None, None, None, keys=None,
                                   control={"socket": "control.sock"})
        self.configure(made)
        self.running = self.start()
        self.running.ready()

    def source(self):
        return self.mux.packets

    def lineup(self):
        return lineup()

    def controller(self, **more):
        made = link.Controller(self.path("control.sock"), **more)
        self.controllers.append(made)
        return made

    def taken(self, **more):
        """A controller that is obeyed and whose line-up is on air."""
        made = self.controller(**more)
        made.hello()
        self.assertEqual(made.line_up(self.lineup()).error, 0)
        return made

    def feed(self, controller, words, first, lead=1, until=None):
        """Makes a period whenever there is no next, until `until` is on air or the dataplane ends."""
        wanted = first
        controller.until("PERIOD_STATE", lambda: 0 in controller.periods)
        try:
            while True:
                state = controller.periods[0]
                if state.running and state.cp_number == until:
                    return
                following = state.cp_number + 1 & 0xFFFF if state.running else first
                if following == wanted and not state.have_next:
                    ecm = {"pid": ECM, "section": words.section(wanted), "start_ms": -200 if lead == 0 else 100}
                    promised = [words.word(wanted + i & 0xFFFF) for i in range(lead + 1)]
                    controller.send(link.period(0, wanted, promised, [ecm], PERIOD_MS, algorithm=words.algorithm(wanted), lineup=controller.taken))
                    wanted = wanted + 1 & 0xFFFF
                self.assertTrue(controller.turn(link.WAIT_S), "nothing came")
        except link.Gone as gone:
            self.assertEqual(link.BYE_REASONS[gone.bye.reason], "STOPPING")
        except BrokenPipeError:
            pass

    def ended(self):
        self.assertEqual(self.running.wait(), 0, self.running.text())
        self.assertNotIn("Sanitizer", self.running.text())
        return ts.read(self.path("out.ts"))
