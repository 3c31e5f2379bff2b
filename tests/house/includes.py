# SPDX-License-Identifier: GPL-3.0-or-later
"""Who includes whom: another folder only through its api/, only downwards, and never by a path with `..`."""

import os
import re

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def owners(root):
    """Every header by its file name: a list of paths, as two folders may each have a private one."""
    found = {}
    for path in tree.c_files(root):
        if path.endswith(".h"):
            found.setdefault(os.path.basename(path), []).append(path)
    return found


def resolve(path, name, headers):
    """The header of this tree that an include means: the including folder's own one first; None for the system's."""
    tail = os.sep + name.replace("/", os.sep)
    means = [h for h in headers.get(os.path.basename(name), []) if (os.sep + h).endswith(tail)]
    own = [h for h in means if tree.top(h) == tree.top(path)]
    return (own or means or [None])[0]


def judge(path, target, opened):
    """What is wrong with `path` including `target`, or None. `opened` collects foreign folders opened."""
    mine, theirs = tree.top(path), tree.top(target)
    if mine == theirs:
        return None
    if mine not in tree.MAY_SEE:
        return f"{mine or 'the root'} is no folder of the house"
    if theirs not in tree.MAY_SEE[mine]:
        return f"{mine} may not see {theirs} ({target})"
    if tree.in_api(target):
        return None
    if mine not in tree.MAY_OPEN_ONE:
        return f"{target} is not in {theirs}/api"
    opened.add(theirs)
    return f"opens more than one folder: {', '.join(sorted(opened))}" if len(opened) > 1 else None


def check(root, build):
    headers, lines = owners(root), []
    for path in tree.c_files(root):
        opened = set()
        text = tree.read(root, path)
        for match in INCLUDE.finditer(text):
            name, at = match.group(2), f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
            if ".." in name.split("/"):
                lines.append(f"{at}: includes by a path with '..': {name}")
                continue
            target = resolve(path, name, headers)
            if target is None:
                if match.group(1) == '"':
                    lines.append(f"{at}: no such header in this tree: \"{name}\"")
                continue
            wrong = judge(path, target, opened)
            if wrong:
                lines.append(f"{at}: {wrong}")
    return lines


SAMPLES = [
    ("down through api", {"base/api/base_x.h": "", "mpegts/a.c": "#include <base_x.h>\n#include <stdio.h>\n"}, []),
    ("own private header", {"mpegts/p.h": "", "dataplane/p.h": "", "dataplane/a.c": '#include "p.h"\n'}, []),
    ("upwards", {"mpegts/api/ts_x.h": "", "base/a.c": "\n#include <ts_x.h>\n"}, ["base/a.c:2: base may not see mpegts"]),
    ("sideways", {"keymgmt/api/km_x.h": "", "dataplane/a.c": "#include <km_x.h>\n"}, ["may not see keymgmt"]),
    ("terminal and dataplane", {"dataplane/cipher/c.h": "", "terminal-ref/a.c": '#include "cipher/c.h"\n'},
     ["terminal-ref may not see dataplane"]),
    ("terminal and keymgmt", {"keymgmt/api/km_x.h": "", "terminal-ref/a.c": "#include <km_x.h>\n"},
     ["terminal-ref may not see keymgmt"]),
    ("past the api", {"base/inner.h": "", "mpegts/a.c": '#include "inner.h"\n'}, ["not in base/api"]),
    ("dots", {"base/api/base_x.h": "", "base/a.c": '#include "../base/api/base_x.h"\n'}, ["path with '..'"]),
    ("dots in a header", {"base/api/base_x.h": "", "base/api/y.h": "# include <api/../base_x.h>\n"}, ["path with '..'"]),
    ("unknown", {"base/a.c": '#include "gone.h"\n'}, ["no such header"]),
    ("white box", {"base/i.h": "", "tests/unit/t.c": '#include "i.h"\n'}, []),
    ("two white boxes", {"base/i.h": "", "mpegts/j.h": "", "tests/unit/t.c": '#include "i.h"\n#include "j.h"\n'},
     ["opens more than one folder: base, mpegts"]),
    ("new folder", {"base/api/base_x.h": "", "extra/a.c": "#include <base_x.h>\n"}, ["extra is no folder of the house"]),
]
