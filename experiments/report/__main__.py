"""What does the model say, all in all? Asks every question on a small budget and writes one page to send on.

The page is one file of HTML: pictures inside, no script, light and dark, made for A4, too. The answer comes first, then
what it rests on, then what is not known. A question that cannot be answered is named on the page, with its reason.
Each keeps its runs in a folder of its own, so that a report that was stopped goes on where it was.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import subprocess
import sys
from pathlib import Path

import click

from experiments.lab.command import OneLine, cite_option, option
from experiments.lab.outputs import whole
from experiments.lab.store import provenance, results_folder
from experiments.report.page import Told, page
from experiments.report.parts import ANSWER, EVIDENCE, Part

EXAMPLES = """\b
Examples:
  python -m experiments.report
  python -m experiments.report --only war_entry --only validate
  python -m experiments.report --seed 1 --results results/report-1"""
PAGE = "report.html"
PARTS = (*ANSWER, *EVIDENCE)


def asked(part: Part, folder: Path, seed: int, workers: int | None) -> str:
    """Ask a question as a command of its own; return why it failed, or nothing.

    Its progress is shown; its words are kept for the page.
    """
    command = [sys.executable, "-m", f"experiments.{part.name}", *part.arguments, "--results", str(folder)]
    command += ["--seed", str(seed)] + (["--workers", str(workers)] if workers else [])
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode in (130, -2):
        raise KeyboardInterrupt
    words, _, record = part.files()  # a question may draw no figure
    missing = [name for name in (words, record) if not (folder / name).is_file()]
    if done.returncode:
        return f"its command ended with code {done.returncode}; give it by itself to see why"
    return f"it left no {missing[0]}" if missing else ""


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([part.name for part in PARTS]),
    metavar="QUESTION",
    help=f"This question, of {', '.join(part.name for part in PARTS)}; may be given again [default: all].",
)
@option("--seed", default=0)
@option("--results", default="results/report")
@option("--workers")
@cite_option("report")
def main(only: tuple[str, ...], seed: int, results: str, workers: int | None) -> None:
    """Ask all questions on a small budget, and write the page (see the top of this file)."""
    folder = Path(results)
    results_folder(folder)
    told = {}
    parts = [part for part in PARTS if not only or part.name in only]
    for number, part in enumerate(parts, 1):
        click.echo(f"{number} of {len(parts)}: {part.heading}", err=True)
        own = folder / part.name
        told[part.name] = Told.of(part, own, asked(part, own, seed, workers))
    answer, evidence = ([told[part.name] for part in some if part.name in told] for some in (ANSWER, EVIDENCE))
    with whole(folder / PAGE) as half:
        half.write_text(page(answer, evidence, provenance()), encoding="utf-8")
    click.echo(f"Written to {folder / PAGE}")
    failed = [one.part.name for one in told.values() if one.failure]
    if failed:
        raise click.ClickException(f"the page is there, without {', '.join(failed)}: {told[failed[0]].failure}")


if __name__ == "__main__":
    main()
