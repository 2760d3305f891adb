"""Carries out many runs, over all cores, each kept the moment it is finished.

A run is a value: what the world is, what he does, which seed. Its key is a hash of all that its result
depends on. Runs whose key is in the store are not run again, so any command can be stopped and given
again. A run that raises an error is a row that says so; a run whose process dies is tried once more, alone.
"""

from experiments.lab.stop import begin

import collections
import contextlib
import functools
import gc
import hashlib
import importlib
import inspect
import itertools
import json
import marshal
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Sized
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from tqdm import tqdm

from agents.ground.sources import hash_of_files, source_hash
from experiments.lab.cores import cores
from experiments.lab.outputs import reason
from experiments.lab.store import Inputs, Store

if TYPE_CHECKING:
    from model.episode import Episode
    from model.parameters import Parameters

ROOT = Path(__file__).parents[2]
ONE_THREAD = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""The cores are shared out among processes, so each gets one thread."""

MOST_TOGETHER = 6
"""So many runs with the same past are carried out together, at most."""
LOOK = 0.1
"""How often to look whether another process has finished a run that this one waits for [s]."""

type Value = float | int | str | None
type Task = Callable[["Run"], dict[str, Value]]
type Row = dict[str, Any]
type Job = tuple[str, "Run"]
type Rows = Generator[Row, None, None]
type Engine = Callable[[Iterator[Job | None], Task], Rows]
"""Carries out jobs, in any order, and yields a row for each; None among the jobs means: ask again after a row."""
type Watch = Callable[[dict[str, Value], dict[str, Value] | None], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: a world, an arm, a seed.

    Args:
        episode: the country and its timeline.
        parameters: the numbers of the rules.
        arm: what he does: stay, enter or decide.
        seed: the seed of all chance.
        history: the seed of the people and of the episode's past, where it is another.
        n_citizens: how many citizens stand for the electors.
        days: how long to run [days]; None for the whole episode.
        labels: what stands beside the outcome in every table (world, cell), given as a dictionary. They
            name the run and do not change it.
        asked: what else the task is asked about this run, by name, given as a dictionary; it is part of the run.
    """

    episode: "Episode"
    parameters: "Parameters"
    arm: str
    seed: int
    n_citizens: int
    history: int | None = None
    days: int | None = None
    labels: Any = ()
    asked: Any = ()

    def __post_init__(self) -> None:
        for field in ("labels", "asked"):
            pairs = tuple((str(name), _plain(value)) for name, value in dict(getattr(self, field)).items())
            object.__setattr__(self, field, pairs)

    def named(self) -> dict[str, Value]:
        """Return the labels, and the arm, the seed and the number of citizens beside them."""
        return dict(self.labels) | {"arm": self.arm, "seed": _plain(self.seed), "n_citizens": _plain(self.n_citizens)}


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many runs were there already, and how those carried out ended."""

    kept: int = 0
    done: int = 0
    failed: int = 0
    crashed: int = 0


def carry_out(
    runs: Iterable[Run | None],
    task: Task,
    store: Store,
    *,
    workers: int | None = None,
    engine: Engine | None = None,
    progress: bool = True,
    description: str = "",
    total: int | Callable[[], int] | None = None,
    watch: Watch | None = None,
) -> Tally:
    """Carry out the runs that are not in the store yet; each row is written as soon as it is there.

    Args:
        runs: the runs; may be a generator, of which only a few are held at a time. One that first wants to see
            what comes of runs it has given yields None meanwhile.
        task: a function at the top of a module that carries out one run and returns its outcome by name.
        store: where the rows go.
        workers: processes; None for one a core. With 1, everything happens in this process.
        engine: who carries the runs out in place of this machine's cores (``experiments/lab/cluster.py``).
        progress: whether to show a bar with runs done, rate, time to go and failures.
        description: words before the bar.
        total: how many runs there are, where ``len(runs)`` cannot tell; a function, where the number changes.
        watch: is told of each run that is there, kept or new: its labels, and its outcome or None if it failed.

    Raises:
        click.ClickException: if rows cannot be written (a full disk), or no worker can be started.
        SystemExit: with 130 after Ctrl-C.
    """
    task = by_name(task)
    workers = cores(workers)
    _check_travels(task, alone=engine is None and workers == 1, far=engine is not None)
    total = len(runs) if total is None and isinstance(runs, Sized) else total
    how_many = total if callable(total) else lambda: total
    counts = {"kept": 0, "done": 0, "failed": 0, "crashed": 0}
    bar = tqdm(total=how_many(), desc=description, unit="run", disable=not progress, smoothing=0.0, dynamic_ncols=True)
    claims: dict[str, Run] = {}
    jobs = _missing(runs, task, store, counts, bar, watch, claims)
    engine = engine or (_here if workers == 1 else functools.partial(_together, workers=workers))
    rows = engine(jobs, task)
    try:
        with bar, contextlib.closing(rows):
            store.record(source=source_hash())
            for row in rows:
                run = claims.get(row["key"])
                store.put(**row, source=source_hash(), inputs=inputs_of(run, task) if run else None)
                claims.pop(row["key"], None)
                counts[row["status"]] += 1
                if watch:
                    watch(row["labels"], row["outcome"] if row["status"] == "done" else None)
                bar.total = how_many()
                bar.set_postfix(failed=counts["failed"] + counts["crashed"], refresh=False)
                bar.update()
    except KeyboardInterrupt:
        click.echo("Stopped. What is done is kept; the same command goes on from there.", err=True)
        raise SystemExit(130) from None
    except OSError as error:
        what = f"stopped ({reason(error)}): what is done is kept; the same command goes on from there"
        raise click.ClickException(what) from None
    finally:
        store.release(claims)
    return Tally(**counts)


def apart[**Given, Result](function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Return what a function at the top of a module returns in a process of its own.

    Raises:
        click.ClickException: if that process dies.
    """
    try:
        with _pool(1) as pool:
            return _submit(pool, _begun, functools.partial(by_name(function), **named), *given).result()
    except BrokenProcessPool:
        raise click.ClickException(f"the process of {function.__name__} died (killed, or out of memory?)") from None


