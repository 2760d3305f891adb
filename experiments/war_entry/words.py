"""The verdict of the twin worlds, in plain words.

No sentence here knows the result: each is chosen by the numbers and their intervals.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.gates import confidence_words
from experiments.evidence.standing import lessons_changed
from experiments.lab.plan import BEYOND
from experiments.lab.statistics import Curve, chance, wilson
from experiments.show.words import (
    ARM_WORDS,
    FALL,
    OUTCOMES,
    date_words,
    ending_words,
    fold,
    happened,
    interval_words,
    likely,
    percent,
    points_words,
    width_of,
)
from experiments.war_entry.findings import LOSSES, STEP, Findings, entered_pairs, thirds
from model.episode import FRONTS
from model.outcomes import FALLS, Ending
from model.parameters import DECLARED, SWITCHES

TIMES = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Where the curve against ``beyond`` is read off [multiples of the answer to lending the land]."""
SPANS = (30, 90, 180, 365, 730)
"""How many days after the entry the chance of a fall is told, besides the last day."""


def finding(result: Findings) -> str:
    """Return the headline: whether entering changes the chance that he falls, as far as the interval shows."""
    if result.horizon < result.entry_day:
        return f"The runs end on day {result.horizon}, before he enters (day {result.entry_day}): the arms are the same"
    effect = result.effects[FALL]
    stay, enter = (percent(result.chances[arm, FALL].value) for arm in ("stay", "enter"))
    if not effect.shows:
        return f"No difference shown: he falls in {stay} of worlds if he stays and in {enter} if he enters"
    verb = "raises" if effect.value > 0.0 else "lowers"
    return f"Entering {verb} the chance that he falls {_within(result)} from {stay} to {enter}"


def _within(result: Findings) -> str:
    years = {365: "a year", 366: "a year", 730: "two years", 731: "two years", 1095: "three years"}
    return f"within {years.get(result.horizon, f'{result.horizon} days')}"


