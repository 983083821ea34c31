"""`logicsim completion`: what makes a shell complete our commands."""

import click
from click.shell_completion import get_completion_class

from logicsim.cli.complete import VARIABLE


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options, boards, tasks and keys.

    \b
    eval "$(logicsim completion bash)"       # a line for ~/.bashrc
    eval "$(logicsim completion zsh)"        # for ~/.zshrc, after compinit
    logicsim completion fish > ~/.config/fish/completions/logicsim.fish
    """  # noqa: D301  click takes this backspace to mean: keep the lines
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "logicsim", VARIABLE).source()
    click.echo(script.strip())
