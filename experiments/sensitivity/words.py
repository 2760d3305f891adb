"""The verdict on numbers and chance, in plain words chosen by the numbers."""

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.sensitivity.designs import DICE
from experiments.sensitivity.findings import CROWD, DAYS, FELL, NEAR, OUTPUTS, Findings, Interval
from experiments.show.words import date_words, fold, percent, width_of
from model.parameters import DECLARED

SHORT = {NEAR: "nearness", CROWD: "largest crowd", FELL: "falls", DAYS: "days"}
LISTED = 10
"""So many numbers are listed of each kind."""


def share_words(share: Interval) -> str:
    """Return a share of the spread with its interval; estimates may lie beside 0 and 1.

    >>> share_words((0.314, 0.2, 0.43)), share_words((0.004, -0.03, 0.04))
    ('31 % [20 to 43]', '0 % [-3 to 4]')
    """
    value, low, high = (round(100.0 * part) for part in share)
    return f"{value} % [{low} to {high}]"


def finding(result: Findings) -> str:
    """Return the headline: what carries most under the prior, what chance carries, and what stays of it in the fit."""
    if NEAR not in result.varies:
        return "No number moves how near he comes to falling: all lives of the prior came equally near"
    shown = [name for name in result.ordered(NEAR) if _shown(result, name)]
    shown.sort(key=lambda name: -result.share(name, NEAR, "total")[0])
    more = f", and {len(shown) - 2} more" if len(shown) > 2 else ""
    told = " and ".join(_carries(result, name) for name in shown[:2]) + more
    carries = f"{told} {'is' if len(shown) == 1 else 'are'}" if shown else "no factor by itself is"
    return (
        f"Under the prior {carries} shown to carry how near he comes to falling, chance is "
        f"{share_words(result.share(DICE, NEAR))}; in the accepted histories the luck of the year alone is "
        f"{share_words(result.luck[NEAR])}"
    )


def _shown(result: Findings, factor: str) -> bool:
    """Whether one of the two designs shows that a factor carries anything: an interval leaves zero out."""
    return any(result.share(factor, NEAR, method)[1] > 0.0 for method in ("shapley", "total"))


def _carries(result: Findings, factor: str) -> str:
    """Return a factor with what it carries, by the method that shows it."""
    share = result.share(factor, NEAR)
    if share[1] > 0.0:
        return f"{factor} ({share_words(share)} of the spread)"
    return f"{factor} ({share_words(result.share(factor, NEAR, 'total'))} with all that they take part in)"


def verdict(result: Findings) -> str:
    """Return which numbers carry the answer: of the prior, and of the accepted histories; and what is chance."""
    lives, (few, many) = result.lives, result.n_citizens
    entry = date_words(result.episode.entering.date)
    return "\n\n".join(
        [
            fold(
                f"WHICH NUMBERS CARRY THE ANSWER, if he enters on {entry}. Asked of the prior in "
                f"{sum(lives.values()) - lives['PAWN']:,} lives of {few:,} citizens, and of {lives['PAWN']:,} lives "
                f"({result.origin.words}) of {many:,}. He falls in {percent(result.falls['prior'])} of the former and "
                f"{percent(result.falls['accepted'])} of the latter: "
                f"too few there to tell numbers by, so what leads is {OUTPUTS[NEAR]}, by the definitions of the "
                "endings. In brackets: 95 % Monte Carlo intervals."
            ),
            fold(finding(result) + "."),
            _prior(result),
            _screening(result),
            _accepted(result),
            fold(f"{confidence_words(result.gates)} {JOINERS}"),
            beside(),
            fold(_limits(result)),
        ]
    )


