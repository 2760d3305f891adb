"""The page: Mesa's controls for play, pause, step and reset, and the country beside them.

``Page`` holds one world for each tab. Whatever a reader enters is checked by ``world.check``; what goes wrong is
said on the page. Pictures are inline SVG, drawn from one look at the world a day.
"""

# ruff: noqa: N802 (components are named like classes, as Solara does)

import dataclasses
import functools
import gc
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import force_update, update_counter

from experiments.browser import charts, draw, keep
from experiments.browser.about import About, Claims, claim_of, number_words
from experiments.browser.address import Address, address_of, live_address, place_of
from experiments.browser.anyone import COUNTRY, Anyone, Pickable
from experiments.browser.asking import Asked, ask
from experiments.browser.chances import N_FORKS, Chances
from experiments.browser.choice import Select
from experiments.browser.controls import KNOBS, MECHANISMS, N_NOTCHES, notch, notches, shown
from experiments.browser.look import Look, look
from experiments.browser.opened import open_episode
from experiments.browser.picture import Picture, picture
from experiments.browser.reasons import Why
from experiments.browser.rewind import DONE, Back, Courses, Futures, Rewind, look_back
from experiments.browser.seat import Seat
from experiments.browser.spread import Spread
from experiments.browser.strip import Strip, opening
from experiments.browser.tour import Start
from experiments.browser.usual import use_bands
from experiments.browser.words import people
from experiments.browser.world import (
    ACTS,
    MOST_CITIZENS,
    N_WORLDS,
    BrowserWorld,
    RecipeError,
    Twin,
    accepted_worlds,
    check,
    controls_of,
    episodes,
    not_applied,
    read_recipe,
    recipe,
    replay,
    running_words,
)
from model.episode import FRONTS, SUPPORTS, load_episode
from model.parameters import SWITCHES
from model.worlds import file_of, origin

STYLE = Path(__file__).parent / "page.css"
ROOT = Path(__file__).parents[2]
ARM_WORDS = {"stay": "He stays out", "enter": "He enters on the date", "decide": "He decides himself"}
POSTURE_WORDS = {"restrain": "hold back", "contain": "contain", "disperse": "disperse"}
SPEEDS = {"a day at a time": (100, 1), "slowly": (500, 1), "a week at a time": (100, 7)}
WIDE = 940
"""How wide a chart over the whole page is drawn where there is room [pixels]."""
PENDING = "(not yet applied)"
PAST_HAND = "A past day is as it was: begin another future there to act in it."
FIRST: dict[str, Any] = {
    "episode": next(iter(episodes())),
    "arm": "stay",
    "seed": "1",
    "n_citizens": "20000",
    "world": 0,
    "front": "",
    "troops": 0,
    "support": "",
    "numbers": {},
    "without": (),
}
"""The controls of a page that was just opened where nothing was fitted; see ``opening``."""


