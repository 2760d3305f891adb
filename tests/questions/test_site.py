"""The page without a server: it opens from disk, asks for nothing, and its numbers are those of its runs."""

import dataclasses
import json
import re
import shutil
from pathlib import Path

import axe_playwright_python
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from playwright import sync_api

from experiments.evidence.standing import Standing
from experiments.show.palette import DARK, LIGHT
from experiments.show.words import percent
from experiments.site.__main__ import main, verdict
from experiments.site.findings import ARMS, Life, Story
from model.episode import load_episode
from model.simulation import Simulation
from model.worlds import draw

INVENTED = Path(__file__).parents[1] / "model" / "invented.toml"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHOTS = Path(__file__).parents[2] / "results" / "site"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


def asked(folder):
    options = ["--worlds", "4", "--episode", str(INVENTED), "--citizens", "300", "--workers", "1"]
    done = CliRunner().invoke(main, [*options, "--results", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done, (folder / "tightrope.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    return folder, *asked(folder)


def recorded(text):
    return json.loads(re.search(r'id="told">(.*?)</script>', text)[1])


def life(ending, peak=0.0):
    days = {"crowd": np.array([peak, 0.0])}
    return Life(days=days, notes=[], ending=ending, ended_on=None, cause="")


def story(stays, enters):
    endings = dict(zip(ARMS, (stays, enters), strict=True))
    lives = {arm: [life(end, peak) for peak, end in enumerate(ends)] for arm, ends in endings.items()}
    return Story(
        episode=load_episode(INVENTED), origin="", gates=None, endings=endings, worlds=[*range(len(stays))], lives=lives
    )


def test_the_answer_over_more_histories_stands_beside_that_of_the_few():
    ends = {"stay": {"survived": 20}, "enter": {"survived": 15, "coup": 5}}
    stands = Standing(worlds=20, seed=0, n_citizens=9, days=365, accepted="", behaviour="", endings=ends)
    told = dataclasses.replace(story(["survived"] * 2, ["survived", "coup"]), standing=stands)
    assert "Over 20 histories" in verdict(told) and "he falls in 25 %" in verdict(told)
    assert "Over" not in verdict(dataclasses.replace(told, standing=None))


def test_it_is_small_and_asks_for_nothing(written):
    _, _, text = written
    assert len(text.encode()) < 5_000_000
    assert not re.search(r"https?:|(?:src|href)=|@import|url\(", text)


def test_its_days_are_those_of_a_script_with_the_same_dice(written):
    folder, _, text = written
    told = json.loads((folder / "record.json").read_text())["told"]
    (world,) = (one for one in draw(4, 0, None) if one.number == told)
    days = recorded(text)["arms"]["enter"]["measures"]["crowd"]
    episode = load_episode(INVENTED).replace(entry_front=world.front)
    script = Simulation(episode, world.parameters, arm="enter", rng=world.seed, n_citizens=300)
    script.run(episode.days)
    assert days == [round(value) for value in script.series()["crowd"]]


def test_the_answer_is_the_share_of_histories(written):
    folder, done, text = written
    table = pd.read_csv(folder / "site.csv").set_index(["arm", "ending"])
    for arm in ARMS:
        fell = recorded(text)["fell"][arm]
        assert table.loc[(arm, "fall"), "share"] == sum(fell) / len(fell)
        assert percent(sum(fell) / len(fell)) in text and percent(sum(fell) / len(fell)) in done.stdout


def test_a_second_command_goes_on_from_the_store(written):
    folder, _, text = written
    again, second = asked(folder)
    assert "4" in again.output and recorded(second) == recorded(text)


def test_the_history_that_is_told_is_the_first_that_differs_else_the_middle_one():
    s, u = "survived", "uprising"
    assert story([s, u, s, s], [s, u, u, u]).chosen == 2 and story([s, u, s, s], [s, u, u, u]).alike == 2
    assert story([s, s, s], [s, s, s]).chosen == 1


def test_the_colours_are_those_of_the_page():
    style = (Path(__file__).parents[2] / "experiments" / "browser" / "page.css").read_text(encoding="utf-8").split("}")
    for theme, block in ((LIGHT, style[0]), (DARK, style[1])):
        assert all(f"--{name}: {colour};" in block for name, colour in theme.items())


@pytest.mark.slow
@pytest.mark.skipif(
    CHROMIUM is None, reason="NO CHROMIUM: THE PAGE IS NOT TESTED. Install it: apt-get install chromium"
)
@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "light"), (390, 844, "dark")])
def test_it_opens_from_disk_is_guessed_at_and_replayed(written, width, height, scheme):
    folder, _, text = written
    faults = []
    with sync_api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, bypass_csp=True
        ).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
        page.on("request", lambda sent: None if sent.url.startswith("file:") else faults.append(sent.url))
        page.goto((folder / "tightrope.html").as_uri())
        answer = page.get_by_role("heading", name="What the model says")
        sync_api.expect(answer).to_be_hidden()
        page.get_by_label("If he enters").fill("30")
        page.get_by_role("button", name="That is my guess").click()
        sync_api.expect(answer).to_be_visible()
        fell = recorded(text)["fell"]["enter"]
        brier = sum((0.3 - one) ** 2 for one in fell) / len(fell)
        sync_api.expect(page.locator("#scored")).to_contain_text(f"your Brier score is {brier:.3f}")
        page.get_by_role("slider", name="Day").fill("100")
        sync_api.expect(page.locator("#date")).to_contain_text("Day 100 of")
        crowd = recorded(text)["arms"]["stay"]["measures"]["detained_today"][99]
        shown = page.locator("#stay-detained_today").inner_text()
        assert abs(float(shown.replace(",", "")) - crowd) <= max(5.0, 0.005 * crowd)
        page.get_by_role("button", name="Light" if scheme == "dark" else "Dark").click()
        page.get_by_role("button", name="Dark" if scheme == "dark" else "Light").click()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(results => results.violations)")
        small = page.evaluate(
            """() => [...document.querySelectorAll('svg text')].filter(t => parseFloat(getComputedStyle(t).fontSize)
                * t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width < 10.9)
                .map(t => t.textContent)"""
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
    assert faults == [] and small == []
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
