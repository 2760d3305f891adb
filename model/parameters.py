"""Every number of the rules, once, with its unit, its range and its source.

A group is a frozen dataclass, one for each actor. The declared range is also the range from which the
experiments draw. ``source`` is a key of ``sources.md`` or the plain word ``assumption``; ``scale`` says
how draws are spread over the range; ``fitted`` marks what the history from 2020 to 2022 can inform: its default is
that of one history of an earlier fit: the accepted histories have numbers of their own.
"""

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

SWITCHES = {
    "pressure": "C1",
    "ladder": "C2",
    "debt": "C3",
    "provocations": "C4",
    "survival_choice": "C5",
    "war_anger": "C6",
    "war_aversion": "C7",
    "defiance": "C8",
    "diaspora": "C9",
    "shame": "C10",
    "sanctions": "C10",
    "talks": "C11",
    "media_grip": "C12",
    "divided_forces": "C13",
    "geography": "C14",
    "conditional_support": "C15",
    "puppet_suffices": "C17",
    "refusal_cost": "C19",
}
"""The switch of each claim of the article (C16 is the calibration episode, C18 an initial state)."""


class ParameterError(ValueError):
    """A parameter that does not exist, or whose value is not allowed; the message tells the way out."""


def quantity(
    default: float,
    *,
    unit: str,
    low: float,
    high: float,
    source: str,
    scale: str = "linear",
    fitted: bool = False,
    allowed: tuple[float, float] | None = None,
) -> Any:
    """Declare one number: its value, unit [text], range [same unit], source and how draws are spread.

    Whole-number defaults declare whole-number parameters. A fixed number has ``low == high``. ``allowed`` is what
    may be set, where an experiment asks beyond the range that is drawn from; without it, the range.
    """
    notes = {"unit": unit, "low": low, "high": high, "source": source, "scale": scale, "fitted": fitted}
    notes["allowed"] = allowed or (low, high)
    return field(default=default, metadata=notes)


def nearest(name: str, names: Iterator[str] | list[str]) -> str:
    """Return ``; did you mean X?`` for the name most like the given one, or nothing when none is like it.

    >>> nearest("nois", ["noise", "ties"])
    '; did you mean noise?'
    """
    like = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {like[0]}?" if like else ""


def brief(value: Any) -> str:
    """Return a given value for a message that stays one line of some length.

    >>> brief("often"), brief(2.5), brief(10**400)[-15:]
    ("'often'", '2.5', '0... (too long)')
    """
    words = repr(value)
    return words if len(words) <= 80 else f"{words[:60]}... (too long)"


@dataclass(frozen=True)
class _Group:
    """What every group of parameters does: check each value against what its field declares."""

    def __post_init__(self) -> None:
        for number in dataclasses.fields(self):
            value, notes = getattr(self, number.name), number.metadata
            name = f"{type(self).__name__}.{number.name}"
            least, most = notes["allowed"]
            expected = f"expected {least:g} to {most:g} [{notes['unit']}]"
            whole = isinstance(number.default, int)
            numeric: Any = Integral if whole else Real
            if isinstance(value, bool) or not isinstance(value, numeric):
                kind = "a whole number" if whole else "a number"
                raise ParameterError(f"{name} = {brief(value)} is not {kind}; {expected}")
            if not least <= value <= most:
                raise ParameterError(f"{name} = {value}; {expected}")
            object.__setattr__(self, number.name, int(value) if whole else float(value))


