from collections.abc import Callable, Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.core.errors import SimulationError
from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import NEVER, Driver, Kernel, Life, Net, Violation
from logicsim.parts.chips import chip
from logicsim.parts.gate import work
from tests.bed import Bed, Wave, part, watch

# Truth tables: y for ab = 00, 01, 10, 11.
NAND, NOR, XOR = "1110", "1000", "0110"
FOLLOW = "01"  # of one input


def stimulus(net: Net, *wave: tuple[int, int], initial: int = 0) -> Driver:
    """Drive a net: the value at power-up, and what it takes at which later times."""
    driver = Driver(net, f"stimulus of {net.name}", initial)
    for time, value in wave:
        driver.transport(value, time - net.kernel.now)
    return driver


def gate(truth: str, inputs: Sequence[Net], y: Net, rise: int, fall: int) -> None:
    process = y.kernel.process(y.name)
    work(process, truth, inputs, Driver(y, y.name), rise, fall)
    y.kernel.start(process.react())


def listener(kernel: Kernel, act: Callable[[], None], *nets: Net) -> None:
    process = kernel.process("listener")
    for net in nets:
        net.listen(process, act)
    kernel.start(process.react())


# ---- A life of its own -------------------------------------------------------------------------


def ring(kernel: Kernel, start: int, delays: Sequence[tuple[int, int]]) -> list[Net]:
    """A NAND that `enable` lets go at `start`, and behind it XORs as inverters, in a ring."""
    nets = [kernel.net(f"ring{place}") for place in range(len(delays))]
    enable, high = kernel.net("enable"), kernel.net("high")
    stimulus(enable, (start, 1))
    stimulus(high, initial=1)
    for place, (rise, fall) in enumerate(delays):
        truth, other = (NAND, enable) if place == 0 else (XOR, high)
        gate(truth, [nets[place - 1], other], nets[place], rise, fall)
    return nets


@given(
    st.sampled_from([1, 3, 5, 7]).flatmap(
        lambda n: st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=n,
                           max_size=n)
    )
)  # fmt: skip
@settings(max_examples=40)
def test_a_ring_oscillates_with_the_sum_of_all_its_rises_and_falls(
    delays: list[tuple[int, int]],
) -> None:
    kernel, start = Kernel(), 1000
    nets = ring(kernel, start, delays)
    waves = [watch(net) for net in nets]
    # In one period the falling and the rising edge each go round once, so every gate rises
    # once and falls once. With equal delays that is 2 n tpd.
    period = sum(rise + fall for rise, fall in delays)
    kernel.run(start + 10 * period + delays[0][1] + 1)
    falls = [time for time, value in waves[0] if value == 0]
    assert falls == [start + delays[0][1] + turn * period for turn in range(11)]
    # Low for as long as the edge takes through the others (alternately up and down) and back.
    low = sum(delays[place][1 - place % 2] for place in range(1, len(delays))) + delays[0][0]
    rises = [time for time, value in waves[0] if value == 1 and time > start]
    assert rises == [fall + low for fall in falls[:10]]


def test_three_gates_of_five_ticks_ring_with_a_period_of_thirty() -> None:
    kernel = Kernel()
    first, *_ = ring(kernel, 100, [(5, 5)] * 3)
    wave = watch(first)
    kernel.run(191)
    # 2 * 3 * 5 = 30: falls at 105, 135, 165 and rises 15 later. At power-up the disabled
    # NAND goes high after its own delay.
    assert wave == [(5, 1), (105, 0), (120, 1), (135, 0), (150, 1), (165, 0), (180, 1)]


def test_an_even_ring_settles() -> None:
    kernel = Kernel()
    nets = ring(kernel, 100, [(5, 3), (4, 6)])
    waves = [watch(net) for net in nets]
    kernel.run(100_000)
    # Disabled the NAND is high and the inverter low, which keeps the enabled NAND high.
    assert [net.value for net in nets] == [1, 0]
    assert all(time < 100 for wave in waves for time, _ in wave)


