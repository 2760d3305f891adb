"""The verdict on the claims, in plain words chosen by the numbers."""

from experiments.ablation.findings import (
    ENTER_FALL,
    ENTERS,
    HIGH,
    LOW,
    NEAR_FALL,
    OUTCOMES,
    PAIRS,
    SETTINGS,
    SINGLES,
    STAY_FALL,
    WHOLE,
    Findings,
    claims_of,
)
from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.claims import sentences
from experiments.evidence.gates import confidence_words
from experiments.show.words import date_words, fold, interval_words, likely, percent, points, points_words
from model.parameters import SWITCHES

SAID = {
    NEAR_FALL: "he falls after entry, nearer the line,",
    ENTER_FALL: "he falls after entry",
    STAY_FALL: "he falls if he stays,",
    ENTERS: "he enters, if he may choose,",
}


def title_of(setting: str) -> str:
    """Return a setting as claims and switches.

    >>> title_of("talks"), title_of("shame+sanctions")
    ('C11 talks', 'C10+C10 shame+sanctions')
    """
    if setting in (WHOLE, LOW, HIGH):
        return setting or "all claims"
    return f"{'+'.join(SWITCHES[claim] for claim in claims_of(setting))} {setting}"


def finding(result: Findings) -> str:
    """Return the headline: what carries most, and how many of the claims turn nothing."""
    idle = sum(result.kind(setting) in ("turns nothing", "nothing") for setting in SINGLES)
    carriers = [setting for setting in result.by_size if result.kind(setting) == "carries"]
    rest = f"{idle} of {len(SINGLES)} claims turn no ending and no choice in any of {result.worlds} worlds"
    if not carriers:
        return f"No claim by itself is shown to carry the answer; {rest}"
    first = carriers[0]
    outcome = max(result.shown(first), key=lambda name: abs(result.changes[first, name].value))
    before, after = (percent(result.chances[setting, outcome].value) for setting in (WHOLE, first))
    more = len(carriers) - 1
    others = f" {more} more {'is' if more == 1 else 'are'} shown to carry some of it;" if more else ""
    return (
        f"Most rests on {title_of(first)}: without it {SAID[outcome]} in {after} of worlds, not in {before};{others} "
        f"{rest}"
    )


def verdict(result: Findings) -> str:
    """Return what the article's sentences do here: which carry the answer, which turn nothing, pairs, media grip."""
    parts = [
        fold(
            f"{result.worlds} {result.origin.words}, each lived a year from {date_words(result.episode.start_date)} "
            "with all claims and without some, with the same dice: he stays, he enters, he decides. Nearer the line "
            f"entry angers {result.beyond:g} times as much as lending the land did, where the prior ends at 2: that is "
            "another country than the one that was fitted. In brackets: 95 % Monte Carlo intervals of a posterior "
            "mean, over worlds."
        ),
        fold(finding(result) + "."),
        fold(_likelihood(result)),
        _carriers(result),
        _table(result),
        _rest(result),
        _pairs(result),
        fold(_grip(result)),
        beside(),
        fold(_limits(result)),
    ]
    return "\n\n".join(parts)


def _likelihood(result: Findings) -> str:
    enters, stays, chooses, near = (result.chances[WHOLE, name] for name in (ENTER_FALL, STAY_FALL, ENTERS, NEAR_FALL))
    return (
        f"LIKELIHOOD, with all claims, that he falls: if he enters, {likely(enters.value)} ({interval_words(enters)}); "
        f"if he stays, {likely(stays.value)} ({interval_words(stays)}); nearer the line, if he enters, "
        f"{interval_words(near)}. If he may choose he enters in {interval_words(chooses)}. "
        f"{confidence_words(result.gates)} {JOINERS}"
    )


def _carriers(result: Findings) -> str:
    """Return a paragraph for each claim that is shown to change an outcome, the largest first."""
    lines = ["THESE SENTENCES CARRY THE ANSWER, the most telling first:"]
    for setting in result.by_size:
        if result.kind(setting) != "carries":
            continue
        moved = []
        for outcome in result.shown(setting):
            before, after = (percent(result.chances[name, outcome].value) for name in (WHOLE, setting))
            points_moved = points_words(result.changes[setting, outcome])
            moved.append(f"{SAID[outcome]} in {after} of worlds, not in {before} ({points_moved} points)")
        words = f"  {SWITCHES[setting]}, “{sentences()[SWITCHES[setting]]}” ({setting}). Without it {'; '.join(moved)}."
        lines.append(fold(words, "    "))
    return "\n".join(lines) if len(lines) > 1 else "NO SENTENCE BY ITSELF IS SHOWN TO CARRY THE ANSWER."


