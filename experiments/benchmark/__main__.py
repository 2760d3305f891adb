"""What does a citizen's day cost, and what bounds it?

Measured in one run on one machine: whole days and the citizens' loop alone, quiet and with people in the street;
a year's run; building; memory; more citizens, more cores; every elector of the country. Beside them stand Mesa's own
model of civil violence (Epstein 2002), whose agents are Python objects, and NumPy doing nothing but read what the
loop reads, which is the machine's limit. All times are the least of several repetitions: processor time on one
core, which other work on the machine hardly touches, and the clock's time on several, which it does.
"""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import contextlib
import functools
import gc
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence, EpsteinScenario
from tqdm import tqdm

from experiments.benchmark.words import BUSY, QUICK, Effort, Row, draw_figure, readme_table, verdict
from experiments.lab.command import OneLine, option
from experiments.lab.cores import cores
from experiments.lab.memory import most_memory
from experiments.lab.outputs import GALLERY, in_json, whole
from experiments.lab.runner import Run, apart, carry_out, source_hash
from experiments.lab.store import Store, provenance, results_folder
from experiments.lab.tasks import run_summary
from model.episode import load_episode
from model.parameters import DECLARED, Parameters
from model.simulation import Simulation
from model.worlds import FILE, central

EPISODE = "belarus-2022"
PHASES = (
    "hear_news", "street.deploy", "crowd.decide", "street.meet", "front.bury", "citizens.abroad", "forces.step",
    "elites.step", "judge_day", "observe",
)  # fmt: skip
READ = (
    "status", "mobilised", "stratum", "media", "tie_count", "opposition", "threshold", "aversion", "risk_aversion",
    "mood",
)  # fmt: skip
"""The columns that the citizens' loop reads for every citizen, every day."""
EXAMPLES = """\b
Examples:
  python -m experiments.benchmark
  python -m experiments.benchmark --quick --results results/quick
  python -m experiments.benchmark --gallery"""


class Timed(Simulation):
    """A world that notes how long each phase of its days takes [ns]."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Build the world, and put a clock around each phase."""
        super().__init__(*arguments, **options)
        self.spent = dict.fromkeys(PHASES, 0)
        for phase in PHASES:
            owner, _, name = phase.rpartition(".")
            actor = getattr(self, owner) if owner else self
            setattr(actor, name, self._timed(phase, getattr(actor, name)))

    def _timed(self, phase: str, plain: Callable[[], None]) -> Callable[[], None]:
        """Return a phase of the day that notes its time."""

        def timed() -> None:
            start = time.process_time_ns()
            plain()
            self.spent[phase] += time.process_time_ns() - start

        return timed


@dataclass(frozen=True, kw_only=True)
class Days:
    """What days of one world cost, each citizen [ns], and what it saw."""

    n: int
    build: float
    whole: float
    phases: dict[str, float]
    street_share: float


def live(parameters: Parameters, n: int, days: int, repeats: int, threads: int = 1) -> Days:
    """Return what the days of one world cost; it lives all of them, whether or not he falls meanwhile."""
    clock = time.process_time_ns if threads == 1 else time.perf_counter_ns
    builds, wholes, spent = [], [], []
    for kind in (Simulation, Timed) * repeats:
        gc.collect()
        start = clock()
        world = kind(EPISODE, parameters, arm="stay", rng=1, n_citizens=n, threads=threads)
        built = clock()
        for _ in range(days):
            world.step()
        if isinstance(world, Timed):
            spent.append(world.spent)
        else:
            builds.append(built - start)
            wholes.append(clock() - built)
    return Days(
        n=n,
        build=min(builds) / n,
        whole=min(wholes) / n / days,
        phases={phase: min(one[phase] for one in spent) / n / days for phase in PHASES},
        street_share=street_share(world),
    )


def busy_parameters(parameters: Parameters, days: int, n: int = 5_000) -> Parameters:
    """Return parameters under which the share ``BUSY`` of the electors is in the street, on the mean of all days."""
    low, high = (DECLARED["citizen.threshold"].metadata[end] for end in ("low", "high"))
    for _ in range(10):
        middle = 0.5 * (low + high)
        busy = parameters.replace({"citizen.threshold": middle})
        world = Simulation(EPISODE, busy, arm="stay", rng=1, n_citizens=n)
        for _ in range(days):
            world.step()
        low, high = (middle, high) if street_share(world) > BUSY else (low, middle)
    return busy


