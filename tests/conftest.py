"""What all tests share: properties are checked on the same examples every time, and never timed.

``pytest tests/model --refresh-golden`` writes the kept histories in ``golden/`` anew: do so when a rule
or a default was changed on purpose, and look at the diff.
"""

from experiments.lab.stop import begin

import gc
import json
from pathlib import Path

import pytest
from hypothesis import settings

gc.disable()  # until all is collected, nothing of which is garbage
settings.register_profile("tightrope", deadline=None, derandomize=True)
settings.load_profile("tightrope")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--refresh-golden", action="store_true", help="write the kept histories in tests/golden anew")


def pytest_collection_finish():
    """Look for garbage from now on, but not again and again through all that was imported and collected."""
    begin()


@pytest.fixture
def golden(request):
    """Compare tables with those kept under a name, to 2 % (machines may add in another order); words exactly."""

    def compare(name, tables):
        file = GOLDEN / f"{name}.json"
        if request.config.getoption("--refresh-golden"):
            GOLDEN.mkdir(exist_ok=True)
            file.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
            pytest.skip(f"{file.name} is written anew: look at its diff")
        kept = json.loads(file.read_text(encoding="utf-8"))
        assert tables.keys() == kept.keys()
        for table, values in kept.items():
            said = any(isinstance(value, str) for value in values.values())
            expected = values if said else pytest.approx(values, rel=0.02)
            assert tables[table] == expected, f"{name}, {table}: --refresh-golden if on purpose"

    return compare
