"""The edge of every experiment: options that many share, and refusals in one clear line."""

from experiments.lab.stop import begin, leave

import math
import os
import re
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from agents.citizen.population import LARGEST, SMALLEST, PopulationError
from experiments.evidence.methods import cited
from experiments.lab.design import MOST_POINTS, DesignError
from experiments.lab.locked import LockedError
from experiments.lab.outputs import reason
from experiments.lab.plan import BEYOND
from experiments.lab.store import StoreError
from experiments.lab.table import TableError
from model.episode import EpisodeError
from model.parameters import DECLARED, ParameterError
from model.records import RecordError
from model.simulation import SimulationError
from model.worlds import WorldsError

REFUSALS = (
    DesignError, EpisodeError, LockedError, ParameterError, PopulationError, RecordError, SimulationError, StoreError,
    TableError, WorldsError,
)  # fmt: skip


LONGEST = 1_000
"""So much of a complaint is said [characters]: it may repeat what a file holds."""
NUMBERED = re.compile(r"\[Errno \d+\] ")
"""The system's number of an error, which says nothing beside its words."""


class Refused(click.ClickException):
    """Input that cannot be: one line, and exit code 2."""

    exit_code = 2


def given(*names: str) -> bool:
    """Whether one of these options was given, and is no default."""
    context = click.get_current_context(silent=True)
    nothing = (None, click.core.ParameterSource.DEFAULT)
    return context is not None and any(context.get_parameter_source(name) not in nothing for name in names)


class OneLine(click.Command):
    """A command all of whose errors are one line each, also those of its options.

    >>> def refuse():
    ...     raise EpisodeError("no episode belarus-2021; did you mean belarus-2020?")
    >>> OneLine("run", callback=refuse)([])
    Traceback (most recent call last):
    SystemExit: 2
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless an option is empty: an empty shell variable must not mean the default.

        Raises:
            Refused: if one is.
        """
        for option in self.params:
            if option.name and ctx.params.get(option.name) == "" and given(option.name):
                raise Refused(f"{option.opts[0]} is empty: give a value, or leave it out")
        return super().invoke(ctx)

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command; what is refused ends with code 2, what goes wrong later with 1, Ctrl-C with 130."""
        began = signal.getsignal(signal.SIGINT)
        if began is leave:
            begin()
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return super().main(*arguments, **options | {"standalone_mode": False})
        except REFUSALS as error:
            said, code = f"Error: {error}", Refused.exit_code
        except click.ClickException as error:
            said, code = f"Error: {error.format_message()}", error.exit_code
        except OSError as error:
            if error.filename is None:
                raise
            said, code = f"Error: {error.filename}: {reason(error)}", Refused.exit_code
        except (KeyboardInterrupt, click.Abort):
            said, code = "Stopped.", 130
        finally:
            if began is leave:  # what is left to do is to end: a second Ctrl-C changes nothing
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        click.echo(_in_one_line(said), err=True)
        raise SystemExit(code)


def _in_one_line(said: str) -> str:
    r"""Return a complaint without line breaks and numbers of the system, and without the middle of what is endless.

    >>> _in_one_line("Error: [Errno 2] no such\nfile")
    'Error: no such file'
    """
    line = " ".join(NUMBERED.sub("", said).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"


class NumberBetween(click.FloatRange):
    """A number within bounds, which nothing that is no number passes."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, refusing nan: it is neither below nor above a bound."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number


