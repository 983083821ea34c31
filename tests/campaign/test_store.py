import re
import subprocess
import sys
from pathlib import Path

import pytest

from logicsim.campaign import load, read, run
from logicsim.campaign.expansion import expand
from logicsim.campaign.file import Loaded
from logicsim.campaign.store import opened
from logicsim.core.errors import CampaignError
from logicsim.core.files import shipped_boards
from tests.campaign.campaigns import SMALL, rows, written


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load(written(tmp_path))


def open_it(folder: Path, loaded: Loaded) -> None:
    with opened(folder, loaded, expand(loaded.campaign, loaded.board).listings):
        pass


def refused(folder: Path, loaded: Loaded, *words: str) -> bool:
    with pytest.raises(CampaignError) as told:
        open_it(folder, loaded)
    assert [word for word in words if word not in str(told.value)] == [], told.value
    return True


def test_a_store_of_another_board_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    open_it(tmp_path, loaded)
    other = written(tmp_path, SMALL.replace("divider", "twin16").replace(
        'task = ["3.75 V", "1 V"]', 'task = "iv"'))  # fmt: skip
    assert refused(tmp_path, load(other), "'divider'", "'twin16'")


def test_a_store_of_the_board_as_it_was_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    open_it(tmp_path, loaded)
    changed = written(tmp_path, SMALL + 'settings = { "parts.comparator.noise" = 0 }')
    assert refused(tmp_path, load(changed), "board 'divider' was", "and is")


def test_a_store_of_another_campaign_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    open_it(tmp_path, loaded)
    assert refused(tmp_path, load(written(tmp_path, name="other")), "'small'", "'other'")
    changed = written(tmp_path, SMALL.replace("steps = 12", "steps = 13"))
    assert refused(tmp_path, load(changed), "campaign 'small' was")


def test_a_store_of_another_version_is_refused(
    tmp_path: Path, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_it(tmp_path, loaded)
    monkeypatch.setattr("logicsim.campaign.store.version", lambda _name: "99.0")
    assert refused(tmp_path, loaded, "logicsim '0.1.0'", "'99.0'")
    with pytest.raises(CampaignError, match=re.escape("'99.0'")):
        read(tmp_path)


def test_data_that_changed_are_another_board(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,y\n1,0.5\n2,1\n3,1.5\n")
    (tmp_path / "own.toml").write_text("""
        name = "own"
        network = { nodes = 3, edges = [[1, 2], [2, 3]] }
        [[tasks]]
        name = "points"
        kind = "regression"
        steps = 5
        inputs = { 1 = "x", 3 = "0 V" }
        outputs = { 2 = "y" }
        data = { file = "points.csv" }
    """)
    path = written(tmp_path, 'board = "own.toml"\nseeds = 1\nfaults = "cut:edge1"')
    run(load(path), tmp_path)
    assert len(read(tmp_path)) == 2
    (tmp_path / "points.csv").write_text("x,y\n1,0.5\n2,1\n3,1.6\n")
    assert refused(tmp_path, load(path), "board 'own' was")
    with pytest.raises(CampaignError, match="its data have changed"):
        read(tmp_path)


@pytest.mark.parametrize("where", ["slot", "circuit"])
def test_a_chip_in_a_file_of_its_own_is_part_of_the_board(tmp_path: Path, where: str) -> None:
    ships = shipped_boards()
    chip = (ships / "chips" / "SN74ALS86.toml").read_text()
    (tmp_path / "mine.toml").write_text(chip)
    edge = (ships / "edges" / "coupled.toml").read_text()
    if where == "circuit":
        edge = edge.replace('chip = "xor"', 'chip = "mine.toml"')
    (tmp_path / "edge.toml").write_text(edge)
    (tmp_path / "own.toml").write_text(f"""
        name = "own"
        network = {{ nodes = 3, edges = [[1, 2], [2, 3]] }}
        edge.circuit = "edge.toml"
        {'parts.xor.model = "mine.toml"' if where == "slot" else ""}
        [[tasks]]
        name = "one"
        kind = "allostery"
        steps = 5
        inputs = {{ 1 = 5, 3 = 0 }}
        outputs = {{ 2 = 3 }}
    """)
    path = written(tmp_path, 'board = "own.toml"\nseeds = 1\nfaults = "cut:edge1"')
    run(load(path), tmp_path)
    assert len(read(tmp_path)) == 2
    (tmp_path / "mine.toml").write_text(re.sub(r'"\d+ ns"\]', '"30 ns"]', chip))
    assert refused(tmp_path, load(path), "board 'own' was")
    (tmp_path / "mine.toml").unlink()
    with pytest.raises(CampaignError, match=r"'own': .*mine\.toml: No such file"):
        read(tmp_path)


def test_two_at_once_are_told(tmp_path: Path, loaded: Loaded) -> None:
    listings = expand(loaded.campaign, loaded.board).listings
    with opened(tmp_path, loaded, listings):
        assert refused(tmp_path, loaded, "another process is running this campaign")
    open_it(tmp_path, loaded)


HOLDER = """
import sys, time
from pathlib import Path
from logicsim.campaign import load
from logicsim.campaign.store import opened
with opened(Path(sys.argv[2]), load(sys.argv[1]), []):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_a_lock_dies_with_its_process(tmp_path: Path, loaded: Loaded) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path / "small.toml", tmp_path],
                          stdout=subprocess.PIPE, text=True) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        assert refused(tmp_path, loaded, "another process")
        holder.kill()
    open_it(tmp_path, loaded)


def test_a_store_is_read_while_its_campaign_runs(tmp_path: Path, loaded: Loaded) -> None:
    seen = []
    run(loaded, tmp_path, on_progress=lambda done, _of: seen.append((done, len(read(tmp_path)))))
    assert all(done == there for done, there in seen)


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 50, b""])
def test_what_is_no_store_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "campaign.sqlite").write_bytes(content)
    with pytest.raises(CampaignError, match=r"campaign\.sqlite: (not a|nothing)"):
        read(tmp_path)


def test_where_there_is_none_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="there is no campaign here"):
        read(tmp_path / "nowhere")


# Files limited to so many bytes: what a full disk looks like to a program.
SMALL_DISK = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
del sys.argv[1]
runpy.run_module("logicsim", run_name="__main__", alter_sys=True)
"""


LONG = SMALL.replace("steps = 12", "steps = 100")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The longer campaign, run on a disk that has room."""
    folder = tmp_path_factory.mktemp("whole")
    run(load(written(folder, LONG)), folder)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("size", [100, 40_000])
def test_a_full_disk_stops_a_campaign_and_loses_no_row(
    whole: Path, tmp_path: Path, size: int
) -> None:
    path = written(tmp_path, LONG)
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(size), "faults", "run", path, "--out", out],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("logicsim: ")
    assert ": cannot be used: " in done.stderr
    assert len(done.stderr.splitlines()) == 1
    some = rows(out)
    assert bool(some) == (size > 1000)
    run(load(path), out)
    assert rows(out) == rows(whole)
    assert set(some) < set(rows(out))