def _table(result: Findings) -> str:
    """Return what every setting changes, in points, claims by the size of it."""
    lines = [
        f"{'without, in points':<25}{'falls, nearer the line':<24}{'falls if he enters':<24}falls if he stays",
        *(_row(result, setting) for setting in result.by_size),
        "",
        f"{'without':<25}{'enters, if he may choose':<32}worlds in which an ending or a choice turns",
    ]
    for setting in sorted(SINGLES, key=lambda name: -abs(result.changes[name, ENTERS].value)):
        change = points_words(result.changes[setting, ENTERS])
        lines.append(f"{title_of(setting):<25}{change:<32}{result.turned[setting]} of {result.worlds}")
    return "\n".join(lines)


def _row(result: Findings, setting: str) -> str:
    cells = [points_words(result.changes[setting, outcome]) for outcome in (NEAR_FALL, ENTER_FALL, STAY_FALL)]
    return (f"{title_of(setting):<25}" + "".join(f"{cell:<24}" for cell in cells)).rstrip()


def _rest(result: Findings) -> str:
    """Return which claims are not shown to change anything, and which change nothing."""
    named = {
        kind: [f"{title_of(setting)}" for setting in result.by_size if result.kind(setting) == kind]
        for kind in ("not shown", "turns nothing", "nothing")
    }
    lines = []
    if named["not shown"]:
        words = "NOT SHOWN, though some world ends or decides otherwise (the interval holds zero): "
        lines.append(fold(words + ", ".join(named["not shown"]) + "."))
    if named["turns nothing"]:
        words = (
            f"THESE DO NOTHING HERE to an ending or a choice, in any of {result.worlds} worlds, though days differ: "
        )
        lines.append(fold(words + ", ".join(named["turns nothing"]) + "."))
    if named["nothing"]:
        lines.append(fold("THESE CHANGE NOTHING AT ALL of what is told of a run: " + ", ".join(named["nothing"]) + "."))
    return "\n\n".join(lines) or "Every claim is shown to change something."


def _pairs(result: Findings) -> str:
    """Return what pairs of claims change together, beside what each of them changes alone."""
    lines = ["PAIRS: both off, and beside it the sum of each alone (falls after entry, nearer the line, in points)"]
    for pair in PAIRS:
        both = result.changes["+".join(pair), NEAR_FALL]
        alone = sum(result.changes[claim, NEAR_FALL].value for claim in pair)
        entering = points_words(result.changes["+".join(pair), ENTERS])
        lines.append(f"  {' + '.join(pair):<42}{points_words(both):<24}{points(alone):<8}enters {entering}".rstrip())
    return "\n".join(lines)


def _grip(result: Findings) -> str:
    """Return what the media grip does, between its ends (C12)."""
    low, middle, high = result.grips
    said = [
        f"{SAID[outcome]} in {percent(result.chances[LOW, outcome].value)} and in "
        f"{percent(result.chances[HIGH, outcome].value)} of worlds ({points_words(result.grip[outcome])} points"
        f"{'' if result.grip[outcome].shows else ', not shown'})"
        for outcome in OUTCOMES
    ]
    return (
        f"MEDIA GRIP (C12, “{sentences()['C12']}”): from the eve on as weak as its range has it and as strong, which "
        f"stands for that grip: {'; '.join(said)}. His own, in these worlds, is {middle:.2f} ({low:.2f} to {high:.2f})."
    )


def _limits(result: Findings) -> str:
    asked = (len(SETTINGS) - 1) * len(OUTCOMES)
    return (
        f"WHAT THIS MEANS: a claim is off from the eve, {date_words(result.episode.start_date)}, on. The past is lived "
        "with all of them, for a history without one would not be the one that was accepted; what they have left "
        "until then stays. So this tells what a sentence does from there on, not what the country would be had it "
        "never been true. That a sentence does nothing here is no evidence against it: only its mechanism in this "
        f"model was asked. Of {asked} intervals up to {round(0.05 * asked)} may leave zero out by luck alone: believe "
        "the large ones. C16 (he barely survived the last revolt) and C18 (he hangs by a thread) have no switch: the "
        "first is the fit, the second the eve."
    )
