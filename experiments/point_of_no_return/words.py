"""The verdict on coming home, in plain words chosen by the numbers."""

from experiments.point_of_no_return.findings import DRAWN, NEAR, NEVER, STAYS, WAITS, Findings, estimate
from experiments.show.words import fold, interval_words, percent, points_words


def finding(result: Findings) -> str:
    """Return the headline: until when coming home is shown to help, nearer the line."""
    until, rows = result.helps_until(NEAR), result.of(NEAR)
    if until is None:
        return "That coming home helps him is not shown, on any day, nearer the line either"
    goes, comes = (percent(rows.loc[until, name]) for name in ("would_fall", "still_falls"))
    if until == max(WAITS):
        said = f"Coming home still helps after {until} days in the war, the last that was tried"
    else:
        after = WAITS[WAITS.index(until) + 1]
        said = f"Coming home helps until day {until} of the war; on day {after} that is no longer shown"
    return f"{said}: on day {until} it cuts falls to come from {goes} to {comes}, nearer the line"


def verdict(result: Findings) -> str:
    """Return what the runs say: falls by the day of coming home, whom it saves, and what entry leaves behind."""
    entry = result.episode.entering.date
    lines = [
        fold(
            f"{result.worlds} {result.origin.words}, each entering on {entry:%-d %b %Y}; the troops come home after "
            "some days, never, or he stays out; the same dice. Asked as drawn, and nearer the line: entry angers "
            f"{result.beyond:g} times as much as lending the land did. In brackets: 95 % Monte Carlo intervals, over "
            "worlds."
        ),
        "",
        fold(finding(result) + "."),
    ]
    for setting in (DRAWN, NEAR):
        rows = result.of(setting)
        lines += [
            "",
            fold(
                f"{setting.upper()}: he falls within the year in {interval_words(estimate(rows.loc[NEVER], 'falls'))} "
                f"of worlds if they never come home, in {interval_words(estimate(rows.loc[STAYS], 'falls'))} if he "
                "stays. Of those who still stand when they come home:"
            ),
            f"{'home':<10}{'stand':>5}  {'still fall':<18}{'had they gone on':<18}{'saved, in points':<22}"
            "more than if he stays",
        ]
        for wait in WAITS:
            row = rows.loc[wait]
            falls, would = (interval_words(estimate(row, name)) for name in ("still_falls", "would_fall"))
            saves, left = (points_words(estimate(row, name)) for name in ("saves", "left"))
            lines.append(f"{wait:>4} days {int(row['standing']):>5}  {falls:<18}{would:<18}{saves:<22}{left}")
    lines += ["", fold(_hysteresis(result))]
    return "\n".join(line.rstrip() for line in lines)


def _hysteresis(result: Findings) -> str:
    """Return whether entry leaves something behind that coming home does not undo."""
    rows = result.of(NEAR)
    scarred = [wait for wait in WAITS if rows.loc[wait, "left_low"] > 0.0]
    if not scarred:
        said = "HYSTERESIS is not shown: those who come home fall no more often, as far as seen, than had they stayed."
    else:
        first = scarred[0]
        said = (
            f"HYSTERESIS: yes, nearer the line. He who comes home after {first} days still falls more often than had "
            f"he stayed out, by {points_words(estimate(rows.loc[first], 'left'))} points."
        )
    return (
        f"{said} CONFIDENCE: very low for the days themselves: nobody has seen such an entry or such a return, and how "
        "shocking entry is (beyond) is informed by nothing. The order of the chances holds within these runs."
    )
