"""The verdict on the decision, in plain words chosen by the numbers."""

import math

import pandas as pd

from experiments.decision.findings import (
    BELIEF,
    DAYS,
    FLATTERIES,
    LOOKAHEAD,
    PRESSURES,
    PRICES,
    Findings,
)
from experiments.decision.lives import AS_IS, CHOICES, ENTERS, LAND, LIMITED, REFUSES, TALKS
from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.show.words import date_words, fold, interval_words, likely, percent, points, points_words

STEPS = {LIMITED: "going limited", ENTERS: "entering"}
SAYS = {REFUSES: "refuses", LIMITED: "joins, limited", ENTERS: "joins"}


def ends(row: pd.Series, name: str) -> tuple[float, float, float]:
    """Return a number of a table with the ends of its interval.

    >>> ends(pd.Series({"gain": 0.1, "gain_low": 0.0, "gain_high": 0.2}), "gain")
    (0.1, 0.0, 0.2)
    """
    return float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])


def times(value: float) -> str:
    """Return a multiple in words.

    >>> times(2.0), times(2.828), times(math.inf)
    ('2 times', '2.8 times', 'none tried')
    """
    return "none tried" if math.isinf(value) else f"{value:.2g} times"


def finding(result: Findings) -> str:
    """Return the headline: where a step into the war is shown to serve him, and how often he would take it."""
    shown = result.gains.sort_values(["price", "pressure", "day"])
    if shown.empty:
        said = "At no pressure and no price tried is a step into the war shown to serve his survival"
    else:
        row = shown.iloc[0]
        conditions = [
            f"{row[name]:g} times {words}"
            for name, words in (
                ("pressure", f"{result.episode.patron}'s pressure"),
                ("price", f"{result.episode.patron}'s readiness to replace him"),
            )
            if row[name] > 1.0
        ]
        where = f"first at {' and '.join(conditions)}" if conditions else "as things stood"
        said = f"{STEPS[row['choice']].capitalize()} is shown to serve his survival {where}"
    rest = []
    for way, words in ((BELIEF, "by what he can know"), (LOOKAHEAD, "looking ahead")):
        row = result.chosen(way, DAYS[0], PRESSURES[0], PRICES[0])
        rest.append(f"{words} in {percent(row[ENTERS])}")
    return f"{said}; as things stood he enters {' and '.join(rest)} of histories"


def verdict(result: Findings) -> str:
    """Return what truth, belief and lookahead say, how wrong he must be, what was bought, and who else it sorts."""
    patron = result.episode.patron
    heading = (
        f"{result.worlds} {result.origin.words}, in which he refuses until a day of choice; then he refuses on, goes "
        f"limited, or enters, with the same dice, and a year follows. The need that {patron} has of him is "
        "as it was or a multiple (pressure), and so is the rate at which it replaces who refuses too often (price). In "
        "brackets: 95 % Monte Carlo intervals of a posterior mean, over worlds."
    )
    parts = [
        fold(heading),
        fold(finding(result) + "."),
        fold(_likelihood(result)),
        _truth(result),
        _flips(result),
        _choices(result),
        fold(_wrong(result)),
        _bought(result),
        _clients(result),
        beside(),
        fold(_limits(result)),
    ]
    return "\n\n".join(part for part in parts if part)


def _likelihood(result: Findings) -> str:
    said = []
    for choice, words in ((REFUSES, "if he refuses"), (LIMITED, "if he goes limited"), (ENTERS, "if he enters")):
        row = result.truth_at(DAYS[0], PRESSURES[0], PRICES[0], choice)
        value, low, high = (round(1.0 - share, 12) for share in ends(row, "in_office"))  # 1 - 0.9 is a tenth
        said.append(f"{words}, {likely(value)} ({interval_words((value, high, low))})")
    ways = [
        f"{words}, {likely(share[0])} ({interval_words(share)})"
        for way, words in ((BELIEF, "by belief"), (LOOKAHEAD, "looking ahead"))
        for share in [ends(result.chosen(way, DAYS[0], PRESSURES[0], PRICES[0]), ENTERS)]
    ]
    when = date_words(result.episode.date_of(DAYS[0]))
    return (
        f"LIKELIHOOD that he falls within a year of {when}, under the pressure and at the price of that day: "
        f"{'; '.join(said)}. That he enters: {'; '.join(ways)}. {confidence_words(result.gates)} {JOINERS}"
    )


