"""Findings with pictures: uploaded once, and never held up by one."""

import pytest

from policy.scope import Scope
from storage import pictures, posts, tool_calls
from storage.redacted import Redacted, RedactedText
from storage.steps import Step
from storage.tasks import Task
from storage.tool_calls import Drawing
from tests.bot.office import Office
from tests.conftest import Databases
from tests.faults import KillAt, Killed
from tests.lab.world import World
from tests.samples import add_proposal
from tests.storage.test_tool_calls import call

PNG = b"\x89PNG of the tests"


@pytest.fixture
def office(database: Databases, scope: Scope, lab: World) -> Office:
    return Office(database, scope, lab)


async def found(office: Office, task: Task | None = None) -> Task:
    """Have a task's findings wait, with one picture."""
    task = task or await office.task()
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        await tool_calls.keep_evidence(
            tx,
            await tool_calls.begin(tx, call(task)),
            task_id=task.id,
            tool="dashboard",
            body=Redacted({}),
            drawing=Drawing(PNG, RedactedText("5xx rose at 14:02")),
        )
        [drawn] = await pictures.copy_of_task(tx, task.id, most=2)
        facts = {
            "summary": "it burns",
            "findings": [{"text": "5xx rose", "evidence_ids": []}],
            "pictures": [{"id": drawn.id, "alt": drawn.alt}],
        }
        await posts.post_findings(tx, task.id, facts)
    return task


async def images(office: Office) -> list[dict[str, object]]:
    """Give the pictures of every message."""
    return [
        block
        for message in await office.messages()
        for block in message.get("blocks") or ()  # type: ignore[attr-defined]
        if block["type"] == "image"
    ]


async def test_findings_show_their_picture(office: Office) -> None:
    """With words for who can't see it; an edit uploads no other."""
    task = await found(office)
    await office.deliver()
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        [drawn] = await pictures.copy_of_task(tx, task.id, most=2)
        await posts.post_findings(
            tx, task.id, {"findings": [], "pictures": [{"id": drawn.id, "alt": "x"}]}
        )
    await office.deliver()
    [image] = await images(office)
    file_id = image["slack_file"]["id"]  # type: ignore[index]

    assert (file_id, None) == (drawn.file_id, drawn.png)
    assert PNG == (await office.lab.http.get(f"/lab/files/{file_id}")).content
    assert "x" == image["alt_text"]


async def test_what_slack_takes_no_picture_of_is_said_all_the_same(
    office: Office,
) -> None:
    """A file that it does not know costs the picture, never the findings."""
    await found(office)
    await office.change("UPDATE pictures SET file_id = 'F0GONE', png = NULL")
    await office.deliver()

    assert [] == await images(office)
    assert "5xx rose" in str(await office.messages())
    assert {"sent"} == {state for _, state in await office.states()}


async def test_an_upload_that_fails_is_tried_again(office: Office) -> None:
    """The findings wait for it as for any of Slack's troubles."""
    await found(office)
    await office.arm("http_500", "files.getUploadURLExternal")
    await office.deliver()
    await office.forget_lease()
    await office.deliver()

    assert 1 == len(await images(office))


async def test_an_upload_that_goes_on_failing_holds_nothing_up(office: Office) -> None:
    """The host of files may be shut off, while messages go: a card waits behind."""
    await found(office)
    for _ in range(6):
        await office.arm("http_500", "files.getUploadURLExternal")
        await office.deliver()
        await office.forget_lease()

    assert [] == await images(office)
    assert "5xx rose" in str(await office.messages())
    assert {"sent"} == {state for _, state in await office.states()}


@pytest.mark.parametrize("point", ["before:slack_send", "after:slack_send"])
async def test_a_courier_that_dies_shows_one_picture(
    office: Office, point: str
) -> None:
    """Whoever comes after uploads nothing twice."""
    task = await office.task()
    await office.deliver()
    await found(office, task)
    with pytest.raises(Killed):
        await office.courier("dies", KillAt(point)).deliver_next()
    await office.forget_lease()
    await office.deliver()

    assert 1 == len(await images(office))


async def test_a_card_leads_to_the_evidence_above_it(office: Office) -> None:
    """By the number that it has there."""
    task = await found(office)
    await office.deliver()
    async with office.database("gateway").transaction(office.scope, Step.look) as tx:
        [kept] = await tool_calls.list_evidence(tx, task.id)
        proposal = await add_proposal(tx, task, evidence_ids=(str(kept.id),))
        await posts.post_card(tx, proposal.id)
    await office.deliver()
    [above] = await office.rows(
        "SELECT ts FROM messages WHERE slot = 'evidence' AND task_id = :id", id=task.id
    )
    cards = [one for one in await office.messages() if "dashboard" in str(one)]

    stamp = str(above["ts"]).replace(".", "")
    assert f"/p{stamp}?thread_ts=" in str(cards[-1]["blocks"])
    assert "|E1 dashboard>" in str(cards[-1]["blocks"])
