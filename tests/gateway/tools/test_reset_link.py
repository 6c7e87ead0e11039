"""send_reset_link: a newer mail than the last."""

from dataclasses import replace

import pytest

from gateway.ports import Refused
from gateway.registry import Settled
from gateway.tools import reset_link as tool
from gateway.tools.reset_link import ResetParams, ResetTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import USER

PARAMS = ResetParams(user_id=USER)
SEEN = ResetTarget(
    user_id=USER,
    locked=True,
    failed_logins_last_hour=14,
    reset_sent_at=None,
    version=7,
)


async def test_one_person_gets_a_mail(outside: Outside) -> None:
    """And the card says when the last one went out, and what fails."""
    found = await tool.estimate(
        PARAMS, await tool.observe(PARAMS, outside.ports), outside.ports
    )

    assert (1, "people") == (found.amount, found.unit)
    assert "the last one never; 14 log-ins failed" in found.text


@pytest.mark.parametrize(
    ("locked", "way_in"), [(True, "still locked out"), (False, "able to log in")]
)
async def test_verified_when_a_newer_mail_is_out(
    outside: Outside, way_in: str, *, locked: bool
) -> None:
    """The person has yet to open it: how that stands is told."""
    early = await tool.verify(PARAMS, SEEN, outside.ports)
    await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], locked=locked)
    late = await tool.verify(PARAMS, SEEN, outside.ports)

    assert (False, True) == (early.done, late.done)
    assert way_in in late.text


async def test_a_mail_that_would_not_show_is_not_proposed(outside: Outside) -> None:
    """Nobody could tell afterwards: the message names the switch."""
    blind = SEEN.model_copy(update={"resets_shown": False})

    with pytest.raises(Refused, match=r"switch on its record .*admin events"):
        await tool.estimate(PARAMS, blind, outside.ports)


async def test_a_mail_that_does_not_show_is_not_said_to_have_failed(
    outside: Outside,
) -> None:
    """The record was switched off meanwhile."""
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], resets_shown=False)

    assert (await tool.verify(PARAMS, SEEN, outside.ports)).done is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, Settled.not_applied),
        ({"resets_shown": False}, Settled.unknown),
        ({"resets_shown": False, "version": 8}, Settled.unknown),
        ({"version": 8, "reset_sent_at": 60.0}, Settled.applied),
        ({"version": 8}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """By version, then by the newer mail."""
    assert expected is tool.reconcile(PARAMS, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """In one line, and before and after."""
    assert f"Send {USER} a reset link" == tool.title(PARAMS)
    assert ("last reset mail: never", "a new reset mail") == tool.describe(PARAMS, SEEN)


async def test_failures_that_were_not_counted_to_the_end_are_told_so(
    outside: Outside,
) -> None:
    """A hundred and three hundred are no different to who counts to a hundred."""
    rows = outside.identity.rows
    rows[USER] = replace(
        rows[USER], failed_logins_last_hour=100, failed_logins_capped=True
    )
    seen = await tool.observe(PARAMS, outside.ports)
    found = await tool.estimate(PARAMS, seen, outside.ports)

    assert "; at least 100 log-ins failed in the last hour" in found.text


async def test_failures_that_nobody_keeps_are_told_as_such(outside: Outside) -> None:
    """Neither as 0 on the card, nor as a measure."""
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], failed_logins_last_hour=None)
    seen = await tool.observe(PARAMS, outside.ports)
    found = await tool.estimate(PARAMS, seen, outside.ports)
    checked = await tool.verify(PARAMS, seen, outside.ports)

    assert "nobody keeps the log-ins that failed" in found.text
    assert {} == checked.measures