class File(click.Path):
    """A path, or a name where both may stand; ``~`` at its beginning is the folder of a user."""

    def __init__(self, *, to_write: bool = False, **what: Any) -> None:
        """Take what click's path takes; a file ``to_write`` must have its folder before anything is run."""
        super().__init__(**{"dir_okay": not to_write} | what)
        self.to_write = to_write

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the whole path, refusing what could only make a folder of an odd name, or cannot be written."""
        whole = os.path.expanduser(os.fspath(value))
        if not whole.strip() or "\0" in whole:
            self.fail(f"{value!r}; expected a path or a name", param, ctx)
        if whole.startswith("~"):
            self.fail(f"{value}: there is no such user here; write ./{value} for what has that name", param, ctx)
        try:
            Path(whole).resolve()
        except (OSError, RuntimeError):  # the second before Python 3.13
            self.fail(f"{value}: its links lead in a circle", param, ctx)
        folder = Path(whole).parent
        if self.to_write and not folder.is_dir():
            self.fail(f"{value}: there is no folder {folder}", param, ctx)
        if self.to_write and not os.access(folder, os.W_OK):
            self.fail(f"{value}: nothing can be written into {folder}", param, ctx)
        return super().convert(whole, param, ctx)


TYPES: Mapping[str, click.ParamType] = {
    "--beyond": NumberBetween(*DECLARED[BEYOND].metadata["allowed"]),
    "--citizens": click.IntRange(SMALLEST, LARGEST),
    "--days": click.IntRange(1, 3_700),
    "--draw": click.IntRange(0, 499_999),
    "--draws": click.IntRange(1, 10_000_000),
    "--fresh": click.IntRange(1, 500_000),
    "--futures": click.IntRange(2, 1_000),
    "--known": click.IntRange(1, 1_000),
    "--level": NumberBetween(0.01, 0.99),
    "--lives": click.IntRange(1, 1_000),
    "--make": click.IntRange(0, 499_999),
    "--mixed": click.IntRange(0, 1_000),
    "--near": click.IntRange(2, 1_000_000),
    "--packs": click.IntRange(2, 1_000),
    "--points": click.IntRange(1, MOST_POINTS),
    "--port": click.IntRange(1, 65_535),
    "--prior": click.IntRange(0, 100_000),
    "--repeats": click.IntRange(2, 1_000),
    "--rounds": click.IntRange(1, 1_000_000),
    "--runs": click.IntRange(0, 1_000),
    "--scouts": click.IntRange(2, 10_000),
    "--seed": click.IntRange(0, 10**9),
    "--seeds": click.IntRange(1, 1_000_000),
    "--size": click.IntRange(2, 1_000_000),
    "--until": NumberBetween(0.0, 1.0, min_open=True),
    "--together": click.IntRange(0, 100_000),
    "--workers": click.IntRange(1, 1_024),
    "--worlds": click.IntRange(1, 500_000),
    "--years": click.IntRange(1, 3),
    **dict.fromkeys(("--accepted", "--case", "--episode", "--observed", "--resolved"), File()),
    **dict.fromkeys(("--results", "--targets"), File()),
    **dict.fromkeys(
        ("--beside", "--points-from", "--replay", "--score", "--store"), File(path_type=Path, dir_okay=False)
    ),
    **dict.fromkeys(("--export", "--output", "--picture"), File(path_type=Path, to_write=True)),
}
"""What each option takes, in every command that has it: numbers with their ranges, and files."""
WORDS = {
    "--accepted": "Accepted worlds [default: the episode's fit].",
    "--citizens": "Citizens in a world.",
    "--days": "Days to run [default: the whole episode].",
    "--episode": "Name or TOML file of the episode.",
    "--gallery": "Put the figure into the README's gallery.",
    "--results": "Folder for results.",
    "--set": "Fix a number or field in all worlds.",
    "--seed": "Start of chance.",
    "--workers": "Processes [default: one a core].",
}
"""What they mean, where a command says nothing else."""
KINDS: Mapping[str, dict[str, Any]] = {"--gallery": {"is_flag": True}, "--set": {"multiple": True}}
"""Options that are no plain value: flags, and what may be given more than once."""
NAMES = {"--draw": "only", "--set": "fixed"}
"""What their arguments are called, where another name than the option's says more."""
METAVARS = {
    "--accepted": "FILE",
    "--case": "FILE.toml",
    "--episode": "NAME|FILE",
    "--observed": "FILE.csv",
    "--resolved": "FILE.csv",
    "--results": "DIR",
    "--set": "NAME=VALUE",
    "--targets": "FILE",
}


def option(name: str, *more: str, least: int | None = None, **what: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare an option: what it takes is in ``TYPES``, and its default is shown where it has one.

    Args:
        name: the option, with its dashes.
        more: the name of its argument, where it is neither the option's nor that in ``NAMES``.
        least: a larger lower bound than the table's, where a command needs so many.
        what: what else click takes; without ``help``, the words are in ``WORDS``.
    """
    kind = what.pop("type", None) or TYPES.get(name)
    more = more or ((NAMES[name],) if name in NAMES else ())
    if least is not None:
        assert isinstance(kind, click.IntRange)
        kind = click.IntRange(least, kind.max)
    usual = {"help": WORDS.get(name), "metavar": METAVARS.get(name), "show_default": what.get("default") is not None}
    return click.option(name, *more, type=kind, **usual | KINDS.get(name, {}) | what)


def cite_option(question: str) -> Callable[..., Any]:
    """Declare ``--cite``: print what the results of a question should cite, and run nothing."""

    def cite(context: click.Context, _: click.Parameter, asked: bool) -> None:
        if asked:
            click.echo(cited(question))
            context.exit()

    what: dict[str, Any] = {"is_flag": True, "is_eager": True, "expose_value": False, "callback": cite}
    return click.option("--cite", help="Print what to cite, in BibTeX, and exit.", **what)


def shared_options(results: str, *, citizens: int = 20_000) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--seed``, ``--citizens``, ``--results``, ``--workers`` and ``--cite``."""
    options: list[Callable[..., Any]] = [
        option("--seed", default=0),
        option("--citizens", "n_citizens", default=citizens),
        option("--results", default=results),
        option("--workers"),
        cite_option(Path(results).name),
    ]

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        for declare in reversed(options):
            command = declare(command)
        return command

    return give
