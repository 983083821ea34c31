import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from logicsim.campaign import load, read, run
from logicsim.campaign.expansion import expand
from logicsim.campaign.sample import draw, enough, sample_size
from logicsim.faults import parse_all
from tests.campaign.campaigns import rows, written

SAMPLED = """
board = "divider"
task = "1 V"
steps = 10
seeds = 2
faults = ["flip:*", "glitch:edge*.ud=*"]
sample = { margin = 0.06 }
"""


def test_sample_sizes_of_the_source() -> None:
    # Leveugle et al., DATE 2009, Table I: 95 % confidence, 5 % margin (their t is 1.96).
    assert sample_size(10**9, 0.05, 0.95) == 385
    assert sample_size(1000, 0.05, 0.95) == math.ceil(1000 / (1 + 0.0025 * 999 / (1.96**2 / 4)))
    assert sample_size(10**9, 0.01, 0.95) == 9604
    assert sample_size(50, 0.01, 0.99) == 50


@given(st.integers(1, 10**7), st.floats(0.001, 0.49), st.floats(0.51, 0.999))
def test_a_sample_is_no_larger_than_its_population(n: int, margin: float, sure: float) -> None:
    size = sample_size(n, margin, sure)
    assert 1 <= size <= n
    assert size <= sample_size(n + 1, margin, sure)
    assert sample_size(n, margin / 2, sure) >= size


@given(st.integers(1, 10**12), st.integers(0, 2**32), st.data())
def test_a_draw_has_no_number_twice(population: int, seed: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, min(population, 50)))
    drawn = draw(population, size, seed)
    assert len(set(drawn)) == size
    assert all(0 <= number < population for number in drawn)
    assert list(drawn[: size // 2]) == list(draw(population, size, seed))[: size // 2]


def test_a_draw_is_even() -> None:
    drawn = draw(10**9, 4000, 3)
    halves = sum(number < 5 * 10**8 for number in drawn)
    assert abs(halves - 2000) < 4 * math.sqrt(1000)


def test_enough_is_when_the_interval_is_narrow() -> None:
    # Of none in n the exact interval is 1 - 0.025^(1/n) wide: 0.1 at n = 35.01.
    assert not enough(0, 35, 0.05, 0.95)
    assert enough(0, 36, 0.05, 0.95)
    assert not enough(0, 0, 0.05, 0.95)


def test_transient_faults_strike_once_somewhere_sometime(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, SAMPLED))
    drawn = [row for rows in expand(loaded.campaign, loaded.board).rounds for row in rows]
    faults = [parse_all(row.fault, loaded.board)[0] for row in drawn]
    assert len({fault.site for fault in faults}) > 3
    assert {fault.when.first for fault in faults} == set(range(1, 11))
    assert all(fault.when.last == fault.when.first for fault in faults)
    assert len({fault.when.moment for fault in faults}) > len(faults) / 2
    assert {row.seed for row in drawn} == {1, 2}
    assert [row.onset for row in drawn] == [fault.when.first for fault in faults]


def test_a_sample_ends_when_enough_is_known_whoever_runs_it(tmp_path: Path) -> None:
    path = written(tmp_path, SAMPLED)
    loaded = load(path)
    run(loaded, tmp_path / "a", jobs=1)
    expansion = expand(loaded.campaign, loaded.board)
    runs = read(tmp_path / "a")
    assert len(runs) < len(expansion)
    assert len(runs) == len(expansion.golden) + sum(map(len, expansion.rounds[:1]))
    run(load(path), tmp_path / "b", jobs=2)
    assert rows(tmp_path / "a") == rows(tmp_path / "b")
    run(load(path), tmp_path / "a", jobs=1)
    assert rows(tmp_path / "a") == rows(tmp_path / "b")
