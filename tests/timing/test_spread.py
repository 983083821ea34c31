import math
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from logicsim.board import Board, load
from logicsim.parts.kind import ChipKind, Limits
from logicsim.timing.spread import Conditions, Lot, machine, manufacture
from logicsim.timing.static import analyse
from tests.circuits import edge

ROOM = Conditions(25.0, 25.0)
# The debouncer needs 13 periods of 6.667 ms: the twin board's and the divider's static limit.
TYPICAL = 1.5e-6 / 10e-9 / 13


def without_spread(board: Board) -> Board:
    """Every limit at its typical value."""
    parts = {}
    for name, chip in board.parts:
        if isinstance(chip, ChipKind):
            typical: dict[str, Any] = {
                field: Limits(min=limits.typ, typ=limits.typ, max=limits.typ)
                for field, limits in chip if isinstance(limits, Limits)
            }  # fmt: skip
            parts[name] = chip.model_copy(update=typical)
    return board.model_copy(update={"parts": board.parts.model_copy(update=parts)})


def test_machines_without_spread_at_room_temperature_are_the_typical_one() -> None:
    lot = manufacture(without_spread(load("divider")), 3, seed=11, conditions=ROOM)
    assert lot.rates == pytest.approx([TYPICAL] * 3, rel=1e-6)


def test_heat_slows_the_oscillator_by_its_declared_drift() -> None:
    hot = Conditions(70.0, 70.0)
    lot = manufacture(without_spread(load("divider")), 2, seed=11, conditions=hot)
    # 0.1 % a kelvin, 45 K above room temperature
    assert lot.rates == pytest.approx([TYPICAL / 1.045] * 2, rel=1e-6)


def test_jitter_lengthens_the_step_by_six_sigma() -> None:
    shaky = Conditions(25.0, 25.0, jitter=1e-3)
    lot = manufacture(without_spread(load("divider")), 2, seed=11, conditions=shaky)
    assert lot.rates == pytest.approx([1 / (1 / TYPICAL + 6e-3)] * 2, rel=1e-6)


@pytest.mark.slow
def test_the_yield_follows_the_oscillators_spread() -> None:
    # +-15 % is three sigma, so the period is normal with sigma 5 %.
    lot = manufacture(load("divider"), 80, seed=5, conditions=ROOM)
    for sigmas in (-2.0, -1.0, 0.0, 1.0, 2.0):
        rate = TYPICAL / (1 + 0.05 * sigmas)
        expected = float(ndtr(sigmas))
        assert lot.working(rate) / 80 == pytest.approx(
            expected, abs=4 * math.sqrt(expected * (1 - expected) / 80)
        )
    slow, fast = (
        analyse(load("divider", {"parts.corner": corner})).max_rate for corner in ("max", "min")
    )
    assert slow * (1 - 1e-9) <= lot.rates[0] <= lot.rates[-1] <= fast * (1 + 1e-9)


def test_a_machine_is_the_same_whatever_is_asked_of_it() -> None:
    board = load("divider")
    slower = board.model_copy(update={"clock": board.clock.model_copy(update={"rate": 1.0})})
    first, second = (machine(b, 7, 3, ROOM)[0] for b in (board, slower))
    assert first.parts == second.parts
    assert machine(board, 8, 3, ROOM)[0].parts != first.parts
    hot, _ = machine(board, 7, 3, Conditions(70.0, 70.0))
    assert hot.parts.xor.rise.typ == pytest.approx(first.parts.xor.rise.typ * (1 + 0.002 * 45))
    assert hot.parts.digipot.end_to_end == pytest.approx(
        first.parts.digipot.end_to_end * (1 + 800e-6 * 45)
    )


def test_chips_that_a_circuit_brings_along_are_spread_too() -> None:
    slow = {"chip": "SN74HC75", "d": "up", "en": "cs", "q": "ud"}
    board = load("divider", {"edge.circuit": edge(("inverter", "flop"), latch=slow)})
    machines = [machine(board, number, 3, ROOM) for number in range(20)]
    papers = [machine(load("divider"), number, 3, ROOM)[0] for number in range(20)]
    delays = {netlist.part("edge1.latch").chip.d_to_q.typ for _, netlist in machines}  # type: ignore[attr-defined]
    assert len(delays) == 20
    assert all(7e-9 <= delay <= 24e-9 for delay in delays)
    for (drawn, netlist), paper in zip(machines, papers, strict=True):
        assert netlist.part("edge2.latch").chip is netlist.part("edge1.latch").chip
        assert netlist.part("edge1.xor").chip is drawn.parts.xor
        # The slots are drawn first, so that a circuit does not change them.
        assert drawn.parts == paper.parts


def test_drawn_limits_stay_within_the_declared_ones() -> None:
    board = load("divider")
    for number in range(200):
        parts = machine(board, number, 21, ROOM)[0].parts
        assert 3e-9 <= parts.xor.rise.typ <= 17e-9
        assert 6e-9 <= parts.flop.clock_to_q.typ <= 32e-9
        assert 70e3 <= parts.digipot.end_to_end <= 130e3


def test_yields_by_hand() -> None:
    lot = Lot(np.array([0.0, 2.0, 3.0, 4.0, 4.0]), ROOM, seed=0)
    assert [lot.working(rate) for rate in (1.0, 2.0, 2.5, 4.0, 4.1)] == [4, 4, 3, 2, 0]
    assert [lot.rate(share) for share in (1.0, 0.8, 0.5, 0.4)] == [0.0, 2.0, 3.0, 4.0]
    # Wilson's interval of 4 in 5 at 95 % (z = 1.959964): (0.8 + z^2/10 +- z sqrt(0.16/5 +
    # z^2/100)) / (1 + z^2/5) = (1.184146 +- 0.522858) / 1.768292
    share, low, high = lot.yields(2.0)
    assert (share, low, high) == pytest.approx((0.8, 0.375553, 0.963766), abs=2e-4)
