"""resolve_appeal: verified by what it brought back."""

from dataclasses import replace

import pytest

from gateway.registry import Settled
from gateway.tools import appeal as tool
from gateway.tools.appeal import AppealParams, AppealTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import APPEAL, CONTENT, USER

UPHOLD = AppealParams(appeal_id=APPEAL, resolution="upheld")
OVERTURN = AppealParams(appeal_id=APPEAL, resolution="overturned")
SEEN = AppealTarget(
    appeal_id=APPEAL,
    user_id=USER,
    action="ban",
    subject_id=USER,
    status="open",
    version=7,
)


async def test_an_appeal_is_observed_without_its_words(outside: Outside) -> None:
    """A statement is anybody's."""
    assert SEEN == await tool.observe(UPHOLD, outside.ports)
    assert 1 == (await tool.estimate(UPHOLD, SEEN, outside.ports)).amount


async def test_upheld_is_done_at_once(outside: Outside) -> None:
    """Nothing else has to change; before it was not resolved."""
    early = await tool.verify(UPHOLD, SEEN, outside.ports)
    await tool.execute(UPHOLD, SEEN, outside.ports, order("k"))
    late = await tool.verify(UPHOLD, SEEN, outside.ports)

    assert (False, True) == (early.done, late.done)


@pytest.mark.parametrize(("status", "done"), [("banned", None), ("active", True)])
async def test_an_overturned_ban_is_over(
    outside: Outside, status: str, *, done: bool | None
) -> None:
    """Verified by the account, and not by the appeal alone."""
    await tool.execute(OVERTURN, SEEN, outside.ports, order("k"))
    rows = outside.accounts.rows
    rows[USER] = replace(rows[USER], status=status)

    assert done is (await tool.verify(OVERTURN, SEEN, outside.ports)).done


@pytest.mark.parametrize(("status", "done"), [("removed", None), ("visible", True)])
async def test_an_overturned_removal_is_back(
    outside: Outside, status: str, *, done: bool | None
) -> None:
    """Verified by the content."""
    appeals, contents = outside.appeals.rows, outside.contents.rows
    appeals[APPEAL] = replace(
        appeals[APPEAL], action="removal", subject_id=CONTENT, status="overturned"
    )
    contents[CONTENT] = replace(contents[CONTENT], status=status)

    assert done is (await tool.verify(OVERTURN, SEEN, outside.ports)).done


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, Settled.not_applied),
        ({"version": 8, "status": "overturned"}, Settled.applied),
        ({"version": 8, "status": "upheld"}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """By version, then by the resolution."""
    assert expected is tool.reconcile(OVERTURN, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """In one line, and before and after."""
    assert f"Overturn what appeal {APPEAL} is against" == tool.title(OVERTURN)
    assert f"Uphold what appeal {APPEAL} is against" == tool.title(UPHOLD)
    assert ("open", "upheld") == tool.describe(UPHOLD, SEEN)


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ({}, None),
        ({"status": "upheld"}, f"appeal {APPEAL} is upheld"),
        ({"status": "overturned"}, f"appeal {APPEAL} is overturned"),
    ],
)
def test_what_stands_already_is_said(
    now: dict[str, object], stands: str | None
) -> None:
    """An appeal is answered once, whichever way."""
    assert stands == tool.already(OVERTURN, SEEN.model_copy(update=now))
