"""logicsim on a terminal of a given size, as its user sees it."""

import os
import struct
import subprocess
import sys
from pathlib import Path


def on_a_terminal(
    *arguments: str, folder: Path, columns: int = 80, **environment: str
) -> tuple[int, str]:
    """Exit status and all that was sent to a terminal, control codes included."""
    import fcntl  # noqa: PLC0415  POSIX has it
    import pty  # noqa: PLC0415  likewise
    import termios  # noqa: PLC0415  likewise

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    ignored = {"NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR"}
    kept = {name: value for name, value in os.environ.items() if name not in ignored}
    process = subprocess.Popen(
        [sys.executable, "-m", "logicsim", *arguments], cwd=folder, stdin=theirs, stdout=theirs,
        stderr=theirs, env={**kept, "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # Linux's word for: nobody writes any more
            break
        if not more:
            break
        seen += more
    os.close(ours)
    return process.wait(timeout=120), seen.decode()
