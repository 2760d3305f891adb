"""What the twin worlds found: the numbers, the verdict in plain words, and the figure.

No sentence here knows the result: each is chosen by the numbers and their intervals.
"""

import datetime as dt
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.lab.statistics import (
    Curve,
    Estimate,
    between_draws,
    chance,
    cumulative_incidence,
    logistic_curve,
    paired_difference,
    told_by,
    wilson,
)
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLACK
from model.episode import FRONTS, Episode
from model.outcomes import FALLS, Ending
from model.parameters import DECLARED, SWITCHES
from model.simulation import Arm

WIDTH = 98
FALL = "fall"
OUTCOMES = (str(Ending.SURVIVED), *map(str, FALLS), FALL)
WORDS = {
    "survived": "he survives",
    "uprising": "an uprising",
    "coup": "a coup",
    "replaced_by_moscow": "Moscow replaces him",
    FALL: "any fall",
}
SHORT = {
    "survived": "survives",
    "uprising": "uprising",
    "coup": "coup",
    "replaced_by_moscow": "replaced\nby Moscow",
    FALL: "any fall",
}
ARM_WORDS = {"stay": "he stays", "enter": "he enters", "decide": "he decides"}
SHOCK, LOSSES, HALF_LOSSES = "citizen.war_shock", "citizen.loss_anger", "citizen.loss_half"
SHOCKS = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Where the curve against r_w is read off [multiples of the anger of 2020]."""
SPANS = (30, 90, 180)
"""How many days after the entry the chance of a fall is told, besides the last day."""
BASE_RATES = (
    "Coup attempts in personalist regimes, 1990-2010: 6.0 a hundred years, of which 30 % succeed.",
    "Autocratic breakdown: 4.9 a hundred years (personalist regimes: 5.7).",
    "Nonviolent campaigns for a change of regime, 1945-2006, succeed in 54 % [35 to 71] where the regime has open "
    "outside support, else in 87 % [70 to 95] (NAVCO 2.0).",
)
"""From ``model/data/facts.md``, which names their sources."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All numbers of the verdict and the figure, worked out once."""

    episode: Episode
    horizon: int
    without: tuple[str, ...]
    worlds: int
    runs: int
    """Runs of each world in each arm."""
    n_citizens: int
    twins: pd.DataFrame
    """A row a pair: columns of both arms, with ``_stay`` and ``_enter``."""
    chances: Mapping[tuple[str, str], Estimate]
    """The chance of an outcome in an arm, by (arm, outcome)."""
    effects: Mapping[str, Estimate]
    """By how much entering changes the chance of an outcome."""
    incidence: pd.DataFrame
    """For each day and arm the share that has fallen by then, and how."""
    curves: Mapping[tuple[str, str], Curve | None]
    """The chance of an outcome after entry along ``r_w`` or the losses ahead, by (column, outcome)."""
    foretold: float | None
    spread: float | None
    decides: pd.DataFrame
    calibration: Mapping[str, Any] | None

    @property
    def entry_day(self) -> int:
        """The day on which he enters in the arm ``enter``."""
        return self.episode.day_of(self.episode.entry.date)

    def table(self) -> pd.DataFrame:
        """Return a row for each outcome: its chance in every arm, and what entering changes, with intervals."""
        rows = []
        for outcome in OUTCOMES:
            row: dict[str, Any] = {"outcome": outcome}
            for arm in Arm:
                row |= _columns(str(arm), self.chances.get((str(arm), outcome)))
            rows.append(row | _columns("difference", self.effects[outcome]) | {"method": self.effects[outcome].method})
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the main numbers as plain values, for the record."""
        return {
            "worlds": self.worlds,
            "runs_of_each_world": self.runs,
            "interval": "95 % Monte Carlo interval of a posterior mean, over draws of worlds",
            "outcomes": self.table().to_dict("records"),
            "foretold_by_prior": self.foretold,
            "spread_between_worlds": self.spread,
            "enters_when_he_decides": float(self.decides["entered_on"].notna().mean()) if len(self.decides) else None,
        }


def _columns(name: str, estimate: Estimate | None) -> dict[str, float]:
    if estimate is None:
        return {}
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def twins_of(done: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each pair of finished runs of one world and seed, one that stays and one that enters."""
    if done.empty:
        return done
    own = done[["world", "front", "seed", *DECLARED]].drop_duplicates(["world", "seed"])
    seen = [name for name in done.columns if name not in own.columns]
    stay, enter = (done.loc[done["arm"] == arm, ["world", "seed", *seen]] for arm in (Arm.STAY, Arm.ENTER))
    pairs = stay.merge(enter, on=["world", "seed"], suffixes=("_stay", "_enter"), validate="one_to_one")
    return pairs.merge(own, on=["world", "seed"]).sort_values(["world", "seed"], ignore_index=True)


