"""The page to send on: it needs nothing but itself, says what could not be made, and keeps words as they were."""

import json
import re
import subprocess

import pytest
from click.testing import CliRunner

from experiments.report import __main__ as report
from experiments.report.page import prose
from experiments.show.caution import NOT_KNOWN

VERDICT = """THE YEAR: IF HE STAYS
60 worlds, each lived
twice.

LIKELIHOOD that he falls: unlikely (2 % [1 to 5]). CONFIDENCE: low; <8> gates.

           stays     enters
a coup     1 %       2 %
any fall   1 %       3 %

BASE RATES, beside it:
  one of them, which is
    folded
  another"""


@pytest.fixture
def answers(monkeypatch):
    """Let every question be answered at once, by the same words, but for those named here."""
    failing: list[str] = []
    asked = []
    other = subprocess.run

    def run(command, **options):
        if command[1] != "-m":
            return other(command, **options)
        part = next(part for part in report.PARTS if command[2] == f"experiments.{part.name}")
        asked.append(command)
        folder = report.Path(command[command.index("--results") + 1])
        folder.mkdir(parents=True)
        words, picture, record = (folder / name for name in part.files())
        words.write_text(VERDICT)
        picture.write_bytes(b"a picture")
        record.write_text(json.dumps({"commit": "abc"}))
        return subprocess.CompletedProcess(command, int(part.name in failing))

    monkeypatch.setattr(subprocess, "run", run)
    run.failing, run.asked = failing, asked
    return run


def written(tmp_path, *options):
    done = CliRunner().invoke(report.main, ["--results", str(tmp_path), *options])
    return done, (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_holds_everything_and_asks_for_nothing(answers, tmp_path):
    done, page = written(tmp_path)
    assert done.exit_code == 0, done.output
    assert not re.search(r"<script|https?://|<link|@import|url\(", page)
    assert page.count('src="data:image/png;base64,') == len(report.PARTS) == page.count("<h2") - 1
    assert all(re.search(rf'<img alt="[^"]+" src="data:[^"]+">.*?{part.name}', page, re.S) for part in report.PARTS)
    assert '<html lang="en">' in page and page.count("<h1>") == 1
    assert "prefers-color-scheme: dark" in page and "size: A4" in page


def test_the_answer_comes_first_and_what_is_not_known_last(answers, tmp_path):
    _, page = written(tmp_path)
    places = [page.index(words) for words in ("<strong>LIKELIHOOD</strong>", 'id="war_entry"', 'id="validate"')]
    assert page[: places[1]].count("<strong>CONFIDENCE</strong>") == 1, "said once, though two questions say it"
    assert places == sorted(places) and page.index('id="not_known"') > places[-1]
    assert all(words[:40] in page for words in NOT_KNOWN)


def test_a_part_that_fails_is_named_on_the_page_and_the_others_are_there(answers, tmp_path):
    answers.failing.append("ablation")
    done, page = written(tmp_path)
    assert done.exit_code == 1 and "without ablation: its command ended with code 1" in done.stderr
    assert "This part could not be made: its command ended with code 1" in page
    assert page.count('src="data:image/png;base64,') == len(report.PARTS) - 1


def test_a_question_that_draws_no_figure_has_its_words(answers, tmp_path, monkeypatch):
    [part] = [part for part in report.PARTS if part.name == "validate"]
    monkeypatch.setattr(report.Path, "is_file", lambda path: path.suffix != ".png" and path.exists())
    done, page = written(tmp_path, "--only", part.name)
    assert done.exit_code == 0, done.output
    assert "<img" not in page and "60 worlds, each lived twice." in page


def test_only_what_is_asked_for_is_asked_with_seed_and_workers(answers, tmp_path):
    done, page = written(tmp_path, "--only", "validate", "--seed", "3", "--workers", "1")
    assert done.exit_code == 0 and len(answers.asked) == 1
    assert answers.asked[0][-4:] == ["--seed", "3", "--workers", "1"]
    assert "was not answered here" in page


def test_words_become_paragraphs_lists_and_tables_and_nothing_is_lost():
    made = prose(VERDICT)
    assert "<p><strong>CONFIDENCE</strong>: low; &lt;8&gt; gates.</p>" in made
    assert "<pre>           stays     enters\na coup" in made
    assert "<li>one of them, which is folded</li><li>another</li>" in made
    bare = re.sub(r"<[^>]+>", " ", made).replace("&lt;", "<").replace("&gt;", ">")
    assert re.sub(r"\s+", "", bare) == re.sub(r"\s+", "", VERDICT)
