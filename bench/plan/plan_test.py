#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bulkhead-bench plan: line-ups reckoned by hand, every option, every mistake, and the example of 500 services.

    plan_test.py BULKHEAD-BENCH EXAMPLE.csv CAPACITY.md
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

MIB = 1048576
PKT_BITS = 188 * 8
# On the wire a datagram of seven packets has 1316 bytes of them, UDP 8, IPv4 20, Ethernet 18, VLAN 4, preamble and gap 20: 1386;
# at the input RTP 12 more.
OUT_BITS, IN_BITS = 1386 * 8 / 7, 1398 * 8 / 7

# Round figures, so that a person can follow. 1 MiB a service on 100 MiB; two workers reach 1.9 times one: 0.95 each. Of one service the
# second has nothing, which says nothing of it.
PROVENANCE = {"date": "2026-01-02T03:04:05Z", "commit": "c0ffee", "cpu": "Round", "core_ghz": 4.0}


def case(services, algorithm, workers, mpkts, mib=0):
    return {"services": services, "algorithm": algorithm, "workers": workers, "ndr": {"pkts_per_s": mpkts * 1e6}, "memory_bytes": mib * MIB}


def several(workers, over_one, services=100):
    return {"services": services, "algorithm": "csa2", "workers": workers, "rate_over_one_worker": over_one}


PATH = {"provenance": PROVENANCE, "cases": [
    case(10, "csa2", 1, 10, 110), case(100, "csa2", 1, 8, 200), several(2, 1.9),
    case(10, "cissa", 1, 20), case(100, "cissa", 1, 16), several(2, 1.94), several(2, 1.0, services=1)]}
KERNEL = {"provenance": PROVENANCE, "results": [
    {"algorithm": algorithm, "implementation": implementation, "lengths": "184", "fill": 512, "lanes": 512, "keys_per_batch": keys, "mpkt_per_s": rate}
    for algorithm, implementation, keys, rate in (
        ("csa1", "bulkhead", 512, 20), ("csa2", "bulkhead", 512, 20), ("cissa", "bulkhead", 512, 100), ("idsa", "bulkhead", 512, 80),
        ("sm4-cbc", "bulkhead", 512, 25), ("sm4-cbc", "bulkhead", 512, 10), ("sm4-cbc", "bulkhead", 1, 400), ("sm4-cbc", "openssl", 512, 500))]}
HEADER = "name,mbit_s,algorithm,cas,legs\n"
TAGS = ("given", "measured", "extrapolated")
SECTIONS = ("Line-up", "Rates of all servers together", "Servers", "When a server dies", "Servers, if one thing alone counted", "Figures that this stands on")


class Bench:
    """The program in a folder of its own, with a baseline."""

    def __init__(self, program, folder):
        self.program, self.folder, self.wrong = program, folder, []
        self.write("path.json", json.dumps(PATH))
        self.write("kernel.json", json.dumps(KERNEL))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        return name

    def run(self, *args, stdin=None):
        return subprocess.run([self.program, "plan", *args], cwd=self.folder, input=stdin, capture_output=True, text=True, check=False)

    def plan(self, csv, *args):
        """The JSON of a plan that has to be good."""
        run = self.run("--baseline", "path.json", "--json", "-", *args, self.write("services.csv", csv))
        if run.returncode:
            raise AssertionError(f"{args}: {run.returncode}: {run.stderr}")
        return json.loads(run.stdout)

    def equal(self, what, got, want):
        near = isinstance(want, float) and isinstance(got, (int, float)) and math.isclose(got, want, rel_tol=1e-6, abs_tol=1e-9)
        if got != want and not near:
            self.wrong.append(f"{what} is {got}, not {want}")

    def figures(self, what, plan, **want):
        for key, value in want.items():
            self.equal(f"{what}: {key}", plan["figures"].get(key, {}).get("value"), float(value))

    def refused(self, what, status, pieces, *args):
        run = self.run(*args)
        if run.returncode != status:
            self.wrong.append(f"{what}: status {run.returncode}, not {status}: {run.stdout}{run.stderr}")
        self.wrong += [f"{what}: '{piece}' is not in: {run.stderr}" for piece in pieces if piece not in run.stderr]


