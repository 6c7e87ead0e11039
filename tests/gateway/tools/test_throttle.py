"""throttle_endpoint: measured by what clients ask for, 0 lifts it."""

from dataclasses import replace

import pytest

from gateway.ports import Unreadable
from gateway.registry import Settled
from gateway.subjects import ThrottleState
from gateway.tools import throttle as tool
from gateway.tools.throttle import ThrottleParams, ThrottleTarget
from tests.gateway.outside import ROUTE, SERVICE, Outside, order

SEEN = ThrottleTarget(
    service=SERVICE, route=ROUTE, limit_rps=None, version=1, error_ratio=0.18
)


def params(limit_rps: int = 450) -> ThrottleParams:
    return ThrottleParams(service=SERVICE, route=ROUTE, limit_rps=limit_rps)


def unmeasured(outside: Outside) -> None:
    """Have nobody measure the service, as in many an outage."""
    outside.services.load = replace(outside.services.load, service="another")


async def test_a_throttle_is_observed(outside: Outside) -> None:
    """With the service's errors, against which it is verified."""
    assert SEEN == await tool.observe(params(), outside.ports)


@pytest.mark.parametrize(("limit", "refused"), [(450, 450), (900, 0), (0, 0), (1, 899)])
async def test_reach_is_what_would_be_refused(
    outside: Outside, limit: int, refused: float
) -> None:
    """Of 900 requests a second now; lifting it refuses nobody."""
    found = await tool.estimate(params(limit), SEEN, outside.ports)

    assert (refused, "requests/s") == (found.amount, found.unit)


async def test_a_route_that_nobody_measures_is_not_limited(outside: Outside) -> None:
    """A zero would say that nobody is refused; a limit may be lifted all the same."""
    other = params().model_copy(update={"route": "GET /unknown"})
    with pytest.raises(Unreadable, match=f"measured are: {ROUTE}"):
        await tool.estimate(other, SEEN, outside.ports)
    lifted = other.model_copy(update={"limit_rps": 0})
    found = await tool.estimate(lifted, SEEN, outside.ports)

    assert (0, "requests/s") == (found.amount, found.unit)
    assert "any more" in found.text


async def test_what_is_refused_already_counts(outside: Outside) -> None:
    """Clients ask for accepted and rejected requests alike."""
    load = outside.services.load
    route = replace(
        load.routes[0], requests_per_second=400.0, rejected_per_second=500.0
    )
    outside.services.load = replace(load, routes=(route,))

    assert 450 == (await tool.estimate(params(), SEEN, outside.ports)).amount


async def test_refusals_that_are_no_number_are_no_zero(outside: Outside) -> None:
    """The reach would read too small while the most is refused."""
    load = outside.services.load
    route = replace(load.routes[0], rejected_per_second=None)
    outside.services.load = replace(load, routes=(route,))

    with pytest.raises(Unreadable, match=f"{ROUTE} are refused on {SERVICE} is no num"):
        await tool.estimate(params(), SEEN, outside.ports)


@pytest.mark.parametrize(
    ("limit", "now", "expected"),
    [
        (450, {"version": 1}, Settled.not_applied),
        (450, {"version": 2, "limit_rps": 450}, Settled.applied),
        (450, {"version": 2, "limit_rps": 300}, Settled.unknown),
        (0, {"version": 2, "limit_rps": None}, Settled.applied),
    ],
)
def test_a_read_back_is_judged(
    limit: int, now: dict[str, object], expected: Settled
) -> None:
    """By version and limit; errors of the service say nothing of it."""
    seen = ThrottleTarget.model_validate(
        {**SEEN.model_dump(), "error_ratio": 0.5, **now}
    )

    assert expected is tool.reconcile(params(limit), SEEN, seen)


@pytest.mark.parametrize(
    ("ratio", "done"), [(0.18, None), (0.1, None), (0.08, True), (0.001, True)]
)
async def test_verified_is_well_or_halved(
    outside: Outside,
    ratio: float,
    done: bool | None,  # noqa: FBT001 - expected
) -> None:
    """A throttle need not heal the service to have helped."""
    await tool.execute(params(), SEEN, outside.ports, order("k"))
    outside.services.become(error_ratio=ratio)

    found = await tool.verify(params(), SEEN, outside.ports)

    assert (done, True) == (found.done, found.is_told)


