"""The verdict on the number of citizens, in words."""

import math

from experiments.lab.statistics import Estimate
from experiments.show.words import FALL
from experiments.size.findings import MARGIN, REFERENCE, Findings, judged


def verdict(result: Findings) -> str:
    """Return in words what follows from the sizes."""
    largest = result.largest
    lines = []
    for what, words in ((FALL, "that he falls"), ("uprising", "of an uprising")):
        change = result.changes[largest, what]
        lines.append(
            f"{'Tipping' if what == FALL else 'The uprising alone'} {said(judged(change))}: from {REFERENCE:,} to "
            f"{largest:,} citizens the chance {words} changes by {100 * change.value:+.1f} points "
            f"(95 % {100 * change.low:+.1f} to {100 * change.high:+.1f}; margin {100 * MARGIN:.0f}); "
            f"trend p = {result.trends[what]:.2g}."
        )
    lines.append(
        f"{result.episode.title}: {result.n_near} worlds near the line of {result.scouted} scouted "
        f"({result.origin.words}); the same worlds and seeds at every size, so that only the citizens' luck differs. "
        "A true change of the margin passes as surviving with a chance of 2.5 % "
        "at most; no change at all is called an artefact with a chance of 2.5 % at most."
    )
    smallest = min(size for size, _ in result.chances)
    if smallest < REFERENCE:
        change = result.changes[smallest, FALL]
        shown = "are too few" if change.shows else "make no difference that shows"
        lines.append(
            f"{smallest:,} citizens {shown}: against {REFERENCE:,} the chance of a fall is {100 * change.value:+.1f} "
            f"points off ({100 * change.low:+.1f} to {100 * change.high:+.1f})."
        )
    for n in sorted({size for size, _ in result.chances} - {REFERENCE}):
        words = f"peak after entry x {ratio(result.peaks['line', n])}"
        if result.wave and n in result.weeks:
            week, peak = result.weeks[n], result.peaks["wave", n]
            words = f"weekly crowds of {result.wave.title} x {ratio(week)}, their peak x {ratio(peak)}; {words}"
        lines.append(f"{n:,} against {REFERENCE:,}: {words}.")
    return "\n".join(lines)


def said(judgement: str) -> str:
    """Return a judgement as a verb."""
    return {"artefact of N": "is an artefact of N"}.get(judgement, judgement).replace("undecided", "is undecided")


def ratio(estimate: Estimate) -> str:
    """Return a mean log ratio as a ratio with its interval."""
    value, low, high = (math.exp(number) for number in (estimate.value, estimate.low, estimate.high))
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
