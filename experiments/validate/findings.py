"""The gates of the design, each met or not, and the facts beside what the histories show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evidence.gates import Gate
from experiments.evidence.targets import Target
from experiments.lab.statistics import jeffreys
from model.outcomes import Ending


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something known that no history was fitted to: what it is, its range, and the column that shows it."""

    words: str
    column: str
    low: float
    high: float
    source: str


FACTS = (
    Fact(words="2020: days until Moscow's police reserve", column="police_on", low=12, high=25, source="Reuters2020"),
    Fact(words="2020: days until Moscow's loan", column="money_on", low=30, high=45, source="Reuters2020"),
    Fact(words="2020: orders to disperse that failed", column="failed_2020", low=0, high=0, source="BySol2020"),
    Fact(
        words="loyal to pollsters, spring of 2022 [share]", column="loyal", low=0.38, high=0.48,
        source="ChangeTracker2021",
    ),
    Fact(
        words="volunteers against Russia by July 2022", column="volunteers_july", low=200, high=1_000,
        source="Kalinouski2022",
    ),
    Fact(
        words="detained in the year of war without entry", column="detained", low=1_500, high=7_000, source="Viasna2022"
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Lived:
    """All runs, a row each: accepted histories, fresh lives of their numbers, and entries of three kinds."""

    kept: pd.DataFrame
    fresh: pd.DataFrame
    entered: pd.DataFrame
    near: pd.DataFrame
    """Entries in some of the same worlds, so much more shocking that nearly half of them fall."""
    less_loyal: pd.DataFrame
    """The same with a logit less loyalty."""
    larger: pd.DataFrame
    """Entries in some of the same worlds, so many times as large."""


def band(values: Sequence[float] | pd.Series) -> tuple[float, float, float]:
    """Return the 90 % band of what worlds show, and its middle: low, middle, high.

    >>> band([0.0] + list(range(101)))[1]
    49.5
    """
    low, middle, high = pd.to_numeric(pd.Series(values)).dropna().quantile([0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


def holds(values: Sequence[float] | pd.Series, number: float) -> bool:
    """Whether the 90 % band holds a number."""
    low, _, high = band(values)
    return low <= number <= high


def gates(
    lived: Lived, targets: Sequence[Target], tolerance: float, record: Mapping[str, Any] | None,
    check: Mapping[str, Any] | None, beyond: float,
) -> list[Gate]:  # fmt: skip
    """Return the gates of the design (section 3.6) in its order.

    Args:
        lived: the runs.
        targets: what the histories were fitted to.
        tolerance: the distance within which a history fits.
        record: what the calibration left beside its worlds, if anything.
        check: what its check on known histories left there, if anything.
        beyond: how shocking the entries near the line are [multiple of r].
    """
    kept, entered = lived.kept, lived.entered
    return [
        _size(lived),
        _within(
            "the country's peak crowd of August 2020, by Minsk's", kept["country_for_capital"], 1.3, 2.0, median=True
        ),
        *_targets(lived.fresh, targets),
        _holding("25 October 2020 by 18 October, Minsk", kept["october_call"], (2.5,)),
        _below("25 and 27 March 2021: the larger crowd", kept["crowd_march"], 3_000.0),
        _within("25 and 27 March 2021: detained a day", kept["detained_march"], 100.0, 400.0, median=True),
        _holding("27 February 2022: in the street", kept["crowd_27"], (1_000.0, 10_000.0), 3_200.0),
        _holding("27 and 28 February 2022: detained", kept["detained_27_28"], (800.0, 1_100.0), 940.0),
        _share("a largest crowd below 1,000 from 7 March 2022 on", kept["crowd_later"] < 1_000.0, 0.9),
        _share("Moscow's police reserve on days 12 to 25 of 2020", kept["police_on"].between(12, 25), 0.5),
        _crowds(entered["peak_share"]),
        _gave_up(entered),
        _loyalty(lived.near, lived.less_loyal, beyond),
        Gate(
            words="the eve: X, if all who are ready came (C18)", bound="reported",
            shown="{1:.2f} ({0:.2f} to {2:.2f})".format(*band(kept["x_eve"])), met=True,
        ),
        _share("fresh lives of accepted numbers that fit again", lived.fresh["distance"] <= tolerance, 0.4),
        _agreement(record),
        _headline(entered),
        _check(check),
    ]  # fmt: skip


def _size(lived: Lived) -> Gate:
    """The same country many times as large must end alike, world by world."""
    pairs = lived.larger.join(lived.entered[["ending", "peak_share"]].add_suffix("_own"), how="inner")
    alike = pairs["ending"] == pairs["ending_own"]
    apart = (pairs["peak_share"] - pairs["peak_share_own"]).abs().max()
    return Gate(
        words="the same country 16 times as large: endings and crowds", bound="within their error",
        shown=f"{alike.sum()} of {len(pairs)} endings alike, crowds at most {apart:.1e} of electors apart",
        met=bool(alike.all() and apart < 0.01),
    )  # fmt: skip


def _targets(fresh: pd.DataFrame, targets: Sequence[Target]) -> list[Gate]:
    """Nearly every target must lie inside the band of fresh lives, and the first nights must."""
    lives = fresh[fresh["fell"] == 0]
    inside = {target.name: bool(len(lives)) and holds(lives[target.name], target.mid) for target in targets}
    least = int(np.ceil(len(targets) * 16 / 18))
    missed = ", ".join(name for name, held in inside.items() if not held) or "none"
    nights = [held for name, held in inside.items() if "first night" in name]
    return [
        Gate(
            words="targets inside the 90 % band of fresh lives", bound=f"{least} of {len(targets)}",
            shown=f"{sum(inside.values())} of {len(targets)}; missed: {missed}", met=sum(inside.values()) >= least,
        ),
        Gate(words="the first nights inside", bound="all", shown=f"{sum(nights)} of {len(nights)}", met=all(nights)),
    ]  # fmt: skip


def _within(words: str, values: pd.Series, low: float, high: float, *, median: bool) -> Gate:
    least, middle, most = band(values)
    return Gate(
        words=words, bound=f"median {low:,g} to {high:,g}", shown=f"{middle:,.3g} ({least:,.3g} to {most:,.3g})",
        met=low <= middle <= high,
    )  # fmt: skip


def _below(words: str, values: pd.Series, bound: float) -> Gate:
    least, middle, most = band(values)
    return Gate(
        words=words, bound=f"below {bound:,g}", shown=f"{middle:,.3g} ({least:,.3g} to {most:,.3g})", met=most < bound
    )


def _holding(words: str, values: pd.Series, seen: tuple[float, ...], middle: float | None = None) -> Gate:
    """The band must hold what was seen (or overlap its range), and the median within x2 of its middle."""
    least, median, most = band(values)
    met = least <= seen[-1] and most >= seen[0] and (middle is None or 0.5 * middle <= median <= 2.0 * middle)
    bound = f"band holds {seen[0]:,g}" if middle is None else f"{seen[0]:,g} to {seen[-1]:,g}, median within x2"
    return Gate(words=words, bound=bound, shown=f"{median:,.3g} ({least:,.3g} to {most:,.3g})", met=bool(met))


def _share(words: str, true: pd.Series, least: float) -> Gate:
    share = float(true.mean())
    return Gate(words=words, bound=f"{least:.0%} or more", shown=f"{share:.0%}", met=share >= least)


def _crowds(share: pd.Series) -> Gate:
    return Gate(
        words="largest crowd after entry", bound="above 10 % of electors in at most 5 %, above 20 % in none",
        shown=f"above 10 % in {(share > 0.1).mean():.1%}, largest {share.max():.1%}, median {share.median():.2%}",
        met=bool((share > 0.1).mean() <= 0.05 and share.max() <= 0.2),
    )  # fmt: skip


def _gave_up(entered: pd.DataFrame) -> Gate:
    risen = entered[entered["ending"] == Ending.UPRISING]
    gave_up = int((risen["cause"] == "he gave up").sum())
    return Gate(
        words="uprisings that end because he gives up", bound="at most one in three",
        shown=f"{gave_up} of {len(risen)}", met=3 * gave_up <= len(risen),
    )  # fmt: skip


def _loyalty(near: pd.DataFrame, less: pd.DataFrame, beyond: float) -> Gate:
    """Near the line (about half fall), a logit less loyalty must add falls: then C13 carries endings."""
    fell, falls = share_fallen(near), share_fallen(less)
    return Gate(
        words="a logit less loyalty on the eve, near the line", bound="10 points more falls or more",
        shown=f"{fell:.0%} to {falls:.0%}, {100 * (falls - fell):+.1f} points (entry {beyond:g} times as shocking)",
        met=falls - fell >= 0.1,
    )  # fmt: skip


def share_fallen(rows: pd.DataFrame) -> float:
    """Return the share of runs in which he fell [0 to 1]."""
    return float((rows["ending"] != Ending.SURVIVED).mean())


def _check(check: Mapping[str, Any] | None) -> Gate:
    shown = "not tried"
    if check:
        parts = [f"{check[name]['covered']:.0f} % for {check[name]['expected']:.0f} %" for name in ("outer", "inner")]
        shown = f"{', '.join(parts)}, of {check['fits']} known histories"
    return Gate(
        words="simulation-based calibration on 50 known worlds", bound="intervals cover, within 5 points",
        shown=shown, met=bool(check and check["covers"] and check["fits"] >= 50),
    )  # fmt: skip


def _agreement(record: Mapping[str, Any] | None) -> Gate:
    apart = (record or {}).get("gelman_rubin") or {}
    over = [name for name, value in apart.items() if not value <= 1.1]
    return Gate(
        words="independent runs of the fit agree (Gelman-Rubin at most 1.1)", bound="on all numbers but 3",
        shown=f"on {len(apart) - len(over)} of {len(apart)}" if apart else "one run",
        met=bool(apart) and len(over) <= 3,
    )  # fmt: skip


def _headline(entered: pd.DataFrame) -> Gate:
    """Each run's own histories must give a chance of falling within the interval of the others'."""
    fell = entered["ending"] != Ending.SURVIVED
    groups = fell.groupby(entered["run"])
    parts = [(group.sum(), len(group)) for _, group in groups]
    ends = [jeffreys(hits, n) for hits, n in parts]
    met = len(parts) > 1 and max(low for low, _ in ends) <= min(high for _, high in ends)
    said = [f"{hits / n:.1%} [{low:.1%} to {high:.1%}]" for (hits, n), (low, high) in zip(parts, ends, strict=True)]
    return Gate(words="falls after entry, by run of the fit", bound="intervals meet", shown=", ".join(said), met=met)


def facts_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each fact beside the middle and the 90 % band of what the histories show."""
    lines = []
    for fact in FACTS:
        values = pd.to_numeric(rows[fact.column])
        low, middle, high = values.dropna().quantile([0.05, 0.5, 0.95])
        inside = float(((values >= fact.low) & (values <= fact.high)).mean())
        lines.append(
            {
                "fact": fact.words, "known_low": fact.low, "known_high": fact.high, "band_low": low, "median": middle,
                "band_high": high, "share_inside": inside, "never": float(values.isna().mean()), "source": fact.source,
            }
        )  # fmt: skip
    return pd.DataFrame(lines)
