"""What moves the citizens: what they feel about the regime and the war, what they hear, what they tell pollsters."""

import numpy as np
from scipy.special import ndtri

from agents.citizen import loops, rules
from agents.citizen.rules import Media, Status
from agents.ground.chance import persistence, weekly


class Outlets:
    """How much bad news gets through: the regime's grip on the media, and what it has closed (C12).

    Args:
        model: the world.
    """

    def __init__(self, model) -> None:
        self.model = model
        self.grip = model.parameters.regime.media_grip
        """Share of bad news kept from state audiences [0 to 1]."""
        self.closed = 0.0
        """Of the open news, the share closed by now [0 to 1]."""
        self.opened = False
        self.cut = 0.0
        """The share of open news that a blackout cuts today [0 to 1]."""
        self.cut_until: int | None = None
        """The last day of the blackout; None: it has no end."""

    def heard(self) -> np.ndarray:
        """Return the share of bad news that reaches each media diet [0 to 1] (C9, C12)."""
        world = self.model
        parameters, people = world.parameters.citizen, world.citizens
        diaspora = 0.0
        if world.holds("diaspora"):
            gone = people.persons_of(people.by_status[Status.EXILE]) / people.all_electors
            diaspora = min(1.0, parameters.diaspora_news * gone / 0.02)
        blocking = world.parameters.regime.blocking
        blocking += (1.0 - blocking) * self.closed
        heard = loops.news(self.grip, blocking, parameters.word_of_mouth, diaspora)
        if self.cut > 0.0:
            heard[Media.INDEPENDENT] = rules.blacked_out(heard[Media.INDEPENDENT], self.cut, heard[Media.NONE])
            heard[Media.BOTH] = rules.blacked_out(heard[Media.BOTH], self.cut, heard[Media.STATE])
        if not world.holds("media_grip"):
            heard[:] = (heard * world.episode.people.media).sum()
        return heard

    def black_out(self, share: float, until: int | None) -> None:
        """Cut a share of the open news [0 to 1], through the day ``until`` (None: for good)."""
        self.cut, self.cut_until = share, until

    def new_day(self) -> None:
        """End a blackout whose last day is over, and close what is closed by now."""
        world = self.model
        if not self.opened:
            self.closed = world.parameters.regime.media_closed * float(world.calendar.closed[world.day])
        if self.cut_until is not None and self.model.day > self.cut_until:
            self.cut, self.cut_until = 0.0, None

    def open(self) -> None:
        """Let all news through: no grip, nothing closed."""
        self.grip = self.closed = self.cut = 0.0
        self.opened = True