def happened(endings: pd.Series, outcome: str) -> np.ndarray:
    """Return for each ending whether it is an outcome [0 or 1]; ``fall`` is any but survival."""
    return (endings.isin(list(map(str, FALLS))) if outcome == FALL else endings == outcome).to_numpy(float)


def findings_of(
    done: pd.DataFrame,
    episode: Episode,
    horizon: int,
    without: Sequence[str],
    calibration: Mapping[str, Any] | None,
) -> Findings:
    """Work out all numbers from the finished runs.

    Args:
        done: a row a run, with the numbers of its world.
        episode: the episode (of any of the worlds).
        horizon: the last day of a run.
        without: the claims that are switched off.
        calibration: what the calibration says of itself, if anything.
    """
    pairs = twins_of(done)
    decides = done[done["arm"] == Arm.DECIDE]
    chances, effects = {}, {}
    for outcome in OUTCOMES:
        for arm in (Arm.STAY, Arm.ENTER):
            seen = happened(pairs[f"ending_{arm}"], outcome)
            chances[str(arm), outcome] = chance(seen, pairs["world"])
        if len(decides):
            chances["decide", outcome] = chance(happened(decides["ending"], outcome), decides["world"])
        stay, enter = (happened(pairs[f"ending_{arm}"], outcome) for arm in (Arm.STAY, Arm.ENTER))
        effects[outcome] = paired_difference(enter, stay, pairs["world"])
    fell = happened(pairs["ending_enter"], FALL)
    # Only worlds in which he lasts until the entry can say what it does along a number.
    at_risk = ~(pairs["ended_on_enter"] < episode.day_of(episode.entry.date)).to_numpy()
    if horizon < episode.day_of(episode.entry.date):
        at_risk[:] = False
    curves = {
        (column, outcome): _curve(pairs[at_risk], column, outcome)
        for column in (SHOCK, "dead_in_store_enter")
        for outcome in (FALL, str(Ending.UPRISING))
    }
    entered = pairs[at_risk]
    return Findings(
        episode=episode,
        horizon=horizon,
        without=tuple(without),
        worlds=pairs["world"].nunique(),
        runs=round(len(pairs) / pairs["world"].nunique()),
        n_citizens=int(pairs["n_citizens_stay"].iloc[0]),
        twins=pairs,
        chances=chances,
        effects=effects,
        incidence=_incidence(pairs, horizon, episode),
        curves=curves,
        foretold=told_by(_prior_numbers(entered), fell[at_risk], entered["world"]) if len(entered) else None,
        spread=between_draws(fell, pairs["world"]),
        decides=decides,
        calibration=calibration,
    )


def _curve(pairs: pd.DataFrame, column: str, outcome: str) -> Curve | None:
    """Return the chance of an outcome after entry along the logarithm of a number."""
    if pairs.empty or not (pairs[column] > 0.0).all():
        return None
    x = np.log10(pairs[column].to_numpy(float))
    grid = np.linspace(x.min(), x.max(), 61)
    return logistic_curve(x, happened(pairs["ending_enter"], outcome), pairs["world"], grid)


def _prior_numbers(pairs: pd.DataFrame) -> np.ndarray:
    """Return the numbers of which 2020 says nothing and the answer to entry hangs on, a column each."""
    fronts = [(pairs["front"] == front).to_numpy(float) for front in FRONTS[1:]]
    logs = [
        np.log10(np.maximum(pairs[name].to_numpy(float), 1e-9)) for name in (SHOCK, HALF_LOSSES, "dead_in_store_enter")
    ]
    return np.column_stack([*logs, pairs[LOSSES].to_numpy(float), *fronts])


