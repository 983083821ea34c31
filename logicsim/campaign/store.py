"""The store of a campaign: one SQLite file, to which rows are added as their runs end.

Transactions are atomic even if the process or the machine dies (SQLite's rollback journal), so
`run` can always continue from the file.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import ValidationError

from logicsim.board import Board
from logicsim.campaign.file import Campaign, Loaded
from logicsim.campaign.row import Floats, Listing, Outcome, Row
from logicsim.core import toml
from logicsim.core.errors import CampaignError, OutputError
from logicsim.core.files import make_folder
from logicsim.tasks.classification import Classification
from logicsim.tasks.regression import Draws, Regression

FILE: Final = "campaign.sqlite"
_LOCK: Final = "campaign.lock"
_FORMAT: Final = "1"

_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE faults (
    task TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, site TEXT NOT NULL,
    part TEXT NOT NULL,
    represents TEXT NOT NULL,    -- a JSON list of names
    undetectable TEXT NOT NULL,  -- why nothing can be seen of it, so that it is not run; or ''
    PRIMARY KEY (task, name)
);
CREATE TABLE runs (
    row INTEGER PRIMARY KEY,
    fault TEXT NOT NULL,         -- what was injected; '' in a golden run
    listed TEXT NOT NULL,        -- its name in faults
    task TEXT NOT NULL, steps INTEGER NOT NULL, onset INTEGER NOT NULL,
    seed INTEGER NOT NULL, engine TEXT NOT NULL,
    errors BLOB NOT NULL,        -- V^2, a value a step, before its update: float64, little-endian
    accuracies BLOB NOT NULL,    -- likewise, empty where nothing is classified
    codes_free TEXT NOT NULL, codes_clamped TEXT NOT NULL,  -- JSON lists, after the last step
    violations TEXT NOT NULL,    -- a JSON table of counts by kind
    opposed INTEGER NOT NULL, events INTEGER NOT NULL,
    failure TEXT NOT NULL        -- why the run came to no end; or ''
);
"""


class Store:
    """A campaign's store, open for writing; made by `opened`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def numbers(self) -> set[int]:
        """The numbers of the rows in the store."""
        with _told(self._path):
            return {number for (number,) in self._connection.execute("SELECT row FROM runs")}

    def add(self, rows: Mapping[int, Row], outcomes: Sequence[Outcome]) -> None:
        """Write rows with their outcomes in one transaction."""
        with _told(self._path), self._connection:
            self._connection.executemany(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_cells(rows[outcome.number], outcome) for outcome in outcomes],
            )

    def finish(self, reason: str) -> None:
        """Record that the campaign is finished, and the reason."""
        with _told(self._path), self._connection:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('finished', ?)", [reason])

    def table(self) -> "Stored":
        """Read the whole store."""
        with _told(self._path):
            return _read(self._connection)


@dataclass(frozen=True, slots=True)
class Stored:
    """The content of a store: `meta`, all faults of the campaign, and its rows in order."""

    meta: Mapping[str, str]
    listings: Sequence[Listing]
    rows: Sequence[tuple[Row, Outcome]]

    @property
    def campaign(self) -> Campaign:
        """The campaign file."""
        return Campaign.model_validate_json(self.meta["campaign_json"])

    @property
    def board(self) -> Board:
        """The board.

        Raises:
            CampaignError: a file with its data has changed.
        """
        keys, folder = self.meta["board_json"], Path(self.meta["board_folder"])
        try:
            board = Board.model_validate_json(keys, context=folder)
        except ValidationError as mistakes:
            reason = toml.first(mistakes, json.loads(keys))
            raise CampaignError(f"board '{self.meta['board']}': {reason}") from None
        if _board_hash(board) != self.meta["board_hash"]:
            raise CampaignError(f"board '{self.meta['board']}': its data have changed")
        return board


@contextmanager
def opened(folder: Path, loaded: Loaded, listings: Sequence[Listing]) -> Iterator[Store]:
    """Open or make the store of a campaign, locked for this process.

    Raises:
        CampaignError: it belongs to another campaign, board or version, or another process runs it.
        OutputError: it cannot be written.
    """
    make_folder(folder)
    path = folder / FILE
    identity = {
        "format": _FORMAT,
        "logicsim": version("logicsim"),
        "board": loaded.board.name,
        "board_hash": _board_hash(loaded.board),
        "campaign": loaded.name,
        "campaign_hash": _hash(loaded.campaign.model_dump_json()),
    }
    with _told(path), _alone(folder), closing(_connect(path, "rwc")) as connection:
        meta = _meta(connection)
        if meta:
            _refuse_another(path, meta, identity)
        else:
            more = {"board_json": loaded.board.model_dump_json(),
                    "board_folder": str(loaded.folder),
                    "campaign_json": loaded.campaign.model_dump_json()}  # fmt: skip
            _make(connection, identity | more, listings)
        yield Store(path, connection)


def stored(folder: Path) -> Stored:
    """Read a store, whose campaign may still be running.

    Raises:
        CampaignError: there is no store, or it is from another version.
    """
    path = folder / FILE
    if not path.is_file():
        raise CampaignError(
            f"{folder}: there is no campaign here, {FILE}; begin one with "
            f"'logicsim faults run CAMPAIGN.toml --out {folder}'"
        )
    with _told(path), closing(_connect(path, "rw")) as connection:
        meta = _meta(connection)
        if not meta:
            raise CampaignError(f"{path}: nothing has been run yet")
        _refuse_another(path, meta, {"format": _FORMAT, "logicsim": version("logicsim")})
        return _read(connection)


def _board_hash(board: Board) -> str:
    """A hash of the board and its data, which does not depend on the formatting of files."""
    sheets = [repr(task.data.sheet.rows) for task in board.tasks
              if isinstance(task, Classification | Regression)
              and not isinstance(task.data, Draws)]  # fmt: skip
    return _hash(board.contents() + "".join(sheets))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn errors of the system or SQLite into an error of one line that names the file."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise OutputError(f"{path}: cannot be used: {error}") from None
        raise CampaignError(f"{path}: not a campaign's store: {error}") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the campaign; the system releases the lock if this process dies."""
    path = folder / _LOCK
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise OutputError(f"{path}: cannot be used: {error}") from None
            raise CampaignError(f"{folder}: another process is running this campaign") from None
        yield


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", timeout=60, uri=True)