def singles(n, mbit, algorithm="csa2", cas=0, legs=1):
    return HEADER + "".join(f"s{i},{mbit},{algorithm},{cas},{legs}\n" for i in range(n))


def try_one_worker(b):
    """Two services of 15.04 Mbit/s are 10,000 packets a second each, and an ECM of one packet every 100 ms is 10 more."""
    plan = b.plan(singles(2, 15.04, cas=1), "--cores", "2", "--ports", "1", "--port-gbit", "1", "--memory-gib", "1")
    b.figures("one worker", plan, services=2, outputs=2, service_legs=2, service_cas=2, mbit_s=30.08, in_pkts_per_s=20000,
              in_gbit_per_s=20000 * IN_BITS / 1e9, out_gbit_per_s=20020 * OUT_BITS / 1e9, ecm_pkts_per_s=20, ecm_kbit_per_s=20 * PKT_BITS / 1e3,
              groups=2, ecms_per_s=0.2, emm_pkts_per_s=0, servers=1, cores_workers=1, cores=2, load_max=0.2002, ports=1, ports_in=1, ports_out=1,
              memory_gib=102 / 1024, memory_max_gib=102 / 1024, servers_with_spare=2, dark_services=2, reduced_services=0, reduced_share=0,
              ndr_csa2_10=10e6, planned_csa2_10=10e6, memory_10_mib=110, memory_100_mib=200, memory_per_service_mib=1, memory_base_mib=100)
    b.equal("one worker: an efficiency that nobody needs", "efficiency" in plan["figures"], False)


def try_cores(b):
    """4512 Mbit/s are 3 million packets: of 0.95 x 10 million 31.58 %. Two fit under 70 %, so two workers carry four and ten take three
    servers. While one is down three fit under 95 %: six a server, two servers carry all, three are enough."""
    server = ("--cores", "3", "--ports", "2", "--port-gbit", "400")
    plan = b.plan(singles(10, 4512), *server, "--failure-utilization", "95")
    load = 3 / 9.5
    b.figures("cores", plan, servers=3, cores_workers=5, cores=8, load_max=200 * load, servers_with_spare=3, reduced_services=10, reduced_share=100,
              dark_services=4, limit_cores=10 * load / (2 * 0.7), efficiency=0.95, planned_csa2_10=9.5e6)
    b.equal("cores: limited", plan["limited_by"], "cores")
    b.equal("cores: loads", [[round(load, 4) for load in s["worker_loads"]] for s in plan["servers"]], [[0.6316, 0.6316], [0.6316, 0.6316], [0.6316, 0]])
    # At 70 % two servers carry eight of ten, 8 x 4512 Mbit/s, and a fourth server is needed.
    plan = b.plan(singles(10, 4512), *server, "--failure-utilization", "70")
    b.figures("cores, no reserve to use", plan, servers=3, servers_with_spare=4, reduced_services=8, reduced_all_legs=8, reduced_share=80,
              reduced_mbit_s=8 * 4512)
    # At 60 % one fits on a worker.
    b.figures("utilization", b.plan(singles(10, 4512), *server, "--utilization", "60"), servers=5, limit_cores=10 * load / (2 * 0.6))
    # Half the clock is half the rate: 63.16 % of a worker each.
    b.figures("clock", b.plan(singles(10, 4512), *server, "--ghz", "2"), clock=0.5, planned_csa2_10=4.75e6, servers=5)


