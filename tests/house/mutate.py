"""Plant faults, one at a time, and say which test catches each: how far the tests can be trusted.

Each fault is a slip that a person could make: a sign, a neighbour of one type, a day, an edge, a factor left out. The
project is copied to a temporary folder for each worker; nothing here is changed. A copy compiles its loops anew after
every fault in them, so the whole takes about half an hour.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
ENOUGH = 0.95
"""Of the faults so many are to be caught."""
PATIENCE = 900
"""A test run that takes longer hangs, which is one way to be caught [s]."""
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".*cache*", ".hypothesis", "__pycache__", "results")
PYTEST = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-rfE", "--tb=no", "-p", "no:cacheprovider"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One slip: the file, its text (which occurs once), what stands there instead, and what would be wrong then."""

    file: str
    old: str
    new: str
    why: str
    survives: str = ""
    """Why no test need catch it, if so."""


def faults(file: str, *slips: tuple[str, ...]) -> list[Fault]:
    """Return the faults of one file from their texts, reasons and excuses."""
    return [Fault(file=file, old=old, new=new, why=why, survives="".join(excuse)) for old, new, why, *excuse in slips]


FAULTS = [
    *faults(
        "agents/citizen/rules.py",
        ("grievance + news * (violence - accepted)", "grievance + news * violence - accepted",
         "who hears nothing accepts a step"),
        ("return opposition + felt + aversion * war", "return opposition + felt + war", "all are as averse"),
        ("(1.0 - (1.0 - news) * (1.0 - known)) * losses", "news * known * losses", "ties and news are both needed"),
        ("-dead * acquaintances / electors", "-dead * acquaintances / electors * 2.0", "known to twice as many"),
        ("share / (share + half) if share > 0.0 else 0.0", "share / half if share > 0.0 else 0.0",
         "a movement's own call has no bound"),
        ("max(stays, reach * called)", "max(stays, reach)", "all whom a call reaches are free"),
        ("1.0 + spread * float(ndtri(approve))", "1.0 - spread * float(ndtri(approve))", "the averse approve"),
        ("lent * (1.0 - limited), 0.0)[rung]", "lent * limited, 0.0)[rung]", "the larger part is the more accepted"),
        ("premium * (1.0 - left)", "premium * left", "peace soothes the freshly frightened"),
        ("news * crowd_seen + noise * mood", "crowd_seen + noise * mood", "the crowd is seen without news"),
        ("> threshold + risk_aversion * risk", "> threshold - risk_aversion * risk", "risk attracts"),
        ("risk_aversion * risk\n", "risk\n", "risk aversion is left out"),
        ("crowd * share / (share + half)", "crowd * share / (share - half)", "the pull of a crowd does not saturate"),
        ("view * deployed_chance + (1.0 - view) * memory", "view * memory + (1.0 - view) * deployed_chance",
         "memory and what is deployed swapped"),
        ("recent_share * recent + (1.0 - recent_share) * total", "recent_share * total + (1.0 - recent_share) * recent",
         "recent and total dead swapped"),
        ("anger > falsification * risk_aversion", "anger > falsification", "fear hides no opposition"),
        ("independent = 1.0 - grip, 1.0 - grip * blocking", "independent = 1.0 - grip, 1.0 - blocking",
         "blocking without grip"),
        ("return word_of_mouth * state", "return word_of_mouth", "word of mouth passes the grip"),
    ),
    *faults(
        "agents/citizen/loops.py",
        ("start = first + (day - first) % MOOD_RENEWAL", "start = first + day % MOOD_RENEWAL",
         "moods hang on how the rows are cut"),
        ("free_day[row] > today.day", "free_day[row] >= today.day", "released a day late"),
        ("bits(today.exile_key, row)", "bits(today.availability_key, row)", "exile by the dice of availability"),
        ("bits(patrol.days_key, row)", "bits(patrol.arrest_key, row)", "long detention for the luckless"),
        ("counts[0, group] += 1 if goes else -1", "counts[0, group] += 1", "who goes home is still counted"),
        ("moved = state_felt if diet == STATE", "moved = both_felt if diet == STATE", "media diets swapped"),
        ("hurt = state_war if diet == STATE", "hurt = state_felt if diet == STATE", "what is felt for the war"),
        ("if goes and not out_today and home_chance", "if goes and home_chance", "taken at home in the street"),
        ("bits(today.home_key, row)", "bits(today.availability_key, row)", "who is not free is not taken at home"),
        ("counts[4, group] += 1", "counts[2, group] += 1", "who is taken at home counts as released"),
        ("as_uniform(bits(today.days_key, row))", "as_uniform(bits(today.home_key, row))",
         "at home the luckless sit longest"),
        ("+= taken - released - exiled", "+= released - taken - exiled", "the books of the detained turned round"),
        ("if rows.status[row] >= EXILE:", "if rows.status[row] > EXILE:", "exiles answer pollsters"),
        ("counts[2, group] += aversion > 0.0", "counts[2, group] += aversion < 0.0", "the averse are the others"),
        ("            if joined:\n", "            if True:\n", "nobody hears that a friend goes home"),
    ),
    *faults(
        "agents/citizen/mood.py",
        ("felt -= world.parameters.regime.talks_home", "felt += world.parameters.regime.talks_home", "talks anger"),
        ("front.dead_recent * per_million,\n            front.dead_total * per_million,",
         "front.dead_total * per_million,\n            front.dead_recent * per_million,",
         "recent and total dead swapped"),
        ("focal, violence, shock = self.keeps", "violence, focal, shock = self.keeps", "half-lives swapped"),
        ("(1.0 - blocking) * self.closed", "(1.0 - blocking) * self.grip", "closed media are the grip"),
        ("people.persons_of(people.by_status[Status.EXILE])", "people.persons_of(people.by_status[Status.DETAINED])",
         "the detained send news from abroad"),
        ("self.war_shock * (1.0 - self.accepted)", "self.war_shock", "the elite thinks that nothing is accepted"),
        ("world.front.commitment(regime.rung) == 0.0", "world.front.commitment(regime.rung) >= 0.0",
         "peace soothes in war"),
        ("world.day - self.war_since)", "world.day)", "the first fright counts from the first day"),
        ("detained / electors * 1e6", "detained / electors * 1e5", "per hundred thousand"),
        ("parameters.war_beyond ** world", "parameters.war_beyond * world", "lending the land shocks nobody"),
        ("grievance, accepted = self.grievance(), self.war_shock * self.accepted",
         "grievance, accepted = self.grievance(), self.accepted", "what is accepted does not fade with the shock"),
        ("weekly(world.day, on=1)", "weekly(world.day)", "pollsters ask on another day"),
        ("(people.counts - gone)", "people.counts", "exiles count among those asked"),
    ),
    *faults(
        "agents/citizen/crowd.py",
        ("rules.risk_seen(memory, chances,", "rules.risk_seen(chances, memory,", "memory and deployed swapped"),
        ("near * share + (1.0 - near)", "(1.0 - near) * share + near", "near and far swapped"),
        ("parameters.called_availability * self.movement()", "parameters.called_availability * self.people",
         "yesterday's crowd for the movement"),
        ("ties=parameters.ties * self.organising", "ties=parameters.ties", "the crackdown leaves ties alone"),
        ("if self.model.street.call > 0.0 or", "if self.model.street.call >= 0.0 or", "every day is a gathering"),
        ("self.keeps_risk * self.caught_lately + caught", "self.keeps_risk * self.caught_lately + self.detained",
         "who is taken at home is remembered in the street"),
        ("self.pull += dated * parameters.call_pull", "self.pull += call * parameters.call_pull",
         "a Sunday like the last has the pull of a date"),
        ("parameters.home_arrests * world.street.effort", "parameters.home_arrests", "at home whatever the posture"),
        ("arrest_key=world.key(Purpose.ARREST)", "arrest_key=world.key(Purpose.AVAILABILITY)", "dice shared"),
        ("self.people = ready * self.model.street.availability", "self.people = ready", "all the ready come"),
        ("caught = self.people * chances", "caught = people.by_region(self._n_detained)", "arrests are whole citizens"),
    ),
    *faults(
        "agents/citizen/population.py",
        ("chance_within(parameters.volunteer_rate, 7.0)", "chance_within(parameters.volunteer_rate, 1.0)",
         "a day's volunteers a week"),
        ("aid_per_exile * 12.0 / 365.0", "aid_per_exile / 365.0", "a month's aid a year"),
        ("self.by_status[Status.EXILE] -= gone", "self.by_status[Status.HOME] -= gone", "volunteers leave from home"),
        ("math.sqrt(1.0 - like**2)", "(1.0 - like)", "aversion spreads less than the polls say"),
        (">= traits.reachable]", "< traits.reachable]", "the others can be reached"),
        ("spread * margin + rest * across", "spread * margin - rest * across", "opposition and threshold part"),
    ),
    *faults(
        "agents/security.py",
        ("base + loyalty + support - strain", "base + loyalty - support - strain", "help wears down"),
        ("- kin - violence - losses", "- kin + violence - losses", "violence asked makes willing"),
        ("(signal - threshold) / (signal_noise", "(threshold - signal) / (signal_noise", "the strong see refusals"),
        ("return crowd > containment * obeying_force", "return crowd >= containment * obeying_force", "the edge fails"),
        ("rate * strain * (1.0 - q)", "rate * strain * q", "the willing resign"),
        ("men[unit] * (not refusing[unit])", "men[unit] * refusing[unit]", "who refuses holds"),
        ("self.columns[\"signal\"], men, self._refusing) < 0.5", "self.columns[\"signal\"], men, self._refusing) > 0.5",
         "a coup succeeds against those who hold"),
        ("base=parameters.obedience + self.loyalty_drift", "base=parameters.obedience", "loyalty has not drifted"),
        ("Game(1.0 - seeming +", "Game(seeming +", "a strong plot looks weak"),
        ("use = wear.use_front if units.front[unit]", "use = wear.use if units.front[unit]",
         "who is at the front is worn by the street"),
        ("self.by_region * (1.0 - away)", "self.by_region", "officers are in two places"),
        ("(mean * own + sent) / force", "(mean * own) / force", "Moscow's men refuse"),
        ("        self.call_back()\n        self.refused_share", "        self.refused_share",
         "who came home stays in barracks"),
        ("            self.front[:], self.barred[:], self.going[:] = before\n", "            self.call_back()\n",
         "who refuses the next step goes home"),
        ("lost = np.where(there, staying, 0.0)", "lost = staying", "who refuses at home surrenders"),
        ("self.columns[\"heads\"] * self.going)", "self.columns[\"heads\"])", "who shirks is at the front"),
        ("1.0 - math.exp(-rate * officers / crowd)", "min(1.0, rate * officers / crowd)", "all of a small crowd"),
        ("ASIDE if aside else OBEYING if q >= 0.5", "ASIDE if aside else OBEYING if q > 0.5", "half is not enough"),
        ("crowd_load / max(standing, 0.01)", "crowd_load * standing", "who stands aside lightens the load"),
        ("- home - conscripts - losses - defeat", "- home - conscripts - losses + defeat", "a defeat sends units"),
        ("q if doing == SHIRKING else 1.0", "1.0", "who shirks obeys"),
        ("        if units.front[unit]:\n            continue", "",
         "who is at the front weighs the order at home"),
        ("strength_left(self.standing, load(", "strength_left(self.obeying_share, load(", "who shirks is seen aside"),
        ("self.conscripts[row],", "self.sent[row],", "the order of sending for the conscripts"),
        ("* beaten,", "* (not beaten),", "winners will not fight"),
        ("            heads -= lost\n", "", "who has surrendered is still counted"),
        ("self.barred |= refusing", "self.barred &= refusing", "who will not fight counts at home"),
        ("(self.capital_men * self._refusing)", "(self.capital_men * ~self._refusing)", "who stands is seen aside"),
    ),
    *faults(
        "agents/elite.py",
        ("-(x - 1.0 + grievance)", "-(x - 1.0 - grievance)", "grievance comforts the elite"),
        ("leaning_pressure + defeat) * fear", "leaning_pressure + defeat)", "no fear"),
        ("joiners + noise >= 0.5", "joiners + noise > 0.5", "half is not enough"),
        ("< parameters.detection:", "> parameters.detection:", "plots are found out by those who do not look"),
        ("world.front.dead_recent * per_million", "world.front.dead_total * per_million", "old dead make plots"),
        ("min(world.street.x_movement, 2.0)", "min(world.street.x, 2.0)", "the crowd for the movement"),
        ("world.street.x_movement + world.forces.refusal", "world.street.x_movement", "refusals hearten no plot"),
        ("(world.front.course == \"defeat\")", "(world.front.will_be == \"defeat\")", "plots know the future"),
        ("self.last_purge = self.model.day", "pass", "a purge is not recorded"),
        ("world.day - self.last_purge)", "world.day)", "fear fades from the first day"),
        ("1.0 - (1.0 - parameters.fear) * persistence", "parameters.fear * persistence",
         "fear of a purge turned round"),
        ("        else:\n            self.purge(row)", "", "a failed coup purges nobody"),
        ("(self.columns[\"leaning\"] > 0.5)", "(self.columns[\"leaning\"] < 0.5)",
         "the successor leans away from Moscow"),
        ("(stance != Stance.PURGED)", "(stance != Stance.PLOTTING)", "the purged succeed him"),
        ("self.columns[\"leaning\"][row] > 0.5 and", "self.columns[\"leaning\"][row] < 0.5 and",
         "Moscow's coups turned"),
        ("world.lot(Purpose.DETECTION, row)", "world.lot(Purpose.PLOT, row)", "plots are found out by their own dice"),
    ),
    *faults(
        "agents/regime.py",
        ("world.lot(Purpose.RUNG)", "world.lot(Purpose.POSTURE)", "the rung by the dice of the posture"),
        ("x * math.exp(noise - flattery)", "x * math.exp(noise + flattery)", "flattery frightens"),
        ("odds += weight *", "odds -= weight *", "every lesson is turned round"),
        ("min(max(value, low), high)", "value", "lessons go on for ever"),
        ("-math.log1p(-min(fall, SUREST))", "min(fall, SUREST)", "a chance for a hazard"),
        ("(self.refuses, self.refuses, self.limited, self.enters)", "(self.refuses, self.limited, self.limited, "
         "self.enters)", "lending the land is a war"),
        ("min(rung, Rung.TERRITORY)", "rung", "a war is judged by the pressure that it leaves"),
        ("max(self.heaviest, world.street.x)", "world.street.x", "he forgets the crowds"),
        ("- inertia * (choice != current)", "- inertia * (choice == current)", "he likes change"),
        ("lost_control and hedging_share >= 0.5", "lost_control or hedging_share >= 0.5", "two of three hold him not"),
        ("and not patron_sends", "and patron_sends", "he gives up when help comes"),
        ("world.moscow.men_in_the_street() > 0.0", "world.moscow.on_the_spot() > 0.0", "men who are not lent hold him"),
        ("seen._replace(load=self.believes(seen.load))", "seen", "he knows the truth"),
        ("self.rung <= before < Rung.FULL", "self.rung < before < Rung.FULL", "staying is no refusal"),
        ("credit += parameters.credit_talks", "credit -= parameters.credit_talks", "talks cost credit"),
        ("world.moscow.debt += world.parameters.moscow.cover_debt", "world.moscow.debt -= "
         "world.parameters.moscow.cover_debt", "cover pays off debt"),
        ("at_war = self.rung > Rung.TERRITORY", "at_war = self.rung >= Rung.TERRITORY", "lent land is a war"),
        ("rung <= self.rung]", "rung < self.rung]", "unasked he cannot stay"),
    ),
    *faults(
        "agents/moscow.py",
        ("max(0.0, 1.0 - credit)", "max(0.0, 1.0 + credit)", "compliance raises pressure"),
        ("debt + cost - paid", "debt + cost + paid", "repayment raises debt"),
        ("1.0 - geography * compliance", "1.0 + geography * compliance", "geography invites"),
        ("world.calendar.need[world.day]", "world.calendar.need[world.day - 1]", "yesterday's need"),
        ("there[world.day] if", "there[world.day - 1] if", "yesterday's geography"),
        ("patron_troops[self.model.day]", "patron_troops[self.model.day - 1]", "yesterday's troops"),
        ("refusals >= refusals_needed", "refusals > refusals_needed", "one refusal more"),
        ("stake * (1.0 - shown) > need", "stake * shown > need", "lent to the strong"),
        ("return max(0.0, held - refusal)", "return max(0.0, held + refusal)", "refusals make strong"),
        ("if grave_days >= troops_lag", "if weak_days >= troops_lag", "troops come to the merely weak"),
        ("shown < parameters.grave_strength", "shown < parameters.safe_strength", "every weakness is grave"),
        ("moscow.lent_share if self.lent else", "moscow.lent_share if self.support else", "lent unasked"),
        ("if lost_days >= drop_days", "if lost_days > drop_days", "dropped a day late"),
        ("parameters.drop_strength <= shown < parameters.safe_strength", "parameters.drop_strength <= shown",
         "the strong are helped"),
        ("range(before + 1, self.support + 1)", "range(before, self.support)", "help is paid a step late"),
        ("self.strengths[1:]", "self.strengths[:-1]", "what was seen first is kept for ever"),
        ("pressure - geography))", "pressure + geography))", "geography makes refusing dear"),
        ("min(self.withheld, self.refusal_price())", "max(self.withheld, self.refusal_price())", "never forgiven"),
    ),
    *faults(
        "model/front.py",
        ("world.day - self.since < FIRST_DAYS", "world.day - self.since <= FIRST_DAYS", "a day more of first weeks"),
        ("self.dead_recent += self.dead_today", "self.dead_recent = self.dead_today", "yesterday's dead are forgotten"),
        ("killed / 1000.0 / 7.0 * course", "killed / 1000.0 * course", "a week's dead a day"),
        ("{\"advance\": war.advance_losses, \"defeat\": war.defeat_losses}", "{\"advance\": war.defeat_losses, "
         "\"defeat\": war.advance_losses}", "courses of the front swapped"),
        ("world.day if regime.entered_on is None else regime.entered_on", "world.day", "the second entry is the first"),
        ("if refused > 0.5:", "if refused >= 0.0:", "every entry fails"),
        ("FIRST_DAYS + int(lot * (YEAR - FIRST_DAYS))", "int(lot * YEAR)", "a defeat in the first weeks"),
        ("min(self.commitment(world.regime.rung) * self.troops(), there)",
         "self.commitment(world.regime.rung) * self.troops()", "who refused dies at the front"),
        ("if rung > before:\n            world.moscow.withheld = 0.0", "if rung < before:\n"
         "            world.moscow.withheld = 0.0", "who withdraws is forgiven"),
    ),
    *faults(
        "model/street.py",
        ("self.x = security.load(crowd,", "self.x = security.load(ready,", "the movement for the crowd"),
        ("self.dated, self.announced = self.announced, 0.0", "self.dated = self.announced", "a call never ends"),
        ("here = away = 1.0", "pass", "a square that was won empties"),
        ("self.call = max(self.call, reach)", "self.call = reach", "a small call hushes a large one"),
        ("1.0 - parameters.call_broken * self.driven_off", "1.0 - parameters.call_broken",
         "a gathering that was let be counts as broken"),
        ("self.driven_off = self.ordered and not failed", "self.driven_off = self.ordered", "won and yet broken"),
        ("self.dated *= reached", "pass", "a blackout leaves calls alone"),
        ("max(0.0, 1.0 - world.forces.refusal)", "1.0", "refusals embolden nobody"),
        ("self.open_square = world.regime.posture == Posture.RESTRAIN",
         "self.open_square = world.regime.posture == Posture.CONTAIN", "containment leaves the square"),
        ("self.chances(world.crowd.people, forces.obeying_share)", "self.chances(world.crowd.people, forces.mean_q)",
         "who stood aside arrests"),
        ("if failed:\n            chances[capital] = 0.0", "if failed:\n            chances[:] = 0.0",
         "a failure in the capital frees the provinces"),
        ("forces.obeying_share * (force - sent) + sent", "forces.obeying_share * force", "Moscow's men refuse"),
        ("parameters.contain_effort, 1.0)", "1.0, parameters.contain_effort)", "postures swapped"),
    ),
    *faults(
        "model/simulation.py",
        ("coup=elites.coup and not replaced", "coup=elites.coup", "Moscow's coup is a tie"),
        ("self.arm == Arm.ENTER and self.day == self.calendar.entry_day", "self.arm == Arm.ENTER and "
         "self.day == self.calendar.entry_day + 1", "he enters a day late"),
        ("np.uint64(dice + 1)", "np.uint64(dice)", "luck 0 is drawn from the key of the ties",
         "nobody's day shares a purpose with the ties: another number, and as good a one"),
        ("return self.arm == Arm.DECIDE", "return self.arm != Arm.ENTER", "who stays decides"),
        ("stood_aside=self.forces.aside_share > 0.5", "stood_aside=self.forces.standing > 0.5", "the country for the "
         "capital, and turned round"),
    ),
    *faults(
        "model/outcomes.py",
        ("days[-1] - days[-count] < window", "days[-1] - days[-count] <= window", "a window a day too long"),
        ("if x > 1.0:", "if x >= 1.0:", "one is uncontrolled"),
        ("day - self.last_lost_control <= window", "day - self.last_lost_control < window", "a day too short"),
        ("day - self.attempts[-1] <= self.parameters", "day - self.attempts[-1] < self.parameters", "a day too short"),
        ("day - self.attempts[-1] <=", "day - self.attempts[0] <=", "the first attempt counts"),
        ("self.lost_control_within(day, parameters.protest_window)", "self.lost_control_within(day, "
         "parameters.giving_up_window)", "another window"),
        ("parameters.failed_orders, parameters.failed_window", "parameters.failed_orders, parameters.control_window",
         "another window"),
    ),
    *faults(
        "model/measures.py",
        ("today >= mark / 100.0 * world", "today > mark * world", "marks are shares, not per cent"),
        ("if today > peak:", "if today >= peak:", "the last of two peaks"),
        ("return world.mood.poll[\"tells\"]", "return world.mood.poll[\"against\"]", "who tells is who is against"),
    ),
    *faults(
        "experiments/lab/statistics.py",
        ("means.std(ddof=1)", "means.std(ddof=1) * 2.0", "errors twice as large"),
        ("differences = new - old", "differences = old - new", "the effect turned round"),
        ("worth = _worth(happened, draws)", "worth = float(np.size(happened))", "runs count for worlds"),
        ("worth = _worth(then - first, draws)", "worth = float(np.size(then))", "runs count for worlds"),
        ("(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])\n    method", "(1.0 - LEVEL), LEVEL])\n    method", "90 % bands"),
        ("picks = _resamples(new.size)", "picks = _resamples(then.size)[:, : new.size]", "resamples of runs"),
        ("return after - before - down, after - before + up", "return after - before - up, after - before + down",
         "ends of an interval swapped"),
        ("cross - n / 2.0", "cross + n / 2.0", "the correction for continuity turned round"),
        ("totals * totals - squares", "totals * totals", "luck is not taken out"),
        ("np.cumsum(on) / dates.size", "np.cumsum(on) / max(1, counts.sum())", "of those to whom it happened"),
        ("self.low > 0.0 or self.high < 0.0", "self.low >= 0.0 or self.high < 0.0", "zero is left out"),
    ),
    *faults(
        "experiments/evidence/targets.py",
        ("self.values[[day - 1 for day in days]", "self.values[[day - 2 for day in days]", "read a day early"),
        ("(math.log(value) - math.log(self.mid)) / self.error", "(math.log(self.mid) - math.log(value)) / self.error",
         "misses turned round"),
        ("max(float(run.on(measure, days).sum()) / caught,", "max(caught / float(run.on(measure, days).sum()),",
         "share upside down"),
        ("caught = max(float(run.on(\"detained_today\", days)", "caught = max(float(run.on(\"detained_total\", days)",
         "all who were ever detained"),
        ("FEWEST + float(run.on(measure, days).sum()) / len(days)", "FEWEST + float(run.on(measure, days).sum())",
         "a sum for a mean"),
        ("run.on(measure, days).max()", "run.on(measure, days)[-1]", "the last day's peak"),
        ("np.maximum(run.on(measure, days), 20.0)).mean()", "np.maximum(run.on(measure, days), 20.0)).max()",
         "the largest for the typical"),
        ("max(float(run.on(measure, days)[-1]), 1.0) / run.forces", "max(float(run.on(measure, days)[-1]), 1.0)",
         "heads for a share"),
        ("return max(self.days)", "return min(self.days)", "known before it is over"),
        ("if len(values) < len(targets):", "if not values:", "who falls late is near"),
        ("for target in targets if target.known_on <= until}", "for target in targets if target.known_on < until}",
         "the last day's target is left out"),
    ),
    *faults(
        "experiments/evidence/targets/belarus-2020.csv",
        (",2020-08-16 2020-08-23,100000", ",2020-08-17 2020-08-23,100000", "a Monday"),
        ("2020-11-08 2020-11-15,3872", "2020-11-08 2020-11-22,3872", "a week late"),
        ("autumn Sundays\",detained_capital", "autumn Sundays\",detained_today", "the country's for the capital's"),
    ),
    *faults(
        "experiments/validate/lives.py",
        ("enumerate(values, start=1)", "enumerate(values)", "a day early"),
        ("on(world, \"crowd\", \"2022-02-27\")", "on(world, \"crowd\", \"2022-02-28\")", "a day late"),
        ("1.0 - telling", "telling", "who tells is loyal"),
        ("heads=force.heads * times", "heads=force.heads", "a large country has few policemen"),
    ),
    *faults(
        "experiments/validate/findings.py",
        ("dropna().quantile([0.05, 0.5, 0.95])\n    return", "dropna().quantile([0.25, 0.5, 0.75])\n    return",
         "bands of half the worlds"),
        ("met=3 * gave_up <= len(risen)", "met=gave_up <= len(risen)", "every uprising may give up"),
        ("falls - fell >= 0.1", "falls - fell >= 0.0", "loyalty that does nothing carries endings"),
    ),
    *faults(
        "experiments/rare/splitting.py",
        ("if score > level)", "if score >= level)", "ties handled naively: forks begin where the killed came, too; "
         "biased by half"),
        ("left *= 1.0 - len(killed) / n", "left *= 1.0 - kills / n", "ties are killed and not counted: twice too high"),
        ("if top <= level]", "if top <= level][:kills]", "some of those that tie are left alive"),
        ("if fork.step < when)", "if fork.step <= 0)", "a clone forgets the forks of its line"),
        ("chance = left * len(arrived) / n", "chance = left", "all are taken to arrive"),
    ),
    *faults(
        "experiments/lab/smallest.py",
        ("spare = [place for place, enough in enumerate(enough_without) if enough]", "spare = []",
         "what can be spared is kept"),
        ("kept = rest if enough else kept", "kept = rest", "what is needed is dropped"),
        ("smallest = alone[:1]", "smallest = alone", "all that are enough alone are called one set"),
    ),
    *faults(
        "experiments/lab/left_out.py",
        ("self.street.availability[:] = 0.0", "self.street.availability[:] = 1.0", "all come on a day left out"),
        ("if other != row]", "if other == row]", "he who is kept out is the only one who may plot"),
    ),
]  # fmt: skip

