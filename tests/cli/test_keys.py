"""Fresh keys: usable, unlike any other, and printed so that a shell reads them."""

import json
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from cli.clock import utc_now
from cli.keys import new_keys
from cli.supervisor import KNOWN
from gateway.tokens import BadToken, Signer, Verifier
from tests.cli.world import Autopilot

_PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def token(keys: dict[str, str]) -> str:
    return Signer(keys["TOKEN_PRIVATE_KEY"]).sign_control(now=utc_now())


def test_the_gateways_key_verifies_what_the_workers_signs() -> None:
    keys = new_keys()

    Verifier(keys["TOKEN_PUBLIC_KEY"]).verify_control(token(keys))


def test_another_deployments_token_is_refused() -> None:
    """No key is built in."""
    with pytest.raises(BadToken):
        Verifier(new_keys()["TOKEN_PUBLIC_KEY"]).verify_control(token(new_keys()))


def test_every_key_is_new_and_its_own() -> None:
    """The ledger is not signed with the key that signs tokens."""
    first, second = new_keys(), new_keys()

    assert 16 == len({*first.values(), *second.values()})


def test_the_vaults_key_seals() -> None:
    vault = Fernet(new_keys()["VAULT_KEY"])

    assert b"x" == vault.decrypt(vault.encrypt(b"x"))


def test_every_key_is_a_setting_of_a_process() -> None:
    """A name that no process knows would be a key that nobody gets."""
    known = {name for names in KNOWN.values() for name in names}

    assert {"WEBHOOK_TOKEN"} == set(new_keys()) - known


def test_a_shell_reads_the_lines_back(autopilot: Autopilot) -> None:
    """A PEM's line breaks survive ``eval``."""
    said = autopilot("keys", "new")
    script = f"{said.out}\nexec {sys.executable} -c '{_PRINT_ENVIRONMENT}'"
    read = json.loads(subprocess.check_output(["sh", "-c", script], text=True))

    assert new_keys().keys() <= read.keys()
    Verifier(read["TOKEN_PUBLIC_KEY"]).verify_control(token(read))


def test_as_json_they_are_one_document(autopilot: Autopilot) -> None:
    said = autopilot("keys", "new", "--json")

    assert isinstance(said.document, dict)
    assert (0, "") == (said.code, said.err)
    assert new_keys().keys() == said.document.keys()
