"""A campaign file: board, tasks, faults, seeds, steps, and when a run counts as harmed."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from logicsim import board as boards
from logicsim.board import Board
from logicsim.core import toml
from logicsim.core.errors import BoardError, CampaignError, nearest
from logicsim.core.files import shipped_boards
from logicsim.core.table import Ratio, Seconds, Table


def _listed(value: Any) -> Any:
    """A single name where a list may stand."""
    return [value] if isinstance(value, str) else value


def _counted(value: Any) -> Any:
    """A number of seeds instead of the seeds: from 1."""
    counted = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10**6
    return list(range(1, value + 1)) if counted else value


Names = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]
Engine = Literal["event", "vector"]
Seed = Annotated[StrictInt, Field(ge=0, lt=2**63)]
Seeds = Annotated[list[Seed], BeforeValidator(_counted), Field(min_length=1)]


class SampleTable(Table):
    """The `[sample]` table: transient faults, each at a step drawn at random.

    So many are drawn that a share of them is known within `margin` (half the interval's width)
    with `confidence`; fewer if the interval is as narrow before.
    """

    margin: Ratio = Field(default=0.05, ge=0.001, lt=0.5)
    confidence: Ratio = Field(default=0.95, gt=0.5, lt=1)
    seed: Seed = 0  # of the draw


class VerdictTable(Table):
    """The `[verdict]` table: what counts as harm, against the golden runs of the same task.

    Errors are compared by the median of their last `window` steps. `factor`: harm is an error so
    many times that of the worst golden run; where a task classifies, `accuracy` (0 to 1) lost.
    `kept`: a run is broken that keeps less than this share of what the golden runs learn (in
    orders of magnitude of the error, or in accuracy above chance).
    """

    window: StrictInt = Field(default=30, ge=1)
    factor: Ratio = Field(default=10.0, gt=1)
    accuracy: Ratio = Field(default=0.1, gt=0, lt=1)
    kept: Ratio = Field(default=0.2, ge=0, lt=1)


class Campaign(Table):
    """A campaign file.

    Attributes:
        board: a shipped name, or a path from the campaign's folder.
        settings: keys of the board to change, as `--set` does: {"parts.comparator.noise" = 0}.
        task: a task or a list of them, each trained from power-up; all of the board's by default.
        steps: of each task; as the board says by default.
        seeds: how many, from 1, or a list.
        faults: "all" single faults of the board's universe, or names and globs of them. A name may
            be of several faults at once, joined by " + ", and may say when: 'cut:edge1@101-200'.
        onset: the step from which those act that do not say when.
        engine: 'event', or 'vector': many runs at once, but for those whose timing matters, which
            are left to the event engine all the same.
        timeout: after which a run is given up; a minute and a tenth of a second a step by default.
        sample: faults of a moment, at random, instead of permanent ones, all of them.
        verdict: the thresholds.
    """

    board: str
    settings: dict[str, Any] = {}
    task: Names | None = None
    steps: StrictInt | None = Field(default=None, ge=1, le=10**7)
    seeds: Seeds = [1, 2, 3]
    faults: Names = ["all"]
    onset: StrictInt = Field(default=1, ge=1)
    engine: Engine = "event"
    timeout: Seconds | None = Field(default=None, gt=0)
    sample: SampleTable | None = None
    verdict: VerdictTable = VerdictTable()

    @model_validator(mode="after")
    def _sound(self) -> "Campaign":
        for name, values in (("task", self.task or []), ("seeds", self.seeds),
                             ("faults", self.faults)):  # fmt: skip
            for place, value in enumerate(values):
                if value in values[:place]:
                    raise ValueError(f"{name}: '{value}' is given twice")
        if self.sample is not None and self.onset > 1:
            raise ValueError("onset: steps are drawn where there is [sample]; leave it out")
        return self

    def patience(self, steps: int) -> float:
        """How long (s) a run of so many steps may take."""
        return self.timeout if self.timeout is not None else 60 + 0.1 * steps


def shipped() -> dict[str, Path]:
    """The campaigns that come with logicsim: name to file."""
    folder = shipped_boards() / "campaigns"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


class Loaded(NamedTuple):
    """A campaign by its name, and its board with the folder that its data are beside."""

    name: str
    campaign: Campaign
    board: Board
    folder: Path


def load(campaign: str | Path) -> Loaded:
    """Read a campaign by shipped name or by path, and the board that it is about.

    Raises:
        CampaignError: one line with file, key, value and what would be valid; of the board too.
    """
    path = _find(campaign)
    data = toml.parse(path, CampaignError, "a campaign needs a board")
    table = toml.check(data, Campaign, path, CampaignError)
    name = table.board
    if name not in boards.shipped() and (path.parent / name).suffix == ".toml":
        name = str(path.parent / name)
    try:
        board = boards.load(name, table.settings)
        for task in tasks(table, board):
            board.task(task)
    except BoardError as error:
        raise CampaignError(f"{path}: {error}") from None
    return Loaded(path.stem, table, board, boards.find(name).parent.absolute())


def _find(campaign: str | Path) -> Path:
    path, names = Path(campaign), shipped()
    if str(campaign) in names:
        return names[str(campaign)]
    looks_like_a_path = path.suffix == ".toml" or len(path.parts) > 1
    if not looks_like_a_path and not os.path.exists(path):  # noqa: PTH110  never raises
        raise CampaignError(f"there is no campaign '{campaign}'; {nearest(campaign, names)}")
    return path


def tasks(campaign: Campaign, board: Board) -> Sequence[str]:
    """The names of the tasks to train."""
    return campaign.task if campaign.task is not None else [task.name for task in board.tasks]
