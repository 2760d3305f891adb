"""What the model's ratios say beside those of other countries, in words: what misses first."""

import math
from collections import Counter

from experiments.evidence.shocks import CONDITIONS
from experiments.shocks.findings import RARE, Check, Findings, Spread
from experiments.show.words import fold, interval_words, percent

CALLED = {
    "stay": "he stays, the same weeks", "entry": "twelve weeks after entry", "war": "the rest of the year of war",
    "defeat": "after a defeat",
}  # fmt: skip
SHOCKS = {"entry": "entries", "war": "long wars", "defeat": "defeats"}
STATES = ("MISSES", "misses", "MEETS", "meets", "NOT SAID")


def state(check: Check) -> str:
    """Return what a check says in a word; in small letters where the row is from memory."""
    if check.inside is None:
        return "NOT SAID"
    word = "MISSES" if check.misses else "MEETS"
    return word if check.shock.evidence else word.lower()


def ratio(value: float) -> str:
    """Return a ratio with at most two digits that count.

    >>> ratio(0.0), ratio(2e-8), ratio(0.00412), ratio(0.5), ratio(2.34)
    ('0', '<0.001', '0.0041', '0.5', '2.3')
    """
    return "<0.001" if 0.0 < value < 0.0005 else f"{value:.2g}"


def range_words(low: float, high: float) -> str:
    """Return a range of ratios.

    >>> range_words(0.0, 0.005), range_words(1.0, math.inf)
    ('0 to 0.005', 'above 1')
    """
    return f"above {ratio(low)}" if math.isinf(high) else f"{ratio(low)} to {ratio(high)}"


def spread_words(spread: Spread | None) -> str:
    """Return a median with its interval and the middle of the lives."""
    if spread is None:
        return "no life"
    return (
        f"{ratio(spread.median)} [{ratio(spread.low)} to {ratio(spread.high)}], 90 % of {spread.lives} lives "
        f"{range_words(*spread.band)}"
    )


def headline(result: Findings) -> str:
    """Return what was found of entry, in a sentence."""
    entry = result.spreads["entry"]
    told = Counter(check.shock.condition for check in result.checks)
    missed = Counter(check.shock.condition for check in result.checks if check.misses)
    misses = ", ".join(f"{missed[name]} of {told[name]} {words}" for name, words in SHOCKS.items())
    middle = f"{ratio(entry.median)} of its own peak since 2020" if entry else "unknown"
    return f"After entry the model's crowd is {middle} at the median; what was seen elsewhere it misses for {misses}"


def verdict(result: Findings) -> str:
    """Return the checks, misses first, the model's ratios, who would join, and what this can say."""
    lines = [f"{'':<10}{'':<49}{'elsewhere':<14}lives in that range"]
    for check in sorted(result.checks, key=lambda check: STATES.index(state(check))):
        inside = "no life" if check.inside is None else interval_words(check.inside)
        one = check.shock
        lines.append(f"{state(check):<10}{one.name[:48]:<49}{range_words(one.low, one.high):<14}{inside}")
    told = [f"  {words + ':':<29}{spread_words(result.spreads[name])}" for name, words in CALLED.items()]
    judged = [check for check in result.checks if check.inside is not None]
    seen = [check for check in judged if check.shock.evidence]
    missed = sum(check.misses for check in judged)
    parts = [
        "SHOCKS: WHAT ENTRY, A LONG WAR AND DEFEAT DO TO THE STREET, HERE AND ELSEWHERE",
        fold(
            f"{headline(result)}. Of all {len(judged)} shocks it misses {missed}, of the {len(seen)} whose rows were "
            f"seen in a source {sum(check.misses for check in seen)}."
        ),
        fold(
            "A ratio is the largest crowd after the shock over that of the country's own reference crisis. MISSES: "
            f"fewer than {percent(RARE)} of the model's lives lie in the range told of the country. In small letters: "
            "the row is, in part at least, from memory, so it is no evidence."
        ),
        "\n".join(lines),
        "\n".join(["THE MODEL (median, its 95 % interval over histories, and how lives lie):", *told]),
        fold(_joiners(result)),
        fold(_falls(result)),
        fold(_limits(result)),
    ]
    return "\n\n".join(parts)


def _joiners(result: Findings) -> str:
    words = (
        "JOINERS ARE A SELECTED LOT. A leader who fears his street can stay out, and then nothing is told of it here: "
        "what is told is of streets that were thought safe, while in the model every history is made to enter. So a "
        "higher ratio of the model would be no contradiction, and low ones elsewhere are no proof that entry is safe."
    )
    if result.joiners is None or result.others is None:
        return f"{words} Here all would choose alike, which tells nothing of it."
    return (
        f"{words} Made to enter, histories in which he would join by himself have {spread_words(result.joiners)}; "
        f"the others {spread_words(result.others)}."
    )


def _falls(result: Findings) -> str:
    told = {"stay": "he stays", "entry": "he enters", "defeat": "he enters and may be defeated"}
    here = ", ".join(
        f"{result.falls[name][0]} of {result.falls[name][1]} where {words}" for name, words in told.items()
    )
    return f"FALLS within the year: {here}. Elsewhere none of the {len(result.checks)} fell within a year of the shock."


def _limits(result: Findings) -> str:
    n = {name: sum(check.shock.condition == name for check in result.checks) for name in CONDITIONS}
    seen = sum(check.shock.evidence for check in result.checks)
    return (
        f"{result.worlds} draws ({result.origin}), {result.n_citizens:,} citizens each. The model has no call-up: rows "
        "with one stand beside entry or defeat. It lives one year; the long wars lasted many. Elsewhere: "
        f"{n['entry']} entries, {n['war']} long wars and {n['defeat']} defeats, no random sample, {seen} of them seen "
        "in excerpts, with ranges so wide that to meet one says little. The model's own peak is fitted; what an entry "
        "angers beyond the lent land is an assumption (war_beyond)."
    )
