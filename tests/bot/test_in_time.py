"""Answered in time though the work goes on; the true answer is brought later, once."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.blocks.home import OLDER
from bot.blocks.root import TAKE
from bot.in_time import InTime
from lab.slack.response_urls import ResponseUrl
from lab.slack.signature import signed_headers
from storage import tasks
from storage.steps import Step
from tests.bot.workspace import SlackWorld
from tests.bot.world import OPERATOR, TEAM, Bot, click
from tests.journeys.stack import until
from tests.lab.world import (
    BOT_TOKEN,
    CHANNEL,
    SIGNING_SECRET,
    free_socket,
    port_of,
    served,
)

SOON, PATIENT = 0.05, 60.0


@dataclass
class Slow:
    """An app that ends when it is told to, and notes what it has done."""

    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[str] = field(default_factory=list)
    fault: Exception | None = None

    async def end(self, ack: AsyncAck, body: dict[str, object]) -> None:
        await self.may_end.wait()
        if self.fault is not None:
            raise self.fault
        self.done.append(str(body.get("text", "click")))
        if "command" in body:
            await ack(text="the true answer", response_type="ephemeral")
        else:
            await ack()

    def in_time(self, lab: SlackWorld, seconds: float, patience: float) -> InTime:
        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id=TEAM, bot_token=BOT_TOKEN
            )

        app = AsyncApp(
            client=lab.slack,
            authorize=authorize,
            signing_secret=SIGNING_SECRET,
            process_before_response=True,
        )
        app.command("/ops")(self.end)
        app.action("press")(self.end)
        return InTime(app, lab.slack, seconds, patience)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def address(lab: SlackWorld) -> str:
    spot = ResponseUrl(OPERATOR, CHANNEL, lab.clock())
    return lab.workspace_here.response_urls.issue(spot)


def form(url: str, text: str = "open") -> dict[str, str]:
    return {
        "command": "/ops",
        "text": text,
        "team_id": TEAM,
        "user_id": OPERATOR,
        "channel_id": CHANNEL,
        "trigger_id": "t1",
        "response_url": url,
    }


def asked(body: Mapping[str, object]) -> AsyncBoltRequest:
    return AsyncBoltRequest(mode="socket_mode", body=dict(body))


async def told(lab: SlackWorld) -> list[str]:
    found = (await lab.workspace())["messages"]
    assert isinstance(found, list)
    return [str(one["text"]) for one in found]


async def test_what_is_known_in_time_is_the_answer(lab: SlackWorld, slow: Slow) -> None:
    """And nothing comes after it."""
    slow.may_end.set()
    in_time = slow.in_time(lab, PATIENT, PATIENT)
    response, rest = await in_time.answer(asked(form(address(lab))))

    assert "the true answer" in response.body
    assert rest is None
    assert [] == await told(lab)


async def test_what_is_known_later_is_answered_later(
    lab: SlackWorld, slow: Slow
) -> None:
    """Done once, and said where it was typed; the first word says what if it is not."""
    in_time = slow.in_time(lab, SOON, PATIENT)
    response, rest = await in_time.answer(asked(form(address(lab))))
    before = [*slow.done]
    slow.may_end.set()
    assert rest is not None
    await rest()

    assert 200 == response.status
    assert "not known whether it was done" in json.loads(response.body)["text"]
    assert ([], ["open"]) == (before, slow.done)
    assert ["the true answer"] == await told(lab)


async def test_an_address_that_takes_nothing_loses_no_answer(
    lab: SlackWorld, slow: Slow
) -> None:
    """The person is told directly."""
    in_time = slow.in_time(lab, SOON, PATIENT)
    _, rest = await in_time.answer(asked(form("https://evil.example/r")))
    slow.may_end.set()
    assert rest is not None
    await rest()

    assert ["the true answer"] == await told(lab)


async def test_what_fails_late_is_said_to_be_unknown(
    lab: SlackWorld, slow: Slow
) -> None:
    """With where to look: some of it may stand."""
    slow.fault = ValueError("a bug")
    in_time = slow.in_time(lab, SOON, PATIENT)
    _, rest = await in_time.answer(asked(form(address(lab))))
    slow.may_end.set()
    assert rest is not None
    await rest()
    [said] = await told(lab)

    assert "not known whether that was done" in said
    assert "`/ops tasks`" in said


async def test_who_waits_long_is_told_that_nobody_knows(
    lab: SlackWorld, slow: Slow
) -> None:
    """The work goes on all the same, and its answer comes when it is there."""
    in_time = slow.in_time(lab, SOON, SOON)
    _, rest = await in_time.answer(asked(form(address(lab))))
    assert rest is not None

    async def was_told() -> bool:
        return len(await told(lab)) == 1

    async with asyncio.TaskGroup() as group:
        group.create_task(rest())  # type: ignore[arg-type]
        await until(was_told, "the person is told", 10)
        slow.may_end.set()
    unknown, answer = sorted(await told(lab))

    assert "not known" in unknown
    assert "the true answer" == answer
    assert ["open"] == slow.done


@pytest.mark.parametrize("fault", [None, ValueError("a bug")])
async def test_a_click_is_acknowledged_in_time(
    lab: SlackWorld, slow: Slow, fault: Exception | None
) -> None:
    """Its listener tells its person; what it could not, is said."""
    slow.fault = fault
    in_time = slow.in_time(lab, SOON, PATIENT)
    body = click("", "press", response_url=address(lab))
    response, rest = await in_time.answer(asked(body))
    slow.may_end.set()
    assert rest is not None
    await rest()
    said = await told(lab)

    assert (200, "") == (response.status, response.body)
    assert ["not known" in one for one in said] == ([True] if fault else [])


async def test_who_waits_when_it_stops_is_told_that_nobody_knows(
    lab: SlackWorld, slow: Slow
) -> None:
    """Each once: whose request was cut already, and whose was not."""
    in_time = slow.in_time(lab, SOON, PATIENT)
    command = await in_time.answer(asked(form(address(lab))))
    pressed = click("", "press", response_url=address(lab))
    press = await in_time.answer(asked(pressed))
    assert command[1] is not None
    assert press[1] is not None
    rests = [asyncio.ensure_future(one()) for one in (command[1], press[1])]
    await asyncio.sleep(0)
    rests[0].cancel()
    await in_time.end()
    said = await told(lab)

    assert [True, True] == [one.cancelled() for one in rests]
    assert [True, True] == ["not known whether that was done" in one for one in said]


async def test_who_was_told_so_is_not_told_again(lab: SlackWorld, slow: Slow) -> None:
    """Nor does anybody wait for whose answer has come."""
    in_time = slow.in_time(lab, SOON, SOON)
    _, rest = await in_time.answer(asked(form(address(lab))))
    assert rest is not None
    open_one = asyncio.ensure_future(rest())

    async def was_told() -> bool:
        return len(await told(lab)) == 1

    await until(was_told, "the person is told", 10)
    await in_time.end()
    await in_time.end()

    assert open_one.cancelled()
    assert 1 == len(await told(lab))


async def test_a_form_is_waited_for(lab: SlackWorld, slow: Slow) -> None:
    """Its answer is a view: there is no other place for it."""
    in_time = slow.in_time(lab, SOON, PATIENT)
    slow.may_end.set()
    _, rest = await in_time.answer(asked({"type": "view_submission", "view": {}}))

    assert rest is None


async def send(url: str, body: Mapping[str, str]) -> httpx.Response:
    content = urlencode(body).encode()
    headers = signed_headers(SIGNING_SECRET, content, now=time())
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return await http.post(url, content=content, headers=headers)


async def test_a_held_row_costs_nobody_their_answer(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """Over HTTP, all of the process: the early word, then what came of it."""
    task = await slack_bot.task()
    bound = free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}/slack/events"
    held = slack_bot.database("worker").transaction(slack_bot.scope, Step.look)
    async with served(slack_bot.app, bound):
        async with held as tx:
            await tasks.get(tx, task.id, lock=True)
            answer = await send(url, form(address(lab), f"take {task.short_id}"))
            before = await told(lab)

        async def was_told() -> bool:
            return len(await told(lab)) == 1

        await until(was_told, "the answer follows", 20)
    [row] = await slack_bot.rows("SELECT takeover_by FROM tasks")

    assert "the answer follows here" in answer.json()["text"]
    assert [] == before
    assert "It is yours now" in (await told(lab))[0]
    assert "operator" == row["takeover_by"]


async def test_a_click_in_a_process_that_stops_is_not_lost_in_silence(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """All of the process: acknowledged, then stopped before the database answers."""
    task = await slack_bot.task()
    bound = free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}/slack/events"
    body = click(f"{task.id}.", TAKE, response_url=address(lab))

    async def is_taken() -> bool:
        [row] = await slack_bot.rows("SELECT takeover_by FROM tasks")
        return str(row["takeover_by"]) == "operator"

    async with slack_bot.database("worker").transaction(
        slack_bot.scope, Step.look
    ) as tx:
        await tasks.get(tx, task.id, lock=True)
        async with served(slack_bot.app, bound):
            answer = await send(url, {"payload": json.dumps(body)})
            before = await told(lab)
        after = await told(lab)
    await until(is_taken, "what is still asked ends", 20)

    assert (200, []) == (answer.status_code, before)
    assert ["not known whether that was done" in one for one in after] == [True]


async def test_a_home_that_is_made_late_is_acknowledged(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """Its page is turned when the database has answered."""
    await slack_bot.task(title="late pushes")
    body = click("0", OLDER, view={"id": "V1", "private_metadata": ""})
    body["container"] = {"type": "view", "view_id": "V1"}
    del body["channel"]
    bound = free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}/slack/events"
    held = slack_bot.database("release").transaction(slack_bot.scope, Step.look)

    async def home() -> str:
        return json.dumps((await lab.workspace())["home"])

    async def is_made() -> bool:
        return "late pushes" in await home()

    async with served(slack_bot.app, bound):
        async with held as tx:
            await tx.change("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
            answer = await send(url, {"payload": json.dumps(body)})
            before = await home()
        await until(is_made, "the Home is made", 20)

    assert (200, "null") == (answer.status_code, before)
