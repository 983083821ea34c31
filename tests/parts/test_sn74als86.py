from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicsim.analog.twin import Twin
from logicsim.core.logic import X, Z
from logicsim.kernel.kernel import Driver, Kernel, Net
from logicsim.parts.declaration import Corner
from logicsim.parts.lm339a import ComparatorBank
from logicsim.parts.part import Part
from logicsim.parts.sn74als86 import Sn74als86
from logicsim.parts.socket import Bench, Socket

Wave = list[tuple[int, int]]
NS = 1000

# tPLH 3 / 6 / 17 ns, tPHL 2 / 6 / 12 ns (SDAS006).
DELAYS: list[tuple[Corner, int, int]] = [
    ("min", 3 * NS, 2 * NS),
    ("typ", 6 * NS, 6 * NS),
    ("max", 17 * NS, 12 * NS),
]


class Bed:
    """One XOR with a driver on each input, and what its output did."""

    def __init__(
        self, a: int, b: int, corner: Corner = "typ", chip: Sn74als86 | None = None,
        pins: int = 1,
    ) -> None:  # fmt: skip
        self.kernel = kernel = Kernel()
        twin = Twin(2, [(0, 1)])
        bank = ComparatorBank(twin.place, ground=4)
        bench = Bench(kernel, twin, bank, corner, seed=1, loads={"y": pins})
        self.y = kernel.net("y")
        self.a, self.b = (
            Driver(kernel.net(name), name, value) for name, value in (("a", a), ("b", b))
        )
        part = Part("bed.xor", chip or Sn74als86(), {"a": ("a",), "b": ("b",), "y": ("y",)})
        process = kernel.process("bed")
        part.chip.solder(Socket(part, process, bench))
        self.wave = self._watch(self.y)
        kernel.start(process.react())

    def _watch(self, net: Net) -> Wave:
        seen, kernel = Wave(), self.kernel
        process = kernel.process("watch")
        net.listen(process, lambda: seen.append((kernel.now, net.value)))
        kernel.start(process.react())
        return seen


@pytest.mark.parametrize(("a", "b"), list(product([0, 1, X, Z], repeat=2)))
def test_the_output_is_high_when_the_inputs_differ_and_unknown_when_one_is(a: int, b: int) -> None:
    bed = Bed(a, b)
    bed.kernel.run(100 * NS)
    if a in (X, Z) or b in (X, Z):
        assert bed.y.value == X
    else:
        assert bed.y.value == int(a != b)


