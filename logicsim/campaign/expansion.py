"""The expansion of a campaign: its faults, and its numbered runs in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple

from logicsim.board import Board
from logicsim.campaign.choice import Choice, choose
from logicsim.campaign.file import Campaign, Engine, SampleTable, tasks
from logicsim.campaign.row import Listing, Row
from logicsim.campaign.sample import draw, moments, sample_size
from logicsim.core.errors import CampaignError
from logicsim.faults import Fault
from logicsim.faults.fault import TOGETHER
from logicsim.faults.when import When

_FIRST: Final = 64  # faults to draw before the first test of whether they are enough


@dataclass(frozen=True, slots=True)
class Expansion:
    """Golden runs, then faulty runs in rounds; a sample may be large enough after each round."""

    listings: Sequence[Listing]
    golden: Sequence[Row]
    rounds: Sequence[Sequence[Row]]

    def __len__(self) -> int:
        return len(self.golden) + sum(len(rows) for rows in self.rounds)


class _Run(NamedTuple):
    faults: tuple[Fault, ...]
    listed: str
    task: str
    seed: int

    def row(self, number: int, steps: int, engine: Engine) -> Row:
        text = TOGETHER.join(fault.name for fault in self.faults)
        onset = min((fault.when.first for fault in self.faults), default=1)
        return Row(number, text, self.listed, self.task, steps, onset, self.seed, engine)


def expand(campaign: Campaign, board: Board) -> Expansion:
    """Expand a campaign; undetectable faults are not run.

    Raises:
        CampaignError: as `choice.choose`, or the onset is after the last step, or a task defines
            no error.
    """
    steps = {name: campaign.steps or board.task(name)[1].steps for name in tasks(campaign, board)}
    _check(campaign, board, steps)
    golden = [_Run((), "", task, seed) for task in steps for seed in campaign.seeds]
    chosen = {task: choose(campaign, board, task, steps[task]) for task in steps}
    choices = [choice for each in chosen.values() for choice in each]
    seen = [choice for choice in choices if not choice.listing.undetectable]
    if campaign.sample is not None:
        rounds = list(_sampled(seen, campaign.sample, campaign.seeds, steps))
    else:
        when = When(campaign.onset)
        rounds = [[_Run(choice.at(when), choice.listing.name, choice.listing.task, seed)
                   for choice in seen for seed in campaign.seeds]]  # fmt: skip
    numbers = count(1)
    golden_rows, *round_rows = [
        [run.row(next(numbers), steps[run.task], campaign.engine) for run in runs]
        for runs in (golden, *rounds)
    ]
    return Expansion([choice.listing for choice in choices], golden_rows, round_rows)


def _check(campaign: Campaign, board: Board, steps: Mapping[str, int]) -> None:
    if not steps:
        raise CampaignError(f"board: '{board.name}' has no tasks; add a [[tasks]] table")
    for task, last in steps.items():
        if board.task(task)[1].kind == "bench":
            raise CampaignError(f"task: '{task}' is a bench, which learns nothing; leave it out")
        if campaign.onset > last:
            raise CampaignError(
                f"onset: step {campaign.onset} is past the end of task '{task}', {last} steps"
            )


def _sampled(
    choices: Sequence[Choice], table: SampleTable, seeds: Sequence[int], steps: Mapping[str, int]
) -> Iterator[Sequence[_Run]]:
    """Faults at random moments, with the seeds in turn; each round doubles the runs of a task."""
    drawn: list[list[_Run]] = []
    for task, last in steps.items():
        faults = [choice for choice in choices if choice.listing.task == task]
        size = sample_size(len(faults) * last, table.margin, table.confidence)
        places = draw(len(faults) * last, size, table.seed)
        runs = []
        for order, (place, moment) in enumerate(
            zip(places, moments(size, table.seed), strict=True)
        ):
            choice, step = faults[place // last], place % last + 1
            struck = choice.at(When(step, moment, step))
            runs.append(_Run(struck, choice.listing.name, task, seeds[order % len(seeds)]))
        drawn.append(runs)
    start, end = 0, _FIRST
    while any(start < len(runs) for runs in drawn):
        yield [run for runs in drawn for run in runs[start:end]]
        start, end = end, 2 * end
