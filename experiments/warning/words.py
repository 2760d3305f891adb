"""What should one watch? In plain words chosen by the numbers, losers too."""

from typing import Any

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.show.words import date_words, fold, interval_words, percent
from experiments.warning.findings import AHEAD, MAIN, RATES, Findings, by_luck
from experiments.warning.indicators import CALENDAR, SIGNS


def finding(result: Findings) -> str:
    """Return the headline: the sign that warns of most falls at one false alarm a year, and what the calendar does."""
    if not result.enough:
        return f"He falls in {result.falls} of {result.worlds} worlds: too few to say what to watch"
    rows = result.at(MAIN)
    real, calendar = rows[rows["sign"] != CALENDAR], rows[rows["sign"] == CALENDAR].iloc[0]
    first = real.sort_values("warned", ascending=False, kind="stable").iloc[0]
    losers = f"{len(_losers(result))} of {len(real)} signs foretell nothing"
    if first["warned_low"] <= by_luck(MAIN):
        return f"No sign is shown to warn of more falls than alarms at random would; {losers}"
    return (
        f"What to watch first: {SIGNS[str(first['sign'])].words}. At {first['false_a_year']:.1f} false alarms a year "
        f"it stands before {percent(first['warned'])} of falls{_lead(first)} (the calendar: "
        f"{percent(calendar['warned'])}); {losers}"
    )


def _lead(row: Any) -> str:
    """Return how many days ahead an alarm was, if any was."""
    return f", {row['lead_50']:.0f} days ahead" if row["warned"] > 0.0 else ""


def _losers(result: Findings) -> list[str]:
    """Return the signs that are not shown to know anything: whose area may be a half, or is less."""
    rows = result.at(MAIN)
    return [str(row["sign"]) for _, row in rows.iterrows() if row["area_low"] <= 0.5 and row["sign"] != CALENDAR]


def verdict(result: Findings) -> str:
    """Return what each sign is worth, how early, at which price, which are worth nothing, and what it rests on."""
    share = result.falls / result.worlds if result.worlds else 0.0
    parts = [
        fold(
            f"{result.worlds} {result.origin.words}, each entering on {date_words(result.episode.entering.date)}. So "
            f"that there are falls to learn from, entry angers {result.beyond:g} times as much as lending the "
            "land did, where the prior ends at 2: that is another country than the one that was fitted. In brackets: "
            "95 % intervals, of an area by resampling worlds, of a share by Jeffreys."
        ),
        fold(finding(result) + "."),
        fold(
            f"THE FALLS: he falls in {result.falls} worlds ({percent(share)}) on a later day than that of entry, in "
            f"{result.at_once} on that day itself, when nobody can warn. {result.years:.0f} world-years were watched. "
            f"A day is dangerous if he falls within {AHEAD} days of it; an alarm stands for {AHEAD} days and is false "
            "if he does not fall meanwhile. Thresholds are found in one half of the worlds and judged in the other."
        ),
    ]
    if not result.table.empty:
        parts += [_table(result), _rates(result), fold(_losing(result))]
    parts += [
        fold(f"{confidence_words(result.gates)} {JOINERS}"),
        beside(f"An alarm raised at random {MAIN:g} time a year stands before {percent(by_luck(MAIN))} of falls."),
        fold(
            "WHAT THIS RESTS ON: what foretells a fall here is what the rules make it fall by; a country falls by "
            "more. Who could see a sign stands beside it: what only the model knows is no advice. The false alarms are "
            "of worlds near the line; in a quiet country the same threshold would raise fewer, and warn of less."
        ),
    ]
    return "\n\n".join(parts)


def _table(result: Findings) -> str:
    lines = [
        f"THE SIGNS, the best first, at about {MAIN:g} false alarm a year (area: 0.5 knows nothing, 1 knows all)",
        f"  {'sign':<30}{'area under ROC':<21}{'false':<7}{'warned':<20}lead (half of them)",
    ]
    for _, row in result.at(MAIN).iterrows():
        sign = SIGNS[str(row["sign"])]
        area = f"{row['area']:.2f} [{row['area_low']:.2f} to {row['area_high']:.2f}]"
        warned = interval_words((row["warned"], row["warned_low"], row["warned_high"]))
        lead = f"{row['lead_50']:.0f} ({row['lead_25']:.0f} to {row['lead_75']:.0f})" if row["warned"] > 0.0 else "-"
        lines.append(f"  {sign.words:<30}{area:<21}{row['false_a_year']:<7.1f}{warned:<20}{lead}")
    return "\n".join(lines)


def _rates(result: Findings) -> str:
    """Return the share of falls warned of at each rate of false alarms."""
    lines = [
        "MORE WARNING FOR MORE FALSE ALARMS: falls warned of, by false alarms a year that are allowed",
        f"  {'sign':<30}{'who can see it':<19}" + "".join(f"{f'{rate:g}':<10}" for rate in RATES).rstrip(),
    ]
    for _, first in result.at(MAIN).iterrows():
        own = result.table[result.table["sign"] == first["sign"]].set_index("rate")
        cells = "".join(f"{percent(own.loc[rate, 'warned']):<10}" for rate in RATES)
        sign = SIGNS[str(first["sign"])]
        lines.append(f"  {sign.words:<30}{sign.seen_by:<19}{cells}".rstrip())
    lines.append(f"  {'at random':<30}{'-':<19}" + "".join(f"{percent(by_luck(rate)):<10}" for rate in RATES).rstrip())
    return "\n".join(lines)


def _losing(result: Findings) -> str:
    """Return which signs foretell nothing, and which no more than the calendar."""
    rows, losers = result.at(MAIN), _losers(result)
    same = [
        str(row["sign"]) for _, row in rows.iterrows()
        if row["beats_low"] <= 0.0 and row["sign"] not in (*losers, CALENDAR)
    ]  # fmt: skip
    said = []
    said.append(f"not shown to know anything: {_named(losers)}." if losers else "every sign knows something.")
    said.append(
        f"Not shown to know more, day by day, than how long ago he entered: {_named(same)}."
        if same
        else "All others are shown to know more than how long ago he entered."
    )
    return f"THE LOSERS: {' '.join(said)}"


def _named(signs: list[str]) -> str:
    return "; ".join(SIGNS[sign].words for sign in signs)
