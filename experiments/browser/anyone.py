"""Look at anyone: a unit, a member of the elite or a region, its days so far, and what it weighs now.

What somebody weighs is worked out by the very functions of the rules, from what he was asked last.
"""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import solara

from agents import elite, security
from agents.citizen import rules
from agents.citizen.rules import Status
from agents.elite import Stance
from agents.security import Doing
from experiments.browser.choice import Select
from experiments.browser.diary import Diary
from experiments.browser.draw import date_words, svg, text
from experiments.browser.look import Look
from experiments.browser.words import people
from experiments.browser.world import DOING_WORDS, STATUS_WORDS, BrowserWorld
from experiments.show.palette import BLUE, DOING_COLOURS, ORANGE, PURPLE, VERMILLION

STANCE_WORDS = {
    Stance.LOYAL: "loyal",
    Stance.HEDGING: "hedging",
    Stance.PLOTTING: "plotting",
    Stance.PURGED: "purged",
}
STANCE_COLOURS = {
    Stance.LOYAL: "var(--border)",
    Stance.HEDGING: ORANGE,
    Stance.PLOTTING: VERMILLION,
    Stance.PURGED: PURPLE,
}
COUNTRY = "region:-1"


@dataclass(frozen=True)
class Weighed:
    """Somebody: who he is, what he does, what he weighs (each with its size and unit), and what follows from it."""

    name: str
    state: str
    unit: str = ""
    terms: Sequence[tuple[str, float]] = ()
    follows: str = ""
    result: dict[str, float] = field(default_factory=dict)
    """The numbers that follow, by name."""


def unit(world: BrowserWorld, row: int) -> Weighed:
    """Return a unit and what it weighs: whether it thinks obeying right, and how strong he seems to it (C13)."""
    forces, columns = world.forces, world.forces.columns
    doing = Doing.FRONT if forces.front[row] else Doing(int(columns["doing"][row]))
    name = forces.name(row)
    state = f"{columns['heads'][row]:,.0f} men, {DOING_WORDS[doing]}, strain {columns['strain'][row]:.2f}"
    asked, game = forces.asked, forces.game
    if asked is None or game is None:
        return Weighed(name, state, follows="Nobody has asked it anything yet.")
    if forces.front[row] or forces.barred[row]:
        willing = float(forces.q[row])
        said = f"Told to fight, it thought going right with a chance of {willing:.0%}."
        return Weighed(name, state, follows=said, result={"willing": willing})
    pulls = (
        asked.base, asked.loyalty_effect * float(columns["loyalty"][row]), asked.support,
        asked.strain_effect * float(columns["strain"][row]), float(asked.kin[row]), asked.violence,
        float(asked.losses[row]),
    )  # fmt: skip
    willing = security.willingness(*pulls)
    sign = (1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0)
    words = (
        "how ready units are", "its own loyalty", "Moscow's support", "its strain", "kin among the ready",
        "the violence asked", "the dead of its branch",
    )  # fmt: skip
    sees = game.seen + game.signal_noise * float(columns["signal"][row])
    refuses = bool(security.refuses(sees, game.threshold, game.signal_noise, willing))
    would = DOING_WORDS[Doing(security.does(refuses, willing))]
    follows = (
        f"It thinks obeying right with a chance of {willing:.0%}. It sees a strength of {sees:.2f}; below "
        f"{game.threshold:.2f} nobody counts on the others. So it would be {would} now."
    )
    terms = [(said, way * pull) for said, way, pull in zip(words, sign, pulls, strict=True)]
    return Weighed(name, state, "logit", terms, follows, {"willing": willing, "sees": sees, "refuses": refuses})