@solara.component
def Page() -> None:
    """The whole page, with a world of its own."""
    solara.Title("Tightrope")
    solara.Style(STYLE)
    begun = solara.use_memo(lambda: opening(FIRST), [])
    first = solara.use_memo(lambda: BrowserWorld(**begun), [])
    model: solara.Reactive[BrowserWorld] = solara.use_reactive(first)
    controls = solara.use_reactive(begun)
    speed = solara.use_reactive(next(iter(SPEEDS)))
    log_crowd = solara.use_reactive(False)
    banded = solara.use_reactive(True)
    room = solara.use_reactive(WIDE)
    chances: solara.Reactive[tuple[Chances, ...]] = solara.use_reactive(())
    marked = solara.use_reactive(0)
    back: solara.Reactive[Back | None] = solara.use_reactive(None)
    courses = solara.use_reactive(solara.use_memo(lambda: Courses.of(first), []))
    who = solara.use_reactive(COUNTRY)
    update_counter.get()

    def begin() -> Callable[[], None]:
        """Forget what belonged to the world before; Mesa's models are cycles, which only the collector frees."""
        chances.set(())
        marked.set(0)
        back.set(None)
        if courses.value.world is not model.value:
            courses.set(Courses.of(model.value))
        gc.collect()

        def leave() -> None:
            for forks in chances.value:
                forks.stop()

        return leave

    solara.use_effect(begin, [id(model.value)])
    world = model.value
    world.stage.drawn.clear()
    solara.use_effect(world.stage.drawn.set)
    past = back.value if back.value is not None and back.value.still(world) else None
    today = dataclasses.replace(look(world), marked=past.day if past else marked.value)
    seen = past.seen if past else today
    shown = past.past if past else world

    def go_back(day: int) -> None:
        back.set(look_back(world, day))
        marked.set(0)
        gc.collect()  # of the day that was looked at before

    def go_to(day: int) -> None:
        go_back(day)
        marked.set(day)

    def change(course: Courses) -> None:
        course.world.from_file = id(course.world)
        courses.set(course)
        model.set(course.world)

    filled = solara.use_memo(lambda: controls_of(world.setup), [id(world)])

    def put(again: BrowserWorld) -> None:
        again.from_file = id(again)
        controls.set(controls_of(again.setup))
        model.set(again)

    def follow(text: str) -> None:
        try:
            again = live_address(text)
        except ValueError as problem:
            world.messages.append(str(problem))
            force_update()
            return
        put(again)

    with solara.v.Html(tag="header", class_="tr-top"):
        solara.HTML(tag="h1", unsafe_innerHTML="Tightrope: will Belarus join the war, and would he survive it?")
        ThemeButton()
        Address(run=address_of(world, filled), place=place_of(world), event_follow=follow)
    with solara.Div(classes=["tr-shell"]):
        with solara.Div(classes=["tr-page"]):
            Run(model, controls, speed, room)
            Start(lambda scene: put(scene.lived(FIRST)))
            Head(world, seen)
            About(world.episode)
            about = "the chance that he falls: over all accepted histories, and in this one"
            with Box("Among all histories", about, wide=True):
                Strip(world, chances.value, world.setup == first.setup)
            with solara.Column(classes=["tr-wide"], gap="4px"):
                Rewind(world, past, go_back, lambda: change(courses.value.part(shown)))
            with Box("The country", f"a dot is {seen.ground.per_dot:,} electors; the capital is drawn larger"):
                Country(seen, who.set)
                Spread(shown, seen.day, who.value)
                Claims("country")
            with solara.Column(gap="10px"):
                with Box(
                    "Your hand", "act now on the world that is named" if world.stage.twin else "act on this world now"
                ):
                    if past:
                        solara.HTML(tag="p", unsafe_innerHTML=PAST_HAND, classes=["hint"])
                    else:
                        Hand(world, chances)
                        Claims("hand")
                with Box("The tightrope", "how much of each way to a fall is covered; no bar is a chance"):
                    Picture(draw.tightrope, seen)
                    Claims("tightrope")
                with Box("What happened", "the newest first"):
                    Picture(draw.event_log, seen)
            if world.episode.entry is not None and not world.episode.alone:
                with Box("Moscow's seat", "play Moscow against him", wide=True):
                    if past:
                        solara.HTML(tag="p", unsafe_innerHTML=PAST_HAND, classes=["hint"])
                    else:
                        Seat(world)
                        Claims("seat")
            with Box("Look at anyone", "click a region or a unit on the map", wide=True):
                Anyone(shown, seen, who.value, who.set)
            if len(courses.value.left) > 1:
                with Box("Futures of this run", "where each parted, and what you did in it", wide=True):
                    Futures(courses.value, lambda which: change(courses.value.to(which)))
            with Box("Chances from here", f"how {N_FORKS} forks of this world end, each with new luck", wide=True):
                Asked(world, shown, today, chances, inside(room.value))
            if today.ended_on is not None:
                with Box("Why did he fall?", "the chain of events; a date leads to its day", wide=True):
                    Why(world, today, go_to).key(f"why-{id(world)}")
            if world.stage.twin is not None:
                with Box("The twin", twin_words(world, world.stage.twin), wide=True):
                    TwinView(world, today, world.stage.twin)
            with Box("Day by day", "dashed ticks are events; point at one to read it", wide=True):
                Series(world, today, log_crowd, banded, room.value)
                Claims("days")
        Side(model, controls)


@solara.component_vue("theme.vue")
def ThemeButton() -> None:
    """Light or dark: as the system has it, until the reader chooses."""


@solara.component
def Box(title: str, about: str = "", wide: bool = False, children: list = []) -> None:  # noqa: B006
    """A framed part of the page with its title."""
    with solara.v.Card(class_="tr tr-wide" if wide else "tr"):
        solara.HTML(tag="h2", unsafe_innerHTML=f"{html.escape(title)}<small>{html.escape(about)}</small>")
        solara.Column(children=children, gap="6px")


