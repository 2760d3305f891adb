"""The edge of every command: each number has its bounds, each file its user's folder, each refusal one line."""

import importlib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from experiments.lab.command import TYPES, File, OneLine, option
from experiments.lab.plan import drawn_by, worlds_of
from experiments.lab.table import TableError
from model.episode import load_episode

QUESTIONS = (
    "ablation.__main__", "base_rates.__main__", "benchmark.__main__", "browser.__main__", "calibrate.__main__",
    "cases.__main__", "challenge.__main__", "decision.__main__", "discover.__main__", "docking.__main__",
    "document", "forecast.__main__", "media_grip.__main__", "point_of_no_return.__main__", "rare.__main__",
    "report.__main__", "robustness.__main__", "run.__main__", "score.__main__", "sensitivity.__main__",
    "shocks.__main__", "site.__main__", "size.__main__", "sweep.__main__", "tipping_line.__main__",
    "validate.__main__", "war_entry.__main__", "warning.__main__", "why.__main__",
)  # fmt: skip
COMMANDS = {name.removesuffix(".__main__"): importlib.import_module(f"experiments.{name}").main for name in QUESTIONS}
OPTIONS = [
    pytest.param(command, param, id=f"{name} {param.opts[0]}")
    for name, command in COMMANDS.items()
    for param in command.params
    if isinstance(param, click.Option) and not param.is_flag
]
NUMBERS = [
    given
    for given in OPTIONS
    if isinstance(given.values[1].type, (click.types.IntParamType, click.types.FloatParamType))
]
FOLDER = Path(__file__).parents[2] / "experiments"


def refused(command, *arguments):
    """Return the one line with which a command refuses, after checking that it is one, with exit code 2."""
    done = CliRunner().invoke(command, list(arguments))
    assert done.exit_code == 2 and isinstance(done.exception, SystemExit), done.output
    assert done.stdout == "" and done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1, done.output
    return done.stderr


def test_every_question_is_here():
    files = {path.stem for path in FOLDER.glob("*.py")} | {path.parent.name for path in FOLDER.glob("*/__main__.py")}
    assert files - {"__init__", "__main__"} == set(COMMANDS)


def test_every_command_says_what_it_refuses_in_one_line():
    for name, command in COMMANDS.items():
        assert isinstance(command, OneLine), name
        assert "--nonsense" in refused(command, "--nonsense")


@pytest.mark.parametrize(("command", "number"), NUMBERS)
def test_every_number_has_bounds_from_the_one_table(command, number):
    kind, table = number.type, TYPES[number.opts[0]]
    assert isinstance(kind, (click.IntRange, click.FloatRange)), "give it a range in experiments/lab/command.py"
    assert kind.min is not None and kind.max is not None
    assert kind.min >= table.min and kind.max == table.max


@pytest.mark.parametrize(("command", "number"), NUMBERS)
def test_a_number_out_of_bounds_is_refused_in_one_line(command, number):
    name, whole = number.opts[0], isinstance(number.type, click.IntRange)
    below, above = number.type.min - 1, number.type.max + 1
    for given in (below, above, -(10**400) if whole else -1e300, "nan", "inf", "1e3" if whole else "1e400", "many", ""):
        assert name in refused(command, f"{name}={given}"), given


@pytest.mark.parametrize("number", ["nan", 0.0, 1.5])
def test_nan_lies_within_no_bounds(number):
    with pytest.raises(click.BadParameter, match="not in the range"):
        TYPES["--until"].convert(number, None, None)


def test_a_file_is_found_in_the_folder_of_its_user(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert File().convert("~/worlds.csv", None, None) == str(tmp_path / "worlds.csv")
    assert File(path_type=Path).convert("~", None, None) == tmp_path
    assert File().convert("a~b", None, None) == "a~b"


@pytest.mark.parametrize("given", ["", "  ", "~nobody-of-that-name/x", "a\0b"])
def test_what_could_only_make_an_odd_folder_is_refused(given):
    with pytest.raises(click.BadParameter):
        File().convert(given, None, None)


FILES = {
    "--results",
    "--accepted",
    "--case",
    "--targets",
    "--export",
    "--store",
    "--output",
    "--picture",
    "--replay",
    "--episode",
    "--observed",
    "--points-from",
}


@pytest.mark.parametrize(("command", "place"), [given for given in OPTIONS if given.values[1].opts[0] in FILES])
def test_every_option_that_is_a_file_knows_the_users_folder(command, place):
    assert isinstance(place.type, File)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("validate", ["--worlds", "0"]),
        ("validate", ["--citizens", "0"]),
        ("validate", ["--citizens", "10000000000"]),
        ("validate", ["--citizens", "7000000"]),
        ("tipping_line", ["--citizens", "50"]),
        ("tipping_line", ["--citizens", "7000000"]),
        ("calibrate", ["--draws", "0"]),
        ("calibrate", ["--draws", "-3"]),
        ("calibrate", ["--size", "7"]),
        ("calibrate", ["--runs", "0"]),
        ("calibrate", ["--citizens", "7000000"]),
        ("size", ["--sizes", "50,20000,200000"]),
        ("size", ["--sizes", "20000,7000000"]),
        ("run", ["--citizens", "7000000"]),
        ("war_entry", ["--citizens", "7000000"]),
        ("sweep", ["--citizens", "7000000"]),
    ],
)
def test_what_cannot_be_run_is_refused_before_the_first_run(question, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "expected" in (line := refused(COMMANDS[question], *arguments)) or "range" in line
    assert not list(tmp_path.rglob("*.sqlite"))


def test_a_path_whose_links_lead_in_a_circle_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(click.BadParameter, match="its links lead in a circle"):
        File().convert(str(tmp_path / "loop"), None, None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("9" * 20_000), f"Error: {'9' * 493} ... {'9' * 500}\n"),  # 500 from either end
        (ValueError("a.csv: [Errno 21] Is a\nfolder"), "Error: a.csv: Is a folder\n"),
    ],
)
def test_a_complaint_is_one_line_that_can_be_read(error, said):
    def refuse():
        raise TableError(error)

    assert refused(OneLine("refuse", callback=refuse)) == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "no.such.name.invalid"], "cannot listen on no.such.name.invalid:8765: "),
        (["--host", "\udcff"], "cannot listen on "),
        (["--replay", "none.json"], "none.json: No such file or directory"),
    ],
)
def test_the_page_refuses_as_every_command_does(arguments, said):
    assert said in refused(COMMANDS["browser"], *arguments)


def test_a_command_may_need_more_than_the_table_asks():
    @click.command(cls=OneLine)
    @option("--worlds", least=10)
    def command(worlds):
        click.echo(worlds)

    assert "10<=x<=500000" in refused(command, "--worlds", "9")
    assert CliRunner().invoke(command, ["--worlds", "10"]).output == "10\n"


def test_an_export_into_a_missing_folder_is_refused_before_the_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no folder nowhere" in refused(COMMANDS["sweep"], "--export", "nowhere/runs.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["mine.TOML", "mine.toml"])
def test_the_suffix_of_a_windows_editor_is_a_suffix(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf[citizen]\r\nnoise = 0.25\r\n")
    (world,), drawn = worlds_of(str(tmp_path / name), load_episode("belarus-2022"), None, 0, ())
    assert world.parameters.citizen.noise == 0.25 and not drawn
    assert drawn_by("MINE.CSV") and not drawn_by(name)
