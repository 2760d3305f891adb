"""What the model gives beside what was published, in words: what misses it first."""

import math

from experiments.base_rates.findings import CONDITIONS, Check, Findings
from experiments.evidence.published import MEMORY, SEEN
from experiments.show.words import fold, percent

CALLED = {"quiet": "quiet years", "protest": "mass protest", "war": "war"}
MEASURED = {
    "attempts": "coup attempts a hundred years",
    "falls": "falls a hundred years",
    "success": "attempts that succeed",
    "coups_of_falls": "coups among coups and uprisings",
    "attempts_times": "attempts, times quiet years'",
    "fell": "he falls",
}
SHARES = ("success", "coups_of_falls", "fell")
STATES = ("MISSES", "misses", "MEETS", "meets", "NOT SAID", "NO SOURCE")


def state(check: Check) -> str:
    """Return what a check says in a word or two; in small letters where the published number was not seen."""
    if not check.published.found:
        return "NO SOURCE"
    if check.model is None:
        return "NOT SAID"
    word = "MISSES" if check.misses else "MEETS"
    return word if check.evidence else word.lower()


def value(measure: str, number: float) -> str:
    """Return a number in the measure's unit.

    >>> value("fell", 0.301), value("attempts", 5.154), value("attempts_times", float("inf"))
    ('30 %', '5.2', 'any')
    """
    if math.isinf(number):
        return "any"
    if measure in SHARES:
        return percent(number)
    return f"{number:.0f}" if number >= 10.0 or number == 0.0 else f"{number:.1f}"


def model_words(check: Check) -> str:
    """Return what the model gives, with its interval."""
    if check.model is None:
        return "none happened"
    middle, low, high = (value(check.published.measure, end) for end in check.model)
    if math.isinf(check.model[0]):
        return f"above {low} (quiet: 0)"
    return f"{middle} [{low.removesuffix(' %')} to {high.removesuffix(' %')}]"


def published_words(check: Check) -> str:
    """Return the published range."""
    one = check.published
    if not one.found:
        return "no source found"
    low, high = (value(one.measure, end) for end in (one.low, one.high))
    if math.isinf(one.high):
        return f"above {low}"
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def headline(result: Findings) -> str:
    """Return what was found of quiet years."""
    quiet = result.of("quiet", "attempts")
    return f"{model_words(quiet)} coup attempts in a hundred quiet years, where {published_words(quiet)} are told of"


def finding(result: Findings) -> str:
    """Return what was found, in a sentence."""
    met = []
    for seen, words in ((True, "seen in a source"), (False, "told from memory")):
        asked = [check for check in result.checks if check.compared and check.evidence == seen]
        missed = [check for check in asked if check.misses]
        names = "; ".join(f"{CALLED[c.published.condition]}, {MEASURED[c.published.measure]}" for c in missed)
        if asked:
            but = f" (not: {names})" if missed else ""
            met.append(f"{len(asked) - len(missed)} of {len(asked)} rates {words}{but}")
    return headline(result) + (f"; the model meets {' and '.join(met)}" if met else "")


def verdict(result: Findings) -> str:
    """Return the checks, misses first, what was counted, the sources, and what this can say."""
    ordered = sorted(result.checks, key=lambda check: STATES.index(state(check)))
    lines = [f"{'':<11}{'':<14}{'':<33}{'model':<22}published"]
    for check in ordered:
        one = check.published
        lines.append(
            f"{state(check):<11}{CALLED[one.condition]:<14}{MEASURED[one.measure]:<33}{model_words(check):<22}"
            f"{published_words(check)}"
        )
    parts = [
        "BASE RATES: WHAT THE MODEL GIVES IN QUIET YEARS, UNDER MASS PROTEST AND IN WAR",
        fold(finding(result) + "."),
        fold(
            "In brackets 95 % intervals over worlds. MISSES: interval and published range have nothing in common. "
            "In small letters: the published number is from memory, so it is no evidence. NOT SAID: nothing of it "
            "happened. NO SOURCE: none was found, so nothing stands beside the model."
        ),
        "\n".join(lines),
        _counted(result),
        _sources(result),
        fold(_limits(result)),
    ]
    return "\n\n".join(parts)


def _counted(result: Findings) -> str:
    lines = ["LIVED:"]
    for condition in CONDITIONS:
        count = result.counts[condition]
        ended = ", ".join(f"{ending.replace('_', ' ')} {n}" for ending, n in count.endings.items())
        words = (
            f"{CALLED[condition]}: {count.lives} lives, {count.years:.0f} years, {count.attempts} attempts; {ended}."
        )
        lines.append("  " + fold(words, "    ", 98))
    return "\n".join(lines)


def _sources(result: Findings) -> str:
    told = {SEEN: "seen in an excerpt", MEMORY: "from memory, not seen there"}
    lines = ["SOURCES (model/sources.md):"]
    for check in result.checks:
        one = check.published
        if one.found:
            words = f"{CALLED[one.condition]}, {MEASURED[one.measure]}: {one.words} [{one.key}; {told[one.origin]}]."
            lines.append("  " + fold(words, "    ", 98))
    return "\n".join(lines)


def _limits(result: Findings) -> str:
    return (
        f"{result.worlds} draws ({result.origin}), {result.n_citizens:,} citizens each. No independent test of quiet "
        "years: how often plots begin and how they end was given its range with these rates in mind, and they were "
        "not fitted to them. All worlds survived 2020 to 2022 once: forces and elites of a survivor; "
        "the autumn of 2020 is lived to the year's end, while a campaign lasts longer. A published rate is of many "
        "countries, the model's of one."
    )
