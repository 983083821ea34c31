"""The kernels of a multifrontal Cholesky factorisation G = L L', over a range of fronts.

Each computes its fronts in the same way whatever the range, so the result does not depend on how
they are divided among threads. `logicsim.analog.fronts` says how panels and updates are laid out.
"""

import numpy as np
from numpy.typing import NDArray

from logicsim.analog.fronts import Indices, Plan, Starts
from logicsim.analog.tiles import divide, divide_back, divide_two, subtract, subtract_two
from logicsim.core.jit import inner, kernel

Floats = NDArray[np.float64]


@kernel
def factorise(
    plan: Plan, begin: int, end: int, conductance: Floats, panels: Floats, updates: Floats,
    update_starts: Starts,
    least: float,
) -> int:  # fmt: skip
    """Factorise fronts; return -1, or the position of an unknown whose pivot is below `least`."""
    for front in range(begin, end):
        columns = plan.columns[front]
        rows = plan.row_starts[front + 1] - plan.row_starts[front]
        panel = panels[plan.panels[front] : plan.panels[front + 1]]
        blocks = (rows + 3) // 4
        update = updates[update_starts[front] : update_starts[front] + 8 * blocks * (blocks + 1)]
        _assemble(plan, front, conductance, panel)
        for n in range(len(update)):
            update[n] = 0.0
        for child in plan.children[front]:
            if child >= 0:
                place = plan.places[plan.row_starts[child] : plan.row_starts[child + 1]]
                _add(place, updates[update_starts[child] :], columns, panel, update)
        wrong = _eliminate_own(columns, panel, least)
        if wrong >= 0:
            return int(plan.firsts[front]) + wrong
        _eliminate_rows(columns, blocks, panel, update)
    return -1


@inner
def _at(row: int, columns: int) -> int:
    """Where a row of a panel begins."""
    return row // 4 * 4 * columns + row % 4


@inner
def _assemble(plan: Plan, front: int, conductance: Floats, panel: Floats) -> None:
    """Fill in the matrix's entries, and infinite pivots in columns without an unknown."""
    for n in range(len(panel)):
        panel[n] = 0.0
    for n in range(plan.off_starts[front], plan.off_starts[front + 1]):
        panel[plan.off_places[n]] -= conductance[plan.off_edges[n]]
    for n in range(plan.on_starts[front], plan.on_starts[front + 1]):
        panel[plan.on_places[n]] += conductance[plan.on_edges[n]]
    columns = plan.columns[front]
    for column in range(plan.ends[front] - plan.firsts[front], columns):
        panel[_at(column, columns) + 4 * column] = np.inf