def try_services_on_a_worker(b):
    """Ten services stand on what was measured with 10, eleven on what was measured with 100; more than 100 go to the next worker."""
    for n, key in ((10, "10"), (11, "100"), (100, "100")):
        plan = b.plan(singles(n, 1), "--cores", "2")
        ndr = {10: 10e6, 100: 8e6}[int(key)]
        b.figures(f"{n} services", plan, **{f"ndr_csa2_{key}": ndr, "load_max": n * 1e8 / PKT_BITS / ndr})
    b.figures("101 services", b.plan(singles(101, 1), "--cores", "3"), servers=1, cores_workers=2)
    b.figures("101 services, one worker", b.plan(singles(101, 1), "--cores", "2"), servers=2, limit_services=1.01)


def try_ports(b):
    """A service of 1000 Mbit/s is 1.0623 Gbit/s on the wire in and 1.0532 out: nine fit into a port of ten."""
    server = ("--ports", "1", "--port-gbit", "10", "--utilization", "100", "--failure-utilization", "100", "--cores", "9")
    in_gbit = 1e9 / PKT_BITS * IN_BITS / 1e9
    b.figures("nine services", b.plan(singles(9, 1000), *server), servers=1, ports=1, ports_in=1, ports_out=1)
    plan = b.plan(singles(10, 1000), *server)
    b.figures("ports", plan, servers=2, ports=2, limit_ports__in=10 * in_gbit / 10)
    b.equal("ports: limited", plan["limited_by"], "ports, in")
    # Two ports carry all ten; EMMs of 60 Mbit/s in each output make what goes out the larger part: 10 x (1000 + 60) x 1386 / 1316.
    emms = [arg for i in range(1, 3) for arg in ("--emm", f"e{i}:30000:*")]
    plan = b.plan(singles(10, 1000), *server, "--ports", "2", *emms)
    b.figures("ports out", plan, servers=1, ports=2, ports_in=2, ports_out=2, limit_ports__out=10.6 * 1386 / 1316 / 20)
    b.equal("ports out: limited", plan["limited_by"], "ports, out")


def try_memory_and_places(b):
    """0.11 GiB are 112.64 MiB: base and twelve services. 256 inputs and 1024 services are what a dataplane has places for."""
    plan = b.plan(singles(24, 1), "--memory-gib", "0.11", "--cores", "4")
    b.figures("memory", plan, servers=2, memory_gib=224 / 1024, limit_memory=24 / 12.64)
    b.equal("memory: limited", plan["limited_by"], "memory")
    b.figures("256 inputs", b.plan(singles(256, 1)), servers=1)
    plan = b.plan(singles(257, 1))
    b.figures("257 inputs", plan, servers=2, limit_inputs=257 / 256)
    b.equal("inputs: limited", plan["limited_by"], "inputs")
    rows = "".join(f"s{i},1,csa2,1,1,m{i // 10}\n" for i in range(1030))
    plan = b.plan("name,mbit_s,algorithm,cas,legs,output\n" + rows)
    b.figures("1030 services", plan, servers=2, outputs=103, limit_services=1030 / 1024)
    b.equal("services: limited", plan["limited_by"], "services")


def try_legs(b):
    """Two legs of two services in one output: together on one worker with two scrambling groups, apart with four."""
    csv = "name,mbit_s,algorithm,cas,legs,output\na,15.04,csa2,1,2,m\nb,15.04,csa2,1,2,m\n"
    plan = b.plan(csv, "--emm", "v:1504:m")
    both = {"service_legs": 4, "in_pkts_per_s": 40000, "ecm_pkts_per_s": 40, "emm_pkts_per_s": 2000}
    b.figures("together", plan, servers=1, groups=2, ecms_per_s=0.2, limit_legs_apart=0, dark_services=2, memory_gib=104 / 1024, **both)
    b.equal("together: carried", plan["servers"][0]["carries"], [{"output": "m", "first_leg": 1, "legs": 2, "services": 2, "mbit_s": 30.08}])
    b.equal("together: inputs", plan["servers"][0]["inputs"], 2)
    plan = b.plan(csv, "--emm", "v:1504:m", "--legs", "apart")
    b.figures("apart", plan, servers=2, groups=4, ecms_per_s=0.4, limit_legs_apart=2, dark_services=0, servers_with_spare=3, reduced_services=2,
              reduced_all_legs=0, reduced_mbit_s=30.08, reduced_share=100, **both)
    b.equal("apart: carried", [[(c["first_leg"], c["legs"]) for c in s["carries"]] for s in plan["servers"]], [[(1, 1)], [(2, 1)]])
    b.equal("apart: limited", plan["limited_by"], "legs apart")


