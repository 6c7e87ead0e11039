"""Evidence and words where a secret may stand."""

import pytest

from gateway.redaction.evidence import (
    is_evidence,
    is_no_password,
    is_uuid,
    looks_random,
)
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact, redact_text

UUID = "123e4567-e89b-12d3-a456-426614174000"
SEARCH = "scheduler__admin__search__feed_at_1767323045_7"
EVIDENCE = (
    "2024-01-02T03:04:05Z",
    "20240102T030405Z",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "arn:aws:sts::123456789012:assumed-role/x/i-0abc123def4567890",
    "v1.31.2-gke.100+b1d4086ab12",
    "web-7d9f8b6c5d-x2k4j",
    "sha256:" + "a1" * 32,
    SEARCH,
    "scheduler__admin_c2VhcmNo__RMD5f1a8b2c3d4e5f6a7_at_1767323045_123",
    "1767323045.123_A1B2C3D4-E5F6-A1B2-C3D4-E5F6A1B2C3D4",
)
WORDS = ("kafka-consumer-12", "oracle19c-prod", "KafkaConsumer12", "app1-db2-us-east1")


def clean(text: str) -> str:
    return redact_text(text, Placeholders(key=b"k"))


@pytest.mark.parametrize("value", EVIDENCE)
@pytest.mark.parametrize("form", ["session={}", "sid: {}", '{{"csrf":"{}"}}'])
def test_evidence_under_a_faint_key_stays(value: str, form: str) -> None:
    assert is_evidence(value)
    assert is_no_password(value)
    assert form.format(value) == clean(form.format(value))


@pytest.mark.parametrize("value", WORDS)
@pytest.mark.parametrize("form", ["session={}", "sid: {}", '{{"csrf":"{}"}}'])
def test_names_of_things_are_no_session(value: str, form: str) -> None:
    assert not looks_random(value)
    assert form.format(value) == clean(form.format(value))


@pytest.mark.parametrize(
    "text",
    [
        "session={}",
        "session_id={} ok",
        "sessionId: {}",
        '{{"session":{{"id":"{}"}}}}',
        '{{"user_session":{{"id":"{}"}}}}',
    ],
)
def test_what_is_random_is_a_session(text: str) -> None:
    for value in (
        "0af7651916cd43dd8448eb211c80319c",
        "k3J9xQ2vB7nM4tR8",
        "5o8k2ld0f3bqk1vhs7",
    ):
        assert looks_random(value)
        assert value not in clean(text.format(value))


def test_a_uuid_is_a_token_but_not_where_ids_are_listed() -> None:
    assert is_uuid(UUID)
    assert UUID not in clean(f"csrf={UUID}")
    assert UUID in clean(f"session_id={UUID}")
    assert UUID in clean('{"sessions":[{"id":"' + UUID + '"}]}')


def test_a_splunk_search_keeps_its_id_and_its_link() -> None:
    body = {"sid": SEARCH, "link": f"http://splunk/app/search/@go?sid={SEARCH}"}

    assert body == redact(body, Placeholders(key=b"k"))
