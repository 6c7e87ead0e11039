"""A delivery's body: read and unpacked within bounds, decoded as JSON or as a form."""

import asyncio
import json
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import ClientDisconnect, Request

# What is large: ten times Alertmanager's usual largest in the field.
MOST_BYTES = 1024 * 1024
# What a proven sender may: Alertmanager puts a whole storm into one delivery.
MOST_PROVEN_BYTES = 8 * MOST_BYTES
# So much of what is too large is kept, for people to see whose it was.
_MOST_START = 4096
# Lists and objects within each other; the payloads that we know have at most nine.
MOST_NESTED = 64
# Fields of a form, or of a query; UptimeRobot sends fifteen.
MOST_FIELDS = 1000
_MOST_READ_SECONDS = 20
# A body of this type may still be JSON: curl calls it so.
FORM = "application/x-www-form-urlencoded"
_GZIP = 16 + zlib.MAX_WBITS


class Refused(Exception):
    """
    A delivery that is not taken: HTTP status, reason, and when to come again.

    ``is_told``: whoever raised it has logged it, or will not.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        retry_seconds: int | None = None,
        is_told: bool = False,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.retry_seconds = retry_seconds
        self.is_told = is_told


class TooLarge(Refused):
    """A delivery past the limit; ``start`` is what was read of it first."""

    def __init__(self, most: int, start: bytes = b"") -> None:
        text = f"a delivery has at most {most} bytes; send it in several"
        super().__init__(413, text)
        self.start = start[:_MOST_START]


class NotJson(Exception):
    """The body is no JSON that we read; the message names what is wrong."""


def _nothing() -> None:
    """Take no note of a body that is large."""


async def read_body(
    request: Request,
    *,
    most: int = MOST_BYTES,
    when_large: Callable[[], None] = _nothing,
    seconds: float = _MOST_READ_SECONDS,
) -> bytes:
    """
    Read at most so much, whatever the header says.

    ``when_large`` is called once it is over ``MOST_BYTES``, and may refuse it.

    Raises:
        TooLarge: there is more; its start was read.
        Refused: it is too slow, or the sender went away.
    """
    declared = request.headers.get("content-length", "0")
    said = int(declared[:20]) if declared.isdigit() else 0
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if max(len(body), said) > most:
                    raise TooLarge(most, bytes(body[:_MOST_START]))
                if len(body) > MOST_BYTES:
                    when_large()
    except TimeoutError as exc:
        if said > most:
            raise TooLarge(most) from exc
        late = f"the body did not come within {seconds:g} s"
        raise Refused(408, late) from exc
    except ClientDisconnect as exc:
        raise Refused(400, "the sender went away") from exc
    return bytes(body)


def unpacked(
    body: bytes,
    encoding: str,
    *,
    most: int = MOST_BYTES,
    when_large: Callable[[], None] = _nothing,
) -> bytes:
    """
    Unpack by ``Content-Encoding``: gzip, to at most so much, or nothing.

    Raises:
        TooLarge: more is in it.
        Refused: another encoding, or no gzip.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return body
    if name not in {"gzip", "x-gzip"}:
        raise Refused(
            415, f"Content-Encoding {name[:40]!r} is not read; send gzip, or none"
        )
    unpacking = zlib.decompressobj(_GZIP)
    try:
        found = unpacking.decompress(body, MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            when_large()
            found += unpacking.decompress(
                unpacking.unconsumed_tail, most + 1 - len(found)
            )
    except zlib.error as exc:
        raise Refused(400, "the body is no gzip, as its header says") from exc
    if len(found) > most:
        raise TooLarge(most, found)
    if not unpacking.eof or unpacking.unused_data:
        raise Refused(400, "the body is not one whole gzip, as its header says")
    return found


def parse_body(body: bytes, content_type: str, query: Mapping[str, str]) -> object:
    """
    Decode JSON, or a form's fields; of an empty body the fields of the query.

    Fields become an object of texts; of a name that comes twice, the last counts. One
    field alone, ``payload``, whose text is JSON, is that JSON.

    Raises:
        NotJson: it is none of these, or has more than ``MOST_FIELDS``.
    """
    if body.strip():
        fields = _fields(body) if _is_form(body, content_type) else None
    else:
        fields = dict(query)
    if not fields:
        return parse_json(body)
    if len(fields) > MOST_FIELDS:
        raise NotJson(f"more than {MOST_FIELDS} fields in the query")
    said = fields.get("payload", "").strip()
    if len(fields) == 1 and said.startswith(("{", "[")):
        return parse_json(said.encode("utf-8", "replace"))
    return fields


def readable(body: bytes, content_type: str) -> str:
    """Give a body as text, of a form with its escapes undone, for people and rules."""
    text = body.decode("utf-8", "replace")
    return unquote_plus(text) if _is_form(body, content_type) else text


def _is_form(body: bytes, content_type: str) -> bool:
    """Some senders call JSON a form: curl does, if it is not told otherwise."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == FORM and not body.lstrip().startswith((b"{", b"[", b"\xef\xbb\xbf"))


def _fields(body: bytes) -> dict[str, str]:
    """Give a form's fields; none of what has no value at all, such as a word."""
    text = body.decode("utf-8", "replace").strip()
    try:
        found = dict(
            parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        )
    except ValueError as exc:
        raise NotJson(f"a form of more than {MOST_FIELDS} fields") from exc
    return found if any(found.values()) else {}


def parse_json(body: bytes) -> object:
    """
    Decode UTF-8 and JSON; of a key that comes twice, the last counts.

    Raises:
        NotJson: it is none, or it is nested too deeply.
    """
    if not body.strip():
        raise NotJson("not JSON: the body is empty")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise NotJson("not JSON: the body is not UTF-8") from exc
    deep = f"not JSON that is read: more than {MOST_NESTED} lists or objects nested"
    try:
        value: object = json.loads(text)
    except RecursionError as exc:
        raise NotJson(deep) from exc
    except ValueError as exc:
        place = (
            f" at character {exc.pos}" if isinstance(exc, json.JSONDecodeError) else ""
        )
        raise NotJson(f"not JSON{place}") from exc
    may_be_deep = text.count("[") + text.count("{") > MOST_NESTED
    if may_be_deep and _is_nested_deeper(value, MOST_NESTED):
        raise NotJson(deep)
    return value


def _is_nested_deeper(value: object, most: int) -> bool:
    level: list[object] = [value]
    for _ in range(most):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