def _begun(function: Callable, *given: Any) -> Any:
    """Return what a function returns in a worker that does nothing before it."""
    begin()
    return function(*given)


def by_name[Work: Callable](task: Work) -> Work:
    """Return a task as another process finds it: by the name of its module, also if that was given as a command."""
    main = sys.modules["__main__"]
    if task.__module__ != "__main__" or main.__spec__ is None:
        return task
    return getattr(importlib.import_module(main.__spec__.name), task.__name__)


def _check_travels(task: Task, *, alone: bool, far: bool) -> None:
    """Refuse a task that other processes could not find, because it was typed and stands in no file.

    Raises:
        click.ClickException: if it has to travel and cannot.
    """
    script = Path(getattr(sys.modules["__main__"], "__file__", None) or "")
    typed = not script.is_file()  # the processes of this machine read a script again, if there is one
    if task.__module__ == "__main__" and not alone and (far or typed):
        where = "was typed here" if typed else f"stands in {script.name}, which is run as a script"
        what = f"{task.__name__} {where}: other processes cannot find it"
        raise click.ClickException(f"{what}. Put it into a module and import it, or use one worker")


def key(run: Run, task: Task) -> str:
    """Return a hash of all that a run's row depends on: its fields without labels, and both sources."""
    rests_on = [
        _digest_of_episode(run.episode),
        _digest_of_parameters(run.parameters),
        run.arm,
        run.seed,
        run.history,
        run.n_citizens,
        run.days,
        source_hash(),
        observer_hash(task),
        *run.asked,
    ]
    return _digest([*rests_on, *_lessons(run)])


def _lessons(run: Run) -> list[Any]:
    """Return what he who decides has learnt: it lies beside the accepted worlds, in no source and no parameter."""
    if run.arm != "decide":
        return []
    from model.beliefs import lessons_of  # most runs need none

    return [list(lessons_of(run.episode, run.seed if run.history is None else run.history))]


