"""The verdict on where the line is, in plain words chosen by the numbers and their intervals."""

import math

import numpy as np

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.show.words import FALL, date_words, ending_words, fold, interval_words, percent, points_words
from experiments.tipping_line.axes import Axis
from experiments.tipping_line.findings import Crossing, Findings, Number, counted
from experiments.tipping_line.surface import PARTS


def where(axis: Axis, number: Number) -> str:
    """Return where the line crosses an axis, with its interval, in words.

    >>> from experiments.tipping_line.axes import AXES
    >>> where(AXES["losses"], (9.1, 6.2, math.inf)), where(AXES["losses"], (-math.inf, -math.inf, -math.inf))
    ('9.1 [6.2 to >30]', '<0.5')
    """
    middle, low, high = (_value(axis, value) for value in number)
    return middle if low == middle == high else f"{middle} [{low} to {high}]"


def _value(axis: Axis, value: float) -> str:
    if math.isinf(value):
        return f">{axis.words(axis.high)}" if value > 0.0 else f"<{axis.words(axis.low)}"
    return axis.words(value)


def what_words(result: Findings) -> str:
    """Return what is asked for: an uprising, or any fall."""
    return "a fall" if result.ending == FALL else ending_words(result.episode.patron)[result.ending]


def level_words(level: float) -> str:
    """Return a chance that something has, in words.

    >>> level_words(0.5), level_words(0.1)
    ('as likely as not', '10 % likely')
    """
    return "as likely as not" if level == 0.5 else f"{percent(level)} likely".replace(".0", "")


def finding(result: Findings) -> str:
    """Return the headline: where the line lies, or that the box does not hold it."""
    what = what_words(result)
    if result.surface is None:
        return (
            f"{what[0].upper()}{what[1:]} came in {result.hits} of {result.runs} runs: too few, or too many, for a line"
        )
    if result.side:
        return _outside(result)
    told, given = result.told_by
    drawn = next(crossing for crossing in result.crossings() if crossing.drawn)
    at = f"with {given.title_in(result.episode).lower()} as drawn ({given.words(drawn.given)})"
    if not drawn.told:
        return f"The line cannot be told {at}: the fit leaves what was counted there"
    if math.isinf(drawn.at[0]):
        end = "over" if _rises(result) == (drawn.at[0] < 0.0) else "under"
        return (
            f"{at[0].upper()}{at[1:]}, the chance of {what} is {end} {percent(result.level)} at all values of "
            f"{told.title_in(result.episode).lower()} from {told.words(told.low)} to {told.words(told.high)}"
        )
    name = told.title_in(result.episode)
    return f"After entry {what} is {level_words(result.level)} where {name.lower()} is {where(told, drawn.at)}, {at}"


def _rises(result: Findings) -> bool:
    """Whether the chance rises along the axis on which the line is told."""
    assert result.surface is not None
    told, _ = result.told_by
    mean = result.surface.mean.reshape(result.box.shape)
    along = 0 if told is result.box.y else 1
    return bool(np.diff(np.take(mean, [0, -1], axis=along), axis=along).mean() >= 0.0)


def _outside(result: Findings) -> str:
    """Return that the line lies outside of the box, and the chance that comes nearest to it."""
    assert result.surface is not None
    place, way = result.outermost, "below" if result.side < 0 else "above"
    x, y = result.box.values(place)
    shown = result.open == 0.0
    most = "most" if result.side < 0 else "least"
    chance = interval_words(result.surface.chance(place)) if result.trusted[place] else "not told by the fit"
    return (
        f"The line lies outside of the box: everywhere in it the chance of {what_words(result)} is {way} "
        f"{percent(result.level)}{'' if shown else ', as far as seen'}; at {most} {chance}, at "
        f"{result.box.x.title_in(result.episode).lower()} {result.box.x.words(x)} and "
        f"{result.box.y.title_in(result.episode).lower()} {result.box.y.words(y)}"
    )