def _meta(connection: sqlite3.Connection) -> dict[str, str]:
    """The store's metadata; empty if it is new."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return {}
    return dict(connection.execute("SELECT key, value FROM meta"))


def _refuse_another(path: Path, meta: Mapping[str, str], identity: Mapping[str, str]) -> None:
    names = {"format": "of format", "logicsim": "of logicsim", "board": "of board",
             "campaign": "of campaign"}  # fmt: skip
    for key, wanted in identity.items():
        found = meta.get(key, "?")
        if found == wanted:
            continue
        if key in names:
            raise CampaignError(
                f"{path}: this store is {names[key]} '{found}', not '{wanted}'; take another folder"
            )
        what = key.removesuffix("_hash")
        raise CampaignError(
            f"{path}: {what} '{identity[what]}' was {found} when this store was made, and is "
            f"{wanted} now; take another folder"
        )


def _make(
    connection: sqlite3.Connection, meta: Mapping[str, str], listings: Sequence[Listing]
) -> None:
    """Make all tables in one transaction."""
    with connection:
        connection.execute("BEGIN")
        for statement in _SCHEMA.split(";\n")[:-1]:
            connection.execute(statement)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        connection.executemany("INSERT INTO faults VALUES (?, ?, ?, ?, ?, ?, ?)", [
            (e.task, e.name, e.kind, e.site, e.part, json.dumps(e.represents), e.undetectable)
            for e in listings
        ])  # fmt: skip


def _cells(row: Row, outcome: Outcome) -> tuple[object, ...]:
    return (
        row.number, row.fault, row.listed, row.task, row.steps, row.onset, row.seed,
        row.engine,
        _blob(outcome.errors), _blob(outcome.accuracies),
        json.dumps(outcome.codes_free), json.dumps(outcome.codes_clamped),
        json.dumps(outcome.violations), outcome.opposed, outcome.events, outcome.failure,
    )  # fmt: skip


def _blob(values: Floats) -> bytes:
    return values.astype("<f8").tobytes()


def _read(connection: sqlite3.Connection) -> Stored:
    listings = [
        Listing(task, name, kind, site, part, tuple(json.loads(represents)), undetectable)
        for task, name, kind, site, part, represents, undetectable in connection.execute(
            "SELECT * FROM faults ORDER BY rowid"
        )
    ]
    rows = [
        (Row(*cells[:8]),
         Outcome(cells[0], np.frombuffer(cells[8], "<f8"), np.frombuffer(cells[9], "<f8"),
                 *map(json.loads, cells[10:13]), *cells[13:]))
        for cells in connection.execute("SELECT * FROM runs ORDER BY row")
    ]  # fmt: skip
    return Stored(_meta(connection), listings, rows)
