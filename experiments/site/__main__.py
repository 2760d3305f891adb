"""What can a reader be sent? One page that opens from disk: the twins of a history, day by day, and what is usual.

Draws of accepted histories are lived twice, with the same dice: in one he stays out, in the other he enters. The page
has a guess first, the model's answer, a replay of one history and its twin with a slider, bands over all histories, and
what is not known. It needs no server and no network.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

from pathlib import Path

import click
import pandas as pd

from experiments.evidence.gates import gates_beside
from experiments.evidence.standing import standing_beside
from experiments.lab.command import OneLine, option, shared_options
from experiments.lab.plan import episode_with_entry
from experiments.lab.runner import source_hash
from experiments.lab.store import provenance
from experiments.lab.study import Study, live, publish
from experiments.lab.tasks import world_of
from experiments.show.words import fold
from experiments.site.findings import ARMS, Story, plan_of, story_of, told
from experiments.site.page import all_words, how, page, sentence, why_this
from model.episode import load_episode
from model.outcomes import FALLS, Ending
from model.worlds import draw, file_of, origin

PAGE = "tightrope.html"
EXAMPLES = """\b
Examples:
  python -m experiments.site
  python -m experiments.site --worlds 200 --results results/site-200
  python -m experiments.site --episode my-country.toml --worlds 20 --citizens 2000"""


def verdict(story: Story) -> str:
    """Return what the page says, for a terminal."""
    ends = [f"IF {'HE ENTERS' if arm == 'enter' else 'HE STAYS'}: {how(story, arm)}." for arm in ARMS]
    words = [
        sentence(story),
        *([all_words(story.standing)] if story.standing else []),
        f"TOLD is history {story.worlds[story.chosen]}. {why_this(story)}",
        *ends,
    ]
    return "\n\n".join(map(fold, words))


def table_of(story: Story) -> pd.DataFrame:
    """Return the chance of each ending in both arms, with its interval."""
    rows = []
    for arm in ARMS:
        for ending in (*map(str, FALLS), str(Ending.SURVIVED), None):
            chance = story.chance(arm, ending)
            rows.append((arm, ending or "fall", len(story.worlds), chance.value, chance.low, chance.high))
    return pd.DataFrame(rows, columns=["arm", "ending", "histories", "share", "low", "high"])


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@option("--worlds", "n_worlds", default=50, help="Histories, each lived twice.")
@option("--episode", default="belarus-2022")
@option("--accepted")
@shared_options("results/site")
def main(
    n_worlds: int, episode: str, accepted: str | None, n_citizens: int, seed: int, workers: int | None, results: str
) -> None:
    """Live the twins, and write the page (see the top of this file)."""
    whole = episode_with_entry(episode)
    file = Path(accepted) if accepted else file_of(whole)
    runs = plan_of(draw(n_worlds, seed, file), whole, n_citizens)
    world_of(runs[0])  # what cannot be built is refused now, and not run by run
    asked = {"episode": whole.name, "worlds": n_worlds, "seed": seed, "citizens": n_citizens}
    study = Study(question="site", results=results, options=asked, workers=workers)
    stands = standing_beside(file) if file else None
    story = story_of(
        live(study, runs, told, description="the twins"),
        whole,
        origin(file).words,
        gates_beside(file) if file else None,
        stands if stands and file and not stands.changed(file, load_episode(episode)) else None,
    )
    about = provenance() | {"source": source_hash()}
    publish(
        study,
        tables={"site.csv": table_of(story)},
        verdict=verdict(story),
        record={"worlds": story.origin, "told": story.worlds[story.chosen]},
        files={PAGE: lambda half: half.write_text(page(story, about), encoding="utf-8")},
    )


if __name__ == "__main__":
    main()
