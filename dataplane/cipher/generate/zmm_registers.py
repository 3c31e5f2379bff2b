# SPDX-License-Identifier: GPL-3.0-or-later
"""Straight-line code on planes of 512 bits, and the choice of its registers.

The order of the operations is the caller's. A plane that has a place in memory may be dropped and loaded again; one that
has none stays in a register until its last use, and there must be one for it: nothing is ever spilled.
"""

REGISTERS = 32

# A plane in memory keeps its register when it is used again within so many operations.
NEAR = 60

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

    def add(self, kind, sources, detail=None):
        result = Plane()
        self.operations.append((kind, result, sources, detail))
        return result

    def lut(self, imm8, x, y, z):
        """Bit (x << 2 | y << 1 | z) of imm8."""
        return self.add("lut", [x, y, z], imm8)

    def xor(self, *planes):
        """The sum of any number of planes."""
        total, *rest = planes
        while len(rest) > 1:
            total = self.lut(0x96, total, rest.pop(0), rest.pop(0))
        return self.add("xor", [total, *rest]) if rest else total

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


class Allocation:
    def __init__(self, code):
        self.lines = []
        self.holds = [None] * REGISTERS
        self.last = 0
        for at, (_, _, sources, _) in enumerate(code.operations):
            for plane in sources:
                plane.uses.append(at)
        for at, (kind, result, sources, detail) in enumerate(code.operations):
            self.at = at
            getattr(self, kind if kind not in LOGIC else "logic")(kind, result, sources, detail)

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
        """A register for the plane: the one free for longest, or that of the plane whose next use is farthest."""
        order = [(self.last + 1 + i) % REGISTERS for i in range(REGISTERS)]
        number = next((n for n in order if self.holds[n] is None), None)
        if number is None:
            may_go = [p for p in self.holds if p.place is not None and p not in keep]
            assert may_go, "too few registers"
            out = max(may_go, key=self.next_use)
            number = out.register
            self.drop(out)
        self.holds[number] = plane
        plane.register = number
        self.last = number

    def load(self, plane, keep):
        self.take(plane, keep)
        self.lines.append(f"vmovdqa64 {plane.place}, {zmm(plane)}")

    def fold(self, sources):
        """The source that is best left in memory, if any."""
        return next((p for p in sources if p.register is None and self.leaves(p)), None)

    def finish(self, sources, result):
        for plane in sources:
            if self.leaves(plane):
                self.drop(plane)
        self.take(result, sources)

    def scalar(self, _kind, _result, _sources, line):
        self.lines.append(line)

    def store(self, _kind, _result, sources, place):
        plane, = sources
        self.lines.append(f"vmovdqa64 {zmm(plane)}, {place}")
        plane.place = place
        if self.leaves(plane):
            self.drop(plane)

    def logic(self, kind, result, sources, _detail):
        # The inverted source cannot stay in memory.
        folded = self.fold(sources[1:] if kind == "andnot" else sources)
        for plane in sources:
            if plane is not folded and plane.register is None:
                self.load(plane, sources)
        x, y = sources if sources[0] is not folded else sources[::-1]
        operands = f"{operand(y)}, {operand(x)}"
        self.finish(sources, result)
        self.lines.append(f"{LOGIC[kind]} {operands}, {zmm(result)}")

    def lut(self, _kind, result, sources, imm8):
        """The result takes the register of a source, which leaves or is copied."""
        folded = self.fold(sources)
        if not any(self.leaves(p) for p in sources if p is not folded):
            # Loaded, it is the source that leaves.
            folded = None
        for plane in sources:
            if plane is not folded and plane.register is None:
                self.load(plane, sources)
        first = next((p for p in sources if p is not folded and self.leaves(p)), sources[0])
        rest = sorted((p for p in sources if p is not first), key=lambda p: p is folded)
        if self.leaves(first):
            number = first.register
        else:
            self.take(result, sources)
            number = result.register
            self.lines.append(f"vmovdqa64 {zmm(first)}, {zmm(result)}")
        imm8 = turned(imm8, [sources.index(p) for p in (first, *rest)])
        self.lines.append(f"vpternlogq ${imm8:#04x}, {operand(rest[1])}, {operand(rest[0])}, %%zmm{number}")
        for plane in sources:
            if self.leaves(plane):
                self.drop(plane)
        self.holds[number] = result
        result.register = number


def zmm(plane):
    return f"%%zmm{plane.register}"


def operand(plane):
    return plane.place if plane.register is None else zmm(plane)


def allocate(code):
    """The code as lines of assembly."""
    return Allocation(code).lines
