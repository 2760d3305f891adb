"""An episode is read from a file, and what cannot be is refused with a way out."""

import dataclasses
import datetime as dt
import pickle
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.lab.design import apply
from model.episode import FOLDER, Episode, EpisodeError, Event, Start, load_episode
from model.parameters import Parameters
from model.simulation import Simulation

INVENTED = Path(__file__).parents[1] / "model" / "invented.toml"
TEXT = INVENTED.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def invented():
    return load_episode(INVENTED)


@pytest.fixture
def refusal(tmp_path):
    """Return the message with which the invented episode is refused when one text in it is replaced by another."""

    def refused(old, new):
        assert TEXT.count(old), f"{old!r} is not in {INVENTED.name}"
        file = tmp_path / "wrong.toml"
        file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(EpisodeError) as error:
            load_episode(file)
        message = str(error.value)
        assert "\n" not in message and "wrong" in message
        return message

    return refused


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_the_shipped_episodes_load(file):
    episode = load_episode(file.stem)
    assert episode == load_episode(file) and episode.name == file.stem
    assert episode.electors == 6_836_585  # the register of August 2020 (CEC2020)
    assert episode.regions[episode.capital].name == "Minsk"


def test_there_are_two_belarusian_episodes():
    assert {"belarus-2020", "belarus-2022"} <= {file.stem for file in FOLDER.glob("*.toml")}


def test_any_country_is_an_episode(invented):
    assert invented.electors == 800_000 and invented.days == 120
    assert [region.name for region in invented.regions] == ["Upstream", "Confluence", "Delta"]
    assert invented.regions[invented.capital].name == "Confluence"
    assert invented.entry.withdrawal == dt.date(1997, 6, 1) and invented.entry.rung == "limited"
    assert invented.geography == ((dt.date(1997, 3, 1), 1.0), (dt.date(1997, 5, 10), 0.3))
    assert len(invented.events) == 12


def test_a_branch_has_no_conscripts_unless_the_file_says_so(invented):
    assert {force.branch: force.conscripts for force in invented.forces} == {
        "city guard": 0.0, "gendarmes": 0.0, "rangers": 0.0, "army": 0.6,
    }  # fmt: skip


def test_the_belarusian_army_has_conscripts_and_no_other_branch():
    # about half of the army serve their term; police, OMON and the special forces are volunteers
    for name in ("belarus-2020", "belarus-2022"):
        shares = {force.branch: force.conscripts for force in load_episode(name).forces}
        assert {branch for branch, share in shares.items() if share > 0.0} == {"army"} and shares["army"] <= 0.6


def test_the_war_next_door_begins_with_the_episode_of_2022_and_has_no_end():
    events = load_episode("belarus-2022").events
    assert [event.date for event in events if event.kind == "war"] == [dt.date(2022, 2, 24)]
    kinds = {event.kind for event in (*events, *load_episode("belarus-2020").events)}
    assert "war_ends" not in kinds and "war" not in {event.kind for event in load_episode("belarus-2020").events}


def test_an_episode_from_a_path_as_text_is_the_same(invented):
    assert load_episode(str(INVENTED)) == invented
    assert pickle.loads(pickle.dumps(invented)) == invented and hash(invented) == hash(load_episode(INVENTED))


def test_a_missing_episode_is_refused_with_the_nearest_name():
    with pytest.raises(
        EpisodeError, match=r"^no episode belarus-202; did you mean belarus-202[02]\? \(a TOML file, or"
    ):
        load_episode("belarus-202")
    with pytest.raises(EpisodeError, match=r"^no episode nowhere/at/all\.toml"):
        load_episode("nowhere/at/all.toml")


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"title = ", "is not valid TOML"),
        (b"a = 1\na = 2", "is not valid TOML"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"", "is missing"),
        (b"debt = " + b"9" * 400, "debt has some 399 digits; expected 64-bit whole numbers"),
        (b"debt = " + b"9" * 5_000, "is not valid TOML"),
        (b"regions = " + b"[" * 5_000 + b"]" * 5_000, "is not valid TOML: it nests too deep"),
        (b"regions = " + b"[" * 12 + b"]" * 12, "regions nests too deep; expected at most 8"),
        (b"a" + b".a" * 900 + b" = 1", "nests too deep"),
    ],
    ids=["half", "twice", "bytes", "empty", "long number", "longest number", "deepest", "deep", "dotted"],
)
def test_a_broken_file_is_refused(tmp_path, content, expected):
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(EpisodeError, match=rf"broken.*{expected}"):
        load_episode(file)


