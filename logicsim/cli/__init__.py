"""The command line: one file a command, each calling what Python users call."""

import io
import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Final

import click
from click.shell_completion import CompletionItem

from logicsim.core.errors import LogicsimError, nearest

# A command's module is imported when the command is used, so that --help is quick.
_COMMANDS: Final = {
    "boards": "List the boards that ship with logicsim, a line each.",
    "edges": "List the edge circuits that ship with logicsim, a line each.",
    "clocks": "List the clock circuits that ship with logicsim, a line each.",
    "chips": "List the chips that ship with logicsim, a line each.",
    "show": "Show what is on a board, and draw its network.",
    "run": "Train a board; write its waveform, history and result.",
    "diff": "Compare two waveforms by content.",
    "measure": "Measure steps, delays, pulses and chatter in a waveform.",
    "timing": "Analyse timing: margins, what limits the rate, what would next.",
    "faults": "Break anything, at any time, and see what the machine still learns.",
    "export": "Write a board for SPICE, Verilog, GTKWave or WaveDrom.",
    "bench": "Measure how fast the engines are, beside numpy, ngspice and Icarus.",
    "paper": "Make every figure of the paper, and a table: paper, measured, verdict.",
    "guide": "Read the first hour, the glossary, how to extend this, when not to use it.",
    "completion": "Print what makes bash, zsh or fish complete all this.",
}

_STATUS: Final = (
    "Exit status: 0, all is well; 1, diff found a difference, or faults repeat another outcome; "
    "2, a mistake, told in one line on standard error; 130, interrupted."
)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"logicsim.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Commands by the table above: to import them all takes seconds."""
        found = [CompletionItem(name, help=told) for name, told in _COMMANDS.items()
                 if name.startswith(incomplete)]  # fmt: skip
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command '{args[0]}'; {nearest(args[0], _COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    epilog=_STATUS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(version("logicsim"), prog_name="logicsim")
@click.pass_context
def _logicsim(ctx: click.Context) -> None:
    """Emulate self-learning electronics: logic, timing and voltages together.

    Begin with: logicsim run divider --vcd divider.vcd --out divider
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command line: exit status 0, 1 (a difference was found), 2 (a mistake), 130."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no V² shows V?
    try:
        status = _logicsim.main(prog_name="logicsim", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _say("interrupted; what was finished is written")
        sys.exit(130)
    except click.MissingParameter as error:
        place = "" if error.ctx is None else f"; see '{error.ctx.command_path} --help'"
        _say(" ".join(error.format_message().split()).removesuffix(".") + place)
        sys.exit(2)
    except click.ClickException as error:
        _say(" ".join(error.format_message().split()))
        sys.exit(2)
    except LogicsimError as error:
        _say(str(error))
        sys.exit(2)
    except OSError as error:
        _close_stdout()
        _say(f"standard output: {error.strerror or error}")
        sys.exit(2)
    except SystemExit:
        _close_stdout()  # click's word for a reader that has left: not a mistake
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)


def _close_stdout() -> None:
    """Keep the interpreter from flushing once more what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    sys.stderr.write("logicsim: " + " ".join(message.splitlines()) + "\n")