@dataclass(frozen=True, kw_only=True)
class CitizenParameters(_Group):
    """What moves an elector (Kuran 1991, Epstein 2002, Siegel 2009). Anger is in sd of opposition - threshold."""

    private_opposition: float = quantity(
        0.461, unit="share of electors", low=0.45, high=0.8, source="Chatham2020", fitted=True
    )
    opposition_spread: float = quantity(
        0.858, unit="sd; threshold has the rest of 1", low=0.6, high=0.95, source="assumption", fitted=True
    )
    threshold: float = quantity(4.19, unit="sd", low=1.5, high=5.0, source="assumption", fitted=True)
    reachable: float = quantity(
        0.42,
        unit="share of electors who would go at all",
        low=0.25,
        high=0.55,
        source="Chatham2020",
        fitted=True,
        allowed=(0.0, 1.0),
    )
    capital_shift: float = quantity(0.791, unit="sd", low=0.0, high=0.9, source="NAS2020", fitted=True)
    control_gradient: float = quantity(
        0.579, unit="sd per 10 points of early voting", low=0.0, high=0.6, source="CEC2020", fitted=True
    )
    age_gradient: float = quantity(
        0.212, unit="sd, young against old", low=0.2, high=0.7, source="NAS2020", fitted=True
    )
    media_gradient: float = quantity(
        0.579, unit="sd, independent against state", low=0.2, high=0.9, source="Chatham2023", fitted=True
    )
    focal_anger: float = quantity(
        2.95, unit="sd, at a stolen election", low=0.3, high=3.0, source="assumption", fitted=True
    )
    focal_half_life: float = quantity(
        105.0, unit="days", low=30.0, high=365.0, source="assumption", scale="log", fitted=True
    )
    outrage: float = quantity(
        0.19, unit="sd per day of full outrage", low=0.1, high=3.0, source="MOBILISE", fitted=True
    )
    outrage_half: float = quantity(
        180.0,
        unit="detained a day, per million electors",
        low=30.0,
        high=600.0,
        source="assumption",
        scale="log",
        fitted=True,
    )
    outrage_killed: float = quantity(
        50.0, unit="detained, that one killed outrages like", low=10.0, high=500.0, source="assumption", scale="log"
    )
    outrage_half_life: float = quantity(
        36.1, unit="days", low=7.0, high=60.0, source="assumption", scale="log", fitted=True
    )
    ties: float = quantity(3.79, unit="sd, if all ties are out", low=0.0, high=4.0, source="MOBILISE", fitted=True)
    crowd: float = quantity(0.944, unit="sd, at a boundless crowd", low=0.0, high=3.0, source="assumption", fitted=True)
    crowd_half: float = quantity(
        0.00896, unit="share of electors (c0)", low=0.003, high=0.03, source="assumption", scale="log", fitted=True
    )
    local_view: float = quantity(
        0.622, unit="share, own region against the country", low=0.2, high=0.9, source="assumption", fitted=True
    )
    penalty: float = quantity(
        2.42, unit="sd per unit chance of arrest", low=1.0, high=100.0, source="assumption", scale="log", fitted=True
    )
    penalty_rise: float = quantity(
        1.96, unit="multiple of it by February 2022: days became years", low=1.0, high=10.0, source="Viasna2022",
        scale="log", fitted=True,
    )  # fmt: skip
    organising: float = quantity(
        0.821,
        unit="share of ties' and crowds' pull, once dissolved",
        low=0.2,
        high=1.0,
        source="assumption",
        fitted=True,
    )
    risk_spread: float = quantity(0.406, unit="log sd", low=0.2, high=0.8, source="assumption", fitted=True)
    risk_half_life: float = quantity(
        2.82, unit="days", low=2.0, high=21.0, source="assumption", scale="log", fitted=True
    )
    home_arrests: float = quantity(
        0.000227,
        unit="chance a day at full effort, of the ready who stay at home",
        low=0.00001,
        high=0.01,
        source="assumption",
        scale="log",
        fitted=True,
        allowed=(0.0, 1.0),
    )
    deployment_view: float = quantity(
        0.268, unit="share, sight of the police against memory", low=0.1, high=0.9, source="assumption", fitted=True
    )
    risk_weight: float = quantity(
        1.0, unit="exponent of what a chance of arrest counts for (1: itself)", low=1.0, high=1.0, source="Prelec1998",
        allowed=(0.3, 2.0),
    )  # fmt: skip
    noise: float = quantity(0.108, unit="sd", low=0.1, high=0.3, source="assumption", fitted=True)
    mood_half_life: float = quantity(16.9, unit="days", low=14.0, high=42.0, source="assumption", fitted=True)
    weekday_availability: float = quantity(
        0.0000559, unit="share of the mobilised", low=0.00005, high=0.15, source="assumption", scale="log", fitted=True
    )
    square_availability: float = quantity(
        0.111,
        unit="share of the mobilised, on an unopposed square",
        low=0.05,
        high=0.5,
        source="assumption",
        scale="log",
        fitted=True,
    )
    called_availability: float = quantity(
        0.455,
        unit="share of the mobilised, free on the day of a call",
        low=0.3,
        high=0.9,
        source="assumption",
        fitted=True,
        allowed=(0.0, 1.0),
    )
    own_march: float = quantity(
        0.5,
        unit="share of the ready whom a Sunday's march in the capital reaches elsewhere",
        low=0.1,
        high=1.0,
        source="assumption",
        fitted=True,
        allowed=(0.0, 1.0),
    )
    call_half: float = quantity(
        0.00251,
        unit="share of electors, whose gathering calls half of the ready again",
        low=3e-05,
        high=0.03,
        source="assumption",
        scale="log",
        fitted=True,
    )
    call_broken: float = quantity(
        0.374,
        unit="share of a gathering that counts no more, if it was dispersed",
        low=0.1,
        high=0.95,
        source="assumption",
        fitted=True,
    )
    call_pull: float = quantity(
        0.235, unit="sd, of a call for a date", low=0.0, high=1.0, source="assumption", fitted=True
    )
    blackout: float = quantity(
        0.77,
        unit="share of the open news and of the calls that a full blackout cuts",
        low=0.3,
        high=1.0,
        source="assumption",
        fitted=True,
    )
    focal_turnout: float = quantity(
        0.0013,
        unit="share of electors expected at a call",
        low=0.0005,
        high=0.02,
        source="assumption",
        scale="log",
        fitted=True,
    )
    word_of_mouth: float = quantity(
        0.298, unit="share of the news", low=0.1, high=0.7, source="assumption", fitted=True
    )
    aversion_support: float = quantity(
        0.128,
        unit="share who would send troops",
        low=0.03,
        high=0.13,
        source="Chatham2022",
        fitted=True,
    )
    aversion_gradient: float = quantity(
        0.155,
        unit="mean aversions, by age and media",
        low=0.0,
        high=0.6,
        source="Narratives2023",
        fitted=True,
    )
    aversion_opposition: float = quantity(
        0.249, unit="correlation", low=0.2, high=0.6, source="Chatham2022", fitted=True
    )
    territory_approval: float = quantity(
        0.35, unit="share who approve of the lent land", low=0.35, high=0.35, source="Chatham2022", allowed=(0.29, 0.41)
    )
    war_shock: float = quantity(
        0.684,
        unit="multiple of the anger of 2020, for one who hears all (r)",
        low=0.25,
        high=1.8,
        source="assumption",
        scale="log",
        allowed=(0.0, 6.0),
        fitted=True,
    )
    war_beyond: float = quantity(
        1.0,
        unit="multiple of r, of a full entry",
        low=0.5,
        high=2.0,
        source="assumption",
        scale="log",
        allowed=(0.0, 8.0),
    )
    peace_premium: float = quantity(
        0.162,
        unit="sd, soothed by staying out",
        low=0.0,
        high=0.4,
        source="ChangeTracker2022",
        fitted=True,
    )
    presence_anger: float = quantity(
        0.2, unit="sd, at the patron's men in the street", low=0.0, high=0.5, source="Chatham2020"
    )
    war_shock_half_life: float = quantity(
        120.0, unit="days", low=30.0, high=400.0, source="BAW2022", scale="log", fitted=True
    )
    loss_anger: float = quantity(
        0.4, unit="sd per tenfold losses (r_c)", low=0.2, high=0.6, source="GartnerSegura1998", allowed=(0.0, 3.0)
    )
    loss_half: float = quantity(8.0, unit="dead per million (D0)", low=1.0, high=30.0, source="assumption", scale="log")
    loss_recent_share: float = quantity(
        0.5, unit="share, recent against cumulative", low=0.2, high=0.8, source="GartnerSegura1998"
    )
    loss_curve: float = quantity(
        0.0, unit="0: by powers of ten, 1: by heads, between: by a power", low=0.0, high=0.0, source="assumption",
        allowed=(0.0, 1.0),
    )  # fmt: skip
    loss_half_life: float = quantity(28.0, unit="days, of recent losses", low=14.0, high=56.0, source="assumption")
    acquaintances: float = quantity(
        300.0, unit="people whom one knows", low=150.0, high=600.0, source="McCarty2001", scale="log"
    )
    economy_anger: float = quantity(
        0.0686, unit="sd per % of GDP lost", low=0.0, high=0.1, source="assumption", fitted=True
    )
    shame: float = quantity(
        0.098, unit="sd, for the lent territory", low=0.0, high=0.3, source="Kulakevich2022", fitted=True
    )
    falsification: float = quantity(
        0.3, unit="sd per mean risk aversion", low=0.0, high=0.8, source="ChapkovskiSchaub2022"
    )
    exile_chance: float = quantity(0.101, unit="chance on release", low=0.02, high=0.4, source="BEROC2023", fitted=True)
    emigrated: float = quantity(
        0.018, unit="share of electors who left in 2021, opponents first", low=0.018, high=0.018, source="BEROC2023",
        allowed=(0.0, 0.05),
    )  # fmt: skip
    volunteer_rate: float = quantity(
        0.004, unit="chance a year, of an exile in wartime", low=0.001, high=0.02, source="Kalinouski2022", scale="log"
    )
    aid_per_exile: float = quantity(10.0, unit="US dollars a month", low=1.0, high=50.0, source="assumption")
    diaspora_news: float = quantity(
        0.336,
        unit="share of missed news, at 2 % in exile",
        low=0.0,
        high=0.5,
        source="assumption",
        fitted=True,
    )


