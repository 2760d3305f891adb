"""Where do the falls lie: among which numbers, and how far does a sentence about them hold in a fresh sample?

Accepted histories enter the war, each with the numbers that a fit has found and those that none can inform. From these
runs a model learns the chance to fall, is asked at 20,000 points that nobody has lived, and boxes are sought in which
its chance is large (PRIM). Each box is said in a sentence, with coverage and density, and counted in fresh runs.

Falls are rare in the accepted histories as they are. So how much more entry angers than lending the land did, which
nothing observed informs, is drawn from far below to far above its prior (up to ``--beyond``).
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import pandas as pd

from agents.citizen.population import checked_size
from experiments.discover.findings import findings_of
from experiments.discover.words import FRONT, verdict
from experiments.evidence.gates import gates_beside
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.design import DesignError
from experiments.lab.plan import BEYOND, episode_with_entry
from experiments.lab.runner import Run
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import run_summary
from experiments.show.words import FALL, happened
from model.episode import FRONTS, Episode
from model.parameters import DECLARED
from model.simulation import Arm
from model.worlds import NOTES, World, accepted, draw, file_of, free, origin, spread

EXAMPLES = """\b
Examples:
  python -m experiments.discover
  python -m experiments.discover --worlds 100 --fresh 50 --citizens 2000      a first look, in a minute"""
POINTS = 20_000
"""Points at which the model of the chance is asked."""
LEARNT, FRESH = "learnt", "fresh"
APART = 10**9 + 1
"""How far the seed of the fresh sample stands from that of the other: further than any seed that can be asked for."""


def shocks(n: int, beyond: float, seed: int) -> np.ndarray:
    """Return how shocking entry is in n worlds: every ratio from the prior's lower end up to a largest as likely.

    >>> shocks(2, 8.0, 0).min() >= 0.5 and shocks(2, 8.0, 0).max() <= 8.0
    np.True_
    """
    low = DECLARED[BEYOND].metadata["low"]
    dice = np.random.default_rng(np.random.SeedSequence([seed, 8]))
    return low * (beyond / low) ** ((dice.permutation(n) + dice.random(n)) / n)


def worlds_of(n: int, beyond: float, seed: int, file: Path | None) -> list[tuple[World, float]]:
    """Return n accepted histories, each with how shocking its entry is."""
    return list(zip(draw(n, seed, file), shocks(n, beyond, seed).tolist(), strict=True))


def runs_of(worlds: Sequence[tuple[World, float]], episode: Episode, n_citizens: int, sample: str) -> Iterator[Run]:
    """Yield a run of each world, which enters."""
    for world, shock in worlds:
        yield Run(
            episode=episode.replace(entry_front=world.front), parameters=world.parameters.replace({BEYOND: shock}),
            arm=str(Arm.ENTER), seed=world.seed, history=world.history, n_citizens=n_citizens,
            labels={"world": world.number, "sample": sample},
        )  # fmt: skip


def numbers_of(worlds: Sequence[tuple[World, float]], names: Sequence[str]) -> pd.DataFrame:
    """Return the numbers of worlds, and the course of their front, a row each."""
    rows = []
    for world, shock in worlds:
        flat = world.parameters.flat() | {BEYOND: shock}
        rows.append({name: flat[name] for name in names} | {f"{FRONT}{f}": float(f == world.front) for f in FRONTS})
    return pd.DataFrame(rows)


def points_of(n: int, beyond: float, seed: int, file: Path | None) -> pd.DataFrame:
    """Return n points as worlds are drawn, without their people: an accepted row by weight, the rest from its range."""
    dice = np.random.default_rng(np.random.SeedSequence([seed, 20]))
    table = pd.DataFrame(index=range(n))
    if file is not None:
        known = accepted(file)
        weight = known["weight"].to_numpy()
        rows = dice.choice(len(known), size=n, p=weight / weight.sum())
        names = [name for name in known.columns if name not in NOTES and name in DECLARED]
        table = known[names].iloc[rows].reset_index(drop=True)
    more = {name: spread(name, dice.random(n)) for name in free() if name not in table}
    fronts = dice.integers(0, len(FRONTS), n)
    more |= {f"{FRONT}{front}": (fronts == place).astype(float) for place, front in enumerate(FRONTS)}
    more[BEYOND] = dice.permutation(shocks(n, beyond, seed))
    return pd.concat([table.drop(columns=[name for name in more if name in table]), pd.DataFrame(more)], axis=1)


def ended(rows: pd.DataFrame, numbers: pd.DataFrame, sample: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the numbers of the runs of a sample that came to their end, and whether he fell."""
    own = rows[rows["sample"] == sample].sort_values("world", kind="stable")
    return numbers.iloc[own["world"].to_numpy(int)].reset_index(drop=True), happened(own["ending"], FALL)


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=1_200, least=2, help="Draws to learn from.")
@option("--fresh", "n_fresh", default=500, help="Draws that only judge.")
@option("--episode", default="belarus-2022")
@option("--accepted", "accepted_file")
@option("--beyond", default=8.0, help="The largest shock of an entry that is drawn.")
@option("--gallery")
@shared_options("results/discover")
def main(
    n_worlds: int, n_fresh: int, episode: str, accepted_file: str | None, beyond: float, gallery: bool,
    n_citizens: int, seed: int, workers: int | None, results: str,
) -> None:  # fmt: skip
    """Let many worlds enter, and say where those lie that fall (see the top of this file)."""
    whole = episode_with_entry(episode)
    if beyond <= (low := DECLARED[BEYOND].metadata["low"]):
        raise DesignError(f"--beyond {beyond:g}; expected more than {low:g}, where the draws begin")
    checked_size(n_citizens, whole)
    file = Path(accepted_file) if accepted_file else file_of(whole)
    points = points_of(POINTS, beyond, seed, file)
    names = [name for name in points.columns if not name.startswith(FRONT)]
    samples = {
        LEARNT: worlds_of(n_worlds, beyond, seed, file),
        FRESH: worlds_of(n_fresh, beyond, seed + APART, file),
    }
    asked = {"episode": whole.name, "worlds": n_worlds, "fresh": n_fresh, "seed": seed, "citizens": n_citizens}
    study = Study(question="discover", results=results, options=asked | {"beyond": beyond}, workers=workers)
    runs = [run for sample, worlds in samples.items() for run in runs_of(worlds, whole, n_citizens, sample)]
    rows = live(study, runs, run_summary)
    learnt, fresh = (ended(rows, numbers_of(worlds, names), sample) for sample, worlds in samples.items())
    result = findings_of(
        learnt, fresh, points, episode=whole, origin=origin(file), beyond=beyond, seed=seed,
        gates=gates_beside(file) if file else None,
    )  # fmt: skip
    table = result.table()
    from experiments.discover.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"discover.csv": table, "runs.csv": rows},
        verdict=verdict(result),
        record={"worlds": result.origin.words, "area": result.area, "boxes": table.to_dict("records")},
        figure=lambda path, record: draw_figure(result, path, record),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
