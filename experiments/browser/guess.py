"""Guess first: the reader says how likely a fall is before the model does, and is scored as the model is."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
from collections.abc import Sequence
from dataclasses import dataclass

import solara
from mesa.visualization.utils import update_counter

from experiments.browser.chances import Chances

COIN = 0.25
"""The score of one who always says a half."""


def brier(chance: float, fell: int, n: int) -> float:
    """Return the Brier score of a chance [0 best to 1]: the mean of (chance - what happened)^2 over n futures.

    >>> brier(0.5, 3, 10), round(brier(0.3, 3, 10), 4), brier(1.0, 0, 10)
    (0.25, 0.21, 1.0)
    """
    share = fell / n
    return share * (1.0 - chance) ** 2 + (1.0 - share) * chance**2


@dataclass(frozen=True)
class Guess:
    """What the reader said, and the forks that were lived then."""

    chance: float
    chances: Chances

    @property
    def answered(self) -> bool:
        """Whether all forks were lived."""
        return len(self.chances.ends) == self.chances.n

    @property
    def scores(self) -> tuple[float, float]:
        """The score of the guess, and the least that one number could have had: that of the forks' own share."""
        fell = self.chances.any_fall()
        return brier(self.chance, fell.count, fell.n), brier(fell.share, fell.count, fell.n)


def said(guesses: Sequence[Guess]) -> list[str]:
    """Return the sentences on the last guess, and on all of the session, of those that were answered."""
    answered = [guess for guess in guesses if guess.answered]
    if not answered:
        return []
    last, fell = answered[-1], answered[-1].chances.any_fall()
    mine, least = last.scores
    sentences = [
        f"You said {last.chance:.0%}; he falls in {fell.count} of {fell.n} forks: {fell.share:.0%} "
        f"({fell.low:.0%} to {fell.high:.0%}, 95 % over the dice of this history). Your Brier score is {mine:.2f} "
        f"(0 is best; one who always says 50 % "
        f"has {COIN}; no number could have less than {least:.2f} here)."
    ]
    if len(answered) > 1:
        mean, floor = (sum(scores) / len(answered) for scores in zip(*(one.scores for one in answered), strict=True))
        sentences.append(f"Over your {len(answered)} guesses of this session: {mean:.2f} (least possible {floor:.2f}).")
    return sentences


@solara.component
def GuessFirst(chances: Sequence[Chances]) -> None:
    """A slider for the reader's own chance of a fall; it is taken as the forks of this world are asked for."""
    chance, set_chance = solara.use_state(-1)
    guesses: solara.Reactive[tuple[Guess, ...]] = solara.use_reactive(())
    update_counter.get()
    asked = chances[0] if chances else None

    def take() -> None:
        if asked is not None and chance >= 0:
            guesses.set((*guesses.value, Guess(chance / 100.0, asked)))
            set_chance(-1)

    solara.use_effect(take, [id(asked)])
    if all(forks.done for forks in chances):
        label = "Guess first: how likely is a fall?"
        value = f"{chance} %" if chance >= 0 else "no guess yet"
        with solara.Div(classes=["guess"]):
            solara.HTML(unsafe_innerHTML=f'<div class="knob"><span>{label}</span><b>{value}</b></div>')
            solara.v.Slider(
                v_model=max(chance, 0), min=0, max=100, hide_details=True, dense=True, on_v_model=set_chance,
                attributes={"aria-label": label},
            )  # fmt: skip
    for sentence in said(guesses.value):
        solara.HTML(tag="p", unsafe_innerHTML=html.escape(sentence), classes=["told"])
