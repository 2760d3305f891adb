"""The page's caution: what it is and is not, whose claims it tries, what there is to read, and its numbers' sources."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

pytest.importorskip("solara", reason="the page needs the extra browser")

from experiments.browser import about
from experiments.browser.controls import KNOBS
from experiments.browser.documents import DOCUMENTS
from experiments.evidence.claims import sentences
from model.episode import load_episode
from model.parameters import DECLARED, SWITCHES

EPISODE = load_episode("belarus-2022")


def test_it_says_who_he_is_that_it_is_no_forecast_and_must_not_be_used_to_plan_as_the_readme_does():
    first, words = about.first_sentence(EPISODE), about.about_words(EPISODE)
    assert EPISODE.leader in first and EPISODE.country in first and "no forecast" in first
    readme = " ".join(DOCUMENTS["README.md"].read_text(encoding="utf-8").split())
    assert about.NOT.removeprefix("It is ") in readme.replace("It is no", "no") and about.NOT in words
    ElementTree.fromstring(f"<div>{words}</div>")


def test_every_claim_of_the_article_stands_in_its_own_words_and_every_switch_says_its_own():
    words = about.about_words(EPISODE)
    assert all(f"<b>{claim}</b>" in words for claim in sentences()) and len(sentences()) == 19
    for place, claims in about.CLAIMS.items():
        said = about.claims_words(claims)
        assert place and all(f"<b>{claim}</b>" in said for claim in claims) and set(claims) <= set(sentences())
    assert all(sentences()[claim] in about.claim_of(switch) for switch, claim in SWITCHES.items())


def test_an_episode_that_nothing_was_fitted_to_and_gates_that_cannot_be_read_say_so(monkeypatch, tmp_path):
    assert re.match(r"Confidence: [a-z ]+; \d+ of \d+ gates", about.how_sure(EPISODE))
    monkeypatch.setattr(about, "file_of", lambda episode: None)
    assert about.how_sure(EPISODE) == "This episode was fitted to nothing."
    monkeypatch.setattr(about, "file_of", lambda episode: tmp_path / "worlds.csv")
    (tmp_path / "gates.csv").write_text("one,two\n1,2\n")
    assert "cannot be read" in about.how_sure(EPISODE)


@pytest.mark.parametrize("name", list(KNOBS))
def test_a_slider_says_its_range_and_its_source(name):
    words, notes = about.number_words(name), DECLARED[name].metadata
    source = "an assumption" if notes["source"] == "assumption" else f"source: {notes['source']}"
    assert words.startswith("From ") and source in words and ("fitted" in words) == notes["fitted"]
