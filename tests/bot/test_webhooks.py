"""Alert webhooks over HTTP: what is taken, what is refused, and never a 500."""

import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bodies import MOST_PROVEN_BYTES, NotJson
from bot.webhooks import aside
from storage.steps import Step
from tests.bot.door import BEARER, Door
from tests.bot.world import SLUG, TOKEN, Bot
from tests.conftest import Databases

ALERT = {
    "status": "firing",
    "labels": {"alertname": "HighErrors", "service": "feed", "team": "reliability"},
    "startsAt": "2026-01-02T03:04:05Z",
    "fingerprint": "abc123",
}
AUTH = {"Authorization": f"Bearer {TOKEN}"}
TEXT = st.text(max_size=20) | st.sampled_from(["\0", "\ud800", "x" * 3000, "1" * 5000])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=8,
)
HOSTILE = st.fixed_dictionaries(
    {
        "labels": st.dictionaries(TEXT, JSON, min_size=1, max_size=3),
        "startsAt": st.sampled_from(
            [
                "2026-01-02T03:04:05Z",
                "9999-12-31T23:59:59-23:00",
                "0002-01-01T00:00:00Z",
            ]
        ),
    },
    optional={
        "fingerprint": JSON,
        "annotations": st.dictionaries(TEXT, JSON, max_size=2),
        "generatorURL": TEXT.map(lambda text: f"https://{text}"),
        "status": st.sampled_from(["firing", "resolved"]),
        "endsAt": JSON,
    },
)


def delivery(*alerts: object) -> dict[str, object]:
    return {"version": "4", "alerts": list(alerts) or [ALERT]}


async def test_a_delivery_is_taken(bot: Bot) -> None:
    """202 means committed: the task is there."""
    answer = await bot.alert(delivery())

    assert 202 == answer.status_code
    assert {
        "opened": 1,
        "added": 0,
        "resolved": 0,
        "repeated": 0,
        "late": 0,
        "rejected": [],
        "ignored": [],
    } == answer.json()
    assert 1 == len(await bot.rows("SELECT id FROM tasks"))