def member(world: BrowserWorld, row: int) -> Weighed:
    """Return a member of the elite and what he weighs: stake against belief, and a commander's plot (C6, C13)."""
    elites, columns = world.elites, world.elites.columns
    stance = Stance(int(columns["stance"][row]))
    commands = bool(columns["commands"][row])
    leaning = float(columns["leaning"][row])
    name = f"{'Commander' if commands else 'Member'} {row + 1} of the elite"
    state = f"{STANCE_WORDS[stance]}, leans to Moscow {leaning:.2f} of 1"
    signs = elites.signs
    if signs is None or stance == Stance.PURGED:
        return Weighed(name, state, follows="He has no part in it any more." if signs else "He has seen nothing yet.")
    belief = float(columns["belief"][row])
    stake = elite.left_of_stake(float(columns["stake"][row]), signs.sanctioned, signs.rents)
    expects = elite.expects_fall(signs.x, signs.grievance, signs.signal_noise)
    hedges = bool(elite.hedges(belief, stake))
    follows = (
        f"The day suggests a fall with {expects:.0%}; he has come to believe in it with {belief:.0%}. His stake, less "
        f"what sanctions take, is {stake:.0%}: he {'hedges' if hedges else 'stays loyal'}."
    )
    terms = [("his belief in the fall", belief), ("his stake that is left", -stake)]
    result = {"belief": belief, "stake": stake, "hedges": float(hedges)}
    if commands:
        urges, nod = elites.urges(), elites.nod(leaning)
        rate = world.parameters.elite.plot_rate * elites.own_force
        hazard = elite.plot_hazard(rate, urges.losses, urges.street, nod, urges.defeat, urges.fear)
        follows += (
            f" As a commander he starts a plot with a hazard of {hazard:.3f} a year: {rate:.3f} in quiet times, and "
            f"in log hazards {urges.losses:.2f} for the dead, {urges.street:.2f} for the street, {nod:.2f} for "
            f"Moscow's nod, {urges.defeat:.2f} for a defeat; a purge leaves {urges.fear:.0%}."
        )
        result["hazard"] = hazard
    return Weighed(name, state, "share", terms, follows, result)


@dataclass(frozen=True)
class Citizens:
    """The citizens of a region, or of the country, at home or in the street, and how many electors each stands for."""

    weight: np.ndarray
    opposition: np.ndarray
    margin: np.ndarray
    """By how much each is ready; minus infinity: nothing brings him out [sd]."""
    parts: Sequence[tuple[str, np.ndarray]]
    """What each weighs, by its words [sd]."""


def citizens(world: BrowserWorld, region: int) -> Citizens | None:
    """Return the citizens of a region (-1: of the country) and what each weighed today; None before the first day."""
    crowd, population = world.crowd, world.citizens
    today, columns = crowd.today, population.columns
    if today is None:
        return None
    group = columns["stratum"]
    chosen = columns["status"] <= Status.STREET
    if region >= 0:
        chosen &= population.regions[group] == region
    rows = np.flatnonzero(chosen)
    group, diet = group[rows], columns["media"][rows]

    def of(name: str) -> np.ndarray:
        return np.asarray(columns[name][rows], float)

    opposition = of("opposition")
    news, felt, war = (part[diet] for part in today.felt)
    anger = rules.anger(opposition, felt, of("aversion"), war)
    tie_share = of("tie_count") / today.n_ties
    seen, risk, caution = today.crowd_seen[group], today.risk[group], of("risk_aversion")
    threshold, mood = of("threshold"), of("mood")
    with np.errstate(invalid="ignore"):
        margin = rules.margin(
            anger, today.ties, tie_share, news, seen, caution, risk, today.noise, mood, threshold
        )  # fmt: skip
    parts = [
        ("lasting opposition", opposition), ("what he feels", felt), ("the war", anger - opposition - felt),
        ("his ties", today.ties * tie_share), ("the last crowd", news * seen), ("the risk", -caution * risk),
        ("his threshold", np.where(np.isfinite(threshold), -threshold, np.nan)),
    ]  # fmt: skip
    return Citizens(population.weights[group], opposition, margin, parts)


def region(world: BrowserWorld, place: int) -> Weighed:
    """Return a region (-1: the country) and what its people weigh, on average over those who can be brought out."""
    population = world.citizens
    name = world.episode.regions[place].name if place >= 0 else world.episode.country
    counts = {status: population.by_region(population.by_status[status]) for status in Status}
    if place >= 0:
        numbers, out = {status: float(by[place]) for status, by in counts.items()}, float(world.crowd.people[place])
    else:
        numbers, out = {status: float(by.sum()) for status, by in counts.items()}, float(world.crowd.people.sum())
    held = [Status.DETAINED, Status.EXILE, Status.VOLUNTEER]
    state = f"{people(out)} in the street today, " + ", ".join(
        f"{people(numbers[status])} {STATUS_WORDS[status].removeprefix('a ')}" for status in held
    )
    asked = citizens(world, place)
    if asked is None:
        return Weighed(name, state, follows="Nobody has decided about a day yet.")
    can = np.isfinite(asked.margin)
    weight = np.where(can, asked.weight, 0.0)
    total = max(float(weight.sum()), 1.0)
    terms = [(words, float((np.where(can, part, 0.0) * weight).sum()) / total) for words, part in asked.parts]
    ready = float(asked.weight[asked.margin > 0.0].sum())
    never = 1.0 - total / max(float(asked.weight.sum()), 1.0)
    follows = (
        f"{people(ready)} are ready to go: for them the sum, with their mood of the day, is above 0. "
        f"{never:.0%} can be brought out by nothing, and are left out here."
    )
    return Weighed(name, state, "sd", terms, follows, {"ready": ready})


