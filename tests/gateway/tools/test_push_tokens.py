"""revoke_push_tokens: soft, counted, restored."""

import pytest

from gateway.registry import Settled
from gateway.tools import push_tokens as tool
from gateway.tools.push_tokens import PushParams, PushTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import USER

PARAMS = PushParams(user_id=USER)
SEEN = PushTarget(user_id=USER, push_tokens=3, push_revoked=False, version=7)


async def test_the_account_is_observed(outside: Outside) -> None:
    """Its tokens, and nothing personal."""
    assert SEEN == await tool.observe(PARAMS, outside.ports)


@pytest.mark.parametrize(("revoked", "amount"), [(True, 3), (False, 0)])
async def test_reach_is_the_tokens_that_change(
    outside: Outside, amount: int, *, revoked: bool
) -> None:
    """None, where they are as wanted already."""
    wanted = PushParams(user_id=USER, revoked=revoked)

    assert amount == (await tool.estimate(wanted, SEEN, outside.ports)).amount


async def test_it_is_verified_and_undone(outside: Outside) -> None:
    """Revoked tokens are kept, and given back."""
    after = await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    done = await tool.verify(PARAMS, SEEN, outside.ports)
    back = tool.undo(PARAMS, SEEN)
    restored = await tool.execute(back, after, outside.ports, order("k2"))

    assert (True, True) == (after.push_revoked, done.done)
    assert SEEN == restored.model_copy(update={"version": 7})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, Settled.not_applied),
        ({"version": 8, "push_revoked": True}, Settled.applied),
        ({"version": 8}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """By version, then by what is meant."""
    assert expected is tool.reconcile(PARAMS, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """Both ways."""
    back = PushParams(user_id=USER, revoked=False)

    assert f"Revoke the push tokens of {USER}" == tool.title(PARAMS)
    assert f"Restore the push tokens of {USER}" == tool.title(back)
    assert ("3 push tokens in use", "3 push tokens revoked") == tool.describe(
        PARAMS, SEEN
    )


@pytest.mark.parametrize(
    ("revoked", "now", "stands"),
    [
        (True, {"push_revoked": True}, f"{USER}: 3 push tokens revoked"),
        (False, {}, f"{USER}: 3 push tokens in use"),
        (True, {"push_tokens": 0}, f"{USER} has no push tokens"),
        (True, {}, None),
        (False, {"push_revoked": True}, None),
    ],
)
def test_what_stands_already_is_said(
    *, revoked: bool, now: dict[str, object], stands: str | None
) -> None:
    """Revoked ones, and none at all."""
    assert stands == tool.already(
        PushParams(user_id=USER, revoked=revoked), SEEN.model_copy(update=now)
    )