def inside(width: float) -> float:
    """Return how wide a chart over the whole of a page may be, within its frame [pixels].

    >>> inside(940), inside(360)
    (914, 334)
    """
    return width - 26


@solara.component
def Head(world: BrowserWorld, seen: Look) -> None:
    """The date, the numbers of the day, the ending, and what went wrong."""
    facts = [
        ("In the street", people(seen.last("crowd"))),
        ("Detained today", people(seen.last("detained_today"))),
        ("Forces that obey", f"{seen.last('obeying_share'):.0%}" if seen.day else "–"),
        *([("Dead at the front", people(seen.last("dead")))] if seen.war else []),
        ("His answer to the street", POSTURE_WORDS[seen.posture]),
        ("Moscow's help", seen.support),
    ]
    said = "".join(f"<div><span>{html.escape(words)}</span><b>{html.escape(value)}</b></div>" for words, value in facts)
    day, date = f"Day {seen.day} of {seen.days}", draw.date_words(seen.date)
    with solara.Column(classes=["tr-wide"], gap="8px"):
        solara.HTML(
            unsafe_innerHTML=f'<div class="headline"><div class="date"><span>{day}</span><b>{date}</b></div>{said}'
            "</div>"
        )
        ending = draw.banner(seen)
        if ending:
            solara.HTML(unsafe_innerHTML=ending)
        heard = f"{day}, {date}. {re.sub('<[^>]+>', '', ending)}"
        solara.HTML(unsafe_innerHTML=heard, classes=["heard"], attributes={"role": "status", "aria-live": "polite"})
        for message in world.messages[:5]:
            solara.Warning(message, dense=True)


@solara.component
def Country(seen: Look, pick: Callable[[str], None]) -> None:
    """The map: what does not change below, the day above it; a click on a region or a unit picks it."""
    ground = solara.use_memo(lambda: draw.base_map(seen.ground), [id(seen.ground)])
    Pickable(under=ground, over=picture(draw.live_map, seen), event_pick=pick, kind="stack")
    Picture(draw.map_legend, seen)


@solara.component
def Series(
    world: BrowserWorld, today: Look, log_crowd: solara.Reactive[bool], banded: solara.Reactive[bool], width: float
) -> None:
    """The time series, with what is usual behind them."""
    bands, whose = use_bands(world, banded.value)
    seen = dataclasses.replace(today, usual=bands)
    with solara.Div(classes=["log-switch"]):
        solara.Switch(label="Crowd on a log scale", value=log_crowd)
        solara.Switch(label="Bands over histories", value=banded)
    solara.HTML(tag="p", unsafe_innerHTML=whose, classes=["hint"])
    with solara.Div(classes=["tr-three"]):
        Picture(charts.crowd_panel, seen, log_crowd.value, inside(width), classes=["whole"])
        for small in charts.panels(seen):
            Picture(small, seen)


@solara.component
def Hand(world: BrowserWorld, chances: solara.Reactive[tuple]) -> None:
    """The buttons on a running world."""
    error, set_error = solara.use_state("")
    update_counter.get()

    def do(act: Callable[[], Any]) -> None:
        try:
            act()
            set_error("")
        except Exception as problem:
            set_error(f"{type(problem).__name__}: {problem}")
        force_update()

    def part() -> None:
        with world.stage.lock:
            world.stage.twin = None
            world.stage.revision += 1

    twin = world.stage.twin
    sides = [("", world)] if twin is None else [("This world: ", world), ("The twin: ", twin.world)]
    for whose, acted in sides:
        with solara.Div(classes=["acts"]):
            for name, words in ACTS.items():
                solara.Button(
                    f"{whose}{words[0].lower()}{words[1:]}" if whose and name != "moscow_drops" else f"{whose}{words}",
                    on_click=lambda name=name, acted=acted: do(lambda: acted.act(name)),
                    disabled=not acted.can(name),
                    outlined=True,
                    small=True,
                )
    with solara.Div(classes=["acts"]):
        if twin is None:
            able = world.can("enter_war") or world.can("withdraw")
            words = "Fork: a twin comes home" if world.can("withdraw") else "Fork: a twin enters"
            solara.Button(
                words,
                on_click=lambda: do(lambda: Twin.of(world)),
                disabled=not able,
                color="primary",
                outlined=True,
                small=True,
            )
        else:
            solara.Button("Close the twin", on_click=lambda: do(part), color="primary", outlined=True, small=True)
        busy = any(not forks.done for forks in chances.value)
        if busy:
            solara.Button(
                "Stop",
                on_click=lambda: [forks.stop() for forks in chances.value],
                color="primary",
                outlined=True,
                small=True,
            )
        else:
            solara.Button(
                "Chances now",
                on_click=lambda: do(lambda: ask(world, chances)),
                disabled=not world.running,
                color="primary",
                outlined=True,
                small=True,
            )
    if world.episode.entry is None:
        solara.HTML(tag="p", unsafe_innerHTML="In this episode there is no war that he could enter.", classes=["hint"])
    if error:
        solara.Error(error, dense=True)


