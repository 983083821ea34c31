"""The guide is correct: every block of commands is run, and its output compared."""

import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

from logicsim.cli.guide import PAGES, page
from tests.cli.terminal import on_a_terminal

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    code: str
    expected: str | None


def blocks(name: str) -> list[Block]:
    found = BLOCK.findall(page(name))
    return [
        Block(language, code, following[1] if following[0] == "text" else None)
        for (language, code), following in zip(found, [*found[1:], ("", "")], strict=True)
        if language != "text"
    ]


def test_only_two_pages_have_commands() -> None:
    assert [name for name in PAGES if BLOCK.search(page(name))] == ["first-hour", "extending"]


def test_no_command_is_wrapped_on_a_terminal_of_80_columns() -> None:
    # Nor could it be copied then; a page has a column of its own on each side.
    commands = [block.code for block in blocks("first-hour") if block.language == "sh"]
    assert max(len(line) for code in commands for line in code.splitlines()) <= 78


def told(block: Block, folder: Path) -> str:
    """What a block prints, run in a folder in which `logicsim` is ours."""
    programs = folder.parent / "bin"
    programs.mkdir(exist_ok=True)
    for name, call in (("logicsim", "-m logicsim"), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {call} "$@"\n')
        program.chmod(0o755)
    command = [str(shutil.which("bash")), "-c", block.code]
    if block.language == "python":
        command = [sys.executable, "-W", "error", "-c", block.code]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", timeout=300, check=False,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def agrees(expected: str, output: str) -> bool:
    """Line by line, with spaces at the ends and what `...` stands for left aside."""
    one, other = ([line.rstrip() for line in text.splitlines()] for text in (expected, output))
    return len(one) == len(other) and all(
        re.fullmatch(".*".join(map(re.escape, want.split("..."))), got)
        for want, got in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("name", ["first-hour", "extending"])
def test_what_the_guide_shows_is_what_happens(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for block in blocks(name):
        output = told(block, folder)
        if block.expected is not None:
            assert agrees(block.expected, output), f"{block.code}\n{output}"


def test_an_addition_touches_as_many_files_as_the_page_says() -> None:
    section = re.compile(r"^## (.*)$", re.MULTILINE)
    parts = section.split(page("extending"))[1:]
    written = {
        title: re.findall(r"^cat > (\S+)", text, re.MULTILINE)
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }
    for title in ("A chip", "An edge circuit", "A clock"):
        assert [Path(name).suffix for name in written[title]] == [".toml"]
    # The kind, what registers it, and a circuit to try it in.
    assert [Path(name).name for name in written["A kind of chip"]] == [
        "enabled_flop.py", "entry_points.txt", "enabled.toml",
    ]  # fmt: skip


def test_the_comparison_can_fail() -> None:
    assert agrees("a ... c\n", "a b c  \n")
    assert not agrees("a ... c\n", "a b d\n")
    assert not agrees("a\n", "a\nb\n")
    assert not agrees("a\n", "")


def test_every_page_is_listed_and_shown_on_a_terminal(tmp_path: Path) -> None:
    folder = Path(str(files("logicsim"))) / "guide"
    assert {path.stem for path in folder.glob("*.md")} == set(PAGES)
    status, listed = on_a_terminal("guide", folder=tmp_path)
    assert status == 0
    for name in PAGES:
        assert f"logicsim guide {name}" in listed
        status, seen = on_a_terminal("guide", name, folder=tmp_path, columns=60)
        assert status == 0
        assert "```" not in seen


def test_a_pipe_gets_the_page_as_it_is_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "logicsim", "guide", "glossary"], cwd=tmp_path, check=True,
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout == page("glossary")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_only_what_is_there(name: str) -> None:
    root = Path(str(files("logicsim"))).parent
    for path in re.findall(r"`((?:logicsim|boards)/[\w./-]+)`", page(name)):
        assert (root / path).exists(), path
    for other in re.findall(r"logicsim guide ([a-z-]+)", page(name)):
        assert other in PAGES
