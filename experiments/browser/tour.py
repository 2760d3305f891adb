"""Scenes to begin with, and a tour of seven for a first-time reader: each is lived anew, whatever was done before."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import solara

from experiments.browser.address import with_twin
from experiments.browser.choice import Select
from experiments.browser.rewind import Act
from experiments.browser.strip import opening
from experiments.browser.world import BrowserWorld, check, live
from model.episode import load_episode

EVE = load_episode("belarus-2022").day_of(load_episode("belarus-2022").entering.date) - 1
"""The day before he enters, if he does so on the episode's date."""


@dataclass(frozen=True)
class Scene:
    """A world on a certain day: the middle accepted history of an episode, what is done in it, and in its twin."""

    episode: str = "belarus-2022"
    arm: str = "stay"
    days: int = 0
    acts: tuple[Act, ...] = ()
    twin_acts: tuple[Act, ...] = ()
    """What is done in a twin, which parts with the first; none: there is no twin."""

    def lived(self, first: dict[str, Any], **changed: Any) -> BrowserWorld:
        """Return its world, lived to its day.

        Args:
            first: the controls of a page that was just opened.
            changed: controls that are others.
        """
        setup, said = check(**opening(first | {"episode": self.episode}) | {"arm": self.arm} | changed)
        if self.twin_acts:
            since = self.twin_acts[0][0]
            world = with_twin(setup, list(self.acts), list(self.twin_acts), since, len(self.acts), self.days)
        else:
            world = live(setup, self.acts, self.days)
        world.messages += said
        return world


PRESETS = {
    "The eve of the war: he stays out": Scene(),
    "He enters, a month into the war": Scene(arm="enter"),
    "Twins: he stays out, and he enters": Scene(days=EVE + 21, twin_acts=((EVE, "enter_war"),)),
    "He enters on the first day, and the media are open": Scene(days=7, acts=((0, "enter_war"), (0, "open_media"))),
    "He enters, and Moscow drops him": Scene(arm="enter", days=EVE + 40, acts=((EVE + 33, "moscow_drops"),)),
    "He decides: take Moscow's seat": Scene(arm="decide"),
    "The revolt of 2020": Scene(episode="belarus-2020"),
}
"""Worlds to begin with, by name."""


@dataclass(frozen=True)
class Step:
    """A step of the tour: its title, what to look at, where that is on the page, and the world that it shows."""

    title: str
    words: str
    places: tuple[str, ...]
    scene: Scene | None = None
    """None: that of the step before."""


_ENTERS = (EVE, "enter_war")
_HOME = (EVE + 31, "withdraw")
TOUR = (
    Step(
        "2020",
        "This is the second week of the revolt of August 2020, lived by the model with numbers that were fitted to it. "
        "In the chart of the crowd the upright marks are what was counted, the lines are the model's: see where they "
        "agree and where they do not.",
        ("Day by day", "The country"),
        Scene(episode="belarus-2020", days=14),
    ),
    Step(
        "The eve",
        "The same country on the eve of 24 February 2022: whom the crackdown drove abroad is in exile, and the land is "
        "about to be lent to Moscow. Look at how many are against him in private, and at how few are ready to go out. "
        "The rope shows what presses on him at home and in Moscow.",
        ("The country", "The tightrope"),
        Scene(),
    ),
    Step(
        "He enters",
        "A month into the war he sends his troops; two weeks of it are lived. Look at the street, at who is detained, "
        "and at the units that refuse to go. Behind the lines lies what is usual in 50 histories.",
        ("What happened", "Day by day"),
        Scene(days=EVE + 14, acts=(_ENTERS,)),
    ),
    Step(
        "The twin",
        "Here he stays out, and a twin with the same dice enters: until that evening both are the same to the last "
        "bit. Whatever differs since then comes from entering, and from nothing else. Look at who was the first to act "
        "differently.",
        ("The twin",),
        Scene(days=EVE + 31, twin_acts=(_ENTERS,)),
    ),
    Step(
        "Home again",
        "After a month the twin brings its troops home, and another month is lived. Look at which differences close "
        "again, and which stay: the dead do not come back, nor does what people have seen.",
        ("The twin", "Day by day"),
        Scene(days=EVE + 61, twin_acts=(_ENTERS, _HOME)),
    ),
    Step(
        "Moscow drops him",
        "Now Moscow gives the twin up for good: no money, no men. Look at whether he walks on without it, and at his "
        "forces. Press Chances now for how often such a world ends in a fall, with new luck; you may guess first.",
        ("The twin", "Your hand", "Chances from here"),
        Scene(days=EVE + 91, twin_acts=(_ENTERS, _HOME, (EVE + 61, "moscow_drops"))),
    ),
    Step(
        "What is not known",
        "Belarus never entered: how people would answer is carried over from 2020 and from the lending of the land, by "
        "an assumption. The intervals say how well the runs know the model's answer, not how well the model knows the "
        "country. It is no forecast; this was one history of many, and “Among all histories” says how they end.",
        ("Among all histories",),
    ),
)
"""The tour, in order."""


@solara.component_vue("tour.vue")
def Stepper(step: int, most: int, title: str, words: str, places: list[str], event_go: Callable[[int], None]) -> None:
    """A step of the tour, with the ways on, back and out (step 0), and buttons that bring its places into view."""


@solara.component
def Start(show: Callable[[Scene], None]) -> None:
    """The tour and the worlds to begin with; ``show`` puts a scene's world on the page."""
    at, set_at = solara.use_state(0)
    chosen, choose = solara.use_state("")

    def go(step: int) -> None:
        if not 0 <= step <= len(TOUR):
            return
        set_at(step)
        scene = TOUR[step - 1].scene if step else None
        if scene is not None:
            show(scene)

    def begin(name: str) -> None:
        choose(name)
        set_at(0)
        if name in PRESETS:
            show(PRESETS[name])

    now = TOUR[at - 1] if at else Step("", "", ())
    with solara.Div(classes=["tr-wide", "tour-on"] if at else ["tr-wide"]), solara.Div(classes=["start"]):
        Stepper(step=at, most=len(TOUR), title=now.title, words=now.words, places=list(now.places), event_go=go)
        if not at:
            Select("Begin with", values=["choose a world", *PRESETS], value=chosen or "choose a world", on_value=begin)