def _incidence(pairs: pd.DataFrame, horizon: int, episode: Episode) -> pd.DataFrame:
    """Return the cumulative incidence of each kind of fall in each arm, a row a day and arm."""
    tables = []
    for arm in (Arm.STAY, Arm.ENTER):
        days, causes = pairs[f"ended_on_{arm}"].to_numpy(float), pairs[f"ending_{arm}"]
        table = {
            "day": range(horizon + 1),
            "date": [episode.date_of(day) for day in range(horizon + 1)],
            "arm": str(arm),
        }
        table |= {str(c): cumulative_incidence(days, causes, str(c), horizon) for c in FALLS}
        tables.append(pd.DataFrame(table | {FALL: cumulative_incidence(days, causes, None, horizon)}))
    return pd.concat(tables, ignore_index=True)


# In words.


def percent(share: float) -> str:
    """Return a share in percent, with a decimal where it is near an end, and never 0 or 100 for what is neither.

    >>> percent(0.29), percent(0.025), percent(0.0), percent(0.0001), percent(0.9999)
    ('29 %', '2.5 %', '0 %', '<0.1 %', '>99.9 %')
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    if share < 0.0005:
        return "<0.1 %"
    if share > 0.9995:
        return ">99.9 %"
    return f"{100 * share:.1f} %" if share < 0.1995 or share > 0.989 else f"{100 * share:.0f} %"


def points(value: float) -> str:
    """Return a difference of chances in signed percentage points.

    >>> points(0.263), points(-0.0004), points(0.0)
    ('+26.3', '-0.0', '0')
    """
    return "0" if value == 0.0 else f"{100 * value:+.1f}"


def interval_words(estimate: Estimate | tuple[float, float, float]) -> str:
    """Return a chance with its interval.

    >>> interval_words((0.29, 0.2, 0.38))
    '29 % [20 to 38]'
    """
    value, low, high = (estimate.value, estimate.low, estimate.high) if isinstance(estimate, Estimate) else estimate
    return f"{percent(value)} [{percent(low).removesuffix(' %')} to {percent(high).removesuffix(' %')}]"


def points_words(estimate: Estimate) -> str:
    """Return a difference of chances with its interval, in percentage points."""
    return f"{points(estimate.value)} [{points(estimate.low)} to {points(estimate.high)}]"


def finding(found: Findings) -> str:
    """Return the headline: whether entering changes the chance that he falls, as far as the interval shows."""
    if found.horizon < found.entry_day:
        return f"The runs end on day {found.horizon}, before he enters (day {found.entry_day}): the arms are the same"
    effect = found.effects[FALL]
    stay, enter = (percent(found.chances[arm, FALL].value) for arm in ("stay", "enter"))
    if not effect.shows:
        return f"No difference shown: he falls in {stay} of worlds if he stays and in {enter} if he enters"
    verb = "raises" if effect.value > 0.0 else "lowers"
    return f"Entering {verb} the chance that he falls {_within(found)} from {stay} to {enter}"


def _within(found: Findings) -> str:
    return "within a year" if found.horizon in (365, 366) else f"within {found.horizon} days"


def verdict(found: Findings) -> str:
    """Return the verdict in plain words, with its numbers, their intervals, and what they rest on."""
    parts = [
        _heading(found),
        _chances(found),
        _effect(found),
        _when(found),
        _along_shock(found),
        _along_losses(found),
        _prior(found),
        _base_rates(found),
        _decides(found),
        _calibration(found),
        _limits(found),
    ]
    return "\n\n".join(part for part in parts if part)


def _fold(words: str, indent: str = "") -> str:
    return textwrap.fill(" ".join(words.split()), WIDTH, subsequent_indent=indent, break_long_words=False)


def _heading(found: Findings) -> str:
    entry = found.episode.entry
    each = "once" if found.runs == 1 else f"{found.runs} times"
    off = ""
    if found.without:
        off = " Switched off: " + ", ".join(f"{name} ({SWITCHES[name]})" for name in found.without) + "."
    fronts = found.twins.drop_duplicates("world")["front"].value_counts()
    course = ", ".join(f"{front} in {fronts[front]}" for front in FRONTS if front in fronts)
    entering = f"he sends {entry.troops:,} troops on {_date(entry.date)}"
    if entry.withdrawal:
        entering += f" and brings them home on {_date(entry.withdrawal)}"
    words = (
        f"{found.worlds:,} worlds that fit 2020, each lived {each} in each arm, {found.horizon} days from "
        f"{_date(found.episode.start_date)}; if he enters, {entering} (the front: {course})."
        f"{off} In brackets: 95 % Monte Carlo intervals of a posterior mean, over worlds. They tell how well these "
        "runs know the model's answer, not how well the model knows the country."
    )
    return f"{found.episode.title.upper()}: IF HE STAYS, AND IF HE ENTERS\n" + _fold(words)


def _chances(found: Findings) -> str:
    rows = [f"{'':<22}{'if he stays':<24}{'if he enters':<24}{'entering adds, in points':<28}".rstrip()]
    for outcome in OUTCOMES:
        cells = [interval_words(found.chances[arm, outcome]) for arm in ("stay", "enter")]
        cells.append(points_words(found.effects[outcome]))
        rows.append(f"{WORDS[outcome]:<22}{cells[0]:<24}{cells[1]:<24}{cells[2]:<28}".rstrip())
    return "\n".join(rows)


def _effect(found: Findings) -> str:
    if found.horizon < found.entry_day:
        return _fold(finding(found) + ".")
    effect = found.effects[FALL]
    words = (
        f"{finding(found)}: by {points_words(effect)} points, under this prior."
        if effect.shows
        else (f"{finding(found)}; the difference, {points_words(effect)} points, may be zero.")
    )
    told = {True: [], False: []}
    for outcome in map(str, FALLS):
        one = found.effects[outcome]
        told[one.shows].append(f"{WORDS[outcome]} {points_words(one)}")
    if told[True]:
        words += f" Shown apart: {'; '.join(told[True])}."
    if told[False]:
        words += f" Not shown, because the interval holds zero: {'; '.join(told[False])}."
    stay, enter = (happened(found.twins[f"ending_{arm}"], FALL).astype(bool) for arm in ("stay", "enter"))
    words += (
        f" Of {len(stay):,} pairs of twins he falls in both in {(stay & enter).sum():,}, only if he enters in "
        f"{(enter & ~stay).sum():,}, only if he stays in {(stay & ~enter).sum():,}, in neither in "
        f"{(~stay & ~enter).sum():,}."
    )
    lost = [found.twins[f"lost_control_on_{arm}"].notna().mean() for arm in ("stay", "enter")]
    words += (
        f" The street is more than his forces can hold (3 days of 15) in {percent(lost[0])} of worlds if he stays and "
        f"{percent(lost[1])} if he enters."
    )
    coups = found.twins[found.twins["ending_enter"] == str(Ending.COUP)]
    if len(coups):
        street = int(coups["under_protest_enter"].sum())
        words += f" Of {len(coups)} coups after entry {street} come while the street is beyond his hold."
    return _fold(words)


def _when(found: Findings) -> str:
    if found.horizon < found.entry_day:
        return ""
    days = [day for span in SPANS if (day := found.entry_day - 1 + span) < found.horizon] + [found.horizon]
    rows = [
        "WHEN: the chance that he has fallen by",
        "  " + " " * 12 + "".join(f"{_date(found.episode.date_of(d)):>16}" for d in days),
    ]
    for arm in ("stay", "enter"):
        table = found.incidence[found.incidence["arm"] == arm].set_index("day")[FALL]
        rows.append(f"  {'if ' + ARM_WORDS[arm]:<12}" + "".join(f"{percent(float(table[d])):>16}" for d in days))
    ended = found.twins["ended_on_enter"]
    after = (ended[ended >= found.entry_day] - found.entry_day).to_numpy(float)
    early = int((ended < found.entry_day).sum())
    words = f"He falls before the day of entry in {early} of {len(ended)} pairs, in both arms alike." if early else ""
    if len(after) >= 4:
        low, middle, high = np.quantile(after, [0.25, 0.5, 0.75])
        words += (
            f" Of the {len(after)} falls after entry half come within {middle:.0f} days of it, the middle half between "
            f"{low:.0f} and {high:.0f} days after it."
        )
    elif len(after):
        words += (
            f" There are {len(after)} falls after entry, {', '.join(f'{d:.0f}' for d in sorted(after))} days after it."
        )
    else:
        words += " There is no fall after entry."
    return "\n".join([*rows, _fold(words.strip())])


def _along_shock(found: Findings) -> str:
    if found.horizon < found.entry_day:
        return ""
    title = "THE CURVE: after entry, against the first shock r_w (1: as much anger as the election of 2020)"
    if "war_anger" in found.without:
        return _fold(title) + "\n" + _fold("The war's anger is switched off here (C6), so r_w does nothing.")
    return "\n".join([_fold(title), *_read_curve(found, SHOCK, SHOCKS, "r_w", lambda r: f"{r:.2g}")])


def _along_losses(found: Findings) -> str:
    dead = found.twins["dead_in_store_enter"]
    if found.horizon < found.entry_day or not (dead > 0.0).all():
        return ""
    places = [float(f"{value:.2g}") for value in np.quantile(dead, [0.05, 0.25, 0.5, 0.75, 0.95])]
    title = "THE LOSSES: after entry, against the dead per million electors that the war has in store"
    title += f" by {_date(found.episode.date_of(found.horizon))}"
    return "\n".join(
        [_fold(title), *_read_curve(found, "dead_in_store_enter", places, "losses", lambda r: f"{r:,.0f}")]
    )


def _read_curve(found: Findings, column: str, places: Sequence[float], name: str, shown: Any) -> list[str]:
    """Return the lines that read the curves of any fall and of an uprising off at some places."""
    entered = _entered(found)
    logs = np.log10(entered[column].to_numpy(float)) if len(entered) else np.array([0.0])
    slack = 0.02 * (logs.max() - logs.min()) + 1e-9
    inside = [p for p in dict.fromkeys(places) if logs.min() - slack <= math.log10(p) <= logs.max() + slack]
    if np.ptp(logs) == 0.0:
        return [_fold(f"{name} is {shown(10 ** logs[0])} in all worlds here: no curve.")]
    drawn = {outcome: found.curves[column, outcome] for outcome in (FALL, str(Ending.UPRISING))}
    drawn = {outcome: curve for outcome, curve in drawn.items() if curve is not None}
    lines = []
    if drawn:
        lines.append((f"  {name:<20}" + "".join(f"{WORDS[outcome]:<24}" for outcome in drawn)).rstrip())
    for place in inside if drawn else ():
        cells = [interval_words(curve.at(math.log10(place))) for curve in drawn.values()]
        lines.append((f"  {shown(place):<20}" + "".join(f"{cell:<24}" for cell in cells)).rstrip())
    curve = found.curves[column, FALL]
    if curve is None:
        events = int(happened(entered["ending_enter"], FALL).sum())
        few = "too few falls" if events * 2 < len(entered) else "too few survivors"
        said = f"{few.capitalize()} for a curve ({events} falls in {len(entered)} runs)."
        return [*lines, _fold(f"{said} {_thirds(found, column, shown)}")]
    half = _half(curve)
    if not curve.slope.shows:
        said = f"That it moves with {name} is not shown."
    elif half:
        ends = f" [{shown(10 ** half[1])} to {shown(10 ** half[2])}]" if half[1] is not None else ""
        said = f"The chance of any fall {_moves(curve)} {name}. It crosses one half at {shown(10 ** half[0])}{ends}."
    else:
        side = "below" if curve.value.max() < 0.5 else "above"
        span = f"{shown(10 ** curve.x[0])} to {shown(10 ** curve.x[-1])}"
        said = f"The chance of any fall {_moves(curve)} {name}. It stays {side} one half from {span}."
    stay = found.chances["stay", FALL]
    return [*lines, _fold(f"{said} If he stays: {interval_words(stay)}. {_thirds(found, column, shown)}")]


def _moves(curve: Curve) -> str:
    return "rises with" if curve.slope.value > 0.0 else "falls with"


def _half(curve: Curve) -> tuple[float, float | None, float | None] | None:
    """Return where the curve crosses one half, and where its band's ends do if both do; None if it does not."""

    def crossing(line: np.ndarray) -> float | None:
        above = line >= 0.5
        if above.all() or not above.any():
            return None
        rising = above[-1]
        return float(np.interp(0.5, line if rising else line[::-1], curve.x if rising else curve.x[::-1]))

    middle, ends = crossing(curve.value), [crossing(curve.low), crossing(curve.high)]
    if middle is None:
        return None
    low, high = sorted(ends) if None not in ends else (None, None)
    return middle, low, high


