import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logicsim.campaign import load, run
from logicsim.campaign.cluster import Cluster
from logicsim.core.errors import CampaignError
from tests.campaign.campaigns import rows, written

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Real processes of this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_gives_the_same_rows(address: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    run(load(path), tmp_path / "here", jobs=2)
    told = []
    run(
        load(path), tmp_path / "there", cluster=address, on_progress=lambda *done: told.append(done)
    )
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    assert told[-1][0] == told[-1][1]


def test_a_cluster_of_another_version_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logicsim.campaign.cluster.version", lambda _name: "99.0")
    with pytest.raises(CampaignError, match=r"a worker of the cluster has logicsim 0.* not 99\.0"):
        run(load(written(tmp_path)), tmp_path, cluster=address)


def test_what_is_no_cluster_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = load(written(tmp_path)).board
    monkeypatch.setattr("logicsim.campaign.cluster._PATIENCE", 1)
    with pytest.raises(CampaignError, match=r"cluster 'tcp://127\.0\.0\.1:1' cannot be reached"):
        Cluster(board, "tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CampaignError, match="pip install"):
        Cluster(board, "tcp://127.0.0.1:1")
