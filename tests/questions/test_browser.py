"""The page in a real browser: Debian's Chromium, headless, driven by Playwright.

Screenshots of the main states are written to ``results/browser/`` (git-ignored), to be looked at.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import axe_playwright_python
import pandas as pd
import pytest
from playwright import sync_api

from experiments.browser.app import FIRST
from experiments.browser.controls import notch, notches, shown
from experiments.browser.documents import DOCUMENTS, SHELF
from experiments.browser.look import observed
from experiments.browser.strip import opening
from experiments.browser.tour import TOUR
from experiments.browser.world import BrowserWorld, check, recipe, replay
from model.simulation import Simulation

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "results" / "browser"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 120_000
"""How long a busy machine may take for one thing [ms]; no test is about speed."""
FAULTS = re.compile(r"Traceback|raised exception|went wrong|could not be|would have asked")
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="NO CHROMIUM: THE PAGE IS NOT TESTED. Install it: apt-get install chromium"
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a page served as a user would serve it; its log must hold no fault."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", "experiments.browser", "--port", str(port)],
            cwd=ROOT, stdout=written, stderr=subprocess.STDOUT, env=os.environ | {"NUMBA_NUM_THREADS": "1"},
        )  # fmt: skip
        try:
            wait_for_server(f"http://127.0.0.1:{port}/", server, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait(30)
    assert not FAULTS.search(log.read_text()), log.read_text()


def wait_for_server(url, server, log):
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except (urllib.error.URLError, OSError):
            assert server.poll() is None, log.read_text()
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"the page was not served: {log.read_text()}")


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, address):
    """A function that opens the page in a tab of its own; no tab may show an error or leave this machine."""
    contexts, faults = [], []

    def open_page(width=1280, height=800, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("console", lambda told: faults.append(f"console: {told.text}") if told.type == "error" else None)
        page.on("request", lambda asked: None if is_here(asked.url, address) else faults.append(f"left: {asked.url}"))
        page.on("response", lambda got: faults.append(f"{got.status}: {got.url}") if got.status >= 400 else None)
        page.goto(address)
        sync_api.expect(page.get_by_text("Day 0 of 365", exact=True)).to_be_visible(timeout=PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def is_here(url, address):
    return url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:"))


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def day(page):
    return int(re.search(r"Day (\d+)", page.locator(".date").inner_text()).group(1))


def wait_for_day(page, at_least):
    page.wait_for_function(
        "least => +document.querySelector('.date').innerText.match(/Day (\\d+)/)[1] >= least", arg=at_least
    )


def step(page, days=1):
    for _ in range(days):
        before = day(page)
        button(page, "Step").click()
        wait_for_day(page, before + 1)


def choose(page, label, option):
    page.get_by_label(label, exact=True).select_option(label=option)


def write(page, label, words):
    page.get_by_label(label).fill(words)
    page.keyboard.press("Tab")


def marks(page, doing):
    """How many units on the map do something."""
    titles = "[...document.querySelectorAll('rect.unit title')].map(title => title.textContent)"
    return sum(title.endswith(f": {doing}") for title in page.evaluate(titles))


def shoot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.mouse.move(640, 20)
    page.screenshot(path=SHOTS / f"{name}.png")


def downloaded(page, name, folder):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_it_loads_with_its_title_its_map_and_a_label_on_every_control(opened):
    page = opened()
    sync_api.expect(page).to_have_title("Tightrope")
    sync_api.expect(page.get_by_text("“He” is Lukashenka, ruler of Belarus")).to_be_in_viewport(timeout=PATIENCE)
    sync_api.expect(page.get_by_text(re.compile("histories, if he enters"))).to_be_visible(timeout=PATIENCE)
    for region in ("Minsk", "Minsk oblast", "Brest", "Gomel", "Grodno", "Mogilev", "Vitebsk"):
        sync_api.expect(page.get_by_text(region, exact=True).first).to_be_visible(timeout=PATIENCE)
    assert page.locator("svg.picture rect.unit").count() == 150
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('button, input:not([type=hidden]):not([type=file])')].filter(
            e => e.offsetParent && !e.innerText && !e.ariaLabel && !e.title && !(e.labels && e.labels.length)
                && !e.closest('.v-input')?.querySelector('label, [aria-label]')
                && getComputedStyle(e, '::after').content === 'none'
        ).map(e => e.outerHTML.slice(0, 300))"""
    )
    assert unnamed == []
    shoot(page, "loaded")