def verdict(result: Findings) -> str:
    """Return where the line is, what was counted, and how far to trust it."""
    x, y = result.box.x, result.box.y
    fixed = f" The same in all worlds: {', '.join(result.fixed)}." if result.fixed else ""
    lost = f" {result.failed} runs failed and count nowhere." if result.failed else ""
    lost += f" In {result.early} he fell before the day of entry; they count nowhere." if result.early else ""
    names = " and ".join(
        f"{axis.title_in(result.episode).lower()} ({axis.words(axis.low)} to {axis.words(axis.high)}; {axis.unit})"
        for axis in (x, y)
    )
    parts = [
        fold(
            f"{result.worlds:,} {result.origin.words}, each entering once, on "
            f"{date_words(result.episode.entering.date)}, at one place of a box: {names}. All else is as each world "
            f"has it.{fixed}{lost} In brackets: 95 % intervals, of the fit for the line, by Jeffreys for "
            "what is counted."
        ),
        fold(finding(result) + "."),
        _table(result) if result.surface is not None and not result.side else "",
        fold(_open(result)) if result.surface is not None else "",
        _counts(result),
        fold(_stays(result)),
        fold(f"{confidence_words(result.gates)} {JOINERS}"),
        beside(),
        fold(
            "WHAT THIS RESTS ON: nobody has seen him enter, and how shocking that is (beyond) is informed by nothing: "
            "where the prior ends at 2, the box goes on. A line tells how far the model's country is from tipping "
            "under these numbers, and no more; the interval knows luck, and no error of the model. This is no forecast."
        ),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _table(result: Findings) -> str:
    """Return where the line crosses one axis at values of the other."""
    told, given = result.told_by
    lines = [
        fold(f"THE LINE of {percent(result.level)}, at {told.title_in(result.episode).lower()} [{told.unit}]:"),
        *(f"  {_given(result, given, crossing):<58}{_crossing(told, crossing)}" for crossing in result.crossings()),
    ]
    return "\n".join(lines)


def _given(result: Findings, given: Axis, crossing: Crossing) -> str:
    drawn = " (nearest to what is drawn)" if crossing.drawn else ""
    return f"{given.title_in(result.episode).lower()} {given.words(crossing.given)}{drawn}"


def _crossing(told: Axis, crossing: Crossing) -> str:
    return where(told, crossing.at) if crossing.told else "not told: the fit leaves the counts"


def _open(result: Findings) -> str:
    """Return how much of the box is still open, and where the counts do not bear the fit out."""
    assert result.surface is not None
    left = [told for told in result.parts.values() if not told.agrees]
    said = f"OPEN: {percent(result.open)} of the box may lie on either side of the line (95 %)."
    if not left:
        return f"{said} In all {len(result.parts)} parts of the box with runs the fit lies within the counts' interval."
    return (
        f"{said} In {len(left)} of {len(result.parts)} parts of the box the fit leaves the counts' interval: there it "
        "is not printed, and the counts rule."
    )


def _counts(result: Findings) -> str:
    """Return what was counted in each part of the box, the upper end of y first."""
    x, y = result.box.x, result.box.y
    columns, rows = (len(axis.levels) or PARTS for axis in (x, y))
    value, low, high = counted(result)
    lines = [
        fold(
            f"COUNTED: {what_words(result)} in {result.hits:,} of {result.runs:,} runs "
            f"({interval_words((value, low, high))}, over wherever runs went); by parts of the box, share and runs:"
        )
    ]
    names = [_range(y, row, rows) for row in range(rows)]
    wide = max(24, *(len(name) + 2 for name in names))
    for row in reversed(range(rows)):
        cells = [_cell(result, row * PARTS + column) for column in range(columns)]
        lines.append(f"  {y.name + ' ' + names[row]:<{wide}}{''.join(f'{cell:>18}' for cell in cells)}")
    lines.append(f"  {x.name:<{wide}}{''.join(f'{_range(x, column, columns):>18}' for column in range(columns))}")
    return "\n".join(lines)


def _range(axis: Axis, part: int, parts: int) -> str:
    if axis.levels:
        return axis.levels[part]
    return f"{axis.words(axis.at(part / parts))} to {axis.words(axis.at((part + 1) / parts))}"


def _cell(result: Findings, part: int) -> str:
    here = result.box.parts == part
    runs, hits = result.counts.runs[here].sum(), result.counts.hits[here].sum()
    if not runs:
        return "-"
    return f"{percent(hits / runs)} of {runs:,.0f}"


def _stays(result: Findings) -> str:
    """Return what the twins say that do not enter."""
    if result.stay is None or result.adds is None:
        return ""
    shown = "" if result.adds.shows else ": no difference is shown"
    return (
        f"IF HE STAYS, {what_words(result)} comes in {interval_words(result.stay)} of {result.stay.draws} of these "
        f"worlds; entry adds {points_words(result.adds)} points{shown}, averaged over wherever runs went."
    )
