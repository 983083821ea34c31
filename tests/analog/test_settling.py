"""Settling, compared with independent integrators and with the laws of RC networks."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from logicsim.analog import settling
from logicsim.analog.crossings import Exponentials, crossings
from logicsim.analog.settling import Curve, Floats, SettlingTwin
from logicsim.analog.twin import Twin
from logicsim.board import load
from logicsim.event.simulation import Simulation
from logicsim.training.run import plan

PROGRAM = shutil.which("ngspice") or ""
MICRO = 10**6  # ticks
EDGES = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 3)]


class Logged(SettlingTwin):
    """Keeps what each network was made of, and its curve, from each change on."""

    def __init__(
        self, nodes: int, edges: Sequence[tuple[int, int]], capacitance: Floats, impedance: float
    ) -> None:
        super().__init__(nodes, edges, capacitance, impedance)
        self.pairs = list(edges)
        self.farads = capacitance
        self.log: tuple[list[tuple[int, Floats, dict[int, float], Curve]], ...] = ([], [])

    def settle(self, now: int) -> None:
        stale = [network.stale for network in (self.free, self.clamped)]
        super().settle(now)
        for side, network in enumerate((self.free, self.clamped)):
            curve = self._curves[side]
            if stale[side] and curve is not None:
                entry = now, network.conductance.copy(), dict(network.fixed), curve
                self.log[side].append(entry)

    def reference(self, side: int, until: int) -> float:
        """The largest difference (V) to scipy's Radau over all changes."""
        state, worst = np.zeros(self.nodes), 0.0
        entries = self.log[side]
        for place, (begin, conductance, fixed, curve) in enumerate(entries):
            end = entries[place + 1][0] if place + 1 < len(entries) else until
            matrix = np.zeros((self.nodes, self.nodes))
            for (a, b), g in zip(self.pairs, conductance.tolist(), strict=True):
                matrix[[a, b], [a, b]] += g
                matrix[[a, b], [b, a]] -= g
            currents = np.zeros(self.nodes)
            for node, volts in fixed.items():
                matrix[node, node] += self._source
                currents[node] = volts * self._source
            jacobian = -matrix / self.farads[:, None]
            pushed = currents / self.farads

            def slope(_: float, v: Floats, j: Floats = jacobian, p: Floats = pushed) -> Floats:
                change: Floats = j @ v + p
                return change

            span = (end - begin) / 1e12
            early, even = np.geomspace(1e-12, span, 40), np.linspace(0, span, 40)
            times = np.unique(np.minimum(np.concatenate([early, even]), span))
            found = solve_ivp(slope, (0, span), state, "Radau", times, jac=jacobian,
                              rtol=1e-9, atol=1e-9)  # fmt: skip
            worst = max(worst, float(np.abs(found.y.T - curve.at(times)).max()))
            state = found.y[:, -1]
        return worst


