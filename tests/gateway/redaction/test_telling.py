"""What a key tells of its value, where it can."""

import pytest

from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.span import Kind
from gateway.redaction.telling import is_named, may_tell


@pytest.mark.parametrize(
    ("kind", "value", "key", "expected"),
    [
        (Kind.SECRET, "x", "token", True),
        (Kind.SECRET, "12", "pass", False),
        (Kind.SECRET, "", "token", False),
        (Kind.NAME, "Zoe", "first_name", True),
        (Kind.NAME, "svc-deploy", "person_name", False),
        (Kind.NAME, "n/a", "first_name", False),
        (Kind.ADDRESS, "healthy", "region_address_line", False),
        (Kind.PHONE, "5550199", "phone", True),
        (Kind.PHONE, "ios", "mobile", False),
    ],
)
def test_a_key_decides_where_it_may(
    kind: Kind,
    value: str,
    key: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert expected is is_named(kind, value, key)


def test_a_text_may_tell() -> None:
    assert may_tell('{"phone": 1}')
    assert not may_tell('{"level": "info"}')


@pytest.mark.parametrize(
    "text",
    [
        '{"smtpPass": "hunter2x9"}',
        "smtpPass=hunter2x9",
        '{"dbPass": 12345678}',
        "userDob=1980-02-03",
        '{"telNo": "5550199"}',
        '{"userOtp": "hunter2x9"}',
        '{"customerCpf": "A12345678"}',
        '{"zip_code": "90210-1234"}',
        '{"customer": {"first": "Zebulon", "last": "Quux"}}',
        '{"shipping": {"city": "Zebulon", "apartment": "9 Zeb"}}',
        '{"log": "{\\"users\\": [{\\"first\\": \\"Zebulon\\"}]}"}',
    ],
)
def test_what_the_walk_knows_is_walked(text: str) -> None:
    assert "⟨" in redact_text(text, Placeholders(key=b"k"))
