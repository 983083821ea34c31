"""Every number of a report, recomputed from the data sheets' values as written here."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from logicsim.board import Board, load
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import NetlistError
from logicsim.timing.paths import total
from logicsim.timing.static import Analysis, analyse

PS = 5  # the kernel's instants follow each other by a tick
NS = 1000
US = 1000 * NS
MS = 1000 * US
CORNERS = ("min", "typ", "max")


class Sheet(NamedTuple):
    """Picoseconds, in one corner."""

    period: float  # MC14490: 1.5 Hz over uF, +-15 %, with 10 nF
    rise: int  # SN74ALS86 tPLH, tPHL
    fall: int
    clock_to_q: int  # CD74HC73
    fastest: int  # LM339A at 100 mV; what each factor e less adds; 5.1 kohm into 15 to 30 pF
    slope: int
    pull_up: int
    wiper: int  # AD5220, CLK to its switches


SHEETS = {
    "min": Sheet(0.85 / 150 * 1e12, 3 * NS, 2 * NS, 6 * NS, 212 * NS, 223 * NS, 25 * NS, 5 * NS),
    "typ": Sheet(1 / 150 * 1e12, 6 * NS, 6 * NS, 13 * NS, 303 * NS, 318 * NS, 35 * NS, 10 * NS),
    "max": Sheet(1.15 / 150 * 1e12, 17 * NS, 12 * NS, 32 * NS, 394 * NS, 413 * NS, 50 * NS,
                 20 * NS),
}  # fmt: skip
STEP = 250 * MS  # 4 Hz
WAIT = 20 * US  # the supervisor's, before it measures and again before it triggers
SETUP, HOLD, CP_WIDTH = 16 * NS, 3 * NS, 16 * NS  # CD74HC73
CS_SETUP, UD_SETUP, UD_HOLD, CLK_WIDTH = 20 * NS, 10 * NS, 10 * NS, 25 * NS  # AD5220
LEAD = 4 * US  # from the last noise before chip select's fall


def by_hand(s: Sheet) -> Mapping[tuple[str, str], tuple[float, float]]:
    """Arrival and required time (ps from the step's begin) of every path of one edge."""
    trigger = 2 * WAIT
    least, most = trigger + 3.5 * s.period, trigger + 4.5 * s.period  # section 1
    cs = least + s.fall  # CS falls by its XOR; CLK four periods later by its own
    clk = least + 4 * s.period + s.fall
    clk_late = most + 4 * s.period + s.fall
    slowest = s.fastest + s.slope * math.log(0.1 / 25e-6) + s.pull_up
    xor, xor_early = max(s.rise, s.fall), min(s.rise, s.fall)
    slow_j, slow_k = slowest + xor, slowest + s.rise + s.fall  # through XOR; and the inverter
    fast_j, fast_k = s.fastest + xor_early, s.fastest + s.rise + s.fall
    back = 8 * s.period + s.rise  # CS and CLK rise, behind n3
    late_back = most + back + xor
    pots = "edge1.digipot_free/code"
    return {
        ("setup j", "noise"): (cs - LEAD + slow_j, cs - SETUP),
        ("setup k", "noise"): (cs - LEAD + slow_k, cs - SETUP),
        ("setup j", "clamp"): (WAIT + slow_j, cs - SETUP),
        ("setup k", "clamp"): (WAIT + slow_k, cs - SETUP),
        ("setup j", "inputs"): (slow_j, cs - SETUP),
        ("setup k", "inputs"): (slow_k, cs - SETUP),
        ("setup j", pots): (clk_late + s.wiper + slow_j, STEP + cs - SETUP),
        ("setup k", pots): (clk_late + s.wiper + slow_k, STEP + cs - SETUP),
        ("hold j", pots): (clk + s.wiper + fast_j, cs + HOLD),
        ("hold k", pots): (clk + s.wiper + fast_k, cs + HOLD),
        ("hold j", "inputs"): (STEP + fast_j, most + s.fall + HOLD),
        ("hold k", "inputs"): (STEP + fast_k, most + s.fall + HOLD),
        ("hold j", "clamp"): (STEP + WAIT + fast_j, most + s.fall + HOLD),
        ("hold k", "clamp"): (STEP + WAIT + fast_k, most + s.fall + HOLD),
        ("hold j", "noise"): (STEP + trigger + fast_j, most + s.fall + HOLD),
        ("hold k", "noise"): (STEP + trigger + fast_k, most + s.fall + HOLD),
        ("setup ud", "edge1.flop/q"): (cs + s.clock_to_q, clk - UD_SETUP),
        ("hold ud", "edge1.flop/q"): (STEP + cs + s.clock_to_q, clk_late + UD_HOLD),
        ("setup cs", "clock.trigger"): (cs, clk - CS_SETUP),
        ("width clk low", "clock.trigger"): (least + back + xor_early, clk + CLK_WIDTH),
        ("width cp low", "clock.trigger"): (least + back + xor_early, cs + CP_WIDTH),
        ("width clk high", "clock.trigger"): (STEP + clk, late_back + CLK_WIDTH),
        ("width cp high", "clock.trigger"): (STEP + cs, late_back + CP_WIDTH),
        ("return cs", "clock.trigger"): (late_back, STEP + cs),
        ("return clk", "clock.trigger"): (late_back, STEP + cs),
        ("spacing d", "clock.trigger"): (STEP + trigger, trigger + 13 * s.period),
        ("measure", "inputs"): (0, WAIT),
        ("measure", pots): (clk_late + s.wiper, STEP + WAIT),
        ("wait", "inputs"): (STEP, trigger),
    }


@pytest.mark.parametrize("corner", CORNERS)
def test_every_path_of_one_edge_by_hand(corner: str) -> None:
    found = analyse(load("edge", {"parts.corner": corner}))
    expected = by_hand(SHEETS[corner])
    pots = ("edge1.digipot_free", "edge1.digipot_clamped")
    assert {(p.constraint, p.startpoint.replace("clamped", "free")) for p in found.paths} == set(
        expected
    )
    for path in found.paths:
        arrival, required = expected[path.constraint, path.startpoint.replace("clamped", "free")]
        name = f"{path.constraint} from {path.startpoint}"
        # Where all of a path is late or early alike, the report may name any of equal ones.
        slack = required - arrival if path.kind == "max" else arrival - required
        assert path.slack == pytest.approx(slack, abs=PS), name
        assert total(path.arrival) == pytest.approx(arrival, abs=PS), name
        assert total(path.required) == pytest.approx(required, abs=PS), name
        assert path.met
        assert path.endpoint.rpartition("/")[0] in (
            *pots, "edge1.flop", "supervisor", "clock.section1", ""
        )  # fmt: skip


@pytest.mark.parametrize("corner", CORNERS)
def test_the_largest_rate_by_hand(corner: str) -> None:
    found = analyse(load("edge", {"parts.corner": corner}))
    assert found.max_rate == pytest.approx(1e12 / (13 * SHEETS[corner].period), rel=1e-6)
    assert found.limits[0].name == "debouncer capacitor"


def test_a_net_of_many_pins_is_slower_by_hand() -> None:
    # 16 edges: chip select goes to 16 flops and 32 potentiometers, 10 pF each; the gate is rated
    # for 50 pF and takes 60 ps a pF beyond. The clock goes to 32 potentiometers.
    found = analyse(load("twin16"))
    sheet = SHEETS["typ"]
    cs = sheet.fall + (48 * 10 - 50) * 60
    clk = sheet.fall + (32 * 10 - 50) * 60
    path = next(path for path in found.paths if path.constraint == "setup ud")
    expected = 4 * sheet.period + clk - cs - sheet.clock_to_q - UD_SETUP
    assert path.slack == pytest.approx(expected, abs=PS)


def clocked(settle: str, period: float, rate: float, corner: str = "typ") -> Analysis:
    spread = {"min": 0.85, "typ": 1.0, "max": 1.15}[corner]
    return analyse(
        load("edge", {
            "parts.corner": corner, "supervisor.settle": settle, "clock.rate": rate,
            "clock.capacitance": 1.5e-6 * period / spread,
        })
    )  # fmt: skip


def test_at_the_largest_rate_the_tightest_path_has_no_slack_left() -> None:
    for settle, period in (("20 us", 1 / 150), ("20 us", 2e-6), ("1 us", 4e-6)):
        slow = clocked(settle, period, 4.0)
        edge = clocked(settle, period, slow.max_rate * (1 - 1e-6))
        beyond = clocked(settle, period, slow.max_rate * (1 + 1e-6))
        assert edge.met
        assert not beyond.met
        assert beyond.max_rate == pytest.approx(slow.max_rate, rel=1e-5)


def test_no_rate_is_slow_enough_where_the_latch_comes_too_late_for_the_step() -> None:
    # Four periods of 5 ns are less than clock to Q and the setup of U/D, 13 + 10 ns.
    found = clocked("20 us", 5e-9, 4.0)
    assert "setup ud" in {path.constraint for path in found.paths if not path.met}
    assert (found.max_rate, found.limits[0].name) == (0, "debouncer capacitor")
    assert found.limits[1].rate > 0  # an oscillator of another period would do


def test_next_limits_only_get_faster() -> None:
    for board in ("edge", "divider", "twin16"):
        for corner in CORNERS:
            rates = [limit.rate for limit in analyse(load(board, {"parts.corner": corner})).limits]
            assert rates == sorted(rates)


def without(board: Board, *names: str) -> Netlist:
    netlist = board.netlist()
    kept = tuple(part for part in netlist.parts if part.name not in names)
    return Netlist(netlist.name, netlist.nodes, netlist.edges, kept, netlist.inputs)


def test_a_board_without_a_clock_is_one_clear_line() -> None:
    board = load("divider")
    clock = [part.name for part in board.netlist().parts if part.scope == "clock"]
    with pytest.raises(NetlistError, match=r"net 'clock\.cs' has no driver, but"):
        analyse(board, without(board, *clock))
