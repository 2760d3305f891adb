"""Which dated, measurable things does the model foretell, so that it can be judged when their day has come?

Every accepted history is lived from the eve of the episode in three arms with the same dice: he decides, he stays, he
enters. Each answers dated questions: has he entered, is he out of office, was the street fuller than a mark, how many
were detained. Whether he enters is asked where he decides himself; what is asked where he stays or enters has its
condition in its name. The samples of all worlds are written into locked.json with the commit, the model's fingerprint
and the hash of the file's own contents, and never written over; ``python -m experiments.score`` judges them.

What the worlds know ends on the eve of the episode. Of days that had passed when the file was locked it is a hindcast.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd

from agents.citizen.population import checked_size
from experiments.evidence.gates import confidence_words, gates_beside
from experiments.forecast.findings import GIVEN, Findings, findings_of, horizons_of, lived, origin_date
from experiments.forecast.words import verdict
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.locked import LockedError, hubverse, locked, read_locked
from experiments.lab.outputs import in_json
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import Run, source_hash
from experiments.lab.store import provenance
from experiments.lab.study import Study, live, of_whole_worlds, publish
from model.episode import Episode
from model.worlds import World, draw, file_of, fingerprint, origin

EXAMPLES = """\b
Examples:
  python -m experiments.forecast
  python -m experiments.forecast --worlds 30 --citizens 2000      a first look, in half a minute
  python -m experiments.forecast --episode my-country.toml --results results/mine"""
LOCKED = "locked.json"
WHEN = ("locked", "sha256", "commit")
"""What differs when the same forecast is made again."""


def runs_of(worlds: Sequence[World], episode: Episode, n_citizens: int) -> Iterator[Run]:
    """Yield every run: each world in each arm, with its dice."""
    by = " ".join(map(str, horizons_of(episode.days)))
    for world in worlds:
        for arm in GIVEN:
            yield Run(
                episode=episode.replace(entry_front=world.front), parameters=world.parameters, arm=str(arm),
                seed=world.seed, history=world.history, n_citizens=n_citizens, labels={"world": world.number},
                asked={"by": by},
            )  # fmt: skip


def record_of(result: Findings, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is locked: questions with samples, and where they are from."""
    told = provenance()
    return locked(
        {
            "locked": told["date"],
            "commit": told["commit"],
            "source": source_hash(),
            "fingerprint": fingerprint(result.episode),
            "origin_date": origin_date(result.episode).isoformat(),
            "location": result.episode.country,
            "fitted": result.origin.words,
            "confidence": confidence_words(result.gates),
            "options": dict(options),
            "worlds": list(result.worlds),
            "questions": [dict(question) for question in result.questions],
        }
    )


def kept(path: Path, record: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the forecast that is locked already, if it is this one; None if there is none.

    Raises:
        LockedError: if it is another: a locked forecast is never written over.
    """
    if not path.exists():
        return None
    held = read_locked(path)
    other = held.get("options") != dict(options)
    if record is not None:
        other = any(held.get(name) != record[name] for name in record if name not in WHEN)
    if other:
        raise LockedError(f"{path} holds another forecast, which stays locked: give another place with --results")
    return held


def to_resolve(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return the questions as a table in which what happened can be filled in."""
    names = ("target", "by", "unit", "words")
    return pd.DataFrame([{name: q[name] for name in names} | {"value": ""} for q in record["questions"]])


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=300, help="Draws of the accepted histories.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@option("--gallery")
@shared_options("results/forecast")
def main(
    n_worlds: int, episode: str, accepted: str | None, gallery: bool, n_citizens: int, seed: int, workers: int | None,
    results: str,
) -> None:  # fmt: skip
    """Live every world in every arm, and lock what they answer (see the top of this file)."""
    whole = episode_with_entry(episode)
    checked_size(n_citizens, whole)
    file = Path(accepted) if accepted else file_of(whole)
    worlds = draw(n_worlds, seed, file)
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens}
    place = Path(results) / LOCKED
    kept(place, None, asked)
    study = Study(question="forecast", results=results, options=asked, workers=workers)
    rows = live(study, runs_of(worlds, whole, n_citizens), lived, total=n_worlds * len(GIVEN))
    gates = gates_beside(file) if file else None
    result = findings_of(of_whole_worlds(rows, len(GIVEN)), whole, origin(file), gates)
    record = record_of(result, asked)
    record = kept(place, record, asked) or record
    from experiments.forecast.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        study,
        tables={"questions.csv": to_resolve(record), "runs.csv": rows},
        files={
            LOCKED: lambda half: half.write_text(in_json(record), encoding="utf-8"),
            "samples.parquet": lambda half: hubverse(record).to_parquet(half, index=False, engine="pyarrow"),
        },
        verdict=verdict(result, record),
        record={"worlds": result.origin.words, "locked": record["locked"], "sha256": record["sha256"]},
        figure=lambda path, told: draw_figure(result, path, told),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
