"""
EdDSA tokens: the worker signs, the gateway verifies.

A run's token is bound to task, fence, scope, agent version and tool list; it is a hint
only, since fence and state are checked in the database at each call. A control token
says that the caller is the worker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from policy.scope import Scope

RUNNER = "autopilot-runner"
CONTROL = "autopilot-control"
_ALGORITHM = "EdDSA"
_CONTROL_SECONDS = 60


class BadToken(Exception):
    """The token is missing, foreign, altered or over."""


@dataclass(frozen=True, slots=True)
class RunClaims:
    """What a run may do: one task, one fence, these tools, in this sandbox."""

    scope: Scope
    task_id: UUID
    run_id: UUID
    fence: int
    agent: str
    agent_version: int
    tools: tuple[str, ...]
    sandbox: str


class BadKey(Exception):
    """A setting holds no Ed25519 key; the message names it and its mend."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"{setting} is no Ed25519 key in PEM: "
            "set it from `autopilot keys new`, line breaks included"
        )


class Signer:
    """
    Holds the private key: the worker's alone.

    Raises:
        BadKey: ``private_pem`` is none.
    """

    def __init__(self, private_pem: str) -> None:
        try:
            key = serialization.load_pem_private_key(private_pem.encode(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
            raise BadKey("TOKEN_PRIVATE_KEY") from exc
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey("TOKEN_PRIVATE_KEY")
        self._key = key

    def sign_run(self, claims: RunClaims, *, now: datetime, seconds: int) -> str:
        return jwt.encode(
            {
                "aud": RUNNER,
                "iat": now,
                "exp": now + timedelta(seconds=seconds),
                "ten": claims.scope.tenant_id,
                "env": claims.scope.environment,
                "sub": str(claims.task_id),
                "run": str(claims.run_id),
                "fen": claims.fence,
                "agt": claims.agent,
                "ver": claims.agent_version,
                "tls": list(claims.tools),
                "sbx": claims.sandbox,
            },
            self._key,
            algorithm=_ALGORITHM,
        )

    def sign_control(self, *, now: datetime) -> str:
        return jwt.encode(
            {
                "aud": CONTROL,
                "iat": now,
                "exp": now + timedelta(seconds=_CONTROL_SECONDS),
            },
            self._key,
            algorithm=_ALGORITHM,
        )


class Verifier:
    """
    Holds the public key.

    Raises:
        BadKey: ``public_pem`` is none.
    """

    def __init__(self, public_pem: str) -> None:
        try:
            key = serialization.load_pem_public_key(public_pem.encode())
        except (ValueError, UnsupportedAlgorithm) as exc:
            raise BadKey("TOKEN_PUBLIC_KEY") from exc
        if not isinstance(key, Ed25519PublicKey):
            raise BadKey("TOKEN_PUBLIC_KEY")
        self._key = key

    def verify_run(self, token: str) -> RunClaims:
        """
        Read a run's token.

        Raises:
            BadToken: foreign, altered, over, or of another kind.
        """
        claims = self._decode(token, RUNNER, ["sub", "run", "fen", "tls"])
        try:
            return RunClaims(
                scope=Scope(str(claims["ten"]), str(claims["env"])),
                task_id=UUID(claims["sub"]),
                run_id=UUID(claims["run"]),
                fence=int(claims["fen"]),
                agent=str(claims["agt"]),
                agent_version=int(claims["ver"]),
                tools=tuple(str(one) for one in claims["tls"]),
                sandbox=str(claims["sbx"]),
            )
        except (KeyError, ValueError, TypeError) as exc:
            raise BadToken("the token lacks a claim") from exc

    def verify_control(self, token: str) -> None:
        """
        Check that the caller is the worker.

        Raises:
            BadToken: it is not.
        """
        self._decode(token, CONTROL, [])

    def _decode(self, token: str, audience: str, needed: list[str]):  # type: ignore[no-untyped-def] # noqa: ANN202 - claims are JSON
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=audience,
                options={"require": ["exp", "iat", "aud", *needed]},
                leeway=5,
            )
        except jwt.PyJWTError as exc:
            raise BadToken(f"the token is refused: {exc}") from exc


def new_key_pair() -> tuple[str, str]:
    """Make an Ed25519 key pair: (private PEM, public PEM)."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
