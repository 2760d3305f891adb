"""The edge of every experiment: options that many share, and refusals in one clear line."""

import functools
from collections.abc import Callable
from typing import Any

import click

from agents.citizen.population import PopulationError
from experiments.lab.design import DesignError
from experiments.lab.store import StoreError
from model.episode import EpisodeError
from model.parameters import ParameterError
from model.simulation import SimulationError
from model.worlds import WorldsError

REFUSALS = (DesignError, EpisodeError, ParameterError, PopulationError, SimulationError, StoreError, WorldsError)


class Refused(click.ClickException):
    """Input that cannot be: one line, and exit code 2."""

    exit_code = 2


def one_clear_line(command: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command say what it refuses in one line, with exit code 2.

    >>> @one_clear_line
    ... def command():
    ...     raise EpisodeError("no episode belarus-2021; did you mean belarus-2020?")
    >>> command()
    Traceback (most recent call last):
    experiments.lab.command.Refused: no episode belarus-2021; did you mean belarus-2020?
    """

    @functools.wraps(command)
    def careful(*arguments: Any, **options: Any) -> Any:
        try:
            check_empty(click.get_current_context(silent=True))
            return command(*arguments, **options)
        except REFUSALS as error:
            raise Refused(" ".join(str(error).split())) from None
        except OSError as error:
            if error.filename is None:
                raise
            raise Refused(f"{error.filename}: {error.strerror or error}") from None

    return careful


def check_empty(context: click.Context | None) -> None:
    """Refuse options that are given and empty: an empty shell variable must not mean the default.

    Raises:
        Refused: if there is one.
    """
    if context is None:
        return
    for option in context.command.params:
        if option.name and context.params.get(option.name) == "" and given(option.name):
            raise Refused(f"{option.opts[0]} is empty: give a value, or leave it out")


def given(*names: str) -> bool:
    """Whether one of these options was given, and is no default."""
    context = click.get_current_context(silent=True)
    nothing = (None, click.core.ParameterSource.DEFAULT)
    return context is not None and any(context.get_parameter_source(name) not in nothing for name in names)


class OneLine(click.Command):
    """A command all of whose errors are one line each, also those of its options."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless an option is empty."""
        check_empty(ctx)
        return super().invoke(ctx)

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command; what is refused ends with code 2, what goes wrong later with 1."""
        try:
            return one_clear_line(super().main)(*arguments, **options | {"standalone_mode": False})
        except click.ClickException as error:
            click.echo(f"Error: {error.format_message()}", err=True)
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo("Stopped.", err=True)
            code = 130
        raise SystemExit(code)


def shared_options(results: str, *, citizens: int = 20_000) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--seed``, ``--citizens``, ``--results`` and ``--workers``."""
    options = [
        click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 10**9), help="Start of chance."),
        click.option("--citizens", "n_citizens", default=citizens, show_default=True, help="Citizens in a world."),
        click.option("--results", default=results, show_default=True, metavar="DIR", help="Folder for results."),
        click.option("--workers", type=click.IntRange(1, 1024), help="Processes [default: one a core]."),
    ]

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return give
