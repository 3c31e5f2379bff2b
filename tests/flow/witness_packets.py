# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs witness_packets on a capture, and proves on spoilt copies of it that it can fail."""

import re

import witness_line as line

SUMMARY = re.compile(r"(\d+) packets compared, (\d+) scrambled, (\d+) payload lengths, (\d+) whole crypto-periods, (\d+) wrong")


def compare(bench, case, pids, capture, *more):
    """Status and output of the witness."""
    pid_words = [word for pid in pids for word in ("--pid", str(pid))]
    done = line.run([bench.args.packets, "--algorithm", case.algorithm, "--keys", bench.keys, "--group", case.name, *pid_words, *more,
                     case.source, capture], (0, 1))
    return done.returncode, done.stdout.decode()


def _pid(packet):
    return (packet[1] & 0x1F) << 8 | packet[2]


def _payload_at(packet):
    return 4 + (packet[4] + 1 if packet[3] & 0x20 else 0)


def spoilt(all_packets, pids, algorithm):
    """Ways to spoil a capture that the witness must see: {what: packets}."""
    block = 16 if algorithm == "cissa" else 8
    mine = [i for i, p in enumerate(all_packets) if _pid(p) in pids and p[3] >> 6]
    middle = len(mine) // 2
    whole = next(i for i in mine[middle:] if _payload_at(all_packets[i]) <= 188 - block)
    brief = next((i for i in mine if 188 - block < _payload_at(all_packets[i]) < 188), whole)
    with_field = next((i for i in mine if all_packets[i][3] & 0x20 and all_packets[i][4] > 2), whole)
    nexts = next(j for j in mine if j > whole and _pid(all_packets[j]) == _pid(all_packets[whole]))

    def changed(index, at, bits):
        packet = bytearray(all_packets[index])
        packet[at] ^= bits
        return all_packets[:index] + [bytes(packet)] + all_packets[index + 1:]

    swapped = list(all_packets)
    swapped[whole], swapped[nexts] = swapped[nexts], swapped[whole]
    return {
        "the first byte of a payload": changed(whole, _payload_at(all_packets[whole]), 1),
        "the last byte of a payload": changed(whole, 187, 0x80),
        "the last byte of a short payload": changed(brief, 187, 0x80),
        "the other parity": changed(whole, 3, 0x40),
        "no parity": changed(whole, 3, all_packets[whole][3] & 0xC0),
        "no parity on a short payload": changed(brief, 3, all_packets[brief][3] & 0xC0),
        "adaptation field or continuity_counter": changed(with_field, 5 if with_field != whole else 3, 1),
        "two packets exchanged": swapped,
        "a packet missing": all_packets[:whole] + all_packets[whole + 1:],
        "a packet twice": all_packets[:whole] + all_packets[whole:whole + 1] + all_packets[whole:],
        "the end missing": all_packets[:mine[-1]],
    }


def blind_spots(bench, case, pids, capture):
    """Spoilt captures that the witness lets pass, as a list of lines."""
    everything, path, wrong = list(line.packets(capture)), case.beside(bench, "spoilt.ts"), []
    for what, some in spoilt(everything, pids, case.algorithm).items():
        with open(path, "wb") as file:
            file.write(b"".join(some))
        if compare(bench, case, pids, path)[0] != 1:
            wrong.append(f"{case.name}: the witness does not see {what} changed")
    return wrong