def test_it_plays_a_month_pauses_and_resets(opened):
    page = opened()
    button(page, "▶").click()
    wait_for_day(page, 30)
    button(page, "❚❚").click()
    sync_api.expect(button(page, "▶")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(500)
    stopped = day(page)
    page.wait_for_timeout(500)
    assert day(page) == stopped >= 30
    shoot(page, "played")
    button(page, "Reset").click()
    sync_api.expect(page.get_by_text("Day 0 of 365", exact=True)).to_be_visible(timeout=PATIENCE)


def test_the_data_and_the_recipe_are_those_of_a_script_with_the_same_seed(opened, tmp_path):
    page = opened()
    choose(page, "Numbers of the rules", "default values")
    write(page, "Seed (one seed, one history)", "11")
    write(page, "Citizens (100 to 200,000)", "3,000")
    button(page, "Reset").click()
    step(page, 2)
    button(page, "Enter the war now").click()
    sync_api.expect(button(page, "Bring the troops home")).to_be_enabled(timeout=PATIENCE)
    step(page, 3)
    script = Simulation("belarus-2022", rng=11, n_citizens=3_000).run(2)
    script.enter_war()
    script.run(3)
    data = pd.read_csv(downloaded(page, "Data (CSV)", tmp_path), index_col="date", parse_dates=True)
    assert data.to_csv() == script.series().to_csv() and data["dead"].iloc[-1] > 0.0
    recipe = json.loads(downloaded(page, "Recipe (JSON)", tmp_path).read_text())
    again = replay(recipe)
    assert again.rows == script.rows and again.messages == []
    # and back on a page of its own
    other = opened()
    other.get_by_label("Open a recipe").set_input_files(tmp_path / "tightrope-belarus-2022-stay-seed-11.json")
    wait_for_day(other, 5)
    assert day(other) == 5
    sync_api.expect(other.get_by_label("Citizens (100 to 200,000)")).to_have_value("3000", timeout=PATIENCE)
    sync_api.expect(other.get_by_text("He enters the war (full)").first).to_be_visible(timeout=PATIENCE)


def test_entering_the_war_changes_the_world_and_the_page(opened):
    page = opened()
    step(page)
    sync_api.expect(page.get_by_text("his territory is lent")).to_be_visible(timeout=PATIENCE)
    assert marks(page, "front") == 0
    button(page, "Enter the war now").click()
    sync_api.expect(page.get_by_text("at war", exact=True)).to_be_visible(timeout=PATIENCE)
    sync_api.expect(page.get_by_text(re.compile(r"At the front: [1-9]"))).to_be_visible(timeout=PATIENCE)
    assert (
        page.evaluate(
            "[...document.querySelectorAll('rect.unit title')].filter(t => /front$/.test(t.textContent)).length"
        )
        > 0
    )
    sync_api.expect(button(page, "Enter the war now")).to_be_disabled(timeout=PATIENCE)
    step(page)
    shoot(page, "entered")
    # the address holds it: a reload loses nothing, and back undoes the act
    page.wait_for_function("location.hash.includes('act=1:enter_war') && location.hash.includes('day=2')")
    page.reload()
    sync_api.expect(page.get_by_text("at war", exact=True)).to_be_visible(timeout=PATIENCE)
    assert day(page) == 2
    page.go_back()
    sync_api.expect(page.get_by_text("his territory is lent")).to_be_visible(timeout=PATIENCE)
    assert day(page) == 1


def test_a_slider_moves_the_next_world(opened, tmp_path):
    page = opened()
    slider = page.get_by_role("slider", name="Grip on the media")
    slider.focus()
    name = "regime.media_grip"
    values = notches(name)
    start = notch(name, check(**opening(FIRST))[0].parameters.regime.media_grip)
    for value in values[start + 1 : start + 4]:
        page.keyboard.press("ArrowRight")
        sync_api.expect(page.get_by_text(shown(name, value), exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_text("C11 Hosting talks earns").click()
    sync_api.expect(page.get_by_text("Not yet applied: 2; press Reset.")).to_be_visible(timeout=PATIENCE)
    assert page.get_by_text("(not yet applied)").count() == 2
    button(page, "Reset").click()
    sync_api.expect(page.get_by_text("All below is applied.")).to_be_visible(timeout=PATIENCE)
    step(page)
    recipe = json.loads(downloaded(page, "Recipe (JSON)", tmp_path).read_text())
    assert recipe["parameters"][name] == values[start + 3] and recipe["without"] == ["talks"]


def test_what_cannot_be_is_said_on_a_page_that_lives(opened, tmp_path):
    page = opened()
    write(page, "Seed (one seed, one history)", "seven")
    write(page, "Citizens (100 to 200,000)", "99999999")
    button(page, "Reset").click()
    sync_api.expect(page.get_by_text("seed = 'seven'; expected a whole number")).to_be_visible(timeout=PATIENCE)
    sync_api.expect(page.get_by_text("expected a whole number from 100 to 200,000")).to_be_visible(timeout=PATIENCE)
    broken = tmp_path / "broken.json"
    broken.write_text('{"tightrope": 1, "episode": ')
    page.get_by_label("Open a recipe").set_input_files(broken)
    sync_api.expect(page.get_by_text("broken.json: ")).to_be_visible(timeout=PATIENCE)
    step(page)
    shoot(page, "messages")


def test_the_twin_is_equal_before_and_different_after(opened):
    page = opened()
    step(page, 3)
    button(page, "Fork: a twin enters").click()
    sync_api.expect(page.get_by_text("The twin: war entered (26 Feb)")).to_be_visible(timeout=PATIENCE)
    lines = (
        "[...document.querySelectorAll('svg[aria-label=\"Against him\"] polyline')].map(l => l.getAttribute('points'))"
    )
    page.locator("svg[aria-label='Against him'] polyline").nth(1).wait_for(state="attached")
    here, there = page.evaluate(lines)
    assert here == there != ""
    step(page, 8)  # pollsters ask weekly
    here, there = (line.split() for line in page.evaluate(lines))
    assert here[:3] == there[:3] and here[-1] != there[-1]
    sync_api.expect(page.get_by_text("This world he walks on")).to_be_visible(timeout=PATIENCE)
    button(page, "The twin: bring the troops home").click()
    sync_api.expect(
        page.get_by_text("This world: no act of yours. The twin: war entered (26 Feb), troops")
    ).to_be_visible(timeout=PATIENCE)
    page.get_by_text("The twin", exact=False).first.scroll_into_view_if_needed()
    shoot(page, "twin")


def test_the_chances_come_while_the_page_goes_on(opened):
    page = opened()
    write(page, "Citizens (100 to 200,000)", "2000")
    button(page, "Reset").click()
    step(page)
    button(page, "Chances now").click()
    step(page, 2)
    sync_api.expect(page.get_by_text("Out of date (2 days lived since)")).to_be_visible(timeout=PATIENCE)
    button(page, "Open the media").click()
    sync_api.expect(page.get_by_text("since then: media opened; 2 days")).to_be_visible(timeout=PATIENCE)
    sync_api.expect(page.get_by_text("50 of 50 forks lived")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".stale").count() == 1
    button(page, "Ask again, as it is now").click()
    sync_api.expect(page.get_by_text("after media opened: 50 of 50 forks lived")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".stale").count() == 0
    sync_api.expect(page.get_by_text(re.compile(r"survives \d+% \(\d+% to \d+%\)"))).to_be_visible(timeout=PATIENCE)
    shoot(page, "chances")


def test_two_tabs_are_two_worlds(opened):
    one, two = opened(), opened()
    step(one, 2)
    button(one, "Enter the war now").click()
    sync_api.expect(one.get_by_text("at war", exact=True)).to_be_visible(timeout=PATIENCE)
    assert day(two) == 0
    step(two)
    sync_api.expect(two.get_by_text("his territory is lent")).to_be_visible(timeout=PATIENCE)
    assert (day(one), day(two)) == (2, 1)


def test_2020_is_drawn_with_its_real_crowds_to_its_end_in_the_dark(opened):
    page = opened()
    button(page, "Dark").click()
    sync_api.expect(button(page, "Light")).to_be_visible(timeout=PATIENCE)
    choose(page, "Episode", "Belarus after the election of 9 August 2020")
    choose(page, "Speed", "a week at a time")
    button(page, "Reset").click()
    sync_api.expect(page.get_by_text("Day 0 of 145", exact=True)).to_be_visible(timeout=PATIENCE)
    sync_api.expect(page.locator("svg g.seen")).to_have_count(len(observed()), timeout=PATIENCE)
    button(page, "▶").click()
    page.locator(".banner").wait_for()
    sync_api.expect(page.locator(".banner")).to_have_text(re.compile("He (falls on|survives)"), timeout=PATIENCE)
    shoot(page, "2020-dark")


def test_nothing_lies_over_anything_else(opened):
    for width in (1280, 1440):
        page = opened(width, 800)
        step(page)
        overlaps = page.evaluate(
            """() => {
                const boxes = [...document.querySelectorAll('.tr, .headline')].map(e => e.getBoundingClientRect());
                return boxes.filter((a, i) => boxes.slice(i + 1).some(
                    b => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
                )).length;
            }"""
        )
        assert overlaps == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# Only its owner, with a keyboard, on a phone, for everyone.


def answer(address, path="", **headers):
    """The status and the words with which the server answers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address}{path}", headers=named), timeout=30) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def shaken(address, **headers):
    """How the server answers the handshake of a websocket: its status line, and its last line."""
    host, port = re.search(r"//(.*):(\d+)/", address).groups()
    lines = {
        "Host": f"{host}:{port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    } | headers  # fmt: skip
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        said = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        wire.sendall(f"GET /jupyter/api/kernels/k/channels?session_id=1 HTTP/1.1\r\n{said}\r\n".encode())
        got = wire.recv(4096).decode()
    return got.splitlines()[0], got.splitlines()[-1]


def test_a_stranger_is_refused_in_one_line(address):
    own = address[7:-1]
    for asked in ({"Host": "rebound.example"}, {"Origin": "https://a.example"}, {"Sec_Fetch_Site": "cross-site"}):
        status, words = answer(address, **asked)
        assert (status, words.count("\n")) == (403, 1) and words.startswith("Refused: ")
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "document"}
    assert answer(address, **link)[0] == answer(address, Origin=f"http://{own}")[0] == 200
    for asked in ({"Origin": "https://a.example"}, {}, {"Origin": "http://rebound.example", "Host": "rebound.example"}):
        assert shaken(address, **asked)[0] == "HTTP/1.1 403 Forbidden"
    assert shaken(address, Origin="https://a.example")[1] == "Refused: https://a.example may not use this page."
    assert shaken(address, Origin=f"http://{own}")[0] == "HTTP/1.1 101 Switching Protocols"


def test_strangers_do_not_take_the_places_of_worlds(opened, address):
    for _ in range(40):  # there are 30
        assert shaken(address, Origin="https://a.example")[0] == "HTTP/1.1 403 Forbidden"
    step(opened())


def test_what_there_is_to_read_is_served_to_the_owner_and_nothing_else_is(address):
    for name, file in DOCUMENTS.items():
        assert answer(address, f"{SHELF[1:]}/{name}") == (200, file.read_text(encoding="utf-8"))
        assert answer(address, f"{SHELF[1:]}/{name}", Host="rebound.example")[0] == 403
    for name in ("pyproject.toml", "..%2fpyproject.toml", "%2fetc%2fhostname"):
        assert "[project]" not in answer(address, f"{SHELF[1:]}/{name}")[1]
    assert answer(address, f"{SHELF[1:]}/pyproject.toml")[0] == 404


def test_what_a_stranger_could_learn_or_fetch_is_shut(address):
    assert answer(address, "resourcez")[0] == answer(address, "_solara/cdn/left-pad@1.3.0/index.js")[0] == 404
    folder = "_solara/cdn/@widgetti/solara-vuetify-app@10.1.1/dist"
    assert answer(address, folder)[0] == 404 and answer(address, f"{folder}/fonts.css")[0] == 200


def test_keys_play_step_reset_and_take_new_luck(opened, tmp_path):
    page = opened()
    page.keyboard.press("ArrowRight")
    wait_for_day(page, 1)
    page.keyboard.press("Space")
    wait_for_day(page, 4)
    page.keyboard.press("Space")
    sync_api.expect(button(page, "▶")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("r")
    sync_api.expect(page.get_by_text("Day 0 of 365", exact=True)).to_be_visible(timeout=PATIENCE)
    seed = json.loads(downloaded(page, "Recipe (JSON)", tmp_path).read_text())["seed"]
    page.keyboard.press("n")
    sync_api.expect(page.get_by_label("Seed (one seed, one history)")).to_have_value(str(seed + 1), timeout=PATIENCE)
    page.keyboard.press("ArrowRight")
    wait_for_day(page, 1)
    assert json.loads(downloaded(page, "Recipe (JSON)", tmp_path).read_text())["seed"] == seed + 1
    write(page, "Seed (one seed, one history)", "7 r n")  # letters that are typed are no keys
    assert day(page) == 1


def test_the_first_act_is_twelve_tabs_away_and_focus_is_seen(opened):
    page = opened()
    for _ in range(12):
        page.keyboard.press("Tab")
        words, seen = page.evaluate(
            """() => [document.activeElement.innerText,
                      parseFloat(getComputedStyle(document.activeElement).outlineWidth)]"""
        )
        assert seen >= 2 or page.evaluate("document.activeElement.matches('input')")  # Vuetify underlines these
        if words.strip() == "Enter the war now":
            return
    pytest.fail("the first act is further away")


def test_a_slider_says_its_value_and_unit(opened):
    slider = opened().get_by_role("slider", name="Grip on the media")
    assert slider.get_attribute("aria-valuetext").endswith(" %")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tour_is_taken_and_left_by_keys_and_axe_finds_nothing(opened, scheme):
    page = opened(scheme=scheme)
    button(page, f"Take the tour: {len(TOUR)} steps").press("Enter")
    for number, one in enumerate(TOUR[:4], 1):
        page.locator(".tour [aria-live]", has_text=f"{number} of {len(TOUR)}: {one.title}").wait_for()
        page.wait_for_function(
            "day => document.querySelector('.date')?.innerText.startsWith(`Day ${day} `)", arg=one.scene.days
        )
        if number < 4:
            button(page, "Next").press("Enter")
    page.get_by_text("This world he walks on").wait_for()
    page.wait_for_function("getComputedStyle(document.querySelector('[role=progressbar]')).visibility === 'hidden'")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(results => results.violations)")
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    button(page, "Leave the tour").press("Enter")
    button(page, f"Take the tour: {len(TOUR)} steps").wait_for()
    assert day(page) == TOUR[3].scene.days, "the world stays"


def test_the_system_theme_is_followed_and_a_choice_remembered(opened):
    page = opened(scheme="dark")
    sync_api.expect(button(page, "Light")).to_be_visible(timeout=PATIENCE)
    page.emulate_media(color_scheme="light")
    sync_api.expect(button(page, "Dark")).to_be_visible(timeout=PATIENCE)
    button(page, "Dark").click()
    page.reload()
    sync_api.expect(button(page, "Light")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 400)])  # a phone; 1280 x 800 at 200 %
def test_a_phone_and_a_zoomed_page_are_whole(opened, width, height):
    page = opened(width, height)
    step(page, 2)
    for name in ("▶", "Step", "Enter the war now"):
        button(page, name).click(trial=True)  # nothing lies over it
    assert page.locator(".v-overlay--active").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "user-scalable" not in page.locator("meta[name=viewport]").get_attribute("content")
    small = page.evaluate(
        """() => [...document.querySelectorAll('svg.picture text')].filter(t => t.textContent.trim()).map(t => {
            const svg = t.ownerSVGElement, scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            return [parseFloat(getComputedStyle(t).fontSize) * scale, t.textContent];
        }).filter(([size]) => size < 10.95)"""
    )
    assert small == []
    shoot(page, f"width-{width}")


def test_ctrl_c_ends_it_within_two_seconds_while_it_plays(browser, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    with log.open("w") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", "experiments.browser", "--port", str(port)],
            cwd=ROOT, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    wait_for_server(f"http://127.0.0.1:{port}/", server, log)
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"http://127.0.0.1:{port}/")
    button(page, "▶").click()
    wait_for_day(page, 3)
    started = time.monotonic()
    server.send_signal(signal.SIGINT)
    assert server.wait(30) == 130 and time.monotonic() - started < 2.0
    assert "Stopped." in log.read_text()
    page.close()


def test_days_and_reloads_leave_memory_as_it_was(opened, address):
    """A short form: 2,000 days and 32 reloads were flat, too."""
    page = opened()
    write(page, "Citizens (100 to 200,000)", "2000")
    button(page, "Reset").click()
    sync_api.expect(page.get_by_text("Day 0 of 365", exact=True)).to_be_visible(timeout=PATIENCE)
    choose(page, "Speed", "a week at a time")

    def held():
        listening = subprocess.run(
            ["pgrep", "-f", f"experiments.browser --port {address.split(':')[2][:-1]}"],
            capture_output=True, text=True, check=True,
        ).stdout.split()[0]  # fmt: skip
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{listening}/status").read_text()).group(1)) / 1024

    marks_of_memory = []
    for _ in range(5):
        page.goto("about:blank")
        page.goto(address)  # without what the address holds of the run
        page.get_by_text("Day 0 of 365").first.wait_for()
        button(page, "▶").click()
        wait_for_day(page, 21)
        marks_of_memory.append(held())
    assert marks_of_memory[-1] < marks_of_memory[1] + 60.0, marks_of_memory  # a world of 20,000 takes 15 MB


@pytest.fixture(scope="module")
def fallen(tmp_path_factory):
    """The recipe of a small world in which he falls."""
    world = BrowserWorld(episode="belarus-2020", numbers={"citizen.threshold": 1.5}, n_citizens=300)
    while world.running:
        world.step()
    file = tmp_path_factory.mktemp("recipes") / "fallen.json"
    file.write_text(json.dumps(recipe(world)))
    return file


def box(page, title):
    return page.locator(".tr", has=page.locator("h2", has_text=title))


def test_a_fall_is_told_by_its_days_and_what_would_have_saved_him_is_found(opened, fallen):
    page = opened()
    page.get_by_label("Open a recipe").set_input_files(fallen)
    why = box(page, "Why did he fall?")
    sync_api.expect(why.get_by_text("He falls:")).to_be_visible(timeout=PATIENCE)
    why.get_by_role("button", name="10 August 2020").last.click()
    page.locator("svg[aria-label='Crowd'] path.marked").wait_for(state="attached")
    button(page, "Without what would he still stand?").click()
    sync_api.expect(why.get_by_text(re.compile("Done: .* times lived again"))).to_be_visible(timeout=PATIENCE)
    sync_api.expect(why.get_by_text("Units that obey whatever comes")).to_be_visible(timeout=PATIENCE)
    why.scroll_into_view_if_needed()
    shoot(page, "why")


def test_a_guess_is_taken_before_the_answer_and_scored_after_it(opened):
    page = opened()
    write(page, "Citizens (100 to 200,000)", "300")
    button(page, "Reset").click()
    step(page)
    chances = box(page, "Chances from here")
    slider = chances.get_by_role("slider", name="Guess first")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    sync_api.expect(chances.get_by_text("3 %", exact=True)).to_be_visible(timeout=PATIENCE)
    button(page, "Chances now").click()
    sync_api.expect(chances.get_by_text(re.compile("You said 3%; he falls in .* of 50 forks"))).to_be_visible(
        timeout=PATIENCE
    )
    sync_api.expect(chances.get_by_text("no guess yet")).to_be_visible(timeout=PATIENCE)
    shoot(page, "guess")


def test_a_unit_a_commander_and_a_region_can_be_clicked_and_say_what_they_weigh(opened):
    page = opened()
    step(page, 2)
    anyone = box(page, "Look at anyone")
    sync_api.expect(anyone.get_by_text("are ready to go")).to_be_visible(timeout=PATIENCE)
    page.locator("rect.unit[data-who='unit:3']").click()
    sync_api.expect(anyone.get_by_text("thinks obeying right with a chance of")).to_be_visible(timeout=PATIENCE)
    anyone.locator("rect[data-who='elite:1']").click()
    sync_api.expect(anyone.get_by_text("As a commander he starts a plot")).to_be_visible(timeout=PATIENCE)
    anyone.scroll_into_view_if_needed()
    shoot(page, "anyone")
    page.locator("g[data-who='region:3']").click()
    sync_api.expect(anyone.locator("b", has_text="Brest")).to_be_visible(timeout=PATIENCE)
    country = box(page, "The country")
    sync_api.expect(country.get_by_text("The people of Brest")).to_be_visible(timeout=PATIENCE)
    sync_api.expect(country.get_by_role("img", name="Readiness")).to_be_visible(timeout=PATIENCE)


def test_a_past_day_is_shown_and_another_future_begun_from_it(opened):
    page = opened()
    step(page, 2)
    button(page, "Enter the war now").click()
    step(page, 2)
    slider = page.get_by_role("slider", name="Look at a day")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    sync_api.expect(page.get_by_text("You look back at day 2")).to_be_visible(timeout=PATIENCE)
    assert (day(page), marks(page, "front"), slider.get_attribute("max")) == (2, 0, "4")
    page.locator("svg[aria-label='Crowd'] path.marked").wait_for(state="attached")
    shoot(page, "back")
    button(page, "Begin another future here").click()
    futures = box(page, "Futures of this run")
    sync_api.expect(futures.get_by_text("Another from 25 Feb: no act of yours")).to_be_visible(timeout=PATIENCE)
    step(page)
    futures.scroll_into_view_if_needed()
    shoot(page, "futures")
    button(page, "Go there").click()
    wait_for_day(page, 4)
    assert marks(page, "front") > 0