def try_ecm_and_emm(b):
    """ECMs: a section of n bytes and a pointer_field in packets of 184. EMMs: 1504 kbit/s are 1000 packets a second in each output."""
    columns = "name,mbit_s,algorithm,cas,legs,crypto_period_s,ecm_bytes,ecm_repetition_ms\n"
    for size, pkts in ((3, 1), (183, 1), (184, 2), (367, 2), (368, 3)):
        plan = b.plan(columns + f"a,4,csa2,3,1,5,{size},50\n")
        b.figures(f"ECM of {size} bytes", plan, ecm_pkts_per_s=3 * pkts * 20, ecms_per_s=0.6, groups=1)
    b.figures("no CAS", b.plan(columns + "a,4,csa2,0,1,,,\n"), ecm_pkts_per_s=0, ecms_per_s=0, groups=1)
    b.figures("clear", b.plan(columns + "a,4,clear,0,1,,,\n"), ecm_pkts_per_s=0, groups=0, services_clear=1)
    csv = singles(3, 4)
    b.figures("EMM", b.plan(csv, "--emm", "v1:1504:*", "--emm", "v2:752:s0,s2"), emm_streams=2, emm_pkts_per_s=3 * 1000 + 2 * 500, emm_kbit_per_s=6016)
    b.figures("EMM in the load", b.plan(singles(1, 4, "cissa"), "--cores", "2", "--emm", "v1:15040:*"),
              load_max=100 * (4e6 / PKT_BITS + 10000) / 20e6)


def try_algorithms(b):
    """What was not measured stands on the nearest kernel that was: CSA1 and SM4 (40 ns, faster) on CSA2's 50 ns, IDSA on CISSA's 10 ns with
    2.5 more on 50 of the path, clear on the fastest."""
    for algorithm, rate, rule in (("csa2", 10e6, "cores"), ("cissa", 20e6, "cores"), ("csa1", 10e6, "stand-in"), ("sm4-cbc", 10e6, "stand-in"),
                                  ("idsa", 1e9 / 52.5, "stand-in"), ("clear", 20e6, "stand-in")):
        figure = b.plan(singles(1, 4, algorithm), "--cores", "2")["figures"][f"planned_{algorithm}_10"]
        b.equal(f"{algorithm}: rate", figure["value"], float(rate))
        b.equal(f"{algorithm}: rule", figure["rule"], rule)
        b.equal(f"{algorithm}: run", figure["from"].split(":")[0], "kernel.json" if algorithm == "idsa" else "path.json")


def try_efficiency(b):
    """Two reached 1.9 and 1.94 times one, three 2.7: a server with two workers goes by the least of two, others by three. More than as many
    times one is not believed."""
    b.write("three/path.json", json.dumps({**PATH, "cases": PATH["cases"] + [several(3, 2.7)]}))
    for cores, want in (("3", 0.95), ("4", 0.9), ("16", 0.9)):
        b.figures(f"{cores} cores", b.plan(singles(1, 4), "--baseline", "three/path.json", "--cores", cores), efficiency=want)
    b.write("more/path.json", json.dumps({**PATH, "cases": PATH["cases"] + [several(3, 3.3)]}))
    b.figures("three times and more", b.plan(singles(1, 4), "--baseline", "more/path.json"), efficiency=1)


