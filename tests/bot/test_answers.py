"""Every click is answered where its person looks."""

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.fernet import Fernet
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.origin import URL_SECONDS, Kind, Origin, stored
from policy.scope import Scope
from storage import answers, inbox
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task
from tests.bot.office import REVEAL_KEY, Office
from tests.bot.workspace import SlackWorld
from tests.conftest import Databases
from tests.lab.world import CHANNEL, OPERATOR

OTHER = "C0GENERAL"


@pytest.fixture
def office(database: Databases, scope: Scope, lab: SlackWorld) -> Office:
    return Office(database, scope, lab)


async def card_elsewhere(lab: SlackWorld, channel: str = OTHER) -> str:
    """Show a card in an answer of ours; give the message's ts."""
    posted = await lab.slack.chat_postEphemeral(
        channel=channel, user=OPERATOR, text="a card"
    )
    return str(posted["message_ts"])


async def decide(
    office: Office, task: Task, origin: Origin | None, *, sealed: str = ""
) -> None:
    """Answer a click that was made there, as the gateway does."""
    proposal = await office.card(task)
    async with office.database("web").transaction(office.scope, Step.look) as tx:
        payload = {"proposal_id": str(proposal), **stored(origin)}
        new = Delivery("slack", f"click {proposal}", "decision", payload)
        receipt = await inbox.receive(tx, new)
    assert receipt is not None
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        await inbox.settle(tx, receipt, state="done")
        await answers.post_answer(
            tx,
            task.id,
            inbox_id=receipt,
            user=OPERATOR,
            text="Approved. It runs now.",
            sealed=sealed,
        )
    await office.deliver()


async def seen(office: Office) -> list[tuple[str, str]]:
    """Give channel and words of each message that says that it was approved."""
    found = await office.messages()
    return [
        (str(one["channel"]), str(one["text"]))
        for one in found
        if "Approved" in str(one["text"])
    ]


def clicked(office: Office, url: str, **changes: object) -> Origin:
    at = office.database.clock().timestamp()
    made = Origin(Kind.answer, channel=OTHER, url=url, at=at)
    return Origin(**{**made.facts(), **changes})  # type: ignore[arg-type]


async def test_an_answer_takes_the_place_of_the_card(
    office: Office, lab: SlackWorld
) -> None:
    """Its buttons are gone, and it says on what was decided; no other is said."""
    task, ts = await office.task(), await card_elsewhere(lab)
    url = lab.response_url(OPERATOR, OTHER, ts)
    await decide(office, task, clicked(office, url))
    [message] = [one for one in await office.messages() if one["ts"] == ts]

    assert [(OTHER, "Throttle: Approved. It runs now.")] == await seen(office)
    assert "Approved. It runs now." in str(message)


async def test_in_a_message_of_several_cards_no_answer_wipes_another(
    office: Office, lab: SlackWorld
) -> None:
    """Both are clicked before the first is answered: each answer stands below."""
    ts = await card_elsewhere(lab)
    for _ in range(2):
        url = lab.response_url(OPERATOR, OTHER, ts)
        origin = clicked(office, url, others=("8f21aa00",))
        await decide(office, await office.task(), origin)
    [card] = [one for one in await office.messages() if one["ts"] == ts]

    assert 2 == len(await seen(office))
    assert "a card" == card["text"]


