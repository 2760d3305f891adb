"""The verdict of the tipping line, in plain words.

No sentence here knows the result: each is chosen by the numbers and their intervals.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.lab import statistics
from experiments.tipping_line.findings import (
    BEYOND,
    FALL,
    FEW,
    GRID,
    LEVELS,
    LOSSES,
    LOYALTY,
    UPRISING,
    Axis,
    Findings,
    Number,
    losses_at,
    with_interval,
)


def percent(number: Number | Sequence[float]) -> str:
    """Return a chance with its interval in words.

    >>> percent((0.124, 0.1, 0.15)), percent((0.0, 0.0, 0.0016))
    ('12 % [10 to 15]', '0 % [0 to 0.2]')
    """
    hundreds = [100.0 * value for value in number]
    middle, low, high = (f"{value:.1f}" if 0.05 <= value < 0.95 else f"{value:.0f}" for value in hundreds)
    return f"{middle} % [{low} to {high}]"


def where(number: Number | Sequence[float]) -> str:
    """Return the losses at which a line lies, with their interval, in words.

    >>> where((9.1, 6.2, math.inf)), where((math.inf, 20.0, math.inf)), where((0.0, 0.0, 0.0))
    ('9.1 [6.2 to >30]', '>30 [20 to >30]', '<0.5')
    """
    middle, low, high = (_losses(value) for value in number)
    return middle if low == middle == high else f"{middle} [{low} to {high}]"


def _losses(losses: float) -> str:
    if losses == 0.0:
        return f"<{LOSSES[0]:g}"
    return f">{LOSSES[1]:g}" if math.isinf(losses) else f"{losses:.2g}"


def _number(row: pd.Series, name: str) -> Number:
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def line_words(row: pd.Series) -> str:
    """Return in words at which losses something has the chance one half."""
    what = row["outcome"] if row["outcome"] == FALL else f"an {row['outcome']}"
    if pd.isna(row.get("as_drawn", math.nan)):
        return f"too few runs for a line (fewer than {FEW} worlds with {what}, or without it)"
    middle, low, high = line = _number(row, "line_50%")
    if middle == 0.0:
        return f"the chance of {what} is one half or more already at {LOSSES[0]:g} [line: {where(line)}]"
    if math.isinf(middle):
        end = percent(_number(row, "at_most"))
        sure = "" if math.isinf(low) else f" (the interval of the line begins at {_losses(low)})"
        within = f"between {LOSSES[0]:g} and {LOSSES[1]:g} killed per 1,000 a week"
        return f"the chance of {what} never reaches one half {within}: it is {end} at {LOSSES[1]:g}{sure}"
    return f"the chance of {what} reaches one half at {where((middle, low, high))} killed per 1,000 a week"


def axis_words(axis: Axis, result: Findings) -> str:
    """Return in words how the line, and the chance at the losses drawn, move along an axis."""
    fitted, title = result.fits[axis.key, UPRISING], axis.title_in(result.episode)
    if fitted is None:
        return f"{title}: too few runs for a line (fewer than {FEW} worlds with an uprising, or without it)."
    ends = (min(axis.shown), max(axis.shown))
    losses = result.place.losses[0]
    first, last = (fitted.chances(losses, end)[:, 0] for end in ends)
    change = with_interval(100.0 * (last - first))
    shown = "" if change[1] > 0.0 or change[2] < 0.0 else ", so no difference is shown"
    before, after = (percent(with_interval(chances)) for chances in (first, last))
    words = [f"{axis.words(end)}" for end in ends]
    lines = [where(with_interval(losses_at(0.5, fitted.chances(GRID, end)))) for end in ends]
    unit = "" if axis.levels else f" [{axis.unit}]"
    return (
        f"{title}, from {words[0]} to {words[1]}{unit}: the line of one half goes from {lines[0]} to "
        f"{lines[1]}; the chance at {losses:.2g} killed goes from {before} to {after}, "
        f"by {change[0]:+.0f} points [{change[1]:+.0f} to {change[2]:+.0f}]{shown}."
    )


def main_line(result: Findings, outcome: str) -> pd.Series:
    """Return the row of entry with his own troops."""
    lines, men = result.lines, result.axes[0].key
    own = lines["value"] == result.place.axes[men][0]
    return lines[(lines["axis"] == men) & own & (lines["outcome"] == outcome)].iloc[0]


def entry_words(result: Findings) -> str:
    """Return the entry that is asked about, with his troops."""
    assert result.episode.entry is not None
    return f"Entry with {result.episode.entry.troops:,} troops"


def title_of(result: Findings) -> str:
    """Return the finding in one sentence, for the figure."""
    row, losses = main_line(result, UPRISING), result.place.losses[0]
    if not _fitted(row):
        return f"{entry_words(result)}: {line_words(row)}"
    line = row["line_50%"]
    if math.isinf(line):
        end = percent(_number(row, "at_most"))
        words = f"never makes an uprising as likely as not, up to {LOSSES[1]:g} killed per 1,000 a week ({end})"
    elif line == 0.0:
        words = f"makes an uprising as likely as not even with {LOSSES[0]:g} killed per 1,000 a week"
    else:
        words = f"makes an uprising as likely as not at {where(_number(row, 'line_50%'))} killed per 1,000 a week"
    chance = percent(_number(row, "as_drawn"))
    return f"{entry_words(result)} {words}; at the {losses:.2g} drawn its chance is {chance}"


def verdict(result: Findings, facts: Mapping[str, Any]) -> str:
    """Return in plain words where the line is, what moves it, and how far to trust it."""
    frame, place = result.runs, result.place
    stay, entry = (frame[frame["block"] == block].set_index("draw") for block in ("stay", "entry"))
    both = stay.index.intersection(entry.index)
    fitted = f"{facts['accepted']} " if result.origin.file else ""
    lines = [
        f"{result.episode.title}: {facts['worlds']} draws of {fitted}{result.origin.words}; {facts['runs']:,} runs"
        + (f", {facts['failed']} of them failed" if facts["failed"] else "")
        + (f"; in {facts['early']:,} he fell before the day of entry, and they are left out" if facts["early"] else "")
        + ".",
        f"Losses are killed per 1,000 sent a week, the same every week to the end, {LOSSES[0]:g} to "
        f"{LOSSES[1]:g}; the front stands still. The losses drawn come to {place.losses[0]:.2g} "
        f"({place.losses[1]:.2g} to {place.losses[2]:.2g}). Intervals: 95 %, over worlds.",
        "",
    ]
    for outcome in (UPRISING, FALL):
        words = line_words(main_line(result, outcome))
        lines.append(f"{entry_words(result)}: {words}.")
    for outcome in (UPRISING, FALL):
        base = statistics.chance(stay.loc[both, outcome], list(both))
        effect = statistics.paired_difference(entry.loc[both, outcome], stay.loc[both, outcome], list(both))
        shown = "" if effect.shows else ": no difference is shown"
        lines.append(
            f"If he stays, the chance of {'an uprising' if outcome == UPRISING else outcome} in the same time is "
            f"{percent((base.value, base.low, base.high))}; entry adds {100 * effect.value:.0f} points "
            f"[{100 * effect.low:.0f} to {100 * effect.high:.0f}], averaged over the whole range of losses{shown}."
        )
    table = len(lines)
    lines += [axis_words(axis, result) for axis in result.axes if axis is not BEYOND]
    lines += [
        "(Of units of mean loyalty at rest, {:.0f}, {:.0f} and {:.0f} in 100 would obey".format(
            *(100.0 * share for share in facts["willing"])
        )
        + f" at {LOYALTY.low:g}, 0 and {LOYALTY.high:g} logit.)",
        "",
        "How much of it is the prior: " + axis_words(BEYOND, result),
        "Share of the variance of an uprising between runs that is foretold by " + foretold_words(result.foretold),
        "",
        check_words(result.bins),
        "Nobody has seen him enter: the effect of entry is not identified. This is the prior on r, on beyond and on "
        f"the answer to losses, carried through a machine ({result.origin.words}); an average over them holds under "
        "this prior only. Losses at the upper end are a question to the model, not an event that any army has lived "
        "through.",
    ]
    lines = [textwrap.fill(line, 120) for line in lines]
    return "\n".join([*lines[:table], "", *_table(result), "", *lines[table:]])


def _table(result: Findings) -> list[str]:
    """Return the lines of the table: a row for each setting."""
    titles = [f"chance at {result.place.losses[0]:.2g}", *(f"{100 * level:.0f} % line" for level in LEVELS)]
    rows_of_words = [
        f"{'uprising after entry':<36}{''.join(f'{title:>20}' for title in titles)}{'any fall: 50 % line':>21}"
    ]
    for axis in result.axes:
        rows = result.lines[result.lines["axis"] == axis.key]
        for _, cell in rows.groupby("value", sort=True):
            uprising, fall = (cell[cell["outcome"] == outcome].iloc[0] for outcome in (UPRISING, FALL))
            name = f"{axis.title_in(result.episode)}: {uprising['words']}"
            cells = [percent(_number(uprising, "as_drawn"))] if _fitted(uprising) else ["-"]
            cells += [where(_number(uprising, f"line_{level:.0%}")) if _fitted(uprising) else "-" for level in LEVELS]
            last = where(_number(fall, "line_50%")) if _fitted(fall) else "-"
            rows_of_words.append(f"{name:<36}" + "".join(f"{number:>20}" for number in cells) + f"{last:>21}")
    return rows_of_words


def _fitted(row: pd.Series) -> bool:
    return not pd.isna(row.get("as_drawn", math.nan))


def foretold_words(shares: Mapping[str, float | None]) -> str:
    """Return in words which numbers foretell an uprising, and how much of it."""
    if None in shares.values():
        return f"any number: too few runs to tell (fewer than {FEW} worlds with an uprising, or without it)."
    parts = [f"{name}: {100.0 * max(0.0, share or 0.0):.0f} %" for name, share in shares.items()]
    return "; ".join(parts) + " (judged on draws left out of the fit; luck within a world is in the rest)."


def check_words(bins: pd.DataFrame) -> str:
    """Return in words how well the fitted chances describe the runs, bin by bin."""
    if bins.empty:
        return "Check: nothing was fitted."
    missed = math.sqrt(float(((bins["observed"] - bins["fitted"]) ** 2).mean()))
    luck = math.sqrt(float((bins["by_chance"] ** 2).mean()))
    well = missed <= 1.5 * luck
    return (
        f"Check: in {len(bins)} bins of losses and axis, observed and fitted chance differ by "
        f"{100 * missed:.1f} points (root mean square); luck alone makes {100 * luck:.1f}. "
        + ("The curves describe the runs." if well else "The curves do NOT describe the runs well: trust bins.csv.")
    )
