"""Solvers for symmetric positive definite systems G v = i: their table, and the choice of one."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple, Protocol

from logicsim.analog.pattern import Floats, Ints

# The sizes above which SuperLU and CHOLMOD are faster than LAPACK's Cholesky on 2-D grids, with
# assembly (measured, 2 cores).
DENSE_UNKNOWNS: Final = 80
DENSE_UNKNOWNS_BESIDE_CHOLMOD: Final = 24

# The size from which the multifrontal solver, which takes a second to load, pays: on a 2-D grid of
# 3,400 unknowns it takes less than half of CHOLMOD's time (measured).
MULTIFRONTAL_UNKNOWNS: Final = 2000


class Factor(Protocol):
    """The factorised matrix of one set of conductances, valid until the solver's next factor."""

    def solve(self, currents: Floats) -> Floats:
        """Node voltages (V) from injected currents (A): (unknowns,), or (unknowns, cases)."""


class Solver(Protocol):
    """Solves systems of one pattern with changing conductances (S, one for each edge).

    Its class takes the arguments of `made`. Both methods raise SolveError if the network is
    singular to machine precision.
    """

    def factor(self, conductance: Floats) -> Factor:
        """Factorise the matrix, to solve it for many right-hand sides."""

    def solve(self, conductance: Floats, currents: Floats) -> Floats:
        """The same as `factor(conductance).solve(currents)`."""


class Offer(NamedTuple):
    """A solver's class, loaded when it is used, and the package it needs, with our extra."""

    module: str
    name: str
    package: str = "logicsim"
    extra: str = ""

    @property
    def installed(self) -> bool:
        """Whether the package it needs is installed."""
        return find_spec(self.package) is not None


SOLVERS: Final[Mapping[str, Offer]] = {
    "dense": Offer("logicsim.analog.dense", "Dense"),
    "ldl": Offer("logicsim.analog.ldl", "Static"),
    "multifrontal": Offer("logicsim.analog.multifrontal", "Multifrontal"),
    "cholmod": Offer("logicsim.analog.cholmod", "Cholmod", "cvxopt", "fast"),
    "superlu": Offer("logicsim.analog.superlu", "SuperLU"),
}


def made(name: str, unknowns: int, inner: Ints, half: Ints, ends: Ints) -> Solver:
    """Make the solver of that name for a network.

    Args:
        unknowns: number of free nodes.
        inner: edges with two free ends, indices into the conductances.
        half: edges with one free and one fixed end.
        ends: the free ends: (2, len(inner) + len(half)); the second row is -1 for `half`.
    """
    return _of(name)(unknowns, inner, half, ends)  # type: ignore[no-any-return]


def chosen(unknowns: int, inner: Ints, half: Ints, ends: Ints) -> tuple[str, Solver]:
    """Choose a solver by the network's size and structure, and make it; return its name, too.

    All are direct. An iterative one does not pay on two cores: of 10^6 edges an approximate factor
    takes 0.75 to 1.1 s where CHOLMOD's exact one takes 0.5 to 0.8 s, besides 10 iterations of 10 ms
    to 20 uV. A factor of an earlier step, exact or approximate, breaks down within a few steps
    where wipers are near code 0, since a conductance there changes twentyfold at once.
    """
    beside = SOLVERS["cholmod"].installed
    name = "cholmod" if beside else "superlu"
    if unknowns <= (DENSE_UNKNOWNS_BESIDE_CHOLMOD if beside else DENSE_UNKNOWNS):
        name = "dense"
    elif unknowns >= MULTIFRONTAL_UNKNOWNS:
        made_already: Any = _of("multifrontal")(unknowns, inner, half, ends)
        if made_already.separable:
            return "multifrontal", made_already
    return name, made(name, unknowns, inner, half, ends)


def _of(name: str) -> Any:
    offer = SOLVERS[name]
    return getattr(import_module(offer.module), offer.name)
