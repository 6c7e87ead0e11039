"""
Who decides: the person whom Slack's signature names, or one who signed it themselves.

Theory of operation. A decision made in a terminal bears a person's Ed25519 signature
over what is decided: proposal, digest, verdict, reason, and when. The public key stands
in ``people.yaml``, so that no process between the person and the gateway can make such
a signature. A click has none: the web process has checked Slack's, and is trusted.
The digest binds it to what was shown; a repeat of the same decision changes nothing.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import datetime
from typing import TypeVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from policy.people import People
from policy.person import Person
from storage.canonical import canonical
from wire.control import Decision

# What is settled later was signed for another hour.
MOST_OLD_SECONDS = 3600.0
_MOST_AHEAD_SECONDS = 60.0
_VERDICTS = frozenset({"approve", "reject"})
_NOT_SIGNED = (
    "That signature is not of this person's key in people.yaml, or older than an hour; "
    "nothing was changed."
)
_NOT_KNOWN = (
    "You are not in this team's people.yaml, so your click changes nothing. Ask an "
    "owner of Ops Autopilot to add you."
)
_NO_KEY = "that file holds no Ed25519 key: make one with `autopilot keys person`"
_FIELDS = (
    "proposal_id",
    "digest",
    "person",
    "verdict",
    "reason_code",
    "comment",
    "new_plan",
    "signed_at",
)
Given = TypeVar("Given", bound=Decision)


class NoKey(Exception):
    """The file holds no Ed25519 key; the message says how to make one."""


def identify(people: People, request: Decision, *, now: datetime) -> Person | None:
    """Give the person who decides; None for a stranger and for a false signature."""
    if not request.signature:
        return people.find_by_slack(request.slack_user)
    person = people.find(request.person)
    age = now.timestamp() - request.signed_at
    if (
        person is None
        or not person.key
        or request.verdict not in _VERDICTS
        or not -_MOST_AHEAD_SECONDS <= age <= MOST_OLD_SECONDS
    ):
        return None
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(person.key))
        key.verify(b64decode(request.signature, validate=True), _signed(request))
    except (InvalidSignature, NotBase64, ValueError):
        return None
    return person


def refuse(request: Decision) -> tuple[str, str]:
    """Give code and text for whom nobody is known to be."""
    if request.signature:
        return "bad_signature", _NOT_SIGNED
    return "unknown_person", _NOT_KNOWN


def actor_of(request: Decision) -> str:
    """Name who asked, as the ledger tells it."""
    return f"terminal {request.person}" if request.signature else request.slack_user


def sign(private_pem: str, request: Given) -> Given:
    """
    Give the request with the signature of its person.

    Raises:
        NoKey: ``private_pem`` is no Ed25519 key.
    """
    signature = _load(private_pem).sign(_signed(request))
    return request.model_copy(update={"signature": b64encode(signature).decode()})


def new_person_key() -> tuple[str, str]:
    """Make a private key in PEM and the public one as ``people.yaml`` takes it."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    raw = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return pem.decode(), b64encode(raw).decode()


def _load(private_pem: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(private_pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise NoKey(_NO_KEY) from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(_NO_KEY)
    return key


def _signed(request: Decision) -> bytes:
    body = request.model_dump(include=set(_FIELDS))
    return canonical({"ops-autopilot": "decision 1", **body}).encode()
