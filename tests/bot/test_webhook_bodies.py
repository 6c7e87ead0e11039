"""
Bad bodies over HTTP: each has its answer, and none is an error of ours.

What ``bot.bodies`` refuses is tried there; here is what comes through to the parsers,
the database and the answer.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts.sources import SOURCES
from bot.bodies import MOST_BYTES
from tests.bot.alerts import samples
from tests.bot.door import BEARER, TOKEN, Door, by_token
from tests.conftest import Scopes

PATH = "alertmanager/acme"
DOWN = {
    "monitorID": "777",
    "monitorFriendlyName": "Site",
    "alertType": "1",
    "alertDetails": "HTTP 500 & more",
}
WORDS = ("opened", "added", "resolved", "repeated", "late")
HEADERS = [
    "Authorization",
    "X-Webhook-Token",
    "Content-Encoding",
    "Content-Type",
    "Sentry-Hook-Signature",
]
TEXT = st.text(max_size=20) | st.sampled_from(
    ["\0", "\ud800", "x" * 3000, "SubscriptionConfirmation", "firing", "1e400"]
)
NAMES = st.sampled_from(
    ["Type", "alerts", "incident", "event", "data", "id", "title", "status", "alert"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)


def alert(**changes: object) -> dict[str, object]:
    return {
        "status": "firing",
        "labels": {"alertname": "HighErrors", "service": "feed"},
        "startsAt": "2026-01-02T03:04:05Z",
        "fingerprint": "abc123",
        **changes,
    }


def delivery(*alerts: Mapping[str, object]) -> bytes:
    return json.dumps({"version": "4", "alerts": alerts or [alert()]}).encode()


@pytest.fixture
async def here(door: Door) -> Door:
    await door.add("alertmanager")
    return door


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b'{"alerts": ["\xff"]}', "not UTF-8"),
        (b'{"alerts": ' + b"[" * 200 + b"]" * 200 + b"}", "64 lists or objects nested"),
        (b'{"alerts": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "nested"),
        (b'{"alerts": [}', "not JSON at character 12"),
        (b'{"alerts": [], "alerts": 7}', 'list "alerts"'),
    ],
    ids=["empty", "no utf-8", "deep", "very deep", "no json", "a key twice"],
)
async def test_a_bad_body_is_named_and_kept(
    here: Door, body: bytes, words: str
) -> None:
    answer = await here.post(PATH, body, BEARER)

    assert (400, True) == (answer.status_code, words in answer.json()["error"])
    [kept] = await here.rows("SELECT state, error FROM inbox")
    assert ("failed", True) == (kept["state"], words in kept["error"])


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "nonsense"]
)
async def test_a_wrong_content_type_is_taken(here: Door, kind: str) -> None:
    """Senders send what they like; what counts is the body."""
    headers = {**BEARER, "Content-Type": kind}

    assert 202 == (await here.post(PATH, delivery(), headers)).status_code


async def test_gzip_is_taken(here: Door) -> None:
    headers = {**BEARER, "Content-Encoding": "gzip"}
    answer = await here.post(PATH, gzip.compress(delivery()), headers)

    assert (202, 1) == (answer.status_code, answer.json()["opened"])


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("br", delivery(), 415),
        ("gzip", delivery(), 400),
        ("gzip", gzip.compress(b" " * (20 * MOST_BYTES)), 413),
    ],
    ids=["brotli", "no gzip", "a bomb"],
)
async def test_what_can_not_be_unpacked_is_refused(
    here: Door, encoding: str, body: bytes, status: int
) -> None:
    answer = await here.post(PATH, body, {**BEARER, "Content-Encoding": encoding})

    assert (status, True) == (answer.status_code, bool(answer.json()["error"]))


async def test_chunks_are_taken(here: Door) -> None:
    """A body without a length."""

    async def chunks() -> AsyncIterator[bytes]:
        for byte in delivery():
            yield bytes([byte])

    transport = httpx.ASGITransport(here.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        answer = await client.post(
            f"/webhooks/{PATH}", content=chunks(), headers=BEARER
        )

    assert 202 == answer.status_code


@pytest.mark.parametrize(
    "odd",
    [
        alert(labels={f"label_{n}": f"value {n}" for n in range(10_000)}),
        alert(annotations={"summary": "x" * 1_000_000}),
        alert(annotations={"summary": "ann@example.org " * 60_000}),
        alert(startsAt="0001-01-01T00:00:00Z"),
        alert(startsAt="9999-12-31T23:59:59Z"),
        alert(startsAt=1_767_323_045),
        alert(startsAt=1_767_323_045_000),
        alert(startsAt=None),
        alert(annotations={"deep": json.loads("[" * 40 + "]" * 40)}),
    ],
    ids=[
        "10,000 labels",
        "a title of 1 MB",
        "a title of addresses",
        "year 1",
        "year 9999",
        "seconds",
        "milliseconds",
        "no instant",
        "a deep annotation",
    ],
)
async def test_what_is_odd_is_taken_whole_or_said_to_be_broken(
    here: Door, odd: dict[str, object]
) -> None:
    """In a few seconds at most; its good neighbour has its task in any case."""
    began = monotonic()
    good = alert(fingerprint="good", labels={"alertname": "Good"})
    answer = await here.post(PATH, delivery(odd, good), BEARER)

    assert answer.status_code in {202, 422}, answer.text
    assert answer.json()["opened"] + len(answer.json()["rejected"]) == 2
    assert monotonic() - began < 10


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_an_endpoint_is_posted_to(here: Door, method: str) -> None:
    """405 says so; a token in the path changes nothing."""
    for path in (PATH, f"{PATH}/token", "nothing/nowhere"):
        answer = await here.send(method, path, b"")

        assert (405, "POST") == (answer.status_code, answer.headers["allow"])
        assert method == "HEAD" or "POST" in answer.json()["error"]


async def test_the_same_delivery_in_parallel_opens_one_task(here: Door) -> None:
    """Each is answered 202: the sender is done with it."""
    async with asyncio.TaskGroup() as group:
        posts = [
            group.create_task(here.post(PATH, delivery(), BEARER)) for _ in range(8)
        ]
    answers = [post.result() for post in posts]

    assert {202} == {one.status_code for one in answers}
    assert (1, 7) == tuple(
        sum(one.json()[name] for one in answers) for name in ("opened", "repeated")
    )
    assert 1 == len(await here.rows("SELECT id FROM tasks"))


async def test_two_tenants_with_one_fingerprint_have_a_task_each(
    here: Door, scopes: Scopes
) -> None:
    """Neither sees the other's; a resolved one ends its own alone."""
    ours = here.scope
    here.scope = await scopes("globex", "prod")
    await here.add("alertmanager", by_token("theirs"), slug="globex")
    theirs = {"Authorization": "Bearer theirs"}
    opened = [
        (await here.post(path, delivery(), headers)).json()["opened"]
        for path, headers in ((PATH, BEARER), ("alertmanager/globex", theirs))
    ]
    crossed = await here.post("alertmanager/globex", delivery(), BEARER)
    over = delivery(alert(status="resolved", endsAt="2026-01-02T04:00:00Z"))
    await here.post("alertmanager/globex", over, theirs)
    query = "SELECT tenant_id, status FROM alerts"
    seen = {"globex": await here.rows(query)}
    here.scope = ours
    seen["acme"] = await here.rows(query)

    assert ([1, 1], 401) == (opened, crossed.status_code)
    assert {
        "globex": [{"tenant_id": "globex", "status": "resolved"}],
        "acme": [{"tenant_id": "acme", "status": "firing"}],
    } == seen


