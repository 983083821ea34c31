import subprocess
import sys
from pathlib import Path


def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logicsim", "run", "divider", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_page_says_how_to_repeat_the_run(tmp_path: Path) -> None:
    page = tmp_path / "a page.html"
    done = call("--steps", "3", "--quiet", "--html", page)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = page.read_text("utf-8")
    assert "logicsim run divider --steps 3 --quiet --html &#39;" in text
    assert '"name":"edge2.code_clamped"' in text


def test_a_page_that_cannot_be_written_is_known_before_the_run(tmp_path: Path) -> None:
    vcd = tmp_path / "wave.vcd"
    done = call("--steps", "3", "--vcd", vcd, "--html", tmp_path / "none" / "page.html")
    assert done.returncode == 2
    assert "none/page.html: cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not vcd.exists()


def test_the_page_leaves_the_waveform_file_as_it_is(tmp_path: Path) -> None:
    call(
        "--steps", "3", "--quiet", "--vcd", tmp_path / "with.vcd", "--html", tmp_path / "page.html"
    )
    call("--steps", "3", "--quiet", "--vcd", tmp_path / "without.vcd")
    assert (tmp_path / "with.vcd").read_bytes() == (tmp_path / "without.vcd").read_bytes()