@pytest.mark.parametrize("name", ["marked.toml", "MARKED.TOML"])
def test_a_file_of_a_windows_editor_is_an_episode(tmp_path, invented, name):
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert load_episode(tmp_path / name).regions == invented.regions


def test_a_folder_is_no_episode(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(EpisodeError, match="cannot be read"):
        load_episode(tmp_path / "folder.toml")


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("1997-06-28", "1997-02-28", "end = 1997-02-28; expected a date after the start, 1997-03-01"),
        ("1997-06-28", "2027-06-28", "end = 2027-06-28; expected at most ten years after the start"),
        ("end_date = 1997-06-28", 'end_date = "1997-06-28"', "expected a date such as"),
        ("end_date = 1997-06-28", "end_date = 1997-06-28T00:00:00", "expected a date such as"),
        ("end_date = 1997-06-28", "", "end_date is missing"),
        ("date = 1997-04-01", "date = 1997-02-28", "entry.date = 1997-02-28; expected 1997-03-01 to 1997-06-28"),
        ("date = 1997-04-01", "date = 1997-07-01", "entry.date = 1997-07-01; expected 1997-03-01 to 1997-06-28"),
        ("withdrawal = 1997-06-01", "withdrawal = 1997-04-01", "expected a date after the entry, 1997-04-01"),
        ("date = 1997-06-20", "date = 1997-06-29", "date of the war_ends = 1997-06-29; expected 1997-03-01 to 1997-06"),
        ("date = 1997-03-02", "date = 1996-03-02", "date of the stolen_election = 1996-03-02; expected 1997-03-01 to"),
        ("[1997-05-10, 0.3]", "[1997-02-10, 0.3]", "each later than the one before"),
        ("[1997-05-10, 0.3]", "[1997-03-01, 0.3]", "each later than the one before"),
    ],
)
def test_impossible_dates_are_refused(refusal, old, new, expected):
    assert expected in refusal(old, new)


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("title =", "titel =", "titel does not exist; did you mean title?"),
        ("early_vote = 35.0", "early_votes = 35.0", "regions.early_votes does not exist; did you mean early_vote?"),
        ("conscripts = 0.6", "conscript = 0.6", "forces.conscript does not exist; did you mean conscripts?"),
        ('kind = "war_ends"', 'kind = "war_end"', "event of 1997-06-20 = war_end; expected one of stolen_election"),
        ("pool = 0.9", "pol = 0.9", "forces.pol does not exist; did you mean pool?"),
        ('rung = "limited"', 'rang = "limited"', "entry.rang does not exist; did you mean rung?"),
        ("debt = 0.4", "dept = 0.4", "start.dept does not exist; did you mean debt?"),
        ("ages =", "age =", "people.age does not exist; did you mean ages?"),
        ("geography =", "geografy =", "no timeline geografy; did you mean geography?"),
        ("[people]", "[peoples]", "peoples does not exist; did you mean people?"),
        ('kind = "talks"', 'kind = "talk"', "event of 1997-03-10 = talk; expected one of stolen_election"),
        ('region = "Delta"', 'region = "Dleta"', "expected one of the regions or *; did you mean Delta?"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest_one(refusal, old, new, expected):
    assert expected in refusal(old, new)


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("electors = 150_000", 'electors = "many"', "regions.electors = 'many'; expected a whole number"),
        ("electors = 150_000", "electors = 150_000.0", "expected a whole number"),
        ("units = 6", "units = true", "forces.units = True; expected a whole number"),
        ("pool = 0.9", "pool = true", "forces.pool = True; expected a number"),
        ("pool = 0.9", 'pool = "0.9"', "expected a number"),
        ("conscripts = 0.6", "conscripts = true", "forces.conscripts = True; expected a number"),
        ("capital = true", "capital = 1", "expected true or false"),
        ('front = "defeat"', "front = 1", "expected text in quotes"),
        ("ages = [0.3, 0.5, 0.2]", "ages = 0.3", "people.ages = 0.3; expected a list of numbers"),
        ("ages = [0.3, 0.5, 0.2]", "ages = [0.3, 0.5, '0.2']", "people.ages = [0.3, 0.5, '0.2']; expected a number"),
        ("need = [[1997-03-01, 0.8], [1997-05-01, 1.2]]", "need = 0.8", "need = 0.8; expected pairs [date, number]"),
        ("[1997-03-01, 0.8]", "[1997-03-01]", "expected pairs [date, number]"),
        ("[1997-03-01, 0.8]", '["1997-03-01", 0.8]', "expected a date such as"),
        ("[1997-03-01, 0.8]", "[1997-03-01, true]", "expected a number"),
        ("[start]", "[[start]]", "expected a table"),
        (
            "title =",
            "need = [[1997-03-01, 0.8]]\ntitle =",
            "need stands outside of its table; expected under [timeline]",
        ),
    ],
)
def test_wrong_kinds_of_values_are_refused(refusal, old, new, expected):
    assert expected in refusal(old, new)


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("ages = [0.3, 0.5, 0.2]", "ages = [0.3, 0.5, 0.3]", "expected 3 shares that add up to 1"),
        ("ages = [0.3, 0.5, 0.2]", "ages = [0.5, 0.5]", "expected 3 shares that add up to 1"),
        ("ages = [0.3, 0.5, 0.2]", "ages = [1.2, -0.4, 0.2]", "expected 3 shares that add up to 1"),
        ("media = [0.4, 0.2, 0.3, 0.1]", "media = [0.4, 0.2, 0.3, nan]", "expected 4 shares that add up to 1"),
        ("capital = true", "", "capital = []; expected exactly one region with the capital"),
        ('name = "Delta"', 'name = "Delta"\ncapital = true', "expected exactly one region with the capital"),
        ('name = "Delta"', 'name = "Upstream"', "expected 1 to 100 regions, each with its own name"),
        ("electors = 150_000", "electors = 999", "electors of Upstream = 999; expected 1000 to 1e9 [people]"),
        ("early_vote = 35.0", "early_vote = 101.0", "early_vote of Upstream = 101.0; expected 0 to 100 [%]"),
        ("early_vote = 35.0", "early_vote = nan", "expected 0 to 100 [%]"),
        (
            "troops = 1_500",
            "troops = 5_601",
            "entry.troops = 5601; expected 1 to 5600 [people], the heads of the branches",
        ),
        ("troops = 1_500", "troops = 0", "expected 1 to 5600"),
        ('rung = "limited"', 'rung = "territory"', "entry.rung = territory; expected limited or full"),
        (
            'rung = "territory"',
            'rung = "ladder"',
            "start.rung = ladder; expected one of none, territory, limited, full",
        ),
        ('support = "police"', 'support = "love"', "start.support = love; expected one of none, police, money, troops"),
        ('front = "defeat"', 'front = "victory"', "entry.front = victory; expected one of stalemate, advance, defeat"),
        ("debt = 0.4", "debt = -0.1", "start.debt = -0.1; expected 0 to 10"),
        ("debt = 0.4", "debt = nan", "start.debt = nan; expected 0 to 10"),
        ("units = 6", "units = 0", "expected 1 to 1000 units, a head or more each"),
        ("heads = 1_200", "heads = 5", "expected 1 to 1000 units, a head or more each"),
        ("pool = 0.9", "pool = 1.1", "pool of city guard = 1.1; expected 0 to 1 [share]"),
        ("conscripts = 0.6", "conscripts = 1.1", "conscripts of army = 1.1; expected 0 to 1 [share]"),
        ("conscripts = 0.6", "conscripts = -0.1", "conscripts of army = -0.1; expected 0 to 1 [share]"),
        ("conscripts = 0.6", "conscripts = nan", "conscripts of army = nan; expected 0 to 1 [share]"),
        ("loyalty = 0.5", "loyalty = inf", "loyalty of city guard = inf; expected -5 to 5 [sd]"),
        ("sent = 1", "sent = -1", "sent of rangers = -1; expected 0 (never) to 100"),
        ("size = 0.7", "size = 1.7", "size of the stolen_election of 1997-03-02 = 1.7; expected 0 to 1"),
        ("[1997-05-01, 1.2]", "[1997-05-01, 2.1]", "need of 1997-05-01 = 2.1; expected 0 to 2"),
        ("[1997-05-10, 0.3]", "[1997-05-10, 1.3]", "geography of 1997-05-10 = 1.3; expected 0 to 1"),
        ("[1997-04-15, 6_000]", "[1997-04-15, -1]", "patron_troops of 1997-04-15 = -1.0; expected 0 to 1e+06"),
        ('name = "Delta"', 'name = ""', "name of region 3 = ''; expected 1 to 60 characters in one line"),
        ('name = "Delta"', 'name = "*"', "name of region 3 = '*'; expected 1 to 60 characters in one line"),
        (
            'name = "Delta"',
            'name = "Del\\nta"',
            "'Del\\nta'; expected 1 to 60 characters in one line",
        ),
        ('name = "Delta"', f'name = "{"D" * 61}"', "expected 1 to 60 characters in one line"),
        ('branch = "rangers"', 'branch = " "', "branch 3 = ' '; expected 1 to 60 characters in one line"),
    ],
)
def test_what_cannot_be_is_refused(refusal, old, new, expected):
    assert expected in refusal(old, new)


