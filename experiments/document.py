"""Are the tables and diagrams in the documents those of the code?

Writes each of them anew between its markers: the parameters into ``model/ODD.md`` from ``model/parameters.py``, the
diagrams of the day and of the actors into it from ``model/simulation.py`` and ``agents/``,
and the claims into ``README.md`` from the table of claims in ``model/ODD.md``.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import click

from experiments.lab.command import one_clear_line
from experiments.show import diagrams
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


ROOMS = {name: ROOT / "agents" / name for name in ("citizen", "security.py", "elite.py", "regime.py", "moscow.py")}
PLACES = {name: ROOT / "model" / f"{name}.py" for name in ("calendar", "street", "front", "outcomes")}
WHERE = {
    "citizens": ("citizen", "Population"), "crowd": ("citizen", "Crowd"), "mood": ("citizen", "Mood"),
    "media": ("citizen", "Outlets"), "forces": ("security", "Forces"), "elites": ("elite", "Elites"),
    "regime": ("regime", "Regime"), "moscow": ("moscow", "Moscow"), "calendar": ("calendar", "Calendar"),
    "street": ("street", "Street"), "front": ("front", "Front"), "judge": ("outcomes", "Judge"),
}  # fmt: skip
"""The room or place, and the class, behind each attribute of the world."""


def _sources() -> dict[str, str]:
    """Return the source of every room and place."""
    return {Path(name).stem: diagrams.sources(path) for name, path in (ROOMS | PLACES).items()}


def day() -> str:
    """Return the flowchart of a day, for ODD.md."""
    held = _sources()
    places = {name: held[place] for name, (place, _) in WHERE.items()}
    simulation = (ROOT / "model" / "simulation.py").read_text(encoding="utf-8")
    return diagrams.day(simulation, places, {name: kind for name, (_, kind) in WHERE.items()})


def actors() -> str:
    """Return the diagram of who asks whom, for ODD.md."""
    held, rooms = _sources(), {Path(name).stem for name in ROOMS}
    attributes = {name: place for name, (place, _) in WHERE.items() if place in rooms}
    places = {name: place for name, (place, _) in WHERE.items() if place not in rooms}
    return diagrams.actors({room: held[room] for room in sorted(rooms)}, attributes, places)


DOCUMENTS: dict[Path, dict[str, Callable[[], str]]] = {
    ODD: {"day": day, "actors": actors, "parameters": table},
    README: {"claims": claims},
}
"""What each document holds between its markers."""


@click.command(epilog=EXAMPLES)
@one_clear_line
def main() -> None:
    """Write the tables in the documents anew."""
    for path, tables in DOCUMENTS.items():
        held = text = path.read_text(encoding="utf-8")
        for name, make in tables.items():
            text = renewed(text, name, make())
        if text != held:
            path.write_text(text, encoding="utf-8")
        click.echo(f"{path.relative_to(ROOT)}: {'as it was' if text == held else 'written anew'}")


if __name__ == "__main__":
    main()