@dataclass(frozen=True, kw_only=True)
class SecurityParameters(_Group):
    """When units obey (Morris-Shin 2003, Casper-Tyson 2014) and what they can do to a crowd."""

    containment: float = quantity(
        21.1,
        unit="people one officer contains (rho)",
        low=5.0,
        high=60.0,
        source="assumption",
        scale="log",
        fitted=True,
    )
    reach: float = quantity(
        0.835, unit="share of provincial force, in 48 hours", low=0.3, high=0.9, source="assumption", fitted=True
    )
    detention_rate: float = quantity(
        0.0584,
        unit="detained per officer a day (kappa)",
        low=0.05,
        high=0.8,
        source="MVD2020",
        scale="log",
        fitted=True,
    )
    arrest_form: int = quantity(
        0, unit="form of the capacity (0: exponential, 1: a hard edge)", low=0, high=0, source="assumption",
        allowed=(0, 1),
    )  # fmt: skip
    contain_effort: float = quantity(
        0.204, unit="share of full effort", low=0.05, high=0.6, source="assumption", fitted=True
    )
    detention_days: float = quantity(6.11, unit="days, mean", low=5.0, high=25.0, source="Viasna2020", fitted=True)
    obedience: float = quantity(3.89, unit="logit (a0)", low=1.0, high=4.5, source="BySol2020", fitted=True)
    loyalty_drift: float = quantity(
        0.0, unit="logit, since the eve", low=0.0, high=0.0, source="assumption", allowed=(-3.0, 3.0)
    )
    loyalty_effect: float = quantity(
        0.912, unit="logit per sd (a_l)", low=0.3, high=2.0, source="assumption", fitted=True
    )
    support_effect: float = quantity(
        0.285, unit="logit, full support (a_u)", low=0.0, high=1.5, source="assumption", fitted=True
    )
    strain_effect: float = quantity(
        0.66, unit="logit, at full strain (a_s)", low=0.2, high=2.0, source="assumption", fitted=True
    )
    kin_effect: float = quantity(
        14.5, unit="logit per share of region mobilised (a_k)", low=0.0, high=20.0, source="assumption", fitted=True
    )
    violence_effect: float = quantity(
        0.724, unit="logit, at force asked in full (a_v)", low=0.0, high=2.0, source="assumption", fitted=True
    )
    loss_effect: float = quantity(
        0.5, unit="logit per 1 % of branch killed (a_w)", low=0.0, high=2.0, source="assumption"
    )
    consent: float = quantity(
        1.5, unit="logit, to fight abroad", low=-1.0, high=4.0, source="assumption", allowed=(-10.0, 10.0)
    )
    home_effect: float = quantity(
        2.0, unit="logit per share of the home region that is ready to rise", low=0.0, high=20.0, source="assumption"
    )
    conscript_effect: float = quantity(0.5, unit="logit, all conscripts", low=0.0, high=1.5, source="assumption")
    defeat_effect: float = quantity(1.5, unit="logit, after a defeat", low=0.5, high=3.0, source="assumption")
    refusal_weight: float = quantity(
        0.5, unit="strength per share that refuses to fight", low=0.0, high=1.0, source="assumption"
    )
    refusal_half_life: float = quantity(30.0, unit="days", low=10.0, high=90.0, source="assumption")
    signal_noise: float = quantity(0.173, unit="strength (sigma)", low=0.05, high=0.3, source="assumption", fitted=True)
    common_shock: float = quantity(0.111, unit="strength", low=0.0, high=0.15, source="assumption", fitted=True)
    signal_half_life: float = quantity(
        60.0, unit="days", low=60.0, high=60.0, source="assumption", allowed=(30.0, 90.0)
    )
    strain_gain: float = quantity(
        0.0745, unit="per day at full use", low=0.01, high=0.15, source="assumption", fitted=True
    )
    strain_half_life: float = quantity(14.0, unit="days", low=14.0, high=14.0, source="assumption", allowed=(5.0, 30.0))
    resignation: float = quantity(
        0.0232,
        unit="chance a day, at full strain, of the unwilling",
        low=0.0005,
        high=0.03,
        source="BySol2020",
        scale="log",
        fitted=True,
    )