def test_without_forces_there_is_no_episode(invented):
    with pytest.raises(EpisodeError, match="forces = 0; expected one branch or more"):
        invented.replace(forces=(), entry=None)


@given(st.integers(-500, 500))
def test_days_and_dates_are_one_calendar(offset):
    episode = load_episode(INVENTED)
    assert episode.day_of(episode.start_date) == 1 and episode.day_of(episode.end_date) == episode.days
    assert episode.day_of(episode.date_of(offset)) == offset


def test_the_entry_can_be_changed_by_its_fields(invented):
    changed = invented.replace(entry_troops=900, entry_front="advance", entry_withdrawal=None, title="Another")
    assert changed.entry == dataclasses.replace(invented.entry, troops=900, front="advance", withdrawal=None)
    assert changed.title == "Another" and invented.entry.troops == 1_500
    fields = {f"entry_{name}": value for name, value in vars(invented.entry).items()}
    assert changed.replace(**fields).entry == invented.entry


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"entry_troop": 5}, r"entry\.troop does not exist; did you mean troops\?"),
        ({"titel": "x"}, r"titel does not exist; did you mean title\?"),
        ({"entry_troops": 0}, r"entry\.troops = 0; expected 1 to 5600"),
        ({"entry_troops": 10.5}, r"entry\.troops = 10\.5; expected a whole number"),
        ({"entry_date": "1997-04-02"}, r"entry\.date = '1997-04-02'; expected a date"),
        ({"entry_front": "victory"}, r"entry\.front = victory; expected one of"),
        ({"end_date": None}, r"end_date = None; expected a date"),
        (
            {"end_date": dt.date(1997, 3, 20)},
            r"entry\.date = 1997-04-01; expected 1997-03-01 to|date of the .* = 1997-03-25",
        ),
    ],
)
def test_a_wrong_change_is_refused(invented, fields, expected):
    with pytest.raises(EpisodeError, match=f"^invented: .*{expected}"):
        invented.replace(**fields)