def try_memory_of_cases(b):
    """Of cases with as many services the one that took most; with one number of services alone there is no base."""
    b.write("memory/path.json", json.dumps({**PATH, "cases": PATH["cases"] + [case(10, "cissa", 1, 20, 90), case(10, "clear", 1, 20, 119), case(100, "clear", 1, 20, 209)]}))
    b.figures("several cases", b.plan(singles(1, 4), "--baseline", "memory/path.json"), memory_10_mib=119, memory_100_mib=209, memory_base_mib=109, memory_per_service_mib=1)
    b.write("memory/path.json", json.dumps({**PATH, "cases": [{**c, "memory_bytes": c["memory_bytes"] if c["services"] == 10 else 0} for c in PATH["cases"] if "ndr" in c]
                                            + [several(2, 1.9)]}))
    b.figures("one case", b.plan(singles(1, 4), "--baseline", "memory/path.json"), memory_base_mib=0, memory_per_service_mib=11)


def try_outputs_stay_whole(b, plan):
    """Every leg of every output is on one server, once."""
    seen = [(c["output"], leg) for s in plan["servers"] for c in s["carries"] for leg in range(c["first_leg"], c["first_leg"] + c["legs"])]
    b.equal("legs twice", len(seen), len(set(seen)))
    b.equal("service legs on servers", sum(s["services"] for s in plan["servers"]), plan["figures"]["service_legs"]["value"])
    for s in plan["servers"]:
        b.equal("services of a server", sum(c["services"] * c["legs"] for c in s["carries"]), s["services"])
        b.equal("inputs of a server", sum(c["legs"] for c in s["carries"]), s["inputs"])


def judge_figure(key, figure):
    wrong = [f"{key}: no {member}" for member in ("label", "value", "unit", "tag", "from", "rule") if member not in figure]
    if wrong or figure["tag"] not in TAGS or not figure["from"] or not math.isfinite(figure["value"]):
        return wrong + [f"{key}: {figure}"]
    if (figure["tag"] == "extrapolated") != bool(figure["rule"]):
        wrong.append(f"{key}: {figure['tag']} with rule '{figure['rule']}'")
    if figure["tag"] == "measured" and "commit c0ffee, Round" not in figure["from"]:
        wrong.append(f"{key}: measured in {figure['from']}")
    return wrong


def try_example(b, example):
    """The example, from end to end, and the same twice."""
    with open(example, encoding="utf-8") as file:
        csv = file.read()
    rows = [line.split(",") for line in csv.split("\n") if line and not line.startswith("#")]
    rows = [dict(zip(rows[0], row)) for row in rows[1:]]
    args = ("--cores", "4", "--ports", "1", "--port-gbit", "2", "--emm", "vendor1:500:*", "--emm", "vendor2:200:sd-01,hd-01")
    plan = b.plan(csv, *args)
    b.equal("the same twice", b.plan(csv, *args), plan)
    b.figures("example", plan, services=500, service_legs=sum(int(row["legs"]) for row in rows), mbit_s=sum(float(row["mbit_s"]) for row in rows),
              ecm_pkts_per_s=sum(int(row["cas"]) * int(row["legs"]) * 10 for row in rows),
              ecms_per_s=sum(int(row["cas"]) / float(row["crypto_period_s"] or 10) for row in rows))
    b.equal("example: servers", len(plan["servers"]), plan["figures"]["servers"]["value"])
    if len(plan["servers"]) < 3:
        b.wrong.append(f"the example is too small to say anything: {len(plan['servers'])} servers")
    for s in plan["servers"]:
        b.equal("tag of a server", s["tag"], "extrapolated")
        if max(s["worker_loads"]) > 0.7 or max(s["in_gbit_per_s"], s["out_gbit_per_s"]) > 1.4 or s["services"] > 300:
            b.wrong.append(f"a server is over what it is loaded to: {s}")
    try_outputs_stay_whole(b, plan)
    apart = b.plan(csv, *args, "--legs", "apart")
    try_outputs_stay_whole(b, apart)
    for s in apart["servers"]:
        b.equal("legs of an output on one server", len({c["output"] for c in s["carries"]}), len(s["carries"]))
    for key, figure in plan["figures"].items():
        b.wrong += judge_figure(key, figure)
    growth = [at["servers"] for at in plan["growth"]]
    b.equal("growth: today", [at["servers"] for at in plan["growth"] if at["factor"] == 1], [len(plan["servers"])])
    b.equal("growth: never fewer", growth, sorted(growth))
    b.equal("growth: how far", [plan["growth"][0]["factor"], plan["growth"][-1]["factor"]], [0.5, 2.5])
    for limit in ("cores", "memory", "inputs", "services"):
        if not 0 < plan["figures"][f"limit_{limit}"]["value"] <= len(plan["servers"]):
            b.wrong.append(f"limit_{limit}: {plan['figures'][f'limit_{limit}']}")
    return csv, rows, args


