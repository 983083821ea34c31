"""A task's data: CSV files, and examples shuffled again each epoch."""

import csv
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    Field,
    FieldSerializationInfo,
    PrivateAttr,
    ValidationInfo,
    field_serializer,
    model_validator,
)

from logicsim.core.errors import nearest, shown
from logicsim.core.files import shipped_boards
from logicsim.core.noise import Purpose, Stream
from logicsim.core.table import Table

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_MOST_ROWS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file with a header: its rows of text, and the line of the file each came from."""

    file: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    path: Path = field(compare=False, repr=False)  # its absolute path

    def text(self, column: str) -> list[str]:
        """A column as text.

        Raises:
            ValueError: there is no such column, or an empty cell in it.
        """
        if column not in self.header:
            raise ValueError(
                f"{self.file}: no column {shown(column)}; {nearest(column, self.header)}"
            )
        place = self.header.index(column)
        cells = [row[place].strip() for row in self.rows]
        for line, cell in zip(self.lines, cells, strict=True):
            if not cell:
                raise ValueError(f"{self.file}: line {line}: column {shown(column)} is empty")
        return cells

    def numbers(self, column: str) -> Floats:
        """A column of plain numbers.

        Raises:
            ValueError: as `text`, or a cell is not a finite number.
        """
        numbers = []
        for line, cell in zip(self.lines, self.text(column), strict=True):
            try:
                number = float(cell)
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                raise ValueError(
                    f"{self.file}: line {line}: column {shown(column)}: "
                    f"{shown(cell)} is not a number"
                )
            numbers.append(number)
        return np.array(numbers)

    def seen_from(self, folder: Path) -> str:
        """The name in a board file in `folder`: the original if it still works, else the path."""
        if _find(self.file, folder).resolve() == self.path.resolve():
            return self.file
        return Path(os.path.relpath(self.path.resolve(), folder.resolve())).as_posix()


def read_sheet(file: str, context: Any) -> Sheet:
    """Read a CSV file (UTF-8, comma, one header line).

    Args:
        file: its path; a relative path starts at the board file, or else at the shipped boards.
        context: pydantic's context: the board file's folder, or None for a board made in code.

    Raises:
        ValueError: it is missing, not such a file, or a row has more or fewer cells than the
            header.
    """
    path = _find(file, Path(context) if context is not None else Path())
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            numbered = [(reader.line_num, row) for row in reader if row]
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a text file in UTF-8; data is a CSV file") from None
    except csv.Error as error:
        raise ValueError(f"{path}: not valid CSV: {error}") from None
    if len(numbered) < 2:
        raise ValueError(f"{path}: no data; a header line and a row for each example are needed")
    if len(numbered) > _MOST_ROWS:
        raise ValueError(f"{path}: more than {_MOST_ROWS} rows")
    header = [name.strip() for name in numbered[0][1]]
    for name in header:
        if header.count(name) > 1:
            raise ValueError(f"{path}: two columns are called {shown(name)}")
    for line, row in numbered[1:]:
        if len(row) != len(header):
            raise ValueError(f"{path}: line {line}: {len(row)} cells; the header has {len(header)}")
    lines, rows = zip(*numbered[1:], strict=True)
    return Sheet(file, header, rows, lines, path.absolute())


def _find(file: str, folder: Path) -> Path:
    """The path beside the board file, or that of a shipped file if only the latter exists."""
    here = folder / file
    there = shipped_boards() / file
    return there if there.is_file() and not here.exists() else here


class FileTable(Table):
    """A `data` table of a task whose examples are in a CSV file."""

    file: str = Field(min_length=1)
    _sheet: Sheet = PrivateAttr()

    @model_validator(mode="after")
    def _read_file(self, info: ValidationInfo) -> Self:
        self._sheet = read_sheet(self.file, info.context)
        return self

    @field_serializer("file")
    def _seen_from(self, file: str, info: FieldSerializationInfo) -> str:
        return file if info.context is None else self._sheet.seen_from(info.context)

    @property
    def sheet(self) -> Sheet:
        """The file as read."""
        return self._sheet


class Shuffle:
    """The randomness of a task's data, which depends only on the seed and the task's name."""

    def __init__(self, seed: int, task: str) -> None:
        self._index = crc32(task.encode())
        self._data = Stream(seed, Purpose.TASK_DATA)
        self._order = Stream(seed, Purpose.TASK_ORDER)

    def uniforms(self, count: int) -> Floats:
        """`count` numbers in (0, 1), to draw data from."""
        return self._data.uniforms(count, index=self._index)

    def rows(self, count: int) -> Rows:
        """The numbers below `count` in random order, to divide rows into training and test sets."""
        return np.argsort(self._data.uniforms(count, step=1, index=self._index), kind="stable")

    def epoch(self, number: int, count: int) -> Rows:
        """The numbers below `count` in the order of epoch `number`."""
        uniforms = self._order.uniforms(count, step=number, index=self._index)
        return np.argsort(uniforms, kind="stable")


class Examples:
    """A task's examples, each training example once in an epoch, in a random order.

    Args:
        nodes: the input nodes.
        volts: their voltages, one row for each example and one column for each node.
        train: the rows to train on.
        test: the rows to test on.
    """

    def __init__(
        self, nodes: Sequence[int], volts: Floats, train: Rows, test: Rows, shuffle: Shuffle
    ) -> None:
        self.nodes = tuple(nodes)
        self.volts = volts
        self.train = train
        self.test = test
        self._shuffle = shuffle
        self._epoch = -1
        self._shown: Sequence[int] = ()

    def row(self, step: int) -> int:
        """The training example of `step` (from 1)."""
        epoch, place = divmod(step - 1, len(self.train))
        if epoch != self._epoch:
            self._shown = self.train[self._shuffle.epoch(epoch, len(self.train))].tolist()
            self._epoch = epoch
        return self._shown[place]

    def rows(self, first: int, count: int) -> Rows:
        """The training examples of `count` steps from step `first` (from 1)."""
        of = len(self.train)
        epochs = range((first - 1) // of, (first + count - 2) // of + 1)
        rows = np.concatenate([self.train[self._shuffle.epoch(epoch, of)] for epoch in epochs])
        begin = (first - 1) % of
        return rows[begin : begin + count]

    def begins_an_epoch(self, step: int) -> bool:
        """Whether `step` is the first of an epoch."""
        return (step - 1) % len(self.train) == 0

    def held(self, step: int) -> dict[int, float]:
        """The voltages of the example of `step` at the input nodes."""
        return dict(zip(self.nodes, self.volts[self.row(step)].tolist(), strict=True))