def _truth(result: Findings) -> str:
    """Return the table of the twins: the chance to be in office by choice, and what the steps gain."""
    lines = [
        "TRUTH: in office a year later, and what a step gains over refusing, in points",
        f"{'from':<13}{'pressure':<10}{'price':<7}{'refuses':<9}{'limited':<9}{'enters':<9}"
        f"{'limited gains':<24}entering gains",
    ]
    keys = ["day", "pressure", "price"]
    for key, rows in result.truth.groupby(keys, sort=False):
        day, pressure, price = (float(value) for value in key)
        here = rows.set_index("choice")
        offices = "".join(f"{percent(here.loc[choice, 'in_office']):<9}" for choice in CHOICES)
        gains = [points_words(ends(here.loc[choice], "gain")) for choice in (LIMITED, ENTERS)]
        date = date_words(result.episode.date_of(int(day)))
        lines.append(f"{date:<13}x {pressure:<8g}x {price:<5g}{offices}{gains[0]:<24}{gains[1]}")
    first = result.truth_at(DAYS[0], PRESSURES[0], PRICES[0], ENTERS)
    lines.append(
        fold(
            f"On the first day, as things stood, entering alone would have kept {int(first['saved'])} of "
            f"{int(first['worlds'])} in office, and refusing alone {int(first['lost'])}."
        )
    )
    return "\n".join(lines)


def _flips(result: Findings) -> str:
    """Return where the answer flips, for each step, along pressure and along price."""
    lines = ["WHERE THE ANSWER FLIPS: from there on a step gains, at the mean over worlds [95 %]"]
    for _, row in result.flips.iterrows():
        when = date_words(result.episode.date_of(int(row["day"])))
        if row["along"] == "pressure":
            of = f"along pressure, {when}, price x {row['price']:g}"
        else:
            of = f"along price, {when}, pressure x {row['pressure']:g}"
        lines.append(
            f"  {of:<44}{STEPS[row['choice']]:<15}{flip_words(*(row[name] for name in ('at', 'low', 'high')))}"
        )
    return "\n".join(lines)


def flip_words(at: float, low: float, high: float) -> str:
    """Return where an answer flips, with its interval.

    >>> flip_words(2.83, 2.0, math.inf), flip_words(math.inf, 4.0, math.inf), flip_words(math.inf, math.inf, math.inf)
    ('at 2.8 times [2 to none tried]', 'at none tried [4 to none tried]', 'at none tried')
    >>> flip_words(1.0, 1.0, math.inf), flip_words(1.0, 1.0, 1.0)
    ('not told by these runs: anywhere, or at none tried', 'at the least tried')
    """
    if math.isinf(low):
        return "at none tried"
    if low == 1.0 and math.isinf(high):
        return "not told by these runs: anywhere, or at none tried"
    if high == 1.0:
        return "at the least tried"
    return f"at {times(at)} [{low:.2g} to {'none tried' if math.isinf(high) else f'{high:.2g}'}]"


