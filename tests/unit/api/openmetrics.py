# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict reader of OpenMetrics 1.0 text, written from the rules of its text format: raises ValueError for what they
forbid. read(bytes) gives {family: (type, unit, help, [(name, {label: value}, number)])}."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$|[+-]?[Ii]nf(?:inity)?$|NaN$")
SUFFIXES = {"counter": ("_total", "_created"), "gauge": ("",), "stateset": ("",), "info": ("_info",),
            "histogram": ("_bucket", "_count", "_sum")}
ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}
DESCRIPTOR = re.compile(f"# (TYPE|UNIT|HELP) ({NAME}) (.*)$", re.S)
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:[^"}}]|"(?:[^"\\]|\\.)*")*)\}})? ([^ ]+)$', re.S)
ONE_LABEL = re.compile(rf'({LABEL})="((?:[^"\\\n]|\\.)*)"(,|$)', re.S)


def need(condition, why, line):
    if not condition:
        raise ValueError(f"{why}: {line!r}")


def unescape(text, line):
    def one(match):
        need(match.group(1) in ESCAPES, "unknown escape", line)
        return ESCAPES[match.group(1)]

    return re.sub(r"\\(.)", one, text, flags=re.S)


def read_labels(text, line):
    labels, at = {}, 0
    while text and at < len(text):
        match = ONE_LABEL.match(text, at)
        need(match, "labels", line)
        need(match.group(1) not in labels, "label twice", line)
        labels[match.group(1)] = unescape(match.group(2), line)
        at = match.end()
        need(match.group(3) == "" or at < len(text), "comma at the end", line)
    return labels


class Reader:
    def __init__(self):
        self.families = {}
        self.name = None
        self.seen = set()

    def descriptor(self, line):
        match = DESCRIPTOR.match(line)
        need(match, "no descriptor", line)
        what, name, value = match.groups()
        if name != self.name:
            need(name not in self.families, "family in two places", line)
            self.name = name
            self.families[name] = {"TYPE": "unknown", "UNIT": "", "HELP": None, "samples": []}
        family = self.families[name]
        need(not family["samples"], "descriptor after a sample", line)
        need(what not in family.get("told", ()), "descriptor twice", line)
        family.setdefault("told", set()).add(what)
        family[what] = unescape(value, line) if what == "HELP" else value
        if what == "TYPE":
            need(value in SUFFIXES, "a type that is not used here", line)
        if what == "UNIT":
            need(re.fullmatch(r"[a-zA-Z0-9_:]+", value) and name.endswith("_" + value), "unit is not the name's end", line)
            need(family["TYPE"] not in ("info", "stateset"), "unit of an info or stateset", line)

    def sample(self, line):
        match = SAMPLE.match(line)
        need(match, "no sample", line)
        name, text, number = match.groups()
        need(NUMBER.match(number), "no number", line)
        family = self.families.get(self.name)
        need(family and name in [self.name + suffix for suffix in SUFFIXES[family["TYPE"]]], "sample of no family", line)
        labels, value = read_labels(text, line), float(number)
        key = (name, tuple(sorted(labels.items())))
        need(key not in self.seen, "sample twice", line)
        self.seen.add(key)
        if family["TYPE"] == "counter":
            need(value >= 0, "counter below 0", line)
        if family["TYPE"] == "info":
            need(value == 1, "info is not 1", line)
        if family["TYPE"] == "stateset":
            need(value in (0, 1) and self.name in labels, "stateset without its label", line)
        if family["TYPE"] == "histogram":
            self.histogram(family, name, dict(labels), value, line)
        family["samples"].append((name, labels, value))

    def histogram(self, family, name, labels, value, line):
        """Buckets rise with their bounds, the last is +Inf and equal to the count."""
        open_buckets = family.setdefault("buckets", {})
        bound = labels.pop("le", None)
        key = tuple(sorted(labels.items()))
        need((bound is not None) == name.endswith("_bucket"), "bound", line)
        if bound is not None:
            need(NUMBER.match(bound) and ("." in bound or bound == "+Inf"), "bound is no number with a point", line)
            last = open_buckets.get(key, (float("-inf"), 0))
            need(float(bound) > last[0] and value >= last[1], "buckets do not rise", line)
            open_buckets[key] = (float(bound), value)
        elif name.endswith("_count"):
            need(open_buckets.get(key) == (float("inf"), value), "count is not that of the last bucket", line)


def read(data):
    text = data.decode("utf-8", "strict")
    need(text.endswith("# EOF\n"), "the end is no # EOF", text[-20:])
    need("\r" not in text and "\0" not in text, "CR or NUL", "")
    lines = text.split("\n")[:-1]
    reader = Reader()
    for line in lines[:-1]:
        need(line and line != "# EOF", "empty line or early end", line)
        if line.startswith("#"):
            reader.descriptor(line)
        else:
            reader.sample(line)
    names = [name + suffix for name, family in reader.families.items() for suffix in SUFFIXES[family["TYPE"]]]
    need(len(names) == len(set(names)), "families that clash", "")
    return {name: (f["TYPE"], f["UNIT"], f["HELP"], f["samples"]) for name, f in reader.families.items()}
