"""What do the accepted worlds predict that they were not fitted to?

The worlds were accepted for crowds and detentions of 2020. Here they face other facts: Moscow's rescue of 2020,
units that did not refuse, 27 February 2022, the pollsters' loyal share, volunteers, a first year of war without
entry that he survived, and how often palace coups are tried in quiet years.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from dataclasses import dataclass
from typing import Any

import click
import numpy as np
import pandas as pd

from agents.citizen.population import checked_size
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.runner import Run, Task
from experiments.lab.statistics import wilson
from experiments.lab.study import Study, live, publish
from model.episode import load_episode
from model.measures import summary
from model.simulation import Simulation
from model.worlds import draw

EXAMPLES = """\b
Examples:
  python -m experiments.validate
  python -m experiments.validate --worlds 50 --citizens 5000"""


EPISODES = ("belarus-2020", "belarus-2022")
"""The wave that the worlds were fitted to, and the first year of the war."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something known that no world was fitted to: what it is, its range, and the column that shows it."""

    words: str
    column: str
    low: float
    high: float
    source: str


FACTS = (
    Fact(words="2020: days until Moscow's police reserve", column="police_on", low=12, high=25, source="Reuters2020"),
    Fact(words="2020: days until Moscow's loan", column="money_on", low=30, high=45, source="Reuters2020"),
    Fact(words="2020: orders to disperse that failed", column="failed_2020", low=0, high=0, source="BySol2020"),
    Fact(
        words="27 February 2022: people in the street", column="crowd_27", low=1_000, high=10_000, source="article, C8"
    ),
    Fact(
        words="loyal to pollsters, spring of 2022 [share]",
        column="loyal",
        low=0.38,
        high=0.48,
        source="ChangeTracker2021",
    ),
    Fact(
        words="volunteers against Russia by July 2022",
        column="volunteers_july",
        low=200,
        high=1_000,
        source="Kalinouski2022",
    ),
    Fact(
        words="detained in the year of war without entry", column="detained", low=1_500, high=7_000, source="Viasna2022"
    ),
)


def look_back(run: Run) -> dict[str, Any]:
    """Run 2020 and return when Moscow helped, and how many orders failed."""
    world = Simulation(run.episode, run.parameters, arm=run.arm, rng=run.seed, n_citizens=run.n_citizens).run()
    support = world.series()["support"].to_numpy()

    def first_day(level: int) -> int | None:
        there = np.flatnonzero(support >= level)
        return int(there[0]) + 1 if there.size else None

    return {
        "ending": str(world.judge.ending),
        "police_on": first_day(1),
        "money_on": first_day(2),
        "failed_2020": len(world.judge.failed_days),
    }


def look_at_war(run: Run) -> dict[str, Any]:
    """Run the first year of the war without entry, and return what is known about it."""
    world = Simulation(run.episode, run.parameters, arm=run.arm, rng=run.seed, n_citizens=run.n_citizens).run()
    series = world.series()

    def on(measure: str, date: str) -> float | None:
        return float(series.at[pd.Timestamp(date), measure]) if pd.Timestamp(date) in series.index else None

    telling = on("tells", "2022-05-01")
    return summary(world) | {
        "crowd_27": on("crowd", "2022-02-27"),
        "loyal": None if telling is None else 1.0 - telling,
        "volunteers_july": on("volunteers", "2022-07-01"),
    }


@click.command(cls=OneLine, epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=200, help="Draws of the accepted worlds.")
@shared_options("results/validate")
def main(n_worlds: int, n_citizens: int, seed: int, workers: int | None, results: str) -> None:
    """Put the accepted worlds before facts that they were not fitted to."""
    for episode in EPISODES:
        checked_size(n_citizens, load_episode(episode))
    study = Study(
        question="validate", results=results, workers=workers,
        options={"worlds": n_worlds, "n_citizens": n_citizens, "seed": seed},
    )  # fmt: skip
    drawn = draw(n_worlds, seed)

    def lived(name: str, task: Task) -> pd.DataFrame:
        episode = load_episode(name)
        asked = [
            Run(
                episode=episode.replace(entry_front=world.front) if episode.entry else episode,
                parameters=world.parameters, arm="stay", seed=world.seed, n_citizens=n_citizens,
                labels={"world": world.number},
            )
            for world in drawn
        ]  # fmt: skip
        return live(study, asked, task, description=name).set_index("world")

    before, war = lived(EPISODES[0], look_back), lived(EPISODES[1], look_at_war)
    rows = before[["police_on", "money_on", "failed_2020"]].join(war, how="inner")
    table = facts_table(rows)
    publish(
        study, tables={"validate.csv": table}, verdict=verdict(table, rows),
        record={"seed": seed, "worlds": n_worlds},
    )  # fmt: skip


def facts_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each fact beside the middle and the 90 % band of what the worlds show."""
    lines = []
    for fact in FACTS:
        values = pd.to_numeric(rows[fact.column])
        low, middle, high = values.dropna().quantile([0.05, 0.5, 0.95])
        inside = float(((values >= fact.low) & (values <= fact.high)).mean())
        lines.append(
            {
                "fact": fact.words, "known_low": fact.low, "known_high": fact.high, "band_low": low, "median": middle,
                "band_high": high, "share_inside": inside, "never": float(values.isna().mean()), "source": fact.source,
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def verdict(table: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Return in words what the worlds predict well and what they miss."""
    lines = [f"{'fact':<48}{'known':>16}{'90 % of worlds':>22}{'inside':>9}"]
    for row in table.itertuples():
        known = f"{row.known_low:,.6g} to {row.known_high:,.6g}"
        band = "-" if row.never == 1.0 else f"{row.band_low:,.3g} to {row.band_high:,.3g}"
        missed = " MISSED" if row.band_high < row.known_low or row.band_low > row.known_high else ""
        never = f" (never in {row.never:.0%})" if row.never > 0 else ""
        lines.append(f"{row.fact:<48}{known:>16}{band:>22}{row.share_inside:>9.0%}{missed}{never}")
    years = rows["days"].sum() / 365.0
    attempts, coups = int(rows["coup_attempts"].sum()), int((rows["ending"] == "coup").sum())
    survived = int((rows["ending"] == "survived").sum())
    low, high = wilson(survived, len(rows))
    lines.append(
        "He survived the first year without entry; "
        f"so do {survived / len(rows):.0%} of worlds [{low:.0%} to {high:.0%}]."
    )
    lines.append(
        f"Palace coups without entry: {100.0 * attempts / years:.1f} attempts in a hundred years, {coups} of "
        f"{attempts} succeed (aim of the design: 1 to 4, about 30 %; personalist regimes 1990-2010: 6.0, 30 %)."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