@pytest.mark.parametrize(
    ("before", "after"), list(product(product([0, 1, X, Z], repeat=2), repeat=2))
)
def test_every_change_of_inputs_ends_where_the_truth_table_says(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    bed = Bed(*before)
    bed.a.transport(after[0], 100 * NS)
    bed.b.transport(after[1], 150 * NS)
    bed.kernel.run(300 * NS)
    a, b = after
    known = a < X and b < X
    assert bed.y.value == (int(a != b) if known else X)


@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize("other", [0, 1])
@pytest.mark.parametrize("pin", ["a", "b"])
def test_rise_and_fall_take_the_datasheets_delay_in_every_corner(
    corner: Corner, rise: int, fall: int, other: int, pin: str
) -> None:
    bed = Bed(*((0, other) if pin == "a" else (other, 0)), corner)
    driver = bed.a if pin == "a" else bed.b
    driver.transport(1, 100 * NS)
    driver.transport(0, 200 * NS)
    bed.kernel.run(400 * NS)
    # With the other input low the gate follows, with it high it inverts; it leaves X at power-up.
    if other == 0:
        assert bed.wave == [(fall, 0), (100 * NS + rise, 1), (200 * NS + fall, 0)]
    else:
        assert bed.wave == [(rise, 1), (100 * NS + fall, 0), (200 * NS + rise, 1)]


@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize("level", [0, 1])
def test_a_change_to_unknown_takes_the_shorter_delay(
    corner: Corner, rise: int, fall: int, level: int
) -> None:
    bed = Bed(level, 0, corner)
    bed.a.transport(Z, 100 * NS)
    bed.kernel.run(200 * NS)
    assert bed.wave[1:] == [(100 * NS + min(rise, fall), X)]


@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize("level", [0, 1])
def test_a_pulse_shorter_than_the_delay_is_swallowed(
    corner: Corner, rise: int, fall: int, level: int
) -> None:
    # The output first has to go to `1 - level`, which takes this long.
    delay = fall if level else rise
    back = rise if level else fall
    for width, passes in ((1, False), (delay - 1, False), (delay, True), (delay + 1, True)):
        bed = Bed(level, 0, corner)
        bed.a.transport(1 - level, 100 * NS)
        bed.a.transport(level, 100 * NS + width)
        bed.kernel.run(300 * NS)
        pulse = [(100 * NS + delay, 1 - level), (100 * NS + width + back, level)]
        assert bed.wave[1:] == (pulse if passes else [])


@pytest.mark.parametrize("level", [0, 1])
def test_inputs_that_swap_at_one_instant_make_no_glitch(level: int) -> None:
    bed = Bed(level, 1 - level)
    bed.a.transport(1 - level, 100 * NS)
    bed.b.transport(level, 100 * NS)
    bed.kernel.run(200 * NS)
    assert bed.wave == [(6 * NS, 1)]


@given(st.integers(1, 30_000))
@settings(max_examples=50)
def test_inputs_that_swap_one_after_the_other_glitch_if_the_gate_is_fast_enough(skew: int) -> None:
    bed = Bed(0, 1, "max")
    bed.a.transport(1, 100 * NS)
    bed.b.transport(0, 100 * NS + skew)
    bed.kernel.run(300 * NS)
    # Equal for `skew`: the output falls if that is at least tPHL = 12 ns, then rises in 17 ns.
    glitch = [(112 * NS, 0), (117 * NS + skew, 1)] if skew >= 12 * NS else []
    assert bed.wave == [(17 * NS, 1), *glitch]


def test_its_delays_can_be_corrected() -> None:
    chip = Sn74als86.model_validate({"rise": "20 ns", "fall": "30 ns"})
    bed = Bed(0, 0, "max", chip)
    bed.a.transport(1, 100 * NS)
    bed.kernel.run(200 * NS)
    assert bed.wave == [(30 * NS, 0), (120 * NS, 1)]


# A pin is 10 pF; beyond 50 pF the output is slower by 60 ohm times the rest, so 0.6 ns a pin.
@pytest.mark.parametrize(("corner", "rise", "fall"), DELAYS)
@pytest.mark.parametrize(
    ("pins", "slower"), [(0, 0), (5, 0), (6, 600), (32, 16_200), (48, 25_800), (64, 35_400)]
)
def test_a_net_of_many_pins_is_slower(
    corner: Corner, rise: int, fall: int, pins: int, slower: int
) -> None:
    bed = Bed(0, 0, corner, pins=pins)
    bed.a.transport(1, 100 * NS)
    bed.a.transport(0, 200 * NS)
    bed.kernel.run(400 * NS)
    assert bed.wave[1:] == [(100 * NS + rise + slower, 1), (200 * NS + fall + slower, 0)]


def test_more_pins_than_an_output_drives_are_shared_out_and_make_it_no_slower() -> None:
    beds = [Bed(0, 0, pins=pins) for pins in (64, 65, 300_000)]
    for bed in beds:
        bed.a.transport(1, 100 * NS)
        bed.kernel.run(400 * NS)
    assert beds[0].wave == beds[1].wave == beds[2].wave


def test_the_load_of_a_net_can_be_corrected() -> None:
    numbers = {"pin_load": "20 pF", "rated_load": "0 F", "drive": "100 ohm", "fan_out": 3}
    bed = Bed(0, 0, chip=Sn74als86.model_validate(numbers), pins=10)
    bed.a.transport(1, 100 * NS)
    bed.kernel.run(200 * NS)
    assert bed.wave[-1] == (112 * NS, 1)  # 3 pins of 20 pF at 100 ohm are 6 ns on top of 6
