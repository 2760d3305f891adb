"""What our tools found in hidden countries, in words: failures first."""

from collections.abc import Mapping

from experiments.challenge.findings import TASKS, Findings
from experiments.challenge.lives import CAUSES, SOON
from experiments.challenge.pack import Pack
from experiments.challenge.public import Answers
from experiments.lab.statistics import Estimate
from experiments.show.words import fold, percent

SCORED = {
    "explain": ("the cause is right", "share of packs"),
    "predict": ("the chances are off by", "points"),
    "prescribe": ("the day is off by", "steps"),
}
SHOWN = {1: "shown", 0: "NOT shown", -1: "WORSE"}
BY = {"ours": "our tools, from the days", "blind": "our tools, without a look", "guess": "a guess"}


def number(task: str, estimate: Estimate) -> str:
    """Return a score with its interval, in the unit of its task.

    >>> number("predict", Estimate(value=0.1, low=0.05, high=0.15, error=0.02, draws=6, method=""))
    '10.0 [5.0 to 15.0]'
    """
    scale, digits = (1.0, 2) if task == "prescribe" else (100.0, 1 if task == "predict" else 0)
    value, low, high = (scale * end for end in (estimate.value, estimate.low, estimate.high))
    unit = " %" if task == "explain" else ""
    return f"{value:.{digits}f}{unit} [{low:.{digits}f} to {high:.{digits}f}]"


def finding(result: Findings) -> str:
    """Return the headline: what our tools find, and whether the days helped them."""
    right, packs = int(result.of("ours", "explain").sum()), len(result.packs)
    off, steps = result.score("ours", "predict").value, result.score("ours", "prescribe").value
    said = (
        f"Our tools name the cause of {right} of {packs} hidden countries, miss the chances by {100.0 * off:.0f} "
        f"points and the day to come home by {steps:.1f} of 4 steps"
    )
    shown = [task for task in TASKS if result.shown(task, "blind") > 0]
    if len(shown) == len(TASKS):
        return f"{said}: better than without a look at the days, in all three"
    if not shown:
        return f"{said}; that the days helped them is not shown"
    rest = " and ".join(task for task in TASKS if task not in shown)
    return f"{said}; that the days helped is shown for {' and '.join(shown)}, not for {rest}"


def verdict(result: Findings) -> str:
    """Return the failures, all packs, the scores beside those of who knows less, and what this can say."""
    lives = min(pack.truth.lives for pack in result.packs)
    return "\n\n".join(
        [
            "HIDDEN COUNTRIES: WHO FINDS THE CAUSE, THE CHANCES AND THE DAY FROM WHAT CAN BE SEEN?",
            fold(finding(result) + "."),
            fold(_missed(result)),
            _packs(result),
            _scores(result),
            fold(_blind(result)),
            fold(
                "WHAT THIS MEANS: a pack tells the days from the entry to the fall, and our tools read nothing else; "
                "the lives that they take for it are of other histories, drawn as the hidden ones are. The truth is "
                f"counted in {lives} other lives: its chances, too, are off by up to {50.0 / lives**0.5:.0f} points "
                "(one standard error). "
                "We know the rules of these countries, and nobody knows those of a real one: this is a ceiling of "
                "what the tools can find from outside, and no evidence that the rules are true."
            ),
        ]
    )


def _missed(result: Findings) -> str:
    """Return which packs were missed, and how well the votes do among our own countries."""
    explain, solved = result.of("ours", "explain"), result.solved
    wrong = [str(pack.number) for pack, right in zip(result.packs, explain, strict=True) if not right]
    outside = list(map(str, result.outside()))
    return (
        f"MISSED: the cause in {len(wrong)} of {len(explain)} packs ({', '.join(wrong) or 'none'}); the share of early "
        f"falls lies outside our interval in {len(outside)} ({', '.join(outside) or 'none'}): it knows the spread of "
        "the countries that we believe, and not whether they are the right ones. Among our own countries, each left "
        "out in its turn, "
        f"the votes name the cause of {solved.right} of {solved.ours}."
    )