def test_a_combinational_loop_oscillates_visibly_rather_than_hangs() -> None:
    kernel = Kernel()
    enable, y = kernel.net("enable"), kernel.net("y")
    stimulus(enable, (100, 1))
    gate(NAND, [enable, y], y, rise=2, fall=3)
    wave = watch(y)
    kernel.run(100 + 5 * 200 + 1)
    # A gate that contradicts itself: high for a fall's delay, low for a rise's, 5 ticks a turn.
    assert wave[:5] == [(2, 1), (103, 0), (105, 1), (108, 0), (110, 1)]
    assert len(wave) == 1 + 2 * 200


def test_a_ring_that_nobody_starts_stays_unknown() -> None:
    kernel = Kernel()
    y, high = kernel.net("y"), kernel.net("high")
    stimulus(high, initial=1)
    gate(XOR, [y, high], y, rise=2, fall=3)
    wave = watch(y)
    kernel.run(1000)
    assert wave == []
    assert y.value == X


def flops(kernel: Kernel, connections: Sequence[tuple[Net, Net, Net, Net]]) -> None:
    """CD74HC73 flops, given as (j, k, cp, q)."""
    parts = [
        part(chip("CD74HC73"), f"flop{number}.flop", j=j.name, k=k.name, cp=cp.name, q=q.name)
        for number, (j, k, cp, q) in enumerate(connections)
    ]
    Bed(*parts, levels={}, seed=5, kernel=kernel)


