# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop of straight-line code on planes of 512 bits, and the choice of its registers.

The order of the operations is the caller's. A plane that has a place in memory may be dropped and loaded again; one that
has none stays in a register until its last use, and there must be one for it: nothing is ever spilled.

What it was measured on (Zen 5) pays most for a store, half as much for a vpternlog, less for a load or a vpxor, and
next to nothing for a copy.
"""

REGISTERS = 32

# A plane in memory keeps its register when it is used again within so many operations: in this clock or the next.
NEAR = 110

NEVER = 1 << 30

LOGIC = {"xor": "vpxorq", "and": "vpandq", "or": "vporq", "andnot": "vpandnq"}


class Plane:
    """One bit of all lanes. `place` is a memory operand that holds it, or None."""

    def __init__(self, place=None):
        self.place = place
        self.register = None
        self.uses = []


class Code:
    """Operations in their order: (kind, result, sources, detail)."""

    def __init__(self):
        self.operations = []

    def lut(self, imm8, x, y, z):
        """Bit (x << 2 | y << 1 | z) of imm8."""
        self.operations.append(("lut", Plane(), [x, y, z], imm8))
        return self.operations[-1][1]

    def logic(self, kind, x, y):
        """A two-input gate; andnot is y & ~x."""
        self.operations.append(("logic", Plane(), [x, y], kind))
        return self.operations[-1][1]

    def xor(self, *planes):
        """The sum of two or more planes."""
        total, *rest = planes
        while len(rest) > 1:
            total = self.lut(0x96, total, rest.pop(0), rest.pop(0))
        return self.logic("xor", total, *rest) if rest else total

    def store(self, plane, place):
        """From here on the plane has a place."""
        self.operations.append(("store", None, [plane], place))

    def scalar(self, line):
        self.operations.append(("scalar", None, [], line))


def turned(imm8, order):
    """imm8 for operands that are the old ones numbered `order`."""
    out = 0
    for at in range(8):
        bits = {old: at >> (2 - new) & 1 for new, old in enumerate(order)}
        out |= (imm8 >> (bits[0] << 2 | bits[1] << 1 | bits[2]) & 1) << at
    return out


class Loop:
    """The body of a loop. `first` are the planes in registers 0, 1.. when it begins, `last` those of the next time."""

    def __init__(self, code, first, last):
        self.lines = []
        self.holds = [None] * REGISTERS
        self.newest = REGISTERS - 1
        for at, (_, _, sources, _) in enumerate(code.operations):
            for plane in sources:
                plane.uses.append(at)
        for plane in last:
            plane.uses.append(len(code.operations))
        for plane in first:
            self.take(plane)
        for self.at, (kind, result, sources, detail) in enumerate(code.operations):
            getattr(self, kind)(result, sources, detail)
        self.move_all({number: plane.register for number, plane in enumerate(last)})

    def next_use(self, plane):
        return next((use for use in plane.uses if use > self.at), NEVER)

    def leaves(self, plane):
        """Whether the plane needs no register after this operation."""
        after = self.next_use(plane)
        return after == NEVER or (plane.place is not None and after - self.at > NEAR)

    def drop(self, plane):
        if plane.register is not None:
            self.holds[plane.register] = None
            plane.register = None

    def take(self, plane, keep=()):
        """A register for the plane: one that is free, the longest first, or that of the plane needed last."""
        order = [(self.newest + 1 + i) % REGISTERS for i in range(REGISTERS)]
        number = next((n for n in order if self.holds[n] is None), None)
        if number is None:
            may_go = [p for p in self.holds if p.place is not None and p not in keep]
            assert may_go, "too few registers"
            out = max(may_go, key=self.next_use)
            number = out.register
            self.drop(out)
        self.holds[number] = plane
        plane.register = number
        self.newest = number

    def load(self, sources, but):
        """Loads what is not in a register, except for `but`."""
        for plane in sources:
            if plane is not but and plane.register is None:
                self.take(plane, sources)
                self.lines.append(f"vmovdqa64 {plane.place}, {zmm(plane.register)}")

    def drop_leaving(self, sources):
        for plane in sources:
            if self.leaves(plane):
                self.drop(plane)

    def folded(self, sources):
        """The source that is best left in memory, if any."""
        return next((p for p in sources if p.register is None and self.leaves(p)), None)

    def scalar(self, _result, _sources, line):
        self.lines.append(line)

    def store(self, _result, sources, place):
        self.lines.append(f"vmovdqa64 {zmm(sources[0].register)}, {place}")
        sources[0].place = place
        self.drop_leaving(sources)

    def logic(self, result, sources, kind):
        # Only the second operand of an instruction can be in memory, and andnot is no sum: its order matters.
        folded = self.folded(sources[1:] if kind == "andnot" else sources)
        self.load(sources, folded)
        x, y = sources[::-1] if sources[0] is folded else sources
        operands = f"{operand(y)}, {operand(x)}"
        self.drop_leaving(sources)
        self.take(result, sources)
        self.lines.append(f"{LOGIC[kind]} {operands}, {zmm(result.register)}")

    def lut(self, result, sources, imm8):
        """The result takes the register of a source, which leaves or is copied."""
        folded = self.folded(sources)
        if not any(self.leaves(p) for p in sources if p is not folded):
            # Loaded, it is the source that leaves.
            folded = None
        self.load(sources, folded)
        first = next((p for p in sources if p is not folded and self.leaves(p)), sources[0])
        rest = sorted((p for p in sources if p is not first), key=lambda p: p is folded)
        if self.leaves(first):
            number = first.register
        else:
            self.take(result, sources)
            number = result.register
            self.lines.append(f"vmovdqa64 {zmm(first.register)}, {zmm(number)}")
        imm8 = turned(imm8, [sources.index(p) for p in (first, *rest)])
        self.lines.append(f"vpternlogq ${imm8:#04x}, {operand(rest[1])}, {operand(rest[0])}, {zmm(number)}")
        self.drop_leaving(sources)
        self.holds[number] = result
        result.register = number

    def move_all(self, moves):
        """Copies registers to registers at once: `moves` names the source of each."""
        moves = {to: of for to, of in moves.items() if to != of}
        free = next(n for n in reversed(range(REGISTERS)) if n not in moves and n not in moves.values())
        while moves:
            to = next((to for to in moves if to not in moves.values()), None)
            if to is None:
                # A ring: one of it steps aside.
                to, of = next(iter(moves.items()))
                self.lines.append(f"vmovdqa64 {zmm(to)}, {zmm(free)}")
                moves = {t: free if o == to else o for t, o in moves.items()}
            self.lines.append(f"vmovdqa64 {zmm(moves[to])}, {zmm(to)}")
            del moves[to]


def zmm(number):
    return f"%%zmm{number}"


def operand(plane):
    return plane.place if plane.register is None else zmm(plane.register)
