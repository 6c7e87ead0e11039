"""``/ops`` alone: what waits for me, the state, examples."""

from policy.alert import Severity
from storage import freezes
from storage.steps import Step
from tests.bot.world import Bot
from tests.samples import add_proposal


async def test_what_waits_for_me_comes_first(slack_bot: Bot) -> None:
    """With the words that show its card; what others decide is counted."""
    mine = await slack_bot.proposal(roles=("reliability-oncall",))
    await slack_bot.proposal(roles=("another-role",))
    said = await slack_bot.command("")

    assert "*1 waiting for you* 1 for others." in said
    assert f"`/ops approve {mine.task_id.hex[-8:]}`" in said
    assert "✅ No freeze, no storm." in said
    assert "/ops help" in said


async def test_what_i_approved_waits_for_me_no_more(slack_bot: Bot) -> None:
    """A second person is needed, and I am not one."""
    proposal = await slack_bot.proposal(quorum=2, roles=("reliability-oncall",))
    await slack_bot.vote(proposal, "operator")

    assert "*Nothing waits for you.* 1 for others." in await slack_bot.command("")


async def test_a_freeze_is_told_with_who_and_why(slack_bot: Bot) -> None:
    """Before anybody wonders why nothing runs."""
    await slack_bot.command("freeze toggle_feature_flag odd <!here> numbers")
    said = await slack_bot.command("")
    async with slack_bot.database("web").transaction(slack_bot.scope, Step.look) as tx:
        held = await freezes.read(tx, lock=False)

    assert ["toggle_feature_flag"] == list(held.scopes)
    assert "🧊 staging: toggle_feature_flag is frozen, by operator: odd" in said
    assert "<!here>" not in said


async def test_every_card_of_mine_is_counted_and_the_worst_is_first(
    slack_bot: Bot,
) -> None:
    """However many are older, and more than one look takes in."""
    roles = ("reliability-oncall",)
    for number in range(25):
        await slack_bot.proposal(roles=roles, key=str(number))
    slack_bot.database.clock.move(seconds=1)
    task = await slack_bot.task(
        title="all down", severity=Severity.critical, group_key="all"
    )
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        await add_proposal(tx, task, roles=roles, estimate={"title": "Stop the outage"})
    said = await slack_bot.command("")
    _, first, *_ = said.splitlines()

    assert "*26 waiting for you*" in said
    assert "Stop the outage" in first
    assert "and 21 more; `/ops tasks waiting` lists their tasks" in said
