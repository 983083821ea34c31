"""Products of tiles of 4 x 4, written in LLVM's vectors: what dense elimination is made of.

A block is four rows of a matrix, column after column; a tile is four columns of a block. The
compiler's own vectoriser keeps no tile in registers, and BLAS pays too much for a call on a small
matrix and may round otherwise with another number of threads.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

TILE: Final = 4
_INDEX: Final = ir.IntType(64)
_DOUBLE: Final = ir.DoubleType()
_VECTOR: Final = ir.VectorType(_DOUBLE, TILE)
_FUSED: Final = ("contract",)  # multiply and add in one instruction where there is one


def _emitted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have numba put in the code that the function emits wherever a kernel calls it."""
    made: Callable[..., Any] = intrinsic(function)
    return made


class _Maker:
    """Emits the code of one call."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder

    def place(self, data: Any, index: Any) -> Any:
        """The address of an element."""
        return self._builder.gep(data, [index], inbounds=True)

    def at(self, data: Any, index: int) -> Any:
        """The address of an element at a fixed index."""
        return self.place(data, ir.Constant(_INDEX, index))

    def vector(self, place: Any) -> Any:
        """Load four doubles."""
        return self._builder.load(self._builder.bitcast(place, _VECTOR.as_pointer()), align=8)

    def store(self, vector: Any, place: Any) -> None:
        """Store four doubles."""
        place = self._builder.bitcast(place, _VECTOR.as_pointer())
        self._builder.store(vector, place, align=8)

    def loaded(self, tile: Any) -> list[Any]:
        """Variables with the columns of a tile, which the compiler keeps in registers."""
        sums = [cgutils.alloca_once(self._builder, _VECTOR) for _ in range(TILE)]
        for column, each in enumerate(sums):
            self._builder.store(self.vector(self.at(tile, TILE * column)), each)
        return sums

    def spread(self, place: Any) -> Any:
        """Load one double into all four places of a vector."""
        nothing, short = ir.Constant(_VECTOR, ir.Undefined), ir.IntType(32)
        one = self._builder.insert_element(
            nothing, self._builder.load(place), ir.Constant(short, 0)
        )
        mask = ir.Constant(ir.VectorType(short, TILE), [0] * TILE)
        return self._builder.shuffle_vector(one, nothing, mask)

    def less(self, vector: Any, a: Any, b: Any) -> Any:
        """`vector - a * b`."""
        product = self._builder.fmul(a, b, flags=_FUSED)
        return self._builder.fsub(vector, product, flags=_FUSED)


def _eliminate(
    builder: Any, targets: Sequence[Any], sources: Sequence[Any], other: Any, depth: Any,
    factored: Any,
) -> None:  # fmt: skip
    """Emit: subtract from each tile the product of its block and the other, and store it.

    Args:
        targets: the address of each tile.
        sources: the address of each tile's block.
        other: the address of the other block.
        factored: the address of the factored tile by which to divide, or None.
    """
    make = _Maker(builder)
    sums = [make.loaded(target) for target in targets]
    with cgutils.for_range(builder, depth) as loop:
        at = builder.mul(loop.index, ir.Constant(_INDEX, TILE))
        vectors = [make.vector(make.place(source, at)) for source in sources]
        factors = make.place(other, at)
        for column in range(TILE):
            factor = make.spread(make.at(factors, column))
            for row, vector in zip(sums, vectors, strict=True):
                builder.store(make.less(builder.load(row[column]), vector, factor), row[column])
    for row, target in zip(sums, targets, strict=True):
        done: list[Any] = []
        for column, each in enumerate(row):
            value = builder.load(each)
            if factored is not None:
                for before, known in enumerate(done):
                    share = make.spread(make.at(factored, TILE * before + column))
                    value = make.less(value, known, share)
                value = builder.fmul(value, make.spread(make.at(factored, (TILE + 1) * column)))
            done.append(value)
            make.store(value, make.at(target, TILE * column))


def _data(context: Any, builder: Any, kind: Any, array: Any, offset: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [offset])


@_emitted
def subtract(
    typing: Any, into: Any, target: Any, panel: Any, source: Any, others: Any, other: Any,
    depth: Any,
) -> Any:  # fmt: skip
    """`into[target tile] -= panel[source block] @ others[other block].T` over `depth` columns."""

    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        tile, block, against = (
            _data(context, builder, signature.args[n], given[n], given[n + 1]) for n in (0, 2, 4)
        )
        _eliminate(builder, [tile], [block], against, given[6], None)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(into, whole, panel, whole, others, whole, whole), emit


@_emitted
def subtract_two(
    typing: Any, into: Any, target: Any, second: Any, panel: Any, source: Any, after: Any,
    other: Any, depth: Any,
) -> Any:  # fmt: skip
    """`subtract` for two tiles and two source blocks, which fills the processor's pipeline."""

    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kinds = signature.args
        tiles = [_data(context, builder, kinds[0], given[0], given[n]) for n in (1, 2)]
        *blocks, against = (
            _data(context, builder, kinds[3], given[3], given[n]) for n in (4, 5, 6)
        )
        _eliminate(builder, tiles, blocks, against, given[7], None)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(into, whole, whole, panel, whole, whole, whole, whole), emit


