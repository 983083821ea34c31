"""The choice of engine: events with all delays, or steps of all edges together."""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import EngineError
from logicsim.core.units import engineering, seconds
from logicsim.event.simulation import Simulation
from logicsim.tasks.task_run import Steps, Tally, Task
from logicsim.timing.static import analyse
from logicsim.vector.compiler import check_latched
from logicsim.vector.machine import Machine

EngineName = Literal["event", "vector"]


class Engine(Protocol):
    """One powered-up machine on any engine."""

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Steps]:
        """Train (number, task, steps) in turn, yielding the measurements as they are made."""

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counters of the free and the clamped network, in edge order."""

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""

    def tally(self) -> Tally:
        """The counts so far."""


def power_up(board: Board, seed: int, name: EngineName, netlist: Netlist | None = None) -> Engine:
    """Power up a machine on the engine of that name.

    Args:
        netlist: another netlist than the board's own.

    Raises:
        EngineError: the vector engine cannot compute the board, or this netlist of it.
    """
    if name == "event":
        return Simulation(board, seed, netlist)
    check_vector(board)
    return Machine(board, seed, netlist)


def check_vector(board: Board) -> None:
    """Refuse a board that the vector engine would compute wrongly, because timing matters.

    Raises:
        EngineError: there is no latch, voltages take time, or static timing is not met.
    """
    netlist = board.netlist(included=(1,))
    check_latched(board, netlist)
    if board.analog.settling != "instant":
        raise _refusal(board, f"analog.settling is '{board.analog.settling}'")
    worst = analyse(board, netlist).paths[0]
    if not worst.met:
        rate, slack = engineering(board.clock.rate, "Hz"), engineering(seconds(worst.slack), "s")
        raise _refusal(
            board, f"timing is not met at {rate}: {worst.constraint} at {worst.endpoint}, {slack}"
        )


def _refusal(board: Board, reason: str) -> EngineError:
    return EngineError(f"board '{board.name}': {reason}; use the event engine (--engine event)")
