"""The board for Python users: made in code, checked, changed, saved and read back."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import logicsim
from logicsim import board as files
from logicsim.core.errors import BoardError, LogicsimError, OutputError
from logicsim.faults.listing import as_json
from logicsim.tasks.classification import Classification
from tests.cli.test_commands import inside

TASK = {"name": "t", "kind": "allostery", "inputs": {1: "5 V", 3: 0}, "outputs": {2: 1.25}}
NETWORK = {"nodes": 3, "edges": [(1, 2), (2, 3)]}
HOSTILE = "<script>alert(1)</script> & [bold]{{ 7 * 7 }}"


def made(**keys: Any) -> logicsim.Board:
    return logicsim.Board(**{"name": "made", "network": NETWORK, "tasks": [TASK], **keys})


def saved(board: logicsim.Board, path: Path) -> dict[str, Any]:
    board.save(path)
    return tomllib.loads(path.read_text(encoding="utf-8"))


# Made in code


def test_keys_in_code_are_those_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "made.toml"
    path.write_text("""
        name = "made"
        network = { nodes = 3, edges = [[1, 2], [2, 3]] }
        parts.comparator.noise = "5 mV"
        tasks = [{ name = "t", kind = "allostery", inputs = { 1 = "5 V", 3 = 0 }, outputs = { 2 = 1.25 } }]
    """)  # noqa: E501
    assert made(parts={"comparator": {"noise": 0.005}}) == logicsim.load(path)


def test_arrays_and_other_boards_parts_will_do() -> None:
    edges = np.array([[1, 2], [2, 3]])
    board = made(
        network={"nodes": np.int64(3), "edges": edges, "positions": edges.T[:1].repeat(3, 0)}
    )
    assert board.network.edges == [(1, 2), (2, 3)]
    twin = logicsim.load("twin16")
    again = logicsim.Board(name="again", network=twin.network, tasks=[*twin.tasks[:6], dict(TASK)])
    assert again.tasks[:6] == twin.tasks[:6]
    assert again.tasks[5] is twin.tasks[5]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"netwrk": 1}, "Board: unknown key 'netwrk'; did you mean 'network'?"),
        ({"name": "1"}, "Board: name: '1': string should match pattern"),
        ({"network": {"nodes": 3}}, "Board: network.edges: this key is required"),
        ({"network": {"nodes": 3, "edges": [(1, 2), (2, 9)]}}, "there is no node 9;"),
        ({"parts": {"comparator": {"nois": 0}}}, "parts.comparator: unknown key 'nois'; did"),
        ({"clock": {"rate": "8 V"}}, "clock.rate: '8 V' is not a quantity in Hz"),
        ({"tasks": ({**TASK, "nudge": 2.0},)}, "tasks[1].nudge: 2.0: input should be"),
        ({"tasks": [{**TASK, "inputs": {1: "5 W"}}]}, "tasks[1].inputs.1: '5 W' is not"),
        ({"tasks": [{**TASK, "outputs": {7: 1}}]}, "task 't': outputs: there is no node 7"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line_with_its_key(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(BoardError) as caught:
        made(**keys)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_board_read_is_the_files_board() -> None:
    board = logicsim.load("divider", {"clock.rate": "8 Hz"})
    assert board.model_dump() == files.load("divider", {"clock.rate": "8 Hz"}).model_dump()
    assert isinstance(board, files.Board)
    with pytest.raises(BoardError, match=r"'dividr'.*'divider'"):
        logicsim.load("dividr")


def test_settings_make_another_board() -> None:
    board = logicsim.load("twin16")
    quiet = board.with_settings({"parts.comparator.noise": 0, "clock.rate": "8 Hz"})
    assert quiet == logicsim.load("twin16", {"parts.comparator.noise": 0, "clock.rate": "8 Hz"})
    assert board == logicsim.load("twin16")
    assert quiet.with_settings({}) == quiet
    with pytest.raises(BoardError, match="did you mean 'noise'"):
        board.with_settings({"parts.comparator.noize": 0})
    with pytest.raises(BoardError, match="'name' is not a table"):
        board.with_settings({"name.first": 0})


# Saved


@pytest.mark.parametrize("name", [*files.shipped(), "grid:7x5", "geometric:40,seed=2"])
def test_what_is_saved_reads_back_the_same(name: str, tmp_path: Path) -> None:
    board = logicsim.load(name)
    board.save(tmp_path / "b.toml")
    assert logicsim.load(tmp_path / "b.toml") == board
    first = (tmp_path / "b.toml").read_bytes()
    logicsim.load(tmp_path / "b.toml").save(tmp_path / "b.toml")
    assert (tmp_path / "b.toml").read_bytes() == first


def test_a_solver_is_saved_and_left_out_if_none_is_named(tmp_path: Path) -> None:
    board = logicsim.load("divider", {"engine.solver": "superlu"})
    board.save(tmp_path / "b.toml")
    assert '[engine]\nsolver = "superlu"\n' in (tmp_path / "b.toml").read_text()
    assert logicsim.load(tmp_path / "b.toml") == board
    logicsim.load("divider").save(tmp_path / "b.toml")
    assert "engine" not in (tmp_path / "b.toml").read_text()


BREADBOARD = """
[chips.FASTXOR]
kind = "gate"
inputs = ["a", "b"]
output = "y"
table = "0110"
rise = { value = "2 ns", source = "none", mark = "D" }
fall = { value = "2 ns", source = "none", mark = "D" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a board, a circuit of an edge and of the clock, and a chip, all its own."""
    shipped = Path(files.shipped()["divider"]).parent
    for folder in ("edges", "clocks", "chips"):
        (tmp_path / "mine" / folder).mkdir(parents=True)
    edge = (
        (shipped / "edges" / "coupled.toml").read_text().replace('chip = "xor"', 'chip = "FASTXOR"')
    )
    assert "FASTXOR" in edge
    (tmp_path / "mine" / "edges" / "fast.toml").write_text(edge + BREADBOARD)
    clock = (shipped / "clocks" / "pulse.toml").read_text()
    (tmp_path / "mine" / "clocks" / "own.toml").write_text(clock.replace("out2", "later"))
    chip = (shipped / "chips" / "LM339A.toml").read_text().replace("LM339A", "mine")
    (tmp_path / "mine" / "chips" / "slow.toml").write_text(chip)
    (tmp_path / "mine" / "board.toml").write_text("""
        name = "mine"
        network = { nodes = 3, edges = [[1, 2], [2, 3]] }
        edge.circuit = "edges/fast.toml"
        clock = { circuit = "clocks/own.toml", rate = "1 kHz", capacitance = "100 pF" }
        [parts]
        comparator = { model = "chips/slow.toml", noise = "3 mV" }
        digipot = { model = "SHORT", initial = [3, 60] }
        not = { rise = "11 ns" }
        [chips.SHORT]
        kind = "digipot"
        active = "fall"
        end_to_end = { value = "10 kohm", source = "none", mark = "D" }
        wiper = { value = "40 ohm", source = "none", mark = "D" }
        positions = { value = 64, source = "none", mark = "D" }
        initial = { value = 32, source = "none", mark = "D" }
        temperature_coefficient = { value = 0.0, source = "none", mark = "D" }
        terminal_capacitance = { value = 0, source = "none", mark = "D" }
        wiper_capacitance = { value = 0, source = "none", mark = "D" }
        cs_setup = { value = "20 ns", source = "none", mark = "D" }
        ud_setup = { value = "10 ns", source = "none", mark = "D" }
        ud_hold = { value = "10 ns", source = "none", mark = "D" }
        width = { value = "25 ns", source = "none", mark = "D" }
        clock_to_wiper = { value = "5 ns", source = "none", mark = "D" }
        [[tasks]]
        name = "t"
        kind = "allostery"
        steps = 40
        inputs = { 1 = "5 V", 3 = 0 }
        outputs = { 2 = "1 V" }
    """)
    return tmp_path


def test_a_board_with_files_of_its_own_is_saved_elsewhere_and_runs_the_same(project: Path) -> None:
    board = logicsim.load(project / "mine" / "board.toml")
    assert board.parts.digipot.positions == 64
    assert [part.chip.model for part in board.cells[0].parts if part.label == "xor"] == ["FASTXOR"]
    (project / "other" / "deep").mkdir(parents=True)
    path = project / "other" / "deep" / "copy.toml"
    board.save(path)
    again = logicsim.load(path)
    assert again == board
    assert "../../mine/edges/fast.toml" in path.read_text()
    assert "../../mine/chips/slow.toml" in path.read_text()
    codes = [each.run(seed=4).result.as_json()["codes"] for each in (board, again)]
    assert codes[0] == codes[1]
    assert max(codes[0]["free"]) < 64


def test_what_is_set_on_a_board_keeps_its_files(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = logicsim.load(project / "mine" / "board.toml")
    monkeypatch.chdir(project)
    quiet = board.with_settings({"parts.comparator.noise": 0, "parts.digipot.positions": 100})
    assert quiet.parts.comparator.model == "slow"
    assert quiet.parts.digipot.end_to_end == 10e3
    assert quiet.edge == board.edge
    quiet.save(project / "quiet.toml")
    assert logicsim.load(project / "quiet.toml") == quiet


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("edge.circuit", "mine/edges/fast.toml"),
        ("clock.circuit", "mine/clocks/own.toml"),
        ("clock", {"circuit": "mine/clocks/own.toml"}),
        ("parts.comparator.model", "mine/chips/slow.toml"),
    ],
)
def test_a_file_that_is_set_is_found_from_the_current_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: object
) -> None:
    monkeypatch.chdir(project)
    board = logicsim.load("divider", {key: value})
    assert board == logicsim.load("divider").with_settings({key: value})
    board.save(project / "mine" / "saved.toml")
    assert '= "../' not in (project / "mine" / "saved.toml").read_text()
    monkeypatch.chdir("/")
    assert logicsim.load(project / "mine" / "saved.toml") == board
    with pytest.raises(BoardError, match="No such file"):
        logicsim.load("divider", {key: value})


def test_only_what_is_not_a_default_is_written_as_one_would(tmp_path: Path) -> None:
    board = made(title='"π\\', parts={"comparator": {"noise": 0.005, "chatter": "latch"},
                                     "xor": {"fall": "20 ns"},
                                     "digipot": {"clock_to_wiper": {"min": 1e-9, "typ": "2 ns", "max": 3e-9}}})  # fmt: skip  # noqa: E501
    board.save(tmp_path / "b.toml")
    assert (
        (tmp_path / "b.toml").read_text(encoding="utf-8")
        == """\
name = "made"
title = "\\"π\\\\"

[network]
nodes = 3
edges = [[1, 2], [2, 3]]

[parts.comparator]
noise = "5 mV"

[parts.xor]
fall = "20 ns"

[parts.digipot]
clock_to_wiper = {min = "1 ns", typ = "2 ns", max = "3 ns"}

[[tasks]]
name = "t"
kind = "allostery"
inputs = {1 = "5 V", 3 = "0 V"}
outputs = {2 = "1.25 V"}
"""
    )


def test_a_long_list_is_written_on_lines_of_some_length(tmp_path: Path) -> None:
    logicsim.load("grid:9x9").save(tmp_path / "b.toml")
    lines = (tmp_path / "b.toml").read_text().splitlines()
    assert 20 < len(lines) < 60
    assert max(map(len, lines)) < 110


names = st.text(min_size=1, max_size=80)
volts = st.floats(-1e3, 1e3).filter(lambda v: not v or abs(v) > 1e-15)
seconds = st.floats(1e-9, 1e-6)


@st.composite
def boards(draw: st.DrawFn) -> dict[str, Any]:
    nodes = draw(st.integers(3, 7))
    edges = [(draw(st.integers(1, node - 1)), node) for node in range(2, nodes + 1)]
    tasks = draw(st.lists(st.one_of(allosteries(), regressions()), max_size=3,
                          unique_by=lambda task: task["name"]))  # fmt: skip
    place = st.floats(-1e6, 1e6)
    return {
        "name": "b", "title": draw(st.text(max_size=60)), "tasks": tasks,
        "network": {"nodes": nodes, "edges": edges, "diodes": draw(st.sampled_from([[], [1]])),
                    "positions": draw(st.none() | st.lists(
                        st.tuples(place, place), min_size=nodes, max_size=nodes))},
        "parts": {
            "comparator": {"offset": draw(volts), "noise": abs(draw(volts))},
            "flop": {"setup": draw(seconds | st.just("16 ns")), "hold": dict(
                zip(("min", "typ", "max"), sorted(draw(st.tuples(seconds, seconds, seconds))),
                    strict=True))},
            "digipot": {"initial": draw(st.integers(0, 127) | st.just(list(range(nodes - 1))))},
        },
        "edge": {"latch": draw(st.booleans())},
    }  # fmt: skip


def allosteries() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({
        "name": names, "kind": st.just("allostery"), "nudge": st.floats(1e-9, 1.0),
        "inputs": st.fixed_dictionaries({1: volts, 2: volts}),
        "outputs": st.fixed_dictionaries({3: volts}),
        "cut": st.dictionaries(st.integers(1, 50), st.just([1, 2]), max_size=2),
    })  # fmt: skip


def regressions() -> st.SearchStrategy[dict[str, Any]]:
    variable = st.text("abcxyzäß\"'\\ =.{}\n", min_size=1).map(str.strip).filter(
        lambda text: text and text[0] not in "+-.0123456789"
    )  # fmt: skip
    return st.tuples(names, variable, st.floats(-2, 2), volts).map(lambda drawn: {
        "name": drawn[0], "kind": "regression", "inputs": {1: drawn[1], 2: drawn[3]},
        "outputs": {3: {drawn[1]: drawn[2]}}, "data": {"draws": 30, "low": 0.1 + 0.2},
    })  # fmt: skip


@given(keys=boards())
def test_any_board_reads_back_to_the_last_bit(
    keys: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    board = logicsim.Board(**keys)
    path = tmp_path_factory.mktemp("saved") / "b.toml"
    board.save(path)
    assert logicsim.load(path) == board


def test_a_data_file_is_named_by_its_way_from_the_new_place(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there" / "deep"
    here.mkdir()
    there.mkdir(parents=True)
    (here / "points.csv").write_text("x,y\n1,0.5\n2,1\n3,1.5\n")
    task = {"name": "t", "kind": "regression", "inputs": {1: "x", 3: 0}, "outputs": {2: "y"},
            "data": {"file": str(here / "points.csv")}}  # fmt: skip
    absolute = made(tasks=[task])
    assert saved(absolute, there / "b.toml")["tasks"][0]["data"]["file"] == str(here / "points.csv")
    task["data"] = {"file": "points.csv"}
    (here / "b.toml").write_text(json_toml({"tasks": [task]}))
    relative = logicsim.load(here / "b.toml")
    assert saved(relative, here / "c.toml")["tasks"][0]["data"]["file"] == "points.csv"
    assert logicsim.load(here / "c.toml") == relative
    found = saved(relative, there / "b.toml")["tasks"][0]["data"]["file"]
    assert found == "../../here/points.csv"
    trained = [board.run(steps=3, seed=1).result.codes_free
               for board in (relative, logicsim.load(there / "b.toml"), absolute)]  # fmt: skip
    assert trained[0] == trained[1] == trained[2]


def json_toml(keys: dict[str, Any]) -> str:
    """Keys as TOML, the way of this test and not the package's."""
    (task,) = keys["tasks"]
    return f"""
        name = "made"
        network = {{ nodes = 3, edges = [[1, 2], [2, 3]] }}
        [[tasks]]
        name = "t"
        kind = "regression"
        inputs = {{ 1 = "x", 3 = 0 }}
        outputs = {{ 2 = "y" }}
        data = {{ file = {json.dumps(task["data"]["file"])} }}
    """


def test_a_shipped_data_file_keeps_its_name_unless_another_is_in_the_way(tmp_path: Path) -> None:
    board = logicsim.load("twin16")
    assert saved(board, tmp_path / "b.toml")["tasks"][0]["data"]["file"] == "iris.csv"
    (tmp_path / "iris.csv").write_text("a,species\n1,x\n2,y\n")
    board.save(tmp_path / "b.toml")
    first, ours = logicsim.load(tmp_path / "b.toml").tasks[0], board.tasks[0]
    assert isinstance(first, Classification)
    assert isinstance(ours, Classification)
    assert first.data.sheet.rows == ours.data.sheet.rows


def test_nothing_is_written_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        made().save(tmp_path / "no" / "b.toml")
    assert list(tmp_path.iterdir()) == []


# What else it does is what the command line does


def told(*arguments: str | Path, folder: Path) -> str:
    done = inside(*arguments, folder=folder)
    assert done.status == 0, done.err
    return done.out


def test_lists_and_show_tell_what_the_commands_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told("boards", folder=tmp_path).splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [
        list(b) for b in logicsim.boards().items()
    ]
    for command, listed in (("edges", logicsim.edges()), ("clocks", logicsim.clocks())):
        lines = told(command, folder=tmp_path).splitlines()
        assert [line.split(maxsplit=1) for line in lines] == [list(each) for each in listed.items()]
    lines = told("chips", folder=tmp_path).splitlines()
    assert [line.split(maxsplit=2) for line in lines] == [
        [name, kind, title] for name, (kind, title) in logicsim.chips().items()
    ]
    logicsim.load("twin16").show()
    assert capsys.readouterr().out == told("show", "twin16", folder=tmp_path)


def test_timing_is_the_commands(tmp_path: Path) -> None:
    options = ("--corner", "max", "--rate", "20 Hz", "--yield", "3", "--jitter", "100 us")
    text = told("timing", "divider", *options, "--json", "t.json", folder=tmp_path)
    timing = logicsim.load("divider").timing(
        corner="max", rate="20 Hz", machines=3, jitter="100 us"
    )
    assert str(timing) == text
    assert timing.as_json() == json.loads((tmp_path / "t.json").read_text())
    assert not timing.met
    assert timing.max_rate < 20
    assert repr(timing) == "<Timing of 'divider', corner max: not met>"
    assert "divider, corner max: timing is not met</strong>" in timing._repr_html_()
    assert "Startpoint: " in timing._repr_html_()
    assert len(timing.plot().axes) == 2


@pytest.mark.parametrize(
    ("keys", "error", "message"),
    [
        ({"rate": "fast"}, BoardError, "clock.rate"),
        ({"corner": "best"}, BoardError, "parts.corner"),
        ({"machines": 1, "temperature": (70, 0)}, ValueError, "between -55 and 125"),
        ({"machines": 1, "jitter": "-1 s"}, ValueError, "must not be negative"),
    ],
)
def test_timing_refuses(keys: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        made().timing(**keys)


def test_faults_are_the_commands(tmp_path: Path) -> None:
    board = logicsim.load("divider")
    listed = json.loads(
        told("faults", "list", "divider", "--task", "1 V", "--json", "-", folder=tmp_path)
    )
    assert as_json("divider", board.faults("1 V")) == listed


@pytest.mark.parametrize("to", ["spice", "verilog", "gtkw", "wavedrom"])
def test_an_export_is_the_commands(to: Any, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    told("export", "divider", "--to", to, "-o", path, "--steps", "3", "--set",
         "parts.comparator.noise=0", folder=tmp_path)  # fmt: skip
    board = logicsim.load("divider", {"parts.comparator.noise": 0})
    theirs = path.read_text()
    board.export(to, path, steps=3)
    assert path.read_text() == theirs


def test_an_export_refuses(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="'spise'; did you mean 'spice'"):
        made().export("spise", tmp_path / "x")  # type: ignore[arg-type]
    with pytest.raises(BoardError, match="edge 3: edges are 1 to 2"):
        made().export("wavedrom", tmp_path / "x", edge=3)
    with pytest.raises(BoardError, match="has no tasks"):
        made(tasks=[]).export("spice", tmp_path / "x")
    with pytest.raises(LogicsimError, match="noise"):
        made().export("spice", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


# How it looks


def test_a_board_is_told_in_a_line_and_in_a_table() -> None:
    board = logicsim.load("twin16")
    assert repr(board) == "<Board 'twin16': 9 nodes, 16 edges, 7 tasks, 4 Hz>"
    assert "iv" in str(board)
    assert "inputs 4 8 9; outputs 1 2 3" in str(board)
    assert repr(made()) == "<Board 'made': 3 nodes, 2 edges, 1 task, 4 Hz>"


def test_texts_of_a_board_are_never_markup() -> None:
    board = made(title=HOSTILE, tasks=[{**TASK, "name": HOSTILE}])
    html = board._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; [bold]{{ 7 * 7 }}") == 2
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(board)
    assert capture.get().count(HOSTILE) == 2


def test_a_picture_of_the_network_shows_in_a_notebook() -> None:
    figure: Any = logicsim.load("twin16").draw()
    assert figure._repr_png_().startswith(b"\x89PNG")
