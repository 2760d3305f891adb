"""What stands on the page: each question with its heading, how it is asked on a small budget, and why."""

from typing import NamedTuple

from experiments.lab.study import file_named


class Part(NamedTuple):
    """A part of the page: the name of a question, the heading, what is asked, and on which budget."""

    name: str
    heading: str
    words: str
    arguments: tuple[str, ...] = ()
    stem: str = ""
    """What its files begin with, where the question names them so (``run``)."""

    def files(self) -> tuple[str, str, str]:
        """Return the names of its words, its figure and its record.

        >>> Part("war_entry", "", "").files()
        ('verdict.txt', 'war_entry.png', 'record.json')
        >>> Part("run", "", "", stem="belarus-2022-enter").files()
        ('belarus-2022-enter.txt', 'belarus-2022-enter.png', 'belarus-2022-enter.json')
        """
        words, figure, record = (
            file_named(name, self.stem) for name in ("verdict.txt", f"{self.name}.png", "record.json")
        )
        return words, figure, record


ANSWER = (
    Part(
        "war_entry", "If he enters, does he fall?",
        "Twin worlds with the same dice: in one he stays out, in the other he enters.",
        ("--worlds", "60", "--prior", "20"),
    ),
    Part(
        "decision", "Would he enter?",
        "Is it ever better for his survival, would he believe so, and would he find so by looking ahead?",
        ("--worlds", "30", "--futures", "4", "--citizens", "5000"),
    ),
)  # fmt: skip
"""What the page opens with."""
EVIDENCE = (
    Part(
        "validate", "How far can these worlds be trusted?",
        "The gates that were stated before the fit, failures first, and what was not fitted.", ("--worlds", "40"),
    ),
    Part(
        "run", "What a year after entry looks like", "Every fifth number of the days themselves, over many worlds.",
        ("belarus-2022", "--arm", "enter", "--worlds", "accepted", "--seeds", "20"), "belarus-2022-enter",
    ),
    Part(
        "point_of_no_return", "Can he come home again?",
        "His troops come home after some days: does he still fall?", ("--worlds", "40"),
    ),
    Part(
        "tipping_line", "Where is the line?",
        "Over losses and the shock of entry: where a fall is as likely as not.",
        ("--worlds", "200", "--citizens", "2000"),
    ),
    Part(
        "why", "Why did he fall? One run, taken apart",
        "The first fall that is found nearer the line (entry four times as shocking as lending the land), its chain of "
        "events, and the smallest set without which he would stand.",
        ("--worlds", "60", "--citizens", "5000", "--beyond", "4"),
    ),
    Part(
        "warning", "What should one watch?",
        "Which sign warns of a fall, how early, at how many false alarms, nearer the line.",
        ("--worlds", "80", "--citizens", "5000"),
    ),
    Part(
        "discover", "Where do the falls lie?",
        "Boxes of numbers that hold them, and what a fresh sample says of those.",
        ("--worlds", "150", "--fresh", "80", "--citizens", "5000"),
    ),
    Part(
        "forecast", "What can be held against the model later?",
        "Dated questions, with the model's chances, locked so that nobody can change them.", ("--worlds", "40"),
    ),
    Part(
        "ablation", "Which of the article's sentences carry the answer?",
        "One claim at a time is switched off on the eve, in the same histories.",
        ("--worlds", "10", "--citizens", "5000"),
    ),
    Part(
        "media_grip", "What if he had Putin's grip over the media?",
        "The same histories with his own grip and with Russia's.", ("--worlds", "20"),
    ),
    Part(
        "rare", "How likely is an uprising if he stays out?",
        "Too rare to count: lives that come least near are killed and replaced by forks of the others.",
        ("--worlds", "20", "--repeats", "6", "--citizens", "2000"),
    ),
    Part(
        "cases", "Does it foretell other countries?",
        "18 crises elsewhere, of which it knows the size of the crowd and nothing else.", ("--worlds", "20"),
    ),
    Part(
        "base_rates", "Do coups and falls come as often as elsewhere?",
        "In quiet years, under mass protest and in war, beside what was published.",
        ("--worlds", "40", "--seeds", "1"),
    ),
    Part(
        "shocks", "What do entry, a long war and defeat do to the street?",
        "Beside what they did in ten wars of others.", ("--worlds", "40"),
    ),
    Part(
        "docking", "Does it hold known models?",
        "Granovetter, Watts, Kuran, Morris-Shin and Epstein as special cases of its rules.", ("--seeds", "10"),
    ),
    Part(
        "sensitivity", "Which numbers carry the answer?",
        "Screening, shares of the spread, and what goes with the answer in the accepted histories.",
        ("--repeats", "3", "--points", "16", "--worlds", "60", "--citizens", "4000"),
    ),
    Part(
        "robustness", "Does the reader see the world or the modeller?",
        "Choices of the modeller made otherwise, one at a time and mixed.", ("--worlds", "8", "--citizens", "5000"),
    ),
)  # fmt: skip
"""What it rests on."""