@dataclass(frozen=True, kw_only=True)
class EliteParameters(_Group):
    """When elites hedge and plot (Singh 2014)."""

    commander_share: float = quantity(0.2, unit="share", low=0.1, high=0.3, source="assumption")
    signal_noise: float = quantity(0.3, unit="strength (sigma)", low=0.1, high=0.6, source="assumption")
    belief_half_life: float = quantity(30.0, unit="days", low=10.0, high=90.0, source="assumption")
    grievance: float = quantity(0.1, unit="strength per sd of public anger", low=0.0, high=0.3, source="assumption")
    plot_rate: float = quantity(
        0.08,
        unit="plots a year, all commanders together (l_0)",
        low=0.03,
        high=0.2,
        source="PowellThyne2011",
        scale="log",
    )
    plot_losses: float = quantity(
        0.6, unit="log hazard per tenfold losses (g_w)", low=0.0, high=1.5, source="assumption"
    )
    plot_street: float = quantity(0.8, unit="log hazard per X (g_x)", low=0.0, high=2.0, source="assumption")
    plot_moscow: float = quantity(
        0.5, unit="log hazard per leaning x pressure (g_m)", low=0.0, high=1.5, source="assumption"
    )
    plot_defeat: float = quantity(1.0, unit="log hazard, after a defeat", low=0.0, high=2.0, source="assumption")
    detection: float = quantity(0.1, unit="chance a week", low=0.02, high=0.3, source="assumption")
    fear: float = quantity(0.5, unit="share of hazard left after a purge", low=0.2, high=0.9, source="assumption")
    fear_half_life: float = quantity(120.0, unit="days", low=30.0, high=365.0, source="assumption")
    rents: float = quantity(
        0.02, unit="share of every stake, per % of GDP lost to sanctions", low=0.0, high=0.05, source="assumption"
    )
    estimate_noise: float = quantity(0.2, unit="share", low=0.1, high=0.3, source="assumption")
    coup_reluctance: float = quantity(
        2.0, unit="logit, against firing on fellow officers", low=1.0, high=3.0, source="PowellThyne2011"
    )