@_emitted
def divide(typing: Any, block: Any, source: Any, panel: Any, other: Any, depth: Any) -> Any:
    """Compute a tile of the factor, at column `depth` of a block, from those left of it.

    The other block has the factored tile of these columns in the same place: below its diagonal the
    factor, on it the inverse pivots.
    """

    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        own, against = (
            _data(context, builder, signature.args[n], given[n], given[n + 1]) for n in (0, 2)
        )
        at = builder.mul(given[4], ir.Constant(_INDEX, TILE))
        tile, factored = (builder.gep(each, [at]) for each in (own, against))
        _eliminate(builder, [tile], [own], against, given[4], factored)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(block, whole, panel, whole, whole), emit


@_emitted
def divide_two(typing: Any, panel: Any, source: Any, after: Any, other: Any, depth: Any) -> Any:
    """`divide` for two blocks of a panel."""

    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kind = signature.args[0]
        blocks = [_data(context, builder, kind, given[0], given[n]) for n in (1, 2, 3)]
        at = builder.mul(given[4], ir.Constant(_INDEX, TILE))
        *tiles, factored = (builder.gep(each, [at]) for each in blocks)
        _eliminate(builder, tiles, blocks[:2], blocks[2], given[4], factored)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(panel, whole, whole, whole, whole), emit


@_emitted
def divide_back(
    typing: Any, work: Any, panel: Any, start: Any, columns: Any, block: Any, blocks: Any
) -> Any:
    """Compute a tile of four solutions of L' x = y from those right of it.

    Args:
        work: the four cases' y, and x right of the tile, in the form of a block.
        panel: the factor of `columns` columns and `blocks` blocks, from `start` on.
        block: the tile's number.
    """

    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        start, columns, block, blocks = given[2:]
        make = _Maker(builder)
        right = _data(context, builder, signature.args[0], given[0], ir.Constant(_INDEX, 0))
        factor = _data(context, builder, signature.args[1], given[1], start)
        whole = builder.mul(block, ir.Constant(_INDEX, TILE * TILE))
        tile, factor = builder.gep(right, [whole]), builder.gep(factor, [whole])
        sums = make.loaded(tile)
        first = builder.add(block, ir.Constant(_INDEX, 1))
        height = builder.mul(columns, ir.Constant(_INDEX, TILE))
        with cgutils.for_range(builder, blocks, start=first) as loop:
            known = make.place(right, builder.mul(loop.index, ir.Constant(_INDEX, TILE * TILE)))
            against = make.place(factor, builder.mul(loop.index, height))
            for row in range(TILE):
                vector = make.vector(make.at(known, TILE * row))
                for column, each in enumerate(sums):
                    share = make.spread(make.at(against, TILE * column + row))
                    builder.store(make.less(builder.load(each), vector, share), each)
        diagonal = make.place(factor, builder.mul(block, height))
        done: dict[int, Any] = {}
        for column in reversed(range(TILE)):
            value = builder.load(sums[column])
            for after, solved in done.items():
                share = make.spread(make.at(diagonal, TILE * column + after))
                value = make.less(value, solved, share)
            inverse = make.spread(make.at(diagonal, (TILE + 1) * column))
            done[column] = builder.fmul(value, inverse)
            make.store(done[column], make.at(tile, TILE * column))
        return context.get_dummy_value()

    index = types.int64
    return types.void(work, panel, index, index, index, index), emit
