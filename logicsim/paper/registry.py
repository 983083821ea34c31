"""All figures by name: first the paper's in order, then the further ones."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from logicsim.core.errors import LogicsimError, nearest
from logicsim.paper import (
    continuous,
    drift,
    fig2,
    fig3a,
    fig3b,
    fig3c,
    fig3d,
    fig3e,
    fig4,
    fig5,
    fig7d,
    fig7e,
    manufacturing,
    nudge,
    potentiometers,
    rate,
    speed,
    stagger,
    xor,
)
from logicsim.paper.study import Study

_MODULES: Final = (
    fig2, fig3a, fig3b, fig3c, fig3d, fig3e, fig4, fig5, fig7d, fig7e,
    continuous, potentiometers, drift, nudge, xor, manufacturing, rate, stagger, speed,
)  # fmt: skip

FIGURES: Final[Mapping[str, Study[Any, Any]]] = {
    module.STUDY.name: module.STUDY for module in _MODULES
}


def studies(names: Sequence[str]) -> Sequence[Study[Any, Any]]:
    """Studies by name, each once; all studies by default.

    Raises:
        LogicsimError: there is no study of that name.
    """
    for name in names:
        if name not in FIGURES:
            raise LogicsimError(f"no figure '{name}'; {nearest(name, FIGURES)}")
    return [FIGURES[name] for name in dict.fromkeys(names)] or list(FIGURES.values())
