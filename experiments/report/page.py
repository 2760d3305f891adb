"""The page: one file of HTML with its pictures inside, to be read without a network, a script or this project."""

import base64
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from experiments.report.parts import Part
from experiments.show.caution import NOT_KNOWN
from experiments.show.palette import BLUE, VERMILLION
from model.records import read_record

TITLE = "Will Belarus join Russia's war on Ukraine, and would joining it bring him down?"
STYLE = """
:root { color-scheme: light dark;
  --ink: #1b1b1b; --paper: #fdfdfb; --quiet: #5c5c5c; --line: #d8d6cf; --card: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e1; --paper: #17181a; --quiet: #a8a59d; --line: #3a3b3e; --card: #1f2023; }
}
body { margin: 0 auto; max-width: 50rem; padding: 2rem 1.2rem 4rem; color: var(--ink); background: var(--paper);
  font: 1.0625rem/1.6 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 0.6rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 0.4rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
.quiet, figcaption, nav { color: var(--quiet); font-size: 0.92rem; }
nav ol { padding-left: 1.2rem; } a { color: inherit; }
.answer { border-left: 4px solid var(--answer); background: var(--card); padding: 0.4rem 1.1rem; margin: 1.4rem 0; }
figure { margin: 1.4rem 0; }
img { display: block; width: 100%; height: auto; background: #ffffff; border-radius: 4px; }
pre { overflow-x: auto; font: 0.78rem/1.45 ui-monospace, Menlo, Consolas, monospace; border: 1px solid var(--line);
  background: var(--card); padding: 0.7rem; }
code { font: 0.85em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; } li { margin: 0.25rem 0; }
.failed { border-left: 4px solid var(--failed); padding-left: 1rem; }
@page { size: A4; margin: 16mm; }
@media print {
  :root { --ink: #000000; --paper: #ffffff; --quiet: #444444; --line: #bbbbbb; --card: #ffffff; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  figure, pre, .answer { break-inside: avoid; } h2 { break-after: avoid; }
  pre { font-size: 7.4pt; overflow: visible; white-space: pre-wrap; }
}
"""
COLUMNS = re.compile(r"\S {2,}\S")
"""A line of a table: two spaces or more between its cells."""
CAPITALS = re.compile(r"[A-Z][A-Z']+(?:[ ,]+[A-Z][A-Z']+)*\b")
"""How a paragraph says what it is about: its first words in capitals."""
TURN = re.compile(r"(?<=[.)]) (?=[A-Z]{4,}(?: [A-Z]+)*: )")
"""Where a paragraph turns to something else, which it names in capitals."""


class Told(NamedTuple):
    """What became of a part: its words, its figure if it draws one, and its record, or why there are none."""

    part: Part
    words: str = ""
    picture: bytes = b""
    record: Mapping[str, Any] | None = None
    failure: str = ""

    @classmethod
    def of(cls, part: Part, folder: Path, failure: str) -> "Told":
        """Read what a question has written into its folder."""
        if failure:
            return cls(part, failure=failure)
        words, picture, record = (folder / name for name in part.files())
        drawn = picture.read_bytes() if picture.is_file() else b""
        return cls(part, words.read_text(encoding="utf-8"), drawn, read_record(record, {"commit": str}))


def items(block: Sequence[str]) -> Iterator[str]:
    """Yield the items of a block of folded lines: one that is indented by four or more goes on with the last.

    >>> list(items(["RATES:", "  one", "    and more", "  two"]))
    ['RATES:', 'one and more', 'two']
    >>> list(items(["one sentence that", "is folded"]))
    ['one sentence that is folded']
    >>> list(items(["A TITLE", "and a sentence"]))
    ['A TITLE', 'and a sentence']
    """
    hangs = any(line.startswith(" ") for line in block)
    item: list[str] = []
    for line in block:
        indent = len(line) - len(line.lstrip())
        goes_on = indent >= 4 or (not hangs and not " ".join(item).isupper())
        if item and not goes_on:
            yield " ".join(item)
            item = []
        item.append(line.strip())
    yield " ".join(item)


