"""What the house promises: numbers that are read, arrows that point one way, documents that keep up."""

import ast
import dataclasses
import importlib
import json
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from types import MappingProxyType

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
BESIDE = {"Makefile", "LICENSE", "CITATION.cff", "CHANGELOG.md", "CONTRIBUTING.md", "codemeta.json", "results"}
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


FAILING = {
    "security.containment": 6.0, "citizen.focal_anger": 3.0, "regime.flattery": 0.5, "regime.inertia": 3.0,
    "regime.decisiveness": 5.0, "regime.restrain_cost": 0.9, "regime.contain_cost": 0.4, "regime.order_caution": 0.8,
    "outcome.aside_days": 5, "outcome.aside_window": 1,
}  # fmt: skip
"""He orders what his forces cannot do, and they may stand aside for days before that ends him."""


def lived(episode, arm, days, more=MappingProxyType({})):
    """Live some days with a full house: many plot, Moscow's troops are there; return what was read."""
    numbers, reads = recording(Parameters().replace(EAGER | more))
    world = Simulation(load_episode(episode), numbers, arm=arm, rng=0, n_citizens=300, past=False)
    assert len(reads) < len(DECLARED) / 2, "building a world reads what it is built of, and little else"
    world.run(world.episode.past_days)
    world.moscow.support = Support.TROOPS
    world.moscow.strengths = [0.4] * 14  # weak enough for Moscow to lend its men
    world.mood.mourn(1.0)
    world.elites.columns["stance"][world.elites.commanders[::2]] = Stance.PLOTTING
    world.run(days)
    return reads


def test_every_number_is_read_by_some_episode():
    runs = [
        ("belarus-2020", "stay", 40),
        ("belarus-2022", "enter", 80),
        ("belarus-2022", "decide", 80),
        ("tests/model/invented.toml", "stay", 80),
        ("belarus-2020", "stay", 20, FAILING),
    ]
    reads = [lived(*run) for run in runs]
    unread = sorted(set(DECLARED).difference(*reads))
    assert not unread, (
        f"declared and never read: {', '.join(unread)}. Read each in a rule's caller, or delete it from "
        "model/parameters.py; if it is read in a rare case only, add a run to this test in which the case happens"
    )
    assert "war.killed_first" not in reads[0], "a peace reads no losses: the record holds what is read, and only that"


# Arrows point one way.


def imports(module, for_types=False):
    """The names of all that a module imports when it runs, also inside its functions; perhaps also for its types."""
    for node in ast.walk(module):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not for_types:
            node.body = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"from {'.' * node.level}{node.module or ''}: write the module's full name"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def our_imports(file, for_types=False):
    """The modules of ours that a file imports: ``agents.elite`` for ``from agents.elite import Stance``."""
    ours = {dotted(other) for other in MODULES}
    for name in imports(tree(file), for_types):
        while name and name not in ours:
            name = name.rpartition(".")[0]
        if name and name != dotted(file):
            yield name


def room(module):
    """The room of the house that a module stands in: ground, an actor, the model, lab, show, evidence or a question.

    >>> room("agents.citizen.rules"), room("agents.ground.chance"), room("model.street"), room("experiments.run")
    ('actor citizen', 'ground', 'model', 'question run')
    """
    package, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    if not name:
        return "package"
    if package == "agents":
        return "ground" if name == "ground" else f"actor {name}"
    if package == "experiments":
        return name if name in ("lab", "show", "evidence") else f"question {name}"
    return package


BELOW = {
    "ground": set(),
    "actor": {"ground"},
    "model": {"ground", "actor"},
    "evidence": {"ground", "actor", "model", "lab", "show"},
    "lab": {"ground", "actor", "model", "evidence", "show"},
    "show": {"ground", "actor", "model", "evidence", "lab"},
    "question": {"ground", "actor", "model", "evidence", "lab", "show"},
}
"""What each room may import beside itself. No actor stands below an actor, and no question below a question."""


def upward(module, imported):
    """The imports of a module that point up the house, or across it to another actor or question."""
    home = room(module)
    may = BELOW.get(home.partition(" ")[0], set())
    return sorted(name for name in set(imported) if room(name) != home and room(name).partition(" ")[0] not in may)


