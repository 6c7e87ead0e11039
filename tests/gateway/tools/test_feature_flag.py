"""toggle_feature_flag: measured, described, reconciled, verified, undone."""

from dataclasses import replace
from typing import cast

import pytest

from gateway.ports import Refused, Unreadable
from gateway.reach import measure_reach
from gateway.registry import AnyWrite, Settled
from gateway.tools import feature_flag as tool
from gateway.tools.feature_flag import FlagParams, FlagTarget
from tests.gateway.outside import FLAG, SERVICE, Outside

SEEN = FlagTarget(
    key=FLAG, service=SERVICE, enabled=True, rollout_percent=50, version=7
)


def params(*, enabled: bool = False, percent: int = 0) -> FlagParams:
    return FlagParams(flag_key=FLAG, enabled=enabled, rollout_percent=percent)


async def test_a_flag_is_observed(outside: Outside) -> None:
    """As it stands, with its version."""
    assert SEEN == await tool.observe(params(), outside.ports)


@pytest.mark.parametrize(
    ("wanted", "users"),
    [
        (params(), 2000),
        (params(enabled=True, percent=50), 0),
        (params(enabled=True, percent=100), 2000),
        (params(enabled=True, percent=49), 40),
        (params(enabled=False, percent=90), 2000),
    ],
)
async def test_reach_is_whose_side_changes(
    outside: Outside, wanted: FlagParams, users: int
) -> None:
    """Of 4,000 active users, half of whom have it; off is off at any rollout."""
    found = await tool.estimate(wanted, SEEN, outside.ports)

    assert (users, "active users") == (found.amount, found.unit)


async def test_where_nobody_counts_users_no_reach_is_told(outside: Outside) -> None:
    """A zero would say that nobody is touched."""
    outside.services.load = replace(outside.services.load, active_users=None)

    with pytest.raises(Unreadable, match=r"load\.active_users"):
        await tool.estimate(params(), SEEN, outside.ports)


async def test_a_flag_of_two_services_is_not_turned(outside: Outside) -> None:
    """A freeze of the second would not hold it: the refusal says what to do."""
    flags = outside.flags.flags
    flags[FLAG] = replace(flags[FLAG], also_of=("feed",))
    seen = await tool.observe(params(), outside.ports)

    with pytest.raises(Refused, match=rf"\({SERVICE}, feed\).*leave it the tag of one"):
        await tool.estimate(params(), seen, outside.ports)


async def test_an_undo_waits_for_no_tag(outside: Outside) -> None:
    """It is told as not measured, as where nobody counts the users."""
    seen = SEEN.model_copy(update={"also_of": ("feed",), "former": "{}"})
    undo = tool.undo(params(), seen)
    port = cast("AnyWrite", tool.TOGGLE_FEATURE_FLAG)
    found = await measure_reach(port, undo, seen, outside.ports, is_undo=True)

    assert "not measured" == found.cost


async def test_a_flag_of_no_service_reaches_nobody_knows_whom(
    outside: Outside,
) -> None:
    """No service is asked for: the refusal says how to name one."""
    seen = SEEN.model_copy(update={"service": ""})

    with pytest.raises(Unreadable, match=r"names no service.*`service_tag`"):
        await tool.estimate(params(), seen, outside.ports)


@pytest.mark.parametrize(
    ("seen", "before", "after"),
    [
        ({}, "on, 50 % of users", "on, 20 % of users"),
        (
            {"named_percent": 100},
            "on, 50 % of users, 100 % of those its constraints name",
            "on, 20 % of users",
        ),
        ({"named_percent": 50}, "on, 50 % of users", "on, 20 % of users"),
        (
            {"named_percent": 50, "only_named": True},
            "on, 50 % of those its constraints name",
            "on, 20 % of those its constraints name",
        ),
        ({"named_percent": 100, "enabled": False}, "off", "on, 20 % of users"),
    ],
)
def test_it_says_of_whom(seen: dict[str, object], before: str, after: str) -> None:
    """Of all users, or of those whom the flag's constraints name."""
    found = FlagTarget.model_validate({**SEEN.model_dump(), **seen})

    assert (before, after) == tool.describe(params(enabled=True, percent=20), found)


@pytest.mark.parametrize(("wanted", "users"), [(0, 4000), (50, 2000), (100, 2000)])
async def test_those_who_are_named_may_be_all(
    outside: Outside, wanted: int, users: int
) -> None:
    """Nobody counts them, so that the reach is never said too small."""
    found = SEEN.model_copy(update={"named_percent": 100})
    reach = await tool.estimate(
        params(enabled=True, percent=wanted), found, outside.ports
    )

    assert users == reach.amount


