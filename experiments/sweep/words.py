"""What a sweep found: its table, and what it says in words."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.lab.design import RANDOM, plain
from experiments.lab.statistics import Values, Z, chance, paired_difference
from experiments.lab.store import Store
from model.outcomes import FALLS, Ending
from model.parameters import DECLARED
from model.simulation import Arm

if TYPE_CHECKING:
    from experiments.sweep.__main__ import Plan

FALL = "fall"
CHANCES = (*map(str, Ending), FALL)
"""Outcomes that are a chance; all others are a mean."""
BINS = 5
"""In how many parts a figure cuts the range of a number in a random design or a file's."""
WORDS = {
    str(Ending.UPRISING): "an uprising",
    str(Ending.COUP): "a coup",
    str(Ending.REPLACED): "being replaced by the patron",
    str(Ending.SURVIVED): "survival",
    FALL: "any fall",
}
UNITS = {"entry.troops": "people", "start.debt": "rescues of 2020"}

type Estimate = tuple[float, float, float]
type Cells = dict[tuple[Any, str, Any], Estimate]


def chance_of(happened: Values, clusters: list[np.ndarray]) -> Estimate:
    """Return a chance and its 95 % interval; of several ways to say who shares luck, the widest interval counts."""
    chances = [chance(happened, names) for names in clusters]
    return max(((each.value, each.low, each.high) for each in chances), key=_width)


def mean_of(values: np.ndarray, clusters: list[np.ndarray]) -> Estimate:
    """Return a mean and its normal 95 % interval from the spread between clusters, which are worlds or seeds.

    >>> [round(x, 2) for x in mean_of(np.array([4.0, 6.0] * 10), [np.arange(20)])]
    [5.0, 4.55, 5.45]
    """
    n, mean = len(values), float(values.mean())
    intervals = []
    for names in clusters:
        _, place = np.unique(names, return_inverse=True)
        m = int(place.max()) + 1
        off = np.bincount(place, weights=values - mean)
        half = Z * math.sqrt(float(off @ off) / n**2 * m / (m - 1) if m > 1 else math.inf)
        low = mean - half if values.min() < 0.0 else max(0.0, mean - half)  # a count is not negative
        intervals.append((mean, low, mean + half))
    return max(intervals, key=_width)


def _width(estimate: Estimate) -> float:
    return estimate[2] - estimate[1]


def frame_of(store: Store, plan: "Plan", *outcomes: str) -> pd.DataFrame:
    """Return the finished runs of a plan's points: what varied, arm, world, seed, status, the outcomes asked for."""
    asked = {tuple(map(plain, point)) for point in plan.design.points}
    names = [*plan.design.names, "arm", *(["world", "front"] if plan.drawn else []), "seed", "status", "error"]
    columns: dict[str, list[Any]] = {name: [] for name in dict.fromkeys([*names, "cluster", *CHANCES, *outcomes])}
    for row in store.rows():
        if row["arm"] not in plan.arms or tuple(row[name] for name in plan.design.names) not in asked:
            continue
        for name in names:
            columns[name].append(row[name])
        columns["cluster"].append(cluster_of(plan, row))
        for name in dict.fromkeys([*CHANCES, *outcomes]):
            columns[name].append(value_of(name, row) if row["status"] == "done" else math.nan)
    return pd.DataFrame(columns)


def table_of(frame: pd.DataFrame, plan: "Plan") -> pd.DataFrame:
    """Return a row for each row of the design and each arm: its runs, and the chance of each ending with its interval.

    Rows stand in the design's order, and are as many as it has, also where equal ones share their runs.
    """
    names = [*plan.design.names, "arm"]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for point, group in frame.groupby(names, sort=False):
        done = group[group["status"] == "done"]
        row: dict[str, Any] = {"runs": len(done), "failed": len(group) - len(done)}
        for name in CHANCES if len(done) else ():
            row[name], row[f"{name}_low"], row[f"{name}_high"] = estimate_of(done, name, plan)
        found[point] = row
    wanted = [(*map(plain, plan.design.points[place]), arm) for place in plan.design.rows for arm in plan.arms]
    none = {"runs": 0, "failed": 0}
    return pd.DataFrame([dict(zip(names, point, strict=True)) | found.get(point, none) for point in wanted])


def effects_of(frame: pd.DataFrame, plan: "Plan") -> pd.DataFrame:
    """Return, for twins, what entering adds to the chances at each point, pair by pair, with its interval."""
    done = frame[frame["status"] == "done"]
    names = list(plan.design.names)
    sides = (done[done["arm"] == arm] for arm in (Arm.STAY, Arm.ENTER))
    both = pd.merge(*sides, on=[*names, "cluster", "seed"], suffixes=("_stay", ""))
    rows = []
    for point, pairs in both.groupby(names, sort=False) if names else [((), both)]:
        row = dict(zip(names, point, strict=True)) | {"pairs": len(pairs)}
        for name in (str(Ending.UPRISING), FALL) if len(pairs) else ():
            effect = paired_difference(pairs[name], pairs[f"{name}_stay"], pairs["cluster"])
            row |= {name: effect.value, f"{name}_low": effect.low, f"{name}_high": effect.high}
        rows.append(row)
    return pd.DataFrame(rows)


