"""How far answers lie from the truth, over several hidden countries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from experiments.challenge.lives import CAUSES, WAITS
from experiments.challenge.pack import Pack
from experiments.challenge.public import CHANCES, Answers
from experiments.challenge.solver import Said, Solved
from experiments.lab.statistics import LEVEL, Estimate, chance

TASKS = ("explain", "predict", "prescribe")
BETTER = {"explain": 1.0, "predict": -1.0, "prescribe": -1.0}
"""Whether more of a score is better."""
WHO = ("ours", "blind", "guess")
FEWEST = 6
"""Over fewer packs nothing is called shown: if all said the same, a sign test would not show it either."""
STEPS = (0, *WAITS)
"""The answers to prescribe, in order."""


def scored(answers: Answers, truth: Answers) -> dict[str, float]:
    """Return the scores: is it the cause [0 or 1], how far are the chances [mean], and the day [steps].

    >>> truth = Answers(cause="shock", soon=0.4, enters=0.8, stays=0.0, home=7)
    >>> scored(Answers(cause="losses", soon=0.4, enters=0.6, stays=0.1, home=28), truth)
    {'explain': 0.0, 'predict': 0.1, 'prescribe': 2.0}
    """
    misses = [abs(getattr(answers, name) - getattr(truth, name)) for name in CHANCES]
    return {
        "explain": float(answers.cause == truth.cause),
        "predict": round(sum(misses) / len(misses), 6),
        "prescribe": float(abs(STEPS.index(answers.home) - STEPS.index(truth.home))),
    }


def guessed(truth: Answers) -> dict[str, float]:
    """Return what a guess scores on average: any cause, any day, and all chances one half.

    >>> guessed(Answers(cause="shock", soon=0.75, enters=0.75, stays=0.25, home=0))
    {'explain': 0.333333, 'predict': 0.25, 'prescribe': 2.0}
    """
    each = [scored(Answers(cause, 0.5, 0.5, 0.5, home), truth) for cause in CAUSES for home in STEPS]
    return {task: round(float(np.mean([one[task] for one in each])), 6) for task in TASKS}


def mean(values: Sequence[float] | np.ndarray) -> Estimate:
    """Return the mean of a few independent values with the interval of Student's t.

    >>> one = mean([1.0, 2.0, 3.0])
    >>> one.value, round(one.low, 2), round(one.high, 2)
    (2.0, -0.48, 4.48)
    """
    seen = np.asarray(values, float)
    error = float(seen.std(ddof=1)) / seen.size**0.5
    half = float(stdtrit(seen.size - 1, (1.0 + LEVEL) / 2.0)) * error
    middle = float(seen.mean())
    return Estimate(
        value=middle, low=middle - half, high=middle + half, error=error, draws=seen.size, method="Student's t"
    )


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A row a pack, the truth beside our answers; the scores of each, and those of who does not look."""

    packs: Sequence[Pack]
    solved: Solved
    scores: pd.DataFrame
    """A row for each pack and who answers: the scores of the tasks."""

    @property
    def said(self) -> Sequence[Said]:
        """Our answers, pack by pack."""
        return self.solved.said

    def outside(self) -> list[int]:
        """Return the packs whose share of early falls lies outside our interval."""
        ends = [(pack, said.chances["soon"]) for pack, said in zip(self.packs, self.said, strict=True)]
        return [pack.number for pack, soon in ends if not soon.low <= pack.truth.answers.soon <= soon.high]

    def of(self, who: str, task: str) -> np.ndarray:
        """Return the scores of a task, pack by pack."""
        return self.scores.loc[self.scores["who"] == who, task].to_numpy(float)

    def score(self, who: str, task: str) -> Estimate:
        """Return the score of a task over the packs."""
        values = self.of(who, task)
        if task == "explain" and who != "guess":
            return chance(values, np.arange(values.size))
        return mean(values)

    def gain(self, task: str, other: str) -> Estimate:
        """Return by how much ours is better than another's, pack by pack; positive: better."""
        return mean(BETTER[task] * (self.of("ours", task) - self.of(other, task)))

    def shown(self, task: str, other: str) -> int:
        """Return whether ours is shown to be better than another's (1), worse (-1), or neither (0)."""
        gain = self.gain(task, other)
        enough = len(self.packs) >= FEWEST
        return int(enough and gain.low > 0.0) - int(enough and gain.high < 0.0)

    def worst_first(self) -> list[int]:
        """Return the places of the packs: those whose cause was missed first, then by how far the chances are off."""
        explain, predict = self.of("ours", "explain"), self.of("ours", "predict")
        return sorted(range(len(self.packs)), key=lambda place: (explain[place], -predict[place]))

    def table(self) -> pd.DataFrame:
        """Return the truth and our answers, a row a pack."""
        rows = []
        for pack, said in zip(self.packs, self.said, strict=True):
            row: dict[str, Any] = {"pack": pack.number, "days": len(pack.days)}
            for name, answers in (("true", pack.truth.answers), ("ours", said.answers)):
                row |= {f"{field}_{name}": value for field, value in answers._asdict().items()}
            for name, estimate in said.chances.items():
                row |= {f"{name}_low": estimate.low, f"{name}_high": estimate.high}
            rows.append(row | {f"{cause}_votes": votes for cause, votes in said.votes.items()})
        return pd.DataFrame(rows)

    def summary(self) -> pd.DataFrame:
        """Return each task's score by who answers, with its interval, and by how much ours is better."""
        rows: list[Mapping[str, Any]] = []
        for task in TASKS:
            for who in WHO:
                one = self.score(who, task)
                row = {"task": task, "who": who, "score": one.value, "low": one.low, "high": one.high}
                if who != "ours":
                    gain = self.gain(task, who)
                    row |= {"ours_better_by": gain.value, "better_low": gain.low, "better_high": gain.high}
                rows.append(row)
        return pd.DataFrame(rows)


def findings_of(packs: Sequence[Pack], solved: Solved) -> Findings:
    """Work out all scores."""
    rows = []
    for pack, own in zip(packs, solved.said, strict=True):
        truth, blind = pack.truth.answers, solved.blind.answers
        by_who = {"ours": scored(own.answers, truth), "blind": scored(blind, truth), "guess": guessed(truth)}
        rows += [{"pack": pack.number, "who": who} | scores for who, scores in by_who.items()]
    return Findings(packs=packs, solved=solved, scores=pd.DataFrame(rows))
