"""Tokens: what a foreign, altered, late or misused one is worth."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.tokens import (
    RUNNER,
    BadKey,
    BadToken,
    RunClaims,
    Signer,
    Verifier,
    new_key_pair,
)
from policy.scope import Scope

PRIVATE, PUBLIC = new_key_pair()
SIGNER, VERIFIER = Signer(PRIVATE), Verifier(PUBLIC)


def now() -> datetime:
    """The verifier reads the real clock."""
    return datetime.fromtimestamp(int(time.time()), UTC)


def claims() -> RunClaims:
    return RunClaims(
        scope=Scope("acme", "prod"),
        task_id=uuid4(),
        run_id=uuid4(),
        fence=3,
        agent="reliability-triage",
        agent_version=1,
        tools=("trace_lookup",),
        sandbox="bubblewrap",
    )


def without(*names: str) -> str:
    """Sign a run's token that lacks some claims."""
    whole = jwt.decode(
        SIGNER.sign_run(claims(), now=now(), seconds=60),
        options={"verify_signature": False},
    )
    kept = {name: value for name, value in whole.items() if name not in names}
    key = load_pem_private_key(PRIVATE.encode(), password=None)
    return jwt.encode(kept, key, algorithm="EdDSA")  # type: ignore[arg-type]


def test_a_runs_token_says_what_was_signed() -> None:
    """Scope, task, run, fence, agent, tools and sandbox come back unchanged."""
    signed = claims()

    assert signed == VERIFIER.verify_run(SIGNER.sign_run(signed, now=now(), seconds=60))


def test_a_foreign_token_is_refused() -> None:
    """Another pair's signature is worth nothing."""
    foreign = Signer(new_key_pair()[0]).sign_run(claims(), now=now(), seconds=60)

    with pytest.raises(BadToken):
        VERIFIER.verify_run(foreign)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_an_altered_token_is_refused(part: int) -> None:
    """One changed character in head, claims or signature is enough."""
    parts = SIGNER.sign_run(claims(), now=now(), seconds=60).split(".")
    middle = len(parts[part]) // 2
    swapped = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + swapped + parts[part][middle + 1 :]

    with pytest.raises(BadToken):
        VERIFIER.verify_run(".".join(parts))


def test_an_expired_token_is_refused() -> None:
    """Past its time and five seconds of leeway, a token is over."""
    late = SIGNER.sign_run(claims(), now=now() - timedelta(seconds=90), seconds=60)

    with pytest.raises(BadToken, match="expired"):
        VERIFIER.verify_run(late)


def test_an_unsigned_token_is_refused() -> None:
    """``alg: none`` is no signature."""
    bare = jwt.encode({"aud": RUNNER, "iat": now(), "exp": now()}, "", algorithm="none")

    with pytest.raises(BadToken):
        VERIFIER.verify_run(bare)


def test_a_symmetric_token_is_refused() -> None:
    """The public key is no shared secret: HS256 under it is refused."""
    forged = jwt.encode(
        {"aud": RUNNER, "iat": now(), "exp": now() + timedelta(seconds=60)},
        "0" * 32,
        algorithm="HS256",
    )

    with pytest.raises(BadToken):
        VERIFIER.verify_run(forged)


@pytest.mark.parametrize(
    "name",
    [
        "aud",
        "iat",
        "exp",
        "ten",
        "env",
        "sub",
        "run",
        "fen",
        "agt",
        "ver",
        "tls",
        "sbx",
    ],
)
def test_a_token_without_a_claim_is_refused(name: str) -> None:
    """Every claim is needed."""
    with pytest.raises(BadToken):
        VERIFIER.verify_run(without(name))


def test_a_control_token_runs_nothing() -> None:
    """The worker's token is no run's: the audience differs."""
    with pytest.raises(BadToken):
        VERIFIER.verify_run(SIGNER.sign_control(now=now()))


def test_a_runs_token_controls_nothing() -> None:
    """A run's token is not the worker's."""
    with pytest.raises(BadToken):
        VERIFIER.verify_control(SIGNER.sign_run(claims(), now=now(), seconds=60))


def test_a_control_token_lives_a_minute() -> None:
    """What was signed 66 seconds ago is over."""
    VERIFIER.verify_control(SIGNER.sign_control(now=now()))

    with pytest.raises(BadToken):
        VERIFIER.verify_control(SIGNER.sign_control(now=now() - timedelta(seconds=66)))


def test_keys_are_not_confused() -> None:
    """A signer takes no public key, and a verifier no private one."""
    with pytest.raises(BadKey, match="autopilot keys new"):
        Signer(PUBLIC)
    with pytest.raises(BadKey, match="autopilot keys new"):
        Verifier(PRIVATE)
