"""The button Evidence: shown, and kept who has opened it."""

from pydantic import JsonValue

from bot.blocks.card_actions import EVIDENCE
from bot.blocks.evidence_view import BACK, MORE, WHOLE
from lab.json_object import JsonObject
from storage import ledger, posts, tool_calls
from storage.redacted import Redacted
from storage.steps import Step
from tests.bot.listeners.test_home import alike
from tests.bot.listeners.test_task_clicks import whispers
from tests.bot.workspace import SlackWorld
from tests.bot.world import OPERATOR, Bot, click, value_of
from tests.lab.world import World
from tests.samples import add_proposal
from tests.storage.test_tool_calls import call

IN_MODAL = {"view": {"type": "modal"}}


async def views(bot: Bot) -> list[str]:
    async with bot.database("gateway").transaction(bot.scope, Step.look) as tx:
        rows = await tx.rows("SELECT person FROM evidence_views")
    return [row["person"] for row in rows]


async def test_it_is_kept_once(slack_bot: Bot) -> None:
    """With one ledger entry, however often it is opened."""
    proposal = await slack_bot.proposal()
    body = click(value_of(proposal), EVIDENCE)
    for _ in range(2):
        await slack_bot.interact(body)
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.look
    ) as tx:
        entries = await ledger.list_of_task(tx, proposal.task_id)

    assert ["operator"] == await views(slack_bot)
    opened = [one for one in entries if one.event == "task.evidence_opened"]
    assert ["operator"] == [one.actor for one in opened]


async def test_who_may_read_nothing_opens_nothing(slack_bot: Bot, lab: World) -> None:
    """A guest is told so."""
    proposal = await slack_bot.proposal()
    guest = {"id": "U0GUEST"}
    await slack_bot.interact(click(value_of(proposal), EVIDENCE, user=guest))

    assert "with a role" in (await whispers(lab, "U0GUEST"))[-1]
    assert [] == await views(slack_bot)


async def test_one_click_opens_that_of_several(slack_bot: Bot) -> None:
    """Of a shared card: kept for each of its targets."""
    values = await alike(slack_bot)
    await slack_bot.interact(click(" ".join(values), EVIDENCE))

    assert ["operator"] * 3 == await views(slack_bot)


async def test_what_findings_cite_comes_first_and_a_piece_opens_whole(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """In the order of the findings; every row is one click away."""
    task = await slack_bot.task()
    rows: JsonValue = [{"key": f"flag_{n:02}"} for n in range(9)]
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        kept = [
            await tool_calls.keep_evidence(
                tx,
                await tool_calls.begin(tx, call(task)),
                task_id=task.id,
                tool="flags",
                body=Redacted({"flags": rows, "n": n}),
            )
            for n in (1, 2)
        ]
        # Pieces of one instant are numbered by their ids.
        first, second = sorted(kept, key=lambda one: one.id)
        finding = {"text": "flag_07 went up", "evidence_ids": [str(second.id)]}
        await posts.post_findings(tx, task.id, {"findings": [finding]})
        cites = (str(first.id), str(second.id))
        proposal = await add_proposal(tx, task, evidence_ids=cites)
    value = value_of(proposal, proposal.digest)
    await press(slack_bot, lab, click(value, EVIDENCE))
    shown = await on_top(lab)
    await press(slack_bot, lab, click(f"{value} {first.id}", WHOLE, **IN_MODAL))
    whole = await on_top(lab)

    assert shown.index("*E2 flags") < shown.index("*E1 flags")
    assert ("flag_07" in shown, "flag_08" in shown) == (True, False)
    assert all(f"flag_{n:02}" in whole for n in range(9))


async def test_each_of_many_pieces_is_reached(slack_bot: Bot, lab: SlackWorld) -> None:
    """In the modal that is open: more, and back."""
    task = await slack_bot.task()
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        kept = [
            await tool_calls.keep_evidence(
                tx,
                await tool_calls.begin(tx, call(task)),
                task_id=task.id,
                tool="flags",
                body=Redacted({"n": number}),
            )
            for number in range(12)
        ]
        # Pieces of one instant are numbered by their ids.
        cites = tuple(str(one.id) for one in sorted(kept, key=lambda one: one.id))
        proposal = await add_proposal(tx, task, evidence_ids=cites)
    value = value_of(proposal, proposal.digest)
    await press(slack_bot, lab, click(value, EVIDENCE))
    opened = lab.workspace_here.views.top(OPERATOR)
    assert opened is not None
    seen = [await on_top(lab)]
    in_it = {"view": {"type": "modal", "id": opened.view_id}, "channel": None}
    for turn, after in ((MORE, 10), (BACK, 0)):
        await press(slack_bot, lab, click(f"{after} {value}", turn, **in_it))
        seen.append(await on_top(lab))

    first, second = (f"*E{number} flags*" for number in (1, 12))
    assert [(True, False), (False, True), (True, False)] == [
        (first in one, second in one) for one in seen
    ]


async def test_an_undo_in_a_thread_of_its_own_shows_what_it_takes_back_cited(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """It cites the evidence of the task before, under the numbers of that thread."""
    before = await slack_bot.task(group_key="before")
    undoing = await slack_bot.task(group_key="undoing", linked_to=before.id)
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        kept = await tool_calls.keep_evidence(
            tx,
            await tool_calls.begin(tx, call(before)),
            task_id=before.id,
            tool="flags",
            body=Redacted({"n": 1}),
        )
        cites = (str(kept.id),)
        done = await add_proposal(tx, before, evidence_ids=cites)
        undo = await add_proposal(tx, undoing, undoes=done.id, evidence_ids=cites)
    value = value_of(undo, undo.digest)
    await press(slack_bot, lab, click(value, EVIDENCE))
    shown = await on_top(lab)
    await press(slack_bot, lab, click(f"{value} {kept.id}", WHOLE, **IN_MODAL))
    whole = await on_top(lab)

    assert ("*E1 flags*" in shown, f"`{before.short_id}`" in shown) == (True, True)
    assert "E1 whole" in whole


async def test_a_piece_of_another_card_is_not_shown(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """Whatever a button names."""
    proposal = await slack_bot.proposal()
    value = f"{value_of(proposal)} {proposal.id}"
    await press(slack_bot, lab, click(value, WHOLE))

    assert "not one that the card cites" in (await whispers(lab))[-1]


async def press(bot: Bot, lab: SlackWorld, body: JsonObject) -> None:
    trigger = lab.workspace_here.triggers.issue(OPERATOR, now=lab.clock())
    await bot.interact(body | {"trigger_id": trigger})


async def on_top(lab: SlackWorld) -> str:
    return str((await lab.workspace())["view"])
