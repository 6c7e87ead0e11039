"""The button Evidence: shown, and kept who has opened it."""

from bot.blocks.card_actions import EVIDENCE
from storage import ledger
from storage.steps import Step
from tests.bot.listeners.test_home import alike
from tests.bot.listeners.test_task_clicks import whispers
from tests.bot.world import Bot, click, value_of
from tests.lab.world import World


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
