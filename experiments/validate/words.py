"""What the gates and the facts say, in words: failures first."""

from collections.abc import Sequence

import pandas as pd

from experiments.evidence.gates import Gate
from experiments.lab.statistics import jeffreys
from experiments.show.words import fold


def verdict(tried: Sequence[Gate], table: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Return in words which gates fail, which are met, and what the histories predict that they were not fitted to."""
    failed = [gate for gate in tried if not gate.met]
    lines = [f"{len(tried) - len(failed)} of {len(tried)} gates are met; failures first.", ""]
    for mark, some in (("FAILS", failed), ("met", [gate for gate in tried if gate.met])):
        lines += [fold(f"{mark} {gate.words}: {gate.shown} (gate: {gate.bound})", "      ") for gate in some]
    lines += ["", f"{'not fitted':<48}{'known':>16}{'90 % of worlds':>22}{'inside':>9}"]
    for row in table.itertuples():
        known = f"{row.known_low:,.6g} to {row.known_high:,.6g}"
        band = "-" if row.never == 1.0 else f"{row.band_low:,.3g} to {row.band_high:,.3g}"
        missed = " MISSED" if row.band_high < row.known_low or row.band_low > row.known_high else ""
        never = f" (never in {row.never:.0%})" if row.never > 0 else ""
        lines.append(f"{row.fact:<48}{known:>16}{band:>22}{row.share_inside:>9.0%}{missed}{never}")
    years = rows["days"].sum() / 365.0
    attempts, coups = int(rows["coup_attempts"].sum()), int((rows["ending"] == "coup").sum())
    survived = int((rows["ending"] == "survived").sum())
    low, high = jeffreys(survived, len(rows))
    lines.append(
        "He survived the first year without entry; "
        f"so do {survived / len(rows):.0%} of worlds [{low:.0%} to {high:.0%}]."
    )
    lines.append(
        f"Palace coups without entry: {100.0 * attempts / years:.1f} attempts in a hundred years, {coups} of "
        f"{attempts} succeed (aim of the design: 1 to 4, about 30 %; personalist regimes 1990-2010: 6.0, 30 %)."
    )
    return "\n".join(lines)
