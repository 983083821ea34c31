from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from logicsim.board import load, shipped
from logicsim.core.errors import OutputError
from logicsim.figures.diagram import positions
from logicsim.figures.picture import board_figure, draw_board, draw_history
from logicsim.training.run import plan, run

PNG = b"\x89PNG\r\n\x1a\n"


def is_a_picture(path: Path) -> bool:
    """A real PNG of sensible size with ink of several colours on it."""
    assert path.read_bytes()[:8] == PNG
    pixels = imread(path)[..., :3]
    height, width, _ = pixels.shape
    shades = np.round(pixels * 15).astype(int)  # a hexadecimal digit each: sorted fast as one
    colours = np.unique(shades @ [256, 16, 1])
    ink = (pixels.min(axis=2) < 0.9).mean()
    return height > 300 and width > 300 and len(colours) > 8 and 0.002 < ink < 0.6


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_history_of_every_shipped_board_is_drawn(name: str, tmp_path: Path) -> None:
    board = load(name)
    run(board, plan(board, steps=3), seed=73, out=tmp_path)
    assert is_a_picture(tmp_path / "history.png")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_network_of_every_shipped_board_is_drawn(name: str, tmp_path: Path) -> None:
    draw_board(load(name), tmp_path / "network.png")
    assert is_a_picture(tmp_path / "network.png")
    assert [path.name for path in tmp_path.iterdir()] == ["network.png"]


def test_a_network_without_positions_is_drawn_on_a_circle(tmp_path: Path) -> None:
    draw_board(load("twin16", {"network.positions": [[0, 0]] * 9}), tmp_path / "point.png")
    board = load("twin16")
    network = board.network.model_copy(update={"positions": None})
    draw_board(board.model_copy(update={"network": network}), tmp_path / "circle.png")
    assert is_a_picture(tmp_path / "circle.png")
    assert (tmp_path / "circle.png").read_bytes() != (tmp_path / "point.png").read_bytes()


def test_resistances_that_differ_are_coloured_and_those_that_do_not_are_not(tmp_path: Path) -> None:
    def colourful(codes: object) -> bool:
        draw_board(load("divider", {"parts.digipot.initial": codes}), tmp_path / "network.png")
        pixels = imread(tmp_path / "network.png")[..., :3]
        yellow = (pixels[..., 0] > 0.9) & (pixels[..., 1] > 0.8) & (pixels[..., 2] < 0.4)
        return bool(yellow.sum() > 100)

    assert colourful([10, 100])
    assert not colourful([64, 64])


def test_a_network_too_large_for_numbers_is_drawn_without(tmp_path: Path) -> None:
    draw_board(load("grid:30x30"), tmp_path / "network.png")
    assert is_a_picture(tmp_path / "network.png")


def test_a_voltage_is_written_over_no_node() -> None:
    board = load("grid:6x6")
    figure = board_figure(board)
    figure.draw_without_rendering()
    network = figure.axes[0]
    nodes = network.transData.transform(positions(board.network))
    volts = [text for text in network.texts if text.get_text().endswith(" V")]
    boxes = [text.get_window_extent().padded(6 * figure.dpi / 72) for text in volts]
    assert len(boxes) == 4
    assert not any(box.contains(*node) for box in boxes for node in nodes)


@pytest.mark.parametrize("name", ["divider", "twin16"])
def test_no_text_of_a_board_covers_another(name: str) -> None:
    figure = board_figure(load(name))
    figure.draw_without_rendering()
    texts = [text for axes in figure.axes for text in (axes.title, *axes.texts) if text.get_text()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    covered = [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]
    assert covered == []


def test_a_network_is_drawn_without_tasks(tmp_path: Path) -> None:
    draw_board(load("twin16", {"tasks": []}), tmp_path / "network.png")
    assert (tmp_path / "network.png").read_bytes()[:8] == PNG


def test_a_run_of_one_step_is_drawn(tmp_path: Path) -> None:
    board = load("divider")
    run(board, plan(board, ["1 V"], 1), out=tmp_path)
    assert is_a_picture(tmp_path / "history.png")


def test_a_run_without_any_error_is_drawn(tmp_path: Path) -> None:
    task = {"name": "zero", "kind": "allostery", "inputs": {"1": 0, "3": 0}, "outputs": {"2": 0}}
    board = load("divider", {"tasks": [task]})
    run(board, plan(board, steps=2), out=tmp_path)
    assert (tmp_path / "history.png").read_bytes()[:8] == PNG


@pytest.mark.parametrize("where", ["title", "task"])
@pytest.mark.parametrize(
    "text", ["$\\nope$", "from $5 to $6_", "%s {} \\", "学習", "a\nb", "x" * 80]
)
def test_any_title_and_task_name_is_drawn_as_it_is(tmp_path: Path, where: str, text: str) -> None:
    settings: dict[str, Any] = {"title": text}
    if where == "task":
        voltages = {"inputs": {"1": 5, "3": 0}, "outputs": {"2": 1}}
        settings = {"tasks": [{"name": text, "kind": "allostery", **voltages}]}
    board = load("divider", settings)
    run(board, plan(board, steps=2), out=tmp_path)
    draw_board(board, tmp_path / "network.png")
    assert (tmp_path / "history.png").read_bytes()[:8] == PNG
    assert (tmp_path / "network.png").read_bytes()[:8] == PNG


def test_a_picture_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "network.png"
    path.write_bytes(b"old")

    def fail(_self: Figure, target: Path, **_: object) -> None:
        Path(target).write_bytes(PNG)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(OutputError) as caught:
        draw_board(load("edge"), path)
    assert str(caught.value).startswith(f"{path}: ")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize("name", ["no/n.png", "folder"])
def test_a_picture_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError) as caught:
        draw_board(load("edge"), tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_the_same_history_gives_the_same_picture(tmp_path: Path) -> None:
    board = load("divider")
    chosen = plan(board, steps=2)
    run(board, chosen, seed=79, out=tmp_path)
    first = (tmp_path / "history.png").read_bytes()
    tasks = [task for _, task, _ in chosen]
    draw_history(board, tasks, tmp_path / "history.csv", tmp_path / "again.png")
    assert (tmp_path / "again.png").read_bytes() == first
