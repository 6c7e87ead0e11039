"""
One entry of a ledger: its fields, its leaf, and its link in the chain.

A leaf is SHA-256 of 0x00 and the fields as RFC 8785 JSON (so it is a leaf hash of RFC
6962); a link is SHA-256 of the link before, the sequence (8 bytes, big-endian) and the
leaf. ``docs/ledger-format.md`` says the same to strangers.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

import rfc8785

from audit.merkle import leaf_hash

GENESIS = bytes(32)
Fields = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it is hashed: ``at`` and ``body`` are the very text."""

    id: str
    tenant: str
    environment: str
    task: str | None
    task_seq: int | None
    event: str
    actor: str
    at: str
    body: str

    @property
    def fields(self) -> Fields:
        return asdict(self)

    def leaf(self) -> bytes:
        return leaf_hash(rfc8785.dumps(dict(self.fields)))


def chain(previous: bytes, seq: int, leaf: bytes) -> bytes:
    return sha256(previous + seq.to_bytes(8, "big") + leaf).digest()