@pytest.mark.parametrize("module, imported", [
    ("agents.elite", "agents.security"), ("agents.ground.chance", "agents.elite"), ("agents.elite", "model.episode"),
    ("model.street", "experiments.lab.store"), ("experiments.lab.study", "experiments.run"),
    ("experiments.show.words", "experiments.sweep.words"), ("experiments.evidence.wave_2020", "experiments.calibrate"),
    ("experiments.run", "experiments.sweep.words"), ("experiments.size", "experiments.browser.world"),
])  # fmt: skip
def test_an_arrow_that_points_up_or_across_is_seen(module, imported):
    assert upward(module, [imported]) == [imported]
    assert not upward(module, ["agents.ground.chance", module])


def test_arrows_point_from_questions_to_model_to_agents_to_the_ground():
    wrong = []
    for file in MODULES:
        module = dotted(file)  # what is imported for types counts between questions: they share no words either
        against = upward(module, our_imports(file, for_types=room(module).startswith("question")))
        if against:
            wrong.append(f"{short(file)} imports {', '.join(against)}")
    advice = "turn these round: an actor asks through self.model; what two questions share belongs to lab or show"
    assert not wrong, "\n".join([advice, *wrong])


def test_nothing_but_tests_imports_tests():
    assert not [short(f) for f in MODULES for name in imports(tree(f)) if name.partition(".")[0] == "tests"]


def circles(arrows):
    """The circles in a graph of what imports what: what is left once all that lead nowhere are taken away.

    >>> circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()})
    ['b', 'c']
    """
    left = {name: set(targets) for name, targets in arrows.items()}
    while ends := {name for name in left if not left[name] & set(left)} | (
        set(left) - {target for targets in left.values() for target in targets}
    ):
        left = {name: targets for name, targets in left.items() if name not in ends}
    return sorted(left)


def test_no_module_imports_itself_by_way_of_others():
    arrows = {dotted(file): set(our_imports(file)) for file in MODULES}
    assert sum(len(targets) for targets in arrows.values()) > 100
    assert not circles(arrows), "a circle of imports: move what both need into a module of its own"


SLOW = {"matplotlib", "sklearn", "scipy.stats"}
"""What takes half a second to import, and what only a figure or a fit needs."""
AT_ONCE = {"decision", "docking"}
"""Commands that import some of it at once, all the same."""


def at_once(file):
    """The modules that a file imports as soon as it is imported itself."""
    top = [node for node in tree(file).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return set(imports(ast.Module(top, [])))


def test_a_command_and_its_workers_start_without_what_only_a_figure_or_a_fit_needs():
    files = {dotted(file): file for file in MODULES}
    for command in (file for file in MODULES if file.name == "__main__.py" and file.parent.name not in AT_ONCE):
        seen, ahead = set(), {dotted(command)}
        while ahead:
            module = ahead.pop()
            seen.add(module)
            names = at_once(files[module])
            slow = {name for name in names if any(f"{name}.".startswith(f"{package}.") for package in SLOW)}
            assert not slow, f"{short(command)} imports {slow} by way of {module}: import it where it is used"
            ahead |= {part for name in names for part in (name, name.rpartition(".")[0]) if part in files} - seen


@pytest.mark.slow
def test_agents_run_without_a_model():
    actors = [dotted(file) for file in MODULES if short(file).startswith("agents/")]
    code = f"import sys, {', '.join(actors)}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "agents" in loaded and not loaded & {"model", "experiments"}


# Every module imports and says what it is.


def test_every_module_says_what_it_is():
    first = {short(file): (ast.get_docstring(tree(file)) or "").partition("\n")[0] for file in [*MODULES, *TESTS]}
    mute = [name for name, sentence in first.items() if not sentence.endswith((".", "?", ":"))]
    assert first and not mute, f"begin with a sentence about it: {', '.join(mute)}"


def test_every_module_imports():
    broken = []
    for file in MODULES:
        if file.name != "__main__.py":
            try:
                importlib.import_module(dotted(file))
            except Exception as error:
                broken.append(f"{short(file)}: {type(error).__name__}: {error}")
    assert not broken, "\n".join(broken)


def test_packages_hold_a_docstring_and_no_code():
    packages = [file for file in MODULES if file.name == "__init__.py"]
    full = [short(file) for file in packages if len(tree(file).body) != 1]
    assert packages and not full, f"move the code into a module, and import that by its name: {', '.join(full)}"


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


def test_every_claim_is_named_by_the_rule_that_it_became(words_of_rules):
    named = {claim for words in words_of_rules for claim in re.findall(r"\bC\d+\b", words)}
    missing = sorted(set(SWITCHES.values()) - named)
    assert not missing, f"no function's docstring names {', '.join(missing)}: write (C1) into that of the rule of C1"


EXPERIMENTS = [
    file for file in MODULES
    if file.relative_to(ROOT).parts[0] == "experiments"
    and any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree(file).body)
]  # fmt: skip


