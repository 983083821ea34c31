"""Circuits other than the paper's, and functions that modify the paper's."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from logicsim.circuit.file import Circuit, load

CIRCUITS = Path(__file__).parent  # the folder of the files


def at(name: str) -> str:
    """The path of one of the files."""
    return str(CIRCUITS / f"{name}.toml")


FOREIGN: Mapping[str, Mapping[str, str]] = {
    "nand": {"edge.circuit": at("nand")},
    "dead_zone": {"edge.circuit": at("dead_zone")},
    "one_comparator": {"edge.circuit": at("one_comparator")},
    "pulse": {"clock.circuit": "pulse"},
    "half": {"clock.circuit": at("half")},
}

POTS = ("digipot_free", "digipot_clamped")


def changed(circuit: Circuit, drop: tuple[str, ...] = (), /, **parts: Mapping[str, Any]) -> Circuit:
    """A circuit without some parts, and with some new, or with other pins and numbers."""
    kept = {label: dict(part) for label, part in circuit.parts.items() if label not in drop}
    for label, pins in parts.items():
        kept.setdefault(label, {}).update(pins)
    return replace(circuit, name="mine", parts=kept)


def edge(drop: tuple[str, ...] = (), /, **parts: Mapping[str, Any]) -> Circuit:
    """The paper's edge, changed."""
    return changed(load("coupled", "edges"), drop, **parts)


def clock(drop: tuple[str, ...] = (), /, **parts: Mapping[str, Any]) -> Circuit:
    """The paper's clock, changed."""
    return changed(load("cascade", "clocks"), drop, **parts)


def pots(**pins: str) -> dict[str, Mapping[str, str]]:
    """Both potentiometers, on other nets."""
    return dict.fromkeys(POTS, pins)