def street_share(world: Simulation) -> float:
    """Return the share of the electors in the street, on the mean of all days lived."""
    return float(world.series()["crowd"].mean()) / world.citizens.all_electors


def read_only(parameters: Parameters, n: int, repeats: int) -> float:
    """Return what NumPy needs to read, once, all that the citizens' loop reads in a day, each citizen [ns]."""
    columns = Simulation(EPISODE, parameters, rng=1, n_citizens=n).citizens.columns
    words = [columns[name][: n // 8 * 8].view(np.uint64) for name in READ]

    def read() -> None:
        for column in words:
            np.bitwise_or.reduce(column)

    return least(read, 10 * repeats) / n


def least(work: Callable[[], Any], repeats: int, clock: Callable[[], int] = time.process_time_ns) -> float:
    """Return the least time that some work takes [ns]."""
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return float(min(times))


def a_year(parameters: Parameters, n: int, days: int, repeats: int) -> float:
    """Return how long one run takes, building and judging included [s]."""
    run = Run(episode=load_episode(EPISODE), parameters=parameters, arm="stay", seed=1, n_citizens=n, days=days)
    return least(lambda: run_summary(run), repeats) / 1e9


def memory(parameters: Parameters, n: int) -> tuple[float, float]:
    """Return the bytes that a citizen takes: kept, and at most while the world is built."""
    gc.collect()
    tracemalloc.start()
    try:
        world = Simulation(EPISODE, parameters, rng=1, n_citizens=n)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return kept / len(world.citizens), most / n


def rate(parameters: Parameters, n: int, runs: int, days: int, workers: int) -> float:
    """Return how many runs a second a sweep carries out, once its processes have started."""
    episode = load_episode(EPISODE)
    asked = [
        Run(episode=episode, parameters=parameters, arm="stay", seed=seed, n_citizens=n, days=days)
        for seed in range(runs * workers)
    ]
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "runs.sqlite") as store:
        carry_out(
            asked, run_summary, store, workers=workers, progress=False,
            watch=lambda *_: ends.append(time.perf_counter()),
        )  # fmt: skip
    first = len(ends) // 4  # by then every process has loaded what was compiled
    return (len(ends) - 1 - first) / (ends[-1] - ends[first])


def every_elector(parameters: Parameters, days: int, threads: int) -> dict[str, float]:
    """Return seconds and memory [GB] of a world with a citizen for each elector, in a process of its own."""
    return apart(_every_elector, parameters, days, threads)


def _every_elector(parameters: Parameters, days: int, threads: int) -> dict[str, float]:
    Simulation(EPISODE, parameters, rng=1, n_citizens=1_000).run(8)  # loads what was compiled
    start = time.perf_counter()
    n = load_episode(EPISODE).electors
    world = Simulation(EPISODE, parameters, rng=1, n_citizens=n, threads=threads)
    built = time.perf_counter()
    for _ in range(days):
        world.step()
    return {"n": n, "build": built - start, "seconds": time.perf_counter() - start, "memory": most_memory()}


def first_start() -> tuple[float, float]:
    """Return how long the first start takes, with nothing compiled yet, and the second one, to the second day [s]."""
    code = f"from model.simulation import Simulation; Simulation({EPISODE!r}, n_citizens=2_000).run(15)"
    with tempfile.TemporaryDirectory() as folder:
        for part in ("model", "agents"):
            shutil.copytree(Path(__file__).parents[2] / part, Path(folder) / part)
        start = functools.partial(subprocess.run, [sys.executable, "-c", code], cwd=folder, check=True)
        return least(start, 1, time.perf_counter_ns) / 1e9, least(start, 2, time.perf_counter_ns) / 1e9


def epstein(side: int, steps: int, collects: bool) -> tuple[int, float]:
    """Return how many agents Mesa's model of civil violence has on a grid, and what a step costs each [ns]."""
    times = []
    for _ in range(2):
        world = EpsteinCivilViolence(width=side, height=side, scenario=EpsteinScenario(rng=1))
        if not collects:
            world.datacollector.collect = lambda _: None
        start = time.process_time_ns()
        for _ in range(steps):
            world.step()
        times.append(time.process_time_ns() - start)
    n = len(world.agents)
    return n, min(times) / steps / n


def measures(parameters: Parameters, effort: Effort) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield what is measured: some words for the bar, and a function that does it."""
    n_cores, unit = cores(), "ns per citizen-day"
    busy: dict[str, Parameters] = {}

    def days_of(n: int, kind: str) -> list[Row]:
        if kind == "busy" and not busy:
            busy["parameters"] = busy_parameters(parameters, effort.days)
        days = live(parameters if kind == "quiet" else busy["parameters"], n, effort.days, effort.repeats)
        note = f"{days.street_share:.2%} of the electors in the street, mean of {effort.days} days"
        rows = [
            Row(what=f"whole day, {kind}", n=n, value=days.whole, unit=unit, note=note),
            Row(what=f"citizens' loop alone, {kind}", n=n, value=days.phases["crowd.decide"], unit=unit, note=note),
        ]
        if kind == "quiet":
            rows.append(Row(what="building", n=n, value=days.build / days.whole, unit="days of the same world"))
            rows += [Row(what=f"phase {name}", n=n, value=value, unit=unit) for name, value in days.phases.items()]
        return rows

    def limit(n: int) -> list[Row]:
        note = "NumPy, the columns of the citizens' loop"
        return [Row(what="reading alone", n=n, value=read_only(parameters, n, effort.repeats), unit=unit, note=note)]

    def threads(count: int) -> list[Row]:
        days = live(parameters, effort.many, effort.days_of_many, max(1, effort.repeats // 2), count)
        return [
            Row(what="whole day, threads", n=effort.many, cores=count, value=days.whole, unit=unit),
            Row(
                what="building, threads", n=effort.many, cores=count, value=days.build / days.whole,
                unit="days of the same world",
            ),
        ]  # fmt: skip

    def processes(count: int) -> list[Row]:
        value = rate(parameters, effort.a_run, effort.runs, effort.year, count)
        return [Row(what="a sweep", n=effort.a_run, cores=count, value=value, unit="runs a second")]

    def run() -> list[Row]:
        value = a_year(parameters, effort.a_run, effort.year, effort.repeats)
        return [Row(what="a year, with building", n=effort.a_run, value=value, unit="s")]

    def bytes_each() -> list[Row]:
        kept, most = memory(parameters, effort.sizes[-1])
        n, unit = effort.sizes[-1], "bytes per citizen"
        return [
            Row(what="memory, kept", n=n, value=kept, unit=unit),
            Row(what="memory, at most while building", n=n, value=most, unit=unit),
        ]

    def whole_country() -> list[Row]:
        cost = every_elector(parameters, effort.year, n_cores)
        n, name = int(cost["n"]), "every elector"
        built = cost["build"] / (cost["seconds"] - cost["build"]) * effort.year
        return [
            Row(
                what=f"{name}, building", n=n, cores=n_cores, value=built, unit="days of the same world",
                note=f"{cost['build']:.2f} s",
            ),
            Row(what=f"{name}, a year, with building", n=n, cores=n_cores, value=cost["seconds"], unit="s"),
            Row(what=f"{name}, memory of the process", n=n, cores=n_cores, value=cost["memory"], unit="GB"),
        ]  # fmt: skip

    def starts() -> list[Row]:
        first, second = first_start()
        return [
            Row(what="first start, nothing compiled yet", n=2_000, value=first, unit="s"),
            Row(what="second start", n=2_000, value=second, unit="s"),
        ]

    def mesas(side: int) -> list[Row]:
        rows = []
        for collects in (True, False):
            n, value = epstein(side, effort.steps, collects)
            note = "as it is" if collects else "without its data collector"
            what = "Mesa's Epstein" if collects else "Mesa's Epstein, no data"
            rows.append(Row(what=what, n=n, value=value, unit="ns per agent-step", note=note))
        return rows

    for n in effort.sizes:
        yield f"days of {n:,} citizens", functools.partial(days_of, n, "quiet")
        yield f"reading {n:,} citizens", functools.partial(limit, n)
    for n in effort.sizes:
        yield f"busy days of {n:,} citizens", functools.partial(days_of, n, "busy")
    yield "a year", run
    yield "memory", bytes_each
    for count in sorted({1, 2, n_cores}):
        if count <= n_cores:
            yield f"{count} threads", functools.partial(threads, count)
            yield f"{count} processes", functools.partial(processes, count)
    for side in effort.grids:
        yield f"Mesa's Epstein, {side} x {side}", functools.partial(mesas, side)
    if effort.first_start:
        yield "first start", starts
    if effort.every_elector:
        yield "every elector", whole_country


def machine() -> dict[str, Any]:
    """Return what the numbers are measured on."""
    cpu = platform.processor() or platform.machine()
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    about: dict[str, Any] = {"cpu": cpu, "cores": os.cpu_count(), "system": platform.system()}
    with contextlib.suppress(AttributeError, OSError, ValueError):
        about["memory_gb"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    return about


class OtherWork:
    """How many cores are busy with other work, on the mean from its making until it is asked."""

    def __init__(self) -> None:
        """Start to watch."""
        self._start, self._busy = time.perf_counter(), self._busy_with_others()

    def cores(self) -> float | None:
        """Return the cores busy with other work; None where the system does not tell."""
        busy, seconds = self._busy_with_others(), time.perf_counter() - self._start
        return None if busy is None or self._busy is None else round(max(0.0, busy - self._busy) / seconds, 2)

    @staticmethod
    def _busy_with_others() -> float | None:
        """Return the processor time that others have used since the machine started [s]."""
        try:
            user, nice, system, _, _, *stolen = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
        except (OSError, ValueError):
            return None
        ours = os.times()
        used = (user + nice + system + sum(stolen)) / os.sysconf("SC_CLK_TCK")
        return used - ours.user - ours.system - ours.children_user - ours.children_system


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
@click.option("--quick", is_flag=True, help="Fewer sizes, days and repetitions, and not every elector: half a minute.")
@option("--accepted", default=str(FILE), show_default="the model's", help="Accepted worlds.")
@option("--results", default="results/benchmark")
@click.option("--gallery", is_flag=True, help="Make the figure and its record the README's.")
def main(quick: bool, accepted: str, results: str, gallery: bool) -> None:
    """Measure, and say what follows (see the top of this file)."""
    report(QUICK if quick else Effort(), central(accepted), results_folder(results), gallery)


def report(effort: Effort, parameters: Parameters, folder: Path, gallery: bool = False) -> None:
    """Measure all that the effort asks for; write the table, the record and the figure, and print the verdict."""
    others = OtherWork()
    Simulation(EPISODE, parameters, rng=1, n_citizens=1_000).run(15)  # compiles, or loads, all that a day needs
    rows: list[Row] = []
    todo = list(measures(parameters, effort))
    with tqdm(todo, unit="part", dynamic_ncols=True) as bar:
        for part, measure in bar:
            bar.set_description(part)
            rows += measure()
    about = machine() | {"other_work": others.cores()}
    record: dict[str, Any] = provenance() | {"source": source_hash(), "machine": about, "effort": asdict(effort)}
    about = about | {"command": record["command"]}
    words = verdict(rows, effort, about)
    frame = pd.DataFrame([asdict(row) | {"at_most": row.goal} for row in rows])
    record |= {"rows": [asdict(row) for row in rows], "verdict": words, "table": readme_table(rows, effort, about)}
    click.echo(record["table"] + "\n\n" + words)
    with whole(folder / "benchmark.csv") as half:
        frame.to_csv(half, index=False)
    for place in (folder, *([GALLERY] if gallery else [])):
        place.mkdir(exist_ok=True)
        with whole(place / "benchmark.json") as half, whole(place / "benchmark.png") as picture:
            half.write_text(in_json(record), encoding="utf-8")
            draw_figure(rows, effort, picture, record)
    click.echo(f"Written to {folder}: benchmark.csv, benchmark.json, benchmark.png")


if __name__ == "__main__":
    main()
