"""At which losses does entry tip the country into an uprising, and what moves that line?

Claim C6 says that entering might spark an uprising. Here he enters in every run, over the accepted worlds, and
what each 1,000 of the men sent lose a week is the same in every week after entry: one number, from next to
nothing to far beyond any army's. The front stands still, so that nothing else changes losses or Moscow's need.

One draw of a world lives several times, with the same dice: entry with all else as drawn; then with another
loyalty of the forces, another support of the patron on the first day, another grip on the media, other troops, each
in place of what the world has; and once he stays. The patron's support is what he has given on the first day:
from then on it follows its own rule (C15), and may raise or drop it. A smooth chance is fitted to each panel
(logistic, with curvature and interaction) and held against the runs in bins; its
uncertainty is a bootstrap over the accepted worlds.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.stats import qmc

from agents.citizen.population import checked_size
from agents.security import willingness
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.design import apply
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import run_summary
from experiments.tipping_line.figure import draw_figure
from experiments.tipping_line.findings import (
    BLOCKS,
    GRIP,
    LOSS,
    LOYALTY,
    findings_of,
    informed_numbers,
    seen,
    troops_of,
)
from experiments.tipping_line.words import verdict
from model.episode import SUPPORTS, Episode
from model.parameters import SWITCHES, Parameters
from model.simulation import Arm
from model.worlds import World, draw, file_of, origin

EXAMPLES = """\b
Examples:
  python -m experiments.tipping_line
  python -m experiments.tipping_line --worlds 100 --citizens 5000      a first look, in a minute
  python -m experiments.tipping_line --episode my-country.toml
  python -m experiments.tipping_line --without media_grip"""

DRAWS = 1_700


def points(n: int, seed: int, episode: Episode) -> pd.DataFrame:
    """Return where each draw of a world is looked at: a value of each axis, by a Latin hypercube.

    Levels are those that the plain entry does not have.

    >>> points(3, 0, episode_with_entry("belarus-2022"))["support"].sort_values().tolist()  # money is given
    [0, 1, 3]
    """
    dice = np.random.default_rng([seed, 6])
    ranks = qmc.LatinHypercube(5, rng=dice).random(n)
    assert episode.entry is not None
    troops = [sent for sent in troops_of(episode) if sent != episode.entry.troops] or [episode.entry.troops]
    others = [level for level, name in enumerate(SUPPORTS) if name != episode.start.support]
    return pd.DataFrame(
        {axis.key: axis.at(ranks[:, place]) for place, axis in enumerate((LOSS, LOYALTY, GRIP))}
        | {"support": _each(others, ranks[:, 3]), "troops": _each(troops, ranks[:, 4])}
    )


def _each(levels: Sequence[int], ranks: np.ndarray) -> np.ndarray:
    """Return one of some levels for each rank [0 to 1), all equally often."""
    return np.array(levels)[(ranks * len(levels)).astype(int)]


def runs_of(worlds: Sequence[World], places: pd.DataFrame, episode: Episode, n_citizens: int) -> Iterator[Run]:
    """Yield every run: each draw of a world, at its place, in each block, with the same dice."""
    codes = rows_of(worlds)
    for world, place, row in zip(worlds, places.to_dict("records"), codes, strict=True):
        for block in BLOCKS:
            yield _run(block, world, place, row, episode, n_citizens)


def rows_of(worlds: Sequence[World]) -> list[int]:
    """Return which accepted world each draw comes from (draws of one share what a fit informs), as a number.

    Where all share it (default numbers, fitted to nothing), each draw is a world of its own.
    """
    fitted = pd.Series([tuple(row) for row in informed_numbers(worlds).tolist()])
    codes = [int(code) for code in pd.factorize(fitted)[0]]
    return codes if any(codes) else list(range(len(worlds)))


def _run(block: str, world: World, place: Mapping[str, Any], row: int, episode: Episode, n_citizens: int) -> Run:
    """Return one run: a world with the losses of its place, and what its block changes."""
    own, losses = world.parameters, float(place["losses"])
    assert episode.entry is not None
    has = {
        "losses": losses,
        "loyalty": own.security.loyalty_drift,
        "support": SUPPORTS.index(episode.start.support),
        "grip": own.regime.media_grip,
        "troops": episode.entry.troops,
    }
    has |= {block: place[block]} if block in has else {}
    fields: dict[str, Any] = {
        "war.killed_first": losses,
        "war.killed_later": losses,
        "security.loyalty_drift": float(has["loyalty"]),
        "start.support": SUPPORTS[int(has["support"])],
        "regime.media_grip": float(has["grip"]),
        "entry.troops": int(has["troops"]),
    }
    episode, parameters = apply(tuple(fields), tuple(fields.values()), episode, own, front="stalemate")
    drawn = {"beyond": own.citizen.war_beyond, "r_c": own.citizen.loss_anger, "d_0": own.citizen.loss_half}
    return Run(
        episode=episode,
        parameters=parameters,
        arm=str(Arm.STAY if block == "stay" else Arm.ENTER),
        seed=world.seed,
        history=world.history,
        n_citizens=n_citizens,
        labels={"block": block, "draw": world.number, "accepted": row} | has | drawn,
    )


def willing(worlds: Sequence[World], drift: float) -> float:
    """Return the mean chance of a unit of mean loyalty, at rest, to think obeying right, at some drift of loyalty."""
    return float(
        np.mean(
            [willingness(world.parameters.security.obedience + drift, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for world in worlds]
        )
    )


@click.command(cls=OneLine, epilog=EXAMPLES, help=__doc__)
@option("--worlds", "n_worlds", default=DRAWS, least=10, help="Draws of worlds.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@click.option("--without", multiple=True, type=click.Choice(list(SWITCHES)), help="Turn a claim's mechanism off.")
@option("--gallery")
@shared_options("results/tipping_line")
def main(
    n_worlds: int, episode: str, accepted: str | None, without: tuple[str, ...], gallery: bool, seed: int,
    n_citizens: int, results: str, workers: int | None,
) -> None:  # fmt: skip
    """Carry out the sweep, and say where the line is."""
    whole = episode_with_entry(episode)
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    asked = {"episode": whole.name, "seed": seed, "citizens": n_citizens, "without": list(without)}
    study = Study(
        question="tipping_line", results=results, options={"worlds": n_worlds} | asked, workers=workers, spec={}
    )
    worlds = draw(n_worlds, seed, file, Parameters().switch_off(*without))
    total = n_worlds * len(BLOCKS)
    rows = live(study, runs_of(worlds, points(n_worlds, seed, whole), whole, n_citizens), run_summary, total=total)
    frame = seen(rows, whole)
    if frame.empty:
        raise click.ClickException("he fell before the day of entry in every run")
    result = findings_of(frame, worlds, whole, origin(file), progress=True)
    facts = {
        "worlds": n_worlds,
        "accepted": len(set(rows_of(worlds))),
        "runs": total,
        "failed": total - len(rows),
        "early": len(rows) - len(frame),
        "willing": [willing(worlds, drift) for drift in (LOYALTY.low, 0.0, LOYALTY.high)],
    }
    publish(
        study,
        tables={"runs.csv": frame, "lines.csv": result.lines, "bins.csv": result.bins},
        verdict=verdict(result, facts),
        record=asked | {"fitted": result.origin.words} | facts,
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