FIRST = {
    "agents/citizen": ["tests/agents/test_rules.py", "tests/agents/test_gathering.py", "tests/agents/test_loops.py",
                       "tests/model/test_histories.py", "tests/agents/test_population.py"],
    "agents": ["tests/agents/test_rules.py", "tests/agents/test_gathering.py", "tests/agents/test_plots.py",
               "tests/model/test_histories.py", "tests/agents/test_loops.py"],
    "model/outcomes.py": ["tests/model/test_windows.py", "tests/model/test_outcomes.py"],
    "model": ["tests/model/test_street.py", "tests/agents/test_gathering.py", "tests/model/test_histories.py",
              "tests/model/test_windows.py", "tests/model/test_simulation.py"],
    "experiments/lab": ["tests/lab/test_statistics.py", "tests/lab/test_bands.py"],
    "experiments/evidence": ["tests/questions/test_evidence.py", "tests/questions/test_calibrate.py"],
    "experiments/validate": ["tests/questions/test_validate.py"],
    "experiments/rare": ["tests/questions/test_rare.py"],
    "experiments/lab/left_out.py": ["tests/questions/test_why.py"],
    "experiments/lab/smallest.py": ["tests/questions/test_why.py"],
    "experiments/why": ["tests/questions/test_why.py"],
    "experiments": ["tests/questions"],
}  # fmt: skip
"""The tests that are likely to catch a fault, by the longest beginning of its file's path; they run first."""