def _packs(result: Findings) -> str:
    """Return the truth beside our answers, the worst first."""
    lines = [
        f"{'pack':<6}{'days':>4}  {'cause':<7}{'ours (votes)':<15}{'soon':<6}{'ours':<19}{'year':<6}{'ours':<7}"
        f"{'stays':<6}{'ours':<7}{'home':<5}ours"
    ]
    for place in result.worst_first():
        pack, said = result.packs[place], result.said[place]
        truth, own, soon = pack.truth.answers, said.answers, said.chances["soon"]
        votes = f"{own.cause} ({_whole(said.votes[own.cause])})"
        lines.append(
            f"{pack.number:<6}{len(pack.days):>4}  {truth.cause:<7}{votes:<15}{_whole(truth.soon):<6}"
            f"{f'{_whole(own.soon)} [{100 * soon.low:.0f} to {100 * soon.high:.0f}]':<19}"
            f"{_whole(truth.enters):<6}{_whole(own.enters):<7}{_whole(truth.stays):<6}{_whole(own.stays):<7}"
            f"{truth.home:<5}{own.home}"
        )
    head = (
        f"EVERY PACK, the truth and ours beside it, the worst first (falls within {SOON} days of the entry; within the "
        "year; if he stays; the day by which to be home, 0: none):"
    )
    return "\n".join([fold(head), *lines])


def _whole(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _scores(result: Findings) -> str:
    """Return each task's score by who answers, and whether ours is better."""
    lines = [f"SCORES over {len(result.packs)} packs; in brackets 95 % intervals over packs:"]
    for task in TASKS:
        what, unit = SCORED[task]
        lines.append(f"{task}: {what} [{unit}]")
        for who, words in BY.items():
            line = f"  {words:<27}{number(task, result.score(who, task)):<24}"
            if who != "ours":
                gain = result.gain(task, who)
                line += f"ours better by {number(task, gain)}: {SHOWN[result.shown(task, who)]}"
            lines.append(line.rstrip())
    return "\n".join(lines)


def _blind(result: Findings) -> str:
    own = result.solved.blind.answers
    spread = ", ".join(f"{cause} {percent(share)}" for cause, share in result.solved.blind.votes.items())
    return (
        "WITHOUT A LOOK our tools say the same of every pack, from our draws that fell by one cause alone "
        f"({spread}): {own.cause}, {percent(own.soon)} soon, {percent(own.enters)} within the year, "
        f"{percent(own.stays)} if he stays, home by day {own.home}. A guess takes any of {len(CAUSES)} causes, one "
        "half for every chance, and any of the five days."
    )


def of_one(pack: Pack, folder: str, scores: Mapping[str, Mapping[str, float]], theirs: Answers | None) -> str:
    """Return where a pack is and how good answers are, and not the truth."""
    lines = [f"{'':<8}{'explain [right: 1]':<21}{'predict [points off]':<23}prescribe [steps off]"]
    for who, score in scores.items():
        lines.append(f"{who:<8}{score['explain']:<21.2f}{100 * score['predict']:<23.1f}{score['prescribe']:.2f}")
    more = "" if theirs else " Your own answers are judged by --score FILE."
    return "\n\n".join(
        [
            f"A HIDDEN COUNTRY: {len(pack.days)} DAYS FROM ITS ENTRY ARE TOLD",
            fold(
                f"Send the folder {folder}, and nothing else: sealed.json beside it is the truth, and whoever has this "
                f"project and the pack's number can make it again.{more}"
            ),
            "\n".join(lines),
            fold(
                "Ours are the answers of our own tools, blind those that they give without a look at the days, guess "
                "is any cause, any day and one half for all chances. One pack says little of who is better: without "
                "--make, several are made."
            ),
        ]
    )
