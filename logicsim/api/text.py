"""Boards and runs in words: for terminals, and as HTML for notebooks, light or dark."""

from collections import Counter
from collections.abc import Iterator, Sequence

from markupsafe import Markup
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from logicsim.api.tables import plain_table
from logicsim.board import Board
from logicsim.circuit.file import Circuit
from logicsim.circuit.signals import layout
from logicsim.circuit.warnings import warnings
from logicsim.core.errors import NetlistError
from logicsim.core.units import engineering, seconds
from logicsim.parts.comparator import Comparator
from logicsim.tasks import AnyTask
from logicsim.tasks.result import Result


def describe(board: Board) -> list[str]:
    """What is on a board, soldered and checked: counts, parts, nets, circuits, tasks, warnings.

    Raises:
        NetlistError: what is soldered cannot work.
    """
    netlist = board.netlist()
    netlist.check()
    chips = Counter(str(getattr(part.chip, "model", "part")) for part in netlist.parts)
    nets = {net for part in netlist.parts for pin, role in part.chip.pins.items()
            if role in ("in", "out", "open") for net in part.pins[pin]}  # fmt: skip
    edge, clock = board.edge.chosen(), board.clock.circuit
    odd = warnings(*board.cells)
    try:
        pace = _pace(board)
    except NetlistError as error:
        pace, odd = "", [*odd, str(error)]
    lines = [
        f"{board.name}: {board.title}",
        f"network    {netlist.nodes} nodes, {len(netlist.edges)} edges, twice: free and clamped",
        f"nets       {len(nets)}",
        "parts      " + ", ".join(f"{count} {chip}" for chip, count in chips.items()),
        f"corner     {board.parts.corner}",
        f"edge       {_called(edge)}: {edge.title}",
        f"clock      {_called(clock)}: {board.clock.rate:g} steps/s{pace}",
        f"noise      {_noise(board)}",
    ]
    for number, task in enumerate(board.tasks):
        title = "tasks" if number == 0 else ""
        lines.append(f"{title:<10} '{task.name}': {task.kind}, {task.steps} steps; {_roles(task)}")
    return [*lines, *(f"warning    {line}" for line in odd)]


def _noise(board: Board) -> str:
    """That of the comparators on a breadboard."""
    chips = (part.chip for part in board.cells[0].parts)
    volts = dict.fromkeys(chip.noise for chip in chips if isinstance(chip, Comparator))
    return " and ".join(engineering(each, "V") for each in volts) + " rms" if volts else "none"


def _called(circuit: Circuit) -> str:
    """The name of a circuit that ships, or of a file."""
    return circuit.name if circuit.path is None else circuit.path.name


def _pace(board: Board) -> str:
    """The oscillator's period, and how long after the latch the potentiometers count."""
    clockwork = board.clockwork()
    told = ""
    if clockwork.period:
        told = f", oscillator period {engineering(seconds(clockwork.period), 's')}"
    signals = layout(board.netlist(included=(1,)))
    edge = signals.edges[1]
    if edge.latch is None or edge.count is None:
        return told
    for way in (1, 0):
        latches, counts = (
            [each.at(0, clockwork.phase) for each in clockwork.edges(*moment, way)]
            for moment in (edge.latch, edge.count)
        )
        if latches and counts:
            latch, count = (
                f"{signals.by_name[moment.net].label} {moment.edge}s"
                for moment in (edge.latch, edge.count)
            )
            later = engineering(seconds(counts[0] - latches[0]), "s")
            return f"{told}, {count} {later} after {latch}"
    return told


def _roles(task: AnyTask) -> str:
    return "; ".join(f"{key} {_listed(where)}" for key, where in task.nodes().items())


def _listed(nodes: Sequence[int]) -> str:
    return " ".join(str(node) for node in nodes)


def in_short(board: Board) -> str:
    """A board's size and pace, in a few words."""
    sizes = {"node": board.network.nodes, "edge": len(board.network.edges),
             "task": len(board.tasks)}  # fmt: skip
    counts = [f"{count:,} {what}{'' if count == 1 else 's'}" for what, count in sizes.items()]
    return ", ".join([*counts, engineering(board.clock.rate, "Hz")])


def tasks(board: Board) -> Table:
    """A row a task: what it is, and which nodes it uses."""
    rows = ([task.name, task.kind, str(task.steps), _roles(task)] for task in board.tasks)
    return table(["task", "kind", "steps", "nodes"], rows, left=(0, 1, 3))


def summary(result: Result) -> Table:
    """A row a task: errors, and accuracy where one classifies."""
    header = ["task", "steps", "first error", "last error", "smallest"]
    classified = any(task.accuracy is not None for task in result.tasks)
    return table([*header, "accuracy"] if classified else header, _summaries(result), left=(0,))


def _summaries(result: Result) -> Iterator[list[str]]:
    for task in result.tasks:
        errors = [f"{error:.3g} V²" for error in (task.first, task.last, task.lowest)]
        accuracy = [f"{task.accuracy:.1%}"] if task.accuracy is not None else []
        yield [task.task.name, str(task.steps), *errors, *accuracy]


def speed(result: Result) -> str:
    """How fast it ran, and whether it was in time."""
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(result.violations.items())) or "none"
    return f"{result.steps_per_s:,.0f} steps/s; timing violations: {kinds}"


def table(header: Sequence[str], rows: Iterator[list[str]], left: Sequence[int]) -> Table:
    """A plain table; columns are right-justified but those in `left`."""
    made = plain_table()
    for place, name in enumerate(header):
        made.add_column(name, justify="left" if place in left else "right", no_wrap=True)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def line(text: str) -> Text:
    """A user's text: no markup is read in it."""
    return Text(text)


def plain(renderable: RenderableType) -> str:
    """What rich would print, as text."""
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        console.print(renderable, highlight=False)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def html(title: str, *parts: str | Table) -> str:
    """A heading, lines and tables, in the colours of the page they come into."""
    page = Markup("<div><strong>{}</strong></div>").format(title)
    for part in parts:
        page += Markup("<div>{}</div>").format(_table(part) if isinstance(part, Table) else part)
    return str(page)


def folded(title: str, text: str) -> Markup:
    """Long text of fixed width, to be opened."""
    return Markup(
        '<details><summary>{}</summary><pre style="font-family: monospace; white-space: pre; '
        'overflow-x: auto; line-height: 1.2">{}</pre></details>'
    ).format(title, text)


def _table(made: Table) -> Markup:
    if not made.rows:
        return Markup()
    aligned = [Markup('<t{} style="text-align:%s">{}</t{}>') % column.justify
               for column in made.columns]  # fmt: skip
    columns = [list(column.cells) for column in made.columns]
    header = Markup().join(cell.format("h", column.header, "h")
                           for cell, column in zip(aligned, made.columns, strict=True))  # fmt: skip
    rows = Markup().join(
        Markup("<tr>{}</tr>").format(Markup().join(
            cell.format("d", text, "d") for cell, text in zip(aligned, row, strict=True)
        ))
        for row in zip(*columns, strict=True)
    )  # fmt: skip
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(header, rows)