def verdict(result: Findings) -> str:
    """Return the verdict in plain words, with its numbers, their intervals, and what they rest on."""
    parts = [
        _heading(result),
        _likelihood(result),
        _bare(result),
        _chances(result),
        _effect(result),
        _mechanisms(result),
        _when(result),
        _along_shock(result),
        _along_losses(result),
        _prior(result),
        _base_rates(result),
        _decides(result),
        _calibration(result),
        _limits(result),
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(result: Findings) -> str:
    entry = result.episode.entering
    each = "once" if result.runs == 1 else f"{result.runs} times"
    off = ""
    if result.without:
        off = " Switched off: " + ", ".join(f"{name} ({SWITCHES[name]})" for name in result.without) + "."
    fronts = result.twins.drop_duplicates("world")["front"].value_counts()
    course = ", ".join(f"{front} in {fronts[front]}" for front in FRONTS if front in fronts)
    entering = f"he sends {entry.troops:,} troops on {date_words(entry.date)}"
    if entry.withdrawal:
        entering += f" and brings them home on {date_words(entry.withdrawal)}"
    words = (
        f"{result.worlds:,} {result.origin.words}, each lived {each} in each arm, {result.horizon} days from "
        f"{date_words(result.episode.start_date)}; if he enters, {entering} (the front: {course})."
        f"{off} In brackets: 95 % Monte Carlo intervals of a posterior mean, over worlds. They tell how well these "
        "runs know the model's answer, not how well the model knows the country."
    )
    return f"{result.episode.title.upper()}: IF HE STAYS, AND IF HE ENTERS\n" + fold(words)


def _likelihood(result: Findings) -> str:
    """Return the answer as likelihood and confidence, apart: what the model says, and how far it can be believed."""
    if result.horizon < result.entry_day:
        return ""
    said = []
    for arm in ("enter", "stay"):
        fall = result.chances[arm, FALL]
        said.append(f"if {ARM_WORDS[arm]}, {likely(fall.value)} ({interval_words(fall)})")
    words = f"LIKELIHOOD that he falls {_within(result)}: {'; '.join(said)}.{_by_run(result)}"
    return fold(f"{words} {confidence_words(result.gates)} {JOINERS}")


def _by_run(result: Findings) -> str:
    """Return what the histories of each run of the fit say by themselves, beside which the pooled interval stands."""
    falls = list(result.by_run.values())
    if not falls:
        return ""
    apart = max(fall.low for fall in falls) > min(fall.high for fall in falls)
    each = ", ".join(interval_words(fall) for fall in falls)
    meaning = "do not, so the interval above is too narrow" if apart else "do, within their intervals"
    return f" The {len(falls)} runs of the fit should agree on a fall after entry, and {meaning}: {each}."


def _bare(result: Findings) -> str:
    """Return what the prior alone answers, and how much of its spread the histories took away."""
    bare = result.bare
    if bare is None or result.horizon < result.entry_day:
        return ""
    drawn = f"{bare.draws} draws of all ranges, {bare.n_citizens:,} citizens"
    words = f"THE PRIOR ALONE, as if nothing had been seen ({drawn}): "
    if bare.stay is None or bare.enter is None or bare.effect is None:
        return fold(words + "he is there on the eve in none of them, so it has no answer.")
    words += (
        f"he is still there on the eve in {bare.survived}, and of these falls in {interval_words(bare.enter)} if he "
        f"enters and in {interval_words(bare.stay)} if he stays: entering adds {points_words(bare.effect)} points."
    )
    gone = (result.calibration or {}).get("contraction")
    if gone:
        most = sum(share >= 0.5 for share in gone.values())
        words += (
            f" Of the spread of the {len(gone)} numbers that they inform, the histories took "
            f"{percent(max(0.0, float(np.mean(list(gone.values())))))} on average, and half or more of {most}."
        )
    return fold(words)


def _mechanisms(result: Findings) -> str:
    """Return how he falls after entry, counted by mechanism, how large the crowds were, and how near the eve was."""
    if result.horizon < result.entry_day:
        return ""
    entered = entered_pairs(result)
    if entered.empty:
        return ""
    causes = entered.loc[happened(entered["ending_enter"], FALL).astype(bool), "cause_enter"].value_counts()
    counted = ", ".join(f"{cause} {n}" for cause, n in causes.items()) or "no fall"
    shares = entered["peak_crowd_enter"] / result.episode.electors
    middle, high, most = (percent(float(shares.quantile(q))) for q in (0.5, 0.95, 1.0))
    words = (
        f"HOW HE FALLS after entry: {counted}. The largest crowd of a run with entry is {middle} of electors at the "
        f"median, {high} at the 95th percentile, {most} at most. "
    )
    near = result.twins["x_eve_enter"].dropna()
    if len(near):
        low, mid, top = near.quantile([0.05, 0.5, 0.95])
        words += (
            f"THE EVE (C18): all who were ready together would have taken {mid:.2f} ({low:.2f} to {top:.2f}) of what "
            "his forces could hold (1: the line)."
        )
    return fold(words)


def _chances(result: Findings) -> str:
    endings = ending_words(result.episode.patron)
    width = width_of(endings.values(), 23)
    rows = [f"{'':<{width}}{'if he stays':<24}{'if he enters':<24}{'entering adds, in points':<28}".rstrip()]
    for outcome in OUTCOMES:
        cells = [interval_words(result.chances[arm, outcome]) for arm in ("stay", "enter")]
        cells.append(points_words(result.effects[outcome]))
        rows.append(f"{endings[outcome]:<{width}}{cells[0]:<24}{cells[1]:<24}{cells[2]:<28}".rstrip())
    return "\n".join(rows)


def _effect(result: Findings) -> str:
    if result.horizon < result.entry_day:
        return fold(finding(result) + ".")
    effect = result.effects[FALL]
    words = (
        f"{finding(result)}: by {points_words(effect)} points, under this prior."
        if effect.shows
        else (f"{finding(result)}; the difference, {points_words(effect)} points, may be zero.")
    )
    endings = ending_words(result.episode.patron)
    shown: list[str] = []
    open_question: list[str] = []
    for outcome in map(str, FALLS):
        change = result.effects[outcome]
        (shown if change.shows else open_question).append(f"{endings[outcome]} {points_words(change)}")
    if shown:
        words += f" Shown apart: {'; '.join(shown)}."
    if open_question:
        words += f" Not shown, because the interval holds zero: {'; '.join(open_question)}."
    stay, enter = (happened(result.twins[f"ending_{arm}"], FALL).astype(bool) for arm in ("stay", "enter"))
    words += (
        f" Of {len(stay):,} pairs of twins he falls in both in {(stay & enter).sum():,}, only if he enters in "
        f"{(enter & ~stay).sum():,}, only if he stays in {(stay & ~enter).sum():,}, in neither in "
        f"{(~stay & ~enter).sum():,}."
    )
    lost = [result.twins[f"lost_control_on_{arm}"].notna().mean() for arm in ("stay", "enter")]
    words += (
        f" The street is more than his forces can hold (3 days of 15) in {percent(lost[0])} of worlds if he stays and "
        f"{percent(lost[1])} if he enters."
    )
    coups = result.twins[result.twins["ending_enter"] == str(Ending.COUP)]
    if len(coups):
        street = int(coups["under_protest_enter"].sum())
        words += f" Coups after entry: {len(coups)}, {street} of them while the street is beyond his hold."
    return fold(words)


def _when(result: Findings) -> str:
    if result.horizon < result.entry_day:
        return ""
    days = [day for span in SPANS if (day := result.entry_day - 1 + span) < result.horizon] + [result.horizon]
    rows = [
        "WHEN: the chance that he has fallen by",
        "  " + " " * 12 + "".join(f"{date_words(result.episode.date_of(d)):>16}" for d in days),
    ]
    for arm in ("stay", "enter"):
        table = result.incidence[result.incidence["arm"] == arm].set_index("day")[FALL]
        rows.append(f"  {'if ' + ARM_WORDS[arm]:<12}" + "".join(f"{percent(float(table[d])):>16}" for d in days))
    ended = result.twins["ended_on_enter"]
    after = (ended[ended >= result.entry_day] - result.entry_day).to_numpy(float)
    early = int((ended < result.entry_day).sum())
    words = f"He falls before the day of entry in {early} of {len(ended)} pairs, in both arms alike." if early else ""
    if len(after) >= 4:
        low, middle, high = np.quantile(after, [0.25, 0.5, 0.75])
        words += (
            f" Of the {len(after)} falls after entry half come within {middle:.0f} days of it, the middle half between "
            f"{low:.0f} and {high:.0f} days after it."
        )
    elif len(after):
        words += (
            f" There {'is one fall' if len(after) == 1 else f'are {len(after)} falls'} after entry, "
            f"{', '.join(f'{d:.0f}' for d in sorted(after))} day{'s' * (list(after) != [1.0])} after it."
        )
    else:
        words += " There is no fall after entry."
    return "\n".join([*rows, fold(words.strip())])


def _along_shock(result: Findings) -> str:
    if result.horizon < result.entry_day:
        return ""
    title = (
        "THE CURVE: after entry, against how much more it angers than lending the land did (beyond; 1: as polls say)."
    )
    if "war_anger" in result.without:
        return fold(title) + "\n" + fold("The war's anger is switched off here (C6), so beyond does nothing.")
    return "\n".join([fold(title), *_read_curve(result, BEYOND, TIMES, "beyond", lambda times: f"{times:.2g}")])


def _along_losses(result: Findings) -> str:
    dead = result.twins["dead_in_store_enter"]
    if result.horizon < result.entry_day or not (dead > 0.0).all():
        return ""
    places = [float(f"{value:.2g}") for value in np.quantile(dead, [0.05, 0.25, 0.5, 0.75, 0.95])]
    title = "THE LOSSES: after entry, against the dead per million electors that the war has in store"
    title += f" by {date_words(result.episode.date_of(result.horizon))}."
    return "\n".join(
        [fold(title), *_read_curve(result, "dead_in_store_enter", places, "losses", lambda r: f"{r:,.0f}")]
    )


def _read_curve(result: Findings, column: str, places: Sequence[float], name: str, shown: Any) -> list[str]:
    """Return the lines that read the curves of any fall and of an uprising off at some places."""
    entered = entered_pairs(result)
    logs = np.log10(entered[column].to_numpy(float)) if len(entered) else np.array([0.0])
    slack = 0.02 * (logs.max() - logs.min()) + 1e-9
    inside = [p for p in dict.fromkeys(places) if logs.min() - slack <= math.log10(p) <= logs.max() + slack]
    if np.ptp(logs) == 0.0:
        return [fold(f"{name} is {shown(10 ** logs[0])} in all worlds here: no curve.")]
    curves = {outcome: result.curves[column, outcome] for outcome in (FALL, str(Ending.UPRISING))}
    drawn = {outcome: curve for outcome, curve in curves.items() if curve is not None}
    endings = ending_words(result.episode.patron)
    lines = []
    width = width_of((endings[outcome] for outcome in drawn), 24)
    if drawn:
        lines.append((f"  {name:<20}" + "".join(f"{endings[outcome]:<{width}}" for outcome in drawn)).rstrip())
    for place in inside if drawn else ():
        cells = [interval_words(curve.at(math.log10(place))) for curve in drawn.values()]
        lines.append((f"  {shown(place):<20}" + "".join(f"{cell:<{width}}" for cell in cells)).rstrip())
    curve = curves[FALL]
    if curve is None:
        events = int(happened(entered["ending_enter"], FALL).sum())
        few = "too few falls" if events * 2 < len(entered) else "too few survivors"
        said = f"{few.capitalize()} for a curve ({events} falls in {len(entered)} runs)."
        return [*lines, fold(f"{said} {_thirds(result, column, shown)}")]
    half = _half(curve)
    if not curve.slope.shows:
        said = f"That it moves with {name} is not shown."
    elif half:
        middle, low, high = half
        ends = "" if low is None or high is None else f" [{shown(10**low)} to {shown(10**high)}]"
        said = f"The chance of any fall {_moves(curve)} {name}. It crosses one half at {shown(10**middle)}{ends}."
    else:
        side = "below" if curve.value.max() < 0.5 else "above"
        span = f"{shown(10 ** curve.x[0])} to {shown(10 ** curve.x[-1])}"
        said = f"The chance of any fall {_moves(curve)} {name}. It stays {side} one half from {span}."
    stay = result.chances["stay", FALL]
    return [*lines, fold(f"{said} If he stays: {interval_words(stay)}. {_thirds(result, column, shown)}")]


def _moves(curve: Curve) -> str:
    return "rises with" if curve.slope.value > 0.0 else "falls with"


def _half(curve: Curve) -> tuple[float, float | None, float | None] | None:
    """Return where the curve crosses one half, and where its band's ends do if both do; None if it does not."""

    def crossing(line: np.ndarray) -> float | None:
        above = line >= 0.5
        if above.all() or not above.any():
            return None
        rising = above[-1]
        return float(np.interp(0.5, line if rising else line[::-1], curve.x if rising else curve.x[::-1]))

    middle, low, high = crossing(curve.value), crossing(curve.low), crossing(curve.high)
    if middle is None:
        return None
    return (middle, None, None) if low is None or high is None else (middle, min(low, high), max(low, high))


def _thirds(result: Findings, column: str, shown: Any) -> str:
    entered = entered_pairs(result)
    fell = happened(entered["ending_enter"], FALL)
    counts = [
        f"{hits} of {n} [{percent(ends[0])} to {percent(ends[1])}] where it is {shown(low)} to {shown(high)}"
        for low, high, hits, n in thirds(entered[column].to_numpy(float), fell)
        for ends in (wilson(hits, n),)
    ]
    return f"Counted by thirds, he falls in {', '.join(counts)}."


def _prior(result: Findings) -> str:
    if result.horizon < result.entry_day:
        return ""
    entered = entered_pairs(result)
    fell = happened(entered["ending_enter"], FALL)
    words = "WORLDS AND PRIOR: "
    if result.spread is None:
        words += "With one run a world, luck and world cannot be told apart (--full runs two). "
    else:
        words += (
            f"Between worlds the chance of a fall, if he enters, has a standard deviation of {100 * result.spread:.0f} "
            f"points around its mean of {percent(result.chances['enter', FALL].value)}; the rest is luck. "
        )
    if result.foretold is not None:
        shown = (
            f"foretell {percent(result.foretold)}" if result.foretold > 0.0 else "foretell nothing that can be shown"
        )
        words += (
            "The numbers of which the fit says nothing and on which the answer to entry hangs (beyond, the anger at "
            f"losses and its scale D0, the front, the losses ahead) {shown} of the variance between runs in who falls "
            "after entry (by worlds left out of the fit); the fitted numbers, all others and luck make the rest. "
        )
    courses = []
    for front in FRONTS:
        here = (entered["front"] == front).to_numpy()
        if here.any():
            courses.append(f"{front} {interval_words(chance(fell[here], entered.loc[here, 'world']))}")
    if len(courses) > 1:
        words += f"Any fall after entry by the course of the front: {', '.join(courses)}. "
    anger = thirds(entered[LOSSES].to_numpy(float), fell) if len(entered) else []
    if len(anger) == 3 and anger[0][0] < anger[2][1]:
        low, high = anger[0], anger[2]
        words += f"By the anger at losses (r_c) he falls in {low[2]} of {low[3]} in its lowest third, "
        words += f"{high[2]} of {high[3]} in its highest."
    return fold(words)


def _base_rates(result: Findings) -> str:
    rates = []
    for arm in ("stay", "enter"):
        years = result.twins[f"days_{arm}"].sum() / 365.0
        attempts = int(result.twins[f"coup_attempts_{arm}"].sum())
        coups = int((result.twins[f"ending_{arm}"] == str(Ending.COUP)).sum())
        falls = int(happened(result.twins[f"ending_{arm}"], FALL).sum())
        rates.append(
            f"if {ARM_WORDS[arm]} {100 * attempts / years:.1f} coup attempts ({coups} of {attempts} succeed) and "
            f"{100 * falls / years:.1f} falls"
        )
    words = f"Here, in a hundred years: {'; '.join(rates)}."
    big = result.twins["mobilised_1_percent_on_enter"].notna()
    if big.any():
        fell = happened(result.twins.loc[big, "ending_enter"], FALL)
        fallen = f"{int(fell.sum())} of {int(big.sum())}"
        words += f" Where he enters and one elector in a hundred is out on some day, he falls in {fallen} worlds."
    return beside(words)


def _decides(result: Findings) -> str:
    runs = result.decides
    if runs.empty:
        return ""
    entered = runs["entered_on"].notna()
    share = chance(entered, runs["world"])
    words = f"IF HE MAY CHOOSE he enters in {interval_words(share)} of worlds"
    full = int((runs["top_rung"] >= 3).sum())
    words += f" (in {full} of {int(entered.sum())} up to the full rung). " if entered.any() else ". "
    went, not_went = runs.loc[entered, "pressure_before_entry"].dropna(), runs.loc[~entered, "peak_pressure"]
    if len(went):
        low, middle, high = went.quantile([0.25, 0.5, 0.75])
        eve = f"{middle:.2f} on the eve (middle half {low:.2f} to {high:.2f})"
        words += f"Where he enters, {result.episode.patron}'s pressure P stood at {eve}. "
    if len(not_went):
        low, middle, high = not_went.quantile([0.25, 0.5, 0.75])
        peak = "its peak" if len(went) else f"the peak of {result.episode.patron}'s pressure P"
        words += f"Where he does not, {peak} was {middle:.2f} ({low:.2f} to {high:.2f}). "
    split = thirds(runs["peak_pressure"].to_numpy(float), entered.to_numpy(float))
    if len(split) == 3 and split[0][0] < split[2][1]:
        counts = [f"{hits} of {n} with a peak of {low:.2f} to {high:.2f}" for low, high, hits, n in split]
        words += f"By thirds of that peak he enters in {', '.join(counts)}. "
    words += f"He falls in {interval_words(result.chances['decide', FALL])} of worlds."
    older = lessons_changed(result.episode)
    if older:
        words += f" What he has learnt is {older}: python -m experiments.decision --accept teaches him anew."
    return fold(words)


def _calibration(result: Findings) -> str:
    record = result.calibration
    if result.origin.file is None:
        return fold("FIT: none. The worlds have default numbers where others have fitted ones.")
    if not record:
        return fold("FIT: the accepted worlds come without a calibration record, so what they miss is not known here.")
    outside = [target["name"] for target in record["targets"] if target["outside"]]
    sizes, n = record["ess"], len(record["targets"])
    of_sizes = f"effective sample size{'s' if len(sizes) > 1 else ''} {', '.join(f'{size:.0f}' for size in sizes)}"
    words = f"FIT ({of_sizes}, tolerance {record['tolerance']:g}): "
    if outside:
        words += f"{len(outside)} of {n} targets lie outside their 90 % band: {'; '.join(outside)}."
    else:
        words += f"all {n} targets lie in their 90 % band."
    return fold(words)


def _limits(result: Findings) -> str:
    anger = DECLARED[LOSSES].metadata
    words = (
        "WHAT THIS RESTS ON: the effect of entry is not identified, for nobody has seen it. The shock of a step into "
        f"the war (r) {_step(result)}; that entry angers as much more as polls say is an assumption, and how far it is "
        f"wrong (beyond: {_range(result, BEYOND)}) is a prior, as is the anger at losses "
        f"(r_c: {anger['low']:g} to {anger['high']:g} sd a tenfold), "
        f"carried through {result.origin.words}. Read the curve, not the average. To stay "
        "includes what refusing costs. This is no forecast."
    )
    return fold(words)


def _step(result: Findings) -> str:
    """Return what is known of the shock of a step into the war."""
    if result.origin.file is None:
        return f"is {_range(result, STEP)}, and fitted to nothing"
    low, middle, high = result.twins[STEP].quantile([0.05, 0.5, 0.95])
    return f"is that of the fit, {middle:.2f} ({low:.2f} to {high:.2f}) of the anger at a stolen election"


def _range(result: Findings, name: str) -> str:
    """Return from where to where a number was drawn, or at what it was fixed."""
    notes, values = DECLARED[name].metadata, result.twins[name]
    if values.nunique() == 1:
        return f"fixed at {values.iloc[0]:g}"
    return f"{notes['low']:g} to {notes['high']:g}, log-uniform"
