"""The faults of a campaign: those it selects from the board's list, and others it names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from logicsim.board import Board
from logicsim.campaign.file import Campaign
from logicsim.campaign.row import Listing
from logicsim.core.errors import CampaignError, FaultError, nearest
from logicsim.faults import Fault, Listed, parse_all, universe
from logicsim.faults.fault import TOGETHER
from logicsim.faults.when import When


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen fault, or several simultaneous ones."""

    listing: Listing
    faults: Sequence[Fault]

    def at(self, when: When) -> tuple[Fault, ...]:
        """The faults to inject: permanent ones become active at `when`."""
        return tuple(replace(fault, when=when) if fault.when == When() else fault
                     for fault in self.faults)  # fmt: skip


def choose(campaign: Campaign, board: Board, task: str, steps: int) -> Sequence[Choice]:
    """The faults that the names and globs of `faults` select, each once, in order.

    Raises:
        CampaignError: a name matches no fault of this board, or names faults that contradict each
            other or that begin after the last of `steps`.
    """
    everything = universe(board, board.task(task)[1])
    chosen: dict[str, Choice] = {}
    for pattern in campaign.faults:
        if pattern == "all" or any(sign in pattern for sign in "*?[") or campaign.sample:
            found = [_choice(task, each) for each in _matching(pattern, campaign, everything)]
        else:
            found = [_written_out(pattern, board, task, steps, everything)]
        for choice in found:
            chosen.setdefault(choice.listing.name, choice)
    return list(chosen.values())


def _matching(pattern: str, campaign: Campaign, everything: Sequence[Listed]) -> Sequence[Listed]:
    glob = "*" if pattern == "all" else pattern
    named = [
        each
        for each in everything
        if any(fnmatchcase(name, glob) for name in (_timeless(each.fault), *each.represents))
    ]
    eligible = [each for each in named if each.permanent == (campaign.sample is None)]
    if not eligible:
        names = [_timeless(each.fault) for each in everything]
        reason = f"no fault is called '{pattern}'; {nearest(pattern, names)}"
        if named:
            kind = "permanent; leave out" if campaign.sample else "transient; add"
            reason = f"'{pattern}' names only faults that are {kind} [sample]"
        raise CampaignError(f"faults: {reason}")
    return eligible


def _choice(task: str, listed: Listed) -> Choice:
    fault = replace(listed.fault, when=When())
    listing = Listing(task, fault.name, fault.kind, fault.site, listed.part, listed.represents,
                      listed.undetectable)  # fmt: skip
    return Choice(listing, [fault])


def _written_out(
    text: str, board: Board, task: str, steps: int, everything: Sequence[Listed]
) -> Choice:
    try:
        faults = parse_all(text, board)
    except FaultError as error:
        raise CampaignError(f"faults: {error}") from None
    for fault in faults:
        if fault.when.first > steps:
            raise CampaignError(
                f"faults: '{fault.name}' begins past the end of task '{task}', {steps} steps"
            )
    listed = {name: each for each in everything
              for name in (_timeless(each.fault), *each.represents)}  # fmt: skip
    parts = {each.fault.site: each.part for each in everything}
    reasons = [listed[name].undetectable if name in listed else ""
               for name in map(_timeless, faults)]  # fmt: skip
    listing = Listing(
        task,
        TOGETHER.join(fault.name for fault in faults),
        _each_once(fault.kind for fault in faults),
        _each_once(fault.site for fault in faults),
        _each_once(parts.get(fault.site, "") for fault in faults),
        (),
        reasons[0] if all(reasons) else "",
    )
    return Choice(listing, faults)


def _each_once(words: Iterable[str]) -> str:
    return TOGETHER.join(dict.fromkeys(words))


def _timeless(fault: Fault) -> str:
    return replace(fault, when=When()).name
