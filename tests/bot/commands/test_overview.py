"""``/ops`` alone: what waits for me, the state, examples."""

from storage import freezes
from storage.steps import Step
from tests.bot.world import Bot


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