async def test_where_the_bot_is_not_in_the_channel_it_is_told_directly(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slash commands work there; nothing of the task's thread waits for a whisper."""
    await refuse_whispers(monkeypatch, "not_in_channel")
    await decide(office, await office.task(), Origin(Kind.answer, channel=OTHER))

    assert ["D0OPERATOR"] == [where for where, _ in await seen(office)]
    assert ("proposal", "sent") in await office.states()


@pytest.mark.parametrize("kind", [Kind.typed, Kind.answer])
async def test_in_a_talk_of_two_others_it_is_told_directly(
    office: Office, kind: Kind
) -> None:
    """A slash command works in any direct message; only ours takes our words."""
    origin = Origin(kind, channel="D0BETWEENTHEM")
    await decide(office, await office.task(), origin)

    assert ["D0OPERATOR"] == [where for where, _ in await seen(office)]


async def test_what_slack_refuses_in_words_of_its_own_is_told_directly(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few tries: what it says each time it says for good."""
    await refuse_whispers(monkeypatch, "restricted_action")
    await decide(office, await office.task(), None)
    for _ in range(4):
        office.database.clock.move(seconds=60)
        await office.forget_lease()
        await office.deliver()

    assert ["D0OPERATOR"] == [where for where, _ in await seen(office)]


async def refuse_whispers(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have Slack answer each whisper so."""
    real = AsyncWebClient.api_call

    async def call(self: AsyncWebClient, api_method: str, **more: Any) -> Any:
        if api_method == "chat.postEphemeral":
            raise refused(code)
        return await real(self, api_method, **more)

    monkeypatch.setattr(AsyncWebClient, "api_call", call)


def refused(code: str) -> Exception:
    made: Any = SlackApiError
    error: Exception = made("no", Refusal(ok=False, error=code))
    return error


class Refusal(dict[str, object]):
    status_code = 200
    headers: Mapping[str, str] = {}


async def test_an_address_that_answers_nothing_holds_nothing_up(
    office: Office, lab: SlackWorld
) -> None:
    """It is a courtesy: the answer is whispered, and the card is edited."""
    ts = await card_elsewhere(lab)
    await office.arm("http_500", "response_url", count=9)
    origin = clicked(office, lab.response_url(OPERATOR, OTHER, ts))
    await decide(office, await office.task(), origin)

    assert [(OTHER, "Throttle: Approved. It runs now.")] == await seen(office)
    assert ("proposal", "sent") in await office.states()


async def test_no_address_is_kept_once_it_is_used(
    office: Office, lab: SlackWorld
) -> None:
    """It is a permission: neither the click nor its answer holds it afterwards."""
    task, ts = await office.task(), await card_elsewhere(lab)
    await decide(office, task, clicked(office, lab.response_url(OPERATOR, OTHER, ts)))
    rows = await office.rows("SELECT payload::text AS p FROM inbox")
    rows += await office.rows("SELECT payload::text AS p FROM outbox")

    assert not [row for row in rows if "/api/response/" in row["p"]]


@pytest.mark.parametrize("trouble", ["late", "used", "foreign"])
async def test_where_it_can_t_be_replaced_it_stands_below(
    office: Office, lab: SlackWorld, trouble: str
) -> None:
    """Half an hour later, after five uses; and nothing goes to another's address."""
    task, ts = await office.task(), await card_elsewhere(lab)
    url = lab.response_url(OPERATOR, OTHER, ts)
    origin = clicked(office, url)
    if trouble == "late":
        office.database.clock.move(seconds=URL_SECONDS)
    if trouble == "used":
        for _ in range(5):
            await lab.http.post(url, json={"text": "x"})
    if trouble == "foreign":
        origin = clicked(office, url.replace("127.0.0.1", "localhost"))
    await decide(office, task, origin)
    [card] = [one for one in await office.messages() if one["ts"] == ts]

    assert [(OTHER, "Throttle: Approved. It runs now.")] == await seen(office)
    assert "a card" == card["text"]


async def test_in_its_thread_it_is_whispered_there(office: Office) -> None:
    """As ever: the card itself is edited."""
    task = await office.task()
    await decide(office, task, None)

    assert [(CHANNEL, "Approved. It runs now.")] == await seen(office)


@pytest.mark.parametrize("elsewhere", [OTHER, ""])
async def test_who_is_not_in_the_channel_is_told_directly(
    office: Office, lab: SlackWorld, elsewhere: str
) -> None:
    """Slack whispers to members alone."""
    left = {"user": OPERATOR, "channel": elsewhere or CHANNEL}
    await lab.post("/lab/leave", left)
    await decide(
        office, await office.task(), clicked(office, "") if elsewhere else None
    )

    assert ["D0OPERATOR"] == [where for where, _ in await seen(office)]


async def test_what_is_sealed_is_never_told_directly(
    office: Office, lab: SlackWorld
) -> None:
    """A direct message stays; they are told where it is whispered."""
    await lab.post("/lab/leave", {"user": OPERATOR, "channel": CHANNEL})
    sealed = Fernet(REVEAL_KEY).encrypt(b"ann@example.org").decode()
    await decide(office, await office.task(), None, sealed=sealed)
    told = str(await office.messages())

    assert "ann@example.org" not in told
    assert f"Join <#{CHANNEL}>" in told


@pytest.mark.parametrize("channel", [OTHER, "D0OPERATOR"])
async def test_what_is_sealed_replaces_no_card(
    office: Office, lab: SlackWorld, channel: str
) -> None:
    """Its buttons are still wanted; and it is whispered, wherever it was asked for."""
    task, ts = await office.task(), await card_elsewhere(lab)
    url = lab.response_url(OPERATOR, OTHER, ts)
    sealed = Fernet(REVEAL_KEY).encrypt(b"ann@example.org").decode()
    await decide(office, task, clicked(office, url, channel=channel), sealed=sealed)
    found = await office.messages()
    [card] = [one for one in found if one["ts"] == ts]
    [told] = [one for one in found if "ann@example.org" in str(one)]

    assert "a card" == card["text"]
    assert told["ephemeral"]


async def test_in_a_direct_message_the_answer_stays_there(office: Office) -> None:
    """Its card is replaced; and where that is too late the answer follows."""
    origin = Origin(Kind.answer, channel="D0OPERATOR")
    await decide(office, await office.task(), origin)

    assert ["D0OPERATOR"] == [where for where, _ in await seen(office)]


@pytest.mark.parametrize("where", [OTHER, CHANNEL, "D0OPERATOR"])
async def test_what_was_typed_is_answered_where_it_was_typed(
    office: Office, where: str
) -> None:
    """Also beside the task's own thread, in the same channel: not within it."""
    await decide(office, await office.task(), Origin(Kind.typed, channel=where))
    [message] = [one for one in await office.messages() if "Approved" in str(one)]

    assert (where, None) == (message["channel"], message.get("thread_ts"))
    assert message["ephemeral"] == (not where.startswith("D"))


async def test_what_was_typed_in_a_thread_is_answered_in_it(office: Office) -> None:
    """Another thread than the task's."""
    said = await office.lab.slack.chat_postMessage(channel=CHANNEL, text="a thread")
    origin = Origin(Kind.typed, channel=CHANNEL, thread_ts=str(said["ts"]))
    await decide(office, await office.task(), origin)
    [message] = [one for one in await office.messages() if "Approved" in str(one)]

    assert said["ts"] == message["thread_ts"]
