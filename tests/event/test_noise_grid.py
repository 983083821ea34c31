from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from logicsim.board import Board, load
from logicsim.core.noise import Purpose, Stream
from logicsim.event.noise_grid import Moments, NoiseGrid
from logicsim.event.simulation import Simulation
from logicsim.kernel.kernel import Driver, Kernel, Net
from logicsim.parts.chips import chip
from logicsim.training.run import plan

US = 10**6  # ticks
STEPS = 25
SEEDS = [3, 58, 1_000_003]


def divider(**settings: Any) -> Board:
    fast: Mapping[str, Any] = {
        "clock.rate": "1 kHz",
        "clock.capacitance": "100 pF",
        "supervisor.settle": "20 us",
    }
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return load("divider", {**fast, **named})


@dataclass
class Watched:
    """What a run did: codes after every step, changes of every net, noise as it was heard."""

    codes: list[tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)
    changes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    noise: list[tuple[int, list[float]]] = field(default_factory=list)

    def count(self, ending: str) -> int:
        return sum(len(c) for name, c in self.changes.items() if name.endswith(ending))

    def falls(self, name: str) -> list[int]:
        changes = self.changes[name]
        return [
            now for (_, before), (now, value) in pairwise(changes)
            if (before, value) == (1, 0)
        ]  # fmt: skip

    def at(self, name: str, time: int) -> int:
        return [value for now, value in self.changes[name] if now <= time][-1]


def watched(
    board: Board, seed: int, monkeypatch: pytest.MonkeyPatch, steps: int = STEPS
) -> Watched:
    simulation = Simulation(board, seed)
    kernel, bank, found = simulation.kernel, simulation._bank, Watched()
    listener = kernel.process("listener")

    def listen(net: Net) -> None:
        changes = found.changes[net.name] = [(0, net.value)]
        net.listen(listener, lambda: changes.append((kernel.now, net.value)))

    for net in kernel.nets.values():
        listen(net)
    kernel.start(listener.react())
    hear: Callable[[NDArray[np.float64]], None] = bank.hear

    def overhear(noise: NDArray[np.float64]) -> None:
        hear(noise)
        found.noise.append((kernel.now, bank._noise.tolist()))

    monkeypatch.setattr(bank, "hear", overhear)
    tasks = plan(board, ["3.75 V"], steps)
    found.codes = [
        (step.codes_free, step.codes_clamped)
        for step in chain.from_iterable(simulation.train(tasks))
    ]
    found.codes.append(simulation.codes())
    return found