KINDS = {"unit": unit, "elite": member, "region": region}


def weighed(world: BrowserWorld, who: str) -> Weighed:
    """Return somebody by his code: ``unit:3``, ``elite:0``, ``region:2``, ``region:-1`` (the country).

    Raises:
        ValueError: if there is no such one.
    """
    kind, _, row = who.partition(":")
    number = int(row)
    sizes = {"unit": world.forces.q.size, "elite": len(world.elites.agents), "region": len(world.episode.regions)}
    if kind not in KINDS or not -(kind == "region") <= number < sizes[kind]:
        raise ValueError(f"there is no {who}")
    return KINDS[kind](world, number)


def names(world: BrowserWorld) -> dict[str, str]:
    """Return the codes of all who can be looked at, by name."""
    regions = {f"region:{row}": place.name for row, place in enumerate(world.episode.regions)}
    units = {f"unit:{row}": world.forces.name(row) for row in range(world.forces.q.size)}
    commands = world.elites.columns["commands"]
    elites = {
        f"elite:{row}": f"{'commander' if commands[row] else 'member'} {row + 1} of the elite"
        for row in range(commands.size)
    }
    every = {COUNTRY: f"{world.episode.country}: the whole country"} | regions | units | elites
    return {name: code for code, name in every.items()}


# Pictures.


def bars(one: Weighed, width: float = 460.0) -> str:
    """Return what somebody weighs as bars to the right (for) and left (against), each with its size."""
    most = max([abs(size) for _, size in one.terms], default=0.0) or 1.0
    middle, reach = 270.0, 120.0
    parts = []
    for place, (words, size) in enumerate(one.terms):
        y = 16.0 * place
        wide = reach * abs(size) / most
        colour = BLUE if size >= 0.0 else VERMILLION
        parts.append(text(128.0, y + 12.0, words, "", "end"))
        parts.append(
            f'<rect x="{middle - (wide if size < 0 else 0):.1f}" y="{y + 2:.1f}" width="{wide:.1f}" height="11" '
            f'fill="{colour}"/>'
        )
        parts.append(
            text(
                width - 4.0,
                y + 12.0,
                f"{round(size, 2) + 0.0:+.2f} {one.unit}",
                "soft",
                "end",
            )
        )
    height = 16.0 * len(one.terms) + 2.0
    parts.append(f'<path class="now" d="M{middle} 0V{height}"/>')
    return svg(width, height, f"What {one.name} weighs", *parts)


def strip(seen: Look, diary: Diary, who: str, width: float = 460.0) -> str:
    """Return somebody's days: what he did as a band of colours, and how willing, believing or many he was as a line."""
    kind, _, row = who.partition(":")
    number = int(row)
    if not diary.pages or (kind == "region" and number < 0):
        return ""
    if kind == "unit":
        line, words, done = diary.of("willing", number), "thinks obeying right", diary.of("doing", number)
        colours = {int(doing): DOING_COLOURS[doing.name.lower()] for doing in Doing}
    elif kind == "elite":
        line, words, done = diary.of("belief", number), "believes in the fall", diary.of("stance", number)
        colours = {int(stance): colour for stance, colour in STANCE_COLOURS.items()}
    else:
        line, words, done, colours = diary.of("crowd", number), "in the street", np.zeros(0), {}
    top = 1.0 if kind != "region" else max(float(line.max()), 1.0)
    left, right, floor, high = 44.0, width - 6.0, 66.0, 18.0
    days = max(seen.days, 2)

    def x(day: float) -> float:
        return left + (right - left) * (day - 1.0) / (days - 1.0)

    points = " ".join(
        f"{x(diary.first + day):.1f},{floor - (floor - high) * min(float(value) / top, 1.0):.1f}"
        for day, value in enumerate(line)
    )
    parts = [text(4.0, 11.0, words, "strong"), text(left - 4.0, floor, "0", "axis", "end")]
    parts.append(text(left - 4.0, high + 8.0, "1" if kind != "region" else people(top), "axis", "end"))
    parts.append(f'<path class="grid" d="M{left} {floor}H{right}"/>')
    parts.append(f'<polyline class="line" stroke="{BLUE}" points="{points}"/>')
    for first, last in _spells(done):
        wide = max(x(diary.first + last + 1) - x(diary.first + first), 1.0)
        parts.append(
            f'<rect x="{x(diary.first + first):.1f}" y="70" width="{wide:.1f}" height="9" '
            f'fill="{colours[int(done[first])]}"/>'
        )
    start, end = date_words(seen.date_of(1), year=False), date_words(seen.date_of(seen.days), year=False)
    parts += [text(left, 92.0, start, "axis"), text(right, 92.0, end, "axis", "end")]
    return svg(width, 96.0, f"The days of {who}", *parts)


