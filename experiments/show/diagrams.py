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


def built(simulation: str) -> dict[str, str]:
    r"""Return the module behind each attribute that a world is built of: ``{"moscow": "agents.moscow"}``.

    >>> built("from agents.elite import Elites\nclass Simulation:\n  def _build(self):\n    self.elites = Elites(self)")
    {'elites': 'agents.elite'}
    """
    imports = [node for node in ast.parse(simulation).body if isinstance(node, ast.ImportFrom)]
    module = {name.name: node.module or "" for node in imports for name in node.names}
    return {
        node.targets[0].attr: module[ast.unparse(node.value.func)]
        for node in methods(simulation)["Simulation._build"].body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute)
        and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in module
    }  # fmt: skip


def room(root: Path, module: str) -> str:
    """Return the source of the room that a module stands in: a file, or all files of an actor's folder."""
    top, name = module.split(".")[:2]
    where = root / top / name
    files = sorted(where.glob("*.py")) if where.is_dir() else [where.with_suffix(".py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def day(simulation: str, rooms: Mapping[str, str]) -> str:
    """Return the flowchart of a day, from the source of the world and that of the room behind each attribute."""
    own = methods(simulation)
    phases = calls(own["Simulation.step"])
    lines = []
    for number, phase in enumerate(phases, 1):
        owner, _, name = phase.rpartition(".")
        lived = [act for full, act in methods(rooms[owner]).items() if full.endswith(f".{name}")] if owner else []
        lines.append(f'p{number}["<b>{phase}</b><br>{sentence(lived[0] if lived else own[f"Simulation.{name}"])}"]')
    lines.append(" --> ".join(f"p{number}" for number in range(1, len(phases) + 1)))
    return mermaid([*lines, f"p{len(phases)} -. tomorrow .-> p1"], "TD")


def actors(rooms: Mapping[str, str], modules: Mapping[str, str]) -> str:
    """Return the diagram of who asks whom, from the source of each actor's room and the module of each attribute."""
    behind = {name: module.split(".")[1] for name, module in modules.items()}
    places = sorted(set(behind.values()) - set(rooms))
    lines = [f'{name}(["{name}"])' for name in sorted(rooms)] + [f'{place}["{place}"]' for place in places]
    for name, source in sorted(rooms.items()):
        others = {behind[attribute] for attribute in asked(source) & set(behind)} - {name}
        lines += [f"{name} --> {other}" for other in sorted(others)]
    return mermaid(lines, "LR")
