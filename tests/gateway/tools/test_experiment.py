"""get_experiment: state and results."""

from gateway.registry import Occasion
from gateway.tools.experiment import ExperimentParams, read_experiment
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_work import EXPERIMENT


async def test_an_experiment_is_read(outside: Outside) -> None:
    """Under the name of its param, with each result a row."""
    found = await read_experiment(
        ExperimentParams(experiment_key=EXPERIMENT),
        outside.ports,
        Occasion(SCOPE, 1_800_000_000.0, None, None),
    )

    assert (EXPERIMENT, "running", ["control", "ranker"]) == (
        found.experiment_key,
        found.status,
        found.variations,
    )
    assert [0.94] == [one.chance_to_win for one in found.results]
