"""What the years after each choice show, what he believes of them, and what he would do: all numbers of the answer."""

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from agents.regime import Lessons, yearly_hazard
from experiments.decision.beliefs import SIGHTS, SITUATION, best, falls, likeness, outside, sample_of
from experiments.decision.lives import AS_IS, CHOICES, ENTERS, LAND, LIMITED, REFUSES, TALKS
from experiments.evidence.gates import Gate
from experiments.lab.statistics import RESAMPLES, Estimate, chance, paired_difference
from model.episode import Episode
from model.worlds import Origin, World

EVE = 0
"""The day by which he has seen how like his own another history looked: no choice has been made yet."""
DAYS = (28, 112, 224)
"""The days of choice, counted from the eve."""
PRESSURES = (1.0, 2.0, 4.0, 8.0)
"""The patron's need of him from the choice on [multiple of the episode's]."""
PRICES = (1.0, 4.0, 16.0)
"""The rate at which the patron replaces who refuses too often [multiple of a world's own]."""
FLATTERIES = (0.0, 1.0, 2.0, 4.0)
"""How much weaker than it is the street is made to look to him, beyond what flattery he has already [log of X]."""
CELLS = (
    *((day, pressure, PRICES[0]) for day in DAYS for pressure in PRESSURES),
    *((DAYS[0], pressure, price) for price in PRICES[1:] for pressure in PRESSURES),
)
"""The days, pressures and prices at which a choice is asked: every pressure on every day; and on the first day at every
price."""
BELIEF, LOOKAHEAD = "belief", "lookahead"
LOOKERS = 20
"""In so many worlds he looks ahead: each needs its futures lived, for every choice and pressure."""
BOUGHT = (AS_IS, TALKS, LAND)
HALF = 0.5
"""He is said to enter from where on at least so many do."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure."""

    episode: Episode
    origin: Origin
    worlds: int
    futures: int
    """How many futures he imagines for each choice."""
    truth: pd.DataFrame
    """For each cell the chance to be in office a year later, by choice, and what each step gains over refusing."""
    flips: pd.DataFrame
    """Where along pressure, and along price, each step begins to gain, with its interval."""
    chooses: pd.DataFrame
    """For each way to decide and each cell the share who go limited, who enter, and who do either."""
    margin: float
    """What a change must save to be made [hazard a year, median over worlds]."""
    fears: pd.DataFrame
    """For each cell what he must overrate the hazard of refusing by, to enter [hazard a year: median, quartiles]."""
    skill: float | None
    """How much of the squared error of the plain mean belief saves in his own world, where it was not learnt."""
    worth: float
    """How many equal histories his weighed sample is worth [median]."""
    bought: pd.DataFrame
    """What is otherwise without the talks, and had the land never been lent."""
    clients: pd.DataFrame | None = None
    """What the rule says of other clients, and what they did; None: there are none to hold beside this country."""
    sorts: tuple[float, float] | None = None
    """The chance that a joiner is told to gain more than a refuser, and that shuffled answers would do as well."""
    gates: Sequence[Gate] | None = None

    def truth_at(self, day: int, pressure: float, price: float, choice: str) -> pd.Series:
        """Return what the twins show of a choice in a cell."""
        rows = self.truth
        at = (rows["day"] == day) & (rows["pressure"] == pressure) & (rows["price"] == price)
        return rows[at & (rows["choice"] == choice)].iloc[0]

    def chosen(self, way: str, day: int, pressure: float, price: float, extra: float = 0.0) -> pd.Series:
        """Return what he would do in a cell, by a way to decide."""
        rows = self.chooses
        at = (rows["day"] == day) & (rows["pressure"] == pressure) & (rows["price"] == price)
        return rows[at & (rows["way"] == way) & (rows["flattery"] == extra)].iloc[0]

    @property
    def gains(self) -> pd.DataFrame:
        """Return the cells and steps that are shown to gain over refusing."""
        steps = self.truth[self.truth["choice"] != REFUSES]
        return steps[steps["gain_low"] > 0.0]

    @property
    def deceived_by(self) -> float | None:
        """Return the least flattery tried at which belief says enter as often as not, at today's pressure and price."""
        shares = {
            extra: float(self.chosen(BELIEF, DAYS[0], PRESSURES[0], PRICES[0], extra)[ENTERS]) for extra in FLATTERIES
        }
        return min((extra for extra, share in shares.items() if share >= HALF), default=None)


