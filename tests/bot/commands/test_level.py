"""``/ops level``: what runs by itself by grant, and taking it back."""

from datetime import timedelta

from storage import overrides
from storage.overrides import NewOverride, Override
from storage.steps import Step
from tests.bot.world import Bot


async def given(slack_bot: Bot) -> Override:
    proposal = await slack_bot.proposal()
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        return await overrides.create(
            tx,
            NewOverride(
                task_id=proposal.task_id,
                proposal_id=proposal.id,
                tool="throttle_endpoint",
                kind="reliability",
                service="feed",
                person="operator",
                most=3,
                most_risk=4,
                lasts=timedelta(minutes=30),
            ),
        )


async def test_grants_are_listed_and_taken_back(slack_bot: Bot) -> None:
    """By the start of an id; then people are asked again."""
    none = await slack_bot.command("level")
    made = await given(slack_bot)
    listed = await slack_bot.command("level")
    home = await slack_bot.command("")
    taken = await slack_bot.command(f"level withdraw {made.short_id[:5]}")
    after = await slack_bot.command("level")

    assert "No grant holds" in none
    for said in (listed, home):
        assert f"3 of 3 left, by grant `{made.short_id}` of *operator*" in said
    assert "is withdrawn" in taken
    assert "No grant holds" in after


async def test_what_is_meant_by_nothing_is_said(slack_bot: Bot) -> None:
    """The mend names what there is."""
    made = await given(slack_bot)
    unknown = await slack_bot.command("level withdraw zzz")
    odd = await slack_bot.command("level L2 please")

    assert f"there are: `{made.short_id}`" in unknown
    assert "/ops level withdraw id" in odd


async def test_a_guest_takes_nothing_back(slack_bot: Bot) -> None:
    await given(slack_bot)
    said = await slack_bot.command("level withdraw", user_id="U0GUEST")
    [row] = await slack_bot.rows("SELECT withdrawn_by FROM autonomy_overrides")

    assert "role" in said
    assert row["withdrawn_by"] is None
