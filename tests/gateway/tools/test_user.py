"""get_user_360: the account, and what else answers."""

from dataclasses import replace

import pytest

from gateway.absent import absent_ports
from gateway.ports import Unreadable
from gateway.redaction.redact import Placeholders, redact
from gateway.registry import Occasion
from gateway.tools.user import GET_USER_360, User360, UserParams, read_user
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_society import CONTENT, USER

OCCASION = Occasion(SCOPE, 1_800_000_000.0, None, None)
PARAMS = UserParams(user_id=USER)


async def read(outside: Outside) -> User360:
    return await read_user(PARAMS, outside.ports, OCCASION)


async def test_the_whole_user_is_read(outside: Outside) -> None:
    """Account, identity, and the target that a friction takes."""
    target = f"user:{USER}"
    [friction] = outside.frictions.rows.values()
    outside.frictions.rows[target] = replace(friction, target=target)
    found = await read(outside)

    assert (USER, [CONTENT], []) == (found.user_id, found.recent_content, found.missing)
    assert found.identity
    assert (2, True) == (found.identity.sessions, found.identity.locked)
    assert found.friction
    assert target == found.friction.target


async def test_a_mail_that_would_not_show_is_not_said_to_be_none(
    outside: Outside,
) -> None:
    """Where the system keeps no record of mails."""
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], resets_shown=False)
    found = (await read(outside)).identity

    assert found
    assert (None, False) == (found.reset_sent_at, found.resets_shown)


async def test_log_ins_that_do_not_show_are_not_said_to_be_none(
    outside: Outside,
) -> None:
    """Where the system keeps no record of them."""
    rows = outside.identity.rows
    rows[USER] = replace(rows[USER], last_login_at=None, logins_shown=False)
    found = (await read(outside)).identity

    assert found
    assert (None, False) == (found.last_login_at, found.logins_shown)


async def test_what_does_not_answer_is_missing(outside: Outside) -> None:
    """The rest is told all the same."""
    ports = replace(outside.ports, identity=absent_ports().identity)
    found = await read_user(PARAMS, ports, OCCASION)

    assert (None, None) == (found.identity, found.friction)
    assert [
        "identity: no connector serves it here",
        f"frictions: user:{USER}: HTTP 404",
    ] == (found.missing)


async def test_without_account_there_is_no_user(outside: Outside) -> None:
    """Nothing is made up."""
    outside.accounts.rows.clear()

    with pytest.raises(Unreadable):
        await read(outside)


async def test_nothing_personal_leaves_the_gate(outside: Outside) -> None:
    """Each personal field's name is one that redaction knows."""
    account = outside.accounts.rows[USER]
    body = redact((await read(outside)).model_dump(mode="json"), Placeholders(b"k"))
    told = str(body)

    assert "⟨email:1⟩" == body["email"]
    for secret in (account.email, account.phone, account.display_name):
        assert secret not in told


def test_what_anybody_writes_is_tainted() -> None:
    """A handle is chosen by its owner."""
    assert {"handle", "display_name"} == GET_USER_360.tainted_fields
