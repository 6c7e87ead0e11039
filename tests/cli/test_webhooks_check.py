"""The doctor's look at endpoints: what would answer 503, what is left half done."""

from datetime import datetime, timedelta
from uuid import NAMESPACE_OID

import pytest
from cryptography.fernet import Fernet

from bot.sealing import seal
from cli.webhooks_check import judge
from policy.scope import Scope
from storage.endpoints import Credentials, KnownEndpoint
from tests.bot.alerts.samples import NOW

KEY = Fernet.generate_key().decode()
SEALED = Credentials(sealed_secrets=(seal("secret", KEY),))


def known(
    held: Credentials | None = None, rotated_at: datetime | None = None
) -> KnownEndpoint:
    held = held or Credentials(("digest",))
    return KnownEndpoint(
        Scope("acme", "prod"), NAMESPACE_OID, "sentry", "acme", held, NOW, rotated_at
    )


def test_what_can_prove_its_senders_is_well() -> None:
    """Without secrets no key is needed."""
    found = judge([known()], None, NOW), judge([known(), known(SEALED)], KEY, NOW)

    assert [(True, "1 endpoints"), (True, "2 endpoints")] == [
        (one.ok, one.text) for one in found
    ]


@pytest.mark.parametrize(
    ("key", "words"),
    [(None, "is not set"), (Fernet.generate_key().decode(), "does not open")],
    ids=["none", "another"],
)
def test_a_secret_that_does_not_open_fails(key: str | None, words: str) -> None:
    found = judge([known(SEALED), known()], key, NOW)

    assert (False, True) == (found.ok, words in found.text)
    assert found.text.startswith("acme has a secret that WEBHOOK_KEY")


@pytest.mark.parametrize(("days", "ok"), [(7, True), (8, None)])
def test_a_rotation_does_not_last_for_ever(days: int, ok: bool | None) -> None:  # noqa: FBT001 - a table's column
    """An old token that nobody dropped is told after a week, and fails nothing."""
    found = judge([known(rotated_at=NOW - timedelta(days=days))], None, NOW)

    assert ok is found.ok
    assert ok or "rotate SLUG --finish" in found.mend
