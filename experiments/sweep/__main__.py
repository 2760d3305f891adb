"""How does the ending change with any numbers of the world, over any design of them?

Runs every point of a design, in one fixed world or over the accepted ones, with the same worlds and seeds at
each point, so that points differ by nothing else. Each run is kept the moment it is finished: stopped or
killed, the same command goes on, and more values or seeds later run only what is missing.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses
import datetime as dt
import functools
import hashlib
import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from experiments.lab import design as designs
from experiments.lab.command import File, OneLine, cite_option, given, option
from experiments.lab.cores import cores
from experiments.lab.design import Design, DesignError, plain
from experiments.lab.plan import DRAWS, origin_words, worlds_of
from experiments.lab.runner import Run, Tally
from experiments.lab.store import Store, StoreError, check_export, check_names, export, stores_in
from experiments.lab.study import Draw, Study, carried, finished, publish
from experiments.lab.tasks import run_summary, world_of
from experiments.sweep.words import (
    CHANCES,
    FALL,
    axis_words,
    chance_of,
    cluster_of,
    effect_words,
    effects_of,
    frame_of,
    in_percent,
    random_verdict,
    table_of,
    value_of,
    verdict,
)
from model.episode import Episode, load_episode
from model.measures import summary
from model.outcomes import Ending
from model.parameters import nearest
from model.simulation import Arm
from model.worlds import World

TWINS = "twins"
LOCAL = "local"
"""In place of an address: a Dask cluster on this machine."""
ROWS = 40
"""How many rows of the table are printed; all are in the file."""
POINT_SEEDS = 10**9
FIRST_ROUND = 20
GROWTH = 1.5
"""``--until`` looks at a point after 20 runs, and then each time that it has half as many again."""
EXAMPLES = """
Examples:

\b
  python -m experiments.sweep --vary entry.troops=5000:25000:5 --vary regime.media_grip=0.2,0.5,0.8 --seeds 20
  python -m experiments.sweep experiments/sweep/example.toml --dry-run
  python -m experiments.sweep --worlds accepted --draws 100 --arm twins --vary entry.front=stalemate,defeat
  python -m experiments.sweep --design sobol --points 256 --vary citizen.noise --vary war.killed_first=2:15:log
  python -m experiments.sweep --points-from sample.csv --worlds accepted --draws 20
  python -m experiments.sweep experiments/sweep/example.toml --until 0.1 --plot entry.troops arm uprising
