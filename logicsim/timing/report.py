"""An analysis as a report in the usual layout of timing tools, and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from logicsim.core.units import engineering, seconds
from logicsim.timing.limits import Limit, Name
from logicsim.timing.paths import Kind, Path, Points, total
from logicsim.timing.spread import Lot
from logicsim.timing.static import Analysis

_RULE: Final = "-" * 76
_NANOSECOND: Final = 1000  # ticks
_LIMITS: Final[Mapping[Name, str]] = {
    "converters": "the waits for the converters",
    "debouncer capacitor": "the debouncer's capacitor",
    "external oscillator": "the fastest external oscillator the debouncer takes",
    "settling": "the nodes' settling",
    "comparators": "the comparators",
    "gates": "the gates",
}
# The names of a path's two ends, and which is subtracted from which.
_ENDS: Final[Mapping[Kind, tuple[str, str]]] = {
    "max": ("data arrival time", "data required time"),
    "min": ("data arrival time", "data required time"),
    "min_pulse_width": ("close edge arrival time", "close edge required time"),
}


def as_text(analysis: Analysis) -> str:
    """The worst path of each constraint in order of slack, a summary, the limits, and notes."""
    step = engineering(1 / analysis.rate, "s")
    rate = engineering(analysis.rate, "Hz")
    lines = [f"Board {analysis.board}, corner {analysis.corner}, {rate}: a step is {step}.", ""]
    for path in analysis.worst():
        lines += [*_path(path), ""]
    lines += [*_summary(analysis), "", sentence(analysis), ""]
    lines += [f"Note: {note}" for note in analysis.notes]
    return "\n".join(lines).rstrip() + "\n"


def _path(path: Path) -> Iterator[str]:
    start, end = path.about
    more = f", and {path.multiplicity - 1} more like it" if path.multiplicity > 1 else ""
    yield f"Startpoint: {path.startpoint} ({start})"
    yield f"Endpoint: {path.endpoint} ({end}){more}"
    yield f"Path Group: {path.group}"
    yield f"Path Type: {path.kind}"
    yield ""
    yield f"{'Delay (ns)':>14}{'Time (ns)':>15}   Description"
    yield _RULE
    arrives, needed = _ENDS[path.kind]
    yield from _points(path.arrival)
    yield _total(total(path.arrival), arrives)
    yield ""
    yield from _points(path.required)
    yield _total(total(path.required), needed)
    yield _RULE
    first, second = (path.required, path.arrival), (needed, arrives)
    if path.kind != "max":
        first, second = first[::-1], second[::-1]
    yield _total(total(first[0]), second[0])
    yield _total(-total(first[1]), second[1])
    yield _RULE
    yield _total(path.slack, "slack (MET)" if path.met else "slack (VIOLATED)")


def _points(points: Points) -> Iterator[str]:
    time = 0
    for point in points:
        time += point.delay
        yield f"{_ns(point.delay):>14}{_ns(time):>15} {point.way or ' '} {point.text}"


def _total(ticks: int, name: str) -> str:
    return f"{'':14}{_ns(ticks):>15}   {name}"


def _ns(ticks: int) -> str:
    return f"{ticks / _NANOSECOND:.1f}"


def _summary(analysis: Analysis) -> Iterator[str]:
    """A line for each constraint, with the shortest step that would meet it."""
    yield f"{'Constraint':<17}{'Startpoint':<27}{'Endpoint':<28}{'Slack (ns)':>15}{'Step >=':>13}"
    yield "-" * 100
    for path in analysis.worst():
        least = analysis.least_step(path.constraint)
        step = "any" if least is None else engineering(seconds(max(least, 0)), "s")
        verdict = "" if path.met else "  VIOLATED"
        yield (
            f"{path.constraint:<17}{path.startpoint:<27}{path.endpoint:<28}"
            f"{_ns(path.slack):>15}{step:>13}{verdict}"
        )


def sentence(analysis: Analysis) -> str:
    """One sentence with the limits of the training rate in order."""
    first, *others = analysis.limits
    if first.rate:
        text = f"Training is limited to {_limit(first)}"
    else:
        text = f"No rate is slow enough, because of {_LIMITS[first.name]}"
    if others:
        text += f"; with that lifted, to {', then to '.join(_limit(limit) for limit in others)}"
    return f"{text}."


def _limit(limit: Limit) -> str:
    return f"{engineering(limit.rate, 'Hz')} by {_LIMITS[limit.name]}"


def lot_text(lot: Lot, rate: float) -> str:
    """The yield of a lot at several rates around its limit, and at the given rate."""
    asked, where = len(lot.rates), lot.conditions
    lines = [
        (
            f"Yield of {asked} machines, {where.coldest:g} to {where.hottest:g} degrees Celsius, "
            f"{engineering(where.jitter, 's')} rms jitter, seed {lot.seed}; 95 % intervals:"
        ),
        "",
        f"{'Rate':>12}{'Yield (%)':>12}{'Low':>8}{'High':>8}",
    ]
    lines += [
        f"{engineering(point, 'Hz'):>12}{100 * share:>12.1f}{100 * low:>8.1f}{100 * high:>8.1f}"
        for point, (share, low, high) in _yields(lot, rate)
    ]
    return "\n".join(lines) + "\n"


def lot_json(lot: Lot, rate: float) -> dict[str, Any]:
    """The yields (0 to 1) as JSON, with every machine's largest rate."""
    return {
        "machines": len(lot.rates),
        "seed": lot.seed,
        "coldest_c": lot.conditions.coldest,
        "hottest_c": lot.conditions.hottest,
        "jitter_s": lot.conditions.jitter,
        "points": [
            {"rate_hz": point, "yield": share, "low": low, "high": high}
            for point, (share, low, high) in _yields(lot, rate)
        ],
        "max_rates_hz": lot.rates.tolist(),
    }


def _yields(lot: Lot, rate: float) -> Iterator[tuple[float, tuple[float, float, float]]]:
    return ((point, lot.yields(point)) for point in sorted({*lot.points(), rate}))


def as_json(analysis: Analysis) -> dict[str, Any]:
    """The whole analysis as JSON, in SI units."""
    first, *others = analysis.limits
    return {
        "board": analysis.board,
        "corner": analysis.corner,
        "rate_hz": analysis.rate,
        "met": analysis.met,
        "max_rate_hz": analysis.max_rate,
        "limited_by": first.name,
        "next_limits": [{"limit": limit.name, "max_rate_hz": limit.rate} for limit in others],
        "paths": [_path_json(path) for path in analysis.paths],
        "summary": sentence(analysis),
        "notes": list(analysis.notes),
    }


def _path_json(path: Path) -> dict[str, Any]:
    return {
        "constraint": path.constraint,
        "startpoint": path.startpoint,
        "endpoint": path.endpoint,
        "endpoints_alike": path.multiplicity,
        "path_group": path.group,
        "path_type": path.kind,
        "arrival_s": seconds(total(path.arrival)),
        "required_s": seconds(total(path.required)),
        "slack_s": seconds(path.slack),
        "met": path.met,
        "least_step_s": None if path.least_step is None else seconds(path.least_step),
        "arrival": _points_json(path.arrival),
        "required": _points_json(path.required),
    }


def _points_json(points: Points) -> list[dict[str, Any]]:
    listed, time = [], 0
    for point in points:
        time += point.delay
        listed.append({
            "delay_s": seconds(point.delay), "time_s": seconds(time),
            "description": point.text, "way": point.way, "owner": point.owner,
        })  # fmt: skip
    return listed
