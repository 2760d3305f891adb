"""Lives one run of a store again, from what the store keeps of it, and says whether it is the same."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from experiments.lab.runner import Run, Task, attempt
from experiments.lab.runner import key as key_of
from experiments.lab.store import Kept, StoreError, kept_run
from model.episode import Episode
from model.parameters import Parameters

SHOWN = 60
"""How much of a value is shown [characters]; the days of a run are packed into a long one."""
CHANGED = "the model has changed since, or what is read off a run"


def live_again(path: str | Path, beginning: str) -> str:
    """Live the run of a store whose key begins so, and return what it shows, and that it is the same.

    Raises:
        StoreError: if there is no such run, or it cannot be made again.
        click.ClickException: if it is not the same; the message says in what.
    """
    kept = kept_run(path, beginning)
    run, task = made_again(kept, path)
    row = attempt(kept.key, run, task)
    held = {"status": kept.status, "error": kept.error, **kept.outcome}
    now = {"status": row["status"], "error": row["error"], **row["outcome"]}
    names = ", ".join(f"{name} {value}" for name, value in kept.labels.items())
    lines = [f"run {kept.key[:12]} of {path}: {names}", *(f"{name}: {_brief(now, name)}" for name in now)]
    but = f" ({CHANGED})" if key_of(run, task) != kept.key else ""
    differing = [name for name in held | now if _written(held, name) != _written(now, name)]
    if differing:
        click.echo("\n".join(lines))
        words = (f"{name} is {_brief(held, name)} there, {_brief(now, name)} now" for name in differing)
        raise click.ClickException(f"not equal to what {path} holds{but}: {'; '.join(words)}")
    return "\n".join([*lines, f"Equal to what the store holds, in all {len(now)} values{but}."])


def made_again(kept: Kept, path: str | Path) -> tuple[Run, Task]:
    """Return a run that a store has kept, and the task that it was given to.

    Raises:
        StoreError: if it was made of what this project has no more.
    """
    told, numbers = kept.inputs, kept.inputs["parameters"]
    try:
        run = Run(
            episode=Episode.from_dict(told["episode"]),
            parameters=Parameters().replace(numbers["numbers"]).switch_off(*numbers["without"]),
            labels={name: value for name, value in kept.labels.items() if name not in ("arm", "seed", "n_citizens")},
            **{name: told[name] for name in ("arm", "seed", "history", "n_citizens", "days", "asked")},
        )
        return run, _task(told["task"], kept.spec)
    except (ValueError, ImportError, AttributeError, KeyError, TypeError) as error:
        what = f"{path}: run {kept.key[:12]} cannot be made again, as the project is now ({error})"
        raise StoreError(what) from None


def _task(name: str, spec: Mapping[str, Any]) -> Task:
    """Return a task of this project by its name; one that belongs to a class is that of what the store is about."""
    module, _, inside = name.partition(":")
    if not module.startswith("experiments."):
        raise ValueError(f"its task {name} stands in no question of this project")
    owner, _, function = inside.rpartition(".")
    found: Any = importlib.import_module(module)
    if owner:
        found = getattr(found, owner).from_spec(spec)
    return getattr(found, function)


def _written(values: Mapping[str, Any], name: str) -> str:
    """Return a value as the store writes it, so that nan is nan."""
    return json.dumps(values[name]) if name in values else "missing"


def _brief(values: Mapping[str, Any], name: str) -> str:
    text = _written(values, name)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