def _entered(found: Findings) -> pd.DataFrame:
    """Return the pairs in which he lasts until the day of entry."""
    return found.twins[~(found.twins["ended_on_enter"] < found.entry_day)]


def thirds(values: np.ndarray, fell: np.ndarray) -> list[tuple[float, float, int, int]]:
    """Return for the low, the middle and the high third of a number: its range, falls, runs.

    >>> thirds(np.arange(6.0), np.array([0, 0, 0, 1, 1, 1]))
    [(0.0, 1.0, 0, 2), (2.0, 3.0, 1, 2), (4.0, 5.0, 2, 2)]
    """
    order = np.argsort(values, kind="stable")
    parts = np.array_split(order, 3)
    return [(float(values[p].min()), float(values[p].max()), int(fell[p].sum()), len(p)) for p in parts if len(p)]


def _thirds(found: Findings, column: str, shown: Any) -> str:
    entered = _entered(found)
    fell = happened(entered["ending_enter"], FALL)
    told = [
        f"{hits} of {n} where it is {shown(low)} to {shown(high)}"
        for low, high, hits, n in thirds(entered[column].to_numpy(float), fell)
    ]
    return f"Counted by thirds, he falls in {', '.join(told)}."


def _prior(found: Findings) -> str:
    if found.horizon < found.entry_day:
        return ""
    entered = _entered(found)
    fell = happened(entered["ending_enter"], FALL)
    words = "WORLDS AND PRIOR: "
    if found.spread is None:
        words += "With one run a world, luck and world cannot be told apart (--full runs two). "
    else:
        words += (
            f"Between worlds the chance of a fall, if he enters, has a standard deviation of {100 * found.spread:.0f} "
            f"points around its mean of {percent(found.chances['enter', FALL].value)}; the rest is luck. "
        )
    if found.foretold is not None:
        shown = f"foretell {percent(found.foretold)}" if found.foretold > 0.0 else "foretell nothing that can be shown"
        words += (
            "The numbers of which 2020 says nothing and on which the answer to entry hangs (r_w, the anger at losses "
            f"and its scale D0, the front, the losses ahead) {shown} of the variance between runs in who falls "
            "after entry (by worlds left out of the fit); the fitted numbers, all others and luck make the rest. "
        )
    told = []
    for front in FRONTS:
        here = fell[(entered["front"] == front).to_numpy()]
        if len(here):
            told.append(f"{front} {interval_words((here.mean(), *wilson(here.sum(), len(here))))}")
    if len(told) > 1:
        words += f"Any fall after entry by the course of the front: {', '.join(told)}. "
    anger = thirds(entered[LOSSES].to_numpy(float), fell) if len(entered) else []
    if len(anger) == 3 and anger[0][0] < anger[2][1]:
        low, high = anger[0], anger[2]
        told = f"{low[2]} of {low[3]} in its lowest third, {high[2]} of {high[3]} in its highest"
        words += f"By the anger at losses (r_c) he falls in {told}."
    return _fold(words)