"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All the runs of a sweep: each point of the design, in each arm, in every world and with every seed."""

    episode: Episode
    design: Design
    worlds: tuple[World, ...]
    drawn: bool
    """Whether the worlds are draws from the accepted ones, and not one fixed world."""
    arms: tuple[str, ...]
    seeds: int
    days: int | None
    n_citizens: int

    @property
    def turns(self) -> int:
        """How many runs each arm of a point has: each world with its first seed, each with its second, ..."""
        return self.seeds * len(self.worlds)

    @property
    def total(self) -> int:
        """How many runs there are."""
        return self.turns * len(self.design.points) * len(self.arms)

    def run(self, place: int, arm: str, turn: int) -> Run:
        """Return one run: a point (by its place), an arm, and which turn it is."""
        world = self.worlds[turn % len(self.worlds)]
        point = self.design.points[place]
        front = world.front if self.drawn else None
        episode, parameters = designs.apply(self.design.names, point, self.episode, world.parameters, front)
        labels = dict(zip(self.design.names, map(plain, point), strict=True))
        drawn = {"world": world.number, "front": episode.entry and episode.entry.front} if self.drawn else {}
        # Seeds are the same at every point, so that points differ by nothing else; where points are draws
        # themselves, each has its own luck. Draws of worlds count on from one another: none shares a seed.
        own = place * POINT_SEEDS if self.design.kind in designs.RANDOM else 0
        return Run(
            episode=episode,
            parameters=parameters,
            arm=arm,
            seed=world.seed + turn // len(self.worlds) * len(self.worlds) + own,
            history=world.history,
            n_citizens=self.n_citizens,
            days=self.days,
            labels=labels | drawn,
        )

    def order(self) -> list[int]:
        """Return the points' places in an order in which any first part of them is an even sample.

        A random design is in one already; the values of a grid or a list go up, and are shuffled, always alike.
        """
        n = len(self.design.points)
        return (
            list(range(n)) if self.design.kind in designs.RANDOM else np.random.default_rng(n).permutation(n).tolist()
        )

    def runs(self) -> Iterator[Run]:
        """Yield all runs, each point and arm once before any has its second turn: half a sweep is an even one."""
        for turn in range(self.turns):
            for place in self.order():
                for arm in self.arms:
                    yield self.run(place, arm, turn)

    def check(self) -> None:
        """Refuse, before the first run, what cannot be run at some point.

        Raises:
            ValueError: by the part of the model that refuses it.
        """
        for place in range(len(self.design.points)):
            try:
                self._check_point(place)
            except ValueError as error:
                if not self.design.file:
                    raise
                raise DesignError(f"{self.design.where(place)}{error}") from None

    def _check_point(self, place: int) -> None:
        run = self.run(place, self.arms[0], 0)
        if run.episode.entry is None and self.arms != (Arm.STAY,):
            raise DesignError(f"{run.episode.name} has no [entry]: only the arm stay can be run")
        if self.days is not None and self.days > run.episode.days:
            raise DesignError(f"days = {self.days}; {run.episode.name} has {run.episode.days}")

    def spec(self) -> dict[str, Any]:
        """Return what makes this sweep another than others, for the store; seeds are left out: they may grow."""
        worlds = [
            [world.parameters.flat(), sorted(world.parameters.without), world.seed, world.history]
            for world in self.worlds
        ]
        files = {}
        if "episode" in self.design.names:
            place = self.design.names.index("episode")
            files = {
                point[place]: _fingerprint(load_episode(str(point[place])).to_dict()) for point in self.design.points
            }
        return {
            **self.design.spec(),
            "arms": list(self.arms),
            "citizens": self.n_citizens,
            "days": self.days,
            "episode": {"name": self.episode.name, "content (hash)": _fingerprint(self.episode.to_dict())},
            "worlds": {"draws": len(self.worlds) if self.drawn else 0, "numbers (hash)": _fingerprint(worlds)},
            **({"episode_files": files} if files else {}),
        }