def test_an_episode_without_entry_has_none_to_change():
    with pytest.raises(EpisodeError, match=r"belarus-2020 has no \[entry\]"):
        load_episode("belarus-2020").replace(entry_troops=5)


def test_an_episode_as_plain_values_holds_every_field(invented):
    plain = invented.to_dict()
    assert list(plain) == [field.name for field in dataclasses.fields(Episode)]
    assert plain["start_date"] == "1997-03-01" and plain["geography"] == [["1997-03-01", 1.0], ["1997-05-10", 0.3]]
    told = tomllib.loads(TEXT)
    assert [region["electors"] for region in plain["regions"]] == [region["electors"] for region in told["regions"]]


@pytest.mark.parametrize(
    "event, says",
    [
        ({"kind": "shock", "size": 5.1}, "size of the shock of 2022-03-01 = 5.1; expected 0 to 5"),
        ({"kind": "gathering", "size": 1.1}, "expected 0 to 1"),
        ({"kind": "shock", "audience": "al"}, "one of all, news; did you mean all?"),
        ({"kind": "shock", "until": dt.date(2022, 3, 3)}, "only for a blackout"),
        ({"kind": "war", "until": dt.date(2022, 3, 3)}, "only for a blackout"),
        ({"kind": "war_ends", "size": 1.1}, "size of the war_ends of 2022-03-01 = 1.1; expected 0 to 1"),
        ({"kind": "blackout", "until": dt.date(2022, 2, 28)}, "not before 2022-03-01"),
    ],
)
def test_an_event_that_cannot_be_is_refused_by_its_field(event, says):
    with pytest.raises(EpisodeError, match=re.escape(says)):
        load_episode("belarus-2022").replace(events=(Event(date=dt.date(2022, 3, 1), **event),))