def _base_rates(found: Findings) -> str:
    lines = ["BASE RATES, beside which any absolute chance here must be read:"]
    lines += [textwrap.fill(rate, WIDTH, initial_indent="  ", subsequent_indent="    ") for rate in BASE_RATES]
    told = []
    for arm in ("stay", "enter"):
        years = found.twins[f"days_{arm}"].sum() / 365.0
        attempts = int(found.twins[f"coup_attempts_{arm}"].sum())
        coups = int((found.twins[f"ending_{arm}"] == str(Ending.COUP)).sum())
        falls = int(happened(found.twins[f"ending_{arm}"], FALL).sum())
        told.append(
            f"if {ARM_WORDS[arm]} {100 * attempts / years:.1f} coup attempts ({coups} of {attempts} succeed) and "
            f"{100 * falls / years:.1f} falls"
        )
    words = f"Here, in a hundred years: {'; '.join(told)}."
    big = found.twins["mobilised_1_percent_on_enter"].notna()
    if big.any():
        fell = happened(found.twins.loc[big, "ending_enter"], FALL)
        fallen = f"{int(fell.sum())} of {int(big.sum())}"
        words += f" Where he enters and one elector in a hundred is out on some day, he falls in {fallen} worlds."
    lines.append(textwrap.fill(words, WIDTH, initial_indent="  ", subsequent_indent="    "))
    return "\n".join(lines)