@inner
def _add(place: Indices, given: Floats, columns: int, panel: Floats, update: Floats) -> None:
    """Add the update of a child, four rows at a time where they are whole."""
    inside = 0  # the child's rows that are columns here
    while inside < len(place) and place[inside] < columns:
        inside += 1
    whole = len(place) // 4 * 4
    for i in range(0, whole, 4):
        source = 8 * (i // 4) * (i // 4 + 1)
        p, q = _at(place[i], columns), _at(place[i + 1], columns)
        r, s = _at(place[i + 2], columns), _at(place[i + 3], columns)
        for j in range(min(i, inside)):
            at, four = 4 * place[j], source + 4 * j
            panel[p + at] += given[four]
            panel[q + at] += given[four + 1]
            panel[r + at] += given[four + 2]
            panel[s + at] += given[four + 3]
        if i > inside:
            p, q = _below(place[i], columns), _below(place[i + 1], columns)
            r, s = _below(place[i + 2], columns), _below(place[i + 3], columns)
            for j in range(inside, i):
                at, four = 4 * place[j], source + 4 * j
                update[p + at] += given[four]
                update[q + at] += given[four + 1]
                update[r + at] += given[four + 2]
                update[s + at] += given[four + 3]
    for i in range(len(place)):
        source = 8 * (i // 4) * (i // 4 + 1) + i % 4
        first = i // 4 * 4 if i < whole else 0
        for j in range(first, i + 1):
            value = given[source + 4 * j]
            if j < inside:
                panel[_at(place[i], columns) + 4 * place[j]] += value
            else:
                update[_below(place[i], columns) + 4 * place[j]] += value


@inner
def _below(row: int, columns: int) -> int:
    """Where a row of the front begins in its update, if that had all columns."""
    row -= columns
    return 8 * (row // 4) * (row // 4 + 1) + row % 4 - 4 * columns


@inner
def _eliminate_own(columns: int, panel: Floats, least: float) -> int:
    """Factorise the columns' own rows; return -1, or the column whose pivot is too small."""
    size = 4 * columns  # of a block
    for block in range(0, columns // 4, 2):
        here, after = block * size, (block + 1) * size
        two = block + 1 < columns // 4
        for other in range(block):
            if two:
                divide_two(panel, here, after, other * size, 4 * other)
            else:
                divide(panel, here, panel, other * size, 4 * other)
        wrong = _factorise_tile(panel, here, block, least)
        if wrong < 0 and two:
            divide(panel, after, panel, here, 4 * block)
            wrong = _factorise_tile(panel, after, block + 1, least)
        if wrong >= 0:
            return wrong
    return -1


@inner
def _factorise_tile(panel: Floats, here: int, block: int, least: float) -> int:
    """Factorise the diagonal tile of a block, with inverse pivots."""
    tile = here + 16 * block
    subtract(panel, tile, panel, here, panel, here, 4 * block)
    for j in range(4):
        pivot = panel[tile + 5 * j]
        for k in range(j):
            pivot -= panel[tile + 4 * k + j] ** 2
        if not pivot > least:
            return 4 * block + j
        inverse = 1 / np.sqrt(pivot)
        panel[tile + 5 * j] = inverse
        for i in range(j + 1, 4):
            value = panel[tile + 4 * j + i]
            for k in range(j):
                value -= panel[tile + 4 * k + i] * panel[tile + 4 * k + j]
            panel[tile + 4 * j + i] = value * inverse
    return -1


@inner
def _eliminate_rows(columns: int, blocks: int, panel: Floats, update: Floats) -> None:
    """Compute the factor's rows after the columns, and what they change."""
    size = 4 * columns
    below = columns // 4 * size
    for block in range(0, blocks - 1, 2):
        here = below + block * size
        for other in range(columns // 4):
            divide_two(panel, here, here + size, other * size, 4 * other)
        target, after = 8 * block * (block + 1), 8 * (block + 1) * (block + 2)
        for other in range(block + 1):
            subtract_two(update, target + 16 * other, after + 16 * other,
                         panel, here, here + size, below + other * size, columns)  # fmt: skip
        subtract(update, after + 16 * (block + 1), panel, here + size, panel, here + size, columns)
    if blocks % 2:
        here, target = below + (blocks - 1) * size, 8 * (blocks - 1) * blocks
        for other in range(columns // 4):
            divide(panel, here, panel, other * size, 4 * other)
        for other in range(blocks):
            subtract(update, target + 16 * other, panel, here, panel, below + other * size, columns)


@kernel
def forward(
    plan: Plan, begin: int, end: int, panels: Floats, volts: Floats, carried: Floats
) -> None:
    """Solve L y = b in place for four cases.

    Args:
        volts: (unknowns, 4) in the new order.
        carried: work space, (rows, 4).
    """
    work = np.empty(4 * _tallest(plan, begin, end))
    for front in range(begin, end):
        columns = plan.columns[front]
        own = plan.ends[front] - plan.firsts[front]
        rows = plan.row_starts[front + 1] - plan.row_starts[front]
        _take(volts, plan.firsts[front], own, columns + rows + 3, work)
        for child in plan.children[front]:
            if child >= 0:
                for n in range(plan.row_starts[child], plan.row_starts[child + 1]):
                    for case in range(4):
                        work[4 * plan.places[n] + case] += carried[n, case]
        at, size = plan.panels[front], 4 * columns
        for block in range(columns // 4):
            divide(work, 0, panels, at + block * size, 4 * block)
        for block in range(columns // 4, columns // 4 + (rows + 3) // 4):
            subtract(work, 16 * block, work, 0, panels, at + block * size, columns)
        for n in range(4 * own):
            volts[plan.firsts[front] + n // 4, n % 4] = work[n]
        for n in range(4 * rows):
            carried[plan.row_starts[front] + n // 4, n % 4] = work[size + n]


@kernel
def backward(plan: Plan, begin: int, end: int, panels: Floats, volts: Floats) -> None:
    """Solve L' x = y in place for four cases, from the last front to the first."""
    work = np.empty(4 * _tallest(plan, begin, end))
    for front in range(end - 1, begin - 1, -1):
        columns = plan.columns[front]
        own = plan.ends[front] - plan.firsts[front]
        rows = plan.row_starts[front + 1] - plan.row_starts[front]
        _take(volts, plan.firsts[front], own, columns + rows + 3, work)
        for n in range(rows):
            row = plan.rows[plan.row_starts[front] + n]
            for case in range(4):
                work[4 * (columns + n) + case] = volts[row, case]
        blocks = columns // 4 + (rows + 3) // 4
        for block in range(columns // 4 - 1, -1, -1):
            divide_back(work, panels, plan.panels[front], columns, block, blocks)
        for n in range(4 * own):
            volts[plan.firsts[front] + n // 4, n % 4] = work[n]


@inner
def _take(volts: Floats, first: int, own: int, rows: int, work: Floats) -> None:
    """Begin with a front's own unknowns of four cases, and zeros in its other rows."""
    for n in range(4 * own):
        work[n] = volts[first + n // 4, n % 4]
    for n in range(4 * own, 4 * rows):
        work[n] = 0.0


@inner
def _tallest(plan: Plan, begin: int, end: int) -> int:
    """The most columns and rows of a front, with space to fill up blocks."""
    tallest = 0
    for front in range(begin, end):
        rows = plan.row_starts[front + 1] - plan.row_starts[front]
        tallest = max(tallest, plan.columns[front] + rows + 3)
    return tallest
