"""The page on one fall, in plain words chosen by the numbers."""

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.lab.left_out import Life
from experiments.show.chain import answer_words, shortened, told_once
from experiments.show.words import WIDTH, date_words, ending_words, fold, interval_words, points_words
from experiments.why.findings import WHOLE, Findings
from experiments.why.search import Found
from model.worlds import Origin


def _count(number: int, thing: str) -> str:
    """Return a number of things.

    >>> _count(1, "draw"), _count(1_200, "draw")
    ('1 draw', '1,200 draws')
    """
    return f"{number:,} {thing}" + "s" * (number != 1)


def nothing_fell(found: Found, origin: Origin, only: int | None, beyond: float | None) -> str:
    """Return that there is nothing to explain, and what to ask instead."""
    searched = f"In draw {only} he" if only is not None else f"In {_count(found.searched, 'draw')} he"
    also = ""
    if found.fell:
        also = f" In {_count(found.fell, 'draw')} he fell after entering, but would have fallen had he stayed, too."
    more = "more --worlds, another --seed" if only is None else "another draw"
    nearer = f", or a more shocking entry (--beyond{'' if beyond is None else f', here {beyond:g}'})"
    return fold(
        f"{searched} did not fall after entering the war while standing had he stayed ({origin.words}).{also} There is "
        f"no fall to explain here. Such falls are rare in the accepted histories; ask {more}{nearer}."
    )


def finding(result: Findings) -> str:
    """Return the headline: when he fell, and without what he would not have."""
    day = result.fall.ended_on or 0
    date = date_words(result.episode.date_of(day))
    after = _count(day - result.entry, "day")
    fell = f"He fell on {date}, {after} after entering"
    smallest = result.smallest
    if not smallest:
        return f"{fell}; nothing that can be left out here would have saved him"
    if len(smallest) == 1:
        return (
            f"{fell}; {_count(result.alone, 'single part')} of {result.asked:,}, left out alone, would have saved him: "
            f"the largest is {result.named(smallest[0])}"
        )
    more = f" and {len(smallest) - 1} more"
    return (
        f"{fell}; no single part would have saved him, {len(smallest)} together would: "
        f"{result.named(smallest[0])}{more}"
    )


def verdict(result: Findings) -> str:
    """Return the page: the chain of events, the smallest sets, the part of luck."""
    found, fixed = result.found, ", ".join(result.fixed)
    same = f" The same in all worlds: {fixed}." if fixed else ""
    parts = [
        fold(
            f"Draw {result.world} of the {result.origin.words}, the first in which he falls after entering the war on "
            f"{date_words(result.episode.entering.date)} and stands had he stayed; "
            f"{_count(found.searched, 'draw')} searched for it.{same}"
        ),
        fold(finding(result) + "."),
        _chain(result),
        _twin(result),
        _without(result),
        _luck(result),
        fold(f"LIKELIHOOD: this page explains one fall and says nothing of how likely falls are; war_entry does. "
             f"{confidence_words(result.gates)} {JOINERS}"),
        beside(what="any chance here"),
        fold(
            "WHAT THIS MEANS: each part is left out with all other dice as they were, so the answer is about this run. "
            "A set of one is the smallest there is, for each part was tried alone; of a larger one nothing can be "
            "spared, but a smaller one of other parts may exist. The dice of citizens, and the units' signals, are not "
            "asked one by one. A part that saves him only with this run's luck is a chance, not a cause."
        ),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _chain(result: Findings) -> str:
    """Return what happened, a line a day and event; of what repeats itself, the first and the last."""
    kept, left = shortened(told_once(result.chain()))
    lines = [f"CHAIN OF EVENTS{f' ({left} of {left + len(kept)} after the first are left out)' if left else ''}:"]
    for day, words in kept:
        date = f"  {date_words(result.episode.date_of(day)):<13}"
        lines.append(date + fold(words, " " * len(date), WIDTH - len(date)))
    return "\n".join(lines)


def _twin(result: Findings) -> str:
    """Return what the twin did meanwhile."""
    fall, twin, entry = result.fall, result.twin, result.entry
    words = ending_words(result.episode.patron)[fall.ending]
    return fold(
        f"TWIN: until {date_words(result.episode.date_of(entry - 1))} both are one. He who enters falls by {words} "
        f"({fall.cause}); from then on {_street(fall, result)}. He who stays is there at the end; "
        f"{_street(twin, result)}."
    )


def _street(life: Life, result: Findings) -> str:
    """Return the largest crowd of the capital from the entry on."""
    (crowd, day), (load, _) = (life.peak(measure, result.entry) for measure in ("capital_crowd", "load"))
    if crowd < 1.0:
        return "nobody is in the capital's street on any day"
    date = date_words(result.episode.date_of(day))
    return f"the capital's street peaks at {crowd:,.0f} people on {date}, at most {load:.2f} times what his forces hold"


def _without(result: Findings) -> str:
    """Return a paragraph for each kind of part."""
    lines = ["WITHOUT WHAT WOULD HE NOT HAVE FALLEN?"]
    for kind, answer in result.answers.items():
        said = answer_words(kind, answer, result.fall, result.episode)
        lines.append(fold(f"  {said}", "    "))
    return "\n".join(lines)


def _luck(result: Findings) -> str:
    """Return how often he falls with other luck, as it was and without each smallest set, and what that shows."""
    whole = result.futures[WHOLE]
    said = [
        f"LUCK: lived {whole.draws} times with other luck from the entry on, he falls in {interval_words(whole)} of "
        "the futures."
    ]
    for kind, change in result.changes.items():
        shown = "more than luck" if change.high < 0.0 else "not shown to be more than luck"
        said.append(
            f"Without {result.listed(result.answers[kind].smallest)} in {interval_words(result.futures[kind])}, "
            f"{points_words(change)} points: {shown}."
        )
    if whole.value < 0.5:
        said.append("With other luck he stands more often than not: this fall was a stroke of bad luck, too.")
    return fold(" ".join(said))