@pytest.mark.parametrize(("name", "task"), [("divider", "3.75 V"), ("twin16", "iv")])
def test_every_instant_of_a_step_is_radaus(
    name: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logicsim.board.SettlingTwin", Logged)
    # The next step begins while the wipers' move still settles.
    board = load(name, {
        "analog.settling": "rc", "clock.rate": "15 kHz", "clock.capacitance": "4 pF",
        "supervisor.settle": "12 us",
    })  # fmt: skip
    simulation = Simulation(board, seed=3)
    for _ in simulation.train(plan(board, [task], 3)):
        pass
    twin = simulation.twin
    assert isinstance(twin, Logged)
    for side in (0, 1):
        assert len(twin.log[side]) >= 4
        assert twin.reference(side, simulation.kernel.now) < 1e-6


def quick(impedance: float = 1.0) -> SettlingTwin:
    """Four nodes of 200 pF, two of them held."""
    twin = SettlingTwin(4, EDGES, np.full(4, 200e-12), impedance)
    for edge in range(len(EDGES)):
        for network in (twin.free, twin.clamped):
            network.set(edge, 2e-5 * (1 + edge))
            network.hold({0: 5.0, 2: 0.0})
    return twin


def test_what_is_left_in_the_end_is_the_static_solution() -> None:
    slow, still = quick(impedance=1e-3), Twin(4, EDGES)
    for edge in range(len(EDGES)):
        still.free.set(edge, 2e-5 * (1 + edge))
    still.free.hold({0: 5.0, 2: 0.0})
    still.solve()
    slow.settle(0)
    slow.look(10**12)
    # Up to what the source's milliohm takes.
    assert slow.voltages[:4] == pytest.approx(still.voltages[:4], abs=1e-6)


def test_a_single_pole_by_hand() -> None:
    # 10 kohm into 200 pF: 2 us.
    twin = SettlingTwin(2, [(0, 1)], np.array([1e-12, 200e-12]), 1e-3)
    twin.free.set(0, 1e-4)
    twin.free.hold({0: 5.0})
    twin.clamped.hold({0: 0.0})
    twin.settle(0)
    for microseconds in (0.5, 1, 2, 5):
        twin.look(round(microseconds * MICRO))
        assert twin.voltages[1] == pytest.approx(5 * (1 - np.exp(-microseconds / 2)), abs=1e-6)


def test_a_wiper_that_moves_makes_no_jump() -> None:
    twin = quick()
    twin.settle(0)
    twin.look(3 * MICRO)
    before = twin.voltages.copy()
    twin.free.set(1, 1e-3)
    twin.settle(3 * MICRO)
    twin.look(3 * MICRO)
    assert twin.voltages == pytest.approx(before, abs=1e-12)
    twin.look(3 * MICRO + 100)
    assert np.abs(twin.voltages - before).max() < 1e-2


def test_charge_stays_on_an_island() -> None:
    twin = quick()
    twin.settle(0)
    twin.look(2 * MICRO)
    charge = twin.voltages[:4].sum()
    twin.free.hold({})  # everything lets go
    twin.settle(2 * MICRO)
    twin.look(10**12)
    assert twin.voltages[:4].sum() == pytest.approx(charge, rel=1e-9)
    assert np.ptp(twin.voltages[:4]) < 1e-9  # and spreads evenly over equal capacitances


def test_energy_only_falls_when_the_sources_are_at_0() -> None:
    twin = quick()
    twin.settle(0)
    twin.look(4 * MICRO)
    twin.free.hold({0: 0.0, 2: 0.0})
    twin.settle(4 * MICRO)
    energies = []
    for time in range(4 * MICRO, 40 * MICRO, MICRO // 2):
        twin.look(time)
        energies.append(float((twin.voltages[:4] ** 2).sum()))
    assert (np.diff(energies) < 0).all()


def test_large_networks_are_integrated_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    modal = quick()
    modal.settle(0)
    monkeypatch.setattr(settling, "_MODAL_NODES", 3)
    integrated = quick()
    integrated.settle(0)
    times = np.geomspace(1e-9, 1e-4, 60)
    assert integrated.sample(times, 0) == pytest.approx(modal.sample(times, 0), abs=1e-6)
    assert integrated.left(0) == pytest.approx(modal.left(0), rel=0.01)


@pytest.mark.skipif(not PROGRAM, reason="needs ngspice")
def test_ngspice_settles_alike(tmp_path: Path) -> None:
    twin = quick()
    twin.settle(0)
    moved = 3e-3
    lines = ["rc", ".options reltol=1e-6 abstol=1e-14 vntol=1e-9"]
    for edge, (a, b) in enumerate(EDGES):
        g = 2e-5 * (1 + edge)
        later = moved if edge == 1 else g
        lines.append(f"B{edge} n{a} n{b} I=V(n{a},n{b})*(time<3u ? {g!r} : {later!r})")
    lines += [f"C{node} n{node} 0 200p ic=0" for node in range(4)]
    lines += ["Va a 0 5", "Ra a n0 1", "Vc c 0 0", "Rc c n2 1", ".control", "set numdgt=12",
              "tran 1n 20u 0 2n uic", "linearize v(n0) v(n1) v(n2) v(n3)",
              "wrdata out v(n0) v(n1) v(n2) v(n3)", "quit 0", ".endc", ".end"]  # fmt: skip
    (tmp_path / "x.cir").write_text("\n".join(lines) + "\n")
    subprocess.run([PROGRAM, "-b", "x.cir"], cwd=tmp_path, capture_output=True, check=True)
    table = np.loadtxt(tmp_path / "out")
    times, told = table[:, 0], table[:, 1::2]
    early = (times > 50e-9) & (times < 2.99e-6)
    assert np.abs(told[early] - twin.sample(times[early], 0)[:, :4]).max() < 1e-4
    twin.free.set(1, moved)
    twin.settle(3 * MICRO)
    late = times > 3.05e-6
    assert np.abs(told[late] - twin.sample(times[late] - 3e-6, 3 * MICRO)[:, :4]).max() < 1e-4


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40)
def test_crossings_are_brents(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rates = 10 ** draw.uniform(5, 8, 6)
    signals = Exponentials(draw.normal(size=5), rates, draw.normal(size=(5, 6)))
    end = float(30 / rates.min())
    which, when = crossings(signals, end)
    assert (np.diff(when) >= 0).all()
    for index, time in zip(which.tolist(), when.tolist(), strict=True):

        def value(t: float, i: int = index) -> float:
            return float(signals.constants[i] + signals.amplitudes[i] @ np.exp(-rates * t))

        assert value(time * (1 - 1e-6) - 2e-12) * value(time * (1 + 1e-6) + 2e-12) <= 0
        near = brentq(value, time * (1 - 1e-6) - 2e-12, time * (1 + 1e-6) + 2e-12, xtol=1e-15)
        assert time == pytest.approx(near, abs=1e-12)
    # As often as the sign differs between the ends, odd or even.
    begin, final = signals.every(np.array([0.0, end]))
    for index in range(5):
        odd = (which == index).sum() % 2 == 1
        assert odd == ((begin[index] > 0) != (final[index] > 0))