class Rounds:
    """Spends seeds where the answer is still open: stops a point when its intervals are narrow enough.

    A point is looked at when a round of its runs is complete, in an order that is fixed, so which runs are
    done depends neither on the workers nor on their luck. In a trial with known chances from 1 to 50 % and
    widths 0.1 and 0.2 (4,000 sweeps each), the interval at the stop held the chance in 90 to 99 % of them.
    """

    def __init__(self, plan: Plan, width: float, outcome: str) -> None:
        """Stop a point when the interval for the chance of an outcome is narrower than a width in every arm."""
        self.plan, self.width, self.outcome = plan, width, outcome
        points = range(len(plan.design.points))
        self._place = {tuple(map(plain, plan.design.points[place])): place for place in points}
        self._given, self._pending = [0 for _ in points], [0 for _ in points]
        self._target = [min(FIRST_ROUND, plan.turns) for _ in points]
        self._seen: list[dict[str, list[tuple[Any, float]]]] = [{arm: [] for arm in plan.arms} for _ in points]
        self.settled = 0
        """How many points were stopped early."""
        self.spared = 0
        """How many runs that saved."""

    def total(self) -> int:
        """Return how many runs there will be at most."""
        return self.plan.total - self.spared

    def hear(self, labels: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> None:
        """Take in one run that is finished."""
        place = self._place[tuple(labels[name] for name in self.plan.design.names)]
        self._pending[place] -= 1
        if outcome is not None:
            cluster = cluster_of(self.plan, labels)
            self._seen[place][labels["arm"]].append((cluster, value_of(self.outcome, outcome)))

    def runs(self) -> Iterator[Run | None]:
        """Yield the runs, and None where the next step hangs on runs in flight."""
        still_open = self.plan.order()
        while still_open:
            none_given = True
            for place in list(still_open):
                if self._given[place] == self._target[place] and not self._pending[place]:
                    if self._given[place] == self.plan.turns or self._narrow(place):
                        still_open.remove(place)
                        left = self.plan.turns - self._given[place]
                        self.settled += left > 0
                        self.spared += left * len(self.plan.arms)
                        continue
                    self._target[place] = min(self.plan.turns, math.ceil(self._given[place] * GROWTH))
                if self._given[place] < self._target[place]:
                    turn, none_given = self._given[place], False
                    self._given[place] += 1
                    self._pending[place] += len(self.plan.arms)
                    for arm in self.plan.arms:
                        yield self.plan.run(place, arm, turn)
            if none_given and still_open and any(self._pending):
                yield None

    def _narrow(self, place: int) -> bool:
        for seen in self._seen[place].values():
            if not seen:
                return False
            clusters, values = zip(*seen, strict=True)
            _, low, high = chance_of(np.array(values), [np.array(clusters)])
            if high - low >= self.width:
                return False
        return True


def _fingerprint(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]


# The command line.


def plan_of(options: Mapping[str, Any], vary: Mapping[str, Any]) -> Plan:
    """Return the plan that the options ask for, checked at every point.

    Raises:
        ValueError: by the part of the project that refuses a name or a value.
    """
    episode = load_episode(options["episode"])
    worlds, drawn = worlds_of(options["worlds"], episode, options["draws"], options["seed"], options["without"])
    plan = Plan(
        episode=episode,
        design=_design_of(options, vary),
        worlds=tuple(worlds),
        drawn=drawn,
        arms=(str(Arm.STAY), str(Arm.ENTER)) if options["arm"] == TWINS else (options["arm"],),
        seeds=options["seeds"],
        days=options["days"],
        n_citizens=options["citizens"],
    )
    plan.check()
    return plan


def _design_of(options: Mapping[str, Any], vary: Mapping[str, Any]) -> Design:
    """Return the design of a file of points, or the one that the other options ask for."""
    path = options["points_from"]
    if path is None:
        return designs.design(options["design"], vary, options["points"], options["seed"])
    beside = {"--vary": bool(vary), "--points": options["points"] is not None, "--design": given("design")}
    for name in (name for name, is_there in beside.items() if is_there):
        raise DesignError(f"--points-from {path} says all of the points: give it or {name}, not both")
    return designs.points_from(path)


def _options_of_file(context: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    """Take the options of a spec file as defaults: the command line goes before the file."""
    if path is None:
        return None
    content = designs.read_toml(path)
    options = {option.opts[0].strip("-"): option for option in context.command.params if option.name != "spec"}
    vary = content.pop("vary", {})
    if not isinstance(vary, dict):
        way = '[vary] with lines such as "entry.troops" = [5000, 10000]'
        raise DesignError(f"{path}: vary = {vary!r}; expected a table {way}")
    defaults = {}
    for name, value in content.items():
        if name not in options or name == "dry-run":
            raise DesignError(f"{path}: no option {name}{nearest(name, list(options))}")
        option = options[name]
        several = option.multiple or option.nargs > 1
        if several != isinstance(value, list):
            raise DesignError(f"{path}: {name} = {value!r}; expected {'a list' if several else 'one value'}")
        defaults[option.name] = [str(each) for each in value] if several else str(value)
        try:
            option.type_cast_value(context, defaults[option.name])
        except click.UsageError as error:
            raise DesignError(f"{path}: {name} = {value!r}: {error.message}") from None
    context.default_map, context.obj = defaults, _flat(vary)
    return path


def _flat(vary: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested tables as dotted names, so that ``entry.troops`` need not stand in quotes."""
    flat: dict[str, Any] = {}
    for name, value in vary.items():
        inside = _flat(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}": value}
        if twice := sorted(flat.keys() & inside):
            raise DesignError(f"[vary] {twice[0]} is given twice: give all of it at once")
        flat |= inside
    return flat


@click.command(cls=OneLine, help=f"{(__doc__ or '').strip()}\n{EXAMPLES}")
@click.argument("spec", type=File(), required=False, is_eager=True, callback=_options_of_file, metavar="[SPEC.toml]")
@option(
    "--vary",
    multiple=True,
    metavar="NAME=VALUES",
    help="What varies, any parameter or episode field: a,b,c or low:high:count[:log] or, for lhs and sobol, low:high.",
)
@option("--design", default="grid", type=click.Choice(designs.KINDS), help="How the values make points.")
@option("--points", help="How many points, for lhs and sobol.")
@option(
    "--points-from",
    metavar="FILE.csv",
    help="Points from a file: a column a name, a line a point; the table has its lines in its order.",
)
@option("--episode", default="belarus-2022")
@option(
    "--worlds",
    default="default",
    type=File(),
    metavar="NAME|FILE",
    help="accepted, central, default, a .toml file of parameters, or a .csv file of accepted worlds.",
)
@option("--draws", help=f"How many draws of accepted worlds [default: {DRAWS}].")
@option(
    "--arm", default="enter", type=click.Choice([*map(str, Arm), TWINS]), help="What he does; twins: stay and enter."
)
@option("--seeds", default=1, help="Runs of each world at each point.")
@option("--seed", default=0)
@option("--days")
@option("--citizens", default=20_000)
@option("--without", multiple=True, metavar="SWITCH", help="Switch the mechanism of a claim off.")
@option("--until", help="Stop a point when the interval of its chance is narrower.")
@option(
    "--outcome",
    default=str(Ending.UPRISING),
    type=click.Choice(CHANCES),
    help="The chance that --until and the verdict are about.",
)
@option("--plot", nargs=3, metavar="X Y OUTCOME", help="A map of an outcome, or curves if Y is arm, words, or -.")
@option("--store", "path", help="The file of results [default: results/sweep.sqlite or results/SPEC.sqlite].")
@option("--export", "to", help="Write all runs to a .csv or .parquet file, too.")
@option("--workers")
@option("--dask", metavar="ADDRESS", help="Run on a Dask cluster: its scheduler, or local.")
@cite_option("sweep")
@click.option("--dry-run", is_flag=True, help="Say what would be run and how long it takes, and stop.")
@click.pass_context
def main(context: click.Context, spec: str | None, vary: tuple[str, ...], dry_run: bool, **options: Any) -> None:
    """Run a sweep (see the top of this file)."""
    if options["dask"] not in (None, LOCAL) and options["workers"]:
        raise DesignError(f"workers = {options['workers']} has no meaning on a cluster: it has its own")
    plan = plan_of(options, (context.obj or {}) | designs.pairs_of(vary, "--vary"))
    outcomes = _check_world(plan)
    if options["plot"]:
        _check_plot(plan, outcomes, *options["plot"])
    if options["to"]:
        check_export(options["to"])
    path = options["path"] or Path("results") / f"{Path(spec).stem if spec else 'sweep'}.sqlite"
    _check_names(path, options["to"], [spec, *_files_of(plan, options)])
    if dry_run:
        click.echo(_dry(plan, options))
        return
    stem = stem_of(path)
    study = Study(
        question="sweep", results=path.parent, file=path.name, stem=stem, options=options, workers=options["workers"],
        spec=plan.spec(), growing=[*plan.design.growing(), "arms"],
    )  # fmt: skip
    rounds = Rounds(plan, options["until"], options["outcome"]) if options["until"] else None
    with study.store() as store:
        store.record(seed=options["seed"], seeds=options["seeds"])
        tally = _carry_out(study, plan, rounds, store, options["dask"])
        frame = frame_of(store, plan, *options["plot"][2:] if options["plot"] else ())
    n_new = tally.done + tally.failed + tally.crashed
    click.echo(f"{n_new:,} runs now, {tally.kept:,} were there already. They are in {path}.")
    if rounds:
        saved = f"saved {rounds.spared:,} of {plan.total:,} runs ({rounds.spared / plan.total:.0%})"
        click.echo(f"{rounds.settled} of {len(plan.design.points)} points were settled early, which {saved}.")
    finished(frame)
    table, origin = table_of(frame, plan), origin_words(options["worlds"], plan.episode)
    draw = _figure_of(frame, plan, *options["plot"]) if options["plot"] else None
    publish(
        study,
        tables={f"{stem}.csv": table} | ({f"{stem}-worlds.csv": _worlds_table(plan)} if plan.drawn else {}),
        verdict=f"{_report(frame, table, plan, options['outcome'])}\n({plan.episode.title}; {origin})",
        record={"sweep": plan.spec(), "worlds": origin},
        figure=draw,
    )
    if options["to"]:
        export(path, options["to"])
        click.echo(f"All runs are in {options['to']}.")


def _figure_of(frame: pd.DataFrame, plan: Plan, x: str, y: str, outcome: str) -> Draw:
    """Return what draws an outcome over x and y."""
    from experiments.sweep.figure import plot  # slow to import, and the workers draw nothing

    return functools.partial(plot, frame, plan, x, y, outcome)


def stem_of(path: Path) -> str:
    """Return what the names of a store's outputs begin with: all of its name, but for its own suffix.

    >>> stem_of(Path("results/kz.jan2022")), stem_of(Path("results/sweep.sqlite"))
    ('kz.jan2022', 'sweep')
    """
    return path.name.removesuffix(".sqlite")


def _outputs(path: Path) -> list[Path]:
    """Return all that may be written beside a store."""
    return [path.with_name(stem_of(path) + end) for end in (".csv", "-worlds.csv", ".txt", ".json", ".png")]


def _files_of(plan: Plan, options: Mapping[str, Any]) -> list[str]:
    """Return the names that a sweep reads, of which some may be files."""
    varied = [str(value) for axis in plan.design.axes if axis.name == "episode" for value in axis.values]
    return [options["episode"], options["worlds"], options["dask"] or "", plan.design.file or "", *varied]


def _check_names(path: Path, to: Path | None, inputs: Iterable[str | None]) -> None:
    """Refuse, before the first run, outputs of one name, or of the name of a store, of its outputs or of an input.

    Raises:
        StoreError: if there are any.
    """
    outputs = _outputs(path)
    check_names(path, [*outputs, *([to] if to else [])], [Path(name) for name in inputs if name])
    for other in stores_in(path.parent):
        shared = {file.name for file in _outputs(other)} & {file.name for file in outputs}
        if other.resolve() != path.resolve() and shared:
            raise StoreError(f"{path} and {other} would both have {min(shared)} beside them: give another name")
        if to and to.resolve() in {file.resolve() for file in _outputs(other)}:
            raise StoreError(f"{to} is an output of {other}: give another name")


def _check_world(plan: Plan) -> list[str]:
    """Build the first world of each arm, so that what cannot be is refused now; return what can be plotted."""
    for arm in plan.arms:
        world = world_of(plan.run(0, arm, 0))
    return [*CHANCES, *(name for name, value in summary(world).items() if not isinstance(value, str))]


def _check_plot(plan: Plan, outcomes: Sequence[str], x: str, y: str, outcome: str) -> None:
    """Refuse, before the first run, a figure of what is not there.

    Raises:
        DesignError: if a name is none of the sweep's.
    """
    inputs = [*plan.design.names, "arm", *(["front"] if plan.drawn else [])]
    for name, known in ((x, inputs), (y, [*inputs, "-"]), (outcome, list(outcomes))):
        if name not in known:
            raise DesignError(f"--plot: {name} is not in this sweep{nearest(name, known)} (one of {', '.join(known)})")
    if x == y:
        raise DesignError(f"--plot: x and y are both {x}; give - for y to draw one curve")


def _dry(plan: Plan, options: Mapping[str, Any]) -> str:
    """Return in words what would be run, and how long that takes by one run's time."""
    rows = f" in {len(plan.design.lines):,} lines of {plan.design.file}" if plan.design.file else ""
    lines = [f"Design: {plan.design.kind}, {len(plan.design.points):,} points{rows}"]
    for axis in plan.design.axes:
        spec = axis.spec()
        values = spec if isinstance(spec, str) else ", ".join(map(str, spec[:ROWS]))
        more = f", ... ({len(axis.values):,})" if len(axis.values) > ROWS else ""
        lines.append(f"  {axis_words(axis.name)}: {values}{more}")
    lines.append(f"Worlds: {options['worlds']}" + (f", {len(plan.worlds):,} draws" if plan.drawn else ""))
    counts = (len(plan.design.points), len(plan.arms), len(plan.worlds), plan.seeds)
    parts = zip(("points", "arms", "worlds", "seeds"), counts, strict=True)
    product = " x ".join(f"{count:,} {name if count > 1 else name[:-1]}" for name, count in parts)
    lines.append(f"Runs: {product} = {plan.total:,}" + (" at most" if options["until"] else ""))
    middle = plan.run(len(plan.design.points) // 2, plan.arms[-1], 0)
    run_summary(dataclasses.replace(middle, days=2))  # what is compiled first is no part of a run's time
    start = time.perf_counter()
    run_summary(middle)
    seconds = time.perf_counter() - start
    workers = cores(options["workers"])
    days = middle.days or middle.episode.days
    took = f"one run took {seconds:.2g} s ({days} days at most, {plan.n_citizens:,} citizens)"
    expected = dt.timedelta(seconds=math.ceil(seconds * plan.total / workers))
    lines.append(f"Time: {took}; with {workers} at a time all take about {expected}")
    return "\n".join(lines)


def _worlds_table(plan: Plan) -> pd.DataFrame:
    """Return the numbers of each world: the row of a run in the store is found by ``world``."""
    rows = [
        {"world": w.number, "front": w.front, "seed": w.seed, "history": w.history} | w.parameters.flat()
        for w in plan.worlds
    ]
    return pd.DataFrame(rows)


def _carry_out(study: Study, plan: Plan, rounds: Rounds | None, store: Store, address: str | None) -> Tally:
    """Carry out a plan's runs on this machine or on a cluster."""
    with ExitStack() as stack:
        engine = None
        if address:
            try:
                from experiments.lab.cluster import cluster  # only who asks for a cluster needs its packages
            except ImportError:
                raise click.ClickException("--dask needs a package more: pip install distributed") from None
            engine = stack.enter_context(cluster(address, study.workers))
        return carried(
            study, store, rounds.runs() if rounds else plan.runs(), run_summary, engine=engine,
            total=rounds.total if rounds else plan.total, watch=rounds.hear if rounds else None,
        )  # fmt: skip


def _report(frame: pd.DataFrame, table: pd.DataFrame, plan: Plan, outcome: str) -> str:
    """Return the table, as far as it is printed, and what it says in words."""
    shown = table[[*plan.design.names, "arm", "runs", "failed"]].copy()
    for name in dict.fromkeys([outcome, str(Ending.UPRISING), FALL]):
        shown[name] = [in_percent(row, name) if row["runs"] else "" for _, row in table.iterrows()]
    lines = [shown.head(ROWS).to_string(index=False)]
    if len(shown) > ROWS:
        lines.append(f"... and {len(shown) - ROWS:,} rows more")
    over = ", over draws of worlds" if len(plan.worlds) > 1 else ""
    lines += [f"(95 % Monte Carlo intervals{over}; the whole table is in the file)", ""]
    random = plan.design.kind in designs.RANDOM
    lines.append(random_verdict(frame, plan, outcome) if random else verdict(table, plan, outcome))
    if len(plan.arms) > 1 and not random:
        lines.append(effect_words(effects_of(frame, plan), plan))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