def twin_words(world: BrowserWorld, twin: Twin) -> str:
    """Return in what the twin differs: all that was done in either world since it parted."""
    episode = world.episode
    acts = (
        ", ".join(f"{DONE[name]} ({draw.date_words(episode.date_of(max(day, 1)), year=False)})" for day, name in done)
        or "no act of yours"
        for done in twin.apart(world)
    )
    parted = draw.date_words(episode.date_of(max(twin.since, 1)))
    return "the same dice; apart since {}. This world: {}. The twin: {}".format(parted, *acts)


@solara.component
def TwinView(world: BrowserWorld, seen: Look, twin: Twin) -> None:
    """Both worlds side by side, and who was the first to act differently."""
    other = look(twin.world)
    words = ("this world", "the twin")
    ground = solara.use_memo(lambda: draw.base_map(seen.ground), [id(seen.ground)])
    pair = (seen, other, twin.since, words)
    with solara.Div(classes=["tr-three"]):
        with solara.Div(classes=["stack"]):
            solara.HTML(unsafe_innerHTML=ground)
            Picture(draw.live_map, other, "The twin's country")
        with solara.Column(gap="6px"):
            Picture(charts.twin_panel, *pair, "crowd", "Crowd", "people, highest of seven days", False, 1000.0)
            Picture(charts.twin_panel, *pair, "against", "Against him", "in private, share of electors", True, 1.0)
        with solara.Column(gap="6px"):
            Picture(
                charts.twin_panel, *pair, "movement_load", "The street", "at 1 the forces cannot hold it", False, 0.2
            )
            Picture(charts.twin_story, seen, other, twin)


@solara.component_vue("keys.vue")
def Keys(event_room: Callable[[int], None]) -> None:
    """What keys do what; presses the buttons for them, and tells how wide the page is [pixels]."""


@solara.component
def Run(model: solara.Reactive, controls: solara.Reactive[dict], speed: solara.Reactive[str], room: Any) -> None:
    """Mesa's controls for the run, and other luck; always in reach."""
    interval, render = SPEEDS[speed.value]
    play, every, threads = solara.use_reactive(interval), solara.use_reactive(render), solara.use_reactive(False)

    def change_speed() -> None:
        play.set(interval)
        every.set(render)

    def draw_luck() -> None:
        given = str(controls.value["seed"]).strip()
        controls.set(controls.value | {"seed": str(int(given) + 1 if given.isdigit() else 1)})
        again = BrowserWorld(**controls.value)
        again.from_file = id(again)
        model.set(again)

    solara.use_effect(change_speed, [speed.value])
    with solara.Div(classes=["tr-run"]):
        with solara.Div(classes=["bar", "by-weeks"] if render > 1 else ["bar"]):
            ModelController(
                model, model_parameters=controls, play_interval=play, render_interval=every, use_threads=threads
            ).key(f"run-{getattr(model.value, 'from_file', 0)}")
        solara.Button("New luck", on_click=draw_luck, outlined=True)
        Select("Speed", values=list(SPEEDS), value=speed.value, on_value=speed.set)
        Keys(event_room=room.set)