def inputs_of(run: Run, task: Task) -> Inputs:
    """Return what a run is given, as the store keeps it, and by which name its task is found again."""
    parts: dict[str, Callable[[], Any]] = {
        _digest_of_episode(run.episode): run.episode.to_dict,
        _digest_of_parameters(run.parameters): lambda: {
            "numbers": run.parameters.flat(),
            "without": sorted(getattr(run.parameters, "without", ())),
        },
    }
    episode, parameters = parts
    return Inputs(
        told={
            "task": f"{task.__module__}:{task.__qualname__}",
            "episode": episode,
            "parameters": parameters,
            "parts": ["episode", "parameters"],
            **{name: _plain(getattr(run, name)) for name in ("arm", "seed", "history", "n_citizens", "days", "asked")},
        },
        parts=parts,
    )


@functools.cache
def observer_hash(task: Task) -> str:
    """Return a hash of the file that defines a task: rows that an edited task would not return are not its rows.

    A task that was typed stands in no file: its own lines count, or what Python made of them.
    """
    try:
        content = Path(inspect.getfile(task)).read_bytes()
    except OSError:
        try:
            content = inspect.getsource(task).encode()
        except OSError:
            content = marshal.dumps(task.__code__)
    return hashlib.sha256(content).hexdigest()


@functools.lru_cache(maxsize=256)
def _digest_of_episode(episode: "Episode") -> str:
    return _digest(episode.to_dict())


@functools.lru_cache(maxsize=256)
def _digest_of_parameters(parameters: "Parameters") -> str:
    return _digest([parameters.flat(), sorted(getattr(parameters, "without", ()))])