def test_a_ripple_counter_counts_and_its_carry_takes_a_delay_a_stage() -> None:
    kernel, bits, half = Kernel(), 4, 500_000  # a clock of 1 us
    clock, high = kernel.net("clock"), kernel.net("high")
    stimulus(high, initial=1)
    falls = [(2 * n + 1) * half for n in range(1, 41)]
    clocked = [change for fall in falls for change in ((fall - half, 1), (fall, 0))]
    stimulus(clock, *clocked)
    stages, k_pins = ([kernel.net(f"{x}{i}") for i in range(bits)] for x in "qk")
    # Q is unknown at power-up and the reset pin is tied high. A stage with K low sets at its
    # first fall, which is the count it would have toggled to from 0; then K goes high for good.
    for place, k in enumerate(k_pins):
        stimulus(k, (falls[2**place - 1] + half // 2, 1))
    clocks = [clock, *stages[:-1]]
    flops(kernel, [(high, *nets) for nets in zip(k_pins, clocks, stages, strict=True)])
    carry = watch(stages[-1])
    for number, fall in enumerate(falls, start=1):
        kernel.run(fall + half)
        if number < 2 ** (bits - 1):
            assert stages[-1].value == X
        else:
            assert sum(net.value << place for place, net in enumerate(stages)) == number % 16
    # The last stage moves at counts 8, 16, 24, ..., with 13 ns a stage behind the clock.
    moves = [(falls[8 * turn - 1] + bits * 13_000, turn % 2) for turn in range(1, 6)]
    assert carry == moves
    assert not kernel.violations


def latch(
    r: Wave, s: Wave, delays: Sequence[tuple[int, int]]
) -> tuple[Kernel, tuple[Net, Net], tuple[Wave, Wave]]:
    """Two cross-coupled NORs: q = not (r or nq), nq = not (s or q)."""
    kernel = Kernel()
    q, nq, set_pin, reset = (kernel.net(name) for name in ("q", "nq", "s", "r"))
    stimulus(reset, *r)
    stimulus(set_pin, *s)
    gate(NOR, [reset, nq], q, *delays[0])
    gate(NOR, [set_pin, q], nq, *delays[1])
    return kernel, (q, nq), (watch(q), watch(nq))


def test_a_latch_of_two_nors_is_set_reset_and_holds() -> None:
    r: Wave = [(100, 1), (200, 0), (500, 1), (600, 0)]
    s: Wave = [(300, 1), (400, 0)]
    kernel, (q, nq), (q_wave, nq_wave) = latch(r, s, [(7, 5), (7, 5)])
    kernel.run(1000)
    # Unknown until somebody says. A reset pulls q low (5) and that lets nq go high (7); a set
    # does the same the other way round; between, with both low, nothing moves.
    assert q_wave == [(105, 0), (312, 1), (505, 0)]
    assert nq_wave == [(112, 1), (305, 0), (512, 1)]
    assert (q.value, nq.value) == (0, 1)


def test_a_latch_released_from_the_forbidden_state_keeps_what_let_go_last() -> None:
    both: Wave = [(100, 1), (300, 0)]
    kernel, (q, nq), _ = latch(both, [(100, 1), (400, 0)], [(7, 5), (7, 5)])
    kernel.run(300)
    assert (q.value, nq.value) == (0, 0)  # forbidden: both outputs low
    kernel.run(1000)
    assert (q.value, nq.value) == (1, 0)


def test_a_latch_released_at_once_goes_to_the_faster_gate() -> None:
    both: Wave = [(100, 1), (300, 0)]
    kernel, (q, nq), (_, nq_wave) = latch(both, both, [(7, 5), (8, 5)])
    kernel.run(1000)
    # q is up a tick before nq would be, and takes the cause of nq's rise away.
    assert (q.value, nq.value) == (1, 0)
    assert nq_wave == [(105, 0)]


def test_a_perfectly_symmetric_latch_released_at_once_does_not_decide() -> None:
    both: Wave = [(100, 1), (300, 0)]
    kernel, _, (q_wave, nq_wave) = latch(both, both, [(7, 5), (7, 5)])
    kernel.run(300 + 3 * 12 + 1)
    # Both see the other low and rise after 7, both see it high and fall after 5: period 12.
    turns = [(307, 1), (312, 0), (319, 1), (324, 0), (331, 1), (336, 0)]
    assert q_wave == nq_wave == [(105, 0), *turns]


# ---- Delay -------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 20), st.integers(1, 20)
)
def test_inertial_delay_passes_what_lasts_and_swallows_what_does_not(
    gaps: list[int], rise: int, fall: int
) -> None:
    kernel = Kernel()
    a, y = kernel.net("a"), kernel.net("y")
    times = [100 + sum(gaps[:place]) for place in range(len(gaps))]
    changes = [(time, (place + 1) % 2) for place, time in enumerate(times)]
    stimulus(a, *changes)
    gate(FOLLOW, [a], y, rise, fall)
    wave = watch(y)
    kernel.run(1000)
    # A level comes through if the input holds it for the delay; held to the tick is held.
    expected = [(fall, 0)]
    for (time, value), end in zip(changes, [*times[1:], 10**6], strict=True):
        delay = rise if value else fall
        if end - time >= delay and expected[-1][1] != value:
            expected.append((time + delay, value))
    assert wave == expected


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 200))
def test_transport_delay_passes_everything(gaps: list[int], delay: int) -> None:
    kernel = Kernel()
    a, y = kernel.net("a"), kernel.net("y")
    times = [100 + sum(gaps[:place]) for place in range(len(gaps))]
    changes = [(time, (place + 1) % 2) for place, time in enumerate(times)]
    stimulus(a, *changes)
    wire = Driver(y, "wire", initial=0)
    listener(kernel, lambda: wire.transport(a.value, delay), a)
    wave = watch(y)
    kernel.run(2000)
    assert wave == [(time + delay, value) for time, value in changes]


def test_an_inertial_driver_that_is_asked_for_what_it_has_does_nothing() -> None:
    kernel = Kernel()
    net = kernel.net("y")
    driver, wave = Driver(net, "y", initial=0), watch(net)
    driver.inertial(0, 5)
    kernel.run(100)
    assert wave == []
    assert kernel.events == 0