@solara.component
def Side(model: solara.Reactive, controls: solara.Reactive[dict]) -> None:
    """The controls of the next world, and what can be kept of this one."""
    with solara.v.Html(tag="section", class_="tr-side side", attributes={"aria-label": "The next world"}):
        pending = not_applied(controls.value, model.value.setup)
        solara.HTML(tag="h2", unsafe_innerHTML="The next world (applied at Reset)")
        running = f"Running: {running_words(model.value.setup)}."
        waits = f" Not yet applied: {len(pending)}; press Reset." if pending else " All below is applied."
        solara.HTML(tag="p", unsafe_innerHTML=html.escape(running + waits), classes=["hint", "running"])
        Choices(controls, pending)
        Numbers(controls, pending)
        Mechanisms(controls, pending)
        solara.HTML(tag="h2", unsafe_innerHTML="This run, to keep")
        Downloads(model, controls)


@solara.component
def Choices(controls: solara.Reactive[dict], pending: frozenset[str]) -> None:
    """Which country, what he does, whose luck, how large."""
    error, set_error = solara.use_state("")
    now = controls.value

    def put(**changed: Any) -> None:
        controls.set(controls.value | changed)

    def open_file(file: dict) -> None:
        name = str(file.get("name"))[:60]
        try:
            put(
                episode=open_episode(name, str(file.get("text") or "")),
                world=0,
                numbers={},
                front="",
                support="",
                troops=0,
                history=None,
            )
            set_error("")
        except ValueError as problem:
            set_error(f"{name}: {' '.join(str(problem).split())}")

    def note(name: str) -> str:
        return PENDING if name in pending else ""

    titles = {name: load_episode(file).title for name, file in episodes().items()}
    twice = {title for title in titles.values() if list(titles.values()).count(title) > 1}
    titles = {name: f"{title} ({name})" if title in twice else title for name, title in titles.items()}
    war = check(**now)[0].episode.entry is not None
    arms = {words: name for name, words in ARM_WORDS.items() if war or name == "stay"}
    Select(
        "Episode",
        values=list(titles.values()),
        value=titles[now["episode"]],
        on_value=lambda title: put(episode=next(name for name in titles if titles[name] == title), history=None),
        note=note("episode"),
    )
    OpenFile(label="Open an episode (TOML)", accept=".toml,application/toml", event_load=open_file)
    if error:
        solara.Error(error, dense=True)
    Select(
        "What he does",
        values=list(arms),
        value=ARM_WORDS[now["arm"] if war else "stay"],
        on_value=lambda w: put(arm=arms[w]),
        note=note("arm"),
    )
    solara.InputText(
        f"Seed (one seed, one history) {note('seed')}".strip(), value=str(now["seed"]), on_value=lambda v: put(seed=v)
    )
    solara.InputText(
        f"Citizens (100 to {MOST_CITIZENS:,}) {note('n_citizens')}".strip(),
        value=str(now["n_citizens"]),
        on_value=lambda v: put(n_citizens=v),
    )
    try:
        drawn, problem = accepted_worlds(now["episode"]), ""
        fit = origin(file_of(load_episode(episodes()[now["episode"]]))).words
    except ValueError as error:
        drawn, fit, problem = (), "", str(error).replace(f"{ROOT}/", "")
    names = ["default values", *(f"draw {k} of the accepted worlds" for k in range(1, len(drawn) + 1))]

    def choose(words: str) -> None:
        number = names.index(words)
        put(
            world=number,
            numbers={},
            front="",
            history=None,
            **({"seed": str(drawn[number - 1].seed)} if number else {}),
        )

    Select(
        "Numbers of the rules",
        values=names,
        value=names[min(int(now["world"]), len(drawn))],
        on_value=choose,
        note=note("world"),
    )
    hint = f"{N_WORLDS} draws of {fit}." if drawn else f"No draws: {problem}"
    solara.HTML(tag="p", unsafe_innerHTML=html.escape(hint), classes=["hint"])


@solara.component_vue("knob.vue")
def Slider(
    label: str, value: str, note: str, sentence: str, position: int, most: int, event_move: Callable[[int], None]
) -> None:
    """A slider that says its value and unit, and what it is for."""


