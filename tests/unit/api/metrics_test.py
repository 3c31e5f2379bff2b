# SPDX-License-Identifier: GPL-3.0-or-later
"""/metrics: OpenMetrics by the strict reader of this folder and by Prometheus' own client library."""

import math
import os
import re
import tempfile
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families

import fake
import openmetrics

TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Metrics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bulkhead-api-")
        self.addCleanup(folder.cleanup)
        self.control = fake.Process(os.path.join(folder.name, "control"), fake.sample("control"))
        self.cas = fake.Process(os.path.join(folder.name, "cas"), fake.sample("cas"))
        self.api = fake.Api(folder.name, self.control.path, [self.cas.path, os.path.join(folder.name, "gone")])
        self.addCleanup(self.end)

    def end(self):
        self.assertEqual(self.api.stop(), 0, self.api.log)

    def read(self):
        """Both witnesses read the same, of an answer that is not shared with one before."""
        asked = len(self.control.requests)
        while len(self.control.requests) == asked:
            status, headers, body = fake.request(self.api.socket, "GET", "/metrics")
        self.assertEqual((status, headers["content-type"]), (200, TYPE))
        families = openmetrics.read(body)
        other = {family.name: family for family in text_string_to_metric_families(body.decode())}
        self.assertEqual(sorted(other), sorted(families))
        for name, (kind, unit, text, samples) in families.items():
            self.assertEqual((other[name].type, other[name].unit, other[name].documentation), (kind, unit, text))
            self.assertEqual([(s.name, s.labels, float(s.value)) for s in other[name].samples], samples)
        return families

    def values(self, family, **labels):
        return {tuple(v for k, v in got.items() if k not in labels): value
                for _, got, value in self.read()[family][3] if labels.items() <= got.items()}

    def test_families(self):
        for name, (_, _, text, _) in self.read().items():
            self.assertTrue(name.startswith("bulkhead_"))
            self.assertTrue(text)

    def test_manual(self):
        """docs/metrics.md names every family, with its type, and no other."""
        with open(os.path.join(fake.HERE, "..", "..", "..", "docs", "metrics.md"), encoding="utf-8") as file:
            told = re.findall(r"(?m)^\| `(bulkhead_\w+)` \| (\w+) \|", file.read())
        self.assertEqual(told and sorted(told), sorted((name, family[0]) for name, family in self.read().items()))

    def test_values(self):
        families = self.read()

        def one(name, **labels):
            found = [value for _, got, value in families[name][3] if got == labels]
            self.assertEqual(len(found), 1, (name, labels))
            return found[0]

        self.assertEqual(one("bulkhead_up", process="control"), 1)
        self.assertEqual(one("bulkhead_up", process="cas", socket=self.cas.path), 1)
        self.assertEqual(one("bulkhead_service_in_packets", service="News"), 120000)
        self.assertEqual(one("bulkhead_service_dropped_packets", service="News", reason="no_key"), 12)
        self.assertEqual(one("bulkhead_service_state", service="News", bulkhead_service_state="on_air"), 1)
        self.assertEqual(one("bulkhead_service_state", service="News", bulkhead_service_state="held"), 0)
        self.assertTrue(math.isclose(one("bulkhead_group_since_flip_seconds", group="basic"), 1.234))
        self.assertEqual(one("bulkhead_group_extended", group="late"), 1)
        self.assertEqual(one("bulkhead_ecm_timeouts", group="late", ecmg="vendor2"), 2)
        self.assertEqual(one("bulkhead_ecmg_up", ecmg="vendor2"), 0)
        self.assertEqual(one("bulkhead_ecmg_pdus", ecmg="vendor1", direction="received", type="ECM_response"), 14)
        self.assertEqual(one("bulkhead_emmg_allocated_bits_per_second", emmg="vendor1"), 400000)
        self.assertEqual(one("bulkhead_port_missed_datagrams", port="distribution"), 3)
        self.assertTrue(math.isclose(one("bulkhead_worker_stage_seconds", worker="0", stage="scramble"), 0.1))
        fill = {labels["le"]: value for name, labels, value in families["bulkhead_worker_batch_fill_ratio"][3] if "le" in labels}
        self.assertEqual((fill["0.0625"], fill["0.125"], fill["0.5"], fill["1.0"], fill["+Inf"]), (1000, 4500, 4900, 5000, 5000))
        keys = {name.rsplit("_", 1)[1]: value for name, labels, value in families["bulkhead_worker_batch_keys"][3] if "le" not in labels}
        self.assertEqual(keys, {"count": 5000, "sum": 9000})
        delay = {labels["le"]: value for name, labels, value in families["bulkhead_service_delay_seconds"][3]
                 if labels["service"] == "News"}
        self.assertEqual((len(delay), delay["0.000016"], delay["0.000064"], delay["0.001024"], delay["1.048576"], delay["+Inf"]),
                         (12, 0, 8000, 17135, 17142, 17142))
        jitter = {labels["le"]: value for name, labels, value in families["bulkhead_output_jitter_seconds"][3]}
        self.assertEqual((jitter["0.000001"], jitter["0.000004"], jitter["+Inf"]), (100, 8100, 19988))
        self.assertTrue(math.isclose(one("bulkhead_output_smoothed_jitter_seconds", output="news"), 5.25e-6))
        self.assertTrue(math.isclose(one("bulkhead_worker_load_ratio", worker="0"), 0.125))
        self.assertTrue(math.isclose(one("bulkhead_worker_load_seconds", worker="0"), 0.2))
        self.assertEqual(families["bulkhead_worker_delay_seconds"][3][-1][2], 19990)
        self.assertEqual(one("bulkhead_cas_channels", cas="vendor1"), 1)
        self.assertEqual([one("bulkhead_alarms", severity=s) for s in ("critical", "major", "minor", "warning")], [1, 2, 0, 1])

    def test_names(self):
        """Quotes and new lines come back as they were; other controls as U+FFFD, C1 too."""
        names = [labels["service"] for _, labels, _ in self.read()["bulkhead_service_in_packets"][3]]
        self.assertEqual(names, ["News", 'Köln "1"\ufffd[31m\nred', "Barker\u202e\ufffd", "Films"])

    def test_odd_names(self):
        odd = ["a\\", "a\\n", '"', "}", "{", ",", " ", "#", "# EOF", "a\n# EOF\n", "\t", "\r", "\u2028", "😀", "a=\"b\"", ""]
        self.control.document["services"] = [{"name": name, "counters": {"in_pkts": i}} for i, name in enumerate(odd)]
        self.control.document["services"] += [{"name": "\x01", "counters": {"in_pkts": 7}}]
        self.control.document["ecmg"] = [{"name": "x", "sent": {name: 1 for name in odd}}]
        got = self.values("bulkhead_service_in_packets")
        want = {(name.replace("\t", "\ufffd").replace("\r", "\ufffd"),): i for i, name in enumerate(odd)}
        # TAB, CR and 0x01 are one name then: the first stands.
        want[("\ufffd",)] = odd.index("\t")
        self.assertEqual(got, want)
        plain = [name for name in odd if name.isascii() and name.isprintable()]
        self.assertEqual(sorted(self.values("bulkhead_ecmg_pdus", ecmg="x", direction="sent")), sorted((name,) for name in plain))

    def test_series_of_a_service(self):
        """At most 45 for a service that counts everything and drops for a few reasons."""
        counters = ("in_pkts", "scrambled_pkts", "clear_pkts", "untouched_pkts", "continuity_errors", "duplicates", "pmt_changes",
                    "pid_conflicts")
        service = self.control.document["services"][0]
        service["counters"] = {name: 1 for name in counters}
        service["drops"] = {name: 1 for name in ("no_key", "already_scrambled", "transport_error", "psi_broken")}
        series = [s for family in self.read().values() for s in family[3] if s[1].get("service") == "News"]
        self.assertGreaterEqual(len(series), len(counters) + 4)
        self.assertLessEqual(len(series), 45)

    def test_many_services(self):
        template = self.control.document["services"][0]
        self.control.document["services"] = [dict(template, name=f"service {i}") for i in range(1024)]
        self.assertEqual(len(self.values("bulkhead_service_in_packets")), 1024)

    def test_hostile_values(self):
        """Whatever stands in a member: what cannot be a sample is left out, and the text stays whole."""
        def spoil(value, thing):
            if isinstance(value, dict):
                return {key: spoil(inner, thing) for key, inner in value.items()}
            if isinstance(value, list):
                return [spoil(inner, thing) for inner in value]
            return thing if not isinstance(value, str) else value

        good = self.control.document
        for thing in (None, [], {}, "text", -1, -1.5, 1e308, 9223372036854775807, True, [[]], {"a": {"a": 1}}):
            with self.subTest(repr(thing)):
                self.control.document = spoil(good, thing)
                self.assertIn("bulkhead_up", self.read())
        for thing in (None, 1, "text", [1, None, [], "x"], {"a": 1}, [{}], [{"name": 1}], [{"name": "x", "cas": [1], "sent": [1]}]):
            with self.subTest(repr(thing)):
                self.control.document = dict(dict.fromkeys(good, thing), control=good["control"])
                self.assertIn("bulkhead_up", self.read())