ALL = ["tests", "--ignore=tests/questions/test_browser.py"]
"""All that answers soon; the page needs a browser and minutes."""


def likely(file: str) -> list[str]:
    """Return the tests to run first for a fault in a file: its own examples, and those of its part of the project."""
    begins = max((begin for begin in FIRST if file.startswith(begin)), key=len)
    examples = [file] if file.endswith(".py") else []
    return [*examples, *(test for test in FIRST[begins] if (ROOT / test).exists())]


def stale(fault: Fault) -> str:
    """Return why a fault cannot be planted, or nothing."""
    file = ROOT / fault.file
    times = file.read_text(encoding="utf-8").count(fault.old) if file.exists() else 0
    return "" if times == 1 else f"{fault.file}: {fault.old!r} occurs {times} times, expected once"


class Workshop:
    """Copies of the project, one a worker, in which faults are planted and tests are run."""

    def __init__(self, folder: Path, *, others: bool) -> None:
        """Begin with no copy; ``folder`` is thrown away at the end, ``others`` says whether all tests are tried."""
        self.folder = folder
        self.others = others
        self.own = threading.local()
        self.red: list[str] = []
        """Tests that fail without any fault: they catch nothing."""

    def copy(self) -> Path:
        """Return this worker's copy."""
        if not hasattr(self.own, "copy"):
            self.own.copy = self.folder / f"worker-{threading.get_ident()}"
            shutil.copytree(ROOT, self.own.copy, ignore=LEFT_OUT)
        return self.own.copy

    def failing(self, tests: list[str], *options: str) -> list[str]:
        """Run some tests in this worker's copy; return those that fail."""
        deselected = [f"--deselect={test}" for test in self.red]
        command = [*PYTEST, *options, "-m", "not slow", *deselected, *tests]
        try:
            done = subprocess.run(command, cwd=self.copy(), capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return [f"no end after {PATIENCE} s"]
        failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
        if done.returncode not in (0, 1, 2, 5) or (done.returncode in (1, 2) and not failed):
            raise click.ClickException(f"pytest cannot run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return failed

    def check(self, planned: list[Fault]) -> None:
        """Run the tests without a fault, so that what is red anyway catches nothing."""
        some = sorted({test for fault in planned for test in likely(fault.file)})
        self.red = self.failing(ALL if self.others else some, "--maxfail=1000", "--continue-on-collection-errors")

    def plant(self, fault: Fault) -> str:
        """Plant a fault, run the likely tests and then the others; return the test that caught it, or nothing."""
        file = self.copy() / fault.file
        sound = file.read_text(encoding="utf-8")
        file.write_text(sound.replace(fault.old, fault.new), encoding="utf-8")
        try:
            caught = self.failing(likely(fault.file))
            if self.others and not caught:
                caught = self.failing(ALL)
        finally:
            file.write_text(sound, encoding="utf-8")
        return caught[0] if caught else ""


def numbers_of(only: str | None) -> list[int]:
    """Return the chosen places in the list, counted from 1, from something like 3,7,10-20.

    >>> numbers_of("3,7,10-12")
    [3, 7, 10, 11, 12]
    """
    if only is None:
        return list(range(1, len(FAULTS) + 1))
    chosen: list[int] = []
    for part in only.split(","):
        first, _, last = part.partition("-")
        try:
            chosen.extend(range(int(first), int(last or first) + 1))
        except ValueError:
            raise click.ClickException(f"--only {only}: expected numbers such as 3,7,10-20") from None
    if not all(1 <= number <= len(FAULTS) for number in chosen):
        raise click.ClickException(f"--only {only}: expected 1 to {len(FAULTS)}; see --list")
    return chosen


@click.command()
@click.option("--only", metavar="N", help="Plant these alone, such as 3,7,10-20 (see --list).")
@click.option("--list", "listed", is_flag=True, help="List the faults and plant none.")
@click.option("--likely", "likely_alone", is_flag=True, help="Run the likely tests alone: quicker, and stricter.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1), help="How many copies at a time.")
def main(only: str | None, listed: bool, likely_alone: bool, workers: int) -> None:
    """Plant faults one at a time in copies of the project, and say which test catches each.

    Fails if fewer than 95 % are caught, or if a fault can no longer be planted.
    """
    chosen = {number: FAULTS[number - 1] for number in numbers_of(only)}
    if listed:
        for number, fault in chosen.items():
            click.echo(f"{number:>4}  {fault.file}: {fault.why}")
        return
    gone = [f"{number:>4}  {why}" for number, fault in chosen.items() if (why := stale(fault))]
    if gone:
        click.echo("These cannot be planted any more; write them anew:\n" + "\n".join(gone))
    planted = {number: fault for number, fault in chosen.items() if not stale(fault)}
    caught: dict[int, str] = {}
    with tempfile.TemporaryDirectory(prefix="tightrope-mutants-") as folder, ThreadPoolExecutor(workers) as pool:
        workshop = Workshop(Path(folder), others=not likely_alone)
        click.echo("First the tests without a fault (a minute or two) ...")
        pool.submit(workshop.check, list(planted.values())).result()
        if workshop.red:
            click.echo("Red without any fault, so they catch nothing:\n" + "\n".join(workshop.red))
        waiting = {pool.submit(workshop.plant, fault): number for number, fault in planted.items()}
        with click.progressbar(as_completed(waiting), len(waiting), "Faults", show_pos=True) as finished:
            for future in finished:
                number = waiting[future]
                caught[number] = future.result()
                by = f"caught by {caught[number]}" if caught[number] else "NOT CAUGHT"
                click.echo(f"\r{number:>4}  {planted[number].file}: {planted[number].why}: {by}")
    report(planted, caught, len(gone))


def report(planted: dict[int, Fault], caught: dict[int, str], gone: int) -> None:
    """Say how many were caught and what survived, and fail if too much did."""
    survivors = [number for number in planted if not caught[number]]
    share = 1.0 - len(survivors) / max(1, len(planted))
    click.echo(f"\n{len(planted) - len(survivors)} of {len(planted)} faults caught ({share:.0%}).")
    for number in survivors:
        fault = planted[number]
        click.echo(f"{number:>4}  {fault.file}: {fault.why}. {fault.survives or 'No reason is given.'}")
    if gone or share < ENOUGH:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
