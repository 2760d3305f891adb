"""One command's run: where its results go, what it lives, what it says of them. The ritual of every question.

A question is options, plan, ``live``, findings, ``publish``::

    study = Study(question="war_entry", results=results, options=options, workers=workers)
    rows = live(study, plan.runs(), lived)
    publish(study, tables={"war_entry.csv": table}, verdict=words, record={"findings": ...}, figure=draw)
"""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.lab.cores import cores
from experiments.lab.outputs import GALLERY, in_json, whole
from experiments.lab.runner import Engine, Run, Tally, Task, Watch, carry_out, key, source_hash
from experiments.lab.store import Store, provenance, results_folder

type Draw = Callable[[Path, Mapping[str, Any]], Any]
"""Draws a figure into a file; the record says where it comes from."""


def file_named(name: str, stem: str) -> str:
    """Return the name of a file of results, where one folder holds those of several commands under stems."""
    return f"{stem}{Path(name).suffix}" if stem else name


@dataclass(frozen=True, kw_only=True)
class Study:
    """What stands for one command's run.

    Args:
        question: its name, which is also that of the figure.
        results: the folder for results; it is made, or refused, at once.
        options: what the command was asked, for the record.
        workers: processes; None for one a core.
        stem: what the files begin with, where one folder holds the results of several commands (``run``).
        file: the name of the store in the folder.
        spec: on what a store and the command must agree; None for the question's name alone.
        growing: which lists of the spec may grow from one command to the next.
    """

    question: str
    results: str | Path
    options: Mapping[str, Any] = field(default_factory=dict)
    workers: int | None = None
    stem: str = ""
    file: str = "runs.sqlite"
    spec: Mapping[str, Any] | None = None
    growing: Collection[str] = ()

    def __post_init__(self) -> None:
        results_folder(self.results)

    @property
    def folder(self) -> Path:
        """The folder for results."""
        return Path(self.results)

    @property
    def path(self) -> Path:
        """The file of the store."""
        return self.folder / self.file

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store, and refuse one that holds something else."""
        with Store(self.path) as store:
            store.agree({"experiment": self.question} if self.spec is None else self.spec, self.growing)
            yield store

    def named(self, name: str) -> str:
        """Return the name of a file of results: ``verdict.txt``, or with a stem ``STEM.txt``.

        >>> Study(question="size", results=getfixture("tmp_path")).named("record.json")
        'record.json'
        >>> Study(question="run", results=getfixture("tmp_path"), stem="belarus-2022-stay").named("record.json")
        'belarus-2022-stay.json'
        """
        return file_named(name, self.stem)


def live(
    study: Study,
    runs: Iterable[Run],
    task: Task,
    *,
    description: str = "",
    total: int | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Carry out the runs that the store does not hold yet; return a row for each that came to its end.

    Runs that failed are said, with how many and why; what they left in the store is tried again by the same command.

    Args:
        study: the command's run.
        runs: the runs; may be a generator.
        task: a function at the top of a module that carries out one run and returns its outcome by name.
        description: words before the bar; the question without them.
        total: how many runs there are, where ``len(runs)`` cannot tell.
        workers: processes, where they are others than the study's.

    Raises:
        click.ClickException: if no run came to its end.
    """
    asked: dict[str, set[frozenset[tuple[str, Any]]]] = {}

    def noted() -> Iterator[Run]:
        for run in runs:
            asked.setdefault(key(run, task), set()).add(frozenset(run.named().items()))
            yield run

    total = len(runs) if total is None and isinstance(runs, Sized) else total
    with study.store() as store:
        carried(study, store, noted(), task, description=description, total=total, workers=workers)
        held = store.results(set(asked))
    labels = set().union(*asked.values())
    names = {frozenset(name for name, _ in label) for label in labels}
    # One run may stand under the labels of several commands: only those of this one are its rows.
    rows = [row for row in held if any(frozenset((name, row.get(name)) for name in some) in labels for some in names)]
    return finished(pd.DataFrame(rows, columns=None if rows else ["status", "error"]))


def carried(
    study: Study,
    store: Store,
    runs: Iterable[Run | None],
    task: Task,
    *,
    description: str = "",
    total: int | Callable[[], int] | None = None,
    workers: int | None = None,
    engine: Engine | None = None,
    watch: Watch | None = None,
) -> Tally:
    """Carry out runs with the study's workers; for a question whose runs hang on one another, or go to a cluster."""
    return carry_out(
        runs, task, store, workers=cores(workers or study.workers), engine=engine, watch=watch,
        description=description or study.question, total=total,
    )  # fmt: skip


def finished(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of runs that came to their end, and say how many others failed, and why.

    Raises:
        click.ClickException: if there is none.
    """
    done = rows["status"] == "done"
    lost = rows[~done]
    if len(lost):
        again = "the same command tries them again"
        words = f"{len(lost):,} of {len(rows):,} runs failed, as in: {lost['error'].iloc[0]} ({again})"
        click.echo(" ".join(words.split()), err=True)
    if not done.any():
        raise click.ClickException("no run came to its end")
    return rows[done].reset_index(drop=True)


def of_whole_worlds(rows: pd.DataFrame, each: int) -> pd.DataFrame:
    """Return the runs of worlds of which all, so many, came to their end, by world: all is asked of the same worlds.

    Raises:
        click.ClickException: if there is no such world.
    """
    whole = rows.groupby("world").size() == each
    if not whole.any():
        raise click.ClickException("there is no world of which every run came to its end")
    return rows[rows["world"].isin(whole.index[whole])].sort_values("world", kind="stable")


def publish(
    study: Study,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    verdict: str = "",
    record: Mapping[str, Any] | None = None,
    figure: Draw | None = None,
    files: Mapping[str, Callable[[Path], Any]] | None = None,
    gallery: bool = False,
) -> dict[str, Any]:
    """Write the tables, the figure, the record and the verdict, say where they are, and print the verdict.

    Args:
        study: the command's run.
        tables: tables by the names of their files.
        verdict: what follows, in words.
        record: what the question adds to the record: what its result rests on, its findings.
        figure: draws the figure into a file.
        files: writes further files, by their names.
        gallery: whether to draw it into the README's gallery, too.

    Raises:
        click.ClickException: if they cannot be written.

    All files are written or none is, and a verdict that cannot be written is still printed.

    Returns:
        The record: where the results come from, the model's source, the options, and what the question added.
    """
    if not study.folder.is_dir():
        raise click.ClickException(f"{study.folder} was moved or deleted meanwhile: nothing could be written into it")
    told = {**provenance(), "source": source_hash(), "options": dict(study.options), **(record or {})}
    writers: dict[str, Callable[[Path], Any]] = dict(files or {})
    for name, table in (tables or {}).items():
        writers[name] = functools.partial(table.to_csv, index=False)
    if figure:
        writers[study.named(f"{study.question}.png")] = lambda half: figure(half, told)
    writers[study.named("record.json")] = lambda half: half.write_text(in_json(told), encoding="utf-8")
    if verdict:
        writers[study.named("verdict.txt")] = lambda half: half.write_text(verdict + "\n", encoding="utf-8")
    try:
        with contextlib.ExitStack() as all_or_none:  # so that a table and its record are of one run
            for name, write in writers.items():
                write(all_or_none.enter_context(whole(study.folder / name)))
        if figure and gallery:
            GALLERY.mkdir(exist_ok=True)
            with whole(GALLERY / f"{study.question}.png") as half:
                figure(half, told)
        click.echo(f"Written to {study.folder}: {', '.join(writers)}\n")
    finally:
        click.echo(verdict)
    return told
