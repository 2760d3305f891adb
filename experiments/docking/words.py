"""What docking found, in words: failures first, and which part is ours."""

from experiments.docking.findings import TITLES, Check, Findings, mean
from experiments.docking.grid import READINGS
from experiments.show.words import fold

OURS = {
    "granovetter": "all ours: the loop over citizens with anger, risk, moods and ties at 0, and a crowd that all see. "
    "What he published is of the distribution itself; of thresholds drawn at random some gap holds the riot up longer.",
    "watts": "the loop, the rule and the telling of ties are ours; a harness: the random graph (our citizens have a "
    "fixed number of ties each), so that a threshold is a number of neighbours.",
    "kuran": "all ours: the loop with normal views, the saturating pull of a crowd and a grievance that all feel.",
    "morris_shin": "all ours: the units' game; only the search for what they expect of each other is a harness.",
    "epstein": "ours: the agent's rule (hardship is aversion, illegitimacy the war) and the chance to be caught; a "
    "harness: grid, moves, the single officer who takes one, terms of a uniform length. They cannot be reached by our "
    "switches.",
}  # fmt: skip


def number(value: float) -> str:
    """Return a number with as many digits as it deserves.

    >>> number(708.2), number(12.284), number(0.0), number(0.0004)
    ('708', '12.28', '0', '0.000')
    """
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.4g}"


def line(check: Check) -> str:
    """Return a check as a line of the verdict."""
    verdict = "REPRODUCED" if check.reproduced else "NOT"
    if check.value != check.value:
        ours = "too few"
    elif check.low == check.high:
        ours = number(check.value)
    else:
        ours = f"{number(check.value)} [{number(check.low)}, {number(check.high)}]"
    return f"{verdict:<11}{check.what:<54}{number(check.published):>6} {ours:>25}"


def finding(result: Findings) -> str:
    """Return what was found, in a sentence."""
    done, whole = sum(check.reproduced for check in result.checks), []
    for model, title in TITLES.items():
        if all(check.reproduced for check in result.checks if check.model == model):
            whole.append(title)
    missed = [title for title in TITLES.values() if title not in whole]
    but = f"; not wholly: {', '.join(missed)}" if missed else ""
    return f"Our rules reproduce {done} of {len(result.checks)} published or solved numbers{but}"


def readings(result: Findings) -> str:
    """Return what each reading of Epstein's paper gives."""
    runs, said = result.of("epstein"), []
    for reading in READINGS:
        n = mean(runs[f"n: {reading.name}"])[0]
        wait, total = (mean(runs[f"{what}: {reading.name}"])[0] for what in ("wait", "total"))
        words = f"wait {wait:.0f}, active {total:.0f}" if wait == wait else f"{n:.1f} outbursts a run"
        said.append(f"{reading.name}: {words}")
    return "; ".join(said)


def verdict(result: Findings) -> str:
    """Return in words what was reproduced, and what was not."""
    lines = [
        fold(f"{finding(result)}. {result.seeds} seeds each; in brackets the 95 % interval of the mean over seeds, or "
             "of a share of them. REPRODUCED: it meets the published number, within what that is known."),
    ]  # fmt: skip
    for model in result.models:
        lines += ["", f"{TITLES[model]:<65}{'published':>7}  ours"]
        lines += [line(check) for check in result.checks if check.model == model]
        lines.append(fold(OURS[model]))
    lines += [
        "",
        fold(f"Epstein's ratio of officers to rioters, as the text may be read (published: wait 60, active 708): "
             f"{readings(result)}. Nearest: {result.nearest}; above stands {READINGS[0].name}. The densities of "
             "officers are as remembered (0.04 in his second run, 0.074 in later ones): the paper was not at hand."),
    ]  # fmt: skip
    return "\n".join(lines)
