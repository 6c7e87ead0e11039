"""``/ops approve``, ``reject``, ``undo``."""

import pytest

from bot.blocks.card_actions import APPROVE as PROPOSAL_APPROVE
from bot.blocks.fold import APPROVE as FOLD_APPROVE
from bot.blocks.fold import TARGETS
from lab.slack.block_rules import check_message_blocks
from policy.proposal import ProposalState
from storage import executions
from storage.executions import Ending, NewExecution
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from tests.bot.listeners.test_messages import DIRECT, direct, said
from tests.bot.world import Bot, value_of
from tests.lab.world import CHANNEL
from tests.samples import add_proposal


async def acted(
    bot: Bot, task: Task, *, sent: bool = True, **changes: object
) -> Proposal:
    """Add an action that is over; ``sent`` tells whether it ever began."""
    async with bot.database("gateway").transaction(bot.scope, Step.set_up) as tx:
        done = await add_proposal(
            tx,
            task,
            **{"state": ProposalState.succeeded, "key": str(tx.now), **changes},
        )
        if sent:
            new = NewExecution(
                task_id=task.id,
                proposal_id=done.id,
                kind="apply",
                fence=1,
                before={},
                effect_deadline_at=tx.now,
            )
            begun = await executions.begin(tx, new)
            await executions.settle(tx, begun.id, Ending("applied", after={}))
    bot.database.clock.move(seconds=5)
    return done


async def test_an_undo_is_of_what_was_carried_out_last(bot: Bot) -> None:
    """Not of what was refused since, before it began."""
    task = await bot.task()
    await acted(bot, task)
    done = await acted(bot, task)
    await acted(bot, task, sent=False, state=ProposalState.failed)
    await bot.command(f"undo {task.short_id}")
    [row] = await bot.rows("SELECT payload FROM inbox")

    assert str(done.id) == row["payload"]["proposal_id"]


async def test_what_was_undone_already_takes_nothing_before_it_back(bot: Bot) -> None:
    """Who types it once more means the same action, not a good one before it."""
    task = await bot.task()
    await acted(bot, task)
    await acted(bot, task, state=ProposalState.undone)
    told = await bot.command(f"undo {task.short_id}")

    assert "was undone already. An action before it" in told
    assert [] == await bot.rows("SELECT 1 FROM inbox")


async def test_one_wrong_id_hides_no_right_one(bot: Bot) -> None:
    """It is named, and so is what is too much at once."""
    made = [await bot.proposal(key=str(number)) for number in range(2)]
    ids = [one.task_id.hex[-8:] for one in made]
    answer = await bot.ops(f"approve {ids[0]} ffffffff {ids[1]}")
    many = await bot.ops(f"approve {' '.join([ids[0]] * 10)} {ids[1]}")

    assert "2 waiting in" in answer["text"]
    assert "ffffffff" in str(answer["blocks"])
    assert f"Ten at a time; not looked at: {ids[1]}" in str(many["blocks"])


async def test_an_undo_is_asked_as_its_button_does(bot: Bot) -> None:
    """The click waits in the inbox, bound to what the task did last."""
    task = await bot.task()
    done = await acted(bot, task)
    told = await bot.command(f"undo {task.short_id}")
    [row] = await bot.rows("SELECT payload, kind, state FROM inbox")

    assert "Asked to undo" in told
    assert ("decision", "pending") == (row["kind"], row["state"])
    assert ("undo", str(done.id), done.digest, "U0OPERATOR") == tuple(
        row["payload"][name]
        for name in ("verdict", "proposal_id", "digest", "slack_user")
    )


@pytest.mark.parametrize("way", ["command", "mention", "direct"])
async def test_what_comes_of_an_undo_is_answered_where_it_was_typed(
    slack_bot: Bot, way: str
) -> None:
    """The click brings the place: a channel, a thread, a direct message."""
    task = await slack_bot.task()
    await acted(slack_bot, task)
    words = f"undo {task.short_id}"
    if way == "command":
        await slack_bot.command(words, channel_id="C0GENERAL")
    else:
        event = said(words, thread_ts="1.2") if way == "mention" else direct(words)
        await slack_bot.event(event)
    [row] = await slack_bot.rows("SELECT payload FROM inbox WHERE kind = 'decision'")
    places = {
        "command": {"channel": "C0GENERAL"},
        "mention": {"channel": CHANNEL, "thread_ts": "1.2"},
        "direct": {"channel": DIRECT},
    }

    assert {"kind": "typed", **places[way]} == row["payload"]["clicked_in"]


async def test_nothing_done_is_nothing_to_undo(bot: Bot) -> None:
    """A task that only proposed has nothing to take back."""
    proposal = await bot.proposal()
    [row] = await bot.rows("SELECT id FROM tasks")
    told = await bot.command(f"undo {row['id'].hex[-8:]}")

    assert proposal.state == "needs_approval"
    assert "carried nothing out" in told


async def test_an_undo_of_nothing_says_how(bot: Bot) -> None:
    """The example and where to find the id."""
    told = [await bot.command("undo"), await bot.command("undo ffffffff")]

    assert "`/ops tasks` lists them" in told[0]
    assert "No task" in told[1]


@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_what_waits_is_shown_with_its_buttons(bot: Bot, verb: str) -> None:
    """Bound to the digest of what is seen, so that no words decide."""
    proposal = await bot.proposal()
    answer = await bot.ops(f"{verb} {proposal.task_id.hex[-8:]}")
    values = {
        element["value"]
        for block in answer["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }

    assert "Decide on what you see" in answer["text"]
    assert {value_of(proposal, proposal.digest)} == values
    assert "needs_approval" == proposal.state
    check_message_blocks(answer["blocks"])


async def test_nothing_that_waits_is_said(bot: Bot) -> None:
    """With the state that the task is in."""
    task = await bot.task()

    assert "it is *queued*" in await bot.command(f"approve {task.short_id}")


async def test_several_tasks_are_decided_in_one_sight(bot: Bot) -> None:
    """What is alike comes first, in one card with toggles; then each whole."""
    made = [await bot.proposal(alike="a") for _ in range(2)]
    words = " ".join(one.task_id.hex[-8:] for one in made)
    answer = await bot.ops(f"approve {words}")
    check_message_blocks(answer["blocks"])
    actions = [
        element["action_id"]
        for block in answer["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]

    assert "2 waiting in" in answer["text"]
    assert [TARGETS, FOLD_APPROVE] == actions[:2]
    assert 2 == actions.count("proposal:approve")


async def test_a_message_is_never_more_than_slack_takes(bot: Bot) -> None:
    """What shares no card is whole; the alike are, as far as there is room."""
    task = await bot.task()
    long = "because of this and of that " * 40
    async with bot.database("gateway").transaction(bot.scope, Step.set_up) as tx:
        alone = await add_proposal(tx, task, because=long)
        for _ in range(9):
            await add_proposal(tx, task, alike="a", because=long, summary=long)
    answer = await bot.ops(f"approve {task.short_id}")
    check_message_blocks(answer["blocks"])
    elements = [
        element
        for block in answer["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    whole = [one["value"] for one in elements if one["action_id"] == PROPOSAL_APPROVE]

    assert 9 == len(next(one for one in elements if "options" in one)["options"])
    assert whole[0].startswith(str(alone.id))
    assert "more in their threads" not in str(answer["blocks"])