def _choices(result: Findings) -> str:
    """Return how often he enters, by belief and by lookahead, along the pressure and the price."""
    patron = result.episode.patron
    lines = [
        fold(
            "WHAT HE WOULD DO: the share of histories in which he enters, and in which he takes any step, along "
            f"{patron}'s pressure (he takes the choice of least believed hazard, and leaves refusing only for what "
            f"saves more than his inertia, {100 * result.margin:.1f} points a year at the median: the likeliest choice "
            "by the model's own rule, C5). All on the first day; he looks ahead in "
            f"{_asked(result, LOOKAHEAD)} of the worlds."
        ),
        f"{'pressure':<10}{'price':<7}{'belief: enters':<22}{'any step':<22}{'lookahead: enters':<22}any step",
    ]
    for pressure in PRESSURES:
        cells = [
            interval_words(ends(result.chosen(way, DAYS[0], pressure, PRICES[0]), name))
            for way in (BELIEF, LOOKAHEAD) for name in (ENTERS, "either")
        ]  # fmt: skip
        lines.append(f"x {pressure:<8g}x {PRICES[0]:<5g}" + "".join(f"{cell:<22}" for cell in cells).rstrip())
    for price in PRICES[1:]:
        for pressure in PRESSURES:
            row = result.chosen(BELIEF, DAYS[0], pressure, price)
            cells = [interval_words(ends(row, name)) for name in (ENTERS, "either")]
            lines.append(f"x {pressure:<8g}x {price:<5g}{cells[0]:<22}{cells[1]}")
    return "\n".join([*lines, fold(_how_known(result))])


def _asked(result: Findings, way: str) -> int:
    return int(result.chosen(way, DAYS[0], PRESSURES[0], PRICES[0])["asked"])


def _how_known(result: Findings) -> str:
    skill = result.skill
    if skill is None:
        knows = "Nobody falls, or all do: there was nothing to learn."
    elif skill <= 0.0:
        knows = (
            f"Held against his own world, in which it was not learnt, what he believes errs more than the plain mean "
            f"({points(skill)} % of its squared error saved): what he can see tells him nothing of his own fall."
        )
    else:
        knows = (
            f"In his own world, in which it was not learnt, belief saves {percent(skill)} of the mean's squared error."
        )
    least = 1.0 / result.futures
    return (
        f"His sample of other histories is worth {result.worth:.0f} equal ones, of {result.worlds - 1}. {knows} "
        f"{result.futures} futures a choice tell chances apart by steps of {percent(least)}: looking ahead he is "
        "also led by luck."
    )


def _wrong(result: Findings) -> str:
    """Return how wrong he must be to enter: by flattery, and by overrating what refusing costs."""
    patron, extra = result.episode.patron, result.deceived_by
    shares = ", ".join(
        f"{percent(result.chosen(BELIEF, DAYS[0], PRESSURES[0], PRICES[0], flattery)[ENTERS])} at {flattery:g}"
        for flattery in FLATTERIES
    )
    if extra is None:
        flattered = (
            f"no flattery tried makes half of him enter (at most a street that looks {math.exp(max(FLATTERIES)):.0f} "
            "times weaker than it is)"
        )
    elif extra == 0.0:
        flattered = "no more flattery than he has is needed"
    else:
        flattered = f"half of him enters once the street looks {math.exp(extra):.0f} times weaker to him than it is"
    fears = result.fears
    at = (fears["day"] == DAYS[0]) & (fears["pressure"] == PRESSURES[0]) & (fears["price"] == PRICES[0])
    row = fears[at].iloc[0]
    if row["median"] > 0.0:
        fear = (
            f"he must overrate the hazard of refusing by {100 * row['median']:.1f} points a year (half of "
            f"histories: {100 * row['low']:.1f} to {100 * row['high']:.1f})"
        )
    else:
        fear = "at the median he needs to overrate nothing"
    return (
        f"HOW WRONG MUST HE BE, as things stood? By flattery: {flattered}; he enters in {shares} (log of the load, "
        f"beyond the flattery he has). By fear of {patron}: {fear}."
    )


