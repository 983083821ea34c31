"""Reading a waveform of either format, told apart by content."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from logicsim.core.errors import TraceError
from logicsim.waveforms import fst
from logicsim.waveforms.trace import Trace
from logicsim.waveforms.vcd import read_vcd

# An FST file begins with a header block, of known length, or is gzipped as a whole.
_FST: Final = (b"\0" + (329).to_bytes(8, "big"), b"\xfe")


def read_trace(path: Path) -> Trace:
    """Read a VCD or FST waveform of ours: timescale 1 ps, any top scope.

    Reals have the sixteen digits of VCD in both, so the same run reads the same.

    Raises:
        TraceError: the file cannot be read or is neither; one that a crash cut off is read as
            far as it goes.
    """
    try:
        with path.open("rb") as file:
            is_fst = file.read(9).startswith(_FST)
    except OSError as error:
        raise TraceError(f"{path}: {error.strerror or error}") from None
    return _read_fst(path) if is_fst else read_vcd(path)


def _read_fst(path: Path) -> Trace:
    if find_spec("pylibfst") is None:
        raise TraceError(f"{path}: {fst.MISSING}")
    with TemporaryDirectory(prefix="logicsim") as folder:
        text = Path(folder) / "trace.vcd"
        with text.open("wb") as file:
            # In a process of its own: GTKWave's library exits or crashes on damaged files.
            done = subprocess.run(  # noqa: S603  our interpreter and our module
                [sys.executable, "-P", "-m", fst.__name__, path.resolve()],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL, check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )  # fmt: skip
        if done.returncode != 0:
            raise TraceError(f"{path}: a damaged FST file")
        try:
            return read_vcd(text)
        except TraceError as error:
            reason = str(error).removeprefix(f"{text}: ")
            raise TraceError(f"{path}: {reason}") from None
