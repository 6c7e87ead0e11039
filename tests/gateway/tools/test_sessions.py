"""revoke_sessions: counted, and gone."""

from dataclasses import replace

import pytest

from gateway.registry import Settled
from gateway.tools import sessions as tool
from gateway.tools.sessions import SessionParams, SessionTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import USER

PARAMS = SessionParams(user_id=USER)
SEEN = SessionTarget(user_id=USER, sessions=2, version=7, session_ids=("s1", "s2"))
COUNTED = SEEN.model_copy(update={"session_ids": None})


async def test_open_sessions_are_counted(outside: Outside) -> None:
    """They are what ends."""
    found = await tool.estimate(
        PARAMS, await tool.observe(PARAMS, outside.ports), outside.ports
    )

    assert (2, "sessions") == (found.amount, found.unit)


@pytest.mark.parametrize(
    ("now", "done", "said"),
    [
        ((), True, "0 of 2 sessions left, 0 begun since"),
        (("s3",), True, "0 of 2 sessions left, 1 begun since"),
        (("s2",), None, "1 of 2 sessions left, 0 begun since"),
        (("s2", "s3"), None, "1 of 2 sessions left, 1 begun since"),
    ],
)
async def test_verified_when_none_of_them_is_left(
    outside: Outside, now: tuple[str, ...], *, done: bool | None, said: str
) -> None:
    """Who logs in again meanwhile takes nothing from it."""
    await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], sessions=len(now), session_ids=now)
    found = await tool.verify(PARAMS, SEEN, outside.ports)

    assert done is found.done
    assert said in found.text


@pytest.mark.parametrize(("left", "done"), [(0, True), (1, None), (2, None)])
@pytest.mark.parametrize("before", [SEEN, COUNTED])
async def test_a_count_alone_tells_no_old_session_from_a_new_one(
    outside: Outside, before: SessionTarget, left: int, *, done: bool | None
) -> None:
    """Then it stays open."""
    await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], sessions=left, session_ids=None)

    assert done is (await tool.verify(PARAMS, before, outside.ports)).done


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, Settled.not_applied),
        ({"version": 8, "sessions": 0, "session_ids": ()}, Settled.applied),
        ({"version": 8, "sessions": 1, "session_ids": ("s3",)}, Settled.applied),
        ({"version": 8, "sessions": 1, "session_ids": ("s1",)}, Settled.unknown),
        ({"version": 8, "sessions": 0, "session_ids": None}, Settled.applied),
        ({"version": 8, "sessions": 1, "session_ids": None}, Settled.unknown),
        ({"version": 8}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """Another write of the same identity is not ours."""
    assert expected is tool.reconcile(PARAMS, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """In one line, and before and after."""
    assert f"Log {USER} out everywhere" == tool.title(PARAMS)
    assert ("2 open sessions", "0 open sessions") == tool.describe(PARAMS, SEEN)


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ({}, None),
        ({"sessions": 0, "session_ids": ()}, f"{USER} has no open session"),
    ],
)
def test_what_stands_already_is_said(
    now: dict[str, object], stands: str | None
) -> None:
    """Where nobody is logged in nobody is logged out."""
    assert stands == tool.already(PARAMS, SEEN.model_copy(update=now))