@dataclass(frozen=True, kw_only=True)
class RegimeParameters(_Group):
    """How he decides: by expected survival under biased beliefs (Putnam 1988, Debs-Goemans 2010)."""

    media_grip: float = quantity(
        0.826, unit="share of bad news kept from state audiences", low=0.1, high=0.9, source="Chatham2023", fitted=True
    )
    blocking: float = quantity(
        0.55, unit="of that grip, over independent audiences", low=0.0, high=0.7, source="assumption", fitted=True
    )
    media_closed: float = quantity(
        0.137, unit="of the open news, closed in 2021", low=0.0, high=0.6, source="assumption", fitted=True
    )
    decisiveness: float = quantity(
        21.3, unit="per unit hazard (L)", low=5.0, high=300.0, source="assumption", scale="log", fitted=True
    )
    inertia: float = quantity(
        2.28, unit="log odds, against any change (s)", low=0.0, high=5.0, source="assumption", fitted=True
    )
    flattery: float = quantity(0.277, unit="log X, too low", low=0.0, high=0.5, source="assumption", fitted=True)
    belief_noise: float = quantity(0.437, unit="log X, sd", low=0.05, high=0.5, source="assumption", fitted=True)
    belief_half_life: float = quantity(110.0, unit="days", low=30.0, high=120.0, source="assumption", fitted=True)
    order_caution: float = quantity(
        0.771, unit="log X, sd of what he thinks an order needs", low=0.1, high=0.8, source="assumption", fitted=True
    )
    contain_cost: float = quantity(
        0.279, unit="hazard, of a street only contained", low=0.02, high=0.4, source="assumption", fitted=True
    )
    restrain_cost: float = quantity(
        0.249, unit="hazard, of a street let be", low=0.2, high=0.9, source="assumption", fitted=True
    )
    contain_part: float = quantity(
        0.456, unit="share of the crowd to be held", low=0.2, high=0.7, source="assumption", fitted=True
    )
    provocation_rate: float = quantity(0.5, unit="a year", low=0.1, high=1.5, source="EU2021")
    provocation_sanctions: float = quantity(
        0.5, unit="% of GDP", low=0.5, high=0.5, source="assumption", allowed=(0.1, 1.5)
    )
    sanctions_base: float = quantity(
        4.0, unit="% of GDP, for the lent territory", low=4.0, high=4.0, source="Carnegie2023", allowed=(2.0, 8.0)
    )
    sanctions_entry: float = quantity(0.8, unit="% of GDP, more for entry", low=0.0, high=2.0, source="Kulakevich2022")
    talks_home: float = quantity(
        0.000516, unit="sd of anger soothed", low=-0.03, high=0.05, source="assumption", fitted=True
    )
    talks_west: float = quantity(0.02, unit="share of sanctions eased", low=-0.03, high=0.07, source="assumption")


