"""Kernels run whatever happens to the folder in which their machine code is kept."""

import subprocess
import sys
from pathlib import Path

import pytest

_KERNEL = """
from logicsim.core.jit import kernel

@kernel
def twice(x):
    return {factor} * x
"""


def _run(folder: Path, *, prepare: str = "", kept: Path | None = None) -> str:
    """The answer of a kernel in a process of its own, and whether it was compiled there."""
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r})\n{prepare}\nimport made\n"
        "answer = made.twice(21.0)\n"
        "print(answer, 'loaded' if made.twice.stats.cache_hits else 'compiled')"
    )
    environment = {"PATH": "/usr/bin", "HOME": str(kept or folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "made.py").write_text(_KERNEL.format(factor=2))
    return tmp_path


def test_a_kernel_is_compiled_once_for_an_installation(folder: Path) -> None:
    assert _run(folder) == "42.0 compiled"
    assert _run(folder) == "42.0 loaded"


def test_a_changed_kernel_is_compiled_again(folder: Path) -> None:
    _run(folder)
    (folder / "made.py").write_text(_KERNEL.format(factor=3) + "# changed\n")
    assert _run(folder) == "63.0 compiled"


def test_a_kernel_runs_where_nothing_can_be_written(folder: Path) -> None:
    refuse = (
        "from numba.core import caching\n"
        "def refuse(self): raise OSError(30, 'Read-only file system')\n"
        "for each in caching.CacheImpl._locator_classes:\n"
        "    each.ensure_cache_path = refuse"
    )
    assert _run(folder, prepare=refuse) == "42.0 compiled"
    assert _run(folder, prepare=refuse) == "42.0 compiled"


def test_a_kernel_runs_on_a_full_disk(folder: Path) -> None:
    full = (
        "from numba.core import caching\n"
        "def full(self, *_): raise OSError(28, 'No space left on device')\n"
        "caching.IndexDataCacheFile._save_data = full"
    )
    assert _run(folder, prepare=full) == "42.0 compiled"


def test_damaged_machine_code_is_compiled_again(folder: Path) -> None:
    _run(folder)
    kept = list(folder.rglob("*.nbc")) + list(folder.rglob("*.nbi"))
    assert kept
    for file in kept:
        file.write_bytes(b"not machine code")
    assert _run(folder) == "42.0 compiled"
