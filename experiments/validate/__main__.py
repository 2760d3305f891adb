"""Does the fitted model pass the gates that were stated before the fit, and what does it predict beyond the fit?

The gates are facts and plausibility, never an ending: size, the crowds of 2020, the calls of March 2021, February
2022, Moscow's rescue, crowds after entry, what breaks the forces, the fit and its method. Then come facts that no
history was fitted to: Moscow's loan, units that did not refuse, volunteers, the year of war without entry.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import dataclasses

import click
import pandas as pd

from agents.citizen.population import checked_size
from experiments.evidence import targets as evidence
from experiments.evidence.gates import FILE, gates_table
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.outputs import whole
from experiments.lab.plan import BEYOND
from experiments.lab.runner import Run, Task
from experiments.lab.study import Study, live, publish
from experiments.validate.findings import Lived, facts_table, gates, share_fallen
from experiments.validate.lives import EPISODE, after_entry, larger, live_afresh, look_back
from experiments.validate.words import verdict
from model.episode import Episode, load_episode
from model.worlds import World, calibration_of, check_of, draw, file_of

EXAMPLES = """\b
Examples:
  python -m experiments.validate
  python -m experiments.validate --worlds 50 --citizens 5000"""
TIMES, SOME = 16, 20
"""How many times as large, and in how many worlds, the country is for the gate of size."""
SHOCKS, NEAR = (2.0, 4.0, 8.0), 60
"""How shocking an entry is tried [multiples of r], and in how many worlds, for one after which about half fall."""
TOLERANCE = 1.4
"""Within so many errors a history fits, where no calibration says otherwise."""


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=200, help="Draws of the accepted histories.")
@shared_options("results/validate")
@click.option("--accept", is_flag=True, help="Put the gates beside the accepted worlds: verdicts tell them.")
def main(n_worlds: int, n_citizens: int, seed: int, workers: int | None, results: str, accept: bool) -> None:
    """Put the accepted histories before the gates (see the top of this file)."""
    country = load_episode(EPISODE)
    checked_size(n_citizens, country)
    study = Study(
        question="validate", results=results, workers=workers,
        options={"worlds": n_worlds, "n_citizens": n_citizens, "seed": seed},
    )  # fmt: skip
    file = file_of(country)
    record = calibration_of(file) if file else None
    drawn = draw(n_worlds, seed, file)

    def lived(
        what: str, task: Task, worlds: list[World], place: Episode, arm: str, *, anew: bool = False
    ) -> pd.DataFrame:
        asked = [
            Run(
                episode=place.replace(entry_front=world.front), parameters=world.parameters, arm=arm, seed=world.seed,
                history=None if anew else world.history, n_citizens=n_citizens,
                labels={"world": world.number, "run": world.run, "what": what},
            )
            for world in worlds
        ]  # fmt: skip
        return live(study, asked, task, description=what).set_index("world")

    some = {beyond: [_with(world, {BEYOND: beyond}) for world in drawn[:NEAR]] for beyond in SHOCKS}
    shocked = {
        beyond: lived(f"entry {beyond:g} times as shocking", after_entry, worlds, country, "enter")
        for beyond, worlds in some.items()
    }
    line = min(SHOCKS, key=lambda beyond: abs(share_fallen(shocked[beyond]) - 0.5))
    drift = "security.loyalty_drift"
    weaker = [_with(world, {drift: world.parameters.flat()[drift] - 1.0}) for world in some[line]]
    runs = Lived(
        kept=lived("accepted histories", look_back, drawn, country, "stay"),
        entered=lived("entry", after_entry, drawn, country, "enter"),
        near=shocked[line],
        less_loyal=lived("the same, less loyal", after_entry, weaker, country, "enter"),
        larger=lived("entry, larger", after_entry, drawn[:SOME], larger(country, TIMES), "enter"),
        fresh=lived("fresh lives", live_afresh, drawn, country, "stay", anew=True),
    )
    targets = evidence.read_targets(evidence.FOLDER / f"{EPISODE}.csv", country)
    tolerance = float(record["tolerance"]) if record else TOLERANCE
    tried = gates(runs, targets, tolerance, record, check_of(file) if file else None, line)
    table = facts_table(runs.kept)
    publish(
        study,
        tables={FILE: gates_table(tried), "validate.csv": table},
        verdict=verdict(tried, table, runs.kept),
        record={"seed": seed, "worlds": n_worlds, "gates": [dataclasses.asdict(gate) for gate in tried]},
    )
    if accept and file:
        with whole(file.with_name(FILE)) as half:
            gates_table(tried).to_csv(half, index=False)
        click.echo(f"Accepted into {file.parent}")


def _with(world: World, numbers: dict[str, float]) -> World:
    """Return the same world with other numbers from the eve on."""
    return dataclasses.replace(world, parameters=world.parameters.replace(numbers))


if __name__ == "__main__":
    main()
