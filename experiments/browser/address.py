"""The address holds the run: what it is built from, what was done, how far it was lived; opening it lives it again.

An accepted history is named by its number among the page's draws and by the hash of their table, with what differs.
"""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import base64
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote

import solara

from experiments.browser.world import (
    EVERY_ACT,
    BrowserWorld,
    RecipeError,
    Twin,
    check,
    controls_of,
    episodes,
    fingerprint,
    live,
)
from experiments.evidence.standing import hash_of
from model.episode import load_episode
from model.worlds import file_of

LONG = 1_500
"""An address that is longer is packed [characters]."""
MOST = 100_000
"""What an address holds at most, unpacked [characters]."""
TEXTS = ("episode", "arm", "seed", "n_citizens", "world", "front", "troops", "support", "history")


def of_worlds(episode: str) -> str:
    """Return which accepted worlds an episode's draws are from: the first digits of the hash of their table."""
    file = file_of(load_episode(episodes()[episode]))
    return hash_of(file)[:12] if file else ""


def address_of(world: BrowserWorld, filled: dict[str, Any] | None = None) -> str:
    """Return the address of a run as it stands, without its ``#``; ``filled``: its controls, if they are at hand."""
    with world.stage.lock:
        controls, twin = filled or controls_of(world.setup), world.stage.twin
        parts = [(name, str(controls[name])) for name in TEXTS if controls.get(name) not in (None, "", 0)]
        if controls["world"]:
            parts.append(("of", of_worlds(world.setup.episode.name)))
        parts += [("set", f"{name}:{value!r}") for name, value in controls["numbers"].items()]
        parts += [("without", name) for name in controls["without"]]
        parts += [("act", f"{day}:{name}") for day, name in world.interventions]
        if twin is not None:
            parts.append(("twin", f"{twin.since}:{twin.shared}"))
            parts += [("twin_act", f"{day}:{name}") for day, name in twin.apart(world)[1]]
        parts += [("day", str(world.day)), ("is", fingerprint(world))]
    text = "&".join(f"{name}={quote(value, safe=':,.')}" for name, value in parts)
    if len(text) <= LONG:
        return text
    return "z=" + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def live_address(text: str) -> BrowserWorld:
    """Return the world of an address, having lived its run again, with its twin.

    Raises:
        RecipeError: if it is no such address, or asks for what cannot be.
    """
    told = _parts(text)
    given: dict[str, Any] = {name: told[name][-1] for name in TEXTS if name in told}
    numbers = dict(_pair(one, float) for one in told.get("set", []))
    if "troops" in given:
        given["troops"] = _number(given["troops"], float)
    name = given.get("episode", "")
    if name in episodes() and given.get("world") and told.get("of", [""])[-1] != of_worlds(name):
        raise RecipeError("this address is of other accepted worlds than those that are here")
    setup, said = check(**given, numbers=numbers, without=told.get("without", []))
    if said:
        raise RecipeError(f"this address cannot be followed: {said[0]}")
    days = _number(told.get("day", ["0"])[-1], int)
    if not 0 <= days <= setup.episode.days:
        raise RecipeError(f"day = {str(days)[:40]}; expected 0 to {setup.episode.days}")
    acts, others = (_acts(told.get(which, [])) for which in ("act", "twin_act"))
    if "twin" not in told or not others:
        world = live(setup, acts, days)
    else:
        since, shared = (_number(one, int) for one in (*told["twin"][-1].split(":"), "x")[:2])
        world = with_twin(setup, acts, others, min(max(since, 0), days), max(shared, 0), days)
    if "is" in told and told["is"][-1] != fingerprint(world):
        world.messages.append("This run is not the one of the address: it was made with other sources or versions")
    return world


def with_twin(setup: Any, acts: list, others: list, since: int, shared: int, days: int) -> BrowserWorld:
    """Return a world that was lived with its twin, which parted after so many days and so many acts."""
    world = live(setup, acts[:shared], since)
    twin = Twin(world.fork(), since, others[0][1], shared)
    world.stage.twin = twin
    left = [(world, list(acts[shared:])), (twin.world, list(others))]
    while True:
        for one, todo in left:
            while todo and todo[0][0] <= one.day:
                one.act(todo.pop(0)[1])
        if world.day >= days or not world.running:
            return world
        world.step()


def _parts(text: str) -> dict[str, list[str]]:
    """Return what an address holds, by name."""
    if text.startswith("z="):
        try:
            packed = base64.urlsafe_b64decode(text[2:] + "=" * (-len(text[2:]) % 4))
            text = zlib.decompressobj().decompress(packed, MOST).decode()
            if not text:
                raise ValueError("nothing is packed in it")
        except (ValueError, zlib.error):
            raise RecipeError("this is no address of a run: it cannot be unpacked") from None
    told: dict[str, list[str]] = {}
    for name, value in parse_qsl(text[:MOST]):
        told.setdefault(name, []).append(value)
    if "episode" not in told:
        raise RecipeError("this is no address of a run: it names no episode")
    return told


def _number(text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return kind(text)
    except (ValueError, OverflowError):
        raise RecipeError(f"{text[:40]!r} in the address; expected a number") from None


def _pair(text: str, kind: Callable[[str], Any]) -> tuple[str, Any]:
    name, _, value = text.partition(":")
    return name, _number(value, kind)


def _acts(told: list[str]) -> list[tuple[int, str]]:
    """Return acts, each with its day."""
    acts = []
    for one in told:
        day, _, name = one.partition(":")
        if name not in EVERY_ACT:
            raise RecipeError(f"act {one[:40]!r} in the address; expected day:act, an act of {', '.join(EVERY_ACT)}")
        acts.append((_number(day, int), name))
    return acts


@solara.component_vue("address.vue")
def Address(run: str, place: str, event_follow: Callable[[str], None]) -> None:
    """Writes the run into the browser's address, a new entry for a new ``place``; tells an address to follow."""


def place_of(world: BrowserWorld) -> str:
    """Return what makes a new entry in the browser's history: another world, or an act."""
    twin = world.stage.twin
    return f"{id(world)} {len(world.interventions)} {twin and len(twin.world.interventions)}"