@dataclass(frozen=True, kw_only=True)
class MoscowParameters(_Group):
    """What the patron gives, asks and threatens. Debt is in rescues of 2020."""

    debt_pressure: float = quantity(0.5, unit="per rescue (a_d)", low=0.0, high=1.0, source="assumption")
    credit_territory: float = quantity(0.5, unit="share of pressure", low=0.3, high=0.7, source="assumption")
    credit_limited: float = quantity(0.75, unit="share of pressure", low=0.6, high=0.9, source="assumption")
    credit_flag: float = quantity(
        0.04, unit="share of pressure, nukes permitted or hosted, each", low=0.0, high=0.1, source="assumption"
    )
    credit_talks: float = quantity(0.01, unit="share of pressure", low=-0.02, high=0.05, source="assumption")
    repayment: float = quantity(0.3, unit="rescues a year, at full compliance", low=0.1, high=1.0, source="assumption")
    cost_police: float = quantity(0.3, unit="rescues", low=0.1, high=0.6, source="assumption")
    cost_money: float = quantity(0.7, unit="rescues", low=0.4, high=0.9, source="assumption")
    cost_troops: float = quantity(1.5, unit="rescues", low=0.8, high=3.0, source="assumption")
    cover_debt: float = quantity(0.15, unit="rescues per provocation covered", low=0.0, high=0.4, source="assumption")
    sanctions_cover: float = quantity(
        0.1, unit="rescues a year, per % of GDP lost to sanctions", low=0.0, high=0.3, source="assumption"
    )
    safe_strength: float = quantity(
        0.637, unit="S, above: no help needed", low=0.6, high=0.95, source="assumption", fitted=True
    )
    drop_strength: float = quantity(0.25, unit="S, below: lost", low=0.1, high=0.4, source="assumption")
    view_noise: float = quantity(0.05, unit="S, sd", low=0.05, high=0.05, source="assumption", allowed=(0.01, 0.15))
    view_half_life: float = quantity(60.0, unit="days", low=60.0, high=60.0, source="assumption", allowed=(30.0, 90.0))
    police_lag: int = quantity(27, unit="days of weakness", low=7, high=30, source="Reuters2020", fitted=True)
    money_lag: int = quantity(28, unit="days of weakness", low=28, high=28, source="Reuters2020", allowed=(14, 60))
    troops_lag: int = quantity(
        27, unit="days near the line where he is lost", low=1, high=28, source="Rescues", fitted=True
    )
    grave_strength: float = quantity(
        0.542, unit="S, below: near that line", low=0.4, high=0.6, source="assumption", fitted=True
    )
    drop_days: int = quantity(14, unit="days lost", low=7, high=30, source="assumption")
    demand_rate: float = quantity(
        0.1, unit="a week per unit pressure (l_D)", low=0.02, high=0.4, source="assumption", scale="log"
    )
    subsidy: float = quantity(6.0, unit="% of GDP", low=4.0, high=9.0, source="IMF2016")
    reserve_share: float = quantity(
        0.2,
        unit="of his own men within reach, if troops are sent",
        low=0.05,
        high=1.0,
        source="assumption",
        scale="log",
        allowed=(0.0, 2.0),
    )
    lent_share: float = quantity(
        0.1,
        unit="of its troops in the country, lent for the street",
        low=0.03,
        high=0.3,
        source="assumption",
        scale="log",
        allowed=(0.0, 1.0),
    )
    stake: float = quantity(
        2.74,
        unit="what losing him costs, in needs of the front's full war",
        low=0.5,
        high=3.0,
        source="assumption",
        allowed=(0.0, 10.0),
        fitted=True,
    )
    replace_rate: float = quantity(
        0.3, unit="a year (l_R)", low=0.05, high=1.0, source="assumption", scale="log", allowed=(0.0, 20.0)
    )
    replace_refusals: int = quantity(3, unit="refusals (k)", low=2, high=8, source="assumption")
    replace_troops: float = quantity(
        0.4,
        unit="Russian troops for each of his own men within reach, half effect",
        low=0.4,
        high=0.4,
        source="assumption",
    )