def named(name: str, estimate: Estimate) -> dict[str, float]:
    """Return a number and its interval as columns of a table."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


# Truth.


def truth_of(years: pd.DataFrame) -> pd.DataFrame:
    """Return for each cell and choice the chance to be in office a year later, and what it gains over refusing."""
    rows = []
    for day, pressure, price in CELLS:
        offices = _offices(years, day, pressure, price)
        worlds = offices.index.to_numpy()
        for choice in CHOICES:
            told: dict[str, Any] = {"day": day, "pressure": pressure, "price": price, "choice": choice}
            told |= {"worlds": len(worlds)} | named("in_office", chance(offices[choice], worlds))
            if choice != REFUSES:
                told |= named("gain", paired_difference(offices[choice], offices[REFUSES], worlds))
                told["saved"] = int((offices[choice] > offices[REFUSES]).sum())
                told["lost"] = int((offices[choice] < offices[REFUSES]).sum())
            rows.append(told)
    return pd.DataFrame(rows)


def _offices(years: pd.DataFrame, day: float, pressure: float, price: float) -> pd.DataFrame:
    """Return whether he is in office after each choice, a row for each world that was asked all of them."""
    here = years[(years["day"] == day) & (years["pressure"] == pressure) & (years["price"] == price)]
    return here.pivot(index="world", columns="choice", values="in_office").reindex(columns=CHOICES).dropna()


def flips_of(years: pd.DataFrame) -> pd.DataFrame:
    """Return where the answer flips along the pressure and along the price, for each step, with its interval."""
    lines: list[tuple[str, dict[str, float], Sequence[float]]] = [
        ("pressure", {"day": day, "price": PRICES[0]}, PRESSURES) for day in DAYS
    ]
    lines += [("pressure", {"day": DAYS[0], "price": price}, PRESSURES) for price in PRICES[1:]]
    lines += [("price", {"day": DAYS[0], "pressure": pressure}, PRICES) for pressure in PRESSURES]
    rows = []
    for along, fixed, levels in lines:
        tables = [_offices(years, **{"pressure": 0.0, "price": 0.0} | fixed | {along: level}) for level in levels]
        shared = sorted(set.intersection(*(set(table.index) for table in tables)))
        for choice in (LIMITED, ENTERS):
            gains = np.column_stack([(t[choice] - t[REFUSES]).loc[shared].to_numpy(float) for t in tables])
            at, low, high = flip_interval(levels, gains)
            rows.append({"along": along, **fixed, "choice": choice, "at": at, "low": low, "high": high})
    return pd.DataFrame(rows)


def crossing(levels: Sequence[float], gains: np.ndarray) -> float:
    """Return the level from which on a step gains, between those tried by its logarithm; infinite: at none tried.

    >>> round(crossing([1.0, 2.0, 4.0], np.array([-0.2, -0.1, 0.1])), 6), crossing([1.0, 2.0], np.array([0.0, 0.0]))
    (2.828427, inf)
    """
    for place, gain in enumerate(gains):
        if gain > 0.0:
            if place == 0:
                return levels[0]
            before = float(gains[place - 1])
            part = -before / (float(gain) - before)
            return float(levels[place - 1] * (levels[place] / levels[place - 1]) ** part)
    return math.inf


def flip_interval(levels: Sequence[float], gains: np.ndarray) -> tuple[float, float, float]:
    """Return where the mean gain flips, and its 95 % interval by a bootstrap over worlds (a row of gains each)."""
    if not len(gains):
        return math.inf, math.inf, math.inf
    dice = np.random.default_rng(20_220_224)
    picks = dice.multinomial(len(gains), np.full(len(gains), 1.0 / len(gains)), size=RESAMPLES)
    places = [crossing(levels, row) for row in picks @ gains / len(gains)]
    low, high = np.quantile(places, [0.025, 0.975], method="inverted_cdf")
    return crossing(levels, gains.mean(axis=0)), float(low), float(high)


# Belief and lookahead.


def histories_of(worlds: Sequence[World]) -> dict[int, int]:
    """Return the seed of the past of each world: worlds that share it are one accepted history."""
    return {world.number: world.seed if world.history is None else world.history for world in worlds}


def eves_of(seen: pd.DataFrame, histories: Mapping[int, int]) -> pd.DataFrame:
    """Return what each history saw by its eve, by history; worlds that share one saw nearly the same, the first counts.

    Nothing that came after a choice is among it.
    """
    eves = seen[seen["day"] == EVE].sort_values("world")
    eves = eves.assign(history=eves["world"].map(histories)).drop_duplicates("history")
    return eves.set_index("history")[list(SIGHTS)].sort_index()


def situations_of(seen: pd.DataFrame) -> pd.DataFrame:
    """Return what is seen of the situation in each cell: pressure and price there are multiples of that day's.

    ``times`` and ``dear`` are the multiples.
    """
    frames = [
        seen[seen["day"] == day].assign(pressure=lambda rows, by=times: rows["pressure"] * by,
                                        price=lambda rows, by=dear: rows["price"] * by, times=times, dear=dear)
        for day, times, dear in CELLS
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)[["world", "day", "times", "dear", "bias", *SITUATION]]


def taught(years: pd.DataFrame, seen: pd.DataFrame, histories: Mapping[int, int]) -> pd.DataFrame:
    """Return the years that were lived, each with its history and what was seen on the day of the choice."""
    keys = years[["world", "day", "pressure", "price", "choice", "in_office"]]
    keys = keys.rename(columns={"pressure": "times", "price": "dear"})
    both = keys.merge(situations_of(seen), on=["world", "day", "times", "dear"])
    return both.assign(history=both["world"].map(histories))


def believes(
    seen: pd.DataFrame, lessons: Mapping[int, tuple[Lessons, float]], histories: Mapping[int, int]
) -> pd.DataFrame:
    """Return the chance to fall that each believes of each choice, a row for each world, cell and flattery.

    Each judges by what his own history has learnt from the others.
    """
    columns = ["world", "day", "pressure", "price", "flattery", *CHOICES]
    rows = [pd.DataFrame(columns=columns)]
    for world, own in situations_of(seen).groupby("world", sort=True):
        if histories[world] in lessons:
            cells = own[["world", "day"]].assign(pressure=own["times"], price=own["dear"])
            for extra in FLATTERIES:
                told = falls(lessons[histories[world]][0], own, extra)
                rows.append(pd.concat([cells.assign(flattery=extra), told], axis=1))
    return pd.concat(rows[1:] or rows, ignore_index=True)


def futures_of(seen: pd.DataFrame, histories: Mapping[int, int], n: int, seed: int) -> dict[int, list[tuple[int, int]]]:
    """Return for some worlds the futures that he imagines: in which other history each lies, with which dice."""
    standing = set(seen.loc[seen["day"] == DAYS[0], "world"])
    eves = seen[(seen["day"] == EVE) & seen["world"].isin(standing)].set_index("world").sort_index()
    drawn = {}
    for world in eves.index[:LOOKERS]:
        others = [other for other in eves.index if histories[other] != histories[world]]
        if others:
            dice = np.random.default_rng([seed, zlib.crc32(LOOKAHEAD.encode()), int(world)])
            places = sample_of(likeness(eves.loc[others], eves.loc[world]), n, dice)
            drawn[int(world)] = [(int(others[place]), number) for place, number in places]
    return drawn


STATE = ["rung", "support", "course"]
"""What others can see of his state, too: a future is imagined from there."""


def looks_ahead(
    futures: Mapping[int, list[tuple[int, int]]], seen: pd.DataFrame, imagined: pd.DataFrame
) -> pd.DataFrame:
    """Return the share of imagined futures in which each falls, by pressure and choice, a row for each world."""
    first = seen[seen["day"] == DAYS[0]].set_index("world")
    standing = imagined[imagined["stands"] == 1]
    fell = {
        tuple(row[:-1]): 1 - row[-1]
        for row in standing[["other", "dice", *STATE, "pressure", "choice", "in_office"]].itertuples(index=False)
    }
    rows = []
    for world, drawn in futures.items():
        state = tuple(first.loc[world, STATE])
        for pressure in PRESSURES:
            asked = [[fell.get((*future, *state, pressure, choice)) for choice in CHOICES] for future in drawn]
            whole = np.array([row for row in asked if None not in row], float)
            if len(whole):
                fell_in = dict(zip(CHOICES, whole.mean(axis=0).tolist(), strict=True))
                rows.append({"world": world, "day": DAYS[0], "pressure": pressure, "price": PRICES[0], **fell_in})
    columns = ["world", "day", "pressure", "price", *CHOICES]
    return pd.DataFrame(rows, columns=columns).assign(flattery=0.0)


def chooses_of(way: str, believed: pd.DataFrame, margins: Mapping[int, float]) -> Iterator[dict[str, Any]]:
    """Yield for each cell the share who go limited, who enter, and who do either."""
    chances = zip(believed["world"], believed[list(CHOICES)].to_dict("records"), strict=True)
    told = believed.assign(choice=[best(row, margins[world]) for world, row in chances])
    for (day, pressure, price, extra), rows in told.groupby(["day", "pressure", "price", "flattery"], sort=True):
        asked, choice = rows["world"].to_numpy(), rows["choice"]
        row = {"way": way, "day": day, "pressure": pressure, "price": price, "flattery": extra, "asked": len(rows)}
        for name, share in ((LIMITED, choice == LIMITED), (ENTERS, choice == ENTERS), ("either", choice != REFUSES)):
            row |= named(name, chance(share.to_numpy(float), asked))
        yield row


def fears_of(beliefs: pd.DataFrame, margins: Mapping[int, float]) -> pd.DataFrame:
    """Return by how much he must overrate the hazard of refusing to enter in full: median and quartiles."""
    own = beliefs[beliefs["flattery"] == 0.0]
    need = own["world"].map(margins) + own[ENTERS].map(yearly_hazard) - own[REFUSES].map(yearly_hazard)
    gap = need.groupby([own["day"], own["pressure"], own["price"]])
    names = {0.25: "low", 0.5: "median", 0.75: "high"}
    return gap.quantile(list(names)).unstack().rename(columns=names).reset_index()


def skill_of(beliefs: pd.DataFrame, years: pd.DataFrame) -> float | None:
    """Return how much of the squared error of the plain mean of a choice belief saves, each in his own world.

    0 or less: it knows nothing that the mean does not; None: nobody falls, or all do.
    """
    own = beliefs[beliefs["flattery"] == 0.0].melt(
        ["world", "day", "pressure", "price"], list(CHOICES), "choice", "believed"
    )
    both = own.merge(years, on=["world", "day", "pressure", "price", "choice"])
    fell = 1.0 - both["in_office"].astype(float)
    plain = fell.groupby(both["choice"]).transform("mean")
    scatter = float(((fell - plain) ** 2).sum())
    return 1.0 - float(((fell - both["believed"].astype(float)) ** 2).sum()) / scatter if scatter > 0.0 else None


# What was bought, and others' choices.


def bought_of(years: pd.DataFrame) -> pd.DataFrame:
    """Return what talks and the lent land bought him who refuses: a row each, against the year as it is."""
    rows = []
    numbers = {name: rows_of.set_index("world") for name, rows_of in years.groupby("off")}
    for off in BOUGHT:
        here, own = numbers[off], numbers[AS_IS]
        shared = here.index.intersection(own.index)
        here, own = here.loc[shared], own.loc[shared]
        told: dict[str, Any] = {"off": off, "worlds": len(shared)}
        told |= {name: float(here[name].mean()) for name in ("mean_pressure", "refusals", "gdp_lost")}
        told |= named("in_office", chance(here["in_office"], shared))
        told |= named("gain", paired_difference(own["in_office"], here["in_office"], shared))
        rows.append(told)
    return pd.DataFrame(rows)


def sorted_clients(lessons: Lessons, clients: pd.DataFrame, margin: float, usual: float) -> pd.DataFrame:
    """Return what the rule of belief says of other clients, beside what they did.

    Args:
        lessons: those of all histories alike.
        clients: their situations; ``price`` is a multiple of the usual one.
        margin: what a change must save [hazard a year].
        usual: how ready Moscow is to replace who refuses [a year, median over worlds].
    """
    seen = clients.assign(price=clients["price"] * usual)
    told = falls(lessons, seen)
    says = [best(row, margin) for row in told.to_dict("records")]
    hazards = told.map(yearly_hazard)
    return clients.assign(
        **{f"falls_if_{choice}": told[choice] for choice in CHOICES}, says=says, beyond=outside(lessons, seen),
        gain=hazards[REFUSES] - hazards[[LIMITED, ENTERS]].min(axis=1),
        right=[(say != REFUSES) == bool(did) for say, did in zip(says, clients["joined"], strict=True)],
    )  # fmt: skip


def sorts(gains: Sequence[float], joined: Sequence[float]) -> tuple[float, float]:
    """Return the chance that a joiner is told to gain more than a refuser, and that a shuffled answer does as well.

    All ways to name as many joiners are tried (an exact permutation test).

    >>> sorts([3.0, 2.0, 1.0, 0.0], [1, 1, 0, 0])
    (1.0, 0.16666666666666666)
    """
    values, n, k = np.asarray(gains, float), len(gains), int(sum(joined))
    if not 0 < k < n:
        return 0.5, 1.0
    above = (values[:, None] > values[None, :]) + 0.5 * (values[:, None] == values[None, :])

    def share(chosen: Sequence[int]) -> float:
        rest = [place for place in range(n) if place not in chosen]
        return float(above[np.ix_(list(chosen), rest)].mean())

    seen = share([place for place, did in enumerate(joined) if did])
    tries = [share(chosen) for chosen in combinations(range(n), k)]
    return seen, sum(one >= seen - 1e-12 for one in tries) / len(tries)
