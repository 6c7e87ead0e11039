"""The gateway's settings: a key that is none stops the start."""

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from gateway.settings import GatewaySettings, connector_secrets

GIVEN = {
    "DATABASE_URL_GATEWAY": "postgresql://x@127.0.0.1/x",
    "GATEWAY_SOCKET_FOLDER": "gateway",
    "TOKEN_PUBLIC_KEY": "x",
    "PSEUDONYM_KEY": "pseudonyms-of-the-tests",
    "REVEAL_KEY": Fernet.generate_key().decode(),
    "PLATFORM_URL": "http://platform",
    "PROMETHEUS_URL": "http://prometheus",
}


def test_a_fernet_key_is_taken() -> None:
    """As it stands."""
    key = Fernet.generate_key().decode()

    assert key == GatewaySettings.model_validate({**GIVEN, "VAULT_KEY": key}).vault_key


@pytest.mark.parametrize("key", ["", "short", "ß" * 44])
def test_another_key_is_refused_with_its_mend(key: str) -> None:
    """Before the first value would be put into the vault."""
    with pytest.raises(ValidationError, match="`autopilot keys new` makes one"):
        GatewaySettings.model_validate({**GIVEN, "VAULT_KEY": key})


def test_connectors_may_read_their_own_variables_alone() -> None:
    """Not the vault's key beside them."""
    given = {"CONNECTOR_A": "a", "VAULT_KEY": "v", "CONNECTORS_FILE": "f"}

    assert {"CONNECTOR_A": "a"} == connector_secrets(given)