def verdict(table: pd.DataFrame, plan: "Plan", outcome: str = str(Ending.UPRISING)) -> str:
    """Return in words how the chance of an ending moves over the points of a grid or a list, for each arm."""
    sentences = []
    for arm in plan.arms:
        rows = table[(table["arm"] == arm) & (table["runs"] > 0)]
        if rows.empty:
            continue
        least = rows.sort_values([outcome, f"{outcome}_high"]).iloc[0]
        most = rows.sort_values([outcome, f"{outcome}_low"]).iloc[-1]
        if least[outcome] == most[outcome]:
            said = in_percent(most, outcome) + (f" at each of {len(rows)} points" if len(rows) > 1 else "")
        elif most[f"{outcome}_low"] > least[f"{outcome}_high"]:
            low, high = (f"{in_percent(row, outcome)} at {_point_words(row, plan)}" for row in (least, most))
            said = f"from {low} to {high}, the extremes of {len(rows)} points"
        else:
            span = f"between {number_words(least[outcome], outcome)} and {number_words(most[outcome], outcome)}"
            said = f"{span} at {len(rows)} points, whose intervals overlap: no difference shown"
        sentences.append(f"{capital(outcome_words(outcome))} in the arm {arm}: {said}.")
    return "\n".join(sentences)


def random_verdict(frame: pd.DataFrame, plan: "Plan", outcome: str = str(Ending.UPRISING)) -> str:
    """Return in words the chance over a whole random design, and in the lowest and highest fifth of each number."""
    sentences = []
    for arm in plan.arms:
        done = frame[(frame["status"] == "done") & (frame["arm"] == arm)]
        said = _interval_words(estimate_of(done, outcome, plan), outcome)
        sentences.append(f"{capital(outcome_words(outcome))} in the arm {arm}, over all points: {said}.")
        for name in plan.design.names:
            cells = {value: estimate_of(cell, outcome, plan) for value, cell in done.groupby(binned(done[name]))}
            ends = [min(cells), max(cells)] if pd.api.types.is_numeric_dtype(done[name]) else list(cells)
            said = ", ".join(f"{_interval_words(cells[value], outcome)} near {short(value)}" for value in ends)
            sentences.append(f"  {name}: {said}")
    return "\n".join(sentences)


def binned(values: pd.Series) -> pd.Series:
    """Return the middle of the fifth in which each of many values lies; words and few values stay."""
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= BINS:
        return values
    bins = pd.qcut(values, BINS, labels=False)
    return values.groupby(bins).transform("median")


def axis_words(name: str) -> str:
    """Return a name with its unit."""
    unit = DECLARED[name].metadata["unit"] if name in DECLARED else UNITS.get(name)
    return f"{name} [{unit}]" if unit else name


def outcome_words(outcome: str) -> str:
    """Return what an outcome is called on an axis: a chance or a mean."""
    return f"chance of {WORDS[outcome]}" if outcome in CHANCES else f"mean {outcome.replace('_', ' ')}"


def number_words(value: float, outcome: str) -> str:
    """Return a number of an outcome in words, a chance in percent."""
    return f"{value:.0%}".replace("%", " %") if outcome in CHANCES else short(value)


def short(value: Any) -> str:
    """Return a value with three digits at least; words stay."""
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def capital(words: str) -> str:
    """Return words with a capital letter in front."""
    return words[:1].upper() + words[1:]


# From what is in the store to numbers.


def cluster_of(plan: "Plan", labels: Mapping[str, Any]) -> int:
    """Return what a run shares its luck with: its world, or in one fixed world its seed."""
    return labels["world"] if len(plan.worlds) > 1 else labels["seed"]


def value_of(name: str, outcome: Mapping[str, Any]) -> float:
    """Return an outcome of a run as a number: for a chance, whether it happened."""
    if name == FALL:
        return float(outcome["ending"] in FALLS)
    if name in CHANCES:
        return float(outcome["ending"] == name)
    return math.nan if outcome[name] is None else float(outcome[name])


def estimate_of(done: pd.DataFrame, outcome: str, plan: "Plan") -> Estimate:
    """Return the mean of an outcome and its interval; points of a random design are a second kind of luck."""
    done = done[done[outcome].notna()]
    if done.empty:
        return math.nan, math.nan, math.nan
    clusters = []
    if plan.design.kind in RANDOM:
        points = done.groupby(list(plan.design.names), sort=False).ngroup().to_numpy()
        clusters = [points] if points.any() else []
    if not clusters or len(plan.worlds) > 1:
        clusters.append(done["cluster"].to_numpy())
    return (chance_of if outcome in CHANCES else mean_of)(done[outcome].to_numpy(float), clusters)


def _point_words(row: Mapping[str, Any], plan: "Plan") -> str:
    return ", ".join(f"{name} {short(row[name])}" for name in plan.design.names)


def in_percent(row: Mapping[str, Any], name: str) -> str:
    """Return a chance of a row of the table with its interval."""
    return _interval_words((row[name], row[f"{name}_low"], row[f"{name}_high"]), name)


def _interval_words(numbers: Estimate, outcome: str) -> str:
    mean, low, high = (number_words(number, outcome) for number in numbers)
    return f"{mean} [{low} to {high}]"


def effect_words(effects: pd.DataFrame, plan: "Plan") -> str:
    """Return in words what entering adds, at the points where it adds least and most."""
    name = str(Ending.UPRISING)
    if name not in effects:
        return "No pair of twins has come to its end."
    least, most = effects.loc[effects[name].idxmin()], effects.loc[effects[name].idxmax()]
    said = []
    for row in (least, most) if least[name] < most[name] else (most,):
        numbers = (100 * row[f"{name}{end}"] for end in ("", "_low", "_high"))
        at = f" at {_point_words(row, plan)}" if plan.design.names else ""
        said.append("{:+.0f} points [{:+.0f} to {:+.0f}]".format(*numbers) + at)
    return f"Entering adds to the chance of an uprising: {' to '.join(said)}."