def try_rules(b, example, manual):
    """Every rule that a figure names is a heading of the manual."""
    with open(example, encoding="utf-8") as file:
        plan = b.plan(file.read() + "idsa,4,idsa,1,1,,,\n", "--ghz", "3", "--legs", "apart")
    with open(manual, encoding="utf-8") as file:
        headings = {line[4:].strip() for line in file if line.startswith("### ")}
    b.equal("rules without a heading, and headings without a rule", {figure["rule"] for figure in plan["figures"].values()} - {""} ^ headings, set())


def try_text(b, csv, rows, args):
    run = b.run("--baseline", "path.json", "--assign", *args, b.write("services.csv", csv))
    pieces = ["services.csv", "limited by", "[0] services.csv", "[1] path.json: 2026-01-02T03:04:05Z, commit c0ffee, Round", "[2] kernel.json", *TAGS, *SECTIONS]
    pieces += sorted({row["output"] or row["name"] for row in rows})
    b.wrong += [f"the text lacks '{piece}'" for piece in pieces if piece not in run.stdout]
    b.equal("text: status", run.returncode, 0)
    b.equal("text: what is assigned only when asked", "hd-03" in b.run("--baseline", "path.json", *args, "services.csv").stdout, False)
    piped = b.run("--baseline", "path.json", *args, "-", stdin=csv)
    b.equal("from standard input", (piped.returncode, piped.stdout.split("\n")[1:7]), (0, run.stdout.split("\n")[1:7]))


def try_html(b, csv, rows, args):
    """One well-formed page that needs nothing else, names every class, tag, section and output, and takes markup for text."""
    csv += '"<b>&""Bold""",4,csa2,1,1,,"<i>Class",10\n'
    run = b.run("--baseline", "path.json", *args, "--html", "plan.html", b.write("services.csv", csv))
    b.equal("html: status", (run.returncode, run.stderr), (0, ""))
    with open(b.path("plan.html"), encoding="utf-8") as file:
        page = file.read()
    root = xml.etree.ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    text = "\n".join(root.itertext())
    pieces = {*TAGS, *SECTIONS, '<b>&"Bold"', "<i>Class", *(row["class"] for row in rows), *(row["algorithm"] for row in rows), *(row["output"] or row["name"] for row in rows)}
    b.wrong += [f"the page lacks '{piece}'" for piece in sorted(pieces) if piece not in text]
    elements = [element.tag.rsplit("}", 1)[-1] for element in root.iter()]
    b.wrong += [f"the page has <{name}>" for name in ("script", "link", "img", "b>") if name in elements]
    b.wrong += [f"the page asks for {url}" for url in ("http://", "https://", "url(", "@import") if url in page.replace("http://www.w3.org/2000/svg", "")]
    b.equal("plots", elements.count("svg"), 4)
    b.equal("dark", "prefers-color-scheme:dark" in page, True)
    for name, start in (("--html", "<!DOCTYPE html>"), ("--json", "{")):
        run = b.run("--baseline", "path.json", name, "-", "services.csv")
        b.equal(f"{name} -: begins", run.stdout[:len(start)], start)


