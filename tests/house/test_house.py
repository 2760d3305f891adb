"""What the house promises: numbers that are read, arrows that point one way, documents that keep up."""

import ast
import dataclasses
import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from agents.elite import Stance
from agents.moscow import Support
from model.episode import load_episode
from model.parameters import DECLARED, GROUPS, SWITCHES, Parameters
from model.simulation import Simulation

ROOT = Path(__file__).parents[2]
PACKAGES = ("agents", "model", "experiments")
TOP = {"model", "agents", "experiments", "tests", "pyproject.toml", "README.md"}
BESIDE = {"Makefile", "LICENSE", "CITATION.cff", "results"}
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def short(file):
    return file.relative_to(ROOT).as_posix()


def dotted(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def tracked():
    """All files that are under version control, or would be."""
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if told.returncode == 0:
        return [ROOT / name for name in told.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [file for name in TOP | BESIDE - {"results"} for file in [ROOT / name, *(ROOT / name).rglob("*")]
            if file.is_file() and "__pycache__" not in file.parts]  # fmt: skip


# Every number is read.


def recording(parameters):
    """Parameters that note which of their numbers are read, and the notes."""
    reads = set()

    def recorded(group, values):
        names = {number.name for number in dataclasses.fields(values)}

        class Recorded(type(values)):
            def __getattribute__(self, name):
                if name in names:
                    reads.add(f"{group}.{name}")
                return super().__getattribute__(name)

        return Recorded(**dataclasses.asdict(values))

    groups = {group: recorded(group, getattr(parameters, group)) for group in GROUPS}
    numbers = dataclasses.replace(parameters, **groups)
    reads.clear()  # checking the values has read them all
    return numbers, reads


EAGER = {
    "citizen.threshold": 3.0, "elite.plot_rate": 0.2, "regime.provocation_rate": 1.5, "moscow.demand_rate": 0.4,
    "elite.detection": 0.3, "citizen.volunteer_rate": 0.02,
}  # fmt: skip


def lived(episode, arm, days):
    """Live some days with a full house: many plot, Moscow's troops are there; return what was read."""
    numbers, reads = recording(Parameters().replace(EAGER))
    world = Simulation(load_episode(episode), numbers, arm=arm, rng=0, n_citizens=300)
    assert len(reads) < len(DECLARED) / 2, "building a world reads what it is built of, and little else"
    world.moscow.support = Support.TROOPS
    world.elites.columns["stance"][world.elites.commanders[::2]] = Stance.PLOTTING
    world.run(days)
    return reads


def test_every_number_is_read_by_some_episode():
    runs = [("belarus-2020", "stay", 40), ("belarus-2022", "enter", 80), ("belarus-2022", "decide", 80)]
    reads = [lived(*run) for run in runs]
    unread = sorted(set(DECLARED).difference(*reads))
    assert not unread, (
        f"declared and never read: {', '.join(unread)}. Read each in a rule's caller, or delete it from "
        "model/parameters.py; if it is read in a rare case only, add a run to this test in which the case happens"
    )
    assert "war.killed_first" not in reads[0], "a peace reads no losses: the record holds what is read, and only that"


# Arrows point one way.


def imports(file):
    """The names of the modules that a file imports when it runs, also inside its functions."""
    module = tree(file)
    for node in ast.walk(module):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(file)} imports relatively: write the module's full name"
            yield node.module


FORBIDDEN = {"agents": {"model", "experiments", "tests"}, "model": {"experiments", "tests"}, "experiments": {"tests"}}


@pytest.mark.parametrize("file", MODULES, ids=short)
def test_arrows_point_from_experiments_to_model_to_agents(file):
    package = file.relative_to(ROOT).parts[0]
    against = sorted(name for name in imports(file) if name.partition(".")[0] in FORBIDDEN[package])
    assert not against, f"{short(file)} imports {', '.join(against)}: turn it round, or reach it through self.model"


def test_agents_run_without_a_model():
    actors = ("citizen.crowd", "citizen.mood", "security", "elite", "regime", "moscow")
    code = f"import sys, {', '.join(f'agents.{actor}' for actor in actors)}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "agents" in loaded and not loaded & {"model", "experiments"}


# Every module imports and says what it is.


@pytest.mark.parametrize("file", [*MODULES, *TESTS], ids=short)
def test_every_module_says_what_it_is(file):
    words = ast.get_docstring(tree(file))
    assert words and words.splitlines()[0].endswith((".", "?", ":")), f"{short(file)}: begin with a sentence about it"


@pytest.mark.parametrize("file", [file for file in MODULES if file.name != "__main__.py"], ids=short)
def test_every_module_imports(file):
    importlib.import_module(dotted(file))


@pytest.mark.parametrize("file", [f for f in MODULES if f.name == "__init__.py"], ids=short)
def test_packages_hold_a_docstring_and_no_code(file):
    assert len(tree(file).body) == 1, f"{short(file)}: move the code into a module, and import that by its name"


def test_every_package_is_a_package_and_tests_are_none():
    folders = {file.parent for file in MODULES}
    assert not [short(folder) for folder in folders if not (folder / "__init__.py").is_file()]
    assert not [short(file) for file in TESTS if file.name == "__init__.py"]


# Every claim leads to a rule, every experiment to the README.


@pytest.fixture(scope="module")
def words_of_rules():
    """The docstring of every function of agents and model."""
    return [
        ast.get_docstring(node) or ""
        for file in MODULES if file.relative_to(ROOT).parts[0] in ("agents", "model")
        for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef)
    ]  # fmt: skip


