"""What a sweep found: its table, what it says in words, and its figure."""

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.lab.design import FILE, RANDOM, plain
from experiments.lab.statistics import Values, Z, chance, paired_difference
from experiments.lab.store import Store, StoreError
from experiments.show.figures import canvas, headline, save, style
from experiments.show.figures import in_percent as axis_in_percent
from experiments.show.palette import ARM_COLOURS, BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
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
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
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
            row[name], row[f"{name}_low"], row[f"{name}_high"] = _estimate_of(done, name, plan)
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
            span = f"between {_number(least[outcome], outcome)} and {_number(most[outcome], outcome)}"
            said = f"{span} at {len(rows)} points, whose intervals overlap: no difference shown"
        sentences.append(f"{_capital(_outcome_words(outcome))} in the arm {arm}: {said}.")
    return "\n".join(sentences)


def random_verdict(frame: pd.DataFrame, plan: "Plan", outcome: str = str(Ending.UPRISING)) -> str:
    """Return in words the chance over a whole random design, and in the lowest and highest fifth of each number."""
    sentences = []
    for arm in plan.arms:
        done = frame[(frame["status"] == "done") & (frame["arm"] == arm)]
        said = _interval_words(_estimate_of(done, outcome, plan), outcome)
        sentences.append(f"{_capital(_outcome_words(outcome))} in the arm {arm}, over all points: {said}.")
        for name in plan.design.names:
            cells = {value: _estimate_of(cell, outcome, plan) for value, cell in done.groupby(_binned(done[name]))}
            ends = [min(cells), max(cells)] if pd.api.types.is_numeric_dtype(done[name]) else list(cells)
            said = ", ".join(f"{_interval_words(cells[value], outcome)} near {_short(value)}" for value in ends)
            sentences.append(f"  {name}: {said}")
    return "\n".join(sentences)


# The figure.


def plot(
    frame: pd.DataFrame, plan: "Plan", x: str, y: str, outcome: str, path: str | Path, record: Mapping[str, Any]
) -> None:
    """Draw an outcome over x: as a map if y is a number, else a curve with its interval for each y (``-``: no y)."""
    done = frame[frame["status"] == "done"]
    if plan.design.kind in (*RANDOM, FILE):
        done = done.assign(**{name: _binned(done[name]) for name in (x, y) if name in plan.design.names})
    names = [name for name in dict.fromkeys((x, "arm", y)) if name != "-"]
    cells = {}
    for key, cell in done.groupby(names):
        at = dict(zip(names, key, strict=True))
        cells[at[x], at["arm"], at.get(y, "")] = _estimate_of(cell, outcome, plan)
    cells = {at: numbers for at, numbers in cells.items() if not math.isnan(numbers[0])}
    if not cells:
        raise StoreError(f"no figure: {outcome} was seen in no run")
    numeric = y in plan.design.names and pd.api.types.is_numeric_dtype(frame[y]) and done[y].nunique() > 1
    least = min(cells, key=lambda cell: (cells[cell][0], cells[cell][2]))
    most = max(cells, key=lambda cell: (cells[cell][0], cells[cell][1]))
    ends = [(_cell_words(cell, x, y, plan), cells[cell]) for cell in (least, most)]
    note = f"{len(done):,} runs in {f'{len(plan.worlds)} accepted worlds' if plan.drawn else 'one world'}"
    others = [name for name in plan.design.names if name not in (x, y)]
    mean_over = f"; mean over {', '.join(others)}" if others else ""
    with style():
        figure = (_map if numeric else _curves)(cells, plan, x, y, outcome)
        headline(figure, _finding(outcome, *ends), f"{note}; 95 % Monte Carlo intervals{mean_over}")
        save(figure, path, record)


