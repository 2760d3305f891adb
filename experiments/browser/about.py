"""What a reader should know beside the numbers: what this is and is not, whose claims it tries, and its sources."""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
from collections.abc import Sequence

import solara

from experiments.browser.controls import KNOBS, shown
from experiments.browser.documents import DOCUMENTS, SHELF
from experiments.evidence.claims import sentences
from experiments.evidence.gates import confidence_words, gates_beside
from model.episode import Episode
from model.parameters import DECLARED, SWITCHES
from model.worlds import file_of

NOT = (
    "It is no forecast, it names no places beyond the published regions, and it must not be used to plan repression or "
    "a coup."
)
"""What it is not, in README's words."""
INTERVALS = (
    ("Among all histories", "over the accepted histories, each lived once: how well these runs know the answer"),
    (
        "This one, Chances from here, Guess first",
        "over the dice of this one history from that evening on, and nothing else",
    ),
    ("Bands of the charts", "no intervals: where the middle half and nine tenths of other accepted histories ran"),
    ("Crowds seen in 2020", "from the lowest to the highest of the reports"),
)
"""What every interval on the page covers, by its place."""
CLAIMS = {
    "country": ("C8", "C9", "C13"),
    "hand": ("C6", "C12", "C15"),
    "tightrope": ("C13", "C15", "C17", "C19"),
    "seat": ("C1", "C2", "C3", "C14", "C15"),
    "days": ("C7", "C8", "C12", "C13"),
}
"""Which of the article's claims move what a part of the page shows."""


def first_sentence(episode: Episode) -> str:
    """Return who “he” is and what this is not, for those who read no further."""
    return (
        f"“He” is {episode.leader}, ruler of {episode.country}, as a figure of a model: what happens here is what its "
        "rules do, and no forecast."
    )


def about_words(episode: Episode) -> str:
    """Return in HTML what this is, what it is not, what its intervals cover, and what there is to read."""
    rows = "".join(f"<li><b>{html.escape(place)}</b>: {html.escape(what)}.</li>" for place, what in INTERVALS)
    links = ", ".join(
        f'<a href="{SHELF}/{name}" target="_blank" rel="noopener">{name}</a> ({words})'
        for name, words in zip(
            DOCUMENTS, ("what was found, and what is not known", "every rule", "every source"), strict=True
        )
    )
    said = "".join(f"<li><b>{claim}</b> {html.escape(says)}</li>" for claim, says in sentences().items())
    return (
        f"<p>Citizens, units, officials and {html.escape(episode.patron)} each act by a few rules, drawn with their "
        "numbers from one news article of March 2022 and from what was seen since 2020. One seed is one history: it "
        "may be played, changed, and forked into a twin with the same dice.</p>"
        f"<p><b>What it is not.</b> {NOT} {html.escape(how_sure(episode))}</p>"
        f"<p><b>What the 95 % intervals cover.</b> None of them covers what the model has wrong.</p><ul>{rows}</ul>"
        f"<p><b>To read</b>: {links}.</p>"
        f"<p><b>What the article says</b>, claim by claim; at each part of the page stand those that move it:</p>"
        f"<ul>{said}</ul>"
    )


def how_sure(episode: Episode) -> str:
    """Return how far its answers can be believed, in a sentence."""
    file = file_of(episode)
    if file is None:
        return "This episode was fitted to nothing."
    try:
        tried = confidence_words(gates_beside(file)).partition(", not:")[0].rstrip(".")
    except ValueError as problem:
        return f"How sure it is cannot be read: {problem}."
    return f"{tried.replace('CONFIDENCE', 'Confidence')}, all stated before the fit; README says which."


@solara.component
def About(episode: Episode) -> None:
    """The caution: closed, with its first sentence in view."""
    words = solara.use_memo(lambda: about_words(episode), [episode.name])
    summary = f"<summary><b>About.</b> {html.escape(first_sentence(episode))}</summary>"
    solara.HTML(unsafe_innerHTML=f'<details class="about">{summary}{words}</details>', classes=["tr-wide"])


def claims_words(claims: Sequence[str]) -> str:
    """Return claims as a line that opens on what the article says."""
    says = sentences()
    rows = "".join(f"<li><b>{claim}</b> {html.escape(says[claim])}</li>" for claim in claims)
    return f'<details class="claims"><summary>Claims {", ".join(claims)}</summary><ul>{rows}</ul></details>'


@solara.component
def Claims(place: str) -> None:
    """The article's claims that move what a part of the page shows."""
    solara.HTML(unsafe_innerHTML=claims_words(CLAIMS[place]))


def claim_of(switch: str) -> str:
    """Return what the article says of a mechanism.

    >>> claim_of("pressure")
    'The article: Putin pushes Belarus to do more.'
    """
    return f"The article: {sentences()[SWITCHES[switch]]}."


def number_words(name: str) -> str:
    """Return a number's declared range and its source, as the page says them.

    >>> number_words("citizen.war_beyond")
    'From 0.5 to 2 × the step; an assumption that nothing seen informs.'
    """
    notes = DECLARED[name].metadata
    low, high = (shown(name, notes[end]).removesuffix(KNOBS[name].unit).strip() for end in ("low", "high"))
    source = notes["source"]
    where = "an assumption" if source == "assumption" else f"source: {source} (sources.md)"
    if notes["fitted"]:
        return f"From {low} to {high} {KNOBS[name].unit}; {where}, fitted to what was seen since 2020."
    return f"From {low} to {high} {KNOBS[name].unit}; {where}{' that nothing seen informs' * (source == 'assumption')}."