@pytest.mark.parametrize(
    ("source", "fires", "ends"),
    [
        ("sentry", samples.issue("unresolved"), samples.issue("resolved")),
        (
            "zendesk",
            {"ticket": {"id": 7, "status": "open", "created_at": samples.BEGAN}},
            {"ticket": {"id": 7, "status": "solved", "created_at": samples.BEGAN}},
        ),
    ],
)
async def test_what_is_reopened_by_hand_fires_and_ends_each_time(
    door: Door, source: str, fires: samples.Json, ends: samples.Json
) -> None:
    """Its payloads are the same each time: they are no repeats, and not late."""
    await door.add(source)
    words = []
    for body in (fires, ends, fires, ends, fires, ends):
        answer = (await door.post(f"{source}/acme/{TOKEN}", body)).json()
        words += [name for name in WORDS if answer[name]]
        door.database.clock.move(seconds=60)

    assert ["opened", "resolved", *["added", "resolved"] * 2] == words


async def test_what_tells_nothing_is_taken_and_said(door: Door) -> None:
    """A ping opens nothing; refused, the vendor would switch the webhook off."""
    await door.add("pagerduty")
    ping = {"event": {"event_type": "pagey.ping", "data": {}}}
    answer = await door.post("pagerduty/acme", ping, BEARER)
    [ignored] = answer.json()["ignored"]

    assert (202, 0, 0) == (
        answer.status_code,
        answer.json()["opened"],
        ignored["index"],
    )
    assert ignored["reason"]
    assert [] == await door.rows("SELECT id FROM inbox")


