"""Chips: a second make of a known kind is a file that every tool reads; kinds from outside."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from itertools import chain
from pathlib import Path

import pytest

from logicsim.board import Board, load
from logicsim.core.errors import BoardError
from logicsim.event.simulation import Simulation
from logicsim.export.verilog import export_verilog
from logicsim.parts import chips
from logicsim.timing.paths import Path as TimingPath
from logicsim.timing.static import analyse
from logicsim.training.engines import check_vector
from logicsim.training.run import plan
from logicsim.vector.machine import Machine
from tests.export.oracles import NEEDS_ICARUS, NEEDS_NGSPICE, SILENT, agreed, assert_same
from tests.timing.sheet import NS, XOR

HC86 = """
kind   = "gate"
title  = "One of four two-input XOR gates"
inputs = ["a", "b"]
output = "y"
table  = "0110"

[rise]
value  = ["4 ns", "10 ns", "20 ns"]
source = "TI SCLS100"
mark   = "M"

[fall]
value  = ["4 ns", "10 ns", "20 ns"]
source = "TI SCLS100"
mark   = "M"
"""
BOARD = """
name = "mine"
network = { nodes = 3, edges = [[1, 2], [2, 3]] }
parts.xor.model = "SN74HC86.toml"
[[tasks]]
name = "3.75 V"
kind = "allostery"
nudge = 0.5
inputs = { 1 = "5 V", 3 = "0 V" }
outputs = { 2 = "3.75 V" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A board whose XORs, the clock's too, are of another make, in a file beside it."""
    (tmp_path / "SN74HC86.toml").write_text(HC86)
    (tmp_path / "mine.toml").write_text(BOARD)
    return tmp_path / "mine.toml"


def setup(board: Board, constraint: str) -> TimingPath:
    """The path of least slack from the clamp to the flop's data."""
    return next(path for path in analyse(board).paths
                if path.constraint == constraint and path.startpoint.endswith("clamp"))  # fmt: skip


def test_both_engines_train_with_it(file: Path) -> None:
    board = load(file)
    check_vector(board)
    event, vector = Simulation(board, 4), Machine(board, 4)
    runs = [chain.from_iterable(each.train(plan(board, steps=40))) for each in (event, vector)]
    codes = [[(step.codes_free, step.codes_clamped) for step in steps] for steps in runs]
    assert codes[0] == codes[1]
    assert len(set(codes[0])) > 10
    assert not event.kernel.violations
    made = {part.chip.model for part in event.netlist.parts if part.label.startswith("xor")}  # type: ignore[attr-defined]
    assert made == {"SN74HC86"}


def test_static_timing_takes_its_delays(file: Path) -> None:
    """By hand: J comes by one XOR and K by two, chip select, which latches them, by one."""
    slower = 10 * NS - XOR
    for constraint, more in (("setup j", 0), ("setup k", slower)):
        papers, ours = setup(load("divider"), constraint), setup(load(file), constraint)
        assert papers.slack - ours.slack == more


@NEEDS_ICARUS
def test_its_verilog_agrees_with_icarus(file: Path, tmp_path: Path) -> None:
    board = load(file, SILENT)
    assert agreed(export_verilog(board, plan(board, steps=8), 3), tmp_path) > 20


@NEEDS_NGSPICE
def test_its_spice_agrees_with_ngspice(file: Path, tmp_path: Path) -> None:
    assert_same(load(file, SILENT), "3.75 V", 8, tmp_path)


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Read entry points again, before and after."""
    chips.kinds.cache_clear()
    yield
    chips.kinds.cache_clear()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_package:Kind", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("logicsim.parts.gate:NoSuchClass", "AttributeError"),
        ("logicsim.parts.chips:shipped", "this is no kind of chip"),
        ("logicsim.parts.gate:Gate", "there is a kind 'gate' already"),
    ],
)
def test_an_entry_point_that_is_no_new_kind_is_refused(
    value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = EntryPoint("theirs", value, "logicsim.chips")
    monkeypatch.setattr(chips, "entry_points", lambda group: [entry] * (group == entry.group))
    with pytest.raises(BoardError) as caught:
        chips.kinds()
    assert str(caught.value).startswith(f"entry point logicsim.chips: theirs = {value}: {reason}")
