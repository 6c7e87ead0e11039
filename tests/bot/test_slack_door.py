"""What Slack did not sign for our app ends at the door: told once, and nowhere kept."""

import json
from collections.abc import Mapping
from time import time
from urllib.parse import urlencode

import httpx
import pytest
from structlog.testing import capture_logs

from bot.web import Rules, create_app
from lab.slack.signature import signed_headers
from policy.scope import Scope
from tests.bot.conftest import settings
from tests.bot.workspace import slack_at
from tests.bot.world import TEAM, Bot
from tests.conftest import Databases
from tests.lab.world import SIGNING_SECRET

OURS, ANOTHER = "A0OURS", "A0ANOTHER"
SECRET = "hush-hush"  # noqa: S105 - what no log may repeat


def form(**fields: str) -> bytes:
    named = {"command": "/ops", "text": SECRET, "team_id": TEAM, "user_id": "U1"}
    return urlencode({**named, **fields}).encode()


def clicked(app: str) -> bytes:
    payload = {"type": "block_actions", "api_app_id": app, "team": {"id": TEAM}}
    return urlencode({"payload": json.dumps(payload)}).encode()


def event(app: str) -> bytes:
    return json.dumps({"type": "event_callback", "api_app_id": app}).encode()


@pytest.fixture
async def at_home(database: Databases, scope: Scope, rules: Rules) -> Bot:
    """Give a web process that knows its app's id."""
    slack = slack_at("http://127.0.0.1:9/api/")
    known = settings(SLACK_APP_ID=OURS)
    made = Bot(create_app(known, database("web"), rules, slack), database, scope)
    await made.connect(TEAM)
    return made


async def sent(
    bot: Bot, body: bytes, headers: Mapping[str, str | bytes] | None = None
) -> tuple[httpx.Response, list[tuple[object, object]]]:
    """Give the answer, and each refusal that was logged: status and reason."""
    every: dict[str, str | bytes] = {
        **signed_headers(SIGNING_SECRET, body, now=time()),
        **(headers or {}),
    }
    raw = [
        (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in every.items()
    ]
    with capture_logs() as logs:
        async with bot.http() as client:
            answer = await client.post("/slack/events", content=body, headers=raw)
    assert SECRET not in str(logs)
    told = [one for one in logs if one["event"] == "slack.refused"]
    return answer, [(one["status"], one["reason"]) for one in told]


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (form(), {"x-slack-signature": "v0=" + "0" * 64}, (401, "not signed")),
        (form(), {"x-slack-signature": "v0=é".encode("latin-1")}, (401, "not signed")),
        (form(), {"x-slack-signature": b"\xff\xfe"}, (401, "not signed")),
        (form(), {"x-slack-request-timestamp": "1700000000"}, (401, "stale")),
        (form(), {"x-slack-request-timestamp": "soon"}, (401, "no timestamp")),
        (form(), {"content-length": "9" * 30}, (413, "too large")),
        (b"\xff\xfe" + form(), {}, (400, "not UTF-8")),
        (form(api_app_id=ANOTHER), {}, (403, "another app's")),
        (clicked(ANOTHER), {}, (403, "another app's")),
        (event(ANOTHER), {}, (403, "another app's")),
    ],
)
async def test_it_is_refused_and_told_once(
    at_home: Bot,
    body: bytes,
    headers: dict[str, str | bytes],
    expected: tuple[int, str],
) -> None:
    """By a status of its own and no 500; nothing of it is stored or repeated."""
    answer, told = await sent(at_home, body, headers)
    [(status, reason)] = told

    assert expected[0] == answer.status_code == status
    assert str(reason).startswith(expected[1])
    assert SECRET not in answer.text
    assert [] == await at_home.rows("SELECT id FROM inbox")


@pytest.mark.parametrize("body", [form(), form(api_app_id=OURS), clicked(OURS)])
async def test_what_is_ours_is_let_in(at_home: Bot, body: bytes) -> None:
    """What names our app, or none."""
    answer, told = await sent(at_home, body)

    assert (200, []) == (answer.status_code, told)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "json"),
        (b"[]", "json"),
        (b"", "json"),
        (b'"a"', "json"),
        (b"{" * 5000, "json"),
        (b'{"a":' * 5000, "json"),
        (b"{", "x-www-form-urlencoded"),
        (b"payload=%7B", "x-www-form-urlencoded"),
        (b"payload=%5B%5D", "x-www-form-urlencoded"),
        (b"a&" * 2000 + b"b=1&" * 2000, "x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_payload_is_400(at_home: Bot, body: bytes, kind: str) -> None:
    """Signed, and yet not to be read: Bolt made a 500 of it."""
    answer, told = await sent(at_home, body, {"content-type": f"application/{kind}"})

    assert 400 == answer.status_code
    assert [(400, "no payload")] == told
    assert [] == await at_home.rows("SELECT id FROM inbox")


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "quantum_actions", "team": {"id": TEAM}},
        {"type": "event_callback", "event": {"type": "quantum"}, "team_id": TEAM},
        {"type": ["a"]},
        {},
    ],
)
async def test_an_unknown_type_is_told_once(
    at_home: Bot, caplog: pytest.LogCaptureFixture, payload: dict[str, object]
) -> None:
    """It gets the 200 that keeps Slack from asking again, and nothing is stored."""
    caplog.clear()
    caplog.set_level("INFO")
    answer, _ = await sent(
        at_home, json.dumps(payload).encode(), {"content-type": "application/json"}
    )

    assert 200 == answer.status_code
    assert 1 == len([one for one in caplog.records if one.name.startswith("slack")])
    assert [] == await at_home.rows("SELECT id FROM inbox")


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "team": {"id": TEAM}, "actions": []},
        {"type": "view_submission", "team": {"id": TEAM}, "view": "none"},
        {"type": "event_callback", "authorizations": [1]},
        {"type": "event_callback", "event": "none"},
    ],
)
async def test_what_lacks_a_part_makes_no_500(
    at_home: Bot, payload: dict[str, object]
) -> None:
    """Bolt stumbles over some of them before any listener is asked."""
    answer, told = await sent(
        at_home, json.dumps(payload).encode(), {"content-type": "application/json"}
    )

    assert (answer.status_code, len(told)) in {(200, 0), (400, 1)}
    assert [] == await at_home.rows("SELECT id FROM inbox")


async def test_without_its_id_no_app_is_told_apart(bot: Bot) -> None:
    """The signing secret is one app's; the id is a second lock."""
    answer, told = await sent(bot, form(api_app_id=ANOTHER))

    assert (200, []) == (answer.status_code, told)


async def test_a_flood_is_told_in_part(at_home: Bot) -> None:
    """The log does not grow with it, and says how many were not told."""
    told = []
    with capture_logs() as logs:
        async with at_home.http() as client:
            for _ in range(200):
                answer = await client.post("/slack/events", content=b"x")
                told.append(answer.status_code)

    assert [401] * 200 == told
    assert len([one for one in logs if one["event"] == "slack.refused"]) < 100