async def test_a_mixed_delivery_says_of_each(door: Door) -> None:
    """Taken, broken and ignored ones side by side."""
    await door.add("pagerduty")
    firing = samples.message_v2("incident.trigger", "triggered")
    noted = samples.message_v2("incident.annotate", "triggered")
    answer = await door.post(
        "pagerduty/acme", {"messages": [noted, firing, {"event": 7}]}, BEARER
    )
    said = answer.json()

    assert (422, 1) == (answer.status_code, said["opened"])
    assert ([0], 1) == ([o["index"] for o in said["ignored"]], len(said["rejected"]))


@given(source=st.sampled_from(sorted(SOURCES)), body=JSON)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_body_of_any_source_is_an_error_of_ours(
    door: Door, source: str, body: object
) -> None:
    """Whoever may deliver sends anything: it is taken, or has its reason."""
    slug = f"{source}-{uuid4().hex[:8]}"
    await door.add(source, slug=slug)
    answer = await door.post(f"{source}/{slug}", body, BEARER)

    assert answer.status_code in {202, 400, 422}, answer.text


@given(
    path=st.text(max_size=80),
    headers=st.dictionaries(
        st.sampled_from(HEADERS),
        st.text(
            st.characters(codec="latin-1", categories=["L", "N", "P"]), max_size=40
        ),
    ),
    body=st.binary(max_size=50),
)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_stranger_is_an_error_of_ours(
    here: Door, path: str, headers: dict[str, str], body: bytes
) -> None:
    """Any path, any header, any body: refused, and nothing is stored."""
    here.clock[0] += 1
    quoted = quote(path, safe="")
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    answers = [
        await here.post(f"{source}/{slug}", body, sent)
        for source, slug in (
            ("alertmanager", "acme"),
            ("sentry", quoted),
            (quoted, "a"),
        )
    ]

    assert {one.status_code for one in answers} <= {307, 401, 404}
    assert [] == await here.rows("SELECT id FROM inbox")


@pytest.mark.parametrize(
    ("query", "body"),
    [("", urlencode(DOWN).encode()), (f"?{urlencode(DOWN)}&key={TOKEN}", b"")],
    ids=["form", "query"],
)
async def test_fields_are_taken_as_json_is(door: Door, query: str, body: bytes) -> None:
    """UptimeRobot's way; the token is stored nowhere."""
    await door.add("uptimerobot")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await door.post(f"uptimerobot/acme/{TOKEN}{query}", body, headers)
    [row] = await door.rows("SELECT title, labels, annotations FROM alerts")

    assert (202, 1, "Site") == (
        answer.status_code,
        answer.json()["opened"],
        row["title"],
    )
    assert TOKEN not in str(row)


async def test_an_address_in_a_form_that_is_not_read_is_hidden(here: Door) -> None:
    """Its escapes do not hide it from redaction."""
    headers = {**BEARER, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await here.post(PATH, b"by=ann.canary%40example.org", headers)
    [row] = await here.rows("SELECT payload FROM inbox")

    assert 400 == answer.status_code
    assert "ann.canary" not in str(row["payload"])


@pytest.mark.parametrize("count", [1_767_323_045, 1_767_323_045_000])
async def test_an_instant_may_be_a_count(here: Door, count: int) -> None:
    answer = await here.post(PATH, delivery(alert(startsAt=count)), BEARER)

    assert (202, 1) == (answer.status_code, answer.json()["opened"])