@pytest.mark.parametrize("was", [None, 0, 300])
async def test_an_undo_restores_the_limit(outside: Outside, was: int | None) -> None:
    """Where there was none, it is lifted; where nothing was let in, nothing is."""
    outside.throttles.throttles[SERVICE, ROUTE] = ThrottleState(
        SERVICE, ROUTE, was, version=1
    )
    before = await tool.observe(params(), outside.ports)
    after = await tool.execute(params(), before, outside.ports, order("do"))
    undo = tool.undo(params(), before)
    back = await tool.execute(undo, after, outside.ports, order("undo"))

    assert (450, was) == (after.limit_rps, back.limit_rps)
    assert Settled.applied is tool.reconcile(undo, after, back)


async def test_a_limit_of_none_is_no_limit_of_zero(outside: Outside) -> None:
    """A route that lets nothing in is said to be so, and can be lifted."""
    closed = SEEN.model_copy(update={"limit_rps": 0})
    undo = tool.undo(params(), closed)
    found = await tool.estimate(undo, SEEN, outside.ports)

    assert ("0 requests/s", "no limit") == tool.describe(params(0), closed)
    assert tool.already(params(0), closed) is None
    assert f"Throttle {ROUTE} of {SERVICE} to 0 requests/s" == tool.title(undo)
    assert 900 == found.amount


async def test_a_throttle_is_observed_while_nobody_measures(outside: Outside) -> None:
    """What the limit is, its system says; the errors are unknown, and no zero."""
    unmeasured(outside)

    assert SEEN.model_copy(update={"error_ratio": None}) == await tool.observe(
        params(), outside.ports
    )


async def test_a_limit_that_is_gone_needs_no_measure(outside: Outside) -> None:
    """It has not worked, whoever measures the service."""
    unmeasured(outside)
    found = await tool.verify(params(), SEEN, outside.ports)

    assert (False, {}) == (found.done, found.measures)
    assert f"{ROUTE} is at no limit again" == found.text


async def test_whether_a_limit_helped_is_unknown_while_nobody_measures(
    outside: Outside,
) -> None:
    """Nor can it be judged by half of what nobody measured before."""
    await tool.execute(params(), SEEN, outside.ports, order("k"))
    before = SEEN.model_copy(update={"error_ratio": None})
    outside.services.become(error_ratio=0.011)
    halved = await tool.verify(params(), before, outside.ports)
    outside.recover()
    well = await tool.verify(params(), before, outside.ports)
    unmeasured(outside)

    assert (None, True) == (halved.done, well.done)
    assert (False, True) == (halved.is_told, well.is_told)
    assert "whether that fell is unknown" in halved.text
    with pytest.raises(Unreadable, match="HTTP 404"):
        await tool.verify(params(), SEEN, outside.ports)


@pytest.mark.parametrize("route", ["feed", "GET feed", "get /feed", "GET /a b", ""])
def test_a_route_is_method_and_path(route: str) -> None:
    """Anything else is refused before it is asked of anybody."""
    with pytest.raises(ValueError, match="route"):
        ThrottleParams(service=SERVICE, route=route, limit_rps=1)


@pytest.mark.parametrize(
    ("limit", "now", "stands"),
    [
        (450, {"limit_rps": 450}, f"{ROUTE} of {SERVICE} is at 450 requests/s"),
        (0, {}, f"{ROUTE} of {SERVICE} is at no limit"),
        (450, {}, None),
        (450, {"limit_rps": 451}, None),
        (0, {"limit_rps": 450}, None),
    ],
)
def test_what_stands_already_is_said(
    limit: int, now: dict[str, object], stands: str | None
) -> None:
    """A limit that holds, and none where none is."""
    assert stands == tool.already(params(limit), SEEN.model_copy(update=now))