def try_usage(b):
    b.write("services.csv", singles(1, 4))
    for args in (["--cores", "1"], ["--cores", "66"], ["--cores", "x"], ["--ports", "0"], ["--port-gbit", "0"], ["--port-gbit", "1x"], ["--port-gbit", "nan"],
                 ["--memory-gib", "0"], ["--ghz", "-1"], ["--ghz", "21"], ["--utilization", "0"], ["--utilization", "101"], ["--failure-utilization", "0"],
                 ["--utilization", "80", "--failure-utilization", "70"], ["--legs", "aside"], ["--emm", "v"], ["--emm", "v:1"], ["--emm", "v:1:"], ["--emm", ":1:*"],
                 ["--emm", "v:0:*"], ["--emm", "v:65536:*"], ["--emm", "v:-1:*"], ["--emm", "v:1:*", "--emm", "v:2:*"],
                 [arg for i in range(33) for arg in ("--emm", f"v{i}:1:*")], ["--json", "-", "--html", "-"], ["--nonsense"], ["more"]):
        b.refused(f"usage {args[:4]}", 2, [], "--baseline", "path.json", *args, "services.csv")
    b.refused("no line-up", 2, ["one line-up"], "--baseline", "path.json")
    b.refused("an output that is none", 2, ["--emm", "v: no output of the line-up is called 's7'"], "--baseline", "path.json", "--emm", "v:1:s0,s7", "services.csv")
    b.equal("--help", b.run("--help").returncode, 0)


def try_line_up_mistakes(b):
    """All at once, each with line and column."""
    b.write("bad.csv", "# one line\nname,mbit_s,algorithm,cas,legs\na,-4,csa3,17,0\nb,4,clear,1,1\n\"c,4,csa2,1,1\nd,4,csa2,1\n\xff,1e3,csa2,1.5,9\ngood,4,csa2,1,1\n")
    b.refused("mistakes", 2, ["bad.csv:3:3: mbit_s '-4'", "bad.csv:3:6: algorithm 'csa3'", "bad.csv:3:11: cas '17'", "bad.csv:3:14: legs '0'", "bad.csv:4:11: a clear service",
                              "bad.csv:5:1: the quote that opens here", "bad.csv:6:1: 4 fields", "bad.csv:7:3: mbit_s '1e3'", "bad.csv:7:12: cas '1.5'", "bad.csv:7:16: legs '9'"],
              "--baseline", "path.json", "bad.csv")
    b.write("bad.csv", HEADER.encode() + b"\xff,4,csa2,1,1\n")
    b.refused("not UTF-8", 2, ["bad.csv:2:1: name"], "bad.csv")
    b.write("bad.csv", HEADER + "a,4,csa2,1,1\nb,4,csa2,1,1\na,4,csa2,1,1\n")
    b.refused("a name twice", 2, ["bad.csv:4:1: a second service 'a', after line 2"], "bad.csv")
    b.write("bad.csv", "name,mbit_s,algorithm,cas,legs,output\na,4,csa2,1,1,m\nb,4,csa2,1,2,m\n")
    b.refused("legs that differ", 2, ["bad.csv:3:1: output 'm' has 2 legs here and 1 in line 2"], "bad.csv")
    b.write("bad.csv", "name,algorithm,price,name\n")
    b.refused("columns", 2, ["bad.csv:1:16: no column is called 'price'", "bad.csv:1:22: a second column 'name'"], "bad.csv")
    b.write("bad.csv", "name,algorithm\n")
    b.refused("columns that are not there", 2, ["no column 'mbit_s'", "no column 'cas'", "no column 'legs'"], "bad.csv")
    for text, piece in (("", "bad.csv:1:1: nothing in it"), (HEADER, "bad.csv:2:1: no services"), ("name;mbit_s\na;4\n", "not separated by commas")):
        b.write("bad.csv", text)
        b.refused(f"'{text}'", 2, [piece], "bad.csv")
    b.refused("no file", 2, ["nothere.csv: cannot be read: No such file"], "nothere.csv")
    b.refused("a folder", 2, [".: cannot be read"], ".")


