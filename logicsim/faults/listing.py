"""The list of a board's faults for people, and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from logicsim.faults.table import KINDS
from logicsim.faults.universe import Listed


def as_lines(listed: Sequence[Listed]) -> Iterator[str]:
    """Two lines for each kind: the number of faults, of undetectable ones, and an example."""
    faults, hidden = Counter[str](), Counter[str]()
    for each in listed:
        faults[each.fault.kind] += 1
        hidden[each.fault.kind] += bool(each.undetectable)
    examples = {each.fault.kind: each.fault.name for each in reversed(listed)}
    widest = max(map(len, faults), default=0)
    for kind, count in faults.items():
        unseen = f" ({hidden[kind]} cannot be seen)" if hidden[kind] else ""
        yield f"{kind:<{widest}} {count:>7,}  {KINDS[kind].title}{unseen}"
        yield f"{'':<{widest}} {'':>7}  e.g. {examples[kind]}"
    permanent = sum(each.permanent for each in listed)
    equivalent = sum(len(each.represents) for each in listed)
    yield (
        f"{permanent:,} permanent and {len(listed) - permanent:,} transient faults; {equivalent:,} "
        "more are equivalent to one of them"
    )
    sites = Counter(each.part for each in listed)
    yield "by part: " + ", ".join(f"{part} {count:,}" for part, count in sites.most_common())


def as_json(board: str, listed: Sequence[Listed]) -> dict[str, Any]:
    """The list as a table; `faults` has an entry for each fault."""
    return {
        "board": board,
        "faults": [
            {"name": each.fault.name, "kind": each.fault.kind, "site": each.fault.site,
             "part": each.part, "permanent": each.permanent, "timing": each.fault.timing,
             "undetectable": each.undetectable or None, "represents": list(each.represents)}
            for each in listed
        ],
    }  # fmt: skip