def test_an_inertial_driver_asked_twice_keeps_to_the_first_time() -> None:
    kernel = Kernel()
    net = kernel.net("y")
    driver, wave = Driver(net, "y", initial=0), watch(net)
    driver.inertial(1, 10)
    kernel.schedule(4, lambda _: driver.inertial(1, 10), None, "again")
    kernel.run(100)
    assert wave == [(10, 1)]


@pytest.mark.parametrize("delay", [0, -1])
def test_a_delay_of_nothing_is_refused(delay: int) -> None:
    kernel = Kernel()
    a, y = kernel.net("a"), kernel.net("y")
    stimulus(a, (100, 1))
    gate(FOLLOW, [a], y, rise=delay, fall=1)
    with pytest.raises(SimulationError) as error:
        kernel.run(1000)
    assert str(error.value) == (
        f"at 0.000000000100 s, REACT: 'y' has a delay of {delay} ps; every part takes at least 1 ps"
    )


def test_drivers_and_sleepers_may_not_be_instant_either() -> None:
    kernel = Kernel()
    net, process = kernel.net("y"), kernel.process("dog")
    with pytest.raises(SimulationError, match="'wire' has a delay of 0 ps"):
        Driver(net, "wire").transport(1, 0)
    with pytest.raises(SimulationError, match="'pin' has a delay of 0 ps"):
        Driver(net, "pin").inertial(1, 0)
    with pytest.raises(SimulationError, match="'dog' has a delay of 0 ps"):
        next(process.sleep(0))


# ---- Nets --------------------------------------------------------------------------------------


def test_drivers_of_one_net_are_resolved() -> None:
    kernel = Kernel()
    net = kernel.net("bus")
    stimulus(net, (10, 0), (20, Z), (50, 1), (60, X), initial=Z)
    stimulus(net, (30, 1), (40, 0), (70, Z), initial=Z)
    wave = watch(net)
    assert net.value == Z
    kernel.run(100)
    # first   z  0  z  z  z  1  x  x
    # second  z  z  z  1  0  0  0  z      at 60 and 70 the net is unknown before and after
    assert wave == [(10, 0), (20, Z), (30, 1), (40, 0), (50, X)]
    assert net.value == X


def test_a_pull_up_makes_a_net_high_when_all_let_go_and_yields_to_any_driver() -> None:
    kernel = Kernel()
    net = kernel.net("open", pull=1)
    assert net.value == 1
    stimulus(net, (10, 0), (30, Z), initial=Z)
    stimulus(net, (20, 0), (40, Z), (50, X), (60, Z), initial=Z)
    wave = watch(net)
    kernel.run(100)
    # Wired: low while anybody pulls it low.
    assert wave == [(10, 0), (40, 1), (50, X), (60, 1)]


def test_a_pull_down_does_the_same_towards_zero() -> None:
    kernel = Kernel()
    net = kernel.net("open", pull=0)
    stimulus(net, (10, 1), (20, Z), initial=Z)
    wave = watch(net)
    kernel.run(100)
    assert wave == [(10, 1), (20, 0)]


@pytest.mark.parametrize("order", list(permutations(["lets go", "takes over"])))
def test_a_handover_at_one_instant_leaves_no_trace(order: tuple[str, ...]) -> None:
    # All drivers commit before anybody looks, so a net whose drivers agree before and after an
    # instant has not changed in it, whoever is written first.
    kernel = Kernel()
    net = kernel.net("open", pull=1)
    first, second = Driver(net, "first", initial=0), Driver(net, "second", initial=Z)
    acts = {
        "lets go": lambda: first.transport(Z, 100),
        "takes over": lambda: second.transport(0, 100),
    }
    falls: list[int] = []
    process = kernel.process("falls")
    net.listen_edge("fall", process, lambda: falls.append(kernel.now))
    kernel.start(process.react())
    wave = watch(net)
    for act in order:
        acts[act]()
    kernel.run(1000)
    assert net.value == 0
    assert wave == []
    assert falls == []


