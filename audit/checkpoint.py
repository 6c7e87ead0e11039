"""
Checkpoints: what a tree was, signed, in the C2SP ``tlog-checkpoint`` text form.

Four lines and a signature (``docs/ledger-format.md``)::

    ops-autopilot/acme
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    epoch 0 at 2026-11-26T21:00:00.000000+00:00

    — ops-autopilot/acme Az3grlgtzPICa5OS…

Ours have one signature, by Ed25519, under a key named as the origin. Nothing of a note
is to be believed before ``open_checkpoint`` has given it.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from audit.merkle import HASH_BYTES

_ED25519 = b"\x01"
_ID_BYTES = 4
_NAME = re.compile(r"[!-*,-~]+")
_TEXT = re.compile(
    r"(?P<origin>[!-*,-~]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/=]+)\n"
    r"epoch (?P<epoch>0|[1-9][0-9]{0,8}) at (?P<made_at>[0-9T:.+-]+)\n"
)
_SIGNATURE = re.compile(r"— (?P<name>[!-*,-~]+) (?P<signature>[A-Za-z0-9+/=]+)\n")


class BadCheckpoint(Exception):
    """A note is malformed, or no key that is trusted has signed it."""


class BadLedgerKey(Exception):
    """A setting or an argument holds no key of a ledger; the message says which."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``made_at`` is the sealer's clock, kept as the text that was signed."""

    origin: str
    size: int
    root: bytes
    epoch: int
    made_at: str

    @property
    def text(self) -> str:
        root = base64.b64encode(self.root).decode()
        return (
            f"{self.origin}\n{self.size}\n{root}\n"
            f"epoch {self.epoch} at {self.made_at}\n"
        )


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and its name: ``name+key id+base64``, as signed notes write it."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return sha256(named).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def verifies(self, signature: bytes, text: str) -> bool:
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def sign_checkpoint(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    """Give the note: the text, an empty line, and one signature."""
    key = verifier_key(checkpoint.origin, private)
    text = checkpoint.text
    signed = base64.b64encode(key.id + private.sign(text.encode())).decode()
    note = f"{text}\n— {key.name} {signed}\n"
    open_checkpoint(note, [key])
    return note


def open_checkpoint(
    note: str, keys: Sequence[VerifierKey]
) -> tuple[Checkpoint, VerifierKey]:
    """
    Give what a note says, and the key among ``keys`` that signed it.

    Raises:
        BadCheckpoint: it is malformed in any byte, or signed by none of them.
    """
    text, _, rest = note.rpartition("\n\n")
    text += "\n"
    signed = _SIGNATURE.fullmatch(rest)
    if signed is None:
        raise BadCheckpoint("the note has not one signature line")
    checkpoint = _parse(text)
    if signed["name"] != checkpoint.origin:
        raise BadCheckpoint(
            f"the key is named {signed['name']}, the log {checkpoint.origin}"
        )
    raw = _decode(signed["signature"], _ID_BYTES + 64)
    key_id, signature = raw[:_ID_BYTES], raw[_ID_BYTES:]
    for key in keys:
        if (key.name, key.id) != (signed["name"], key_id):
            continue
        if not key.verifies(signature, text):
            raise BadCheckpoint(f"the signature of {key.name} does not verify")
        return checkpoint, key
    raise BadCheckpoint(
        f"signed by key {key_id.hex()} of {signed['name']}, which is not trusted; "
        "if it was yours, add its public key to LEDGER_VERIFIER_KEYS or --key"
    )


def verifier_key(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """
    Give the public half under the name of a log.

    Raises:
        BadLedgerKey: no key may have such a name.
    """
    if _NAME.fullmatch(name) is None:
        raise BadLedgerKey(
            f"{name!r} is no name of a log: no spaces, no +; mend LEDGER_NAME"
        )
    return VerifierKey(name, private.public_key().public_bytes_raw())


def parse_verifier_key(text: str) -> VerifierKey:
    """
    Read ``name+key id+base64``.

    Raises:
        BadLedgerKey: it is no such key.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raw = b""
    key = VerifierKey(name, raw[1:])
    if raw[:1] != _ED25519 or len(key.public) != HASH_BYTES or key.id.hex() != key_id:
        raise BadLedgerKey(
            f"{text!r} is no verifier key: `autopilot audit keys` prints them as "
            "name+id+base64"
        )
    return key


def load_signing_key(pem: str) -> Ed25519PrivateKey:
    """
    Read the sealer's private key.

    Raises:
        BadLedgerKey: it is no Ed25519 key in PEM.
    """
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadLedgerKey(
            "LEDGER_SIGNING_KEY is no Ed25519 key in PEM: "
            "set it from `autopilot keys new`, line breaks included"
        )
    return key


def public_of(pem: str) -> bytes:
    """
    Give the public half of a signing key, 32 bytes.

    Raises:
        BadLedgerKey: it is no Ed25519 key in PEM.
    """
    return load_signing_key(pem).public_key().public_bytes_raw()


def _parse(text: str) -> Checkpoint:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise BadCheckpoint(
            "the note is no checkpoint: origin, size, root, epoch, time"
        )
    made_at = found["made_at"]
    try:
        instant = datetime.fromisoformat(made_at)
    except ValueError:
        instant = None
    if instant is None or instant.isoformat(timespec="microseconds") != made_at:
        raise BadCheckpoint(f"{made_at!r} is no instant")
    if instant.tzinfo is None:
        raise BadCheckpoint(f"{made_at} has no time zone")
    root = _decode(found["root"], HASH_BYTES)
    return Checkpoint(
        found["origin"], int(found["size"]), root, int(found["epoch"]), made_at
    )


def _decode(text: str, length: int) -> bytes:
    """Read base64 of so many bytes; what says the same otherwise is refused."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != length or base64.b64encode(raw).decode() != text:
        raise BadCheckpoint(f"expected {length} bytes in base64")
    return raw