def test_on_for_half_is_not_so_yet_while_some_have_it_whole() -> None:
    """Those who are named have it whole: there is something to do."""
    found = SEEN.model_copy(update={"named_percent": 100})

    assert tool.already(params(enabled=True, percent=50), found) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"version": 7}, Settled.not_applied),
        ({"version": 8, "enabled": False, "rollout_percent": 0}, Settled.applied),
        ({"version": 8, "rollout_percent": 77}, Settled.unknown),
        ({"version": 9}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """The same version: nothing happened; as meant: applied; else nobody knows."""
    seen = FlagTarget.model_validate({**SEEN.model_dump(), **now})

    assert expected is tool.reconcile(params(), SEEN, seen)


async def test_verified_is_set_and_well(outside: Outside) -> None:
    """Too early while the service is ill; done once it is well."""
    outside.flags.put(enabled=False, rollout_percent=0)
    early = await tool.verify(params(), SEEN, outside.ports)
    outside.recover()
    late = await tool.verify(params(), SEEN, outside.ports)

    assert (None, True) == (early.done, late.done)
    assert f"{SERVICE}: 5xx at 0.10 %" == late.text


async def test_what_is_set_back_is_not_verified(outside: Outside) -> None:
    """However well the service is."""
    outside.recover()

    assert False is (await tool.verify(params(), SEEN, outside.ports)).done


def test_an_undo_restores_what_was_seen() -> None:
    """State and rollout alike."""
    whole = {"named_percent": 0, "only_named": False}
    former = params(enabled=True, percent=50).model_copy(update=whole)

    assert former == tool.undo(params(), SEEN)


@pytest.mark.parametrize(
    ("on", "percent", "now", "stands"),
    [
        (True, 50, {}, f"flag {FLAG} is on, 50 % of users"),
        (False, 50, {"enabled": False}, f"flag {FLAG} is off"),
        (False, 0, {"enabled": False}, f"flag {FLAG} is off"),
        (True, 49, {}, None),
        (False, 50, {}, None),
        (True, 50, {"enabled": False}, None),
    ],
)
def test_what_stands_already_is_said(
    *, on: bool, percent: int, now: dict[str, object], stands: str | None
) -> None:
    """Off is off, whatever rollout is kept."""
    assert stands == tool.already(
        params(enabled=on, percent=percent), SEEN.model_copy(update=now)
    )


@pytest.mark.parametrize(
    ("before", "now", "restores", "exact"),
    [
        ("", "", "", True),
        ("form", "changed", "", True),
        ("form", "theirs", "", False),
        ("form", "theirs", "form", True),
    ],
)
def test_what_a_change_leaves_is_known_to_the_letter(
    outside: Outside, before: str, now: str, restores: str, *, exact: bool
) -> None:
    """Where the system has more than two numbers; what restores is held by itself."""
    seen = SEEN.model_copy(update={"former": before})
    found = SEEN.model_copy(update={"former": now})
    wanted = params().model_copy(update={"former": restores})

    assert exact is tool.is_exact(wanted, seen, found, outside.ports)


FORMER = SEEN.model_copy(
    update={"rollout_percent": 10, "named_percent": 100, "former": "theirs"}
)


@pytest.mark.parametrize(
    "now",
    [
        {"rollout_percent": 5, "named_percent": 5, "former": "ours"},
        {"rollout_percent": 5, "named_percent": 5, "only_named": True, "former": "x"},
    ],
)
async def test_an_undo_says_and_counts_all_that_it_restores(
    outside: Outside, now: dict[str, object]
) -> None:
    """Those who are named too, whatever the flag says today."""
    back = tool.undo(params(), FORMER)
    today = SEEN.model_copy(update=now)
    after = tool.describe(back, today)[1]
    reach = await tool.estimate(back, today, outside.ports)

    assert "on, 10 % of users, 100 % of those its constraints name" == after
    assert 3800 == reach.amount


def test_what_is_restored_is_so_by_its_form_alone() -> None:
    """A release that counts otherwise finds it all the same."""
    back = tool.undo(params(), FORMER).model_copy(update={"rollout_percent": 100})
    now = FORMER.model_copy(update={"version": 9})
    other = now.model_copy(update={"former": "another"})

    assert Settled.applied is tool.reconcile(back, SEEN, now)
    assert Settled.unknown is tool.reconcile(back, SEEN, other)


async def test_an_undo_of_a_release_before_guesses_nothing(outside: Outside) -> None:
    """It stored no more than a rollout: the words are plain, the reach is the most."""
    back = tool.undo(params(), FORMER).model_copy(
        update={"named_percent": None, "only_named": None}
    )
    today = SEEN.model_copy(update={"rollout_percent": 5, "named_percent": 5})
    reach = await tool.estimate(back, today, outside.ports)

    assert "on, its exact former state" == tool.describe(back, today)[1]
    assert 3800 == reach.amount
