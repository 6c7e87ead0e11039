"""Secrets at rest: opened by any of the keys, sealed with the first."""

import pytest
from cryptography.fernet import Fernet

from bot.sealing import NotOpened, open_sealed, reseal, seal

NEW, OLD = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_sealed_opens_and_does_not_show() -> None:
    sealed = seal("of-pagerduty", NEW)

    assert "of-pagerduty" not in sealed
    assert ("of-pagerduty",) == open_sealed([sealed], NEW)


def test_the_first_key_seals_and_each_opens() -> None:
    """So one key replaces another without a secret being lost."""
    before, after = seal("a", OLD), seal("b", f"{NEW},{OLD}")

    assert ("a", "b") == open_sealed([before, after], f"{NEW},{OLD}")
    assert ("b",) == open_sealed([before, after], NEW)


@pytest.mark.parametrize("keys", [None, "", NEW], ids=["none", "empty", "another"])
def test_without_its_key_a_secret_stays_shut(keys: str | None) -> None:
    """The error names the setting."""
    with pytest.raises(NotOpened, match="WEBHOOK_KEY"):
        open_sealed([seal("a", OLD), "no seal at all"], keys)


def test_what_any_key_sealed_is_sealed_with_the_first() -> None:
    """What the first sealed stays as it is, and the order too."""
    before, done = seal("a", OLD), seal("b", NEW)
    first, second = reseal([before, done], f"{NEW},{OLD}")

    assert ("a", "b") == open_sealed([first, second], NEW)
    assert done == second


def test_one_that_no_key_opens_is_sealed_anew_by_none() -> None:
    with pytest.raises(NotOpened, match="WEBHOOK_KEY"):
        reseal([seal("a", NEW), seal("b", OLD)], NEW)