def _digest(content: Any) -> str:
    text = json.dumps(_canonical(content), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(content: Any) -> Any:
    """Return nested content in one form, so that what is equal (5000 and 5000.0) has one hash.

    >>> _canonical({"troops": 5000.0, "arms": ("stay", True)})
    {'troops': 5000, 'arms': ['stay', 1]}
    """
    content = _plain(content)
    if isinstance(content, dict):
        return {str(name): _canonical(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_canonical(value) for value in content]
    if isinstance(content, bool) or (isinstance(content, float) and content.is_integer()):
        return int(content)
    return content


def _plain(value: Any) -> Any:
    """Return a NumPy number as Python's own; anything else as it is."""
    return value.item() if hasattr(value, "item") else value


def _missing(
    runs: Iterable[Run | None],
    task: Task,
    store: Store,
    counts: dict[str, int],
    bar: tqdm,
    watch: Watch | None,
    claims: dict[str, Run],
) -> Iterator[Job | None]:
    """Yield key and run of what is neither done nor another process's, and claim it; count what is done.

    What another process is at is looked after later: it will be done, or, if that process dies, is ours to do.
    """
    elsewhere: collections.deque[Job] = collections.deque()

    def kept(run_key: str, run: Run) -> bool:
        outcome = store.outcome(run_key)
        if outcome is None:
            return False
        store.label(run_key, run.named(), inputs_of(run, task))
        counts["kept"] += 1
        if watch:
            watch(run.named(), outcome)
        if not bar.disable:  # kept runs stand in the bar but took no time: they must not enter the rate
            bar.n, bar.initial, bar.last_print_n = bar.n + 1, bar.initial + 1, bar.last_print_n + 1
        return True

    def ours(run_key: str, run: Run) -> bool:
        if run_key in claims:
            return False
        claims[run_key] = run  # first, so that it is released whatever happens
        if store.claim(run_key):
            return True
        del claims[run_key]
        return False

    def settled() -> Iterator[Job]:
        """Yield what another process has left undone; stop at the first that it may still be at."""
        while elsewhere:
            if not kept(*elsewhere[0]):
                if not ours(*elsewhere[0]):
                    return
                yield elsewhere[0]
            elsewhere.popleft()

    def waited() -> Iterator[Job | None]:
        """Yield None while runs are under way here; when there are none, wait for the others' first."""
        before = len(elsewhere)
        yield from settled()
        if claims:
            yield None
        elif elsewhere and len(elsewhere) == before:
            bar.set_postfix_str(f"another process is at the last {before}", refresh=True)
            time.sleep(LOOK)

    for run in runs:
        if run is None:
            if elsewhere:
                yield from waited()
            else:
                yield None
            continue
        yield from settled()
        job = (key(run, task), run)
        if kept(*job):
            continue
        if ours(*job):
            yield job
        else:
            elsewhere.append(job)
    while elsewhere:
        yield from waited()


def _here(jobs: Iterable[Job | None], task: Task) -> Rows:
    """Carry out runs in this process, one after the other."""
    for run_key, run in filter(None, jobs):
        yield attempt(run_key, run, task)


def attempts(jobs: Sequence[Job], task: Task) -> list[Row]:
    """Carry out some runs in a worker, one after the other, and return their rows."""
    begin()
    return [attempt(run_key, run, task) for run_key, run in jobs]


def attempt(run_key: str, run: Run, task: Task) -> Row:
    """Carry out one run and return its row; an error becomes a row, too."""
    row: Row = {"key": run_key, "labels": run.named(), "outcome": {}, "status": "done", "error": None}
    start = time.perf_counter()
    try:
        row["outcome"] = _checked(task(run), row["labels"])
    except (Exception, SystemExit) as error:
        row |= {"status": "failed", "error": _in_words(error)}
    return row | {"seconds": time.perf_counter() - start}


def _checked(outcome: dict[str, Any], labels: dict[str, Value]) -> dict[str, Value]:
    """Return an outcome as plain values, or refuse what does not fit into a table."""
    outcome = {name: _plain(value) for name, value in outcome.items()}
    for name, value in outcome.items():
        if not (value is None or isinstance(value, (float, int, str))):
            raise TypeError(f"outcome {name} is a {type(value).__name__}; expected a number, a text or None")
        if name in ("status", "error") or (name in labels and labels[name] != value):
            raise ValueError(f"outcome {name} has the name of another column; give it its own")
    return outcome


def _in_words(error: BaseException) -> str:
    """Return an error in one line: its kind, what it says, and where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"


def _together(jobs: Iterator[Job | None], task: Task, workers: int) -> Rows:
    """Carry out runs in several processes, and go on after one of them dies."""
    suspects: list[Job] = []
    while True:
        yield from _until_one_dies(jobs, task, workers, suspects)
        if not suspects:
            return
        yield from _alone(suspects, task)


def _until_one_dies(jobs: Iterator[Job | None], task: Task, workers: int, suspects: list[Job]) -> Iterator[Row]:
    """Yield rows until the jobs are finished or a process dies; whatever was in flight then is a suspect."""
    batches = _batches(jobs)
    with _pool_at_hand(workers) as pool:
        in_flight: dict[Future, list[Job]] = {}
        while True:
            # Two a worker: none waits for work, and memory does not grow with the number of runs.
            room = 0 if suspects else 2 * workers - len(in_flight)
            for batch in itertools.islice(batches, room):
                if batch is None:
                    break
                try:
                    in_flight[_submit(pool, attempts, batch, task)] = batch
                except BrokenProcessPool:
                    suspects.extend(batch)
                    break
            if not in_flight:
                return
            for future in wait(in_flight, return_when=FIRST_COMPLETED).done:
                batch = in_flight.pop(future)
                rows = _rows_of(future, batch)
                if rows is None:
                    suspects.extend(batch)
                else:
                    yield from rows


def _batches(jobs: Iterator[Job | None]) -> Iterator[list[Job] | None]:
    """Yield jobs one by one, but those that follow each other with the same past together: it is lived once."""
    batch: list[Job] = []
    for job in jobs:
        if batch and (job is None or _past(job[1]) != _past(batch[0][1])):
            yield batch
            batch = []
        if job is None:
            yield None
            continue
        batch.append(job)
        if _past(job[1]) is None or len(batch) == MOST_TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def _past(run: Run) -> Any:
    """Return what tells a run's past from others', or None if it has none."""
    if not getattr(run.episode, "past_days", 0):
        return None
    seed = run.seed if run.history is None else run.history
    return run.episode.name, run.parameters, seed, run.n_citizens


def _alone(suspects: list[Job], task: Task) -> Iterator[Row]:
    """Try each suspect a second and last time with nobody beside it, so that only the guilty is blamed."""
    while suspects:
        with _pool(1) as pool:
            died = False
            while suspects and not died:
                job = suspects.pop()
                rows = _rows_of(_submit(pool, attempts, [job], task), [job])
                died = rows is None
                yield from rows or [_crashed(*job)]


def _rows_of(future: Future, jobs: Sequence[Job]) -> list[Row] | None:
    """Return the rows of a future, or None if its process died."""
    try:
        rows: list[Row] = future.result()
    except BrokenProcessPool:
        return None
    except Exception as error:  # a task or a run that cannot be sent to another process
        said = {"status": "failed", "error": f"{type(error).__name__}: {error}"}
        return [_crashed(*job) | said for job in jobs]
    return rows


def _crashed(run_key: str, run: Run) -> Row:
    error = "its process died twice (killed, or out of memory?)"
    return {"key": run_key, "labels": run.named(), "outcome": {}, "status": "crashed", "error": error, "seconds": None}


class Pool(NamedTuple):
    """Worker processes, and those that were there before them."""

    executor: ProcessPoolExecutor
    others: frozenset[Any]

    def kill(self) -> None:
        """End all of them at once, whatever they are at."""
        for process in set(multiprocessing.active_children()) - self.others:
            process.kill()
        self.executor.shutdown(wait=True, cancel_futures=True)


def _start(workers: int) -> Pool:
    """Start worker processes and see that they answer."""
    others = frozenset(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = Pool(ProcessPoolExecutor(workers, mp_context=context, initializer=_stay_with_parent), others)
    try:
        _submit(pool.executor, os.getpid).result()
    except BaseException as error:
        pool.kill()
        if isinstance(error, BrokenProcessPool):
            raise click.ClickException("no worker process could be started: one worker shows why") from None
        raise
    return pool


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start worker processes; whatever happens, none of them stays behind."""
    _refuse_edited()
    pool = _start(workers)
    try:
        yield pool.executor
    except BaseException:
        pool.kill()
        raise
    pool.executor.shutdown(wait=True, cancel_futures=True)


_AT_HAND: list[tuple[Any, Pool]] = []
"""Worker processes that wait for the next stage of a command, at most one pool: to start some takes seconds."""


@contextlib.contextmanager
def _pool_at_hand(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Take the processes that another stage has left, or start some; they are left for the next if all goes well."""
    _refuse_edited()
    asked = (workers, os.getcwd(), dict(os.environ))  # what a process inherits must be the same
    pool = None
    while _AT_HAND:
        left_for, other = _AT_HAND.pop()
        if left_for == asked and _answers(other):
            pool = other
        else:
            other.kill()
    pool = pool or _start(workers)
    try:
        yield pool.executor
    except BaseException:
        pool.kill()
        raise
    _AT_HAND.append((asked, pool))


def _answers(pool: Pool) -> bool:
    """Say whether a pool has lost none of its processes."""
    try:
        _submit(pool.executor, os.getpid).result()
    except BrokenProcessPool:
        return False
    return True


def _refuse_edited() -> None:
    """Refuse to start what would run another model than the one that was begun with."""
    if hash_of_files() != source_hash():
        raise click.ClickException("the model was edited meanwhile: what is done is kept; give the command again")


def _submit(pool: ProcessPoolExecutor, task: Callable, *arguments: Any) -> Future:
    """Hand a task to a pool, which may start a process for it: with one thread, and deaf to Ctrl-C.

    A process inherits its environment and the signals that are held back. Ctrl-C is for the parent to answer.
    """
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.environ.update(ONE_THREAD)
    try:
        return pool.submit(task, *arguments)
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        signal.pthread_sigmask(signal.SIG_SETMASK, held_back)


def _stay_with_parent() -> None:
    """In a worker: end when the parent does, even if that was killed (workers would wait for it for ever).

    Until its first task begins it imports what that needs, which is no garbage.
    """
    gc.disable()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
