from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.cli.test_commands import Done, inside

Call = Callable[..., Done]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return partial(inside, "run", "divider", folder=tmp_path)


def test_the_page_says_how_to_repeat_the_run(call: Call, tmp_path: Path) -> None:
    page = tmp_path / "a page.html"
    done = call("--steps", "3", "--quiet", "--html", page)
    assert done == Done(0, "", "")
    text = page.read_text("utf-8")
    assert "logicsim run divider --steps 3 --quiet --html &#39;" in text
    assert '"name":"edge2.code_clamped"' in text


def test_a_page_that_cannot_be_written_is_known_before_the_run(call: Call, tmp_path: Path) -> None:
    vcd = tmp_path / "wave.vcd"
    done = call("--steps", "3", "--vcd", vcd, "--html", tmp_path / "none" / "page.html")
    assert done.status == 2
    assert "none/page.html: cannot be written" in done.err
    assert len(done.err.splitlines()) == 1
    assert not vcd.exists()


def test_the_page_leaves_the_waveform_file_as_it_is(call: Call, tmp_path: Path) -> None:
    call(
        "--steps", "3", "--quiet", "--vcd", tmp_path / "with.vcd", "--html", tmp_path / "page.html"
    )
    call("--steps", "3", "--quiet", "--vcd", tmp_path / "without.vcd")
    assert (tmp_path / "with.vcd").read_bytes() == (tmp_path / "without.vcd").read_bytes()
