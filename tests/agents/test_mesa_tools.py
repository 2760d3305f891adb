"""The world works with the tools that Mesa's users know: ``batch_run`` and the ``DataCollector``."""

import mesa
import numpy as np
import pandas as pd
import pytest

from model.measures import MEASURES
from model.parameters import Parameters
from model.simulation import Simulation

DAYS = 6


@pytest.fixture(scope="module")
def rows():
    """What ``mesa.batch_run`` makes of two arms, two parameter sets and two seeds."""
    parameters = {
        "episode": "belarus-2022",
        "arm": ["stay", "enter"],
        "parameters": [Parameters(), Parameters().replace({"citizen.noise": 0.1})],
        "n_citizens": 300,
        "collect": True,
    }
    return mesa.batch_run(
        Simulation, parameters, rng=[0, 1], max_steps=DAYS, data_collection_period=1, display_progress=False
    )


def test_batch_run_runs_every_combination_with_every_seed(rows):
    table = pd.DataFrame(rows)
    last = table[table["day"] == DAYS]
    assert len(last) == 2 * 2 * 2
    assert last.groupby("arm")["rng"].apply(sorted).tolist() == [[0, 0, 1, 1]] * 2
    assert set(MEASURES) <= set(table.columns)


def test_batch_run_sees_the_same_world_as_one_who_runs_it_by_hand(rows):
    world = Simulation("belarus-2022", Parameters(), arm="enter", rng=1, n_citizens=300).run(DAYS)
    (row,) = [
        row
        for row in rows
        if (row["day"], row["arm"], row["rng"], row["parameters"]) == (DAYS, "enter", 1, Parameters())
    ]
    assert {name: row[name] for name in MEASURES} == {name: measure(world) for name, measure in MEASURES.items()}


def test_numbers_of_numpy_are_numbers():
    parameters = {"n_citizens": np.arange(300, 501, 100), "collect": True}
    rows = mesa.batch_run(Simulation, parameters, rng=[0], max_steps=2, display_progress=False)
    assert [row["n_citizens"] for row in rows] == [300, 400, 500]


def test_the_data_collectors_frame_is_our_own_series():
    world = Simulation("belarus-2020", rng=3, n_citizens=300, collect=True).run(DAYS)
    frame = world.datacollector.get_model_vars_dataframe().set_index("day")
    assert frame.index.tolist() == list(range(1, DAYS + 1))
    ours = world.series()
    assert frame[list(MEASURES)].to_numpy().tolist() == ours[list(MEASURES)].to_numpy().tolist()


def test_collecting_changes_nothing():
    alone, watched = (
        Simulation("belarus-2020", rng=3, n_citizens=300, collect=collect).run(DAYS) for collect in (False, True)
    )
    assert alone.series().equals(watched.series())


def test_agents_are_found_by_their_kind_as_in_any_mesa_model():
    world = Simulation("belarus-2020", rng=3, n_citizens=300)
    counts = {kind.__name__: len(agents) for kind, agents in world.agents_by_type.items()}
    assert counts["Citizen"] == 300 and counts["Regime"] == counts["Moscow"] == 1
