"""What was foretold of other countries' crises, in words: failures first."""

import math

import pandas as pd

from experiments.cases.findings import Findings
from experiments.evidence.crises import Case
from experiments.show.words import fold, interval_words, percent

ASKED = {"fell": "he falls", "broke": "the forces break"}
CALLED = {"model": "the model", "base": "the base rate", "logit": "a logit of two variables"}
WRONG = 0.5


def estimate(row: pd.Series, question: str) -> tuple[float, float, float]:
    """Return a chance and the ends of its interval."""
    return tuple(float(row[f"{question}_{end}"]) for end in ("model", "low", "high"))  # type: ignore[return-value]


def right(row: pd.Series, question: str = "fell") -> bool:
    """Whether what happened was called the likelier."""
    return bool((row[f"{question}_said"] > WRONG) == (row[question] == 1.0))


def against(result: Findings, question: str, method: str) -> str:
    """Return by how much the model's Brier loss is above another's, and whether that is shown."""
    row = result.score(question, method)
    low, high = row["brier_saved_low"], row["brier_saved_high"]
    shown = "it loses less" if low > 0.0 else "it loses more" if high < 0.0 else "no difference is shown"
    return f"{-row['brier_saved']:+.3f} [{-high:+.3f} to {-low:+.3f}] beside {CALLED[method]} ({shown})"


def finding(result: Findings) -> str:
    """Return the headline: how many crises were called right, and whether that beats the base rate."""
    called = sum(right(row) for _, row in result.scored.iterrows())
    score, base = result.score("fell", "model"), result.score("fell", "base")
    low, high = base["brier_saved_low"], base["brier_saved_high"]
    word = "beats" if low > 0.0 else "is worse than" if high < 0.0 else "is not shown to beat"
    return (
        f"Given only its crowd, the model calls {called} of {len(result.scored)} crises right, and {word} the base "
        f"rate (Brier {score['brier']:.2f} against {base['brier']:.2f})"
    )


def verdict(result: Findings) -> str:
    """Return the failures, all cases, the scores beside simpler methods', and what this can say."""
    scored = result.scored.assign(loss=lambda rows: (rows["fell_said"] - rows["fell"]).abs())
    scored = scored.sort_values("loss", ascending=False)
    wrong = scored[[not right(row) for _, row in scored.iterrows()]]
    other = result.table[~result.table["case"].isin(scored["case"])]
    parts = [
        "OTHER COUNTRIES' CRISES, FORETOLD FROM NOTHING BUT THEIR LARGEST CROWD",
        fold(finding(result) + "."),
        _failures(wrong),
        _cases(pd.concat([wrong, scored[~scored["case"].isin(wrong["case"])], other])),
        *(_scores(result, question) for question in ASKED),
        fold(_days(scored)),
        fold(_limits(result)),
    ]
    return "\n\n".join(part for part in parts if part)


def _failures(wrong: pd.DataFrame) -> str:
    """Return each crisis that was called wrong, and what the model says of it."""
    if wrong.empty:
        return "No crisis was called wrong."
    lines = []
    for _, row in wrong.iterrows():
        if not row["fits"]:
            said = "no world has such a crowd, so it says the base rate"
        else:
            cause = f", mostly since {row['cause']}" if row["cause"] else ""
            said = f"he falls in {interval_words(estimate(row, 'fell'))}{cause}"
        lines.append("  " + fold(f"{row['name']}: he {'fell' if row['fell'] else 'stayed'}; {said}.", "    "))
    return "\n".join(["CALLED WRONG:", *lines])


