"""Every command has a help text with examples, and the examples work."""

import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from logicsim.cli import _logicsim
from tests.cli.terminal import on_a_terminal
from tests.cli.test_commands import Done, here, inside  # noqa: F401  a fixture

Here = Callable[..., Done]
EXAMPLE = re.compile(r"logicsim [^#\n]*")
QUICK = {"boards", "edges", "clocks", "chips", "show", "timing", "export", "guide", "completion"}


def every(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(command)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from every(found, f"{name} {inner}".strip())
    if name:
        yield name, command


COMMANDS = dict(every(_logicsim))


def examples(command: click.Command) -> list[str]:
    text = command.help or ""
    lines = [line.strip() for block in text.split("\b\n")[1:] for line in block.splitlines()]
    found = [EXAMPLE.search(line) for line in lines if line.startswith(("logicsim", "eval"))]
    return [match[0].strip(' )"').partition(" >")[0] for match in found if match]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_that_can_be_typed(name: str) -> None:
    shown = examples(COMMANDS[name])
    assert shown
    assert any(line.startswith(f"logicsim {name}") for line in shown)
    for line in shown:
        command: click.Command = _logicsim
        words = shlex.split(line)[1:]
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        command.make_context(line, words)  # raises where a word is wrong


@pytest.mark.parametrize(
    "line",
    [line for name in sorted(QUICK) for line in examples(COMMANDS[name]) if "--yield" not in line],
)
def test_an_example_works(here: Here, line: str) -> None:  # noqa: F811
    done = here(*shlex.split(line)[1:])
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize("width", ["40", "200"])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_no_summary_is_cut(
    here: Here, monkeypatch: pytest.MonkeyPatch, name: str, width: str  # noqa: F811
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", width)
    done = here(*name.split(), "--help")
    assert done.status == 0
    assert re.search(r"[^\]]\.\.\.$", done.out, re.MULTILINE) is None
    assert not done.err


def test_a_group_alone_shows_its_help(here: Here) -> None:  # noqa: F811
    assert here("faults").out == here("faults", "--help").out


def test_the_exit_statuses_are_told(here: Here) -> None:  # noqa: F811
    told = " ".join(here("--help").out.split())
    assert re.search(r"Exit status: 0, .* 1, diff .* 2, a mistake.* 130, interrupted", told)


def test_a_missing_argument_says_where_to_look(here: Here) -> None:  # noqa: F811
    done = here("run")
    assert done.status == 2
    assert "'logicsim run --help'" in done.err


@pytest.mark.parametrize("name", ["boards", "edges", "chips", "show twin16", "timing divider",
                                  "faults list divider", "run edge --steps 2",
                                  "paper --help"])  # fmt: skip
def test_a_terminal_without_unicode_is_no_obstacle(tmp_path: Path, name: str) -> None:
    done = inside(*name.split(), folder=tmp_path, encoding="ascii")
    assert (done.status, done.err) == (0, "")
    assert done.out.isascii()


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
@pytest.mark.parametrize(
    "name",
    [
        "boards",
        "clocks",
        "chips",
        "show twin16",
        "timing divider",
        "faults list divider",
        "measure w.vcd",
    ],
)
def test_a_narrow_terminal_gets_every_word(tmp_path: Path, name: str) -> None:
    if name.startswith("measure"):
        assert inside("run", "edge", "--vcd", "w.vcd", folder=tmp_path).status == 0
    wide = inside(*name.split(), folder=tmp_path)
    status, seen = on_a_terminal(*name.split(), folder=tmp_path, columns=40)
    assert (status, wide.status) == (0, 0)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert "…" not in plain
    words = re.sub(r"[:,]", " ", plain).split()
    assert set(re.sub(r"[:,]", " ", wide.out).split()) <= set(words)