def _spells(values: np.ndarray) -> list[tuple[int, int]]:
    """Return where values stay the same: the first and the last place of each spell.

    >>> _spells(np.array([1, 1, 4]))
    [(0, 1), (2, 2)]
    """
    if not len(values):
        return []
    cuts = (np.flatnonzero(np.diff(values)) + 1).tolist()
    return [(first, last - 1) for first, last in zip([0, *cuts], [*cuts, len(values)], strict=True)]


def members(world: BrowserWorld, chosen: str) -> str:
    """Return the elite as squares, commanders first and framed, each in the colour of his stance."""
    stance, commands = world.elites.columns["stance"], world.elites.columns["commands"]
    parts, across = [], 50
    for row in range(stance.size):
        x, y = 4.0 + 9.1 * (row % across), 3.0 + 10.0 * (row // across)
        name = f"{'commander' if commands[row] else 'member'} {row + 1}: {STANCE_WORDS[Stance(int(stance[row]))]}"
        frame = 2.2 if chosen == f"elite:{row}" else 1.2 if commands[row] else 0.0
        parts.append(
            f'<rect data-who="elite:{row}" x="{x:.1f}" y="{y:.1f}" width="7.4" height="8" stroke="var(--ink)" '
            f'stroke-width="{frame}" fill="{STANCE_COLOURS[Stance(int(stance[row]))]}"><title>{name}</title></rect>'
        )
    return svg(462.0, 6.0 + 10.0 * -(-stance.size // across), "The elite", *parts)


# On the page.


@solara.component_vue("pickable.vue")
def Pickable(over: str, event_pick: Callable[[str], None], under: str = "", kind: str = "") -> None:
    """Pictures, one perhaps over another, whose marks can be clicked: it hands over the code of who was."""


@solara.component
def Anyone(world: BrowserWorld, seen: Look, who: str, pick: Callable[[str], None]) -> None:
    """One who was clicked: his state, his days, what he weighs."""
    codes = solara.use_memo(lambda: names(world), [id(world)])
    with world.stage.lock:
        try:
            one = weighed(world, who)
        except ValueError:  # of the world before
            who = COUNTRY
            one = weighed(world, who)
        kind = who.partition(":")[0]
        days, elites = strip(seen, world.stage.diary, who), members(world, who)
    called = {code: name for name, code in codes.items()}
    with solara.Div(classes=["tr-two", "wide"]):
        with solara.Div():
            Select("Look at", values=list(codes), value=called[who], on_value=lambda name: pick(codes[name]))
            solara.HTML(
                unsafe_innerHTML=f"<p class='told'><b>{html.escape(one.name[:1].upper() + one.name[1:])}</b>: "
                f"{html.escape(one.state)}.</p>{days}"
            )
            solara.HTML(tag="p", unsafe_innerHTML="The elite (framed: commanders); click one:", classes=["hint"])
            Pickable(over=elites, event_pick=pick, kind="members")
        with solara.Div():
            about = "on average" if kind == "region" else "now"
            heading = f"<p class='hint'>What {'they weigh' if kind == 'region' else 'is weighed'} {about}:</p>"
            shown = heading + bars(one) if one.terms else ""
            solara.HTML(unsafe_innerHTML=f"{shown}<p class='told'>{html.escape(one.follows)}</p>")
