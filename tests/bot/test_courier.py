"""The courier against the lab's Slack: one thread, in order, whatever breaks."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from bot.slack_channel import SlackChannel
from policy.scope import Scope
from storage import answers, threads
from storage.outbox import Lane
from storage.steps import Step
from storage.threads import Message
from tests.bot.office import REVEAL_KEY, Office
from tests.bot.workspace import slack_at
from tests.conftest import Databases
from tests.faults import KillAt, Killed
from tests.lab.world import CHANNEL, World


@pytest.fixture
def office(database: Databases, scope: Scope, lab: World) -> Office:
    return Office(database, scope, lab)


async def test_nothing_waits(office: Office) -> None:
    """An empty outbox is no work."""
    assert not await office.deliver()


async def test_a_root_and_its_replies(office: Office) -> None:
    """One root, and everything else in its thread."""
    task = await office.task()
    await office.card(task)
    await office.post(task, "trace", lane=Lane.chatter)
    await office.deliver()
    [root] = await office.roots()
    [thread] = await office.rows("SELECT ts FROM threads")
    replies = [one for one in await office.messages() if one != root]

    assert root["ts"] == thread["ts"]
    assert 2 == len(replies)
    assert {root["ts"]} == {one["thread_ts"] for one in replies}
    assert {"sent"} == {state for _, state in await office.states()}


async def test_later_versions_edit_in_place(office: Office) -> None:
    """The root changes, and no second message comes."""
    task = await office.task()
    await office.deliver()
    await office.change_root(task, "it is better now")
    await office.deliver()
    [root] = await office.messages()

    assert "it is better now" in str(root["text"])


async def test_a_root_is_edited_once_a_second(office: Office) -> None:
    """What comes sooner waits, and is one edit; what a person waits for goes on."""
    task = await office.task()
    await office.deliver()
    for headline in ("second", "third"):
        await office.change_root(task, headline, after_seconds=0.2)
        await office.deliver()
        await office.forget_lease()
    [early] = await office.messages()
    await office.card(task)
    await office.deliver()
    await office.forget_lease()
    with_card = await office.messages()
    await office.change_root(task, "fourth", after_seconds=0.6)
    await office.deliver()
    [late] = await office.roots()

    assert not any(word in str(early["text"]) for word in ("second", "third"))
    assert 2 == len(with_card)
    assert "fourth" in str(late["text"])
    assert ("root", "pending") not in await office.states()


async def test_only_the_newest_version_is_sent(office: Office) -> None:
    """Of what waited together the older ones are superseded."""
    task = await office.task()
    for headline in ("second", "third"):
        await office.change_root(task, headline)
    await office.deliver()
    [root] = await office.messages()

    assert "third" in str(root["text"])
    assert [("root", "sent")] + [("root", "superseded")] * 2 == await office.states()


async def test_what_people_wait_for_goes_first(office: Office) -> None:
    """After the root: decisions, state, chatter."""
    task = await office.task()
    await office.post(task, "trace", lane=Lane.chatter)
    await office.post(task, "evidence")
    await office.card(task)
    await office.deliver()
    texts = [str(one["text"]) for one in await office.messages()]
    sent = [re.split("[ :]", text)[0] for text in texts]

    assert ["Throttle", "Evidence", "Nothing"] == sent[1:]


async def test_an_answer_is_for_one_person(office: Office) -> None:
    """Where they clicked, for their eyes alone."""
    task = await office.task()
    await office.deliver()
    await office.answer(task, "Approved. It runs now.")
    await office.deliver()
    mine = [one for one in await office.messages() if one["ephemeral"]]
    seen = (await office.lab.workspace("U0SECOND"))["messages"]
    assert isinstance(seen, list)

    assert ["Approved. It runs now."] == [one["text"] for one in mine]
    assert [] == [one for one in seen if one["ephemeral"]]


async def test_a_card_shown_starts_its_time(office: Office) -> None:
    """Expiry counts from delivery, and the ledger notes what was shown, once."""
    task = await office.task()
    proposal = await office.card(task)
    await office.deliver()
    [row] = await office.rows("SELECT expires_at FROM proposals")
    entries = await office.rows(
        "SELECT body FROM ledger WHERE event = 'task.card_shown'"
    )

    assert office.database.clock() + timedelta(seconds=900) == row["expires_at"]
    assert [True] == [str(proposal) in one["body"] for one in entries]


async def test_two_couriers_open_one_thread(office: Office) -> None:
    """A thread has one writer at a time."""
    for _ in range(3):
        await office.task()
    couriers = [office.courier(f"courier {number}") for number in range(4)]
    await asyncio.gather(*(one.deliver_next() for one in couriers))
    while await office.deliver():
        pass

    assert 3 == len(await office.messages())


async def test_429_waits_as_long_as_slack_says(office: Office) -> None:
    """The whole thread, and then it goes on."""
    await office.task()
    await office.arm("http_429", retry_after=7)
    await office.deliver()
    [thread] = await office.rows("SELECT not_before_at FROM threads")
    before = (await office.messages(), await office.deliver())
    await office.forget_lease()
    await office.deliver()

    assert office.database.clock() + timedelta(seconds=7) == thread["not_before_at"]
    assert ([], False) == before
    assert 1 == len(await office.messages())


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "http_500"])
async def test_a_cut_answer_makes_no_second_message(office: Office, kind: str) -> None:
    """Accepted or not: it is looked up before it is sent again."""
    task = await office.task()
    await office.card(task)
    await office.arm(kind, count=1)
    for _ in range(3):
        await office.deliver()
        await office.forget_lease()
        await office.arm("reset_after", count=1)
    await office.lab.http.delete("/lab/faults")
    await office.forget_lease()
    await office.deliver()

    assert 1 == len(await office.roots())
    assert 2 == len(await office.messages())
    assert {"sent"} == {state for _, state in await office.states()}


async def test_a_cut_edit_is_repeated(office: Office) -> None:
    """An edit done twice is done once."""
    task = await office.task()
    await office.deliver()
    await office.change_root(task, "newer")
    await office.arm("reset_after", "chat.update")
    await office.deliver()
    await office.forget_lease()
    await office.deliver()
    [root] = await office.messages()

    assert "newer" in str(root["text"])


@pytest.mark.parametrize(
    "point",
    [
        "before:message_intent",
        "after:message_intent",
        "before:slack_send",
        "after:slack_send",
        "before:message_sent",
        "after:message_sent",
        "before:release_thread",
    ],
)
async def test_a_killed_courier_opens_no_second_thread(
    office: Office, point: str
) -> None:
    """Wherever it died, the next one finds out what stands."""
    await office.task()
    killed = office.courier("courier 0", KillAt(point))
    with pytest.raises(Killed):
        await killed.deliver_next()
    await office.forget_lease()
    await office.deliver()
    [thread] = await office.rows("SELECT ts FROM threads")
    [root] = await office.messages()

    assert root["ts"] == thread["ts"]
    assert [("root", "sent")] == await office.states()


async def test_a_version_that_came_meanwhile_edits_what_stands(
    office: Office,
) -> None:
    """The dead courier had posted version one: version two edits that message."""
    task = await office.task()
    with pytest.raises(Killed):
        await office.courier("courier 0", KillAt("after:slack_send")).deliver_next()
    await office.change_root(task, "version two")
    await office.forget_lease()
    await office.deliver()
    [root] = await office.messages()

    assert "version two" in str(root["text"])


async def test_a_row_that_nobody_can_render_is_dead(office: Office) -> None:
    """The thread goes on without it, and the row says why."""
    task = await office.task()
    await office.post(task, "poem")
    await office.post(task, "trace")
    await office.deliver()
    [row] = await office.rows("SELECT state, error FROM outbox WHERE kind = 'poem'")

    assert "dead" == row["state"]
    assert "no renderer" in row["error"]
    assert 2 == len(await office.messages())


async def test_an_answer_to_a_stranger_holds_up_nobody(office: Office) -> None:
    """Slack does not know the person: that answer is dead, the thread goes on."""
    task = await office.task()
    await office.answer(task, "hello", user="U0GONE")
    await office.card(task)
    await office.deliver()

    assert [
        ("answer", "dead"),
        ("proposal", "sent"),
        ("root", "sent"),
    ] == await office.states()


async def test_a_message_that_was_deleted_holds_up_nobody(office: Office) -> None:
    """Somebody removed a card in Slack: its edit is dead, the thread goes on."""
    task = await office.task()
    await office.deliver()
    async with office.database("courier").transaction(office.scope, Step.look) as tx:
        gone = Message("trace", CHANNEL, "1.000001", 1, tx.now)
        await threads.keep_message(tx, task.id, gone)
    await office.post(task, "trace")
    await office.card(task)
    office.database.clock.move(seconds=1.1)
    await office.deliver()

    assert [
        ("proposal", "sent"),
        ("root", "sent"),
        ("trace", "dead"),
    ] == await office.states()


async def test_a_channel_that_is_not_there_ends_the_thread(office: Office) -> None:
    """A root that Slack will never take: its replies are dead with it."""
    task = await office.task(channel="C0NOWHERE")
    await office.post(task, "trace")
    await office.deliver()

    assert [("root", "dead"), ("trace", "dead")] == await office.states()
    assert not await office.deliver()


async def test_another_threads_trouble_is_its_own(office: Office) -> None:
    """While one thread waits for Slack, others are served."""
    await office.task(channel="C0NOWHERE")
    await office.task()
    while await office.deliver():
        pass

    assert 1 == len(await office.messages())


async def test_a_bug_in_one_thread_is_its_own(office: Office) -> None:
    """What nobody foresaw puts that thread off; the next one is served."""
    broken = await office.task()
    await office.deliver()
    await office.post(broken, "answer")
    await office.deliver()
    await office.task()
    await office.deliver()
    [put_off] = await office.rows(
        "SELECT lease_owner FROM threads WHERE not_before_at IS NOT NULL"
    )

    assert put_off["lease_owner"] is None
    assert 2 == len(await office.roots())


async def test_a_courier_that_lost_its_thread_stops(office: Office) -> None:
    """Another one holds it: nothing is sent by this one."""
    await office.task()

    def steal(point: str) -> None:
        if point == "before:message_intent":
            raise Killed(point)

    with pytest.raises(Killed):
        await office.courier("courier 0", steal).deliver_next()
    first = office.courier("courier 0")
    await office.change("UPDATE threads SET lease_owner = 'courier 9'")
    [row] = await office.rows("SELECT task_id FROM threads")
    await first._deliver_thread(office.scope, row["task_id"])  # noqa: SLF001 - a piece

    assert [] == await office.messages()
    assert [("root", "pending")] == await office.states()


async def test_slack_that_is_gone_is_waited_for(office: Office) -> None:
    """No Slack at all: everything stays, and is sent when it is back."""
    await office.task()
    gone = slack_at("http://127.0.0.1:9/api/")
    await replace(office.courier(), slack=SlackChannel(gone)).deliver_next()
    between = await office.states()
    await office.forget_lease()
    await office.deliver()

    assert [("root", "pending")] == between
    assert 1 == len(await office.messages())


@pytest.mark.parametrize(
    "key", [REVEAL_KEY, Fernet.generate_key().decode()], ids=["ours", "another"]
)
async def test_what_is_sealed_is_whispered_and_forgotten(
    office: Office, key: str
) -> None:
    """To its person alone; under another key it is said that the keys differ."""
    task = await office.task()
    await office.deliver()
    sealed = (
        Fernet(key)
        .encrypt(b"\xe2\x9f\xa8email:1\xe2\x9f\xa9  ann@example.org")
        .decode()
    )
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        await answers.post_answer(
            tx, task.id, inbox_id=task.id, user="U0OPERATOR", text="see", sealed=sealed
        )
    await office.deliver()
    found = (await office.lab.workspace())["messages"]
    [whisper] = [one for one in found if one["ephemeral"]]
    [row] = await office.rows("SELECT payload FROM outbox WHERE kind = 'answer'")

    assert ("ann@example.org" in str(whisper)) is (key == REVEAL_KEY)
    assert ("REVEAL_KEY differs" in str(whisper)) is (key != REVEAL_KEY)
    assert "sealed" not in row["payload"]
