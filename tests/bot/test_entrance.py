"""Who gets in: by token, signature or topic; strangers alike, and never for long."""

import json
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.endpoints import KEPT_SECONDS
from bot.entrance import said_slug
from bot.web import Rules, create_app
from cli.clock import utc_now
from storage.database import Database, connect
from storage.endpoints import Credentials
from tests.bot.alerts import samples
from tests.bot.amazon import TOPIC
from tests.bot.conftest import settings
from tests.bot.door import (
    BEARER,
    SECRET,
    SIGNERS,
    TOKEN,
    Door,
    Headers,
    by_secret,
    by_token,
)
from tests.bot.workspace import slack_at

MakeDoor = Callable[..., Door]
BODIES: dict[str, object] = {
    "grafana": samples.grafana("firing"),
    "pagerduty": samples.page("triggered"),
    "sentry": samples.issue("created"),
    "zendesk": samples.ticket("created", "new"),
}
SNS: Headers = {"x-amz-sns-message-type": "Notification"}
BY_TOPIC = Credentials(topics=(TOPIC,))


@pytest.fixture
async def nowhere(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a database whose server does not run."""
    made = connect(f"postgresql://web@/autopilot?host={tmp_path}", utc_now)
    yield made
    await made.close()


def signed(door: Door, source: str, body: bytes, secret: str = SECRET) -> Headers:
    return SIGNERS[source](body, door.database.clock.now, secret)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("datadog/acme", BEARER),
        ("datadog/acme", {"X-Webhook-Token": TOKEN}),
        (f"datadog/acme/{TOKEN}", {}),
        (f"datadog/acme/{TOKEN}", {"Authorization": "Bearer of-another-system"}),
    ],
    ids=["bearer", "header", "path", "path beside another"],
)
async def test_a_token_opens_its_endpoint(
    door: Door, path: str, headers: Headers
) -> None:
    await door.add("datadog")
    answer = await door.post(path, samples.datadog("Triggered"), headers)

    assert 202 == answer.status_code, answer.text


@pytest.mark.parametrize("source", SIGNERS)
async def test_a_signature_is_required_once_there_is_a_secret(
    door: Door, source: str
) -> None:
    """By either of two secrets; a token neither suffices nor is needed."""
    await door.add(source, by_secret("old", SECRET))
    body = json.dumps(BODIES[source]).encode()
    secrets = (SECRET, "old", "of nobody")
    answers = [
        await door.post(f"{source}/acme", body, signed(door, source, body, one))
        for one in secrets
    ]
    by_token = await door.post(f"{source}/acme/{TOKEN}", body, BEARER)

    assert [202, 202, 401] == [one.status_code for one in answers], answers[0].text
    assert 401 == by_token.status_code


@pytest.mark.parametrize("source", SIGNERS)
async def test_a_vendors_endpoint_without_a_secret_takes_its_token(
    door: Door, source: str
) -> None:
    """PagerDuty's v2, Sentry's old plugin; a signature that comes with it is idle."""
    await door.add(source)
    body = json.dumps(BODIES[source]).encode()
    headers = {**BEARER, **signed(door, source, body, "of nobody")}

    assert 202 == (await door.post(f"{source}/acme", body, headers)).status_code


async def test_strangers_are_answered_alike(door: Door) -> None:
    """Unknown endpoint, another source, wrong token, bad signature, no topic's."""
    await door.add("datadog", slug="token")
    await door.add("sentry", by_secret(), slug="secret")
    await door.add("cloudwatch", BY_TOPIC, slug="topic")
    body = b'{"hello": 1}'
    answers = [
        await door.post("datadog/token", body, {"Authorization": "Bearer no"}),
        await door.post("datadog/token", body),
        await door.post("datadog/nobody", body, BEARER),
        await door.post("grafana/token", body, BEARER),
        await door.post("sentry/secret", body, signed(door, "sentry", body, "no")),
        await door.post("sentry/secret", body, BEARER),
        await door.post("sentry/nobody", body, signed(door, "sentry", body)),
        await door.post("cloudwatch/topic", body, SNS),
        await door.post("cloudwatch/topic", body, BEARER),
    ]

    assert {401} == {one.status_code for one in answers}
    assert 1 == len({one.text for one in answers})
    assert 1 == len({tuple(one.headers) for one in answers})
    assert [] == await door.rows("SELECT id FROM inbox")


async def test_a_stranger_is_logged_once_and_never_the_token(door: Door) -> None:
    """Not even one that stands where a slug or a source should."""
    await door.add("datadog")
    with capture_logs() as logs:
        await door.post("datadog/acme/of-a-stranger", {}, {"X-Webhook-Token": "secret"})
        await door.post("datadog/Wr0ngPl4ceForAToken", {})
        await door.post("Wr0ngPl4ceForAToken/acme", {})
    lines = [(one["event"], one["slug"], one["status"]) for one in logs]

    assert [
        ("webhook.refused", "acme", 401),
        ("webhook.refused", "no slug", 401),
        ("webhook.refused", "acme", 404),
    ] == lines
    assert "of-a-stranger" not in str(logs)
    assert "secret" not in str(logs)
    assert "Wr0ng" not in str(logs)


async def test_a_token_that_was_added_opens_at_once(door: Door) -> None:
    """Before anybody is refused, the database is asked."""
    await door.add("datadog", by_token("old"))
    old, new = (
        {"Authorization": "Bearer old"},
        {"Authorization": "Bearer new"},
    )
    event = samples.datadog("Triggered")
    before = [await door.post("datadog/acme", event, one) for one in (old, new)]
    await door.rotate(by_token("new"))
    after = [await door.post("datadog/acme", event, one) for one in (old, new)]

    assert [202, 401, 202, 202] == [one.status_code for one in (*before, *after)]


async def test_a_token_that_was_revoked_is_refused_in_time(door: Door) -> None:
    await door.add("datadog")
    event = samples.datadog("Triggered")
    await door.post("datadog/acme", event, BEARER)
    await door.remove()
    door.clock[0] += KEPT_SECONDS

    assert 401 == (await door.post("datadog/acme", event, BEARER)).status_code


async def test_a_slug_that_changed_hands_is_its_new_owners(door: Door) -> None:
    """At once, although the old row is still kept."""
    await door.add("datadog")
    event = samples.datadog("Triggered")
    await door.post("datadog/acme", event, BEARER)
    await door.remove()
    await door.add("datadog", by_token("new"))
    answer = await door.post("datadog/acme", event, {"Authorization": "Bearer new"})

    assert 202 == answer.status_code


@pytest.mark.parametrize(
    "key", [None, Fernet.generate_key().decode()], ids=["none", "another"]
)
async def test_without_the_key_a_signed_endpoint_waits(
    make_door: MakeDoor, key: str | None
) -> None:
    """503, so that nothing is lost; the log names the setting."""
    door = make_door(WEBHOOK_KEY=key)
    await door.add("sentry", by_secret())
    body = json.dumps(BODIES["sentry"]).encode()
    with capture_logs() as logs:
        answer = await door.post("sentry/acme", body, signed(door, "sentry", body))

    assert (503, "30") == (answer.status_code, answer.headers["retry-after"])
    assert "WEBHOOK_KEY" in str(logs)
    assert ["error"] == [one["log_level"] for one in logs]


async def test_one_secret_of_another_key_stops_no_other(
    make_door: MakeDoor,
) -> None:
    """It is told, and the one that opens is enough."""
    door = make_door()
    lost = by_secret("old", key=Fernet.generate_key().decode())
    both = Credentials((), (*lost.sealed_secrets, *by_secret().sealed_secrets))
    await door.add("sentry", both)
    body = json.dumps(BODIES["sentry"]).encode()
    with capture_logs() as logs:
        answer = await door.post("sentry/acme", body, signed(door, "sentry", body))

    assert 202 == answer.status_code
    assert ["webhook.secret_not_opened"] == [one["event"] for one in logs]


async def test_a_flood_of_strangers_stops_no_endpoint(make_door: MakeDoor) -> None:
    """They get 429 before any look-up; who proves itself waits for nobody."""
    door = make_door(WEBHOOK_STRANGERS_PER_SECOND=1, WEBHOOK_BURST_STRANGERS=3)
    await door.add("datadog")
    event = samples.datadog("Triggered")
    await door.post("datadog/acme", event, BEARER)
    with capture_logs() as logs:
        flood = [await door.post(f"datadog/x{one}", {}, BEARER) for one in range(6)]
        flood += [await door.post("datadog/acme", event) for _ in range(3)]
    door.clock[0] += KEPT_SECONDS
    after = await door.post("datadog/acme", event, BEARER)

    assert [401] * 3 + [429] * 6 == [one.status_code for one in flood]
    assert "1" == flood[-1].headers["retry-after"]
    assert ["webhook.refused"] * 3 + ["webhook.strangers_flood"] == [
        one["event"] for one in logs
    ]
    assert 202 == after.status_code


async def test_a_strangers_body_is_not_read_for_a_token(door: Door) -> None:
    """What can be told by headers is told by them."""
    await door.add("datadog")
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(16):
            sent += 1
            yield b" " * 65_536

    transport = httpx.ASGITransport(door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        answer = await client.post("/webhooks/datadog/acme", content=chunks())

    assert (401, 0) == (answer.status_code, sent)


async def test_each_endpoint_has_a_rate(make_door: MakeDoor) -> None:
    """Over it 429 with whole seconds; the next endpoint is another one's."""
    door = make_door(WEBHOOK_DELIVERIES_PER_SECOND=0.5, WEBHOOK_BURST_DELIVERIES=2)
    await door.add("datadog")
    await door.add("datadog", slug="other")
    event = samples.datadog("Triggered")
    with capture_logs() as logs:
        answers = [await door.post("datadog/acme", event, BEARER) for _ in range(4)]
    other = await door.post("datadog/other", event, BEARER)
    door.clock[0] += 2
    later = await door.post("datadog/acme", event, BEARER)

    assert [202, 202, 429, 429] == [one.status_code for one in answers]
    assert "2" == answers[-1].headers["retry-after"]
    assert [("webhook.over_rate", "acme")] == [(o["event"], o["slug"]) for o in logs]
    assert (202, 202) == (other.status_code, later.status_code)


async def test_a_topic_of_the_endpoints_gets_in(door: Door) -> None:
    """Signed by Amazon; its certificate is fetched once."""
    await door.add("cloudwatch", BY_TOPIC)
    now = door.database.clock.now
    bodies = [door.amazon.message(now, MessageId=one) for one in "12"]
    answers = [await door.post("cloudwatch/acme", body, SNS) for body in bodies]
    forged = bodies[0].replace(b"feed", b"food")

    assert [202, 202] == [one.status_code for one in answers], answers[0].text
    assert 401 == (await door.post("cloudwatch/acme", forged, SNS)).status_code
    assert 1 == len(door.amazon.asked)


async def test_another_topic_is_403_and_can_be_added(door: Door) -> None:
    """Only once Amazon proves it: nobody can have an operator add what isn't theirs."""
    await door.add("cloudwatch", BY_TOPIC)
    other = f"{TOPIC}-of-others"
    body = door.amazon.message(door.database.clock.now, TopicArn=other)
    with capture_logs() as logs:
        answer = await door.post("cloudwatch/acme", body, SNS)
        forged = body.replace(b"feed", b"food")
        unproven = await door.post("cloudwatch/acme", forged, SNS)
    [told] = [one for one in logs if one["event"] == "webhook.foreign_topic"]
    await door.rotate(Credentials(topics=(other,)))
    added = await door.post("cloudwatch/acme", body, SNS)

    assert (403, 401, 202) == tuple(
        one.status_code for one in (answer, unproven, added)
    )
    assert other in answer.json()["error"]
    assert f"autopilot webhooks rotate acme --topic {other}" == told["mend"]


async def test_while_amazon_is_away_it_sends_again(door: Door) -> None:
    await door.add("cloudwatch", BY_TOPIC)
    door.amazon.is_away = True
    body = door.amazon.message(door.database.clock.now)
    answer = await door.post("cloudwatch/acme", body, SNS)

    assert 503 == answer.status_code


async def test_without_a_database_a_sender_comes_again(
    rules: Rules, nowhere: Database
) -> None:
    """503 with Retry-After, and nobody is told that the endpoint isn't there."""
    client = slack_at("http://127.0.0.1:9/")
    app = create_app(settings(), nowhere, rules, client)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        answer = await http.post("/webhooks/datadog/acme", headers=BEARER)

    assert (503, "5") == (answer.status_code, answer.headers["retry-after"])
    assert "the database is away" in answer.json()["error"]


def test_only_a_slug_is_said() -> None:
    """A token of 256 random bits has a capital letter, or is too long."""
    slugs = ["acme-prod_1", "Acme", "", "a" * 64, "a\n"]

    assert ["acme-prod_1", *["no slug"] * 4] == [said_slug(one) for one in slugs]


async def test_the_wait_tells_nothing(door: Door) -> None:
    """A stranger's answer costs as many statements, known slug or not."""
    await door.add("datadog")
    counts = [0]
    engine = door.database("web")._engine  # noqa: SLF001 - counted below everything
    from sqlalchemy import event  # noqa: PLC0415

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(*_: object) -> None:
        counts[-1] += 1

    await door.post("datadog/acme", {}, BEARER)
    for path in ("datadog/acme", "datadog/nobody", "sentry/acme"):
        counts.append(0)
        await door.post(path, {})

    assert all(one == other > 0 for one, other in pairwise(counts[1:]))
