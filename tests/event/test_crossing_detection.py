"""Runs whose voltages take time: comparators, supervisor, waveform, and bad boards."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logicsim.analog.settling import SettlingTwin
from logicsim.board import load
from logicsim.core.errors import BoardError, OutputError
from logicsim.event.simulation import Simulation
from logicsim.export.spice import export_spice
from logicsim.parts.comparator import ComparatorBank
from logicsim.timing.static import analyse
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.vcd import read_vcd

RC: dict[str, Any] = {"analog.settling": "rc"}


def test_comparators_turn_where_their_inputs_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    board = load("twin16", RC)
    simulation = Simulation(board, 2)
    twin = simulation.twin
    assert isinstance(twin, SettlingTwin)
    turn = ComparatorBank.turn
    turned: list[float] = []

    def watched(bank: ComparatorBank, index: int, overdrive: float) -> None:
        weights, constants = bank.weighed(len(twin.voltages))
        around = np.array([-4e-12, 0.0, 303e-9])
        values = twin.sample(around, simulation.kernel.now) @ weights[index] + constants[index]
        assert (values[0] > 0) != (values[1] > 0)
        assert overdrive == pytest.approx(abs(values[2]), rel=1e-4, abs=1e-9)
        turn(bank, index, overdrive)
        assert bank.decision(index) == (values[1] > 0)
        turned.append(overdrive)

    monkeypatch.setattr(ComparatorBank, "turn", watched)
    for _ in simulation.train(plan(board, ["iv"], 5)):
        pass
    assert len(turned) > 30


def test_with_time_to_settle_it_learns_as_at_once() -> None:
    quiet = {"parts.comparator.noise": 0, "supervisor.settle": "2 ms"}
    final = []
    for settings in ({}, {**RC, "analog.source_impedance": "1 mohm"}):
        board = load("twin16", {**quiet, **settings})
        simulation = Simulation(board, 5)
        for _ in simulation.train(plan(board, ["iv"], 60)):
            pass
        final.append(simulation.codes())
    # The potentiometers step while nothing moves; only where two drops balance to microvolts,
    # as on an edge or two, a source's milliohm decides.
    parted = np.abs(np.array(final[0]) - np.array(final[1]))
    assert (parted <= 2).sum() >= 28


def test_a_short_wait_measures_what_has_not_settled() -> None:
    errors = []
    for wait in ("2 us", "20 us", "2 ms"):
        board = load("twin16", {**RC, "supervisor.settle": wait, "parts.comparator.noise": 0})
        steps = Simulation(board, 5).train(plan(board, ["iv"], 1))
        errors.append(next(steps)[0].error)
    still = load("twin16", {"parts.comparator.noise": 0})
    exact = next(Simulation(still, 5).train(plan(still, ["iv"], 1)))[0].error
    wrong = [abs(error - exact) for error in errors]
    assert wrong[0] > wrong[1] > 1e-2 > wrong[2]


def test_same_seed_same_run_with_or_without_a_waveform(tmp_path: Path) -> None:
    board = load("divider", {**RC, "parts.comparator.chatter": "full", "clock.rate": "1 kHz",
                             "clock.capacitance": "100 pF"})  # fmt: skip
    steps = plan(board, ["1 V"], 20)
    plain = run(board, steps, seed=9)
    shown = run(board, steps, seed=9, waveform=Waveform(tmp_path / "w.vcd"))
    assert plain.codes_free == shown.codes_free
    assert plain.outputs_free == shown.outputs_free


def test_a_waveform_has_points_along_the_curve(tmp_path: Path) -> None:
    board = load("divider", RC)
    run(board, plan(board, ["3.75 V"], 1), seed=9, waveform=Waveform(tmp_path / "w.vcd"))
    life = read_vcd(tmp_path / "w.vcd").histories["node2.free"]
    volts = life.values.astype(np.float64)
    assert ((volts > 0.1) & (volts < 2.4)).sum() >= 5
    assert (np.diff(volts[:12]) >= 0).all()


def test_static_timing_knows_how_long_nodes_take() -> None:
    # One node between 100.04 kohm to either side: (10 + 48 + 150) pF * 50.02 kohm, ln 5000 times.
    board = load("divider", RC)
    expected = (10 + 48 + 150) * 1e-12 * 50.02e3 * np.log(5000)
    assert board.settling_time() == pytest.approx(expected, rel=1e-3)
    late = [path for path in analyse(board).paths if path.constraint == "measure" and not path.met]
    assert late[0].slack == pytest.approx((20e-6 - expected) * 1e12, rel=1e-3)
    assert analyse(load("divider", {**RC, "supervisor.settle": "100 us"})).met


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"analog.settling": "rk"}, "analog.settling"),
        ({**RC, "analog.node_capacitance": "-1 pF"}, "analog.node_capacitance"),
        ({**RC, "analog.node_capacitance": "3 V"}, "is not a quantity in F"),
        ({**RC, "analog.source_impedance": 0}, "analog.source_impedance"),
        ({"analog.node_capacitence": "1 pF"}, "did you mean 'node_capacitance'"),
    ],
)
def test_bad_tables_are_one_line(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(BoardError) as caught:
        load("divider", settings)
    assert text in str(caught.value)


def test_diodes_and_spice_want_voltages_that_settle_at_once() -> None:
    with pytest.raises(BoardError, match=r"analog\.settling: 'rc' is for linear networks"):
        load("xor", RC)
    board = load("divider", {**RC, "parts.comparator.noise": 0})
    with pytest.raises(OutputError, match=r"analog\.settling"):
        export_spice(board, board.tasks[0], 5)
