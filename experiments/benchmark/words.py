"""What the benchmark says: the README's table, the verdict in words, the figure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.show.palette import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION

BUSY = 0.03
"""The share of electors in the street, on the mean of all days, of the busy world."""
QUIET = 0.15
"""Cores that other work may keep busy before times on several cores are not to be trusted."""
GOALS = {
    "whole day, quiet": 12.0,
    "whole day, busy": 20.0,
    "citizens' loop alone, quiet": 10.0,
    "a year, with building": 0.2,
    "building": 60.0,
    "building, threads": 60.0,
    "every elector, building": 60.0,
    "every elector, a year, with building": 60.0,
    "every elector, memory of the process": 2.0,
    "first start, nothing compiled yet": 20.0,
}
"""What each may cost at most, in the units of its row."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is measured: sizes, days, repetitions."""

    sizes: tuple[int, ...] = (2_000, 20_000, 100_000, 1_000_000)
    middle: int = 100_000
    """Citizens at which the goals are set."""
    a_run: int = 20_000
    many: int = 2_000_000
    """Citizens in the world that threads share."""
    days: int = 300
    days_of_many: int = 60
    year: int = 365
    repeats: int = 5
    runs: int = 40
    """Runs a process, for the rate of a sweep."""
    grids: tuple[int, ...] = (40, 100)
    """Sides of the grids of Mesa's example."""
    steps: int = 10
    every_elector: bool = True
    first_start: bool = True