class Mood:
    """What the country feels [sd]: a stolen vote, violence seen, the shock of a war; all of it fades.

    Args:
        model: the world.
    """

    def __init__(self, model) -> None:
        parameters = model.parameters.citizen
        self.model = model
        self.focal = 0.0
        """Anger at a stolen election."""
        self.violence = 0.0
        """Outrage at the violence seen."""
        self.war_shock = 0.0
        """Anger at the last step into the war, of one whose aversion exceeds what he accepts by the mean."""
        self.accepted = 0.0
        """How averse one may be and yet accept that step [means]."""
        self.lent = rules.accepts(parameters.territory_approval, -1.0 / ndtri(parameters.aversion_support))
        """How averse one may be and yet approve of lending the land [means]."""
        self.war_since: int | None = None
        """The day since which others fight a war next door."""
        self.poll = {"against": 0.0, "tells": 0.0, "averse": 0.0}
        """Shares, asked weekly [0 to 1]: who is against the regime, who says so, who is against sending troops."""
        self.keeps = tuple(
            persistence(half_life)
            for half_life in (parameters.focal_half_life, parameters.outrage_half_life, parameters.war_shock_half_life)
        )

    def fade(self) -> None:
        """Let old anger fade by a day."""
        focal, violence, shock = self.keeps
        self.focal *= focal
        self.violence *= violence
        self.war_shock *= shock

    def resent(self, size: float) -> None:
        """Add the anger at a stolen election; ``size`` is a share of that of the reference, 2020 [0 to 1]."""
        self.focal += size * self.model.parameters.citizen.focal_anger

    def shock(self, size: float, audience: str) -> None:
        """Add the anger at any other event, in units of the reference, felt by all or as far as news reaches one."""
        anger = size * self.model.parameters.citizen.focal_anger
        if audience == "all":
            self.focal += anger
        else:
            self.violence += anger

    def step_into_war(self, rung: int) -> float:
        """Answer a step up the ladder: its shock takes the place of the last one (C2, C6); return the shock [r].

        Lending the land was a step that was seen; what lies beyond it is felt so many times as much.
        """
        world = self.model
        if not world.holds("war_anger"):
            return 0.0
        parameters = world.parameters.citizen
        shock = parameters.war_shock * parameters.war_beyond ** world.front.commitment(rung)
        self.war_shock = shock * parameters.focal_anger
        self.accepted = rules.accepted_on(rung, self.lent, world.parameters.war.limited_share)
        return shock

    def forget_the_war(self) -> None:
        """Let the last step into the war have been none: what is left of it without C6."""
        self.war_shock = self.accepted = 0.0

    def mourn(self, killed: float) -> None:
        """Add the outrage at people killed at home."""
        self.outrage(killed * self.model.parameters.citizen.outrage_killed)

    def outrage(self, detained: float) -> None:
        """Add the outrage at one day's visible repression; ``detained`` are people."""
        parameters, electors = self.model.parameters.citizen, self.model.citizens.all_electors
        self.violence += parameters.outrage * rules.outrage(detained / electors * 1e6, parameters.outrage_half)

    def grievance(self) -> float:
        """Return what everybody feels [sd]: a stolen vote, prices, shame at the lent land, talks (C10, C11)."""
        world = self.model
        regime, parameters = world.regime, world.parameters.citizen
        felt = self.focal + parameters.economy_anger * regime.gdp_lost()
        if regime.lent_territory and world.holds("shame"):
            felt += parameters.shame
        if regime.talks and world.holds("talks"):
            felt -= world.parameters.regime.talks_home
        if world.moscow.men_in_the_street() > 0.0:
            felt += parameters.presence_anger
        if self.war_since is not None and world.front.commitment(regime.rung) == 0.0:
            left = persistence(parameters.war_shock_half_life, world.day - self.war_since)
            felt -= rules.soothes(parameters.peace_premium, left)
        return felt

    def war_anger(self) -> float:
        """Return the anger at the war of a citizen of mean aversion who hears all [sd] (C6)."""
        return self.war_shock * (1.0 - self.accepted) + self.loss_anger()

    def home_anger(self) -> np.ndarray:
        """Return, by region, the share of the electors who are ready to go into the street [0 to 1]."""
        people = self.model.citizens
        return people.by_region(people.n_mobilised) / people.electors

    def loss_anger(self) -> float:
        """Return the anger at losses of a citizen of mean aversion who hears of them [sd] (C6)."""
        world = self.model
        parameters, front = world.parameters.citizen, world.front
        if not world.holds("war_anger"):
            return 0.0
        per_million = 1e6 / world.citizens.all_electors
        return rules.loss_anger(
            parameters.loss_anger,
            front.dead_recent * per_million,
            front.dead_total * per_million,
            parameters.loss_half,
            parameters.loss_recent_share,
            parameters.loss_curve,
        )

    def feelings(self) -> loops.Feelings:
        """Return what moves citizens today, by media diet, as the loops take it."""
        world = self.model
        news, losses, front = world.media.heard(), self.loss_anger(), world.front
        known = 0.0
        if losses > 0.0:
            acquaintances, electors = world.parameters.citizen.acquaintances, world.citizens.all_electors
            known = 1.0 if front.course == "defeat" else rules.knows_a_dead(front.dead_total, acquaintances, electors)
        grievance, accepted = self.grievance(), self.war_shock * self.accepted
        felt = [rules.felt(grievance, heard, self.violence, accepted) for heard in news.tolist()]
        war = [rules.war_felt(heard, self.war_shock, known, losses) for heard in news.tolist()]
        return loops.Feelings(news, np.array(felt), np.array(war))

    def ask_pollsters(self) -> None:
        """Weekly, count who is against the regime, and who would tell a pollster so (Kuran1991)."""
        world, people = self.model, self.model.citizens
        if not weekly(world.day, on=1):
            return
        counts = np.zeros((3, people.counts.size), np.int64)
        loops.poll(people.record, self.feelings(), world.parameters.citizen.falsification, counts)
        gone = people.by_status[Status.EXILE] + people.by_status[Status.VOLUNTEER]
        asked = people.persons_of(people.counts - gone)
        for name, count in zip(self.poll, counts, strict=True):
            self.poll[name] = people.persons_of(count) / max(asked, 1.0)
