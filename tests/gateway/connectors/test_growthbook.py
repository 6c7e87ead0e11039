"""GrowthBook: an experiment and its newest results."""

import pytest
import respx

from gateway.ports import Unreadable
from gateway.subjects import Experiment, VariationResult
from tests.gateway.connectors.asking import asked, port_of
from tests.gateway.connectors.cases import EXPERIMENT

EXPECTED = Experiment(
    key="ranker",
    name="Ranker",
    status="running",
    phase="Main",
    started_at=1_767_225_600.0,
    coverage=0.5,
    variations=("control", "new"),
    results=(VariationResult("met_1", "new", 100, 1.5, 0.9),),
)


async def test_an_experiment_is_read_by_its_id(outside: respx.MockRouter) -> None:
    async with port_of("growthbook", outside) as port:
        assert await port.get("exp_1") == EXPECTED
    assert [
        "GET /api/v1/experiments/exp_1",
        "GET /api/v1/experiments/exp_1/results",
    ] == asked(outside)


async def test_and_by_its_tracking_key(outside: respx.MockRouter) -> None:
    """Of several that are listed, the one of exactly this key."""
    other = EXPERIMENT | {"id": "exp_2", "trackingKey": "ranker-2"}
    outside.get(path="/api/v1/experiments").respond(
        json={"experiments": [other, EXPERIMENT]}
    )
    async with port_of("growthbook", outside) as port:
        assert await port.get("ranker") == EXPECTED
        with pytest.raises(Unreadable, match="no experiment has the key rank"):
            await port.get("rank")
    assert "GET /api/v1/experiments?experimentId=ranker" == asked(outside)[0]


async def test_a_draft_has_no_results(outside: respx.MockRouter) -> None:
    """Nobody asks for them."""
    draft = EXPERIMENT | {"status": "draft", "phases": []}
    outside.get(path="/api/v1/experiments/exp_9").respond(json={"experiment": draft})
    async with port_of("growthbook", outside) as port:
        found = await port.get("exp_9")

    assert ((), None, None) == (found.results, found.started_at, found.coverage)
    assert 1 == len(asked(outside))


@pytest.mark.parametrize("users", [-1, 2**53, 1e308, 10**400])
async def test_a_count_past_every_number_is_none(
    outside: respx.MockRouter, users: float
) -> None:
    """It stops at the connector, and is named."""
    row = {"variationId": "v1", "users": users}
    metrics = [{"metricId": "m", "variations": [row]}]
    async with port_of("growthbook", outside) as port:
        outside.get(path="/api/v1/experiments/exp_1/results").respond(
            json={"result": {"results": [{"metrics": metrics}]}}
        )
        with pytest.raises(Unreadable, match="users"):
            await port.get("exp_1")


async def test_what_was_not_measured_is_no_zero(outside: respx.MockRouter) -> None:
    """No analysis, no count: a mean of 0 would be a result."""
    metrics = [{"metricId": "m", "variations": [{"variationId": "v1"}]}]
    async with port_of("growthbook", outside) as port:
        outside.get(path="/api/v1/experiments/exp_1/results").respond(
            json={"result": {"results": [{"metrics": metrics}]}}
        )
        [row] = (await port.get("exp_1")).results

    assert (None, None, None) == (row.users, row.value, row.chance_to_win)
