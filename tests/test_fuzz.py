import datetime as dt
import math
import random
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logicsim.board import Board, load
from logicsim.core.errors import BoardError, SolveError
from logicsim.event.simulation import Simulation

Draw = Callable[[st.SearchStrategy[Any]], Any]

MOST_NODES = 8


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


# A TOML writer, just good enough


class Raw(str):
    """TOML that stands for itself: a number too long for Python to print."""

    __slots__ = ()


def toml(value: Any) -> str:
    text = repr(value)
    match value:
        case bool():
            text = str(value).lower()
        case Raw():
            text = str(value)
        case str():
            text = quoted(value)
        case dt.datetime() | dt.date() | dt.time():
            text = value.isoformat()
        case list() | tuple():
            text = "[" + ", ".join(toml(item) for item in value) + "]"
        case dict():
            pairs = (f"{quoted(key)} = {toml(item)}" for key, item in value.items())
            text = "{" + ", ".join(pairs) + "}"
    return text


def quoted(text: str) -> str:
    plain = (c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}"
             for c in text)  # fmt: skip
    return '"' + "".join(plain) + '"'


def document(data: dict[str, Any]) -> str:
    return "".join(f"{quoted(key)} = {toml(value)}\n" for key, value in data.items())


# Valid boards


def to_nanovolts(volts: float) -> float:
    return round(volts, 9)


def volts() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.floats(-12, 12).map(to_nanovolts),
        st.integers(-12, 12),
        st.integers(-5000, 5000).map(lambda n: f"{n} mV"),
    )


def fraction(top: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(0.0), st.floats(0, top))


@st.composite
def tasks(draw: Draw, name: str, nodes: int, edges: int) -> dict[str, Any]:
    order = draw(st.permutations(range(1, nodes + 1)))
    task: dict[str, Any] = {"name": name, "steps": draw(st.integers(1, 5))}
    if draw(st.booleans()):
        split = draw(st.integers(1, nodes - 1))
        last = draw(st.integers(split + 1, nodes))
        task |= {
            "kind": "allostery",
            "nudge": draw(st.floats(0.01, 1)),
            "inputs": {str(node): draw(volts()) for node in order[:split]},
            "outputs": {str(node): draw(volts()) for node in order[split:last]},
        }
    else:
        task["kind"] = "bench"
        for side in ("free", "clamped"):
            held = draw(st.lists(st.sampled_from(order), min_size=1, unique=True))
            task[side] = {str(node): draw(volts()) for node in held}
    if draw(st.booleans()):
        lists = st.lists(st.integers(1, edges), max_size=edges)
        task["cut"] = draw(st.dictionaries(st.sampled_from("123"), lists, max_size=3))
    return task


@st.composite
def networks(draw: Draw) -> dict[str, Any]:
    nodes = draw(st.integers(2, MOST_NODES))
    # A tree over shuffled nodes keeps it connected; the rest may fall anywhere, also in parallel.
    order = draw(st.permutations(range(1, nodes + 1)))
    edges = [[order[draw(st.integers(0, i - 1))], order[i]] for i in range(1, nodes)]
    pair = st.lists(st.integers(1, nodes), min_size=2, max_size=2, unique=True)
    edges += draw(st.lists(pair, max_size=6))
    network: dict[str, Any] = {"nodes": nodes, "edges": draw(st.permutations(edges))}
    if draw(st.booleans()):
        network["positions"] = [[draw(st.floats(-9, 9)), i] for i in range(nodes)]
    return network


