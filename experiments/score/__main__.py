"""What was a locked forecast worth, now that some of its days have come?

FILE is the locked.json of ``python -m experiments.forecast``; the table of what happened is its questions.csv with the
column value filled in: 1 or 0 for yes or no, a number of people for a count, nothing where the day has not come or the
condition did not hold. A file that was changed after it was locked is refused. Each answer is judged beside the base
rate that was locked with the forecast.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import datetime as dt
from pathlib import Path

import click

from experiments.lab.command import File, OneLine, cite_option, option
from experiments.lab.locked import HASH, read_locked
from experiments.lab.study import Study, publish
from experiments.score.findings import answers, findings_of
from experiments.score.words import verdict

EXAMPLES = """\b
Examples:
  python -m experiments.score results/forecast/locked.json --resolved happened.csv"""


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@click.argument("file", type=File(path_type=Path, dir_okay=False))
@option("--resolved", required=True, help="What happened: target, by, value.")
@option("--results", default="results/score")
@cite_option("score")
@option("--gallery")
def main(file: Path, resolved: str, results: str, gallery: bool) -> None:
    """Judge a locked forecast by what happened (see the top of this file)."""
    record = read_locked(file)
    happened = answers(resolved, record, dt.date.today())
    result = findings_of(record, happened)
    asked = {"forecast": file.name, "resolved": Path(resolved).name}
    from experiments.score.figure import draw_figure  # slow to import, and the workers draw nothing

    publish(
        Study(question="score", results=results, options=asked),
        tables={"score.csv": result.table},
        verdict=verdict(result),
        record={HASH: record[HASH], "answers": len(result.table), "table": result.table.to_dict("records")},
        figure=lambda path, told: draw_figure(result, path, told),
        gallery=gallery,
    )


if __name__ == "__main__":
    main()