QUICK = Effort(
    sizes=(2_000, 20_000, 100_000), many=500_000, days=100, days_of_many=20, repeats=2, runs=10, grids=(40,), steps=5,
    every_elector=False,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing measured: what, for how many citizens, on how many cores, and how much."""

    what: str
    n: int
    value: float
    unit: str
    cores: int = 1
    note: str = ""

    @property
    def goal(self) -> float | None:
        """What it may cost at most, where that is set."""
        return GOALS.get(self.what)


def value_of(rows: Sequence[Row], what: str, n: int | None = None, cores: int | None = None) -> float | None:
    """Return the value of one row; None if it was not measured."""
    for row in rows:
        if row.what == what and n in (None, row.n) and cores in (None, row.cores):
            return row.value
    return None


def measured(rows: Sequence[Row], what: str, n: int) -> float:
    """Return the value of a row that the words cannot do without.

    Raises:
        LookupError: if it was not measured.
    """
    value = value_of(rows, what, n)
    if value is None:
        raise LookupError(f"{what} was not measured at {n:,}")
    return value


def readme_table(rows: Sequence[Row], effort: Effort, about: Mapping[str, Any]) -> str:
    """Return the rows that matter most as a Markdown table, with what each may cost and the machine named."""
    shown = [
        *((what, effort.middle, 1) for what in list(GOALS)[:3]),
        ("citizens' loop alone, busy", effort.middle, 1),
        ("reading alone", effort.middle, 1),
        ("a year, with building", effort.a_run, 1),
        ("building", effort.middle, 1),
        ("memory, kept", effort.sizes[-1], 1),
        *(("whole day, threads", effort.many, cores) for cores in sorted({row.cores for row in rows})),
        *(("a sweep", effort.a_run, cores) for cores in sorted({row.cores for row in rows})),
        *(("building, threads", effort.many, cores) for cores in sorted({row.cores for row in rows})),
        *((name, None, None) for name in list(GOALS)[6:]),
        *(("Mesa's Epstein", row.n, 1) for row in rows if row.what == "Mesa's Epstein"),
    ]
    lines = ["| what | citizens | cores | measured | at most |", "| --- | --- | --- | --- | --- |"]
    for what, n, cores in shown:
        for row in rows:
            if row.what == what and n in (None, row.n) and cores in (None, row.cores):
                goal = "" if row.goal is None else f"{row.goal:g}"
                lines.append(f"| {row.what} | {row.n:,} | {row.cores} | {row.value:.3g} {row.unit} | {goal} |")
    named = f"{about['cpu']}, {about['cores']} cores, {about['system']}"
    return "\n".join([*lines, "", f"Measured on {named}, {others(about)}, by `{about['command']}`."])


def others(about: Mapping[str, Any]) -> str:
    """Return in words how busy the machine was with other work meanwhile."""
    work = about.get("other_work")
    return "other work unknown" if work is None else f"{work:.2f} cores busy with other work"


def verdict(rows: Sequence[Row], effort: Effort, about: Mapping[str, Any]) -> str:
    """Return in words what was measured: ratios from this one run, and which goals are missed by how much."""
    n = effort.middle
    whole, loop = measured(rows, "whole day, quiet", n), measured(rows, "citizens' loop alone, quiet", n)
    busy, reading = measured(rows, "whole day, busy", n), measured(rows, "reading alone", n)
    mesas = max((row for row in rows if row.what == "Mesa's Epstein"), key=lambda row: row.n)
    bare = measured(rows, "Mesa's Epstein, no data", mesas.n)
    lines = [
        f"At {n:,} citizens a citizen's day costs {whole:.1f} ns when it is quiet and {busy:.1f} ns when it is busy. "
        f"Of the quiet day {loop:.1f} ns are the citizens' loop: {loop / reading:.1f} times what NumPy takes to read "
        f"the same columns ({reading:.2f} ns).",
        f"An agent's step in Mesa's own model of civil violence costs {mesas.value:,.0f} ns ({mesas.n:,} agents; "
        f"{bare:,.0f} ns without its data collector): {mesas.value / whole:,.0f} ({bare / whole:,.0f}) citizens' days.",
    ]
    for what, words in (("whole day, threads", "Threads in one world"), ("a sweep", "Processes in a sweep")):
        found = {row.cores: row.value for row in rows if row.what == what}
        most = max(found)
        gain = found[most] / found[1] if what == "a sweep" else found[1] / found[most]
        lines.append(f"{words}: {gain:.2f} times as fast on {most} cores as on one.")
    goals = [(row, row.goal) for row in rows if row.goal is not None and _counts(row, effort)]
    missed = [(row, goal) for row, goal in goals if row.value > goal]
    lines += [
        f"MISSED: {row.what}: {row.value:.3g} {row.unit}, {row.value / goal:.2f} times the {goal:g}."
        for row, goal in missed
    ]
    if not missed:
        lines.append("All that was measured costs no more than it may.")
    if (about.get("other_work") or 0.0) > QUIET:
        lines.append(f"The machine was not quiet ({others(about)}): times on several cores are too long.")
    return "\n".join(lines)


def _counts(row: Row, effort: Effort) -> bool:
    """Whether a goal is meant for a row's number of citizens."""
    if row.what in list(GOALS)[:3]:
        return row.n == effort.middle
    return row.what != "building" or row.n >= effort.a_run


def draw_figure(rows: Sequence[Row], effort: Effort, path: Path, record: Mapping[str, Any]) -> None:
    """Draw cost against the number of citizens, cost by phase, and speed against cores."""
    from experiments.show.figures import canvas, headline, save, style  # slow to import, and needed here only

    n, table = effort.middle, pd.DataFrame([asdict(row) for row in rows])
    whole = measured(rows, "whole day, quiet", n)
    mesa = max((row for row in rows if row.what == "Mesa's Epstein"), key=lambda row: row.n)
    with style():
        figure = canvas(11.5, 4.6)
        cost, parts, speed = figure.subplots(1, 3, width_ratios=[1.5, 1.15, 0.85])
        about = record["machine"]
        headline(
            figure,
            f"A citizen's day costs {whole:.1f} ns; an agent's step in Mesa's own Epstein model "
            f"{mesa.value / whole:,.0f} times as much",
            f"{about['cpu']}, {about['cores']} cores, {others(about)}; least of "
            f"{effort.repeats} repetitions; quiet: the median accepted world of 2022, he stays; busy: the same with a "
            f"lower threshold, so that {BUSY:.0%} of the electors are in the street on the mean day",
        )
        for what, colour, words, marker in (
            ("Mesa's Epstein", PURPLE, "Mesa's Epstein, an agent's step", "s"),
            ("Mesa's Epstein, no data", PURPLE, "the same, no data collector", "D"),
            ("whole day, busy", VERMILLION, "whole day, busy", "o"),
            ("whole day, quiet", BLUE, "whole day, quiet", "o"),
            ("citizens' loop alone, quiet", SKY, "citizens' loop alone, quiet", "^"),
            ("reading alone", BLACK, "NumPy reading the columns: the limit", "x"),
        ):
            some = table[table["what"] == what].sort_values("n")
            line = ":" if what.endswith("no data") else "-"
            cost.plot(some["n"], some["value"], color=colour, marker=marker, ms=5, label=words, ls=line)
        cost.set(xscale="log", yscale="log", xlabel="citizens (or agents)", ylabel="time each [ns a day or step]")
        cost.set_ylim(top=table.loc[table["what"] == "Mesa's Epstein", "value"].max() * 60)
        cost.set_title("Cost against size")
        cost.legend(loc="upper right")

        sizes = [size for size in effort.sizes if size <= effort.middle][-2:]
        groups = {
            "citizens decide": ("crowd.decide",), "street and units": ("street.meet", "forces.step"),
            "news and deployment": ("hear_news", "street.deploy"), "measures and polls": ("observe",),
            "front, elites, judge": ("front.bury", "citizens.abroad", "elites.step", "judge_day"),
        }  # fmt: skip
        for place, size in enumerate(sizes):
            bottom = 0.0
            left = measured(rows, "whole day, quiet", size) * size / 1e3
            for colour, (words, phases) in zip((SKY, VERMILLION, ORANGE, GREEN, PURPLE), groups.items(), strict=True):
                spent = sum(value_of(rows, f"phase {phase}", size) or 0.0 for phase in phases) * size / 1e3
                parts.bar(place, spent, bottom=bottom, color=colour, width=0.55, label=words if place == 0 else None)
                bottom += spent
            label = "the rest" if place == 0 else None
            parts.bar(place, left - bottom, bottom=bottom, color=GREY, width=0.55, label=label)
        parts.set_xticks(range(len(sizes)), [f"{size:,}\ncitizens" for size in sizes])
        parts.set(ylabel="time of one quiet day [microseconds]", xlim=(-0.5, len(sizes) - 0.5))
        parts.set_title("Where a day goes")
        handles, labels = parts.get_legend_handles_labels()
        parts.legend(handles[::-1], labels[::-1], loc="upper left")

        for what, colour, words in (
            ("whole day, threads", BLUE, f"threads, {effort.many:,} citizens"),
            ("a sweep", ORANGE, f"processes, runs of {effort.a_run:,}"),
        ):
            some = table[table["what"] == what].sort_values("cores")
            first = some["value"].iloc[0]
            gain = first / some["value"] if what != "a sweep" else some["value"] / first
            speed.plot(some["cores"], gain, marker="o", color=colour, label=words)
        cores = sorted(table["cores"].unique())
        speed.plot(cores, cores, color=GREY, ls="--", lw=1, label="as many times as cores")
        speed.set_xticks(cores)
        speed.set(xlabel="cores", ylabel="speed [times one core]", ylim=(0.0, max(cores) * 1.45))
        speed.set_title("Speed against cores")
        speed.legend(loc="upper left")
        save(figure, path, record)
