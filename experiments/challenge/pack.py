"""The side that hides a country: the truth, what is told of it, and the pack that holds nothing else."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd

from experiments.challenge.lives import (
    CAUSES,
    HIDDEN,
    LEAST,
    SEEN,
    SPAN,
    Country,
    Explained,
    chances_of,
    countries,
    falls_of,
    first_planted,
    last_that_helps,
    lived,
    seen,
    series,
)
from experiments.challenge.public import ASKED, DAYS, ELECTORS, SEAL, TASKS, Answers
from experiments.lab.outputs import in_json, whole
from experiments.lab.searches import conduct
from experiments.lab.study import Study

ERROR = 0.2
"""Crowds are counted with such an error [standard deviation of the logarithm]."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The right answers, the share of lives that fall by the wait, and all that the country is."""

    answers: Answers
    falls: Mapping[int, float]
    country: Country
    lives: int = 1
    """In so many other lives the chances were counted."""

    def sealed(self) -> str:
        """Return the truth as it is written; it holds so many numbers that its hash tells none."""
        world = self.country.world
        return in_json(
            {"answers": self.answers._asdict(), "falls": self.falls, "departs": dict(self.country.departs)}
            | {"seed": world.seed, "history": world.history, "numbers": world.parameters.flat()}
        )


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What is told of a hidden country, and the truth."""

    number: int
    days: pd.DataFrame
    truth: Truth

    def public(self) -> dict[str, str]:
        """Return the files that may be sent to anybody."""
        seal = hashlib.sha256(self.truth.sealed().encode()).hexdigest()
        return {DAYS: self.days.to_csv(index=False, lineterminator="\n"), TASKS: ASKED, SEAL: seal + "\n"}


def planted_in(number: int) -> str:
    """Return the cause of a pack: each is as likely."""
    return list(CAUSES)[int(np.random.default_rng([number, len(CAUSES)]).integers(len(CAUSES)))]


def made(study: Study, numbers: Sequence[int], n_worlds: int, lives: int, n_citizens: int) -> list[Pack]:
    """Hide countries: dice choose the cause, and the first draw that it was planted in, and that fell by it, is hidden.

    Raises:
        click.ClickException: if none of a number does.
    """
    drawn = [countries(n_worlds, number, HIDDEN) for number in numbers]
    with study.store() as store:
        searches = [
            first_planted(planted_in(number), some, n_citizens) for number, some in zip(numbers, drawn, strict=True)
        ]
        found = conduct(study, store, searches, seen, description="hide")
    if None in found:
        none = numbers[found.index(None)]
        raise click.ClickException(
            f"no draw of {n_worlds} falls by what is planted in pack {none}: give more --worlds, or another number"
        )
    packs = []
    for number, one in zip(numbers, found, strict=True):
        assert one is not None
        rows = lived(study, [one.country], lives, n_citizens, description=f"the truth of {number}")
        packs.append(Pack(number=number, days=told(one, number), truth=truth_of(one, rows)))
    return packs


def truth_of(one: Explained, rows: pd.DataFrame) -> Truth:
    """Return the right answers, from the country's other lives."""
    falls = falls_of(rows)
    chances = {name: estimate.value for name, estimate in chances_of(rows).items()}
    answers = Answers(cause=one.cause, home=last_that_helps(falls), **chances)
    return Truth(answers=answers, falls=falls, country=one.country, lives=rows["life"].nunique())


def told(one: Explained, number: int) -> pd.DataFrame:
    """Return what is told of a life: crowds with errors, whole people, and no day after the last that is told."""
    counted = {name: values[:SPAN] for name, values in series(one.outcome).items()}
    dice = np.random.default_rng([number, len(CAUSES), LEAST])
    errors = np.exp(ERROR * dice.standard_normal((2, SPAN)))
    for name, error in zip(("crowd", "capital_crowd"), errors, strict=True):
        counted[name] = counted[name] * error[: len(counted[name])]
    table = pd.DataFrame(counted)
    people = [name for name in SEEN if name != "standing_aside"]
    table[people] = (table[people] * ELECTORS).round().astype(int)
    table["standing_aside"] = table["standing_aside"].round(2)
    table.insert(0, "day", np.arange(1, len(table) + 1))
    return table


def write(pack: Pack, folder: Path) -> Path:
    """Write a pack into a folder, the truth beside what may be sent; return the folder that may be sent."""
    public = folder / "public"
    public.mkdir(parents=True, exist_ok=True)
    files: dict[Path, str] = {public / name: text for name, text in pack.public().items()}
    for place, text in (files | {folder / "sealed.json": pack.truth.sealed()}).items():
        with whole(place) as half:
            half.write_text(text, encoding="utf-8")
    return public
