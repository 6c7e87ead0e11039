"""Settings of the ledger's processes: the public half needs no private one."""

import base64

import pytest
from pydantic import ValidationError

from audit.checkpoint import public_of
from cli.keys import new_keys
from orchestrator.settings import LedgerSettings, SealerSettings

URL = {"DATABASE_URL_SEALER": "postgresql://x"}
KEYS = [bytes([number]) * 32 for number in (1, 2)]


def test_who_verifies_holds_public_keys_alone() -> None:
    encoded = ",".join(base64.b64encode(one).decode() for one in KEYS)
    settings = LedgerSettings.model_validate({**URL, "LEDGER_VERIFIER_KEYS": encoded})

    assert tuple(KEYS) == settings.trusted
    assert () == LedgerSettings.model_validate(URL).trusted


def test_who_signs_trusts_its_own_key_first() -> None:
    pem = new_keys()["LEDGER_SIGNING_KEY"]
    encoded = base64.b64encode(KEYS[0]).decode()
    settings = SealerSettings.model_validate(
        {**URL, "LEDGER_SIGNING_KEY": pem, "LEDGER_VERIFIER_KEYS": encoded}
    )

    assert (public_of(pem), KEYS[0]) == settings.trusted


def test_the_sealer_does_not_start_without_its_key() -> None:
    with pytest.raises(ValidationError, match="LEDGER_SIGNING_KEY"):
        SealerSettings.model_validate(URL)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_a_name_that_no_note_can_carry_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="LEDGER_NAME"):
        LedgerSettings.model_validate({**URL, "LEDGER_NAME": name})
