"""Why a recipe's run is not the recorded one: it was edited (and where), or made with other sources or versions."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

BESIDE = ("fingerprint", "sources", "versions", "marks")
"""What a recipe holds beside what the run is lived from."""


def marks(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Return a mark for each entry of a recipe, and for each of its parameters: another value has another mark.

    >>> first, edited = ({"seed": seed, "parameters": {"citizen.noise": 0.1}} for seed in (1, 2))
    >>> [name for name, mark in marks(first).items() if marks(edited)[name] != mark]
    ['seed']
    """
    flat = {name: value for name, value in recipe.items() if name not in (*BESIDE, "parameters")}
    flat |= {name: float(value) for name, value in recipe.get("parameters", {}).items()}
    return {name: hashlib.sha256(json.dumps(value).encode()).hexdigest()[:6] for name, value in flat.items()}


def edited(recipe: Mapping[str, Any]) -> list[str]:
    """Return what was changed in a recipe since it was written, by name; nothing if it holds no marks."""
    written = recipe.get("marks")
    if not written:
        return []
    now = marks(recipe)
    return sorted(name for name in {*written, *now} if written.get(name) != now.get(name))


def reason(recipe: Mapping[str, Any], sources: str, versions: Mapping[str, str]) -> str:
    """Return why a recipe's run is another one than it was when the recipe was written.

    Args:
        recipe: the recipe, read.
        sources: the hash of the sources here.
        versions: of Python and the packages here.

    >>> reason({"sources": "a"}, "b", {})
    'it was made with other sources of the model'
    """
    changed = edited(recipe)
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        return f"the recipe was edited since it was written ({', '.join(changed[:5])}{more})"
    if recipe.get("sources", sources) != sources:
        return "it was made with other sources of the model"
    others = [
        f"{name} {there}, here {versions[name]}"
        for name, there in recipe.get("versions", {}).items()
        if name in versions and versions[name] != there
    ]
    if others:
        return f"it was made with other versions ({'; '.join(others)})"
    if recipe.get("marks"):
        return "its fingerprint is another, though what it is lived from is as written"
    return "it was made with other sources or versions, or edited"