@solara.component
def Numbers(controls: solara.Reactive[dict], pending: frozenset[str]) -> None:
    """A slider for each number that matters most."""
    now = controls.value
    setup, _ = check(**now)
    values = setup.parameters.flat()

    def put(**changed: Any) -> None:
        controls.set(controls.value | changed)

    def put_notch(name: str, k: int) -> None:
        put(numbers=controls.value["numbers"] | {name: notches(name)[k]})

    def note(name: str) -> str:
        return PENDING if name in pending else ""

    def slider(
        name: str, label: str, value: str, sentence: str, position: int, most: int, on_value: Callable[[int], None]
    ) -> None:
        Slider(
            label=label,
            value=value,
            note=note(name),
            sentence=sentence,
            position=position,
            most=most,
            event_move=on_value,
        )

    group = ""
    for name, knob in KNOBS.items():
        if knob.group == "The war" and setup.episode.entry is None:
            continue
        if knob.group != group:
            group = knob.group
            solara.HTML(tag="h3", unsafe_innerHTML=html.escape(group))
            if group == "Moscow":
                Select(
                    "Moscow's support on the first day",
                    values=list(SUPPORTS),
                    value=setup.support,
                    on_value=lambda v: put(support=v),
                    note=note("support"),
                )
            if group == "The war" and setup.troops:
                Select(
                    "Course of the front",
                    values=list(FRONTS),
                    value=setup.front,
                    on_value=lambda v: put(front=v),
                    note=note("front"),
                )
                slider(
                    "troops",
                    "Troops sent",
                    f"{setup.troops:,}",
                    "How many soldiers an entry sends to the front.",
                    round(setup.troops / 500),
                    50,
                    lambda k: put(troops=max(k, 1) * 500),
                )
        slider(
            name,
            knob.label,
            shown(name, values[name]),
            f"{knob.sentence} {number_words(name)}",
            notch(name, values[name]),
            N_NOTCHES,
            functools.partial(put_notch, name),
        )


@solara.component
def Mechanisms(controls: solara.Reactive[dict], pending: frozenset[str]) -> None:
    """A switch for the mechanism of each claim."""
    without = set(controls.value["without"])

    def put(name: str, on: bool) -> None:
        left = set(controls.value["without"]) - {name} | (set() if on else {name})
        controls.set(controls.value | {"without": tuple(sorted(left))})

    solara.HTML(tag="h3", unsafe_innerHTML="Mechanisms, a switch for each claim")
    for name, claim in SWITCHES.items():
        solara.Checkbox(
            label=f"{claim} {MECHANISMS.get(name, name)} {PENDING if name in pending else ''}".strip(),
            value=name not in without,
            on_value=functools.partial(put, name),
        )
        solara.HTML(tag="p", unsafe_innerHTML=html.escape(claim_of(name)), classes=["hint", "says"])


@solara.component_vue("link.vue")
def Link() -> None:
    """A button that copies the page's address."""


@solara.component_vue("recipe_file.vue")
def OpenFile(label: str, accept: str, event_load: Callable[[dict], None]) -> None:
    """A button that opens a file and hands over its name, size and text (none of a file that is too large)."""


@solara.component
def Downloads(model: solara.Reactive, controls: solara.Reactive[dict]) -> None:
    """The run's data, its recipe, and the way back from a recipe to its run."""
    error, set_error = solara.use_state("")
    world = model.value

    def data() -> str:
        with world.stage.lock:
            return world.series().to_csv()

    def load(file: dict) -> None:
        name = str(file.get("name"))[:60]
        try:
            if not file.get("text"):
                raise RecipeError("empty, or too large for a recipe")
            again = replay(read_recipe(file["text"]))
        except ValueError as problem:
            set_error(f"{name}: {problem}")
            return
        set_error("")
        again.from_file = id(again)
        controls.set(controls_of(again.setup))
        model.set(again)

    name = f"tightrope-{world.episode.name}-{world.arm}-seed-{world.seed}"
    with solara.Div(classes=["acts"]):
        solara.FileDownload(data, filename=f"{name}.csv", label="Data (CSV)", icon_name="mdi-download")
        solara.FileDownload(
            lambda: json.dumps(recipe(world), indent=1),
            filename=f"{name}.json",
            label="Recipe (JSON)",
            icon_name="mdi-download",
        )
        title = f"{world.episode.title}: {ARM_WORDS[str(world.arm)].lower()}, seed {world.seed}"
        for words, ending, kept in (("Picture (PNG)", "png", keep.picture), ("Film (GIF)", "gif", keep.film)):
            solara.FileDownload(
                functools.partial(lambda kept: kept(look(world), title), kept),
                filename=f"{name}.{ending}",
                label=words,
                icon_name="mdi-download",
            )
    Link()
    OpenFile(label="Open a recipe", accept=".json,application/json", event_load=load)
    if error:
        solara.Error(error, dense=True)