@dataclass(frozen=True, kw_only=True)
class WarParameters(_Group):
    """What the front costs (killed per 1,000 sent a week) and how the front's course changes it."""

    killed_first: float = quantity(
        6.0,
        unit="per 1,000 a week, first 4 weeks",
        low=2.0,
        high=15.0,
        source="NATO2022",
        scale="log",
        allowed=(0.0, 60.0),
    )
    killed_later: float = quantity(
        2.5,
        unit="per 1,000 a week, later",
        low=1.5,
        high=4.0,
        source="Mediazona2023",
        scale="log",
        allowed=(0.0, 60.0),
    )
    limited_share: float = quantity(
        0.3, unit="share of the troops, on the limited rung", low=0.1, high=0.5, source="assumption"
    )
    advance_losses: float = quantity(0.7, unit="multiple, of an advancing army", low=0.5, high=1.0, source="assumption")
    defeat_losses: float = quantity(1.8, unit="multiple, of a beaten army", low=1.2, high=3.0, source="assumption")
    defeat_need: float = quantity(
        1.3, unit="multiple of Moscow's need, in defeat", low=1.0, high=1.8, source="assumption"
    )
    advance_need: float = quantity(
        0.6, unit="multiple of Moscow's need, advancing", low=0.3, high=1.0, source="assumption"
    )
    front_strain: float = quantity(
        0.3, unit="share of full use, a day at the front", low=0.1, high=0.6, source="assumption"
    )


@dataclass(frozen=True, kw_only=True)
class OutcomeParameters(_Group):
    """The definitions of the endings: not uncertain, so fixed; no crowd share is among them."""

    control_days: int = quantity(3, unit="days with X > 1", low=1, high=14, source="assumption")
    control_window: int = quantity(
        15, unit="days, three Sundays in a row included", low=7, high=30, source="assumption"
    )
    failed_orders: int = quantity(2, unit="orders", low=1, high=5, source="assumption")
    failed_window: int = quantity(8, unit="days, a Sunday and the next included", low=1, high=30, source="assumption")
    aside_days: int = quantity(2, unit="days, half of the capital's force aside", low=1, high=5, source="assumption")
    aside_window: int = quantity(7, unit="days", low=1, high=30, source="assumption")
    giving_up_window: int = quantity(30, unit="days after lost control", low=7, high=90, source="assumption")
    protest_window: int = quantity(14, unit="days after lost control", low=7, high=60, source="assumption")


