import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from logicsim.board import load as load_board
from logicsim.campaign import load, read, repeat, run
from logicsim.core.errors import CampaignError
from logicsim.event.simulation import Simulation
from logicsim.training.run import plan
from tests.campaign.campaigns import SMALL, count, rows, written


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small campaign, run by one worker without being disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    run(load(written(folder)), folder, jobs=1)
    return folder


def copied(whole: Path, folder: Path) -> Path:
    """A campaign of one's own, already run: its file."""
    shutil.copy(whole / "campaign.sqlite", folder)
    return written(folder)


def test_golden_runs_come_first_and_are_those_of_the_sound_board(whole: Path) -> None:
    runs = read(whole)
    assert list(runs["fault"][:4]) == [""] * 4
    assert "" not in runs["fault"][4:]
    board = load_board("divider")
    for task, seed, errors in list(zip(runs["task"], runs["seed"], runs["errors"], strict=True))[
        :4
    ]:
        blocks = Simulation(board, seed).train(plan(board, [task], 12))
        assert errors.tolist() == np.concatenate([steps.error for steps in blocks]).tolist()


def test_every_fault_runs_once_for_every_task_and_seed(whole: Path) -> None:
    runs = read(whole)
    ran = list(zip(runs["fault"], runs["task"], runs["seed"], strict=True))
    assert len(set(ran)) == len(ran)
    assert len(ran) == 2 * 2 * len(set(runs["fault"]))
    assert list(runs["row"]) == list(range(1, len(runs) + 1))


def test_rows_are_the_same_whoever_runs_them(whole: Path, tmp_path: Path) -> None:
    run(load(written(tmp_path)), tmp_path, jobs=3)
    assert rows(tmp_path) == rows(whole)


def test_what_is_done_is_not_done_again(whole: Path, tmp_path: Path) -> None:
    path = copied(whole, tmp_path)
    connection = sqlite3.connect(tmp_path / "campaign.sqlite")
    with connection:  # a mark that only a row left alone keeps
        connection.execute("UPDATE runs SET events = -1 WHERE row = 3")
        connection.execute("DELETE FROM runs WHERE row IN (2, 7, 8)")
    connection.close()
    told = []
    run(load(path), tmp_path, on_progress=lambda done, of: told.append((done, of)))
    total = len(rows(whole))
    assert told[-1] == (total, total)
    assert told[0][0] > total - 3
    kept = rows(tmp_path)
    assert [row for row in kept if row[0] != 3] == [row for row in rows(whole) if row[0] != 3]
    assert kept[2][-2] == -1


def test_a_row_repeats_by_itself(whole: Path, tmp_path: Path) -> None:
    for number in (1, 6):
        assert repeat(whole, number).same
    wave = tmp_path / "wave.vcd"
    assert repeat(whole, 6, wave).same
    assert wave.stat().st_size > 1000
    with pytest.raises(CampaignError, match=r"there is no row 900"):
        repeat(whole, 900)


def test_a_row_that_does_not_repeat_is_told(whole: Path, tmp_path: Path) -> None:
    copied(whole, tmp_path)
    connection = sqlite3.connect(tmp_path / "campaign.sqlite")
    with connection:
        connection.execute("UPDATE runs SET opposed = opposed + 1 WHERE row = 5")
    connection.close()
    assert not repeat(tmp_path, 5).same
    assert repeat(tmp_path, 6).same


class _Interrupted(Exception):  # noqa: N818  not a mistake
    pass


def test_an_interrupt_leaves_whole_rows(whole: Path, tmp_path: Path) -> None:
    path = written(tmp_path)

    def interrupt(done: int, _of: int) -> None:
        if done > 5:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        run(load(path), tmp_path, jobs=2, on_progress=interrupt)
    some = rows(tmp_path)
    assert 5 < len(some) < len(rows(whole))
    assert set(some) < set(rows(whole))
    run(load(path), tmp_path, jobs=2)
    assert rows(tmp_path) == rows(whole)


RUN = [sys.executable, "-m", "logicsim", "faults", "run"]


def killed(path: Path, folder: Path, jobs: int, more: int, delay: float) -> bool:
    """Run a campaign, and kill it a moment (s) after so many more rows; whether it came to that."""
    command = [*RUN, str(path), "--out", str(folder), "--jobs", str(jobs), "--quiet"]
    enough = count(folder) + more
    parent = subprocess.Popen(command)
    while parent.poll() is None and count(folder) < enough:
        time.sleep(0.01)
    time.sleep(delay)
    came_to_it = parent.poll() is None
    parent.kill()
    assert parent.wait() == (-signal.SIGKILL if came_to_it else 0)
    return came_to_it


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_campaign_that_is_killed_goes_on(whole: Path, tmp_path: Path, jobs: int) -> None:
    path = written(tmp_path)
    assert all(killed(path, tmp_path, jobs, more, 0.0) for more in (0, 1, 3))
    assert 4 <= len(rows(tmp_path)) < len(rows(whole))
    run(load(path), tmp_path, jobs=jobs)
    assert rows(tmp_path) == rows(whole)


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "times"), [(1, 4), (2, 4), (4, 4)])
def test_a_campaign_that_is_killed_again_and_again_goes_on(
    tmp_path: Path, jobs: int, times: int
) -> None:
    """Moments from before the store is there to the end of the run, and anew after an end."""
    path = written(tmp_path, SMALL.replace("seeds = 2", "seeds = 6"))
    run(load(path), tmp_path / "whole", jobs=2)
    expected, chance = rows(tmp_path / "whole"), np.random.default_rng(50 + jobs)
    kills = anew = 0
    while kills < times:
        folder = tmp_path / str(anew)
        # Some moments are before there is a store, some after the last row.
        more, delay = int(chance.integers(0, len(expected) // 3)), chance.uniform(0.0, 0.05)
        kills += killed(path, folder, jobs, more, delay)
        found = rows(folder)
        assert set(found) <= set(expected)
        anew += len(found) == len(expected)
    run(load(path), tmp_path / str(anew), jobs=jobs)
    assert rows(tmp_path / str(anew)) == expected
