"""The verdict on the modeller's choices, in plain words chosen by the numbers."""

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.robustness.findings import DRAWN, NEAR, PLACES, Findings, Spread
from experiments.robustness.specifications import CHOICES, LEFT_OUT, MODEL
from experiments.show.words import date_words, fold, percent, points, points_words, width_of

SEES = {
    "modeller": "the reader sees the modeller: choices move the answer further than the luck of these runs",
    "world": "the reader sees luck before the modeller: choices move the answer less than the luck of these runs",
    "luck": "the modeller is not seen: specifications differ no more than the luck of these runs makes them",
}


def in_points(share: float) -> str:
    """Return a share as points, without a sign.

    >>> in_points(0.0312)
    '3.1'
    """
    return f"{100.0 * abs(share):.1f}"


def finding(result: Findings) -> str:
    """Return the headline: from where to where the answer goes, and who is seen."""
    spread, near = (result.spreads[place] for place in PLACES)
    return (
        f"Choices of the modeller (beyond apart) let entering add {points(spread.low)} to {points(spread.high)} points "
        f"of falls as drawn and {points(near.low)} to {points(near.high)} nearer the line: {_seen(spread, near)}"
    )


def _seen(drawn: Spread, near: Spread) -> str:
    if drawn.kind == near.kind:
        return SEES[drawn.kind]
    return f"as drawn {SEES[drawn.kind]}; nearer the line {SEES[near.kind]}"


def verdict(result: Findings) -> str:
    """Return what the choices do: the curve, what moves it, how it compares with luck and beyond, what was left out."""
    return "\n\n".join(
        [
            fold(
                f"THE HEADLINE UNDER {len(result.specifications)} SPECIFICATIONS: what entering on "
                f"{date_words(result.episode.entering.date)} adds to the chance that he falls, in points. "
                f"{result.worlds} {result.origin.words}, with the same dice in each: the model as it is, "
                f"{len(CHOICES)} choices made otherwise one at a time, and mixtures by lot. Nearer the line entry "
                f"angers {result.near:g} times as much as lending the land did, in all worlds. In brackets: 95 % Monte "
                "Carlo intervals of a posterior mean, over worlds."
            ),
            fold(finding(result) + "."),
            *(fold(_place(result, place)) for place in PLACES),
            _curve(result),
            fold(_moved(result)),
            fold(_histories(result)),
            fold("NOT TRIED: " + "; ".join(LEFT_OUT) + "."),
            fold(f"{confidence_words(result.gates)} {JOINERS}"),
            beside(),
            fold(_limits(result)),
        ]
    )


def _place(result: Findings, place: str) -> str:
    """Return the spread in a place beside luck, and beside beyond."""
    spread, own = result.spreads[place], result.adds[MODEL.name, place]
    words = (
        f"{place.upper()}: the model says {points_words(own)}. Choices (beyond apart) move it by "
        f"{in_points(spread.choices)} points "
        f"(root mean square, luck taken out), from {points(spread.low)} to {points(spread.high)}; its own interval is "
        f"{in_points(spread.luck)} points to either side: {SEES[spread.kind]}."
    )
    if place == DRAWN:
        words += (
            f" Beside it, what nothing observed informs: with beyond doubled and not halved, entering adds "
            f"{points(result.beyond)} points more{_against(result.beyond, spread.choices)}."
        )
    return words


def _against(beyond: float, choices: float) -> str:
    """Return how what beyond moves stands beside what choices move."""
    return ", further than choices move it" if abs(beyond) > choices else ", no further than choices move it"


def _curve(result: Findings) -> str:
    """Return the curve, a line a specification, that which adds least first."""
    width = width_of([one.name for one in result.specifications], 30)
    lines = [f"{'entering adds, in points':<{width}}{'as drawn':<24}{'nearer the line':<24}fit"]
    for one in result.sorted():
        cells = "".join(f"{points_words(result.adds[one.name, place]):<24}" for place in PLACES)
        fits = percent(result.fits[one.name]) if one.name in result.fits else "-"
        lines.append(f"{one.name:<{width}}{cells}{fits}")
    mixtures = [one for one in result.specifications if len(one.choices) > 1]
    for one in mixtures:
        lines.append(fold(f"{one.name}: {'; '.join(choice.title for choice in one.choices)}.", "  "))
    return "\n".join(lines)


def _moved(result: Findings) -> str:
    """Return which specifications are shown to move the chance of a fall after entry."""
    said = []
    for place in PLACES:
        some = [f"{one.name} ({points_words(result.moves[one.name, place])})" for one in result.shown(place)]
        said.append(f"{place}: {', '.join(some) or 'none'}")
    asked = (len(result.specifications) - 1) * len(PLACES)
    return (
        "SHOWN TO MOVE the chance of a fall after entry, world by world, in points: " + "; ".join(said) + ". "
        f"Of {asked} intervals {0.05 * asked:.0f} leave zero out by luck alone."
    )


def _histories(result: Findings) -> str:
    anew = [one for one in result.specifications if not one.keeps_history]
    words = (
        f"HISTORIES: {len(result.specifications) - len(anew)} specifications hold from the eve on and leave the "
        f"accepted past as it was. {len(anew)} change who the people are, or how many, since its first day: the past "
        "is lived anew, is not fitted again, and tells of a country that may fit worse: the last column has the share "
        "of histories that still fit."
    )
    if MODEL.name in result.fits:
        words += (
            f" (In the model itself {percent(result.fits[MODEL.name])} fit, for the year's luck is new: the last "
            "targets lie in it.)"
        )
    return words


def _limits(result: Findings) -> str:
    near = result.spreads[NEAR]
    return (
        "WHAT THIS MEANS: a curve asks whether the answer hangs on choices that could have been made otherwise, not "
        "whether the model is right: what all specifications share is not tried. Alternatives are not refitted, so a "
        "part of what they move is that they fit less. Where falls are few, luck hides what choices do; nearer the "
        f"line, where {percent(result.falls[MODEL.name, NEAR].value)} fall, it hides less "
        f"({in_points(near.luck)} points to either side)."
    )
