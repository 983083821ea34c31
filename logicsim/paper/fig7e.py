"""Fig. 7E: the direction of an edge's step against V_C and V_C - V_F, with noise and bias."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import curve_fit
from scipy.special import ndtr

from logicsim.board import load
from logicsim.figures.style import COLOURS
from logicsim.paper.axes import PAGE, letter
from logicsim.paper.claim import Claim, over_seeds
from logicsim.paper.study import SEEDS, Study
from logicsim.paper.training import Floats
from logicsim.tasks import task_run
from logicsim.training.run import run

BIAS: Final = 8e-3  # V, the offset of both comparators of the biased edge
_STEPS: Final = 60  # from the middle of 128 codes, so that no end stop is met
_FAR: Final = (1.0, -1.0)  # V_C (V) of the curves
_NEAR: Final = np.round(np.arange(-50, 51, 10) * 1e-3, 3)  # V_C (V) of the map
_APART: Final = np.round(np.arange(-50, 51, 5) * 1e-3, 3)  # V_C - V_F (V)


class Case(NamedTuple):
    """An edge with comparator offset `bias` (V) on the bench."""

    bias: float
    seed: int


@dataclass(frozen=True, slots=True)
class Steps:
    """The mean step of the code, (V_C, V_C - V_F), and all different steps that occurred."""

    mean: Floats
    sizes: frozenset[int]


def drops() -> Floats:
    """All V_C (V): first the far ones, then those near zero."""
    return np.array([*_FAR, *_NEAR])


def experiment(case: Case) -> Steps:
    """For each V_C and V_C - V_F, power up an edge, hold the voltages, and let it step 60 times."""
    cells = [(volts, apart) for volts in drops() for apart in _APART]
    steps = np.array(
        [_step(case, place, volts, apart) for place, (volts, apart) in enumerate(cells)]
    )
    mean = steps[:, :, 0].mean(axis=1).reshape(len(drops()), len(_APART))
    return Steps(mean, frozenset(np.unique(steps).tolist()))


def _step(case: Case, place: int, volts: float, apart: float) -> NDArray[np.intp]:
    """The steps of the free and the clamped code, (60, 2), of an edge with its own noise."""
    task = {
        "name": "hold", "kind": "bench", "steps": _STEPS,
        "free": {"1": 2 + volts - apart, "2": 2.0}, "clamped": {"1": 2 + volts, "2": 2.0},
    }  # fmt: skip
    board = load("edge", {"tasks": [task], "parts.comparator.offset": case.bias})
    taken: list[ArrayLike] = []  # the codes in each step, in blocks, and after the last one

    def take(steps: task_run.Steps) -> None:
        taken.append(np.hstack([steps.codes_free, steps.codes_clamped]))

    result = run(board, seed=1000 * case.seed + place, on_steps=take)
    taken.append((*result.codes_free, *result.codes_clamped))
    moved: NDArray[np.intp] = np.diff(np.vstack(taken), axis=0)
    return moved


def _probit(apart: Floats, middle: float, width: float) -> Floats:
    """The mean step with noise of rms `width` (V) and a threshold at `middle` (V)."""
    steps: Floats = 2 * ndtr((apart - middle) / width) - 1
    return steps


def fitted(steps: Steps, far: int = 0) -> tuple[float, float]:
    """Fit the middle and the rms width (V) of the transition at the far V_C of index `far`."""
    sign = np.sign(_FAR[far])
    (middle, width), _ = curve_fit(_probit, _APART, sign * steps.mean[far], p0=(0.0, 5e-3))
    return float(middle), abs(float(width))


def claims(outcomes: Mapping[Case, Steps]) -> list[Claim]:
    """The width is about 10 mV, the bias shifts the curve, and codes move by one."""
    plain = [steps for case, steps in outcomes.items() if not case.bias]
    biased = [steps for case, steps in outcomes.items() if case.bias]
    others = [float(len(steps.sizes - {-1, 1})) for steps in outcomes.values()]
    return [
        over_seeds("width of the transition, rms (mV)", "about 10",
                   [1e3 * fitted(steps)[1] for steps in plain], at_least=5, at_most=15),
        over_seeds("middle of the transition without bias (mV)", "0 ideally",
                   [1e3 * fitted(steps)[0] for steps in plain], at_least=-2, at_most=2),
        over_seeds(f"middle with a bias of {1e3 * BIAS:g} mV, V_C > 0 (mV)", "shifted right",
                   [1e3 * fitted(steps)[0] for steps in biased],
                   at_least=1e3 * BIAS - 2, at_most=1e3 * BIAS + 2),
        over_seeds(f"middle with a bias of {1e3 * BIAS:g} mV, V_C < 0 (mV)", "shifted right",
                   [1e3 * fitted(steps, far=1)[0] for steps in biased],
                   at_least=1e3 * BIAS - 2, at_most=1e3 * BIAS + 2),
        over_seeds("kinds of step other than one code up or down, of both potentiometers", "0",
                   others, at_most=0),
    ]  # fmt: skip


def draw(outcomes: Mapping[Case, Steps]) -> Figure:
    """Draw the mean step at V_C = +-1 V without and with bias, and a map near zero with bias."""
    figure = Figure(figsize=(PAGE, 2.7), dpi=300, layout="constrained")
    plain, biased, near = figure.subplots(1, 3, width_ratios=(1, 1, 1.25))
    for axes, bias in ((plain, 0.0), (biased, BIAS)):
        mean = _mean(outcomes, bias)
        axes.axvline(1e3 * bias, color="0.8", linewidth=0.8, zorder=0)
        fine = np.linspace(_APART[0], _APART[-1], 200)
        for far, (colour, marker) in enumerate(((COLOURS[0], "o"), (COLOURS[1], "s"))):
            middle, width = fitted(Steps(mean, frozenset()), far)
            curve = np.sign(_FAR[far]) * _probit(fine, middle, width)
            axes.plot(1e3 * fine, curve, color=colour, linewidth=1)
            axes.plot(1e3 * _APART, mean[far], marker, color=colour, markersize=3.5,
                      label=f"$V_C$ = {_FAR[far]:+g} V".replace("-", "\N{MINUS SIGN}"))  # fmt: skip
        axes.set_title(f"bias {1e3 * bias:g} mV")
        axes.set_xlabel("$V_C - V_F$ (mV)")
        axes.set_ylim(-1.1, 1.1)
    plain.set_ylabel("mean step (δR)")
    biased.tick_params(labelleft=False)
    plain.legend(loc="center right", fontsize=7, handletextpad=0.1, borderaxespad=0)
    image = near.pcolormesh(1e3 * _APART, 1e3 * _NEAR, _mean(outcomes, BIAS)[len(_FAR):],
                            cmap="PuOr_r", vmin=-1, vmax=1, rasterized=True)  # fmt: skip
    near.set_title(f"small $V_C$, bias {1e3 * BIAS:g} mV")
    near.set_xlabel("$V_C - V_F$ (mV)")
    near.set_ylabel("$V_C$ (mV)")
    figure.colorbar(image, ax=near, label="mean step (δR)")
    for axes, name in ((plain, "A"), (biased, "B"), (near, "C")):
        letter(axes, name)
    return figure


def _mean(outcomes: Mapping[Case, Steps], bias: float) -> NDArray[np.float64]:
    mean: Floats = np.mean([s.mean for case, s in outcomes.items() if case.bias == bias], axis=0)
    return mean


STUDY: Final = Study(
    "fig7e",
    "The direction of a step, with noise and bias",
    [Case(bias, seed) for bias in (0.0, BIAS) for seed in SEEDS[:5]],
    experiment,
    draw,
    claims,
)