class Strictness(unittest.TestCase):
    """The reader refuses what the format forbids."""

    def test_bad(self):
        head = b"# TYPE a counter\n# HELP a x\n"
        self.assertEqual(len(openmetrics.read(head + b'a_total{b="c"} 1\n# EOF\n')), 1)
        for bad in (head + b"a_total 1\n", b"# EOF\n\n", head + b"a 1\n# EOF\n", head + b"a_total -1\n# EOF\n",
                    head + b"a_total 1\na_total 1\n# EOF\n", head + b'a_total{b="c} 1\n# EOF\n', head + b'a_total{b="\\x"} 1\n# EOF\n',
                    head + b'a_total{b="c",} 1\n# EOF\n', head + b'a_total{b="c",b="d"} 1\n# EOF\n', head + b"a_total one\n# EOF\n",
                    head + b"\n# EOF\n", head + b"a_total  1\n# EOF\n", head + b"# TYPE b gauge\nb 1\na_total 1\n# EOF\n",
                    head + b"# UNIT a seconds\n# EOF\n", b"# TYPE a_info info\n# TYPE a info\n# TYPE a info\n# EOF\n",
                    b"# TYPE a stateset\na 1\n# EOF\n", b"# TYPE a info\na_info 2\n# EOF\n", head + b"# EOF\n# EOF\n",
                    head + b"a_total 1\r\n# EOF\n", b"# TYPE a\n# EOF\n", head + b'a_total{b="\xff"} 1\n# EOF\n'):
            with self.subTest(bad):
                self.assertRaises(ValueError, openmetrics.read, bad)


if __name__ == "__main__":
    unittest.main(verbosity=2)