@st.composite
def boards(draw: Draw) -> dict[str, Any]:
    network = draw(networks())
    edges = len(network["edges"])
    positions = draw(st.sampled_from([2, 16, 128, 1024]))
    code = st.integers(0, positions - 1)
    return {
        "name": "fuzzed",
        "title": draw(st.text(max_size=10)),
        "network": network,
        "parts": {
            "corner": draw(st.sampled_from(["min", "typ", "max"])),
            "comparator": {
                "noise": draw(st.sampled_from(["0 V", "1 uV", "10 mV", 0.3, 5])),
                "chatter": "latch",
                "noise_correlation": draw(st.sampled_from(["5 us", "1 us", "50 us"])),
                "offset": draw(st.floats(-0.1, 0.1).map(to_nanovolts)),
                "offset_sigma": draw(fraction(0.01).map(to_nanovolts)),
                "input_gain": draw(st.sampled_from([1.0, 0.5])),
                "supply": draw(st.sampled_from(["12 V", "5 V", "2 V"])),
            },
            "xor": {"fall": {"min": "2 ns", "typ": draw(st.floats(2e-9, 5e-8)), "max": "50 ns"}},
            "digipot": {
                "tolerance": draw(fraction(0.2)),
                "inl": draw(fraction(2)),
                "dnl": draw(fraction(0.25)),
                "taper": draw(st.sampled_from(["linear", "log"])),
                "positions": positions,
                "initial": draw(st.one_of(code, st.lists(code, min_size=edges, max_size=edges))),
            },
        },
        "edge": {
            "rule": draw(st.sampled_from(["hardware", "printed"])),
            "latch": draw(st.booleans()),
        },
        "clock": {
            "rate": draw(st.sampled_from(["4 Hz", "0.1 Hz", 11, "100 Hz", "20 kHz"])),
            "capacitance": draw(st.sampled_from(["10 nF", "100 pF", "1 uF", "1 pF"])),
        },
        "supervisor": {
            "settle": "20 us",
            "impose_resolution": draw(st.sampled_from([0, "1 mV", 0.5])),
            "measure_resolution": draw(st.sampled_from([0, "76 uV", 0.5])),
        },
        "tasks": [
            draw(tasks(f"task {number}", network["nodes"], edges))
            for number in range(1, draw(st.integers(1, 3)) + 1)
        ],
    }


# Broken boards

