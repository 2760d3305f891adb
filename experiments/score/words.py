"""What a locked forecast was worth, in plain words chosen by the numbers."""

import datetime as dt

import pandas as pd

from experiments.lab.locked import HASH
from experiments.score.findings import Findings
from experiments.show.words import date_words, fold, percent


def finding(result: Findings) -> str:
    """Return the headline: how often it was nearer than the base rate, and by how much."""
    answered = len(result.table)
    said = f"On {result.better()} of {answered} answered questions the forecast was nearer than the base rate"
    if len(result.chances):
        mean, base = (float(result.chances[name].mean()) for name in ("brier", "brier_base"))
        word = "less than" if mean < base else "more than" if mean > base else "as much as"
        said += f"; its chances lose {mean:.4f} (Brier), {word} the base rates' {base:.4f}"
    if result.late == answered:
        return f"A hindcast: {said[0].lower()}{said[1:]}"
    return f"{said}; {result.late} of the answers are of days gone by when it was locked" if result.late else said


def verdict(result: Findings) -> str:
    """Return every answered question with its scores beside the base rate's, and what they can say."""
    record = result.record
    locked, origin = (date_words(dt.date.fromisoformat(record[name][:10])) for name in ("locked", "origin_date"))
    parts = [
        fold(
            f"A forecast of {len(record['worlds'])} worlds, locked on {locked} by commit {record['commit']}, of what "
            f"follows {origin}; its contents are as their sha256 says ({record[HASH][:16]}...). {len(result.table)} "
            f"questions are answered, {result.open_questions} are open. All scores are losses: 0 is perfect."
        ),
        fold(finding(result) + "."),
    ]
    if len(result.chances):
        parts += [_chances(result.chances), fold(_means(result.chances))]
    if len(result.counts):
        parts.append(_counts(result.counts))
    parts += [
        fold(f"BASE RATES that were locked with it: {_sources(result.table)}"),
        fold(f"{record['confidence']} {_limits(result)}"),
    ]
    return "\n\n".join(parts)


def _chances(table: pd.DataFrame) -> str:
    lines = [
        "YES OR NO (in brackets: at the ends of the 95 % Monte Carlo interval of the stated chance)",
        f"  {'question':<34}{'by':<12}{'was':<4}{'stated':<8}{'base':<7}{'Brier':<27}base",
    ]
    for row in table.itertuples():
        by, was = date_words(dt.date.fromisoformat(str(row.by))), "yes" if row.happened else "no"
        own = f"{row.brier:.4f} [{row.brier_low:.4f} to {row.brier_high:.4f}]"
        name = str(row.target).replace("_", " ")
        stated, base = (percent(float(str(share))) for share in (row.stated, row.base))
        lines.append(f"  {name:<34}{by:<12}{was:<4}{stated:<8}{base:<7}{own:<27}{row.brier_base:.4f}")
    return "\n".join(lines)


def _means(table: pd.DataFrame) -> str:
    """Return the mean scores, and what share of the base rates' loss the forecast saves."""
    said = []
    for name, words in (("brier", "Brier"), ("log", "logarithmic, in nats")):
        mean, base = float(table[name].mean()), float(table[f"{name}_base"].mean())
        said.append(f"{words} {mean:.4f} against {base:.4f} of the base rates (skill {100 * (1 - mean / base):+.0f} %)")
    low, high = (float(table[name].mean()) for name in ("brier_low", "brier_high"))
    return (
        f"MEANS: {'; '.join(said)}. Their Monte Carlo error alone could move the Brier score from {low:.4f} to "
        f"{high:.4f}."
    )


def _counts(table: pd.DataFrame) -> str:
    lines = [
        "HOW MANY (CRPS, in people: the miss of a single number, less for what was spread fairly)",
        f"  {'question':<34}{'by':<12}{'was':<10}{'stated':<10}{'base':<10}{'CRPS':<10}base",
    ]
    for row in table.itertuples():
        by, name = date_words(dt.date.fromisoformat(str(row.by))), str(row.target).replace("_", " ")
        cells = f"{row.happened:<10,.0f}{row.stated:<10,.0f}{row.base:<10,.0f}{row.crps:<10,.0f}{row.crps_base:,.0f}"
        lines.append(f"  {name:<34}{by:<12}{cells}")
    return "\n".join(lines)


def _sources(table: pd.DataFrame) -> str:
    """Return of which questions the base rate has a source, and of which it is an assumption."""
    assumed = table["source"] == "assumption"
    return (
        f"{(~assumed).sum()} of {len(table)} answered questions have one with a source, {assumed.sum()} an assumption, "
        "which is no more than a guess made beforehand: to beat it shows little."
    )


def _limits(result: Findings) -> str:
    late = (
        f"{result.late} of the {len(result.table)} answers were there to be known when the forecast was locked: of "
        "these this is a hindcast, and the fit may have seen some of their days. "
        if result.late
        else "All answers lay ahead when it was locked. "
    )
    return (
        f"{late}The questions hang together: they are of one country, and a later date repeats an earlier one. So they "
        "are one observation more than many, and no interval for the mean is given."
    )
