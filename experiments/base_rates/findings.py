"""What the model gives of each published rate, with its interval, and whether the two meet."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evidence.published import PUBLISHED, SEEN, Published
from experiments.lab.statistics import chance, jeffreys, rate, rate_ratio
from experiments.show.words import FALL, happened
from model.outcomes import Ending

CONDITIONS = ("quiet", "protest", "war")

type Number = tuple[float, float, float]
"""A number and the ends of its 95 % interval."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """What the model gives of a rate (None: nothing of it happened), beside what was published."""

    published: Published
    model: Number | None

    @property
    def misses(self) -> bool:
        """Whether the model's interval and the published range have nothing in common."""
        if self.model is None or not self.published.found:
            return False
        return self.model[2] < self.published.low or self.published.high < self.model[1]

    @property
    def compared(self) -> bool:
        """Whether both are there."""
        return self.model is not None and self.published.found

    @property
    def evidence(self) -> bool:
        """Whether both are there, and the published number was seen in a source."""
        return self.compared and self.published.origin == SEEN


@dataclass(frozen=True, kw_only=True)
class Count:
    """What was lived in one condition."""

    lives: int
    years: float
    attempts: int
    endings: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A check for each published rate, and what was counted."""

    checks: tuple[Check, ...]
    counts: Mapping[str, Count]
    worlds: int
    n_citizens: int
    origin: str

    def of(self, condition: str, measure: str) -> Check:
        """Return one check."""
        return next(c for c in self.checks if (c.published.condition, c.published.measure) == (condition, measure))

    def table(self) -> pd.DataFrame:
        """Return the checks as rows."""
        return pd.DataFrame(
            [
                {
                    "condition": check.published.condition, "measure": check.published.measure,
                    **dict(zip(("model", "model_low", "model_high"), check.model or (None,) * 3, strict=True)),
                    "published_low": check.published.low, "published_high": check.published.high,
                    "misses": check.misses if check.compared else None, "source": check.published.key or "none found",
                    "origin": check.published.origin, "words": check.published.words,
                }
                for check in self.checks
            ]
        )  # fmt: skip


def findings_of(rows: pd.DataFrame, origin: str) -> Findings:
    """Return what the runs say of every published rate.

    Only lives that come to their condition count: one that ends before the entry has no year of war.
    """
    lived = rows[rows["years"] > 0.0]
    by = {condition: lived[lived["condition"] == condition] for condition in CONDITIONS}
    checks = tuple(
        Check(published=one, model=number_of(one.measure, by[one.condition], by["quiet"])) for one in PUBLISHED
    )
    counts = {
        condition: Count(
            lives=len(own), years=float(own["years"].sum()), attempts=int(own["attempts"].sum()),
            endings={str(ending): int((own["ending"] == ending).sum()) for ending in Ending},
        )
        for condition, own in by.items()
    }  # fmt: skip
    return Findings(
        checks=checks, counts=counts, worlds=rows["world"].nunique(), n_citizens=int(rows["n_citizens"].iloc[0]),
        origin=origin,
    )  # fmt: skip


def number_of(measure: str, own: pd.DataFrame, quiet: pd.DataFrame) -> Number | None:
    """Return a measure with its interval; None where nothing happened of which it is a share."""
    if own.empty:
        return None
    fell = happened(own["ending"], FALL)
    if measure in ("attempts", "falls"):
        events = own["attempts"] if measure == "attempts" else fell
        each = rate(np.asarray(events, float), own["years"].to_numpy(), own["world"].to_numpy())
        return 100.0 * each.value, 100.0 * each.low, 100.0 * each.high
    if measure == "attempts_times":
        return times_of(own, quiet)
    if measure == "fell":
        share = chance(fell, own["world"].to_numpy())
        return share.value, share.low, share.high
    coups = int((own["ending"] == Ending.COUP).sum())
    if measure == "success":
        # An attempt with the patron's nod that succeeds ends as a replacement: it took the capital all the same.
        succeeded = coups + int(own.loc[own["ending"] == Ending.REPLACED, "attempts"].gt(0).sum())
        return share_of(succeeded, int(own["attempts"].sum()))
    return share_of(coups, coups + int((own["ending"] == Ending.UPRISING).sum()))


def share_of(hits: int, n: int) -> Number | None:
    """Return a share of few with its interval.

    >>> [round(end, 3) for end in share_of(1, 4)]
    [0.25, 0.028, 0.716]
    >>> share_of(0, 0) is None
    True
    """
    return (hits / n, *jeffreys(hits, n)) if n else None


def times_of(own: pd.DataFrame, quiet: pd.DataFrame) -> Number | None:
    """Return how many times as many attempts a year there are as in quiet years."""
    if quiet.empty or not own["attempts"].sum() + quiet["attempts"].sum():
        return None
    each = [(part["attempts"].to_numpy(float), part["years"].to_numpy(), part["world"]) for part in (own, quiet)]
    low, high = rate_ratio(*each[0], *each[1])
    (mine, base) = (float(events.sum() / years.sum()) for events, years, _ in each)
    return (mine / base if base else math.inf), low, high
