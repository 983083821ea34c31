import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import active_children
from pathlib import Path

import pytest

from logicsim.campaign import load, read, run
from logicsim.campaign.expansion import expand
from logicsim.campaign.file import Loaded
from logicsim.campaign.row import Outcome, Row
from logicsim.campaign.workers import Workers
from tests.campaign.campaigns import SMALL, rows, written

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

LONG = SMALL.replace("steps = 12", "steps = 100").replace('["3.75 V", "1 V"]', '"1 V"')


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    run(load(written(folder, LONG)), folder, jobs=2)
    return folder


def victims() -> Sequence[int]:
    return [child.pid for child in active_children() if child.pid is not None]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_dies_is_replaced_and_its_run_repeated(
    whole: Path, tmp_path: Path, jobs: int
) -> None:
    killed: set[int] = set()

    def kill(_done: int, _of: int) -> None:
        if len(killed) < 2 and (living := set(victims()) - killed):
            killed.add(victim := min(living))
            os.kill(victim, signal.SIGKILL)

    run(load(written(tmp_path, LONG)), tmp_path, jobs=jobs, on_progress=kill)
    assert len(killed) == 2
    assert rows(tmp_path) == rows(whole)


def test_a_worker_that_hangs_is_replaced_and_its_run_repeated(whole: Path, tmp_path: Path) -> None:
    hung: list[int] = []

    def hang(_done: int, _of: int) -> None:
        if not hung:
            hung.extend(victims()[:1])
            os.kill(hung[0], signal.SIGSTOP)

    loaded = load(written(tmp_path, LONG))
    impatient = loaded.campaign.model_copy(update={"timeout": 5.0})
    with Workers(impatient, loaded.board, jobs=2) as workers:
        outcomes = _all(workers, _rows(loaded, 12), hang)
    assert hung
    assert hung[0] not in victims()
    assert sorted(outcomes) == list(range(1, 13))
    known = dict(zip(*(read(whole)[name] for name in ("row", "errors")), strict=True))
    assert all(outcomes[number].errors.tolist() == known[number].tolist() for number in outcomes)


def test_a_run_that_kills_its_worker_thrice_has_failed(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    impatient = loaded.campaign.model_copy(update={"timeout": 1e-4})  # nothing is so quick
    with Workers(impatient, loaded.board, jobs=1) as workers:
        outcomes = _all(workers, _rows(loaded, 1))
    assert {each.failure for each in outcomes.values()} == {"took longer than 0.0001 s, 3 times"}


def test_a_run_that_crashes_is_a_row_with_its_error(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))
    first, *others = _rows(loaded, 3)
    wrong = Row(1, "stuck-at-0:edge9.a", "", first.task, 12, 1, 1, "event")
    with Workers(loaded.campaign, loaded.board, jobs=1) as workers:
        outcomes = _all(workers, [wrong, *others])
    assert outcomes[1].failure.startswith("FaultError: ")
    assert "edge9" in outcomes[1].failure
    assert not outcomes[2].failure
    assert len(outcomes[2].errors) == 12


ORPHANS = """
import sys
from pathlib import Path
from multiprocessing import active_children
from logicsim.campaign import load, run
if __name__ == "__main__":
    def tell(done, of):
        print(*(child.pid for child in active_children()), flush=True)
    run(load(sys.argv[1]), Path(sys.argv[2]), jobs=2, on_progress=tell)
"""


def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(ORPHANS)
    long = written(tmp_path, SMALL.replace("steps = 12", "steps = 2000"))
    with subprocess.Popen([sys.executable, script, long, tmp_path / "out"],
                          stdout=subprocess.PIPE, text=True) as parent:  # fmt: skip
        assert parent.stdout is not None
        workers = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()
    assert workers
    for _ in range(200):
        if not any(map(_alive, workers)):
            break
        time.sleep(0.05)
    assert not any(map(_alive, workers))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def _rows(loaded: Loaded, most: int) -> Sequence[Row]:
    expansion = expand(loaded.campaign, loaded.board)
    return [*expansion.golden, *expansion.rounds[0]][:most]


def _all(
    workers: Workers, some: Sequence[Row], on_progress: Callable[[int, int], None] | None = None
) -> dict[int, Outcome]:
    found: dict[int, Outcome] = {}
    for outcomes in workers.map(some):
        for outcome in outcomes:
            assert outcome.number not in found
            found[outcome.number] = outcome
        if on_progress is not None:
            on_progress(len(found), len(some))
    return found
