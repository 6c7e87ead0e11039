"""ban_user: for hours from when the account was seen, or for ever."""

import pytest

from gateway.registry import Settled
from gateway.tools import ban as tool
from gateway.tools.ban import BanParams, BanTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import USER

NOW = 1_800_000_000.0
DAY = BanParams(user_id=USER, duration_hours=24)
FOR_EVER = BanParams(user_id=USER, duration_hours=0)
SEEN = BanTarget(
    user_id=USER,
    status="active",
    banned_until=None,
    followers=1200,
    strikes=1,
    posts_last_day=9,
    observed_at=NOW,
    version=7,
)


def banned(until: float | None) -> dict[str, object]:
    return {"status": "banned", "banned_until": until}


@pytest.fixture(autouse=True)
def standing_clock(outside: Outside) -> None:
    outside.now = lambda: NOW + 0.7


async def test_the_account_is_observed_with_its_instant(outside: Outside) -> None:
    """In whole seconds, by the gateway's clock."""
    assert SEEN == await tool.observe(DAY, outside.ports)


async def test_reach_is_one_account_and_who_follows_it(outside: Outside) -> None:
    """In words for people."""
    found = await tool.estimate(DAY, SEEN, outside.ports)

    assert (1, "accounts") == (found.amount, found.unit)
    assert "1,200 followers and 9 posts" in found.text


@pytest.mark.parametrize(("params", "until"), [(DAY, NOW + 86_400), (FOR_EVER, None)])
async def test_a_retry_bans_until_the_same_instant(
    outside: Outside, params: BanParams, until: float | None
) -> None:
    """Whenever it is sent: the instant counts from what was seen."""
    await tool.execute(params, SEEN, outside.ports, order("k"))
    outside.now = lambda: NOW + 999
    again = await tool.execute(params, SEEN, outside.ports, order("k"))
    found = await tool.verify(params, SEEN, outside.ports)

    assert ("banned", until, True) == (again.status, again.banned_until, found.done)
    assert ["k"] == outside.accounts.writes.done


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"observed_at": NOW + 5}, Settled.not_applied),
        (
            {"version": 8, "status": "banned", "banned_until": NOW + 86_400},
            Settled.applied,
        ),
        ({"version": 8, "status": "banned"}, Settled.unknown),
        ({"version": 8, "status": "suspended"}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """Banned for another time is nobody's ban of ours."""
    assert expected is tool.reconcile(DAY, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """For how long, and until when."""
    assert [f"Ban {USER} for 24 h", f"Ban {USER} for ever"] == [
        tool.title(DAY),
        tool.title(FOR_EVER),
    ]
    assert ("active", "banned until 2027-01-16 08:00 UTC") == tool.describe(DAY, SEEN)
    assert "banned for ever" == tool.describe(FOR_EVER, SEEN)[1]


@pytest.mark.parametrize("hours", [-1, 8761])
def test_a_ban_is_a_year_at_most_or_for_ever(hours: int) -> None:
    """Nothing between."""
    with pytest.raises(ValueError, match="duration_hours"):
        BanParams(user_id=USER, duration_hours=hours)


@pytest.mark.parametrize(
    ("params", "now", "stands"),
    [
        (DAY, {}, None),
        (DAY, {"status": "suspended"}, None),
        (DAY, banned(NOW + 86_400), f"{USER} is banned until 2027-01-16 08:00 UTC"),
        (
            DAY,
            banned(NOW + 86_400 - 60),
            f"{USER} is banned until 2027-01-16 07:59 UTC",
        ),
        (DAY, banned(NOW + 90_000), f"{USER} is banned until 2027-01-16 09:00 UTC"),
        (DAY, banned(NOW + 80_000), None),
        (DAY, banned(None), f"{USER} is banned for ever"),
        (FOR_EVER, banned(None), f"{USER} is banned for ever"),
        (FOR_EVER, banned(NOW + 86_400), None),
    ],
)
def test_what_stands_already_is_said(
    params: BanParams, now: dict[str, object], stands: str | None
) -> None:
    """A longer ban is a new one; a minute more is not longer."""
    assert stands == tool.already(params, SEEN.model_copy(update=now))