def _curves(cells: Cells, plan: "Plan", x: str, y: str, outcome: str) -> Figure:
    """Draw a curve with its interval for each arm and each value of y."""
    figure = canvas(8, 5)
    axes = figure.add_subplot()
    places = sorted({column for column, _, _ in cells})
    words = isinstance(places[0], str)
    series = sorted({(arm, row) for _, arm, row in cells}, key=lambda curve: (plan.arms.index(curve[0]), curve[1]))
    for number, (arm, row) in enumerate(series):
        own = [place for place in places if (place, arm, row) in cells]
        mean, low, high = np.array([cells[place, arm, row] for place in own]).T
        colour = ARM_COLOURS[arm] if y in ("-", "arm") else COLOURS[number % len(COLOURS)]
        named = [arm] if len(plan.arms) > 1 else []
        label = ", ".join(named + ([_short(row)] if y not in ("-", "arm") else []))
        look: dict[str, Any] = {"color": colour, "marker": "osD^vPX"[number % 7], "label": label}
        if words:  # nothing lies between words
            at = np.array([places.index(place) for place in own]) + (number - (len(series) - 1) / 2) * 0.12
            axes.errorbar(at, mean, (mean - low, high - mean), linestyle="none", capsize=3, **look)
        else:
            axes.fill_between(own, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(own, mean, **look)
    if words:
        axes.set_xticks(range(len(places)), [_short(place) for place in places])
    elif x in DECLARED and DECLARED[x].metadata["scale"] == "log" and min(places) > 0.0:
        axes.set_xscale("log")
        axes.set_xticks(places, [_short(place) for place in places])
        axes.minorticks_off()
    axes.set(xlabel=axis_words(x), ylabel=_capital(_outcome_words(outcome)))
    if outcome in CHANCES:
        axes.set_ylim(-0.02, 1.02)
        axis_in_percent(axes.yaxis)
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    if len(series) > 1:
        axes.legend(title=y if y not in ("-", "arm") else None)
    return figure


def _map(cells: Cells, plan: "Plan", x: str, y: str, outcome: str) -> Figure:
    """Draw a map over x and y for each arm, with the interval written into each field."""
    columns, rows = (sorted({cell[place] for cell in cells}) for place in (0, 2))
    figure = canvas(2.6 + max(0.85 * len(columns), 2.5) * len(plan.arms), 2.2 + 0.6 * len(rows))
    panels = figure.subplots(1, len(plan.arms), squeeze=False, sharey=True)[0]
    means = [mean for mean, _, _ in cells.values()]
    span = (0.0, 1.0) if outcome in CHANCES else (min(means), max(means))
    for arm, axes in zip(plan.arms, panels, strict=True):
        grid = [[cells.get((column, arm, row), (math.nan,))[0] for column in columns] for row in rows]
        image = axes.pcolormesh(np.array(grid), cmap="cividis", edgecolors="white", vmin=span[0], vmax=span[1])
        for (column, named, row), (mean, low, high) in cells.items():
            if named == arm:
                text = f"{_number(mean, outcome)}\n{_number(low, outcome)} to {_number(high, outcome)}"
                dark = mean - span[0] < 0.55 * (span[1] - span[0])
                at = (columns.index(column) + 0.5, rows.index(row) + 0.5)
                axes.annotate(text, at, ha="center", va="center", fontsize=7, color="white" if dark else "black")
        axes.set_xticks(np.arange(len(columns)) + 0.5, [_short(value) for value in columns])
        axes.set_yticks(np.arange(len(rows)) + 0.5, [_short(value) for value in rows])
        axes.grid(visible=False)
        axes.set(xlabel=textwrap.fill(axis_words(x), 40), title=f"arm {arm}" if len(plan.arms) > 1 else "")
    panels[0].set_ylabel(textwrap.fill(axis_words(y), 34))
    bar = figure.colorbar(image, ax=panels, label=_capital(_outcome_words(outcome)))
    if outcome in CHANCES:
        axis_in_percent(bar.ax.yaxis)
    return figure


def _binned(values: pd.Series) -> pd.Series:
    """Return the middle of the fifth in which each of many values lies; words and few values stay."""
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= BINS:
        return values
    bins = pd.qcut(values, BINS, labels=False)
    return values.groupby(bins).transform("median")


def _finding(outcome: str, least: tuple[str, Estimate], most: tuple[str, Estimate]) -> str:
    """Return the figure's title: the lowest and the highest, and whether they differ."""
    what = _capital(_outcome_words(outcome))
    low, high = (f"{_number(numbers[0], outcome)} at {where}" for where, numbers in (least, most))
    if most[1][1] > least[1][2]:
        return f"{what}: from {low} to {high}"
    return f"{what}: no difference shown from {low} to {high}"


def _cell_words(cell: tuple[Any, ...], x: str, y: str, plan: "Plan") -> str:
    words = [f"{x} {_short(cell[0])}"] + ([f"{y} {_short(cell[2])}"] if y not in ("-", "arm") else [])
    return ", ".join(words + ([f"arm {cell[1]}"] if len(plan.arms) > 1 and "arm" not in (x,) else []))


def axis_words(name: str) -> str:
    """Return a name with its unit."""
    unit = DECLARED[name].metadata["unit"] if name in DECLARED else UNITS.get(name)
    return f"{name} [{unit}]" if unit else name


def _outcome_words(outcome: str) -> str:
    return f"chance of {WORDS[outcome]}" if outcome in CHANCES else f"mean {outcome.replace('_', ' ')}"


def _number(value: float, outcome: str) -> str:
    return f"{value:.0%}".replace("%", " %") if outcome in CHANCES else _short(value)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _capital(words: str) -> str:
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


def _estimate_of(done: pd.DataFrame, outcome: str, plan: "Plan") -> Estimate:
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
    return ", ".join(f"{name} {_short(row[name])}" for name in plan.design.names)


def in_percent(row: Mapping[str, Any], name: str) -> str:
    """Return a chance of a row of the table with its interval."""
    return _interval_words((row[name], row[f"{name}_low"], row[f"{name}_high"]), name)


def _interval_words(numbers: Estimate, outcome: str) -> str:
    mean, low, high = (_number(number, outcome) for number in numbers)
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
