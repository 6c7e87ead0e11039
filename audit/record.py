"""
One entry of a ledger: its fields, its leaf, and its link in the chain.

A leaf is SHA-256 of 0x00 and the fields as RFC 8785 JSON (so it is a leaf hash of RFC
6962); a link is SHA-256 of the link before, the sequence (8 bytes, big-endian) and the
leaf. ``docs/ledger-format.md`` says the same to strangers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

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
        return {name: getattr(self, name) for name in self.__slots__}

    def leaf(self) -> bytes:
        return leaf_hash(canonical(self.fields))


def canonical(value: object) -> bytes:
    """
    Give RFC 8785 JSON of texts, small integers and null, under names of ASCII.

    For these the standard library's writer, sorted and close, is that form, and is ten
    times as quick as the general one; ``tests/audit/test_record.py`` compares them.

    Raises:
        UnicodeEncodeError: a text holds half of a pair of surrogates.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def chain(previous: bytes, seq: int, leaf: bytes) -> bytes:
    return sha256(previous + seq.to_bytes(8, "big") + leaf).digest()
