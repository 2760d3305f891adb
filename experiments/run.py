"""What happens in one episode, day by day, over many worlds or seeds?

Lives an episode in one arm, in draws of the accepted worlds (one seed each) or in one world with many seeds, and
keeps every measure of every day and the crowd of every region.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import base64
import json
import textwrap
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from experiments.lab import design as designs
from experiments.lab.command import File, OneLine, given, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.plan import drawn_by, origin_words, worlds_of
from experiments.lab.runner import Run
from experiments.lab.statistics import chance, cumulative_incidence
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.show import figures
from experiments.show.palette import ARM_COLOURS, BLUE, ENDING_COLOURS, PURPLE
from experiments.show.words import WIDTH, interval_words, short_endings, width_of
from model.episode import Episode, load_episode
from model.measures import MEASURES, summary
from model.outcomes import FALLS, Ending

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LINES = 14
"""Into how many spans of days the printed table is cut, about."""
WEEKLY_FROM = 60
"""Figures of more days than this go by weeks: crowds come on Sundays."""
CROWD_IN = "crowd in "
EXAMPLES = """\b
Examples:
  python -m experiments.run belarus-2022 --arm stay --worlds accepted --seeds 50
  python -m experiments.run belarus-2020 --arm stay --worlds central --seeds 20
  python -m experiments.run my-country.toml --worlds default --days 30
  python -m experiments.run belarus-2022 --arm enter --set entry.troops=20000 --without talks"""


def live_daily(run: Run) -> dict[str, Any]:
    """Live a run's days; return how it ended, and every measure and every region's crowd of every day, packed."""
    world = world_of(run)
    names = [*MEASURES, *(CROWD_IN + region.name for region in world.episode.regions)]
    crowds = []
    for _ in range(run.days or world.episode.days):
        if not world.running:
            break
        world.step()
        crowds.append(world.crowd.people.copy())
    return summary(world) | {"daily": pack(names, np.column_stack([world.rows, crowds]))}


def pack(names: Sequence[str], values: np.ndarray) -> str:
    """Return a table of days (rows) and measures (columns) as a short text, to seven digits.

    >>> unpack(pack(["crowd", "rung"], np.array([[12_000.0, 1.0], [0.25, 2.0]])))[1].tolist()
    [[12000.0, 1.0], [0.25, 2.0]]
    """
    packed = base64.b64encode(zlib.compress(np.asarray(values, "<f4").tobytes(), 6)).decode()
    return f"{json.dumps(list(names))}\n{packed}"


def unpack(text: str) -> tuple[list[str], np.ndarray]:
    """Return the names and the values that were packed."""
    header, _, packed = text.partition("\n")
    names = json.loads(header)
    values = np.frombuffer(zlib.decompress(base64.b64decode(packed)), "<f4")
    return names, values.reshape(-1, len(names)).astype(float)


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What many runs of one episode in one arm have shown."""

    episode: Episode
    arm: str
    rows: pd.DataFrame
    """A row a finished run."""
    names: tuple[str, ...]
    cube: np.ndarray
    """Run by day by measure; NaN from the day on which he has fallen."""
    drawn: bool
    """Whether the runs are draws of worlds, and not seeds of one."""

    def of(self, name: str) -> np.ndarray:
        """Return one measure, run by day."""
        return self.cube[:, :, self.names.index(name)]

    @property
    def days(self) -> int:
        """How many days the longest run has."""
        return self.cube.shape[1]

    @property
    def draws(self) -> np.ndarray:
        """The unit of chance of every run: its world, or in one world its seed."""
        return self.rows["world" if self.drawn else "seed"].to_numpy()


def lived(rows: pd.DataFrame, episode: Episode, arm: str, drawn: bool) -> Lived:
    """Return what finished runs have shown, their days side by side."""
    unpacked = [unpack(text) for text in rows["daily"]]
    names = unpacked[0][0]
    cube = np.full((len(unpacked), max(len(values) for _, values in unpacked), len(names)), np.nan)
    for place, (_, values) in enumerate(unpacked):
        cube[place, : len(values)] = values
    rows = rows.drop(columns="daily")
    return Lived(episode=episode, arm=arm, rows=rows, names=tuple(names), cube=cube, drawn=drawn)


def daily_table(result: Lived) -> pd.DataFrame:
    """Return for each measure and day the quantiles over the runs that still go on, and how many these are."""
    tables = []
    for name in result.names:
        values = result.of(name)
        table = pd.DataFrame(np.nanquantile(values, QUANTILES, axis=0).T, columns=[f"q{q:g}" for q in QUANTILES])
        table.insert(0, "runs", np.isfinite(values).sum(axis=0))
        table.insert(0, "measure", name)
        table.insert(0, "date", [result.episode.date_of(day + 1) for day in range(result.days)])
        tables.append(table.assign(mean=np.nanmean(values, axis=0)))
    return pd.concat(tables, ignore_index=True)