def test_a_bus_carries_any_number() -> None:
    # 2 and 3 are numbers here, not X and Z.
    kernel = Kernel()
    net = kernel.net("code", width=7)
    stimulus(net, *[(10 + value, value) for value in range(128)], initial=64)
    wave = watch(net)
    assert net.value == 64
    kernel.run(1000)
    assert wave == [(10 + value, value) for value in range(128)]


def test_a_fall_is_from_one_to_zero_and_nothing_else() -> None:
    kernel = Kernel()
    net = kernel.net("clock")
    assert net.fell == NEVER
    stimulus(net, (10, 0), (20, 1), (30, 0), (40, Z), (50, 0), (60, 1), (70, X), (80, 0),
             initial=X)  # fmt: skip
    falls: list[int] = []
    process = kernel.process("falls")
    net.listen_edge("fall", process, lambda: falls.append(kernel.now))
    kernel.start(process.react())
    kernel.run(100)
    assert falls == [30]
    assert net.fell == 30
    assert net.changed == 80


def test_two_nets_of_one_name_are_refused() -> None:
    kernel = Kernel()
    kernel.net("clock.cs")
    with pytest.raises(SimulationError) as error:
        kernel.net("clock.cs")
    assert str(error.value) == "net 'clock.cs' is made twice; give it another name"


# ---- Constraints -------------------------------------------------------------------------------


def test_a_pulse_shorter_than_the_width_constraint_is_recorded_with_its_margin() -> None:
    kernel = Kernel()
    net = kernel.net("clock")
    net.constrain_width("chip", "cp", 1, 16)
    net.constrain_width("chip", "cp", 0, 25)
    # high 100-115 (15: a tick short), low -127 (12: 13 short), high -143 (16: met), low -168
    # (25: met), high -200 (met)
    stimulus(net, (100, 1), (115, 0), (127, 1), (143, 0), (168, 1), (200, 0))
    kernel.run(1000)
    assert list(kernel.violation_list) == [
        Violation(115, "width", "chip", "cp", -1),
        Violation(127, "width", "chip", "cp", -13),
    ]
    assert kernel.violations == {"width": 2}


def test_each_part_on_a_net_has_its_own_width_constraint() -> None:
    kernel = Kernel()
    net = kernel.net("clock")
    for owner, minimum in (("slow", 30), ("fast", 10)):
        net.constrain_width(owner, "cp", 1, minimum)
    stimulus(net, (100, 1), (120, 0), (200, 1), (205, 0), (300, 1), (310, 0))
    kernel.run(1000)
    found = {(v.time, v.part, v.margin) for v in kernel.violation_list}
    # The last pulse is exactly wide enough for the fast one.
    assert found == {
        (120, "slow", -10),
        (205, "slow", -25),
        (205, "fast", -5),
        (310, "slow", -20),
    }


def test_an_unknown_level_has_no_width() -> None:
    kernel = Kernel()
    net = kernel.net("clock")
    for level in (0, 1):
        net.constrain_width("chip", "cp", level, 50)
    stimulus(net, (10, X), (20, 1), (90, X), (95, Z), (99, 0), initial=Z)
    kernel.run(1000)
    assert not kernel.violations


def test_the_level_at_power_up_has_always_been_there() -> None:
    kernel = Kernel()
    net = kernel.net("clock")
    net.constrain_width("chip", "cp", 0, 50)
    stimulus(net, (1, 1))
    kernel.run(1000)
    assert not kernel.violations


def test_a_hold_listener_hears_changes_within_its_time_after_a_fall() -> None:
    kernel = Kernel()
    clock, data = kernel.net("clock"), kernel.net("data")
    stimulus(clock, (50, 1), (100, 0), (150, 1))
    # Before the fall, 1 tick after it, a tick within the limit of 10, at the limit, later, and
    # right after the rise, which is no edge to hold for.
    times = [99, 101, 109, 110, 140, 151]
    stimulus(data, *[(time, place % 2) for place, time in enumerate(times, start=1)])
    heard: list[int] = []
    process = kernel.process("hold")
    data.listen_hold(clock, 10, process, lambda: heard.append(kernel.now))
    kernel.start(process.react())
    kernel.run(1000)
    assert heard == [101, 109]