async def test_a_repeat_is_taken_and_changes_nothing(bot: Bot) -> None:
    """Alertmanager sends again; so do we answer."""
    await bot.alert(delivery())
    answer = await bot.alert(delivery())

    assert (202, 1) == (answer.status_code, answer.json()["repeated"])
    assert 1 == len(await bot.rows("SELECT id FROM tasks"))


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff\xfe", b"[" * 50_000])
async def test_what_is_not_json_is_refused_and_kept(bot: Bot, body: bytes) -> None:
    """400 with a reason; the bytes wait in the inbox as failed."""
    answer = await bot.alert(body)

    assert 400 == answer.status_code
    assert "not JSON" in answer.json()["error"]
    assert [{"state": "failed"}] == await bot.rows("SELECT state FROM inbox")


async def test_json_of_another_shape_is_refused(bot: Bot) -> None:
    """The reason says what was expected."""
    answer = await bot.alert({"hello": 1})

    assert 400 == answer.status_code
    assert 'list "alerts"' in answer.json()["error"]


async def test_a_half_valid_delivery_keeps_the_good(bot: Bot) -> None:
    """422 names the bad one; the good one has its task, the bad one an inbox row."""
    answer = await bot.alert(delivery(ALERT, {"labels": {}}))

    assert 422 == answer.status_code
    assert [1] == [one["index"] for one in answer.json()["rejected"]]
    assert 1 == len(await bot.rows("SELECT id FROM tasks"))
    failed = await bot.rows("SELECT error FROM inbox WHERE state = 'failed'")
    assert ["an alert needs labels, a non-empty object"] == [r["error"] for r in failed]


@pytest.mark.parametrize("how", ["declared", "streamed"])
async def test_too_much_is_refused(bot: Bot, how: str) -> None:
    """413 by the header, or once the limit is passed, without reading on."""
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 65_536
            yield b" " * 65_536

    content = b" " * (MOST_PROVEN_BYTES + 1) if how == "declared" else chunks()
    async with bot.http() as client:
        answer = await client.post(
            f"/webhooks/alertmanager/{SLUG}", content=content, headers=AUTH
        )

    assert 413 == answer.status_code
    assert sent <= 2 * MOST_PROVEN_BYTES


@pytest.mark.parametrize(
    ("slug", "token"),
    [
        (SLUG, "another token"),
        (SLUG, ""),
        ("another-slug", TOKEN),
        ("%00", TOKEN),
        ("%ff", TOKEN),
        ("a" * 5000, TOKEN),
    ],
)
async def test_a_stranger_is_refused(bot: Bot, slug: str, token: str) -> None:
    """Endpoint and token must belong together; nothing is stored of the rest."""
    answer = await bot.alert(delivery(), slug=slug, token=token)

    assert 401 == answer.status_code
    assert [] == await bot.rows("SELECT id FROM inbox")


async def test_without_a_bearer_token_there_is_no_entry(bot: Bot) -> None:
    """Another scheme is none."""
    async with bot.http() as client:
        path = f"/webhooks/alertmanager/{SLUG}"
        answers = [
            await client.post(path, json=delivery(), headers=headers)
            for headers in ({}, {"Authorization": f"Basic {TOKEN}"})
        ]

    assert [401, 401] == [one.status_code for one in answers]


async def test_an_unknown_source_is_named(bot: Bot) -> None:
    """404 lists the sources that are known."""
    async with bot.http() as client:
        answer = await client.post(f"/webhooks/carrier-pigeon/{SLUG}", headers=AUTH)

    assert 404 == answer.status_code
    assert "alertmanager" in answer.json()["error"]


async def test_a_long_label_is_no_outage(bot: Bot) -> None:
    """Fingerprint and service of any length are taken: no 503 for a full index."""
    hostile = {
        **ALERT,
        "fingerprint": "f" * 9000,
        "labels": {"service": "s" * 9000, "team": "reliability"},
    }
    answer = await bot.alert(delivery(hostile))

    assert 202 == answer.status_code


@given(body=JSON)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_body_is_an_error_of_ours(bot: Bot, body: object) -> None:
    """Any JSON is refused with a reason."""
    answer = await bot.alert(json.dumps(body).encode())

    assert 400 == answer.status_code
    assert answer.json()["error"]


@given(alerts=st.lists(HOSTILE, min_size=1, max_size=3))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_alert_is_an_error_of_ours(bot: Bot, alerts: list[object]) -> None:
    """NUL, half surrogates, giant texts and numbers: taken or said to be broken."""
    answer = await bot.alert(json.dumps({"alerts": alerts}).encode())

    assert answer.status_code in {202, 422}, answer.text


async def test_deliveries_are_counted_by_source(bot: Bot) -> None:
    """The counter has the source and the status, and no token."""
    await bot.alert(delivery())
    await bot.alert(delivery(), token="wrong")  # noqa: S106 - of a test
    async with bot.http() as client:
        text = (await client.get("/metrics")).text

    assert 'deliveries_total{source="alertmanager",status="202"} 1.0' in text
    assert 'deliveries_total{source="alertmanager",status="401"} 1.0' in text
    assert TOKEN not in text


@pytest.mark.parametrize(("size", "is_apart"), [(1000, False), (100_000, True)])
async def test_what_is_large_is_read_in_a_thread(size: int, *, is_apart: bool) -> None:
    """Others are answered meanwhile; its complaints come through all the same."""
    here = threading.get_ident()

    def refuse() -> None:
        raise NotJson("no JSON")

    where = await aside(threading.get_ident, size=size)
    with pytest.raises(NotJson):
        await aside(refuse, size=size)

    assert is_apart == (where != here)


async def test_a_full_pool_is_no_absent_database(
    make_door: Callable[..., Door], database: Databases
) -> None:
    """503 says what is short; the same delivery is taken once there is room."""
    database.pool_seconds = 0.05
    door = make_door()
    await door.add("alertmanager")
    async with AsyncExitStack() as held:
        for _ in range(16):
            step = database("web").dispatch(Step.look)
            await (await held.enter_async_context(step)).rows("SELECT 1")
        refused = await door.post("alertmanager/acme", delivery(), BEARER)
    taken = await door.post("alertmanager/acme", delivery(), BEARER)

    assert (503, 202) == (refused.status_code, taken.status_code)
    assert "5" == refused.headers["Retry-After"]
    assert "connections to the database are in use" in refused.json()["error"]
