"""The verdict on the media grip, in plain words chosen by the numbers."""

from experiments.evidence.base_rates import JOINERS, beside
from experiments.evidence.claims import sentences
from experiments.evidence.gates import confidence_words
from experiments.media_grip.findings import DECIDE_FALL, ENTER_FALL, ENTERS, OUTCOMES, OWN, RUSSIA, STAY_FALL, Findings
from experiments.show.words import date_words, fold, interval_words, likely, percent, points_words
from model.parameters import DECLARED

RUSSIAN = {name: DECLARED[name].metadata["high"] for name in ("regime.media_grip", "regime.blocking")}
"""What stands for Russia's grip: on both, the strongest in the declared ranges (an assumption, no measurement)."""
SAID = {
    STAY_FALL: "he falls if he stays,",
    ENTER_FALL: "he falls if he enters,",
    DECIDE_FALL: "he falls if he may choose,",
    ENTERS: "he enters, if he may choose,",
}


def finding(result: Findings) -> str:
    """Return the headline: what the grip is shown to change, the largest change, or that nothing is shown."""
    if not result.shown:
        reach = max(max(-change.low, change.high) for change in result.changes.values())
        return (
            f"Russia's grip over the media is not shown to change whether he falls or enters, in {result.worlds} "
            f"worlds; the intervals leave room for {100 * reach:.1f} points"
        )
    outcome = max(result.shown, key=lambda name: abs(result.changes[name].value))
    before, after = (percent(result.chances[setting, outcome].value) for setting in (OWN, RUSSIA))
    return f"With Russia's grip over the media {SAID[outcome]} in {after} of worlds, with his own in {before}"


def verdict(result: Findings) -> str:
    """Return what Russia's grip changes, with intervals, and what that does not tell."""
    low, middle, high = result.grips
    stays, enters, chooses = (result.chances[OWN, outcome] for outcome in (STAY_FALL, ENTER_FALL, ENTERS))
    eve = date_words(result.episode.start_date)
    lines = [f"{'':<22}{'his own grip':<24}{'Russia’s grip':<24}change, points"]
    for outcome in OUTCOMES:
        own, russia = (interval_words(result.chances[setting, outcome]) for setting in (OWN, RUSSIA))
        lines.append(f"{outcome:<22}{own:<24}{russia:<24}{points_words(result.changes[outcome])}")
    parts = [
        fold(
            f"{result.worlds} {result.origin.words}, each lived a year from {eve} twice with the same dice: with his "
            f"own grip over the media (C12, “{sentences()['C12']}”) and with Russia's. He stays, he enters, he "
            "decides. In brackets: 95 % Monte Carlo intervals, over worlds."
        ),
        fold(finding(result) + "."),
        "\n".join(lines),
        fold(
            f"LIKELIHOOD, with his own grip, that he falls: if he enters, {likely(enters.value)} "
            f"({interval_words(enters)}); if he stays, {likely(stays.value)} ({interval_words(stays)}). If he may "
            f"choose he enters in {interval_words(chooses)}. {confidence_words(result.gates)} {JOINERS}"
        ),
        beside(),
        fold(
            f"WHAT THIS MEANS: Russia's grip is here {RUSSIAN['regime.media_grip']:g} of bad news kept from state "
            f"audiences and {RUSSIAN['regime.blocking']:g} of that from independent ones, the strongest that the "
            "declared ranges have: an assumption, not measured in Russia. His own, in these worlds, keeps "
            f"{middle:.2f} ({low:.2f} to {high:.2f}) from state audiences. It is given from {eve} on: the past, who "
            "watches what, and what was closed before stay his. So this tells what the grip would do in the war, not "
            "what the country would be had he had it for twenty years."
        ),
    ]
    return "\n\n".join(parts)
