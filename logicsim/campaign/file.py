"""A campaign file: board, tasks, faults, seeds, steps, and the thresholds of harm."""

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
    """Read a single name as a list of one."""
    return [value] if isinstance(value, str) else value


def _counted(value: Any) -> Any:
    """Read a number of seeds as the seeds from 1."""
    counted = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10**6
    return list(range(1, value + 1)) if counted else value


Names = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]
Engine = Literal["event", "vector"]
Seed = Annotated[StrictInt, Field(ge=0, lt=2**63)]
Seeds = Annotated[list[Seed], BeforeValidator(_counted), Field(min_length=1)]


class SampleTable(Table):
    """The `[sample]` table: transient faults, each at a step drawn at random.

    Enough are drawn to know a share of them within `margin` (half the interval's width) with
    `confidence`; drawing stops early if the interval is narrow enough before.
    """

    margin: Ratio = Field(default=0.05, ge=0.001, lt=0.5)
    confidence: Ratio = Field(default=0.95, gt=0.5, lt=1)
    seed: Seed = 0  # seed of the draw


class VerdictTable(Table):
    """The `[verdict]` table: the definition of harm, against the golden runs of the same task.

    Errors are compared by the median of their last `window` steps. A run is harmed if its error is
    `factor` times that of the worst golden run or, in a classification, if it loses `accuracy`
    (0 to 1). A run is broken if it keeps less than the share `kept` of what the golden runs learn
    (in orders of magnitude of the error, or in accuracy above chance).
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
        task: a task or a list of them, each trained from power-up; by default all of the board's.
        steps: the steps of each task; by default the board's.
        seeds: the number of seeds, from 1, or a list.
        faults: "all" for all single faults of the board, or names and globs of them. A name may
            join simultaneous faults by " + ", and may give their time: 'cut:edge1@101-200'.
        onset: the first step of faults without a time of their own.
        engine: 'event', or 'vector', which trains many runs together and leaves faults of timing to
            the event engine.
        timeout: the time after which a run fails; by default a minute and 0.1 s for each step.
        sample: a random sample of transient faults, instead of all permanent ones.
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
        """The time (s) that a run of `steps` steps may take."""
        return self.timeout if self.timeout is not None else 60 + 0.1 * steps


def shipped() -> dict[str, Path]:
    """The campaigns shipped with logicsim: name to file."""
    folder = shipped_boards() / "campaigns"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


class Loaded(NamedTuple):
    """A campaign with its name, its board, and the folder of the board's data."""

    name: str
    campaign: Campaign
    board: Board
    folder: Path


def load(campaign: str | Path) -> Loaded:
    """Read a campaign by shipped name or by path, and its board.

    Raises:
        CampaignError: the campaign or its board is wrong: file, key, value and valid choices.
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
