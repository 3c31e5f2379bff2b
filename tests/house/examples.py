#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of config/examples passes the `--check` of the program it is for, and one full of mistakes does not.

    examples.py DATAPLANE CONTROL CAS EXAMPLES
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile


def program_for(path, dataplane, control, cas):
    """The process that an example configures, known by a member that only its document has."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    return cas if "super_cas_id" in document else control if "dataplane" in document else dataplane


def check(program, path):
    run = subprocess.run([program, "--check", "--config", path], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         timeout=60, check=False)
    return run.returncode, run.stdout + run.stderr


def copy(examples, folder):
    """The examples in a folder of their own, with the mode that key files must have and git does not keep."""
    shutil.copytree(examples, folder)
    for name in os.listdir(folder):
        if name.endswith(".keys"):
            os.chmod(os.path.join(folder, name), 0o600)
    return sorted(name for name in os.listdir(folder) if name.endswith(".json"))


def broken(folder, name):
    """An example turned bad in several places; returns its path and the JSON pointers that must be named."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        document = json.load(file)
    document["idle"] = "rest"
    document["ports"][0]["driver"] = "telegraph"
    document["services"][0]["program"] = 70000
    document["services"][0]["surprise"] = True
    document["outputs"][0]["ttl"] = 0
    path = os.path.join(folder, "broken.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return path, ["/idle", "/ports/0/driver", "/services/0/program", "/services/0/surprise", "/outputs/0/ttl"]


def main(dataplane, control, cas, examples):
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bulkhead-examples-") as temporary:
        folder = os.path.join(temporary, "examples")
        names = copy(examples, folder)
        for name in names:
            path = os.path.join(folder, name)
            status, said = check(program_for(path, dataplane, control, cas), path)
            if status != 0:
                wrong.append(f"{name}: refused with status {status}\n{said}")
        path, pointers = broken(folder, "multicast.json")
        status, said = check(dataplane, path)
        if status not in (1, 2):
            wrong.append(f"an example full of mistakes ended with status {status}")
        wrong += [f"the mistake at {pointer} is not named:\n{said}" for pointer in pointers if pointer not in said]
        os.chmod(os.path.join(folder, "multicast.keys"), 0o644)
        if check(dataplane, os.path.join(folder, "multicast.json"))[0] == 0:
            wrong.append("a key file that all may read is accepted")
    for line in wrong:
        print(line)
    print(f"examples: {len(names)} tried, {len(wrong)} wrong")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
