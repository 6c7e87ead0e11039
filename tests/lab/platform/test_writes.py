from lab.json_object import JsonObject
from lab.platform.writes import Request, WriteLog

CURRENT: JsonObject = {"version": 3}


def written() -> JsonObject:
    return {"version": 4}


def never() -> JsonObject:
    raise AssertionError


def request(if_match: str | None = "3", key: str | None = "k", on: int = 1) -> Request:
    return Request("/platform/flags/x", {"on": on}, if_match, key)


def test_a_retry_is_answered_even_when_the_version_moved_on() -> None:
    """The key is looked at before the version."""
    log = WriteLog()
    first = log.accept(request(), CURRENT, written, now=0)
    retry = log.accept(request(), {"version": 4}, never, now=1)

    assert (200, first.body) == (retry.status, retry.body)
    assert [1] == [write["replays"] for write in log.listed()]


def test_a_refused_write_does_not_use_its_key_up() -> None:
    """After a 412 the same key may carry the corrected condition."""
    log = WriteLog()
    refused = log.accept(request(if_match="2"), CURRENT, never, now=0)
    accepted = log.accept(request(if_match="3"), CURRENT, written, now=1)

    assert (412, 200) == (refused.status, accepted.status)


def test_a_key_with_another_body_is_a_conflict() -> None:
    """One key, one write."""
    log = WriteLog()
    log.accept(request(), CURRENT, written, now=0)

    assert 409 == log.accept(request(on=2), CURRENT, never, now=1).status


def test_the_log_survives_its_json() -> None:
    """A restored log still knows its keys."""
    log, again = WriteLog(), WriteLog()
    log.accept(request(), CURRENT, written, now=0)
    again.restore(log.listed())

    assert 200 == again.accept(request(), CURRENT, never, now=1).status
