"""Every question that can be asked, with its command and how long it takes on two cores."""

import textwrap
from typing import NamedTuple

WIDTH = 100


class Question(NamedTuple):
    """A question: the name of its experiment, the question, the arguments of an example, its time."""

    name: str
    question: str
    arguments: str
    time: str

    @property
    def command(self) -> str:
        """The command that asks it."""
        return f"python -m experiments.{self.name} {self.arguments}".strip()


QUESTIONS = (
    Question("war_entry", "how likely is each ending if he stays and if he enters, and when?", "", "2 minutes"),
    Question(
        "decision", "would a leader who wants to keep his job enter, and how wrong must he be to do it?",
        "", "15 minutes",
    ),
    Question(
        "run", "what happens in one episode, day by day, over many worlds?",
        "belarus-2022 --arm stay --worlds accepted --seeds 50", "15 seconds",
    ),
    Question(
        "tipping_line", "where is the line beyond which entry tips the country, over any two of seven numbers?", "",
        "15 minutes",
    ),
    Question(
        "sweep", "any numbers over any design, resumable, on all cores or a Dask cluster",
        "experiments/sweep/example.toml", "as long as it is",
    ),
    Question(
        "calibrate",
        "which histories fit what was seen of a country (Belarus, 2020 to 2022), and what do they teach?", "",
        "2 hours",
    ),
    Question(
        "validate", "does the fitted model pass the gates stated before the fit, and what does it predict beyond it?",
        "", "2 minutes",
    ),
    Question(
        "cases", "what does the model foretell of other countries' crises from their crowds, and what was that worth?",
        "", "3 minutes",
    ),
    Question(
        "base_rates", "how many coup attempts and falls in quiet years, under mass protest and in war, beside others'?",
        "", "3 minutes",
    ),
    Question(
        "shocks", "what do entry, a long war and defeat do to the street, beside what they did in other countries?",
        "", "2 minutes",
    ),
    Question(
        "challenge", "hidden countries: do our tools find the cause, the chances and the day by which to come home?",
        "", "3 minutes",
    ),
    Question(
        "point_of_no_return", "after how many days in the war does coming home no longer save him?", "", "5 minutes"
    ),
    Question(
        "ablation", "which of the article's sentences carry the answer, and which do nothing here?", "", "15 minutes"
    ),
    Question("media_grip", "what if he had Putin's grip over the media?", "", "10 minutes"),
    Question(
        "warning", "what should one watch: which sign warns of a fall, how early, at how many false alarms?", "",
        "4 minutes",
    ),
    Question(
        "discover", "where do the falls lie: among which numbers, and does a fresh sample confirm it?", "",
        "10 minutes",
    ),
    Question(
        "forecast", "which dated, measurable things does the model foretell, locked to be judged later?", "",
        "3 minutes",
    ),
    Question(
        "score", "what was a locked forecast worth, beside base rates, now that some of its days have come?",
        "results/forecast/locked.json --resolved happened.csv", "5 seconds",
    ),
    Question(
        "why", "why did he fall, in one run beside its twin, and without what would he still be there?", "",
        "2 minutes",
    ),
    Question(
        "rare", "how likely is an uprising within a year if he stays out, which is too rare to count?", "",
        "20 minutes",
    ),
    Question(
        "sensitivity", "which numbers carry the answer to an entry, and how much of its spread is chance?", "",
        "15 minutes",
    ),
    Question(
        "robustness", "does the reader see the world or the modeller: what do choices made otherwise move?", "",
        "8 minutes",
    ),
    Question(
        "docking", "do our rules hold known models (Granovetter, Watts, Kuran, Morris-Shin, Epstein) as special cases?",
        "", "5 minutes",
    ),
    Question("size", "does the tipping survive large N?", "", "15 minutes"),
    Question("benchmark", "what does a citizen-day cost?", "", "3 minutes"),
    Question("browser", "the living country: enter the war yourself", "", "-"),
    Question(
        "site", "what can a reader be sent? a guess, twins and bands, on a page without a server", "", "2 minutes"
    ),
    Question("report", "what does the model say, all in all? one page to send on", "", "15 minutes"),
    Question("document", "the tables in the documents, written anew", "", "1 second"),
)  # fmt: skip


def table() -> str:
    """Return the questions as a table in Markdown."""
    rows = ["| experiment | question | command | time on two cores |", "| --- | --- | --- | --- |"]
    rows += [f"| {one.name} | {one.question} | `{one.command}` | {one.time} |" for one in QUESTIONS]
    return "\n".join(rows)


def listed() -> str:
    """Return the questions for a terminal, a paragraph each."""
    said = []
    for one in QUESTIONS:
        words = textwrap.fill(one.question, WIDTH, initial_indent="  ", subsequent_indent="  ")
        said.append(f"{one.name} ({one.time})\n{words}\n    {one.command}")
    return "\n".join([*said, "", "Each has --help with examples. Times are for two cores."])