@pytest.mark.parametrize("order", [("clock", "data"), ("data", "clock")])
def test_whether_data_that_moves_with_the_clock_is_held_does_not_hang_on_who_commits_first(
    order: tuple[str, str],
) -> None:
    # Data that moves at the very fall misses its setup; it has not moved after the fall.
    kernel = Kernel()
    nets = {name: kernel.net(name) for name in ("clock", "data")}
    for name in order:
        stimulus(nets[name], (100, 0), initial=1)
    heard: list[int] = []
    process = kernel.process("hold")
    nets["data"].listen_hold(nets["clock"], 10, process, lambda: heard.append(kernel.now))
    kernel.start(process.react())
    kernel.run(1000)
    assert heard == []


def test_all_violations_are_counted_and_the_first_thousand_kept() -> None:
    kernel = Kernel()
    told: list[Violation] = []
    kernel.on_violation = told.append
    for number in range(1, 1501):
        kernel.violate("setup", "chip", "d", -number)
    kernel.violate("hold", "chip", "d", -1)
    assert kernel.violations == {"setup": 1500, "hold": 1}
    assert len(told) == 1501
    assert kernel.violation_list == told[:1000]


# ---- The instant -------------------------------------------------------------------------------


class Diary:
    """An observer, and who else has something to say about the phases of an instant."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.entries: list[tuple[int, str]] = []

    def write(self, entry: str) -> None:
        self.entries.append((self.kernel.now, entry))

    def instant(self, now: int, changes: Sequence[tuple[int, int]], settled: bool) -> None:
        assert now == self.kernel.now
        nets = list(self.kernel.nets.values())
        assert all(nets[place].value == value for place, value in changes)
        names = ",".join(sorted({nets[place].name for place, _ in changes}))
        self.write(f"record {names} {'settled' if settled else 'still'}")


def test_an_instant_commits_settles_reacts_and_records_in_this_order() -> None:
    kernel = Kernel()
    diary = Diary(kernel)
    a, b, wiper = kernel.net("a"), kernel.net("b"), kernel.net("wiper", width=7)
    kernel.observe(diary, kernel.nets.values())

    def moves(code: int) -> None:
        diary.write(f"commit wiper {code}")
        kernel.unsettled = True

    wiper.moves = moves
    kernel.settle = lambda: diary.write(f"settle a={a.value} b={b.value}")
    # The reaction was asked for first and the wiper moves between two nets: no matter.
    listener(kernel, lambda: diary.write(f"react b={b.value} wiper={wiper.value}"), a)
    listener(kernel, lambda: diary.write(f"react a={a.value} wiper={wiper.value}"), b)
    stimulus(a, (100, 1))
    stimulus(wiper, (100, 65), (200, 66), initial=64)
    stimulus(b, (100, 1), (250, 0))
    kernel.run(400)
    assert diary.entries[:2] == [(100, "commit wiper 65"), (100, "settle a=1 b=1")]
    assert sorted(diary.entries[2:4]) == [
        (100, "react a=1 wiper=65"),
        (100, "react b=1 wiper=65"),
    ]
    assert diary.entries[4:] == [
        (100, "record a,b,wiper settled"),
        (200, "commit wiper 66"),
        (200, "settle a=1 b=1"),
        (200, "record wiper settled"),
        # No wiper moves at 250, so no voltage does.
        (250, "react a=1 wiper=66"),
        (250, "record b still"),
    ]


def test_one_observer_at_a_time_sees_the_nets_it_asked_for() -> None:
    kernel = Kernel()
    first, second = Diary(kernel), Diary(kernel)
    a, b = kernel.net("a"), kernel.net("b")
    kernel.observe(first, [b, a])
    kernel.observe(second, [a])
    stimulus(a, (100, 1))
    stimulus(b, (200, 1))
    kernel.run(300)
    assert first.entries == []
    assert second.entries == [(100, "record a still")]


def test_an_instant_settles_once_however_many_wipers_moved() -> None:
    kernel = Kernel()
    settled: list[int] = []
    kernel.settle = lambda: settled.append(kernel.now)

    def moves(_: int) -> None:
        kernel.unsettled = True

    for number in range(5):
        net = kernel.net(f"wiper{number}", width=7)
        net.moves = moves
        stimulus(net, (100, 65), initial=64)
    stimulus(kernel.net("digital"), (50, 1), (150, 1))
    kernel.run(1000)
    assert settled == [100]


def test_a_process_reacts_once_an_instant_to_all_its_nets() -> None:
    kernel = Kernel()
    nets = [kernel.net(name) for name in "abc"]
    for net in nets:
        stimulus(net, (100, 1))
    seen: list[tuple[int, ...]] = []
    listener(kernel, lambda: seen.append(tuple(net.value for net in nets)), *nets)
    kernel.run(1000)
    assert set(seen) == {(1, 1, 1)}


def test_two_processes_that_read_each_other_at_one_instant_see_the_same() -> None:
    # Two registers with each other's output as input swap at every clock.
    kernel = Kernel()
    clock, a, b = (kernel.net(name) for name in ("clock", "a", "b"))
    stimulus(clock, *[(100 * n, n % 2) for n in range(1, 11)])
    ones = {net: Driver(net, net.name, initial=value) for net, value in ((a, 0), (b, 1))}
    listener(kernel, lambda: ones[a].transport(b.value, 1), clock)
    listener(kernel, lambda: ones[b].transport(a.value, 1), clock)
    for number in range(1, 11):
        kernel.run(100 * number + 50)
        assert (a.value, b.value) == (number % 2, 1 - number % 2)


def test_no_reaction_comes_before_the_last_commit_of_its_instant() -> None:
    kernel = Kernel()
    nets = [kernel.net(f"n{place}") for place in range(20)]
    seen: list[list[int]] = []
    for net in nets:
        listener(kernel, lambda: seen.append([net.value for net in nets]), net)
        stimulus(net, (100, 1))
    kernel.run(1000)
    assert seen == [[1] * 20] * 20


wiring = st.integers(2, 5).flatmap(
    lambda count: st.tuples(
        st.lists(
            st.tuples(
                st.sampled_from([NAND, NOR, XOR]),
                st.integers(0, count + 1),  # which net is input a: a gate's, or a stimulus
                st.integers(0, count + 1),
                st.integers(1, 8),
                st.integers(1, 8),
            ),
            min_size=count,
            max_size=count,
        ),
        st.permutations(list(range(count))),
        st.lists(st.lists(st.integers(1, 15), max_size=8), min_size=2, max_size=2),
    )
)


@given(wiring)
@settings(max_examples=60)
def test_the_order_in_which_gates_are_soldered_does_not_matter(
    drawn: tuple[list[tuple[str, int, int, int, int]], list[int], list[list[int]]],
) -> None:
    gates, order, toggles = drawn

    def waves(order: Sequence[int]) -> list[Wave]:
        kernel = Kernel()
        nets = [kernel.net(f"y{place}") for place in range(len(gates))]
        nets += [kernel.net("stimulus0"), kernel.net("stimulus1")]
        for place in order:
            truth, a, b, rise, fall = gates[place]
            gate(truth, [nets[a], nets[b]], nets[place], rise, fall)
        for net, gaps in zip(nets[-2:], toggles, strict=True):
            times = [20 + sum(gaps[: place + 1]) for place in range(len(gaps))]
            stimulus(net, *[(time, (place + 1) % 2) for place, time in enumerate(times)])
        seen = [watch(net) for net in nets]
        kernel.run(200)
        return seen

    assert waves(order) == waves(range(len(gates)))


# ---- Time --------------------------------------------------------------------------------------


def test_a_run_stops_before_its_end_and_never_splits_an_instant() -> None:
    kernel = Kernel()
    nets = [kernel.net(name) for name in "abc"]
    for net in nets:
        stimulus(net, (100, 1))
    waves = [watch(net) for net in nets]
    kernel.run(100)
    assert [net.value for net in nets] == [0, 0, 0]
    assert waves == [[], [], []]
    kernel.run(101)
    assert [net.value for net in nets] == [1, 1, 1]
    assert waves == [[(100, 1)]] * 3


@given(st.lists(st.integers(1, 400), max_size=10))
@settings(max_examples=30)
def test_a_run_in_pieces_is_the_run(stops: list[int]) -> None:
    whole, pieces = Kernel(), Kernel()
    waves = [watch(ring(kernel, 50, [(3, 4), (5, 2), (6, 1)])[2]) for kernel in (whole, pieces)]
    whole.run(400)
    for stop in [*sorted(stops), 400]:
        pieces.run(stop)
    assert waves[0] == waves[1]
    assert len(waves[0]) > 30


def test_a_run_without_anything_to_do_ends() -> None:
    Kernel().run(10**15)


def test_time_stays_an_integer_however_long() -> None:
    kernel = Kernel()
    net = kernel.net("late")
    stimulus(net, (10**17, 1), (10**17 + 1, 0))  # a float would take these for one instant
    wave = watch(net)
    kernel.run(10**17 + 2)
    assert wave == [(10**17, 1), (10**17 + 1, 0)]
    assert type(kernel.now) is int
    assert type(kernel.env.now) is int
    assert all(type(time) is int for time, _ in wave)


def story(kernel: Kernel, woke: list[int], then: Callable[[], None] = lambda: None) -> Life:
    process = kernel.process("story")
    for delay in (1, 10, 100):
        yield from process.sleep(delay)
        woke.append(kernel.now)
        then()


def test_a_process_that_tells_a_story_sleeps_to_the_tick() -> None:
    kernel, woke = Kernel(), list[int]()
    end = kernel.start(story(kernel, woke))
    kernel.run(112)
    assert end.triggered
    assert woke == [1, 11, 111]


def test_advancing_ends_with_the_instant_in_which_a_process_pauses() -> None:
    kernel, woke = Kernel(), list[int]()
    kernel.start(story(kernel, woke, kernel.pause))
    kernel.advance()
    assert woke == [1]
    kernel.advance(until=11)
    assert woke == [1]
    kernel.advance(until=12)
    assert woke == [1, 11]


def test_running_to_a_time_does_not_stop_at_pauses() -> None:
    kernel = Kernel()
    for time in (3, 5, 8):
        kernel.schedule(time, lambda _: kernel.pause(), None, "test")
    kernel.run(8)
    assert kernel.now == 5
    assert kernel.events == 2


def test_two_kernels_run_side_by_side_as_if_alone() -> None:
    def machine(delay: int) -> tuple[Kernel, Wave]:
        kernel = Kernel()
        return kernel, watch(ring(kernel, 10, [(delay, delay + 1)] * 3)[0])

    alone = []
    for delay in (2, 5):
        kernel, wave = machine(delay)
        kernel.run(500)
        alone.append(wave)
    (one, one_wave), (two, two_wave) = machine(2), machine(5)
    for stop in range(0, 501, 7):
        one.run(stop)
        two.run(500 - stop if stop > 250 else 2 * stop)
    one.run(500)
    two.run(500)
    assert [one_wave, two_wave] == alone
    assert set(one.nets) == set(two.nets)
    assert not set(one.nets.values()) & set(two.nets.values())


def test_every_transaction_that_came_due_is_counted() -> None:
    kernel = Kernel()
    stimulus(kernel.net("a"), (10, 1), (20, 0), (30, 1))
    stimulus(kernel.net("b"), (20, 1), (2000, 0))
    kernel.run(1000)
    assert kernel.events == 4