def try_baseline_mistakes(b):
    csv = b.write("services.csv", singles(1, 4, "csa2"))

    def refuse(what, pieces, path, kernel=None, args=()):
        b.write(f"{what}/path.json", path if isinstance(path, str) else json.dumps(path))
        if kernel:
            b.write(f"{what}/kernel.json", kernel)
        b.refused(what, 1, pieces, "--baseline", f"{what}/path.json", *args, csv)

    cases = PATH["cases"]
    refuse("no rates", ["no case in it has a no-loss rate", "bulkhead-bench path"], {"provenance": PROVENANCE, "cases": [{"services": 1, "algorithm": "csa2"}]})
    refuse("no memory", ["no memory figures"], {**PATH, "cases": [{**c, "memory_bytes": 0} for c in cases]})
    refuse("one worker", ["--workers 1,2"], {**PATH, "cases": [c for c in cases if c["workers"] == 1]})
    refuse("counts that are none", ["no case in it has a no-loss rate"], {**PATH, "cases": [{**c, "services": wrong} for c, wrong in zip(cases, (-1, 1e300, "1", 0, None, 2**60))]})
    refuse("not JSON", ["not JSON/path.json: line 1"], "{")
    refuse("a list", ["no case in it"], "[]")
    refuse("kernel is not JSON", ["kernel.json: line 1"], PATH, kernel="[")
    refuse("no clock", ["--ghz", "does not say"], {**PATH, "provenance": {}}, args=("--ghz", "3"))
    b.write("services.csv", singles(1, 4, "csa1"))
    refuse("no kernels", ["nothing tells what csa1 costs"], PATH)
    b.refused("no baseline", 1, ["nothere.json: unable to open", "name another run"], "--baseline", "nothere.json", csv)
    b.refused("none for this processor", 1, ["--baseline: there is no bench/baseline/", "bulkhead-bench path"], csv)
    with open(os.fsencode(b.path("")) + b"\xff.csv", "w", encoding="utf-8") as file:
        file.write(singles(1, 4))
    b.refused("a file name that JSON does not take", 1, ["standard output: cannot be written: Invalid"], "--baseline", "path.json", "--json", "-", b"\xff.csv")
    b.write("services.csv", singles(1, 9999))
    b.refused("too large for a port", 1, ["s0: no server is large enough"], "--baseline", "path.json", "--port-gbit", "10", csv)
    b.write("services.csv", "name,mbit_s,algorithm,cas,legs,output\n" + "".join(f"s{i},1,csa2,0,1,m\n" for i in range(101)))
    b.refused("more services than measured", 1, ["m: no server is large enough: its 101 services (a worker was measured with 100)"], "--baseline", "path.json", csv)
    b.write("services.csv", singles(1, 4))
    for name in ("--json", "--html"):
        b.refused(f"{name} where nothing can be written", 1, ["/nonexistent/plan: cannot be written"], "--baseline", "path.json", name, "/nonexistent/plan", csv)
        b.refused(f"{name} to a full device", 1, ["/dev/full: cannot be written"], "--baseline", "path.json", name, "/dev/full", csv)


def main(program, example, manual):
    with tempfile.TemporaryDirectory(prefix="bulkhead-plan-") as folder:
        b = Bench(os.path.abspath(program), folder)
        for each in (try_one_worker, try_cores, try_services_on_a_worker, try_ports, try_memory_and_places, try_legs, try_ecm_and_emm, try_algorithms, try_efficiency, try_memory_of_cases,
                     try_usage, try_line_up_mistakes, try_baseline_mistakes):
            each(b)
        whole = try_example(b, example)
        try_text(b, *whole)
        try_html(b, *whole)
        try_rules(b, example, manual)
    for line in b.wrong:
        print(line)
    print(f"bench-plan: {len(b.wrong)} wrong")
    return 1 if b.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
