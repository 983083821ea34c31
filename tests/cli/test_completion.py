import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import click
import pytest

from logicsim.api.export import Target
from logicsim.board import load, shipped
from logicsim.campaign.file import load as load_campaign
from logicsim.cli import _logicsim
from logicsim.cli.complete import GENERATED, VARIABLE
from logicsim.core.units import quantity
from logicsim.parts.kind import Corner
from logicsim.training.engines import EngineName
from logicsim.waveforms.measure import GLITCH, POSITIONS

Complete = Callable[..., list[str]]
SCRIPT = """
eval "$({python} -m logicsim completion bash)"
logicsim() {{ {python} -m logicsim "$@"; }}
COMP_WORDS=({words}); COMP_CWORD={place}
_logicsim_completion {program}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def complete(tmp_path: Path) -> Complete:
    """What bash offers after the last of some words, of which all but it are typed in full."""
    program = tmp_path / "logicsim"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m logicsim "$@"\n')
    program.chmod(0o755)

    def offered(*words: str) -> list[str]:
        script = SCRIPT.format(
            python=sys.executable, program=program, place=len(words),
            words=" ".join(f"'{word}'" for word in ("logicsim", *words)),
        )  # fmt: skip
        done = subprocess.run(
            [str(shutil.which("bash")), "-c", script], cwd=tmp_path, capture_output=True,
            text=True, check=True, timeout=60,
        )  # fmt: skip
        return [line for line in done.stdout.splitlines() if line]

    return offered


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


@needs_bash
def test_commands_boards_and_choices_are_completed(complete: Complete) -> None:
    assert {"run", "show", "edges", "clocks", "chips", "completion"} <= set(complete(""))
    assert complete("ru") == ["run"]
    assert complete("measure", "w.vcd", "--board", "tw") == ["twin16"]
    assert set(complete("run", "")) == {*shipped(), *GENERATED}
    assert complete("show", "tw") == ["twin16"]
    assert complete("run", "divider", "--engine", "") == list(get_args(EngineName))
    assert complete("run", "divider", "--qui") == ["--quiet"]
    assert set(complete("faults", "")) == {"list", "run", "repeat", "report"}
    assert set(complete("faults", "run", "")) == {"damage", "twin16"}
    assert complete("paper", "fig3d") == ["fig3d"]


@needs_bash
def test_tasks_are_completed_as_they_must_be_typed(complete: Complete, tmp_path: Path) -> None:
    assert complete("run", "twin16", "--task", "v") == ["v", "vi", "vii"]
    assert complete("run", "divider", "--task", "2") == [r"2.25\ V", r"2.25\ V\ again"]
    (tmp_path / "mine.toml").write_text('[[tasks]]\nname = "one"\n[[tasks]]\nname = "$(two)"\n')
    assert complete("run", "mine.toml", "--task", "") == ["one", r"\$\(two\)"]
    assert complete("run", "nowhere.toml", "--task", "") == []
    (tmp_path / "bad.toml").write_text("= [")
    assert complete("run", "bad.toml", "--task", "") == []


@needs_bash
def test_keys_are_completed(complete: Complete) -> None:
    assert complete("run", "divider", "--set", "clock.") == [
        "clock.circuit=", "clock.rate=", "clock.capacitance=",
    ]  # fmt: skip
    assert complete("run", "divider", "--set", "parts.not.mo") == ["parts.not.model="]
    assert "parts.comparator.noise=" in complete("show", "divider", "--set", "parts.comparator.no")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(shell: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "logicsim", "completion", shell], cwd=tmp_path, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert VARIABLE in done.stdout
    assert done.stderr == ""
    if shutil.which(shell):
        syntax = subprocess.run(
            [str(shutil.which(shell)), "-n"], input=done.stdout, text=True, check=False
        )
        assert syntax.returncode == 0


@pytest.mark.parametrize("words", ["logicsim ", "logicsim run ", "logicsim run divider --task "])
def test_completing_loads_nothing_heavy(words: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "logicsim"], cwd=tmp_path, check=True,
        capture_output=True, text=True,
        env={**os.environ, VARIABLE: "bash_complete", "COMP_WORDS": words,
             "COMP_CWORD": str(len(words.split()))},
    )  # fmt: skip
    assert "plain," in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not {"numpy", "scipy", "matplotlib", "simpy", "pydantic"} & loaded


# What is written down so that it can be told without loading what it comes from


def default(command: str, option: str) -> object:
    context = click.Context(_logicsim)
    found = _logicsim.get_command(context, command)
    assert found is not None
    (param,) = [param for param in found.params if param.name == option]
    return list(param.type.choices) if isinstance(param.type, click.Choice) else param.default


def help_of(command: str, option: str) -> str:
    found = _logicsim.get_command(click.Context(_logicsim), command)
    assert found is not None
    (text,) = [param.help for param in found.params
               if isinstance(param, click.Option) and param.name == option]  # fmt: skip
    return str(text)


def test_choices_and_defaults_are_those_of_the_library() -> None:
    assert default("run", "engine") == list(get_args(EngineName))
    assert default("timing", "corner") == list(get_args(Corner))
    assert default("export", "target") == list(get_args(Target))
    assert quantity(default("measure", "glitch"), "s") == GLITCH
    assert f"or {POSITIONS}." in help_of("measure", "positions")


def test_what_is_offered_can_be_had() -> None:
    for name in GENERATED:
        assert load(name).tasks
    for name in ("damage", "twin16"):
        assert load_campaign(name)
