"""Are the tables and diagrams in the documents those of the code?

Writes each of them anew between its markers: the parameters into ``model/ODD.md`` from ``model/parameters.py``, the
diagrams of the day and of the actors into it from ``model/simulation.py`` and ``agents/``,
and into ``README.md`` the questions from ``experiments/show/questions.py`` and the claims from ``model/ODD.md``.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import os
import re
from collections.abc import Callable
from pathlib import Path

import click

from experiments.lab.command import OneLine
from experiments.lab.outputs import whole
from experiments.show import diagrams, questions
from model.parameters import table

ROOT = Path(__file__).parent.parent
ODD = ROOT / "model" / "ODD.md"
README = ROOT / "README.md"

EXAMPLES = """\b
Examples:
  python -m experiments.document    after a change of a number in model/parameters.py, or of a claim in model/ODD.md"""


def renewed(text: str, name: str, content: str) -> str:
    r"""Return a document with new content between the markers of one table.

    >>> renewed("above\n<!-- x -->\nold\n<!-- /x -->\nbelow", "x", "new")
    'above\n<!-- x -->\nnew\n<!-- /x -->\nbelow'
    """
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise click.ClickException(f"expected the markers {start.strip()} and {end} once, in this order")
    before, rest = text.split(start)
    return before + start + content.strip() + "\n" + end + rest.split(end)[1]


def claims() -> str:
    """Return the claims as README shows them: ODD.md's table without its column "without it", links from the root."""
    held = ODD.read_text(encoding="utf-8").split("<!-- claims -->\n")[1].split("<!-- /claims -->")[0]
    rows = [row.strip("|").split("|") for row in held.strip().splitlines()]
    without = [cell.strip() for cell in rows[0]].index("without it")
    kept = "\n".join("|" + "|".join(row[:without] + row[without + 1 :]) + "|" for row in rows)
    return re.sub(r"\]\(([^)]+)\)", lambda link: f"]({os.path.normpath(os.path.join('model', link[1]))})", kept)


SIMULATION = ROOT / "model" / "simulation.py"


def day() -> str:
    """Return the flowchart of a day, for ODD.md."""
    source = SIMULATION.read_text(encoding="utf-8")
    return diagrams.day(source, {name: diagrams.room(ROOT, of) for name, of in diagrams.built(source).items()})


def actors() -> str:
    """Return the diagram of who asks whom, for ODD.md."""
    built = diagrams.built(SIMULATION.read_text(encoding="utf-8"))
    rooms = {of.split(".")[1]: diagrams.room(ROOT, of) for of in built.values() if of.startswith("agents.")}
    return diagrams.actors(rooms, built)


DOCUMENTS: dict[Path, dict[str, Callable[[], str]]] = {
    ODD: {"day": day, "actors": actors, "parameters": table},
    README: {"experiments": questions.table, "claims": claims},
}
"""What each document holds between its markers."""


@click.command(cls=OneLine, epilog=EXAMPLES)
def main() -> None:
    """Write the tables in the documents anew."""
    for path, tables in DOCUMENTS.items():
        held = text = path.read_text(encoding="utf-8")
        for name, make in tables.items():
            text = renewed(text, name, make())
        if text != held:
            with whole(path) as half:
                half.write_text(text, encoding="utf-8")
        click.echo(f"{path.relative_to(ROOT)}: {'as it was' if text == held else 'written anew'}")


if __name__ == "__main__":
    main()
