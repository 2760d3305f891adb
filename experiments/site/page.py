"""The page: one file of HTML with its pictures, its days and its script inside."""

import datetime as dt
import html
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.evidence.gates import confidence_words
from experiments.evidence.standing import Standing
from experiments.lab.bands import shown
from experiments.lab.statistics import paired_difference
from experiments.show.caution import NOT_KNOWN
from experiments.show.palette import ARM_COLOURS, DARK, ENDING_COLOURS, LIGHT
from experiments.show.words import date_words, ending_words, interval_words, percent, points_words
from experiments.site.findings import ARMS, CROWD_IN, Life, Story
from model.outcomes import FALLS, Ending

FOLDER = Path(__file__).parent
ARM_NAMES = {"stay": "he stays out", "enter": "he enters"}


class Panel(NamedTuple):
    """A chart: its measure, its title, its unit, and whether it is a share, or drawn by powers of ten."""

    measure: str
    title: str
    unit: str
    share: bool = False
    log: bool = False


PANELS = (
    Panel("crowd", "In the street", "people, highest of seven days", log=True),
    Panel("against", "Against him, in private", "share of electors", share=True),
    Panel("movement_load", "What the street would take", "of what his forces can hold", share=True),
    Panel("dead", "Dead at the front", "soldiers so far", log=True),
)
ROWS = {
    "crowd": "In the street today",
    "detained_today": "Detained today",
    "against": "Against him, in private",
    "movement_load": "Of what his forces can hold",
    "obeying_share": "Forces that obey",
    "dead": "Dead at the front, so far",
}
SHARES = ("against", "movement_load", "obeying_share")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 340.0, 190.0, 54.0, 332.0, 40.0, 20.0
LEAST = 100.0
"""Where an axis by powers of ten begins; what is less is drawn there."""


class Frame(NamedTuple):
    """Where days and values lie in a panel."""

    days: int
    high: float
    log: bool

    def x(self, day: float) -> float:
        """Return the place of a day [pixels].

        >>> Frame(365, 1.0, False).x(1), Frame(365, 1.0, False).x(365)
        (54.0, 332.0)
        """
        return LEFT + (RIGHT - LEFT) * (day - 1) / max(self.days - 1, 1)

    def y(self, value: float) -> float:
        """Return the place of a value [pixels]."""
        share = value / self.high
        if self.log:
            share = math.log(max(value, LEAST) / LEAST) / math.log(self.high / LEAST)
        return HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * min(max(share, 0.0), 1.0)

    def points(self, values: Sequence[float] | np.ndarray) -> str:
        """Return a line through values by day."""
        return " ".join(f"{self.x(day):.1f},{self.y(float(value)):.1f}" for day, value in enumerate(values, 1))


def frame_of(panel: Panel, days: int, high: float) -> tuple[Frame, list[tuple[float, str]]]:
    """Return the frame that holds values up to the highest, and its ticks with their words.

    >>> [words for _, words in frame_of(PANELS[0], 365, 30_000)[1]]
    ['≤ 100', '1,000', '10,000', '100,000']
    >>> frame_of(PANELS[1], 365, 0.3)[1]
    [(0.0, '0 %'), (0.25, '25 %'), (0.5, '50 %')]
    """
    if panel.log:
        decades = max(4, math.ceil(math.log10(max(high, LEAST))))
        ticks = [(10.0**k, f"{10**k:,}" if k > 2 else f"≤ {10**k}") for k in range(2, decades + 1)]
        return Frame(days, 10.0**decades, True), ticks
    top = next((step for step in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if step >= high), 10.0 * math.ceil(high / 10.0))
    return Frame(days, top, False), [(top * part, f"{100 * top * part:.0f} %") for part in (0.0, 0.5, 1.0)]


def months(start: dt.date, days: int) -> list[tuple[int, str]]:
    """Return the days on which months begin, with their names, as many as there is room for."""
    begun = [(day, date) for day in range(1, days + 1) if (date := start + dt.timedelta(days=day - 1)).day == 1]
    every = max(1, math.ceil(len(begun) / 6))
    return [(day, f"{date:%b}" if date.month > 1 else f"{date.year}") for day, date in begun[::every]]


