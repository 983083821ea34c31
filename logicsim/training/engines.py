"""The choice of engine: events with all delays, or steps of all edges together."""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import numpy as np

from logicsim.analog.network import Network
from logicsim.board import Board
from logicsim.circuit.netlist import Netlist
from logicsim.core.errors import EngineError
from logicsim.core.units import engineering, seconds
from logicsim.event.simulation import Simulation
from logicsim.tasks.task_run import Steps, Tally, Task
from logicsim.timing.static import worst_path
from logicsim.vector.circuit import Circuit
from logicsim.vector.compiler import check_latched
from logicsim.vector.machine import Machine
from logicsim.vector.wiring import wire

EngineName = Literal["event", "vector"]


class Engine(Protocol):
    """One powered-up machine on any engine."""

    @property
    def solver(self) -> str | None:
        """The name of the solver in use; None if voltages take time to settle."""

    def train(self, plan: Sequence[tuple[int, Task, int]]) -> Iterator[Steps]:
        """Train (number, task, steps) in turn, yielding the measurements as they are made."""

    def codes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The counters of the free and the clamped network, in edge order."""

    def measure(self, nodes: Sequence[int]) -> dict[int, float]:
        """The free voltages (V) of nodes, as the converter reads them."""

    def tally(self) -> Tally:
        """The counts so far."""


def power_up(
    board: Board, seed: int, name: EngineName | None, netlist: Netlist | None = None
) -> Engine:
    """Power up a machine on the engine of that name.

    Args:
        name: None is the vector engine if it can compute the board and the netlist, else the event
            engine.
        netlist: another netlist than the board's own.

    Raises:
        EngineError: the vector engine is named, and cannot compute them.
    """
    if name != "event":
        try:
            check_vector(board)
            return Machine(board, seed, netlist)
        except EngineError:
            if name is not None:
                raise
    return Simulation(board, seed, netlist)


def free_network(
    board: Board, seed: int, codes: tuple[Sequence[int], Sequence[int]], netlist: Netlist | None
) -> Network:
    """The free network of a machine, without the rest of it.

    Args:
        codes: of the free and of the clamped network, in edge order.
        netlist: a netlist with these codes at power-up; None if it is the board's own.
    """
    try:
        wiring = wire(board, seed)
    except EngineError:
        return Simulation(board, seed, netlist).twin.free
    circuit = Circuit(wiring, board.engine.solver)
    circuit.set(wiring.potentiometers.conductance(np.array(codes, dtype=np.int32)))
    return circuit.free


def check_vector(board: Board) -> None:
    """Refuse a board that the vector engine would compute wrongly, because timing matters.

    Raises:
        EngineError: there is no latch, voltages take time, or static timing is not met.
    """
    netlist = board.netlist(included=(1,))
    check_latched(board, netlist)
    if board.analog.settling != "instant":
        raise _refusal(board, f"analog.settling is '{board.analog.settling}'")
    worst = worst_path(board, netlist)
    if not worst.met:
        rate, slack = engineering(board.clock.rate, "Hz"), engineering(seconds(worst.slack), "s")
        raise _refusal(
            board, f"timing is not met at {rate}: {worst.constraint} at {worst.endpoint}, {slack}"
        )


def _refusal(board: Board, reason: str) -> EngineError:
    return EngineError(f"board '{board.name}': {reason}; use the event engine (--engine event)")
