"""The day and its actors as Mermaid diagrams, read from the source and from nothing else."""

import ast
from collections.abc import Mapping
from pathlib import Path


def calls(step: ast.FunctionDef) -> list[str]:
    r"""Return the phases that a day calls, in order: ``self.NAME()`` or ``self.ACTOR.NAME()`` at its top level.

    >>> calls(ast.parse("def step(self):\n  self.hear_news()\n  self.moscow.step()\n  self.day += 1").body[0])
    ['hear_news', 'moscow.step']
    """
    acts = [node.value.func for node in step.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    return [ast.unparse(act).removeprefix("self.") for act in acts]


def asked(source: str) -> set[str]:
    r"""Return what a source reads of its world: ``self.model.NAME``, or ``world.NAME`` where ``world = self.model``.

    >>> sorted(asked("def look(self):\n  world = self.model\n  return world.street.x + self.model.day"))
    ['day', 'street']
    """
    worlds = ("self.model", "world")
    nodes = ast.walk(ast.parse(source))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) in worlds}


def methods(source: str) -> dict[str, ast.FunctionDef]:
    """Return the methods of a source's classes as ``Class.method``."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {
        f"{kind.name}.{node.name}": node for kind in classes for node in kind.body if isinstance(node, ast.FunctionDef)
    }


def sentence(function: ast.FunctionDef) -> str:
    """Return the first sentence of a docstring, fit for a label."""
    first = (ast.get_docstring(function) or "").split("\n\n")[0].split(". ")[0]
    return " ".join(first.split()).rstrip(".").replace('"', "'").replace("`", "")


def mermaid(lines: list[str], kind: str) -> str:
    """Return a fenced diagram."""
    return "\n".join([f"```mermaid\nflowchart {kind}", *(f"    {line}" for line in lines), "```"])


def day(simulation: str, places: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """Return the flowchart of a day.

    Args:
        simulation: the source of the world.
        places: the source behind each attribute of the world that a phase belongs to.
        kinds: the class behind each such attribute.
    """
    own = methods(simulation)
    lines = []
    phases = calls(own["Simulation.step"])
    for number, phase in enumerate(phases, 1):
        owner, _, name = phase.rpartition(".")
        found = methods(places[owner])[f"{kinds[owner]}.{name}"] if owner else own[f"Simulation.{name}"]
        lines.append(f'p{number}["<b>{phase}</b><br>{sentence(found)}"]')
    lines.append(" --> ".join(f"p{number}" for number in range(1, len(phases) + 1)))
    return mermaid([*lines, f"p{len(phases)} -. tomorrow .-> p1"], "TD")


def actors(rooms: Mapping[str, str], attributes: Mapping[str, str], places: Mapping[str, str]) -> str:
    """Return the diagram of who asks whom.

    Args:
        rooms: the source of each actor's room, by its name.
        attributes: the room that each attribute of the world belongs to.
        places: the attributes of the world that are no actors but places, with their names.
    """
    known = dict(attributes) | dict(places)
    lines = [f'{room}(["{room}"])' for room in rooms] + [f'{place}["{place}"]' for place in places.values()]
    for room, source in rooms.items():
        lines += [
            f"{room} --> {other}" for other in sorted({known[name] for name in asked(source) & set(known)} - {room})
        ]
    return mermaid(lines, "LR")


def sources(where: Path) -> str:
    """Return the source of a file, or of all files of a folder."""
    files = sorted(where.glob("*.py")) if where.is_dir() else [where]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
