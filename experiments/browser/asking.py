"""Asking for chances, and showing them as what they are: those of the day and the acts that they were asked on."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import contextlib
import functools
import html
import threading
from collections.abc import Sequence

import solara
from mesa.visualization.utils import force_update, update_counter

from experiments.browser import charts
from experiments.browser.chances import Chances
from experiments.browser.draw import date_words
from experiments.browser.guess import GuessFirst
from experiments.browser.look import Look
from experiments.browser.picture import Picture
from experiments.browser.rewind import DONE
from experiments.browser.world import BrowserWorld

NAMES = ("This world", "The twin")


def ask(world: BrowserWorld, chances: solara.Reactive[tuple[Chances, ...]]) -> None:
    """Ask for the chances of a world and of its twin from now on; they come in a thread of their own."""
    for forks in chances.value:
        forks.stop()
    twin = world.stage.twin
    fresh = (Chances(world), *([] if twin is None else [Chances(twin.world)]))
    chances.set(fresh)

    def tell() -> None:
        with contextlib.suppress(Exception):  # the page may be gone
            force_update()

    def work() -> None:
        for forks in fresh:
            forks.work(tell)

    threading.Thread(target=work, daemon=True).start()


def moved(forks: Chances, shown: BrowserWorld | None) -> list[str]:
    """Return in what the world that is shown differs from the one that was asked about: nothing, if it still stands so.

    Args:
        forks: what was asked.
        shown: the world on the page, or the past day of it that the reader looks at; None: it is there no more.
    """
    if shown is None:
        return ["this twin was closed"]
    since = [DONE[name] for _, name in shown.interventions[len(forks.acts) :]]
    before = [DONE[name] for _, name in forks.acts[len(shown.interventions) :]]
    days, later = abs(shown.day - forks.since), shown.day > forks.since
    said = [f"since then: {', '.join(since)}"] if since else []
    said += [f"what is shown is before: {', '.join(before)}"] if before else []
    if days:
        said.append(f"{days} day{'s' * (days > 1)} {'lived since' if later else 'later than what is shown'}")
    return said


def gone_on(world: BrowserWorld, shown: BrowserWorld, which: int, forks: Chances) -> list[str]:
    """Return why chances no longer hold for what is shown: for the world itself (0), or for its twin (1)."""
    if which == 0:
        return moved(forks, shown)
    twin = world.stage.twin
    same = twin is not None and twin.world is forks.asked
    return moved(forks, twin.world if twin is not None and same else None)


def heading(forks: Chances, name: str, seen: Look, why: list[str]) -> str:
    """Return what is said above chances: of which world, day and acts they are, and how many forks were lived.

    An interval tells of the dice of this one history, not of other histories.
    """
    if forks.failed:
        return f"{name}: stopped by a fault: {forks.failed}"
    done = ", ".join(DONE[name] for _, name in forks.acts)
    asked = f"{name} from {date_words(seen.date_of(max(forks.since, 1)))}{f' after {done}' if done else ''}"
    lived = f"{asked}: {len(forks.ends)} of {forks.n} forks lived (95 % intervals over the dice of this one history)."
    return f"Out of date ({'; '.join(why)}). {lived}" if why else lived


@solara.component
def Asked(
    world: BrowserWorld, shown: BrowserWorld, seen: Look, chances: solara.Reactive[tuple[Chances, ...]], width: float
) -> None:
    """How likely each ending is, as a band along the time line; grey once what is shown is no longer what was asked."""
    update_counter.get()
    GuessFirst(chances.value)
    if not chances.value:
        words = "Press <b>Chances now</b> above. The forks run in the background; the page goes on."
        solara.HTML(tag="p", unsafe_innerHTML=words, classes=["hint"])
        return
    alone = len(chances.value) == 1
    with solara.Div(classes=[] if alone else ["tr-two"]):
        for which, (forks, name) in enumerate(zip(chances.value, NAMES, strict=False)):
            why = gone_on(world, shown, which, forks)
            with solara.Div(classes=["asked", "stale"] if why else ["asked"]):
                solara.HTML(tag="p", unsafe_innerHTML=html.escape(heading(forks, name, seen, why)), classes=["hint"])
                wide = width if alone else min(470.0, width)
                Picture(charts.chances_band, seen, forks, wide)
                Picture(charts.chances_words, seen, forks)
    if alone and world.stage.twin is not None:
        words = "The twin was not there when this was asked."
        solara.HTML(tag="p", unsafe_innerHTML=words, classes=["hint"])
    if can_ask_again(world, chances.value):
        with solara.Div(classes=["acts"]):
            again = functools.partial(ask, world, chances)
            solara.Button("Ask again, as it is now", on_click=again, color="primary", outlined=True, small=True)


def can_ask_again(world: BrowserWorld, chances: Sequence[Chances]) -> bool:
    """Return whether chances that are through, or stopped, tell of another world or twin than there is now."""
    if not world.running or not all(forks.done for forks in chances):
        return False
    other = any(gone_on(world, world, which, forks) for which, forks in enumerate(chances))
    return other or (len(chances) > 1) != (world.stage.twin is not None)