def _decides(found: Findings) -> str:
    runs = found.decides
    if runs.empty:
        return ""
    entered = runs["entered_on"].notna()
    share = chance(entered, runs["world"])
    words = f"IF HE MAY CHOOSE he enters in {interval_words(share)} of worlds"
    full = int((runs["top_rung"] >= 3).sum())
    words += f" (in {full} of {int(entered.sum())} up to the full rung). " if entered.any() else ". "
    went, not_went = runs.loc[entered, "pressure_before_entry"].dropna(), runs.loc[~entered, "peak_pressure"]
    if len(went):
        low, middle, high = went.quantile([0.25, 0.5, 0.75])
        eve = f"{middle:.2f} on the eve (middle half {low:.2f} to {high:.2f})"
        words += f"Where he enters, Moscow's pressure P stood at {eve}. "
    if len(not_went):
        low, middle, high = not_went.quantile([0.25, 0.5, 0.75])
        words += f"Where he does not, its peak was {middle:.2f} ({low:.2f} to {high:.2f}). "
    split = thirds(runs["peak_pressure"].to_numpy(float), entered.to_numpy(float))
    if len(split) == 3 and split[0][0] < split[2][1]:
        told = [f"{hits} of {n} with a peak of {low:.2f} to {high:.2f}" for low, high, hits, n in split]
        words += f"By thirds of that peak he enters in {', '.join(told)}. "
    words += f"He falls in {interval_words(found.chances['decide', FALL])} of worlds."
    return _fold(words)