def chart(story: Story, panel: Panel) -> str:
    """Return a chart: the bands over all histories in both arms, and the twins of the one that is told."""
    days = story.episode.days
    bands = {arm: story.band(arm, panel.measure) for arm in ARMS}
    lines = {arm: shown(panel.measure, story.lives[arm][story.chosen].days[panel.measure]) for arm in ARMS}
    high = max(float(np.max(values)) for values in (*bands.values(), *lines.values()))
    frame, ticks = frame_of(panel, days, high)
    parts = []
    for value, words in ticks:
        y = frame.y(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{words}</text>')
    for day, name in months(story.episode.start_date, days):
        if frame.x(day) < RIGHT - 10:
            parts.append(f'<text x="{frame.x(day):.1f}" y="{HEIGHT - 4}" text-anchor="middle">{name}</text>')
    for arm in ARMS:
        for low, up, css in ((0, 4, "wide"), (1, 3, "near")):
            there = frame.points(bands[arm][up])
            back = " ".join(frame.points(bands[arm][low]).split()[::-1])
            parts.append(f'<polygon class="{arm} {css}" points="{there} {back}"/>')
        parts.append(f'<polyline class="median {arm}" points="{frame.points(bands[arm][2])}"/>')
    parts += [f'<polyline class="line {arm}" points="{frame.points(lines[arm])}"/>' for arm in ARMS]
    parts.append(
        f'<line class="cursor" data-left="{LEFT}" data-right="{RIGHT}" x1="{LEFT}" x2="{LEFT}" y1="{TOP}" '
        f'y2="{HEIGHT - FOOT}"/>'
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{panel.title}, {panel.unit}, by day">'
        f'<text class="title" x="4" y="13">{panel.title}</text><text x="4" y="28">{panel.unit}</text>'
        f"{''.join(parts)}</svg></figure>"
    )


def rounded(values: np.ndarray, share: bool) -> list[float]:
    """Return values as the page needs them, no digit more."""
    return [round(float(value), 3) if share else round(float(value)) for value in values]


def recorded(story: Story) -> dict:
    """Return the days of the twins that are told, and who fell in which history, for the page's script."""

    def of(life: Life) -> dict:
        return {
            "measures": {name: rounded(life.days[name], name in SHARES) for name in ROWS},
            "regions": [rounded(life.days[CROWD_IN + region.name], False) for region in story.episode.regions],
            "notes": life.notes,
        }

    return {
        "start": story.episode.start_date.isoformat(),
        "days": story.episode.days,
        "entered": (story.episode.entering.date - story.episode.start_date).days + 1,
        "shares": SHARES,
        "arms": {arm: of(story.lives[arm][story.chosen]) for arm in ARMS},
        "fell": {arm: [int(end != Ending.SURVIVED) for end in story.endings[arm]] for arm in ARMS},
    }


def how(story: Story, arm: str) -> str:
    """Return how the history that is told ends in an arm, as a sentence."""
    life = story.lives[arm][story.chosen]
    if life.ended_on is None:
        return "he is still there on the last day"
    date = date_words(story.episode.date_of(life.ended_on))
    return f"he falls on {date}, by {ending_words(story.episode.patron)[life.ending]} ({life.cause})"


def why_this(story: Story) -> str:
    """Return why this history is told, and how many are like it."""
    n = len(story.worlds)
    if story.alike:
        return (
            f"It is the first of {n} in which he falls if he enters, and only then; {story.alike} of {n} are so. "
            "Most histories are duller: look at the bands."
        )
    return f"In none of {n} does he fall if he enters, and only then; this one has their median crowd after entry."


def bar(story: Story, arm: str) -> str:
    """Return the shares of the endings in an arm as a bar."""
    parts = [(ending, story.chance(arm, ending).value) for ending in (*map(str, FALLS), str(Ending.SURVIVED))]
    blocks = "".join(f'<i style="width:{100 * share:.2f}%;--c:{ENDING_COLOURS[e]}"></i>' for e, share in parts if share)
    words = ending_words(story.episode.patron)
    said = " ".join(
        f'<span class="named"><i class="key" style="--c:{ENDING_COLOURS[ending]}"></i>'
        f"{html.escape(words[ending])} {percent(share)}</span>"
        for ending, share in parts
        if share
    )
    line = f'<p class="soft">If {ARM_NAMES[arm]}: {said}</p>'
    return f'{line}<div class="bar" aria-hidden="true">{blocks}</div>'


def sentence(story: Story) -> str:
    """Return the model's answer in a sentence."""
    fell = {arm: [float(end != Ending.SURVIVED) for end in story.endings[arm]] for arm in ARMS}
    adds = paired_difference(fell["enter"], fell["stay"], story.worlds)
    last = date_words(story.episode.date_of(story.episode.days))
    return (
        f"In {len(story.worlds)} histories, each lived twice to {last}, he falls in "
        f"{interval_words(story.chance('enter'))} if he enters, and in {interval_words(story.chance('stay'))} if he "
        f"stays out: entering adds {points_words(adds)} points."
    )


def all_words(standing: Standing) -> str:
    """Return where the answer over more histories stands, in a sentence."""
    return (
        f"Over {standing.worlds} histories, each lived twice for {standing.days} days, he falls in "
        f"{interval_words(standing.chance('enter'))} if he enters, and in {interval_words(standing.chance('stay'))} if "
        "he stays out."
    )


def colours(values: Mapping[str, str], arms: Mapping[str, str]) -> str:
    """Return the variables of the style sheet."""
    return "".join(f"--{name}: {value}; " for name, value in {**values, **arms}.items())


def page(story: Story, about: Mapping[str, str]) -> str:
    """Return the whole page."""
    more = f"<p>{html.escape(all_words(story.standing))}</p>" if story.standing else ""
    title = f"{story.episode.title}: if he stays out, and if he enters the war"
    entered = date_words(story.episode.entering.date)
    table = "".join(
        f'<tr><th scope="row">{words}</th><td id="stay-{name}"></td><td id="enter-{name}"></td></tr>'
        for name, words in ROWS.items()
    )
    regions = "".join(
        f'<tr><th scope="row">{html.escape(region.name)}</th><td id="stay-region-{k}"></td>'
        f'<td id="enter-region-{k}"></td></tr>'
        for k, region in enumerate(story.episode.regions)
    )
    head = '<thead><tr><th scope="col">{}</th><th scope="col">stays out</th><th scope="col">enters</th></tr></thead>'
    days = json.dumps(recorded(story), separators=(",", ":")).replace("<", "\\u003c")
    known = "".join(f"<p>{html.escape(words)}</p>" for words in NOT_KNOWN if story.episode.name.startswith("belarus"))
    made = html.escape(f"Made {about['date'][:10]} by {about['command']}, commit {about['commit'][:12]}.")
    light = colours(LIGHT, {"stay": ARM_COLOURS["stay"], "enter": ARM_COLOURS["enter"]})
    dark = colours(DARK, {"stay": DARK["accent"], "enter": ARM_COLOURS["enter"]})
    told_arms = "".join(
        f'<p><span class="key {arm}"></span><strong>If {ARM_NAMES[arm]}</strong>: {html.escape(how(story, arm))}.</p>'
        for arm in ARMS
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{html.escape(title)}</title>
<style>
:root {{ color-scheme: light dark; {light}}}
:root[data-theme=light] {{ color-scheme: light; }}
:root[data-theme=dark] {{ color-scheme: dark; {dark}}}
{(FOLDER / "page.css").read_text(encoding="utf-8")}</style>
</head>
<body>
<header><h1>{html.escape(title)}</h1><button type="button" id="theme">Dark</button></header>
<main>
<section aria-labelledby="what">
<h2 id="what">What this is</h2>
<p>Tightrope is a model of many citizens, units, officials and a patron, each with rules of its own. “He” is the ruler.
Every history is lived twice with the same dice: in one twin he stays out of the war, in the other he enters on
{entered}. Up to that day both are the same to the last bit.</p>
<p>{html.escape(story.origin[:1].upper() + story.origin[1:])}. It is a model's answer with its doubts: no forecast,
and no account of a country. It must not be used to plan repression or a coup.</p>
</section>
<section id="guess" aria-labelledby="first" hidden>
<h2 id="first">Guess first</h2>
<p>How likely is it that he falls within these {story.episode.days} days?</p>
<label for="guess-stay">If he stays out <b id="said-stay"></b></label>
<input type="range" id="guess-stay" min="0" max="100" value="50">
<label for="guess-enter">If he enters <b id="said-enter"></b></label>
<input type="range" id="guess-enter" min="0" max="100" value="50">
<div id="ask"><button type="button" class="main" id="show">That is my guess: show the model's</button>
<button type="button" id="skip">Show it without a guess</button></div>
</section>
<div id="after">
<section aria-labelledby="answer">
<h2 id="answer" tabindex="-1">What the model says</h2>
<p class="answer">{html.escape(sentence(story))}</p>
{more}
<p id="scored" role="status"></p>
<div class="two"><div>{bar(story, "stay")}</div><div>{bar(story, "enter")}</div></div>
<p class="soft">In brackets: 95 % intervals over histories. They tell how well these runs know the model's answer,
and not how well the model knows the country. {html.escape(confidence_words(story.gates))}</p>
</section>
<section aria-labelledby="twins">
<h2 id="twins">One history and its twin, day by day</h2>
<p>{html.escape(why_this(story))}</p>
{told_arms}
<div class="replay"><output id="date" for="day" aria-live="off"></output>
<button type="button" id="play">Play</button>
<input type="range" id="day" min="1" max="{story.episode.days}" value="1" aria-label="Day"></div>
<div class="charts">{"".join(chart(story, panel) for panel in PANELS)}</div>
<p class="hint"><span class="key stay"></span>he stays out <span class="key enter"></span>he enters. Solid: this
history. Shaded: the middle half and nine tenths of all {len(story.worlds)} histories in which he has not
fallen by that day; dashed: their median. The upright line is the day of the slider.</p>
<div class="two">
<div class="scroll"><table><caption class="soft">On this day</caption>{head.format("what")}
<tbody>{table}</tbody></table></div>
<div class="scroll"><table><caption class="soft">In the street today, by region [people]</caption>
{head.format("region")}<tbody>{regions}</tbody></table></div>
</div>
<div class="two">
<div class="stay"><h3>If he stays out: what happened last</h3><ul class="events" id="events-stay"></ul></div>
<div class="enter"><h3>If he enters: what happened last</h3><ul class="events" id="events-enter"></ul></div>
</div>
<p class="hint">Marked at its edge: what happened in this twin alone.</p>
</section>
<section aria-labelledby="unknown">
<h2 id="unknown">What is not known</h2>
{known}
<p>Every number on this page comes from runs that its command made. {made}</p>
</section>
</div>
</main>
<script type="application/json" id="told">{days}</script>
<script>
{(FOLDER / "page.js").read_text(encoding="utf-8")}</script>
</body>
</html>
"""
