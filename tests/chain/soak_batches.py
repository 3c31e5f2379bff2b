# SPDX-License-Identifier: GPL-3.0-or-later
"""How full the batches of the ciphers were, and how many services they mixed."""

KEYS = ["1", "2"] + [f"{2 ** i // 2 + 1}-{2 ** i}" for i in range(2, 10)]


def lines(stats):
    """For a person: two lines for each algorithm of each worker."""
    told = []
    for worker in stats["workers"]:
        for name, of in worker["batches_of"].items():
            batches = sum(of["fill_16ths"])

            def shares(counts, labels):
                return ", ".join(f"{label}: {100 * n / batches:.1f} %" for label, n in zip(labels, counts) if n)

            told.append(f"worker {worker['worker']}, {name} by {of['name']} {of['isa']}: {batches} batches of up to {of['full_lanes']} lanes, on "
                        f"average {of['lanes'] / batches:.1f} lanes and {of['keys'] / batches:.1f} keys")
            told.append(f"  sixteenths filled {shares(of['fill_16ths'], range(1, 17))}; keys {shares(of['keys_log2'], KEYS)}")
    return told


def wrong(stats):
    """Workers whose batches never mixed services."""
    return [f"worker {worker['worker']}: no batch of {name} has two keys" for worker in stats["workers"]
            for name, of in worker["batches_of"].items() if sum(of["keys_log2"][1:]) == 0]
