"""Which worlds fit what was seen of a country, and which numbers does it teach us?

A pilot by Latin hypercube; then separate searches from parts of it, by differential evolution, until all their
worlds are within the tolerance; then every world walks on among those that fit, with fresh chance
(a Markov chain whose stationary law is the posterior of approximate Bayesian computation: the prior, where a
run fits). The tolerance was set before the first run and does not move. A run that has missed too much by a day
on which targets are known is not run on.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import contextlib
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pandas as pd

from agents.citizen.population import checked_size
from experiments.calibrate import check, words
from experiments.calibrate.search import ISLANDS, calibrate, together, worlds_table
from experiments.calibrate.trials import Fit
from experiments.evidence.targets import FOLDER as TARGETS
from experiments.evidence.targets import read_targets
from experiments.evidence.wave_2020 import EPISODE, HISTORY, by_date, is_wave_of_2020
from experiments.lab.command import OneLine, Refused, option, shared_options
from experiments.lab.outputs import GALLERY, whole
from experiments.lab.runner import Run
from experiments.lab.statistics import worth
from experiments.lab.study import Study, live, publish
from model import worlds
from model.episode import FOLDER, Episode, load_episode
from model.parameters import Parameters

EXAMPLES = """\b
Examples:
  python -m experiments.calibrate                    four runs, the whole thing
  python -m experiments.calibrate --accept           and make its worlds the accepted ones
  python -m experiments.calibrate --draws 300 --size 60 --citizens 5000 --runs 1 --rounds 3
                                                     a trial: too little to fit, it says how near it comes
  python -m experiments.calibrate --seed 4 --runs 2 --beside model/data/fitted/belarus-2022/worlds.csv
                                                     two more runs, with the worlds of earlier ones
  python -m experiments.calibrate --episode my-country.toml --targets my-country.csv
  python -m experiments.calibrate --check            does the method find what is known? 50 invented histories"""

LOOKS = {EPISODE: (4, 15, 71, 99, 145), HISTORY: (4, 15, 71, 99, 145, 231, 569, 645)}
"""Days on which a run is looked at, where not on every day on which a target is known. Only time hangs on it."""


def fit_of(name: str, targets: str | None, **options: int) -> Fit:
    """Return what is asked for: an episode by name or file, its targets, and the options of the search.

    Raises:
        Refused: if there are no targets.
        TableError: if they cannot be used.
    """
    episode = load_episode(name)
    checked_size(options["n_citizens"], episode)
    own = TARGETS / f"{episode.name}.csv"
    if targets is None and not own.is_file():
        raise Refused(f'no targets of {episode.name}: give --targets FILE.csv (README, "Fit a country of your own")')
    read = read_targets(targets or own, episode)
    known = tuple(sorted({target.known_on for target in read}))
    stages = known if targets else LOOKS.get(episode.name, known)
    return Fit(episode=episode, targets=read, stages=stages, also=by_date(episode), **options)


def accepting(name: str, episode: Episode) -> Path:
    """Return the folder of the worlds fitted to an episode.

    Raises:
        Refused: if another episode's worlds would be overwritten.
    """
    if episode.fitted not in ("", episode.name):
        raise Refused(f"{episode.name} uses the worlds of {episode.fitted}: without fitted = ... in it, it has its own")
    here = FOLDER / f"{episode.name}.toml"
    if name.lower().endswith(".toml") and here.is_file() and not here.samefile(name):
        raise Refused(f"{name} has the name of an episode that is here: give the file another name to --accept its fit")
    return worlds.fitted_folder(episode)


def fresh(fit: Fit, table: Path, n: int, seed: int, without: tuple[str, ...] = ()) -> list[Run]:
    """Return fresh runs of n draws, as every other experiment draws them, with some claims switched off."""
    return [
        Run(
            episode=fit.episode, parameters=world.parameters, arm="stay", seed=world.seed, n_citizens=fit.n_citizens,
            labels={"draw": world.number, "without": "+".join(without) or "nothing"},
        )
        for world in worlds.draw(n, seed, table, Parameters().switch_off(*without))
    ]  # fmt: skip


@click.command(cls=OneLine, epilog=EXAMPLES)
@option("--episode", "name", default=HISTORY)
@option("--targets", help="What was seen of it: a CSV file [default: experiments/evidence/targets/EPISODE.csv].")
@option("--draws", default=900, least=2 * ISLANDS, help="Pilot's draws.")
@option("--size", default=80, least=2 * ISLANDS, help="Worlds in a run.")
@option("--runs", default=4, help="Independent runs: their worlds are pooled, and compared.")
@option("--rounds", default=400, help="Most rounds of a search.")
@shared_options("results/calibrate", citizens=20_000)
@option("--together", "onward", default=0, help="Steps that the worlds of all runs walk on together.")
@click.option("--accept", is_flag=True, help="Make these the episode's accepted worlds (model/data/fitted/).")
@click.option("--check", "checks", is_flag=True, help="Fit histories of known numbers instead: is the method right?")
@option("--known", default=50, help="How many, with --check.")
@option(
    "--beside", multiple=True, help="Worlds of earlier runs: those that fit when lived again join; may be repeated."
)
def main(
    name: str, targets: str | None, draws: int, size: int, n_citizens: int, seed: int, runs: int, rounds: int,
    workers: int | None, results: str, onward: int, accept: bool, checks: bool, known: int, beside: tuple[Path, ...],
) -> None:  # fmt: skip
    """Find the worlds that fit what was seen of an episode, and say what it teaches."""
    options = {
        key: value for key, value in click.get_current_context().params.items() if key not in ("workers", "results")
    }
    fit = fit_of(name, targets, n_citizens=n_citizens, draws=draws, size=size, rounds=rounds)
    accepted = accepting(name, fit.episode) if accept else None
    study = Study(
        question="calibrate", results=results, options=options, workers=workers, stem="calibration",
        spec={"experiment": "calibrate", **fit.rests_on()},
    )  # fmt: skip
    if checks:
        told = check.check(fit, seed, known, study)
        of = dataclasses.replace(study, stem="check")
        publish(of, verdict=check.verdict(told), record=told)
        if accepted:
            with whole(accepted / check.FILE) as half:
                half.write_bytes((study.folder / check.FILE).read_bytes())
            click.echo(f"Accepted into {accepted}")
        return
    worlds.calibration_of(study.folder / "worlds.csv")  # refused now, not when the worlds are drawn
    if not runs and not beside:
        raise Refused("runs = 0 finds nothing; expected 1 or more, or --beside with worlds of earlier runs")
    numbers = range(seed, seed + runs)
    kept = pd.concat([earlier_worlds(file) for file in beside], ignore_index=True) if beside else None
    tables, again = earlier(fit, kept, numbers, study) if kept is not None else ({}, None)
    searched = {number: calibrate(fit, number, study) for number in numbers}
    tables |= {number: worlds_table(found) for number, (found, _) in searched.items()}
    before = [one for file in beside for one in (worlds.calibration_of(file) or {}).get("log", [])]
    log = [*before, *(log for _, log in searched.values())]
    if onward:
        tables, walked = together(fit, tables, seed, onward, study)
        log.append(walked)
    tell(fit, study, tables, log, again, onward)
    if accepted:
        keep(study.folder, accepted, name, fit.episode)


def earlier_worlds(file: Path) -> pd.DataFrame:
    """Return the worlds of earlier runs.

    Raises:
        Refused: if the table does not say which run found a world, and with which seed.
        WorldsError: if it cannot be used.
    """
    table = worlds.accepted(file)
    if missing := [name for name in (worlds.SEED, worlds.RUN) if name not in table]:
        raise Refused(f"{file} has no column {missing[0]}: its worlds cannot be lived again as runs of their own")
    return table.assign(file=str(file))


def earlier(
    fit: Fit, table: pd.DataFrame, taken: range, study: Study
) -> tuple[dict[int, pd.DataFrame], dict[str, int]]:
    """Live the worlds of earlier runs again, by the model as it is now; return those that fit, by run.

    Args:
        fit: what they are held against.
        table: accepted worlds with the columns ``seed``, ``run`` and ``file``.
        taken: the numbers of the runs that are made now.
        study: the command's run.

    Returns:
        The tables, and how many were lived and how many fit.

    Raises:
        Refused: if a run's number stands there twice.
    """
    numbers = table.drop_duplicates([worlds.RUN, "file"])[worlds.RUN].astype(int)
    if both := sorted({*numbers[numbers.duplicated()], *set(numbers) & set(taken)}):
        [file, *_] = table.loc[table[worlds.RUN] == both[0], "file"]
        raise Refused(f"run {both[0]} is in {file} already: give another --seed (say, {numbers.max() + 1})")
    table = table.drop(columns="file")
    runs = [
        Run(
            episode=fit.episode, parameters=worlds.parameters_of(row), arm="stay", seed=int(row[worlds.SEED]),
            n_citizens=fit.n_citizens, asked={"farthest": fit.tolerance}, labels={"earlier": number},
        )
        for number, row in table.iterrows()
    ]  # fmt: skip
    rows = live(study, runs, fit.attempt, description="worlds of earlier runs").set_index("earlier")
    lived = table.assign(distance=rows["distance"].astype(float)).dropna(subset="distance")
    fits = lived[lived["distance"] <= fit.tolerance]
    tables = {int(number): some.drop(columns=worlds.RUN) for number, some in fits.groupby(worlds.RUN)}
    return tables, {"lived": len(table), "fit": len(fits)}


def tell(
    fit: Fit,
    study: Study,
    tables: Mapping[int, pd.DataFrame],
    log: list[Any],
    again: dict[str, int] | None,
    onward: int,
) -> None:
    """Write the worlds that were found, live them afresh, and say what they teach.

    Args:
        fit: what was fitted.
        study: the command's run.
        tables: the worlds of each run of the fit, by its number.
        log: what each run says of its stages.
        again: how many worlds of earlier runs were lived again, and how many of them fit.
        onward: how many steps the worlds of all runs walked on together.
    """
    file, seed = study.folder / "worlds.csv", min(tables)
    numbered = [table.assign(run=number) for number, table in tables.items()]
    table = pd.concat(numbered, ignore_index=True).sort_values("distance", kind="stable", ignore_index=True)
    with whole(file) as half:
        table.to_csv(half, index=False)

    def lived(*without: str) -> pd.DataFrame:
        asked = fresh(fit, file, len(table), seed, without)
        rows = live(study, asked, fit.predict, description=f"fresh runs without {'+'.join(without) or 'nothing'}")
        shown = ["distance", *(target.name for target in fit.targets)]  # none, where he falls in every run
        return rows.reindex(columns=rows.columns.union(shown, sort=False))

    rows = lived()
    if rows["distance"].isna().all():
        raise click.ClickException(
            "in no fresh run of the worlds that fit is he still there when the last target is known"
        )
    banded = words.bands(fit.targets, rows)
    record: dict[str, Any] = {
        "episode": {"name": fit.episode.name, "title": fit.episode.title, "end_date": str(fit.episode.end_date)},
        "targets": banded,
        "tolerance": fit.tolerance,
        "ess": [worth(table["weight"].to_numpy()) for table in tables.values()],
        "worlds": len(table),
        "earlier": again,
        "together": onward,
        "distance": {"median": float(rows["distance"].median()), "best": float(table["distance"].min())},
        "fresh_runs": {
            "n": len(rows),
            "survived": float((rows["ending"] == "survived").mean()),
            "within_tolerance": float((rows["distance"] <= fit.tolerance).mean()),
            "beyond_control_some_day": float((rows["uncontrolled_days"] > 0).mean()),
        },
        "contraction": words.contraction(table).round(3).to_dict(),
        "gelman_rubin": words.disagreement(list(tables.values())).round(3).to_dict(),
        "without": {claim: words.ablation(fit, rows, lived(switch)) for claim, switch in words.CLAIMS.items()},
        "log": log,
        "fingerprint": worlds.fingerprint(fit.episode),
    }

    def draw(path: Path, whole: Any) -> None:
        from experiments.calibrate import figure  # slow to import, and the workers draw nothing

        if is_wave_of_2020(fit.episode):
            figure.draw_wave(fit, rows, banded, path, whole)
        else:
            figure.draw_targets(fit, banded, path, whole)

    publish(study, tables={file.name: table}, verdict=words.verdict(record), record=record, figure=draw)


def keep(results: Path, accepted: Path, name: str, episode: Episode) -> None:
    """Make the worlds in a folder of results those that an episode uses."""
    accepted.mkdir(parents=True, exist_ok=True)
    copies = {accepted / file: results / file for file in ("worlds.csv", "calibration.json")}
    if name.lower().endswith(".toml"):  # so that the fingerprint can be held against the model's later
        copies[accepted / f"{episode.name}.toml"] = Path(name)
    if is_wave_of_2020(episode):
        copies[GALLERY / "calibration.png"] = results / "calibration.png"
    with contextlib.ExitStack() as all_or_none:
        for place, file in copies.items():
            half = all_or_none.enter_context(whole(place))
            half.write_bytes(file.read_bytes())
    click.echo(f"Accepted into {accepted}")


if __name__ == "__main__":
    main()