@pytest.mark.parametrize("noise", ["10 mV", "50 mV"])
@pytest.mark.parametrize("seed", SEEDS)
def test_all_the_chatter_changes_no_code(
    seed: int, noise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    latch, full = (
        watched(
            divider(parts__comparator__noise=noise, parts__comparator__chatter=mode),
            seed, monkeypatch,
        )
        for mode in ("latch", "full")
    )  # fmt: skip
    assert latch.codes == full.codes
    assert len(set(latch.codes)) > STEPS // 2


def test_full_chatter_shows_far_more_of_the_decisions_being_undecided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Learned, the free and the clamped drop are equal: comparator A follows the noise alone.
    learned: dict[str, Any] = {
        "parts__comparator__noise": "50 mV",
        "parts__digipot__initial": [32, 96],
    }
    latch, full = (
        watched(divider(**learned, parts__comparator__chatter=mode), 12, monkeypatch)
        for mode in ("latch", "full")
    )
    # 200 cells a step: a fair coin tossed in each flips 100 times, one a step at most once.
    for net in ("edge1.up", "edge2.up"):
        assert len(latch.changes[net]) < 3 * STEPS
        assert len(full.changes[net]) > 50 * STEPS
    assert latch.codes == full.codes
    assert latch.count(".ud") == full.count(".ud")


@pytest.mark.parametrize("mode", ["latch", "full"])
def test_without_noise_nothing_is_drawn(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = watched(
        divider(parts__comparator__noise=0, parts__comparator__chatter=mode), 4, monkeypatch, 8
    )
    assert found.noise == []
    # Every decision is the drops' alone: edge 1 shrinks and edge 2 grows, step by step.
    assert found.codes == [((64 - n, 64 + n), (64 - n, 64 + n)) for n in range(9)]
    # Once it is known, and once when the outputs are first clamped: then it holds.
    assert all(len(found.changes[f"edge{n}.up"]) <= 3 for n in (1, 2))


@pytest.mark.parametrize("mode", ["latch", "full"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_latch_sees_the_drops_and_the_one_draw_of_its_step(
    seed: int, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = watched(
        divider(parts__comparator__noise="50 mV", parts__comparator__chatter=mode),
        seed, monkeypatch,
    )  # fmt: skip
    stream = Stream(seed, Purpose.COMPARATOR_NOISE)
    falls = found.falls("clock.cs")[-STEPS:]
    expected = [64, 64]
    for step, fall in enumerate(falls, start=1):
        upper, lower = (40.0 + 100e3 * code / 128 for code in expected)
        free = 5.0 * lower / (upper + lower)
        clamped = 0.5 * 3.75 + 0.5 * free  # Eq. 1
        # Edges 1-2 and 2-3 between 5 V and 0 V; comparators in the order A1 B1 A2 B2.
        drops = [(5.0 - free, 5.0 - clamped), (free, clamped)]
        noise = 50e-3 * stream.normals(4, step, 0)
        for edge, (drop_free, drop_clamped) in enumerate(drops):
            a = drop_clamped - drop_free + noise[2 * edge] > 0
            b = -drop_clamped + noise[2 * edge + 1] > 0
            decision = int(a != b)
            assert found.at(f"edge{edge + 1}.ud", fall + US) == decision
            expected[edge] += 1 if decision else -1
        assert found.codes[step] == ((*expected,), (*expected,))


def test_the_latched_noise_is_the_same_whenever_and_however_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = [
        watched(divider(**settings), 7, monkeypatch, 6)
        for settings in (
            {},
            {"parts__comparator__chatter": "full"},
            {"clock__capacitance": "20 pF"},
            {"clock__rate": "100 Hz", "parts__digipot__initial": 20},
        )
    ]
    latched = []
    for found in runs:
        falls = found.falls("clock.cs")[-6:]
        latched.append([[n for t, n in found.noise if t <= fall][-1] for fall in falls])
    assert latched[1:] == latched[:1] * 3
    assert len({tuple(noise) for noise in latched[0]}) == 6


def test_noise_scales_with_its_rms_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = (
        watched(divider(parts__comparator__noise=noise), 7, monkeypatch, 4).noise
        for noise in ("1 mV", "8 mV")
    )
    assert [time for time, _ in small] == [time for time, _ in large]
    for (_, one), (_, eight) in zip(small, large, strict=True):
        assert eight == pytest.approx([8 * value for value in one], rel=1e-12)


@dataclass
class Listener:
    """Hears the noise as a board of five comparators would."""

    kernel: Kernel
    heard: list[tuple[int, list[float]]] = field(default_factory=list)

    noisy = True

    def __len__(self) -> int:
        return 5

    def hear(self, noise: NDArray[np.float64]) -> None:
        self.heard.append((self.kernel.now, noise.tolist()))


BOARDS = {True: divider(), False: divider(edge__latch=False)}
CLOCKWORKS = {latched: board.clockwork(4) for latched, board in BOARDS.items()}
CELL = 5 * US
TRIGGERS = [1_000_000_000, 2_000_000_123, 3_000_777_777]


def fall_of(net: str, trigger: int) -> int:
    """When a net of the clock falls; the trigger may go either way."""
    clockwork = CLOCKWORKS[True]
    (up,), (down,) = (clockwork.edges(net, "fall", way) for way in (0, 1))
    times = {each.at(trigger, clockwork.phase) for each in (up, down)}
    assert len(times) == 1
    return times.pop()


def heard(
    mode: str, *, latched: bool = True, seed: int = 11, triggers: list[int] | None = None
) -> list[tuple[int, list[float]]]:
    """All noise that sounds for one millisecond after each trigger."""
    kernel = Kernel()
    trigger = kernel.net("clock.trigger")
    driver = Driver(trigger, "supervisor", initial=0)
    listener = Listener(kernel)
    comparator: Any = chip("LM339A", chatter=mode, noise=1.0)
    moments = Moments.of(CLOCKWORKS[latched], BOARDS[latched].netlist(4), CELL)
    assert (moments.latched, moments.exposed) == (latched, not latched)
    NoiseGrid(kernel, comparator, moments, seed, listener).follow(trigger)
    times = TRIGGERS if triggers is None else triggers
    for place, time in enumerate(times):
        driver.transport(1 - place % 2, time)
    kernel.run(times[-1] + 10**9)
    return listener.heard


def test_only_the_draw_behind_the_latch_is_made_unless_all_are_asked_for() -> None:
    falls = [fall_of("clock.cs", time) for time in TRIGGERS]
    found = heard("latch")
    assert len(found) == len(falls)
    for (time, _), fall in zip(found, falls, strict=True):
        # Everything behind it has settled (3.9 us), and the fall is well inside the cell.
        assert time <= fall - 3_900_000
        assert fall < time + CELL


def test_the_grid_has_one_draw_a_cell() -> None:
    found = heard("full")
    times = [time for time, _ in found]
    ends = [*TRIGGERS[1:], TRIGGERS[-1] + 10**9]
    for trigger, end in zip(TRIGGERS, ends, strict=True):
        inside = [time for time in times if trigger <= time < end]
        fall = fall_of("clock.cs", trigger)
        (over,) = [time for time in inside if time <= fall < time + CELL]
        # The cells of a step: those aligned to the fall, and the part of one after the trigger.
        aligned = [over + k * CELL for k in range(-300, 300)]
        assert [t for t in inside if t > trigger + 1] == [
            t for t in aligned if trigger + 1 < t < end
        ]
        assert len([t for t in inside if t <= trigger + 1]) == 1
    assert len(times) == sum(
        len([t for t in times if a <= t < b]) for a, b in zip(TRIGGERS, ends, strict=True)
    )


def test_a_step_of_a_run_draws_once_for_every_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    found = watched(divider(parts__comparator__chatter="full"), 5, monkeypatch, 6)
    triggers = [time for time, _ in found.changes["clock.trigger"][1:]]
    for begin, end in pairwise(triggers):
        draws = [time for time, _ in found.noise if begin <= time < end]
        # A millisecond of cells of 5 us, one of them begun before the trigger.
        assert end - begin == 10**9
        assert len(draws) in (200, 201)
        assert set(np.diff(draws[1:]).tolist()) == {CELL}


@pytest.mark.parametrize("mode", ["latch", "full"])
def test_noise_is_looked_at_in_the_instant_in_which_it_sounds(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(divider(parts__comparator__chatter=mode), 5)
    kernel, bank = simulation.kernel, simulation._bank
    heard_at: list[int] = []
    looked_at: list[int] = []
    hear: Callable[[NDArray[np.float64]], None] = bank.hear
    look: Callable[[NDArray[np.float64]], None] = bank.look

    def overhear(noise: NDArray[np.float64]) -> None:
        heard_at.append(kernel.now)
        hear(noise)

    def oversee(voltages: NDArray[np.float64]) -> None:
        looked_at.append(kernel.now)
        look(voltages)

    monkeypatch.setattr(bank, "hear", overhear)
    monkeypatch.setattr(bank, "look", oversee)
    for _ in simulation.train(plan(simulation.board, ["3.75 V"], 4)):
        pass
    assert heard_at
    assert set(heard_at) <= set(looked_at)


def test_the_same_cell_sounds_the_same_in_both_modes() -> None:
    full = dict(heard("full"))
    for time, noise in heard("latch"):
        assert full[time] == noise


def test_every_cell_of_every_step_sounds_different() -> None:
    found = [tuple(noise) for _, noise in heard("full")]
    assert len(set(found)) == len(found) > 500


def test_all_the_chatter_together_is_normal_noise() -> None:
    values = np.array([noise for _, noise in heard("full")])
    count = values.size
    assert abs(values.mean()) < 4 / np.sqrt(count)
    assert abs(values.var() - 1) < 4 * np.sqrt(2 / count)
    # Neighbours in time and neighbours on the board know nothing of each other.
    for products in (values[1:] * values[:-1], values[:, 1:] * values[:, :-1]):
        assert abs(products.mean()) < 4 / np.sqrt(products.size)


def test_noise_depends_on_the_step_and_not_on_when_it_comes() -> None:
    early = heard("latch")
    late = heard("latch", triggers=[time + 123_456_789 for time in TRIGGERS])
    assert [noise for _, noise in early] == [noise for _, noise in late]
    assert [noise for _, noise in early] != [noise for _, noise in heard("latch", seed=12)]


def in_force(found: list[tuple[int, list[float]]], time: int) -> list[float]:
    return [noise for when, noise in found if when <= time][-1]


def test_without_a_latch_the_clock_fall_sees_the_same_noise_in_both_modes() -> None:
    latch, full = heard("latch", latched=False), heard("full", latched=False)
    delays = 3_900_000
    for trigger in TRIGGERS:
        fall = fall_of("clock.clk", trigger)
        for time in (fall - delays, fall - 1, fall):
            assert in_force(latch, time) == in_force(full, time)


def test_without_a_latch_the_clock_fall_is_anywhere_in_its_cell() -> None:
    triggers = [10**9 * (n + 1) for n in range(60)]
    found = [time for time, _ in heard("latch", latched=False, triggers=triggers)]
    phases = []
    for trigger in triggers:
        fall = fall_of("clock.clk", trigger)
        phases.append((fall - max(time for time in found if time <= fall)) / CELL)
    assert 0 <= min(phases) < 0.15
    assert 0.85 < max(phases) < 1
    assert np.mean(phases) == pytest.approx(0.5, abs=0.15)