WORDS = (
    "name", "title", "network", "nodes", "edges", "positions", "parts", "corner", "comparator",
    "xor", "flop", "digipot", "debouncer", "model", "noise", "chatter", "offset_sigma", "fastest",
    "slope", "pull_up", "rise", "fall", "setup", "hold", "width", "clock_to_q", "period_spread",
    "min", "typ", "max", "tolerance", "taper", "initial", "cs_setup", "ud_setup", "end_to_end",
    "wiper", "edge", "rule", "latch", "clock", "rate", "capacitance", "analog", "settling",
    "supervisor", "settle", "tasks", "kind", "steps", "nudge", "inputs", "outputs", "free",
    "clamped", "cut", "1", "2", "9",
)  # fmt: skip
QUANTITIES = (
    "10 mX", "4 kg", "-1 V", "0 s", "1e-12 s", "1 ns", "10 mV", "4 Hz", "1e9 Hz", "1 kohm", "1e9 V",
    "1e-400 V", "1e400 V", ". V", "V", "1 GF", "typ", "min", "linear", "log", "hardware", "printed",
    "latch", "instant", "allostery", "bench", "yes", "a\nb", "\u2028",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 127, 128, 2**31, 2**63, 2**64, -(2**70), 10**30, 10**4200, 0.0, 0.5,
    Raw("0x" + "f" * 20_000), 1.0, 1e-320, 1e-30, 1e-9, 1e30, 1e299, 1e308, math.inf,
    -math.inf, math.nan,
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.one_of(
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.integers(-10, 300),
    st.floats(),
    texts,
    st.sampled_from(QUANTITIES),
    st.dates(),
    st.times(),
    st.datetimes(),
)
keys = st.one_of(st.sampled_from(WORDS), texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a tree, at any depth."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in list(items):
        yield node, key
        if isinstance(child, dict | list):
            yield from places(child)


@st.composite
def broken_boards(draw: Draw) -> dict[str, Any]:
    board: dict[str, Any] = draw(boards())
    for _ in range(draw(st.integers(1, 3))):
        spots = list(places(board))
        if not spots:
            break
        container, key = draw(st.sampled_from(spots))
        match draw(st.sampled_from(["replace", "replace", "delete", "insert", "new table"])):
            case "replace":
                container[key] = draw(values)
            case "delete":
                del container[key]
            case "insert" if isinstance(container, dict):
                container[draw(keys)] = draw(values)
            case "insert":
                container.insert(key, draw(values))
            case _:
                table = draw(st.sampled_from(["xor", "flop", "digipot", "comparator", "debouncer"]))
                parts = board.setdefault("parts", {})
                if isinstance(parts, dict):
                    parts[table] = {draw(keys): draw(values)}
    return board


# ConductanceMaps


def read(path: Path) -> Board | None:
    try:
        return load(path)
    except BoardError as error:
        message = str(error)
        if len(message.splitlines()) != 1 or not message.startswith(f"{path}: "):
            pytest.fail(f"not one line with the path: {message!r}")
        return None


def train(board: Board, seed: int) -> Simulation:
    """Two steps of every task, of which a machine of this size needs few events."""
    simulation = Simulation(board, seed)
    plan = [(number, task, 2) for number, task in enumerate(board.tasks, start=1)]
    steps = list(chain.from_iterable(simulation.train(plan)))
    assert len(steps) == 2 * len(board.tasks)
    edges = len(board.network.edges)
    assert simulation.kernel.events < 100 * (edges + 1) * (len(steps) + 1)
    return simulation


@fuzz(60)
@given(data=boards(), seed=st.integers(0, 2**64 - 1))
def test_a_random_valid_board_loads_and_trains(
    tmp_path: Path, data: dict[str, Any], seed: int
) -> None:
    path = tmp_path / "valid.toml"
    path.write_text(document(data), encoding="utf-8")
    board = load(path)
    assert len(board.network.edges) == len(data["network"]["edges"])
    simulation = train(board, seed)
    last = board.parts.digipot.positions - 1
    for codes in simulation.codes():
        assert all(0 <= code <= last for code in codes)


@fuzz(25)
@given(data=boards(), seed=st.integers(0, 2**64 - 1))
def test_a_random_board_trains_the_same_twice(
    tmp_path: Path, data: dict[str, Any], seed: int
) -> None:
    path = tmp_path / "valid.toml"
    path.write_text(document(data), encoding="utf-8")
    board = load(path)
    first, second = train(board, seed), train(board, seed)
    assert first.codes() == second.codes()
    assert first.twin.voltages.tobytes() == second.twin.voltages.tobytes()
    assert first.kernel.violations == second.kernel.violations


@fuzz(200)
@given(data=broken_boards(), seed=st.integers(0, 100))
def test_a_broken_board_is_refused_or_trains(
    tmp_path: Path, data: dict[str, Any], seed: int
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(document(data), encoding="utf-8")
    board = read(path)
    if board is None or board.network.nodes > 2 * MOST_NODES:
        return
    try:
        train(board, seed)
    except SolveError as error:  # resistances too far apart for any arithmetic
        assert len(str(error).splitlines()) == 1  # noqa: PT017  both outcomes are right


LINES = (
    'name = "t"', "nodes = 2", "edges = [[1, 2]]", "[network]", "[[tasks]]", "[parts.xor]",
    "[parts]", "[clock]", 'kind = "bench"', "free = { 1 = 1 }", "clamped = { 2 = 1 }", "= 1",
    "[parts.comparator]", 'noise = "1 mV"', "steps = 3", 'rate = "4 Hz"', "a.b.c = [", "]", "}",
    '"""', "'''", "# x", "network.nodes = 2", "tasks = []", "rise = { min = 1e-9 }", "x = nan",
)  # fmt: skip
toml_ish = st.lists(
    st.one_of(
        st.sampled_from(LINES),
        st.tuples(keys, values).map(lambda pair: f"{quoted(pair[0])} = {toml(pair[1])}"),
        texts,
    ),
    max_size=15,
).map("\n".join)


@fuzz(150)
@given(text=toml_ish)
def test_text_like_toml_is_a_board_or_a_mistake(tmp_path: Path, text: str) -> None:
    path = tmp_path / "text.toml"
    path.write_text(text, encoding="utf-8", newline="")
    read(path)


@fuzz(150)
@given(data=st.binary(max_size=200))
def test_bytes_are_a_board_or_a_mistake(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bytes.toml"
    path.write_bytes(data)
    read(path)


@pytest.mark.parametrize("seed", [2, 3, 5, 7])
def test_a_board_with_flipped_bytes_is_a_board_or_a_mistake(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "flipped.toml"
    dice = random.Random(seed)  # noqa: S311  no secret
    whole = divider(tmp_path).read_bytes()
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.choice(b'0123456789[]{}=.",\n\t -abc\x00\xff')
        path.write_bytes(data)
        read(path)


def divider(folder: Path) -> Path:
    path = folder / "whole.toml"
    voltages = {"inputs": {"1": "5 V", "3": "0 V"}, "outputs": {"2": "1 V"}}
    path.write_text(
        'name = "t"\n[network]\nnodes = 3\nedges = [[1, 2], [2, 3]]\n[[tasks]]\n'
        + document({"name": "a", "kind": "allostery", "steps": 10, **voltages})
    )
    return path