@dataclass(frozen=True, kw_only=True)
class SampleParameters(_Group):
    """How a citizen stands for many: the capital and the likely are oversampled, and everybody knows a few."""

    n_elites: int = quantity(100, unit="people", low=10, high=1000, source="assumption")
    n_ties: int = quantity(8, unit="people", low=1, high=50, source="assumption")
    local_ties: float = quantity(0.9, unit="share in one's region", low=0.0, high=1.0, source="assumption")
    like_ties: float = quantity(0.5, unit="share among the equally likely", low=0.0, high=1.0, source="assumption")
    capital_quota: float = quantity(0.45, unit="share of citizens", low=0.05, high=0.9, source="assumption")
    likely_band: float = quantity(0.2, unit="share of electors", low=0.02, high=0.6, source="assumption")
    likely_quota: float = quantity(0.7, unit="share of citizens", low=0.05, high=0.95, source="assumption")


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """All the numbers of one world, a group for each actor, and the claims that are switched off.

    >>> Parameters().replace({"citizen.noise": 0.1}).citizen.noise
    0.1
    >>> Parameters().replace({"citizen.nois": 0.1})
    Traceback (most recent call last):
    model.parameters.ParameterError: no parameter citizen.nois; did you mean citizen.noise?
    """

    citizen: CitizenParameters = CitizenParameters()
    security: SecurityParameters = SecurityParameters()
    elite: EliteParameters = EliteParameters()
    regime: RegimeParameters = RegimeParameters()
    moscow: MoscowParameters = MoscowParameters()
    war: WarParameters = WarParameters()
    outcome: OutcomeParameters = OutcomeParameters()
    sample: SampleParameters = SampleParameters()
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "without", frozenset(self.without))
        for name in self.without:
            if name not in SWITCHES:
                raise ParameterError(f"no switch {name}{nearest(name, list(SWITCHES))} (one of {', '.join(SWITCHES)})")

    def holds(self, switch: str) -> bool:
        """Whether a claim's mechanism is on."""
        return switch not in self.without

    def flat(self) -> dict[str, float]:
        """Return every number by its full name, ``group.name``."""
        return {name: getattr(getattr(self, name.split(".")[0]), name.split(".")[1]) for name in DECLARED}

    def replace(self, values: Mapping[str, float]) -> "Parameters":
        """Return these parameters with some numbers changed, by full name.

        Raises:
            ParameterError: if a name does not exist (with the nearest one) or a value is not allowed.
        """
        groups: dict[str, dict[str, float]] = {}
        for name, value in values.items():
            if name not in DECLARED:
                raise ParameterError(f"no parameter {name}{nearest(name, list(DECLARED))}")
            group, _, number = name.partition(".")
            groups.setdefault(group, {})[number] = value
        changed = {group: dataclasses.replace(getattr(self, group), **changes) for group, changes in groups.items()}
        return dataclasses.replace(self, **changed)

    def switch_off(self, *names: str) -> "Parameters":
        """Return these parameters without the mechanisms of some claims."""
        return dataclasses.replace(self, without=self.without | set(names))


GROUPS: dict[str, type[_Group]] = {
    group.name: type(getattr(Parameters, group.name))
    for group in dataclasses.fields(Parameters) if group.name != "without"
}  # fmt: skip
DECLARED = {f"{group}.{number.name}": number for group, kind in GROUPS.items() for number in dataclasses.fields(kind)}
"""The field of every parameter, by full name: ``DECLARED["citizen.noise"].metadata["unit"]``."""


def table() -> str:
    """Return the table of all parameters in Markdown: name, value, unit, range, source, and if 2020 informs it."""
    rows = ["| Name | Value | Unit | Range | Source | Fitted |", "| --- | --- | --- | --- | --- | --- |"]
    for name, number in DECLARED.items():
        notes = number.metadata
        span = f"{notes['low']:g} to {notes['high']:g}" + (", log" if notes["scale"] == "log" else "")
        fitted = "yes" if notes["fitted"] else ""
        rows.append(f"| {name} | {number.default:g} | {notes['unit']} | {span} | {notes['source']} | {fitted} |")
    return "\n".join(rows)
