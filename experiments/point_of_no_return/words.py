"""The verdict on coming home, in plain words chosen by the numbers."""

from collections.abc import Callable

import pandas as pd

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.point_of_no_return.findings import DRAWN, NEAR, NEVER, STAYS, Findings, estimate
from experiments.show.words import (
    date_words,
    fold,
    interval_words,
    likely,
    percent,
    points_words,
    short_endings,
)


def finding(result: Findings) -> str:
    """Return the headline: until when coming home is shown to help, nearer the line."""
    until, rows = result.helps_until(NEAR), result.of(NEAR)
    if until is None:
        return "That coming home helps him is not shown, on any day, nearer the line either"
    goes, comes = (percent(rows.loc[until, name]) for name in ("would_fall", "still_falls"))
    if until == max(result.waits):
        said = f"Coming home still helps after {until} days in the war, the last that was tried"
    else:
        after = result.waits[result.waits.index(until) + 1]
        said = f"Coming home helps until day {until} of the war; on day {after} that is no longer shown"
    return f"{said}: on day {until} it cuts falls to come from {goes} to {comes}, nearer the line"


def verdict(result: Findings) -> str:
    """Return what the runs say: falls by the day of coming home, whom it saves, and what entry leaves behind."""
    fixed = f" The same in all worlds: {', '.join(result.fixed)}." if result.fixed else ""
    heading = fold(
        f"{result.worlds} {result.origin.words}, each entering on {date_words(result.episode.entering.date)}; the "
        "troops come home after some days, never, or he stays out; the same dice. Asked as drawn, and nearer the line: "
        f"entry angers {result.beyond:g} times as much as lending the land did, where the prior ends at 2; that is "
        f"another country than the one that was fitted.{fixed} In brackets: 95 % Monte Carlo intervals of a posterior "
        "mean, over worlds, each by itself."
    )
    parts = [
        heading,
        fold(finding(result) + "."),
        fold(_likelihood(result)),
        *(_setting(result, setting) for setting in (DRAWN, NEAR)),
        fold("DOES IT HELP? " + " ".join(_help(result, setting) for setting in (DRAWN, NEAR))),
        fold("HYSTERESIS: " + " ".join(_hysteresis(result, setting) for setting in (DRAWN, NEAR))),
        beside(),
        fold(
            "WHAT THIS RESTS ON: nobody has seen such an entry or such a return, and how shocking entry is (beyond) is "
            "informed by nothing. In the model coming home ends the deaths and brings the men back; the shock of the "
            "entry fades as it would have, the dead stay dead, and what he had won with "
            f"{result.episode.patron} is lost: it asks again, and refusing costs. This is no forecast."
        ),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _likelihood(result: Findings) -> str:
    """Return the answer for the fitted histories as likelihood and confidence, apart."""
    rows, first = result.of(DRAWN), min(result.waits)
    cases = (
        (NEVER, "if they never come home"),
        (first, f"if they are home after {first} days"),
        (STAYS, "if he stays"),
    )
    said = []
    for wait, words in cases:
        fall = estimate(rows.loc[wait], "falls")
        said.append(f"{words}, {likely(fall[0])} ({interval_words(fall)})")
    return f"LIKELIHOOD that he falls, as drawn: {'; '.join(said)}. {confidence_words(result.gates)} {JOINERS}"


def _setting(result: Findings, setting: str) -> str:
    """Return the table of a setting: those who stand on a day, and what coming home then changes."""
    rows = result.of(setting)
    never, stays = (interval_words(estimate(rows.loc[wait], "falls")) for wait in (NEVER, STAYS))
    lines = [
        fold(
            f"{setting.upper()}: he falls by {date_words(result.episode.end_date)} in {never} of worlds if they never "
            f"come home, in {stays} if he stays. Of those who still stand when they come home:"
        ),
        f"{'home':<9}{'stand':>5} {'still fall':<21}{'had they gone on':<20}{'saved, in points':<22}"
        "more than if he stays",
    ]
    for wait in result.waits:
        row = rows.loc[wait]
        falls, would = (_told(row, name, interval_words) for name in ("still_falls", "would_fall"))
        saves, left = (_told(row, name, points_words) for name in ("saves", "left"))
        lines.append(f"{wait:>3} days {int(row['standing']):>5} {falls:<21}{would:<20}{saves:<22}{left}".rstrip())
    return "\n".join(lines)


def _told(row: pd.Series, name: str, words: Callable[[tuple[float, float, float]], str]) -> str:
    """Return a number of the table in words, or a dash where nobody was left to be asked."""
    return "-" if pd.isna(row[name]) else words(estimate(row, name))


def _help(result: Findings, setting: str) -> str:
    """Return until which day coming home is shown to help in a setting, and whether it is shown to harm."""
    until, rows = result.helps_until(setting), result.of(setting)
    harms = [wait for wait in result.waits if rows.loc[wait, "saves_high"] < 0.0]
    if until is None:
        falls, worlds = rows.loc[NEVER, "falls"], int(rows.loc[NEVER, "worlds"])
        said = f"{_name(setting)} not shown on any day"
        said += f" ({round(falls * worlds)} of {worlds} worlds fall if they never come home)."
    else:
        saved = points_words(estimate(rows.loc[until], "saves"))
        later = [wait for wait in result.waits if wait > until]
        ends = f"from day {later[0]} on it is no longer shown" if later else "the last day that was tried"
        said = f"{_name(setting)} yes, up to day {until} of the war ({saved} points on that day; {ends})."
    if harms:
        said += f" On day {', '.join(map(str, harms))} coming home is shown to harm him."
    return said


def _hysteresis(result: Findings, setting: str) -> str:
    """Return whether entry leaves something behind in a setting that coming home does not undo."""
    rows, scarred = result.of(setting), result.leaves(setting)
    if not scarred:
        return f"{_name(setting)} not shown: once home he falls no more often, as far as seen, than had he stayed out."
    first, last = min(scarred), max(scarred)
    until = f", and so on up to day {last}" if last > first else ""
    words = short_endings(result.episode.patron)
    here = result.causes[(result.causes["setting"] == setting) & (result.causes["wait"] == first)]
    how = ", ".join(f"{words[row.ending]} {row.worlds}" for row in here.itertuples())
    return (
        f"{_name(setting)} yes: he who comes home after {first} days still falls more often than had he stayed out, by "
        f"{points_words(estimate(rows.loc[first], 'left'))} points{until}; once home he falls by: {how}."
    )


def _name(setting: str) -> str:
    return f"{setting[0].upper()}{setting[1:]}:"
