"""ODD.md tells what the code does: its tables, rules, claims, switches and phases are those of the code."""

import ast
import re
from pathlib import Path

import click
import pytest

from experiments.document import DOCUMENTS, ODD, renewed
from experiments.evidence import wave_2020 as wave
from experiments.evidence.targets import FOLDER, read_targets
from model import simulation
from model.episode import load_episode
from model.measures import MEASURES
from model.parameters import DECLARED, GROUPS, SWITCHES

ROOT = Path(__file__).parents[2]
TEXT = ODD.read_text(encoding="utf-8")
LINKS = re.findall(r"\[`([\w.]+)`\]\(([^)]+)\)", TEXT)
AGENTS = [
    *sorted(file for file in (ROOT / "agents").glob("*.py") if file.name != "__init__.py"),
    ROOT / "agents/citizen/rules.py",
]


def definitions(file):
    """The docstring of every function of a file, by name (``Class.method`` for methods)."""
    told = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            told[node.name] = ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            told |= {f"{node.name}.{method.name}": ast.get_docstring(method) or "" for method in methods}
    return told


def loops(file):
    """The compiled loops of a file: they run the rules, and are none."""
    functions = [node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    return {node.name for node in functions if any(ast.unparse(by) == "compiled" for by in node.decorator_list)}


def rows(text):
    """The cells of a Markdown table, below its head."""
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


CLAIMS = rows(TEXT.split("<!-- claims -->")[1].split("<!-- /claims -->")[0])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_tables_in_a_document_are_those_of_the_code(path):
    text = path.read_text(encoding="utf-8")
    for name, make in DOCUMENTS[path].items():
        assert renewed(text, name, make()) == text, f"{path.name}, {name}: run python -m experiments.document"


@pytest.mark.parametrize(
    "text", ["", "<!-- x -->\n", "<!-- /x -->\n<!-- x -->\n", "<!-- x -->\n<!-- x -->\n<!-- /x -->"]
)
def test_a_document_without_its_two_markers_is_refused_and_not_guessed_at(text):
    with pytest.raises(click.ClickException, match="expected the markers <!-- x --> and <!-- /x --> once"):
        renewed(text, "x", "new")


def test_every_number_it_names_is_declared():
    named = set(re.findall(rf"`((?:{'|'.join(GROUPS)})\.(?!step\b)\w+)`", TEXT.split("## 9.")[0]))
    assert len(named) > 40 and not named - set(DECLARED), named - set(DECLARED)


@pytest.mark.parametrize("file", AGENTS, ids=lambda file: file.stem)
def test_every_rule_of_an_actor_stands_in_it_with_a_link(file):
    rules = {name for name in definitions(file) if "." not in name and not name.startswith("_")} - loops(file)
    told = {name for name, link in LINKS if link == f"../{file.relative_to(ROOT).as_posix()}"}
    assert rules and not rules - told, f"model/ODD.md does not tell of {sorted(rules - told)} in {file.name}"


def test_every_link_leads_to_what_it_names():
    for name, link in LINKS:
        assert name in definitions(ODD.parent / link), f"{link} has no {name}"
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ODD.parent / link).exists(), f"{link} does not exist"


def test_formulas_hold_no_links():
    assert not [line for line in TEXT.splitlines() if line.startswith("    ") and "](" in line]


def test_the_claims_are_all_there_each_with_its_switches():
    assert [row[0] for row in CLAIMS] == [f"C{number}" for number in range(1, 20)]
    for claim, _, _, _, switches, without, _ in CLAIMS:
        assert re.findall(r"`(\w+)`", switches) == [name for name, of in SWITCHES.items() if of == claim]
        assert bool(without) == bool(switches), f"{claim}: say what happens without it"


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row[0])
def test_a_claim_leads_in_one_step_to_a_rule_that_names_it(row):
    claim, first = row[0], re.search(r"\[`([\w.]+)`\]\(([^)]+)\)", row[3])
    assert first, f"{claim} has no rule"
    if claim not in ("C16", "C18"):  # the calibration and the first day: no behaviour
        rules = definitions(ODD.parent / first[2])
        assert re.search(rf"\b{claim}\b", rules[first[1]]), f"the docstring of {first[1]} does not name {claim}"


def test_its_phases_are_those_of_a_day_in_the_same_words_and_order():
    told = rows(TEXT.split("### 3.1 A day")[1].split("### 3.2")[0])
    promised = re.findall(r"^(\d\. .*)[;.]$|^(\d\. .*\?)$", simulation.__doc__, re.MULTILINE)
    assert [row[0] for row in told] == ["".join(line) for line in promised] and len(told) == 9
    (step,) = re.findall(
        r"    def step\(self\).*?\n\n", Path(simulation.__file__).read_text(encoding="utf-8"), re.DOTALL
    )
    called = re.findall(r"^        self\.([\w.]+)\(\)$", step, re.MULTILINE)
    assert re.findall(r"`([\w.]+)`", " ".join(row[1] for row in told)) == called


def test_it_counts_targets_and_measures_rightly():
    wanted = read_targets(FOLDER / f"{wave.HISTORY}.csv", load_episode(wave.HISTORY))
    assert f"{len(wanted)} targets" in " ".join(TEXT.split())
    assert f"{len(MEASURES)} measures a day" in TEXT
