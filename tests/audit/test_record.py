"""An entry's leaf and link, spelled out without our own code."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.record import GENESIS, Record, canonical, chain

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
NUMBERS = st.integers(min_value=0, max_value=2**53 - 1)
RECORD = Record(
    id="018f3c4e-0000-7000-8000-000000000001",
    tenant="acme",
    environment="prod",
    task="018f3c4e-0000-7000-8000-000000000002",
    task_seq=1,
    event="task.created",
    actor="U0ÖPERATOR",
    at="2026-11-26T21:00:00.000000+00:00",
    body='{"title":"line\\nbreak"}',
)


def test_a_leaf_is_what_the_format_says() -> None:
    """The standard library's own JSON, sorted and close, gives the same bytes."""
    fields = RECORD.fields
    text = json.dumps(
        dict(fields), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )

    assert sha256(b"\x00" + text.encode()).digest() == RECORD.leaf()


@given(st.dictionaries(NAMES, st.none() | NUMBERS | st.text(), max_size=9))
def test_what_is_hashed_is_rfc_8785(fields: dict[str, str | int | None]) -> None:
    """The quick writer and the general one agree on whatever a record can hold."""
    assert rfc8785.dumps(dict(fields)) == canonical(fields)


@pytest.mark.parametrize("name", list(RECORD.fields))
def test_every_field_is_in_the_leaf(name: str) -> None:
    fields: dict[str, Any] = {name: 2 if name == "task_seq" else "other"}

    assert RECORD.leaf() != replace(RECORD, **fields).leaf()


def test_a_link_binds_link_place_and_leaf() -> None:
    leaf = RECORD.leaf()
    expected = sha256(GENESIS + b"\x00" * 7 + b"\x01" + leaf).digest()

    assert expected == chain(GENESIS, 1, leaf)
    assert expected != chain(GENESIS, 2, leaf)
    assert expected != chain(leaf, 1, leaf)