def _calibration(found: Findings) -> str:
    told = found.calibration
    if not told:
        return _fold(
            "FIT TO 2020: the accepted worlds come without a calibration record, so what they miss is not known here."
        )
    outside = [target["name"] for target in told.get("targets", []) if target.get("outside")]
    sizes = told.get("ess")
    sizes = sizes if isinstance(sizes, (list, tuple)) else [sizes]
    notes = []
    if all(isinstance(size, (int, float)) for size in sizes):
        notes.append(f"effective sample size {', '.join(f'{size:.0f}' for size in sizes)}")
    if isinstance(told.get("tolerance"), (int, float)):
        notes.append(f"tolerance {told['tolerance']:g}")
    n = len(told.get("targets", []))
    words = f"FIT TO 2020{' (' + ', '.join(notes) + ')' if notes else ''}: "
    if outside:
        words += f"{len(outside)} of {n} targets lie outside their 90 % band: {'; '.join(outside)}."
    else:
        words += f"all {n} targets lie in their 90 % band."
    return _fold(words)


def _limits(found: Findings) -> str:
    shock = DECLARED[SHOCK].metadata
    anger = DECLARED[LOSSES].metadata
    values = found.twins[SHOCK]
    range_ = (
        f"{shock['low']:g} to {shock['high']:g}, log-uniform"
        if values.nunique() > 1
        else f"fixed at {values.iloc[0]:g}"
    )
    words = (
        "WHAT THIS RESTS ON: the effect of entry is not identified. Belarus never entered, so it is the prior on the "
        f"first shock (r_w: {range_}) and on the anger at losses (r_c: {anger['low']:g} to {anger['high']:g} sd a "
        "tenfold), carried through a machine that was fitted to 2020. Read the curve, not the average. To stay "
        "includes what refusing costs. This is no forecast."
    )
    return _fold(words)


def _date(date: dt.date) -> str:
    return f"{date.day} {date:%b %Y}"


# The figure.