def command(file):
    return dotted(file).removesuffix(".__main__")


def test_there_are_experiments():
    assert {"experiments.sweep", "experiments.calibrate"} <= {command(file) for file in EXPERIMENTS}


def test_every_experiment_has_its_row_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("<!-- experiments -->")[2].partition("<!-- /experiments -->")[0]
    missing = [command(file) for file in EXPERIMENTS if f"`python -m {command(file)}" not in table]
    assert not missing, f"README.md's table of experiments does not name {', '.join(missing)}"


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


def test_the_three_descriptions_of_the_project_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    codemeta = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    citation = dict(re.findall(r"^(\w+): *(.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE))
    authors = [author["name"] for author in project["authors"]]
    assert codemeta["@context"] == "https://doi.org/10.5063/schema/codemeta-2.0"
    assert project["name"] == codemeta["name"].lower() == citation["title"].strip('"').partition(":")[0].lower()
    assert project["version"] == codemeta["version"] == citation["version"]
    assert project["license"] == codemeta["license"].removeprefix("https://spdx.org/licenses/") == citation["license"]
    assert authors == [author["name"] for author in codemeta["author"]]
    assert all(f"name: {name}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8") for name in authors)


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


HELPERS = {"conftest.py", "mutate.py"}


def test_every_test_is_collected():
    wrong = []
    for file in TESTS:
        if file.name in HELPERS:
            continue
        names = [node.name for node in tree(file).body if isinstance(node, ast.FunctionDef)]
        if not re.fullmatch(r"test_\w+\.py", file.name):
            wrong.append(f"{short(file)}: pytest collects test_*.py only")
        if not any(name.startswith("test_") for name in names):
            wrong.append(f"{short(file)} holds no test")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            wrong.append(f"{short(file)}: the second {', '.join(twice)} hides the first")
        if odd := [name for name in names if re.match(r"tests?(?!_)|_test", name)]:
            wrong.append(f"{short(file)}: {', '.join(odd)} would not be collected; name it test_...")
    assert not wrong, "\n".join(wrong)


def test_no_sum_in_a_history_hangs_on_the_processors_blas():
    products = [
        f"{file.relative_to(ROOT)}, line {node.lineno}"
        for folder in ("agents", "model")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult))
        or (isinstance(node, ast.Attribute) and node.attr in ("dot", "matmul", "einsum", "vdot", "inner"))
    ]
    assert not products, f"its sums differ in the last bit from one processor to the next: {products}"


def test_json_from_files_has_one_reader():
    # What a store holds, whose checksums say that it is its own.
    stored = {"store.py", "findings.py", "packed.py", "lives.py"}
    files = [*(ROOT / "model").rglob("*.py"), *(ROOT / "experiments").rglob("*.py"), *(ROOT / "agents").rglob("*.py")]
    others = [file for file in files if re.search(r"json\.loads?\(", file.read_text(encoding="utf-8"))]
    assert {file.name for file in others} - stored == {"records.py"}, "read it with model.records.read_record"


def test_every_fault_of_make_mutants_can_still_be_planted():
    mutants = runpy.run_path(str(ROOT / "tests" / "house" / "mutate.py"))
    gone = [reason for fault in mutants["FAULTS"] if (reason := mutants["stale"](fault))]
    assert not gone, f"the text moved, the fault must follow it: {gone}"


@pytest.mark.slow
def test_the_python_in_the_readme_runs_as_written(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 1
    done = subprocess.run([sys.executable, "-c", "\n".join(blocks)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