@pytest.mark.parametrize("claim", sorted(set(SWITCHES.values()), key=lambda claim: int(claim[1:])))
def test_every_claim_is_named_by_the_rule_that_it_became(claim, words_of_rules):
    named = [words for words in words_of_rules if re.search(rf"\b{claim}\b", words)]
    assert named, f"no function's docstring names {claim}: write ({claim}) into that of its rule"


EXPERIMENTS = [
    file for file in MODULES
    if file.relative_to(ROOT).parts[0] == "experiments"
    and any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree(file).body)
]  # fmt: skip


def command(file):
    return dotted(file).removesuffix(".__main__")


def test_there_are_experiments():
    assert {"experiments.sweep", "experiments.calibrate"} <= {command(file) for file in EXPERIMENTS}


@pytest.mark.parametrize("file", EXPERIMENTS, ids=short)
def test_every_experiment_has_its_row_in_the_readme(file):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("<!-- experiments -->")[2].partition("<!-- /experiments -->")[0]
    assert f"`python -m {command(file)}" in table, f"README.md's table of experiments does not name {command(file)}"


@pytest.mark.parametrize("file", EXPERIMENTS, ids=short)
def test_every_experiment_explains_itself_with_an_example(file):
    main = importlib.import_module(dotted(file)).main
    assert isinstance(main, click.Command)
    told = CliRunner().invoke(main, ["--help"])
    assert told.exit_code == 0 and f"python -m {command(file)}" in told.output, (
        f"python -m {command(file)} --help shows no example of the command: add one to its epilog"
    )


def test_the_readme_names_no_experiment_that_is_not_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    there = {command(file) for file in MODULES}
    named = set(re.findall(r"python -m (experiments\.[a-z_]+)", readme))
    assert named and not named - there, f"README.md names {sorted(named - there)}: no such module"


def test_links_in_the_documents_lead_somewhere():
    dead = []
    for file in tracked():
        if file.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8")):
                if "://" not in target and not (file.parent / target).exists():
                    dead.append(f"{short(file)}: {target}")
    assert not dead, "\n".join(dead)


# What is shipped.


def test_the_top_level_is_the_six_names_and_little_else():
    top = {short(file).partition("/")[0] for file in tracked()}
    assert top >= TOP
    more = {name for name in top - TOP - BESIDE if not name.startswith(".")}
    assert not more, f"{', '.join(sorted(more))}: the top level holds {', '.join(sorted(TOP | BESIDE))}, and dot files"


LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt"}
HOST = re.compile(r"https?://[^/\s'\"]*(?:pypi|pythonhosted|artifactory|nexus|devpi|registry|mirror)[^\s'\"]*", re.I)
PLACE = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/(?!someone\b)\w[^\s'\"`]*")


def test_nothing_shipped_hangs_on_one_machine():
    found = [f"{short(file)} is a lock file" for file in tracked() if file.name in LOCKS]
    for file in tracked():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        hits = [
            *HOST.findall(text),
            *PLACE.findall(text),
            *(own for own in (str(ROOT), f"{Path.home()}/") if own in text),
        ]
        found += [f"{short(file)} names {hit}" for hit in hits]
    assert not found, "\n".join(found)


# The tests themselves.


@pytest.mark.parametrize("file", [file for file in TESTS if file.name != "conftest.py"], ids=short)
def test_every_test_is_collected(file):
    assert re.fullmatch(r"test_\w+\.py", file.name), f"{short(file)}: pytest collects test_*.py only"
    names = [node.name for node in tree(file).body if isinstance(node, ast.FunctionDef)]
    assert any(name.startswith("test_") for name in names), f"{short(file)} holds no test"
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"{short(file)}: the second {', '.join(twice)} hides the first"
    odd = [name for name in names if re.match(r"tests?(?!_)|_test", name)]
    assert not odd, f"{short(file)}: {', '.join(odd)} would not be collected; name it test_..."