def _prior(result: Findings) -> str:
    """Return the shares of the spread under the prior, a line a factor."""
    if not result.varies:
        return "UNDER THE PRIOR nothing that is asked differs between lives: there is no spread to share out."
    leads = NEAR if NEAR in result.varies else result.varies[0]
    rows = [*result.ordered(leads), DICE]
    width = width_of(rows, 28)
    lines = [
        fold(
            "UNDER THE PRIOR, as if nothing had been seen: the methods take all numbers for independent, which they "
            f"are there and nowhere else. In {percent(result.ended)} of these lives something would have ended him "
            "before the eve; they go on as if it had not. Shares of the spread by Shapley, which add up to 100 %:"
        ),
        f"{'':<{width}}" + "".join(f"{SHORT[name]:<18}" for name in result.varies).rstrip(),
    ]
    for factor in rows:
        cells = "".join(f"{share_words(result.share(factor, name)):<18}" for name in result.varies)
        lines.append(f"{factor:<{width}}{cells}".rstrip())
    lines.append(f"\nOf {SHORT[leads]} by Sobol: alone, and with all that it takes part in")
    for factor in rows:
        alone, all_told = (share_words(result.share(factor, leads, method)) for method in ("first", "total"))
        lines.append(f"{factor:<{width}}{alone:<22}{all_told}")
    apart = [factor for factor in rows if not _between(result, factor, leads)]
    if apart:
        words = (
            "Shapley's share lies between these two, but for the error of few lives, which is larger than that here: "
            f"as estimated it does not for {', '.join(apart)}. Give more --points before their order is believed."
        )
        lines.append(fold(words))
    return "\n".join(lines)


def _between(result: Findings, factor: str, output: str) -> bool:
    """Whether a factor's Shapley effect lies between Sobol's two shares, within two points."""
    value, first, total = (result.share(factor, output, method)[0] for method in ("shapley", "first", "total"))
    return min(first, total) - 0.02 <= value <= max(first, total) + 0.02


def _screening(result: Findings) -> str:
    """Return what the screening put first, with what Morris' measures say of it."""
    rows = result.screened[result.screened["output"] == NEAR].sort_values("mu_star", ascending=False, kind="stable")
    every, rows = len(rows), rows.head(LISTED)
    width = width_of(rows["number"], 28)
    lines = [
        fold(
            f"SCREENING (Morris) of all {every} numbers: by how much {SHORT[NEAR]} moves at the mean if one of them "
            "moves over its whole range, either way (read off steps of two thirds of it, so it may exceed 1), and "
            "which way it leans:"
        )
    ]
    sure = int((rows["mu_star"] > rows["half"]).sum())
    lines.append(
        f"(of these {len(rows)} the interval leaves zero out in {sure}: which come first is no surer than that)"
    )
    for _, row in rows.iterrows():
        unit = DECLARED[row["number"]].metadata["unit"] if row["number"] in DECLARED else "its course"
        moved = f"{row['mu_star']:.2f} ± {row['half']:.2f}"
        lines.append(f"{row['number']:<{width}}{moved:<16}{row['mu']:+.2f}  [{unit[:42]}]")
    return "\n".join(lines)


def _accepted(result: Findings) -> str:
    """Return what PAWN and the replicates say of the accepted histories."""
    asked = result.pawn[result.pawn["output"] == NEAR]
    told, by_luck = result.told(NEAR), 0.05 * len(asked)
    chance = ", ".join(f"{SHORT[name]} {share_words(luck)}" for name, luck in result.luck.items())
    lines = [
        fold(
            "IN THE ACCEPTED HISTORIES numbers hang together, so this tells what goes with the answer, not what "
            f"brings it about. Each world was lived twice, from the eve on with other luck. Of the spread, chance is: "
            f"{chance}. The rest is between worlds: their numbers and what their past has left. Numbers on which the "
            "runs of the fit do not agree stand in for each other."
        )
    ]
    if told.empty:
        lines.append(fold("PAWN: no number stands above what numbers that mean nothing reach."))
        return "\n".join(lines)
    width = width_of(told["number"], 28)
    lines.append(
        fold(
            f"PAWN (how far the distribution of {SHORT[NEAR]} moves, 0 to 1): {len(told)} of {len(asked)} numbers "
            f"stand above the line that one in twenty numbers that mean nothing passes; {by_luck:.0f} would by luck."
        )
    )
    for _, row in told.head(LISTED).iterrows():
        ends = f" [{row['low']:.2f} to {row['high']:.2f}]" if row["low"] == row["low"] else ""
        lines.append(f"{row['number']:<{width}}{row['pawn']:.2f}{ends}, the line {row['nothing']:.2f}")
    return "\n".join(lines)


def _limits(result: Findings) -> str:
    return (
        "WHAT THIS MEANS: a share of the prior's spread hangs on how wide each range was declared; a wide guess "
        "carries much. The prior's answer is not the fitted one: what a fit has narrowed moves nothing there any more. "
        f"An actor's other numbers are one factor: what they carry together is not told apart. Intervals are those of "
        f"{result.lives['Shapley']:,} and {result.lives['Sobol']:,} lives; where one holds zero, nothing is shown."
    )
