"""Bodies: bounded before they are read, unpacked and decoded; each refusal is named."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message

from bot.bodies import (
    MOST_BYTES,
    MOST_FIELDS,
    MOST_NESTED,
    MOST_PROVEN_BYTES,
    NotJson,
    Refused,
    TooLarge,
    parse_body,
    parse_json,
    read_body,
    readable,
    unpacked,
)

BODY = b'{"alerts": []}'
FORM = "application/x-www-form-urlencoded"


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def request(messages: Iterable[Message], length: str | None = None) -> Request:
    """Make a request whose sender says these, and then nothing more."""
    said = iter(messages)

    async def receive() -> Message:
        for message in said:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    headers = [] if length is None else [(b"content-length", length.encode())]
    return Request({"type": "http", "headers": headers}, receive)


def chunk(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_is_read_whole() -> None:
    said = [chunk(b"ab"), chunk(b""), chunk(b"c", more=False)]

    assert b"abc" == await read_body(request(said))


@pytest.mark.parametrize(
    ("said", "length", "status"),
    [
        ([chunk(b"")], str(MOST_BYTES + 1), 413),
        ([], str(MOST_BYTES + 1), 413),
        ([], "9" * 5000, 413),
        ([chunk(b" " * MOST_BYTES), chunk(b" ")], None, 413),
        ([chunk(b" " * MOST_BYTES), chunk(b" ")], "1", 413),
        ([chunk(b"a")], "2", 408),
        ([], None, 408),
        ([chunk(b"a"), {"type": "http.disconnect"}], "2", 400),
    ],
    ids=[
        "said",
        "said, and silent",
        "absurd",
        "unsaid",
        "a lie",
        "slow",
        "silent",
        "gone",
    ],
)
async def test_what_is_too_large_or_too_slow_is_refused(
    said: list[Message], length: str | None, status: int
) -> None:
    """Whatever its header says."""
    with pytest.raises(Refused) as caught:
        await read_body(request(said, length), seconds=0.05)

    assert status == caught.value.status


async def test_a_proven_sender_may_send_more() -> None:
    """It is noted once it is large; past its own limit the start is given."""
    noted: list[int] = []
    body = [chunk(b"a" * MOST_BYTES), chunk(b"b"), chunk(b"c", more=False)]
    found = await read_body(
        request(body), most=2 * MOST_BYTES, when_large=lambda: noted.append(1)
    )
    with pytest.raises(TooLarge) as caught:
        await read_body(request(body), most=MOST_BYTES + 1)

    assert (MOST_BYTES + 2, {1}) == (len(found), set(noted))
    assert b"a" * 4096 == caught.value.start


def test_gzip_may_hold_more_of_a_proven_sender() -> None:
    """As much as unpacked, and noted."""
    noted: list[int] = []
    large = b"x" * (3 * MOST_BYTES)
    found = unpacked(
        gzip.compress(large),
        "gzip",
        most=MOST_PROVEN_BYTES,
        when_large=lambda: noted.append(1),
    )

    assert (large, [1]) == (found, noted)


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_what_is_not_packed_stays_as_it_is(encoding: str) -> None:
    assert BODY == unpacked(BODY, encoding)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_is_unpacked(encoding: str) -> None:
    assert BODY == unpacked(gzip.compress(BODY), encoding)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "x" * 500])
def test_another_encoding_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(Refused, match=encoding[:40]) as caught:
        unpacked(zlib.compress(BODY), encoding)

    assert 415 == caught.value.status


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 100 * MOST_BYTES])
def test_a_bomb_is_refused_without_being_unpacked(size: int) -> None:
    """What it would become is bounded as what is sent is."""
    with pytest.raises(Refused) as caught:
        unpacked(gzip.compress(b" " * size), "gzip")

    assert 413 == caught.value.status


@pytest.mark.parametrize(
    "body",
    [BODY, b"", gzip.compress(BODY)[:-4], gzip.compress(BODY) + b"x"],
    ids=["plain", "empty", "cut", "more behind it"],
)
def test_what_is_no_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="gzip") as caught:
        unpacked(body, "gzip")

    assert 400 == caught.value.status


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b"\xff", "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b"{", "not JSON at character 1"),
        (b"[" + b"1" * 5000 + b"]", "not JSON"),
        (nested(MOST_NESTED + 1), "nested"),
        (b"[" * 100_000, "not JSON"),
        (nested(100_000), "nested"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_wrong_is_named(body: bytes, words: str) -> None:
    with pytest.raises(NotJson, match=words):
        parse_json(body)


@pytest.mark.parametrize(
    "value",
    [json.loads(nested(MOST_NESTED)), ["["] * 500, [{}] * 500, {"a": [[1]] * 99}],
    ids=["deep", "brackets in texts", "many", "many lists"],
)
def test_what_is_wide_is_not_deep(value: object) -> None:
    """Only what stands within each other counts."""
    assert value == parse_json(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'["\\ud83d"]', ["\ud83d"]),
    ],
    ids=["byte order mark", "a key twice: the last", "half of a character"],
)
def test_what_is_odd_is_taken(body: bytes, value: object) -> None:
    assert value == parse_json(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (
            b"monitorID=777&alertDetails=HTTP+500%21",
            {"monitorID": "777", "alertDetails": "HTTP 500!"},
        ),
        (b"a=1&a=2&b=&", {"a": "2", "b": ""}),
        (b"a=%E4", {"a": "\N{REPLACEMENT CHARACTER}"}),
        (b"payload=%7B%22a%22%3A+1%7D", {"a": 1}),
        (b"payload=words", {"payload": "words"}),
        (b"payload=%7B%7D&b=1", {"payload": "{}", "b": "1"}),
        (BODY, {"alerts": []}),
        (b"\xef\xbb\xbf[1]", [1]),
    ],
)
def test_a_forms_fields_are_an_object(body: bytes, value: object) -> None:
    """But JSON that is called a form is JSON."""
    assert value == parse_body(body, f"{FORM}; charset=utf-8", {})


def test_a_query_speaks_for_an_empty_body_alone() -> None:
    assert {"a": "1"} == parse_body(b" ", "", {"a": "1"})
    assert {"a": 2} == parse_body(b'{"a": 2}', "", {"a": "1"})
    assert {"b": "3"} == parse_body(b"b=3", FORM, {"a": "1"})
    assert [1] == parse_body(b"", "", {"payload": "[1]"})


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", FORM, "the body is empty"),
        (b"a=1", "", "not JSON at character 0"),
        (b"word", FORM, "not JSON at character 0"),
        (b"payload=%7B", FORM, "not JSON at character 1"),
        (b"payload=" + nested(MOST_NESTED + 1), FORM, "nested"),
        (b"a=1&" * (MOST_FIELDS + 1), FORM, "more than 1000 fields"),
    ],
    ids=["empty", "not called one", "a word", "half", "deep", "many"],
)
def test_what_is_no_form_is_named(body: bytes, kind: str, words: str) -> None:
    with pytest.raises(NotJson, match=words):
        parse_body(body, kind, {})


def test_a_query_has_its_bound_too() -> None:
    fields = {str(number): "" for number in range(MOST_FIELDS + 1)}
    with pytest.raises(NotJson, match="fields in the query"):
        parse_body(b"", "", fields)


def test_a_form_is_readable_without_its_escapes() -> None:
    """Redaction would miss an address that is written with them."""
    assert "by=ada@example.org" == readable(b"by=ada%40example.org", FORM)
    assert "by=ada%40example.org" == readable(b"by=ada%40example.org", "")