def told(tmp_path, *more):
    file = tmp_path / "more.toml"
    file.write_text(TEXT + "\n".join(("", *more)) + "\n", encoding="utf-8")
    return load_episode(file)


def test_an_entry_may_be_on_the_first_day(invented):
    at_once = invented.replace(entry_date=invented.start_date)
    assert Simulation(at_once, arm="enter", rng=0, n_citizens=200).run(days=1).regime.entered_on == 1


def test_a_country_has_numbers_of_the_rules_of_its_own_and_what_is_asked_counts_more(tmp_path):
    episode = told(tmp_path, "[numbers]", "regime.media_grip = 0.2", "moscow.police_lag = 9")
    assert dict(episode.numbers) == {"regime.media_grip": 0.2, "moscow.police_lag": 9}
    assert Episode.from_dict(episode.to_dict()) == episode
    world = Simulation(episode, Parameters().replace({"regime.media_grip": 0.8}), n_citizens=200)
    assert world.parameters.regime.media_grip == world.media.grip == 0.2 and world.parameters.moscow.police_lag == 9
    asked = Simulation(*apply(("regime.media_grip",), (0.5,), episode, Parameters()), n_citizens=200)
    assert asked.parameters.regime.media_grip == 0.5 and asked.parameters.moscow.police_lag == 9


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("regime.media_gripp = 0.2", "no parameter regime.media_gripp; did you mean regime.media_grip?"),
        ("regime.media_grip = 2", "media_grip = 2.0; expected 0.1 to 0.9"),
        ("moscow.police_lag = 9.5", "expected a whole number"),
        ("regime.media_grip = true", "expected a number"),
    ],
)
def test_a_number_of_a_country_that_cannot_be_is_refused(tmp_path, line, says):
    with pytest.raises(EpisodeError, match=re.escape(says)):
        told(tmp_path, "[numbers]", line)


def test_the_dead_of_the_front_are_those_that_are_known(invented):
    known = invented.replace(
        entry_date=invented.start_date, fallen=((invented.start_date, 2.0), (dt.date(1997, 3, 11), 5.0))
    )
    assert Simulation(known, arm="enter", rng=0, n_citizens=200).run(days=11).front.dead_total == 25.0  # 10 x 2 + 5


def test_without_a_patron_nobody_helps_asks_or_threatens(invented):
    first = invented.start_date
    alone = invented.replace(alone=True, need=(), patron_troops=(), start=Start(), events=())
    weak = {"moscow.safe_strength": 0.95, "moscow.police_lag": 7, "regime.provocation_rate": 1.5}
    for episode, helped in ((alone, False), (alone.replace(alone=False), True)):
        world = Simulation(episode, Parameters().replace(weak), rng=0, n_citizens=200)
        world.moscow.notice = lambda *_: None
        world.moscow.strengths = [0.7] * 14
        world.run(days=60)
        assert bool(world.moscow.support) == helped and (world.moscow.debt > 0.0) == helped
        assert world.moscow.hazard == world.moscow.pressure == 0.0
    with pytest.raises(EpisodeError, match="alone = true; expected no need"):
        invented.replace(alone=True, need=((first, 0.5),))