def _cases(table: pd.DataFrame) -> str:
    lines = [
        "In brackets 95 % intervals over worlds; logit and base rate: the case itself left out.",
        f"  {'crisis':<21}{'fell':<5}{'falls':<22}{'logit':<7}{'broke':<6}{'breaks':<22}{'days':<5}falls on",
    ]
    for _, row in table.iterrows():
        chances = [interval_words(estimate(row, question)) if row["fits"] else "crowd not met" for question in ASKED]
        days = "-" if _missing(row["days_middle"]) else f"{row['days_low']:.0f} to {row['days_high']:.0f}"
        seen = [{1.0: "yes", 0.0: "no"}.get(row[question], "-") for question in ASKED]
        logit = "-" if _missing(row.get("fell_logit")) else percent(row["fell_logit"])
        known = "-" if _missing(row["days"]) else f"{row['days']:.0f}"
        lines.append(
            f"  {row['name']:<21}{seen[0]:<5}{chances[0]:<22}{logit:<7}{seen[1]:<6}{chances[1]:<22}{known:<5}{days}"
        )
    return "\n".join(lines)


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _scores(result: Findings, question: str) -> str:
    cases = int(result.score(question, "model")["cases"])
    lines = [
        f"SCORES: {ASKED[question]} ({cases} cases; intervals by a bootstrap over cases; losses: 0 is perfect)",
        f"  {'':<26}{'balanced accuracy':<24}{'Brier':<24}log [nats]",
    ]
    for method, words in CALLED.items():
        row = result.score(question, method)
        balanced = interval_words((row["balanced"], row["balanced_low"], row["balanced_high"]))
        balanced = "50 % (by definition)" if method == "base" else balanced
        losses = [f"{row[n]:.3f} [{row[f'{n}_low']:.3f} to {row[f'{n}_high']:.3f}]" for n in ("brier", "log")]
        lines.append(f"  {words:<26}{balanced:<24}{losses[0]:<24}{losses[1]}")
    lines.append(
        fold(f"The model's Brier loss: {against(result, question, 'base')}; {against(result, question, 'logit')}.")
    )
    return "\n".join(lines)


def _days(scored: pd.DataFrame) -> str:
    """Return in how many of the falls with a known day that day lies among the model's."""
    known = scored[scored["days"].notna() & scored["days_middle"].notna()]
    if known.empty:
        return "DAYS: of no crisis with a known day does the model have falls."
    inside = known[(known["days"] >= known["days_low"]) & (known["days"] <= known["days_high"])]
    early = int((known["days_middle"] < known["days"]).sum())
    names = ", ".join(inside["name"]) or "none"
    return (
        f"DAYS: of {len(known)} falls on a known day, the day lies among nine tenths of the model's in {len(inside)} "
        f"({names}); the model's median is earlier in {early}."
    )


def _limits(result: Findings) -> str:
    least = result.table.sort_values("fits").iloc[0]
    return (
        f"{result.worlds} worlds fitted to Belarus give the numbers of the rules in each case; how other peoples and "
        "forces differ is not in the files, and where men stand, media and dates are assumptions. The worst met crowd: "
        f"{least['name']}, in {least['fits']} of {least['worlds']} worlds; only those count. It is no clean test: the "
        "18 cases are no sample, their endings were known when the rules were written (how late patrons come is drawn "
        "from some of them), and the killed are an input, though who is killed hangs on how it ends. What a patron "
        "with an army of his own can do, as in 1953, 1956 and 1968, is in the rules only as men lent for the street."
    )


def of_one(case: Case, row: pd.Series, origin: str) -> str:
    """Return one country's chances."""
    head = f"{case.episode.title}: {row['worlds']} {origin}, each with a shock that brings its crowd."
    if not row["fits"]:
        return fold(
            f"{head} No world has a crowd of {case.peak[0]:,.0f} to {case.peak[1]:,.0f} people, whatever the shock: "
            "nothing can be said."
        )
    days = ""
    if row["fell"] is None or not _missing(row["days_middle"]):
        days = (
            f" Where he falls, half of the falls come by day {row['days_middle']:.0f}, nine tenths between day "
            f"{row['days_low']:.0f} and {row['days_high']:.0f}, mostly since {row['cause']}."
            if not _missing(row["days_middle"])
            else ""
        )
    chances = "; ".join(f"{words} {interval_words(estimate(row, name))}" for name, words in ASKED.items())
    known = [
        f"{words}: {'yes' if row[name] == 1.0 else 'no'}"
        for name, words in {"fell": "he fell", "broke": "the forces broke"}.items()
        if not _missing(row[name])
    ]
    return "\n\n".join(
        [
            fold(head),
            fold(
                f"Within {case.episode.days} days {chances} [95 % intervals over worlds].{days} The shock is "
                f"{row['size']:.2f} of the anger of 2020 (median). The crowd was met in {row['fits']} of "
                f"{row['worlds']} worlds; only those count."
            ),
            fold(
                (f"What happened: {'; '.join(known)}. " if known else "")
                + "How much such a chance is worth is what `python -m experiments.cases` says of 17 crises with a "
                "known end. It is no forecast to act on."
            ),
        ]
    )