def paragraph(words: str) -> str:
    """Return a paragraph's words as HTML; what it is about, in capitals, stands out.

    >>> paragraph("WHEN: in 1 < 2 days")
    '<strong>WHEN</strong>: in 1 &lt; 2 days'
    """
    about = CAPITALS.match(words)
    if about is None:
        return html.escape(words)
    return f"<strong>{html.escape(about[0])}</strong>{html.escape(words[about.end() :])}"


def prose(words: str) -> str:
    """Return a verdict as HTML: tables as they stand, sentences as paragraphs, what hangs below them as a list."""
    made = []
    for block in re.split(r"\n\s*\n", words.strip("\n")):
        lines = block.splitlines()
        if sum(bool(COLUMNS.search(line)) for line in lines) >= 2:
            made.append(f"<pre>{html.escape(block)}</pre>")
            continue
        first, *rest = items(lines)
        made += [f"<p>{paragraph(turn)}</p>" for turn in TURN.split(first)]
        if rest and first.isupper():
            made += [f"<p>{paragraph(item)}</p>" for item in rest]
        elif rest:
            made.append("<ul>" + "".join(f"<li>{paragraph(item)}</li>" for item in rest) + "</ul>")
    return "\n".join(made)


def section(told: Told) -> str:
    """Return a part of the page: heading, figure, words, and the command that asks it in full."""
    part = told.part
    head = f'<h2 id="{part.name}">{html.escape(part.heading)}</h2>\n<p class="quiet">{html.escape(part.words)}</p>'
    if told.failure:
        return f'{head}\n<p class="failed">This part could not be made: {html.escape(told.failure)}</p>'
    picture = base64.b64encode(told.picture).decode()
    image = f'<img alt="{html.escape(part.heading)}" src="data:image/png;base64,{picture}">\n' if picture else ""
    record = told.record or {}
    asked = " ".join((part.name, *part.arguments))
    caption = (
        f"Asked here as <code>python -m experiments.{html.escape(asked)}</code>; in full, without the numbers "
        f"after its name. Commit {html.escape(str(record.get('commit', 'unknown')))[:12]}."
    )
    return f"{head}\n<figure>{image}<figcaption>{caption}</figcaption></figure>\n{prose(told.words)}"


def summary(answer: Sequence[Told]) -> str:
    """Return the paragraphs of the verdicts that say how likely it is, for the top of the page."""
    blocks = [block for told in answer for block in re.split(r"\n\s*\n", told.words)]
    turns = [turn for block in blocks if block.startswith("LIKELIHOOD") for turn in TURN.split(" ".join(block.split()))]
    chosen = dict.fromkeys(turns)  # what is said of all alike (confidence, reference class) is said once
    return prose("\n\n".join(chosen)) if chosen else '<p class="failed">The question itself was not answered here.</p>'


def page(answer: Sequence[Told], evidence: Sequence[Told], about: Mapping[str, str]) -> str:
    """Return the whole page: the answer, what it rests on, what is not known."""
    every = [*answer, *evidence]
    listed = "\n".join(f'<li><a href="#{one.part.name}">{html.escape(one.part.heading)}</a></li>' for one in every)
    unknown = "\n".join(f"<p>{html.escape(words)}</p>" for words in NOT_KNOWN)
    made = html.escape(f"{about['date'][:10]}, commit {about['commit'][:12]}, {about['command']}")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(TITLE)}</title>
<style>:root {{ --answer: {BLUE}; --failed: {VERMILLION}; }}{STYLE}</style>
</head>
<body>
<header>
<h1>{html.escape(TITLE)}</h1>
<p class="quiet">What Tightrope, an agent-based model, says; “he” is the ruler of Belarus, in office since 1994. It is
a model's answer on a small budget of runs, with its doubts, and no forecast. Made {made}.</p>
</header>
<main>
<div class="answer">
{summary(answer)}
</div>
<nav aria-label="Contents"><ol>
{listed}
<li><a href="#not_known">What is not known</a></li>
</ol></nav>
{"".join(section(told) for told in every)}
<h2 id="not_known">What is not known</h2>
{unknown}
</main>
</body>
</html>
"""