def _bought(result: Findings) -> str:
    """Return what talks and the lent land bought him who refuses for a year from the eve."""
    rows = result.bought.set_index("off")
    lines = [
        "WHAT TALKS AND THE LENT LAND BOUGHT him who refuses, in the year from the eve",
        f"{'':<24}{'mean pressure':<15}{'refusals':<10}{'GDP lost':<10}{'in office':<20}they gained, in points",
    ]
    for off, words in ((AS_IS, "as it was"), (TALKS, "without the talks"), (LAND, "land never lent")):
        row = rows.loc[off]
        numbers = f"{row['mean_pressure']:<15.2f}{row['refusals']:<10.1f}{row['gdp_lost']:<10.1f}"
        gain = "" if off == AS_IS else points_words(ends(row, "gain"))
        lines.append(f"{words:<24}{numbers}{interval_words(ends(row, 'in_office')):<20}{gain}".rstrip())
    own, land = rows.loc[AS_IS, "mean_pressure"], rows.loc[LAND, "mean_pressure"]
    if land > 0.0:
        more = 1.0 - own / land
        what = f"bought off {percent(more)} of the pressure" if more > 0.0 else "bought off no pressure"
        lines.append(
            fold(f"The lent land {what}; the troops of {result.episode.patron} are in the country either way.")
        )
    return "\n".join(lines)


def _clients(result: Findings) -> str:
    """Return what the same rule says of other clients, as right or wrong, beside the base rate."""
    told = result.clients
    if told is None or result.sorts is None:
        return ""
    lines = [
        "OTHER CLIENTS, sorted by the same rule (belief, every history counted alike):",
        f"{'':<24}{'falls if he refuses':<21}{'limited':<10}{'enters':<10}{'the rule says':<17}{'he':<10}",
    ]
    for _, row in told.iterrows():
        falls = [percent(row[f"falls_if_{choice}"]) for choice in CHOICES]
        did, judged = ("joined" if row["joined"] else "refused"), ("right" if row["right"] else "wrong")
        lines.append(
            f"{row['client']:<24}{falls[0]:<21}{falls[1]:<10}{falls[2]:<10}{SAYS[row['says']]:<17}{did:<10}{judged}"
        )
    n, right, joiners = len(told), int(told["right"].sum()), int(told["joined"].sum())
    usual = max(joiners, n - joiners)
    does_better, luck = result.sorts
    always = "joins" if joiners >= n - joiners else "refuses"
    said = (
        f"Right in {right} of {n}; to say of each that he {always} is right in {usual} (the base rate). A joiner is "
        f"told to gain more than a refuser in {percent(does_better)} of pairs, where luck alone gives 50 %; shuffled "
        f"answers do as well in {percent(luck)} of all ways to shuffle. "
    )
    if len(set(told["says"] == REFUSES)) == 1:
        same = SAYS[REFUSES] if (told["says"] == REFUSES).all() else SAYS[ENTERS]
        said += f"The rule says of all that he {same}: it does not separate them. "
    elif right <= usual:
        said += "The rule does not beat the base rate: it does not separate them. "
    else:
        said += f"The rule beats the base rate{'' if luck < 0.05 else ', by luck perhaps'}. "
    outside = int((told["beyond"] > 0).sum())
    said += (
        f"{outside} of {n} stand outside of all that the rule was learnt from in one thing or more (and are taken at "
        "its edge), and every number of theirs is a coarse reading of ours: this tests the rule's inputs more than the "
        "rule. What these clients hoped to gain by joining (lost provinces, payment, order at home) is not in it."
    )
    return "\n".join([*lines, fold(said)])


def _limits(result: Findings) -> str:
    patron = result.episode.patron
    return (
        "WHAT THIS RESTS ON: nobody has seen such an entry, and how shocking it is (beyond) is informed by nothing. He "
        "is taken to want his office and nothing else: not victory, not pay, not a cause. A multiple of the pressure "
        f"raises {patron}'s demands and the subsidy it withholds, up to all of it; a multiple of the price raises the "
        "rate at which it replaces who has refused too often, if there is somebody to put in his place. That it might "
        "invade is not modelled. He learns from years of this model's own histories, by a straight line on six things "
        "seen; where the model's leader decides by himself (the arm decide) he judges by such lessons, weekly and a "
        "rung at a time. This is no forecast."
    )
