"""``autopilot keys new``: fresh keys, printed as settings."""

import json
import secrets
import shlex

from cryptography.fernet import Fernet

from gateway.tokens import new_key_pair


def new_keys() -> dict[str, str]:
    """Make every key that a deployment needs; Ed25519 in PEM, the vault's as Fernet."""
    token_private, token_public = new_key_pair()
    ledger_private, _ = new_key_pair()
    return {
        "TOKEN_PRIVATE_KEY": token_private,
        "TOKEN_PUBLIC_KEY": token_public,
        "LEDGER_SIGNING_KEY": ledger_private,
        "VAULT_KEY": Fernet.generate_key().decode(),
        "PSEUDONYM_KEY": secrets.token_urlsafe(32),
        "REVEAL_KEY": Fernet.generate_key().decode(),
        "WEBHOOK_KEY": Fernet.generate_key().decode(),
        "WEBHOOK_TOKEN": secrets.token_urlsafe(32),
    }


def print_keys(*, as_json: bool) -> int:
    """Print fresh keys, ready for a shell or as JSON."""
    keys = new_keys()
    if as_json:
        print(json.dumps(keys, indent=2))
    else:
        for name, value in keys.items():
            print(f"export {name}={shlex.quote(value)}")
    return 0