def by_span(values: np.ndarray, length: int, how: Callable[..., Any]) -> np.ndarray:
    """Return a measure by spans of days: run by span, by the largest, the sum or the mean of a span's days.

    A run that falls within a span counts with its days until then; later it counts no more.

    >>> by_span(np.array([[1.0, 5.0, 2.0, np.nan]]), 2, np.nanmax).tolist()
    [[5.0, 2.0]]
    """
    spans = -(-values.shape[1] // length)
    result = np.full((values.shape[0], spans), np.nan)
    for span in range(spans):
        days = values[:, span * length : (span + 1) * length]
        goes_on = np.isfinite(days).any(axis=1)
        result[goes_on, span] = how(days[goes_on], axis=1)
    return result


# In words.


def report(result: Lived) -> str:
    """Return the endings and the days in words and tables."""
    return "\n\n".join([_endings(result), _spans(result), _regions(result)])


def _endings(result: Lived) -> str:
    n = len(result.rows)
    over = f"{n} draws of worlds" if result.drawn else f"{n} seeds of one world"
    lines = [
        textwrap.fill(f"{result.episode.title.upper()}: {over}, arm {result.arm}, {result.days} days at most", WIDTH)
    ]
    endings = short_endings(result.episode.patron)
    width = width_of(endings.values(), 24)
    for ending in Ending:
        ended = result.rows["ending"] == ending
        line = f"  {endings[ending]:<{width}}{interval_words(chance(ended, result.draws)):<24}"
        days = result.rows.loc[ended, "ended_on"].dropna()
        if len(days):
            low, middle, high = (
                f"{result.episode.date_of(int(day)):%d %b %Y}" for day in days.quantile([0.05, 0.5, 0.95])
            )
            line += f"half by {middle} ({low} to {high})"
        lines.append(line.rstrip())
    what = "over draws of worlds" if result.drawn else "over seeds"
    lines.append(f"(95 % Monte Carlo intervals, {what}; below: median and nine tenths of runs that go on)")
    return "\n".join(lines)


def _spans(result: Lived) -> str:
    length = max(1, -(-result.days // LINES))
    day, width = ("%d %b", 8) if result.days <= 366 else ("%d %b %Y", 13)
    columns = {
        "street, capital": (by_span(result.of("capital_crowd"), length, np.nanmax), _thousands),
        "street, country": (by_span(result.of("crowd"), length, np.nanmax), _thousands),
        "detained": (by_span(result.of("detained_today"), length, np.nansum), _thousands),
        "obey": (by_span(result.of("obeying_share"), length, np.nanmean), lambda share: f"{share:.2f}"),
        "rung": (by_span(result.of("rung"), length, np.nanmax), lambda rung: f"{rung:.0f}"),
    }
    first_days = range(0, result.days, length)
    cells = [[_band(values[:, span], shown) for span in range(len(first_days))] for values, shown in columns.values()]
    widths = [width_of([name, *c], least) for name, c, least in zip(columns, cells, (23, 23, 18, 17, 4), strict=True)]
    lines = [
        textwrap.fill(
            f"Spans of {length} days. Street: people on the busiest day; detained: people in the whole span; "
            "obey: share of the force that obeys or would; rung: 1 territory lent, 2 limited, 3 full.",
            WIDTH,
        ),
        f"{'from':<{width}}{'runs':>5}  " + _line(columns, widths),
    ]
    for row, first in zip(zip(*cells, strict=True), first_days, strict=True):
        runs = int(np.isfinite(result.cube[:, first, 0]).sum())
        lines.append(f"{result.episode.date_of(first + 1):{day}}  {runs:>5}  {_line(row, widths)}")
    return "\n".join(lines)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    """Return a line of a table, its columns as wide as given."""
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _regions(result: Lived) -> str:
    lines = ["The busiest day of each region [people, and per 1,000 of its electors]"]
    width = width_of((region.name for region in result.episode.regions), 22)
    for region in result.episode.regions:
        peaks = np.nanmax(result.of(CROWD_IN + region.name), axis=1)
        share = 1000.0 * float(np.median(peaks)) / region.electors
        lines.append(f"  {region.name:<{width}}{_band(peaks, _people):<28}{share:.1f}")
    return "\n".join(lines)


def _people(number: float) -> str:
    """Return a number of people to three digits: more would not be true.

    >>> _people(123_456.0), _people(77.4)
    ('123,000', '77')
    """
    return f"{float(f'{number:.3g}'):,.0f}"


def _thousands(number: float) -> str:
    """Return a number of people to three digits, in thousands if there are many.

    >>> _thousands(1_184_456.0), _thousands(12_345.0), _thousands(9_999.0)
    ('1,180k', '12k', '10,000')
    """
    return f"{_people(number / 1_000.0)}k" if number >= 10_000.0 else _people(number)


def _band(values: np.ndarray, shown: Callable[[float], str]) -> str:
    """Return the median of some runs and the band of nine tenths of them."""
    low, middle, high = (shown(float(q)) for q in np.nanquantile(values, [0.05, 0.5, 0.95]))
    return middle if low == high else f"{middle} ({low}-{high})"


# The figure.


def draw_figure(result: Lived, path: str | Path, record: Mapping[str, Any]) -> None:
    """Draw the days as fans over the runs, the regions as a map of weeks, and when he falls; write them as PNG."""
    length = 7 if result.days > WEEKLY_FROM else 1
    when = "busiest day of a week" if length == 7 else "by day"
    total = "a week" if length == 7 else "a day"
    spans = result.days // length  # a week cut short has no Sunday: it would look like calm
    dates = [np.datetime64(result.episode.date_of(span * length + 1)) for span in range(spans)]
    people = "people"
    panels: tuple[tuple[str, Callable[..., Any], str, str, str], ...] = (
        ("capital_crowd", np.nanmax, f"Capital's street, {when}", people, BLUE),
        ("detained_today", np.nansum, f"Detained {total}, in the country", people, PURPLE),
        ("obeying_share", np.nanmean, "Who obeys, or would if ordered", "share of the force", BLUE),
        ("rung", np.nanmax, "How far he is in the war", "rung", ARM_COLOURS[result.arm]),
    )
    with figures.style():
        figure = figures.canvas(13.0, 7.4)
        axes = figure.subplots(2, 3)
        for place, (name, how, title, unit, colour) in zip((0, 1, 3, 4), panels, strict=True):
            panel = axes.flat[place]
            values = by_span(result.of(name), length, how)[:, :spans]
            bands = dict(zip(QUANTILES, np.nanquantile(values, QUANTILES, axis=0), strict=True))
            figures.fan(panel, dates, bands, colour)
            panel.set(title=title, ylabel=unit)
            figures.in_months(panel.xaxis)
            if unit == people:
                figures.in_people(panel.yaxis)
                panel.set_ylim(0.0, max(panel.get_ylim()[1], 4.0))  # where nobody is, the axis shows whole people
            if name == "obeying_share":
                panel.set_ylim(0.0, 1.02)
            if name == "rung":
                panel.set_yticks(range(4), ["none", "territory", "limited", "full"])
                panel.set_ylim(-0.1, 3.1)
        figures.legend_below(axes.flat[0])
        _panel_regions(result, axes.flat[2], figure, length, dates)
        _panel_falls(result, axes.flat[5])
        over = "draws of worlds" if result.drawn else "seeds of one world"
        citizens = int(result.rows["n_citizens"].iloc[0])
        survives = interval_words(chance(result.rows["ending"] == Ending.SURVIVED, result.draws))
        peak = _people(float(result.rows["peak_capital_crowd"].median()))
        figures.headline(
            figure,
            f"{result.episode.title}, arm {result.arm}: he survives in {survives} of runs; "
            f"the capital's crowd peaks at {peak} (median)",
            f"{len(result.rows)} {over}, {citizens:,} citizens each. Bands: half and nine tenths of "
            "the runs that still go on. Brackets: 95 % Monte Carlo interval.",
        )
        figures.save(figure, path, record)


def _panel_regions(result: Lived, panel: Any, figure: Any, length: int, dates: Sequence[np.datetime64]) -> None:
    names = [region.name for region in result.episode.regions]
    grid = np.array(
        [
            np.nanmean(by_span(result.of(CROWD_IN + region.name), length, np.nanmax)[:, : len(dates)], axis=0)
            / region.electors
            * 1000.0
            for region in result.episode.regions
        ]
    )
    edges = np.array([*dates, dates[-1] + np.timedelta64(length, "D")])
    image = panel.pcolormesh(
        edges, np.arange(len(names) + 1), grid, cmap="cividis", vmin=0.0, vmax=max(grid.max(), 1e-9)
    )
    panel.set_yticks(np.arange(len(names)) + 0.5, names)
    panel.invert_yaxis()
    panel.grid(visible=False)
    panel.set(title="In the street by region, mean of runs")
    figures.in_months(panel.xaxis)
    figure.colorbar(image, ax=panel, label="per 1,000 electors", shrink=0.85)


def _panel_falls(result: Lived, panel: Any) -> None:
    days, endings = result.rows["ended_on"].to_numpy(float), result.rows["ending"]
    dates = [np.datetime64(result.episode.date_of(day)) for day in range(result.days + 1)]
    bottom, words_of = np.zeros(result.days + 1), short_endings(result.episode.patron)
    for fall in map(str, FALLS):
        share = cumulative_incidence(days, endings, fall, result.days)
        if share[-1] == 0.0:
            continue
        colour = ENDING_COLOURS[fall]
        panel.fill_between(dates, bottom, bottom + share, color=colour, lw=0, step="post", label=words_of[fall])
        bottom = bottom + share
    panel.xaxis.update_units(dates)  # also where nobody falls
    panel.set_xlim(dates[0], dates[-1])
    panel.set(title="Fallen by then", ylabel="share of runs", ylim=(0.0, max(0.1, min(1.02, 1.2 * bottom.max()))))
    figures.in_percent(panel.yaxis)
    figures.in_months(panel.xaxis)
    if bottom.max() > 0.0:
        figures.legend_below(panel)
    else:
        panel.text(0.5, 0.5, "he falls in no run", transform=panel.transAxes, ha="center", color="0.35")


# The command line.


def plan_of(
    episode: str,
    *,
    arm: str = "stay",
    worlds: str = "accepted",
    seeds: int = 50,
    seed: int = 0,
    n_citizens: int = 20_000,
    days: int | None = None,
    without: Sequence[str] = (),
    fixed: Sequence[str] = (),
) -> tuple[list[Run], bool]:
    """Return the runs that the options ask for, and whether they are draws of worlds.

    Raises:
        ValueError: by the part of the project that refuses a name or a value.
    """
    whole = load_episode(episode)
    if days is not None and days > whole.days:
        raise DesignError(f"days = {days}; {whole.name} has {whole.days}")
    drawn = drawn_by(worlds)
    draws, _ = worlds_of(worlds, whole, seeds if drawn else None, seed, without)
    names, values = designs.fixed_values(fixed)
    runs = []
    for turn in range(seeds):
        world = draws[turn if drawn else 0]
        changed, numbers = designs.apply(names, values, whole, world.parameters, world.front or None)
        runs.append(
            Run(
                episode=changed,
                parameters=numbers,
                arm=arm,
                seed=world.seed if drawn else world.seed + turn,
                n_citizens=n_citizens,
                days=days,
                labels={"world": world.number, "worlds": Path(worlds).name},
            )
        )
    world_of(runs[0])  # what cannot be built is refused now, and not run by run
    return runs, drawn


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@click.argument("named", type=File(), metavar="[FILE_OR_NAME]", required=False)
@option("--episode", default="belarus-2022", help="The same, as the other questions have it.")
@click.option("--arm", default="stay", show_default=True, help="What he does: stay, enter or decide.")
@option(
    "--worlds",
    default="accepted",
    type=File(),
    metavar="NAME|FILE",
    help="accepted, central, default, a .toml file of parameters, or a .csv file of accepted worlds.",
)
@option("--seeds", default=50, help="Runs: draws, or seeds of one world.")
@option("--days")
@click.option("--without", multiple=True, metavar="SWITCH", help="Switch the mechanism of a claim off.")
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="Fix a number or field in all worlds.")
@click.option("--gallery", is_flag=True, help="Make the figure the README's.")
@shared_options("results/run")
def main(named: str | None, results: str, workers: int | None, gallery: bool, **options: Any) -> None:
    """Run an episode many times (see the top of this file)."""
    if named is not None and given("episode"):
        raise DesignError(f"{named} and --episode {options['episode']}: give one of them")
    options["episode"] = options["episode"] if named is None else named
    asked, drawn = plan_of(**options)
    episode = asked[0].episode
    origin = origin_words(options["worlds"], load_episode(options["episode"]))
    stem = f"{episode.name}-{options['arm']}"
    study = Study(question="run", results=results, options=options, workers=workers, stem=stem)
    result = lived(live(study, asked, live_daily, description=stem), episode, options["arm"], drawn)
    parameters = pd.DataFrame([{"seed": run.seed} | run.parameters.flat() for run in asked])
    publish(
        study,
        tables={f"{stem}-daily.csv": daily_table(result), f"{stem}-runs.csv": result.rows.merge(parameters, on="seed")},
        verdict=f"{report(result)}\n\n{textwrap.fill(f'({origin})', WIDTH)}",
        record={"episode": episode.to_dict(), "worlds": origin}
        | ({} if drawn else {"parameters": asked[0].parameters.flat()}),
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