def draw_figure(found: Findings, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the chances, when he falls, and the curve against r_w, and write them as PNG."""
    with figures.style():
        figure = figures.canvas(13.0, 5.0)
        left, middle, right = figure.subplots(1, 3, width_ratios=[1.15, 1.0, 1.0])
        _panel_chances(found, left)
        _panel_when(found, middle)
        _panel_curve(found, right)
        effect = found.effects[FALL]
        headline = finding(found)
        if found.horizon >= found.entry_day:
            headline += f" ({points_words(effect)} points)"
        each = f"{found.worlds:,} worlds that fit 2020 x {found.runs} seed{'s' if found.runs > 1 else ''} x 2 arms"
        beneath = (
            f"{each}, {found.n_citizens:,} citizens, {found.horizon} days from {_date(found.episode.start_date)}. 95 % "
            "Monte Carlo intervals of a posterior mean, over worlds. The effect of entry is not identified: it is the "
            "prior on r_w and on the anger at losses, carried through a machine fitted to 2020."
        )
        figures.headline(figure, headline, beneath)
        figures.save(figure, path, record)


def _panel_chances(found: Findings, axes: Any) -> None:
    for place, outcome in enumerate(OUTCOMES):
        for shift, arm in ((-0.2, "stay"), (0.2, "enter")):
            one = found.chances[arm, outcome]
            figures.share_bar(axes, place + shift, one.value, ARM_COLOURS[arm])
            label = {"label": f"if {ARM_WORDS[arm]}"} if place == 0 else {}
            figures.interval(axes, place + shift, (one.value, one.low, one.high), ARM_COLOURS[arm], **label)
    axes.axvline(len(OUTCOMES) - 1.5, color="0.8", lw=1)
    axes.set_xticks(range(len(OUTCOMES)), [SHORT[outcome] for outcome in OUTCOMES])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.set(title="How it ends", ylabel="chance", ylim=(0.0, 1.04))
    figures.in_percent(axes.yaxis)
    figures.legend_below(axes)


def _panel_when(found: Findings, axes: Any) -> None:
    marks = {str(Ending.UPRISING): "--", str(Ending.COUP): ":", str(Ending.REPLACED): "-."}
    top = 0.0
    for arm in ("stay", "enter"):
        table = found.incidence[found.incidence["arm"] == arm]
        days = pd.to_datetime(table["date"])
        label = f"any fall, if {ARM_WORDS[arm]}"
        axes.plot(days, table[FALL], color=ARM_COLOURS[arm], drawstyle="steps-post", label=label)
        n = found.worlds
        low, high = np.array([wilson(share * n, n) for share in table[FALL]]).T
        axes.fill_between(days, low, high, color=ARM_COLOURS[arm], alpha=0.15, lw=0, step="post")
        top = max(top, float(high.max()))
        if arm == "enter":
            for cause, line in marks.items():
                if table[cause].max() > 0.0:
                    label = f"{SHORT[cause].replace(chr(10), ' ')}, if he enters"
                    axes.plot(days, table[cause], color=BLACK, ls=line, lw=1.1, drawstyle="steps-post", label=label)
    if found.entry_day <= found.horizon:
        figures.upright(axes, pd.Timestamp(found.episode.entry.date), "he enters")
    axes.set(title="When he falls", ylabel="share of worlds in which he has fallen", ylim=(0.0, min(1.04, 1.15 * top)))
    figures.in_percent(axes.yaxis, 0 if top > 0.05 else 1)
    figures.in_months(axes.xaxis)
    figures.legend_below(axes)


def _panel_curve(found: Findings, axes: Any) -> None:
    axes.set(title="After entry, by the first shock", xlabel="r_w [multiple of the anger of 2020]", ylabel="chance")
    entered = _entered(found) if found.horizon >= found.entry_day else found.twins.iloc[:0]
    values = entered[SHOCK].to_numpy(float)
    if len(values) and np.ptp(values) > 0.0:
        fell = happened(entered["ending_enter"], FALL)
        for part in np.array_split(np.argsort(values, kind="stable"), 5 if len(values) >= 25 else 3):
            where = 10 ** np.log10(values[part]).mean()
            share = fell[part].mean()
            ends = wilson(fell[part].sum(), len(part))
            label = {} if axes.get_legend_handles_labels()[1] else {"label": "any fall, if he enters, counted"}
            figures.interval(axes, where, (share, *ends), ARM_COLOURS["enter"], **label)
        for outcome, line in ((FALL, "-"), (str(Ending.UPRISING), "--")):
            curve = found.curves[SHOCK, outcome]
            if curve is None:
                continue
            x = 10**curve.x
            colour = ARM_COLOURS["enter"] if outcome == FALL else BLACK
            axes.plot(x, curve.value, color=colour, ls=line, label=f"{SHORT[outcome]}, if he enters, fitted")
            if outcome == FALL:
                axes.fill_between(x, curve.low, curve.high, color=colour, alpha=0.18, lw=0)
        axes.set_xscale("log")
        axes.set_xticks(SHOCKS, [f"{r:g}" for r in SHOCKS])
        axes.minorticks_off()
    stay = found.chances["stay", FALL]
    axes.axhspan(stay.low, stay.high, color=ARM_COLOURS["stay"], alpha=0.15, lw=0)
    axes.axhline(stay.value, color=ARM_COLOURS["stay"], label="any fall, if he stays")
    axes.set_ylim(0.0, 1.04)
    figures.in_percent(axes.yaxis)
    figures.legend_below(axes)
