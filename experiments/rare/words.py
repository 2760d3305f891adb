"""The verdict on what is too rare to count, in plain words chosen by the numbers."""

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.lab.statistics import jeffreys
from experiments.rare.findings import Findings
from experiments.show.words import date_words, ending_words, fold, interval_words, likely, percent

FEW_DIGITS = 2
"""A chance too small to count is known to so many digits, at best."""


def small(share: float) -> str:
    """Return a chance in percent, to two digits however small it is.

    >>> small(0.00012345), small(0.25), small(0.0), small(0.041)
    ('0.012 %', '25 %', '0 %', '4.1 %')
    """
    return f"{_digits(100.0 * share)} %"


def _digits(value: float) -> str:
    """Return a number to two digits, written out."""
    return f"{float(f'{value:.{FEW_DIGITS}g}'):.12f}".rstrip("0").rstrip(".") if value < 100.0 else f"{value:.0f}"


def small_interval(value: float, low: float, high: float) -> str:
    """Return a small chance with its interval.

    >>> small_interval(0.00012, 0.0, 0.0005)
    '0.012 % [0 to 0.05]'
    """
    return f"{small(value)} [{_digits(100.0 * low)} to {_digits(100.0 * high)}]"


def finding(result: Findings) -> str:
    """Return the headline: how likely it is, and one in how many lives that is."""
    what, value = ending_words(result.episode.patron)[result.ending], result.chance
    asked = f"{what[0].upper()}{what[1:]} by {date_words(result.episode.end_date)} if he stays out"
    if value.value == 0.0:
        return f"{asked}: none came in {len(result.splits)} repeats, so at most {small(value.high)}"
    odds = f", 1 in {float(f'{1.0 / value.value:.{FEW_DIGITS}g}'):,.0f}" if value.value < 0.1 else ""
    return f"{asked}: {small_interval(value.value, value.low, value.high)}{odds}"


def verdict(result: Findings) -> str:
    """Return the chance, how it was found, where it comes from, and what counting would have cost."""
    fixed = f" The same in all worlds: {', '.join(result.fixed)}." if result.fixed else ""
    where = f"{result.n} draws" if result.draw is None else f"Draw {result.draw}, {result.n} times,"
    dates = " to ".join(date_words(date) for date in (result.episode.start_date, result.episode.end_date))
    parts = [
        fold(
            f"{where} of the {result.origin.words}, in each of which he stays out from {dates}. Lives that come least "
            f"near are killed and replaced by forks of the others, with new dice: {len(result.splits)} repeats, "
            f"{result.lives:,} lives in all. In brackets: 95 % Monte Carlo interval, from the spread between "
            f"repeats.{fixed}"
        ),
        fold(finding(result) + "."),
        fold(_likelihood(result)),
        fold(_counted(result)),
        *([fold(_where(result))] if result.draw is None and result.chance.value > 0.0 else []),
        fold(_cost(result)),
        beside(),
        fold(
            "WHAT THIS RESTS ON: splitting finds how rare the model has it, and the model was fitted to what was seen, "
            "where nothing as rare is. How near he is (the score) steers the search and not the chance: with another "
            "score the chance is the same, and the interval another. This is no forecast."
        ),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _likelihood(result: Findings) -> str:
    """Return the answer as likelihood and confidence, apart."""
    value, what = result.chance, ending_words(result.episode.patron)[result.ending]
    told = small_interval(value.value, value.low, value.high)
    return f"LIKELIHOOD of {what}: {likely(value.value)} ({told}). {confidence_words(result.gates)} {JOINERS}"


def _counted(result: Findings) -> str:
    """Return what plain counting sees among the first lives, beside the estimate."""
    seen, all_first = sum(split.first_arrived for split in result.splits), result.n * len(result.splits)
    low, high = jeffreys(seen, all_first)
    apart = result.chance.low > high or result.chance.high < low
    agree = "the two do not agree: give more --repeats" if apart else "the two agree"
    tied = f" In {result.tied} of {len(result.splits)} repeats all lives tied, and were killed together: chance 0."
    return (
        f"COUNTED: of the {all_first:,} lives that are not forked it happens in {seen} "
        f"({interval_words((seen / all_first, low, high))}); {agree}." + (tied if result.tied else "")
    )


def _where(result: Findings) -> str:
    """Return from how many histories it comes, and what other histories might have said."""
    held, (low, high) = result.by_start, result.between
    first = sorted(held, reverse=True)
    some, most = sum(share > 0.0 for share in held), percent(first[0] / sum(held))
    return (
        f"WHERE IT COMES FROM: {some} of {result.n} histories; the one that holds most has {most} of it. Had "
        f"other histories been drawn, it might be {small(low)} to {small(high)} (a bootstrap over them)."
    )


def _cost(result: Findings) -> str:
    """Return what counting would have cost at equal error."""
    days = sum(split.steps for split in result.splits)
    if result.counting is None or result.saved is None:
        return f"COST: {days:,} days lived; what counting would cost cannot be said, for no chance was found."
    return (
        f"COST: {days:,} days lived, what forks live again included. To know it as well by counting needs "
        f"{result.counting:,.0f} lives, {_digits(result.saved)} times as many days"
        f"{'' if result.saved > 1.0 else ': here counting is the cheaper way'}."
    )
