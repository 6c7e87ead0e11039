"""Why a card stands where it stands, in lines."""

from bot.reasons import reasons
from storage.steps import Step
from tests.bot.world import Bot


async def test_policy_rules_risk_and_doubts_are_named(bot: Bot) -> None:
    """Whatever the sender wrote does no harm."""
    proposal = await bot.proposal(
        risk_factors=("production +1", "<!here> +2"),
        uncited=("route",),
        tainted=True,
        roles=("reliability-oncall",),
        quorum=2,
    )
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        said = "\n".join(await reasons(tx, proposal))

    for expected in (
        "· needs approval",
        "• policy: require approval",
        "rule `default`",
        "guards `two-people`",
        "• needs 2 of reliability-oncall",
        "• uncited: route",
        "others can write",
        "production +1",
    ):
        assert expected in said
    assert "<!here>" not in said


async def test_what_is_decided_needs_nobody(bot: Bot) -> None:
    """Only an open card names whom it waits for."""
    proposal = await bot.proposal(state="rejected", risk_factors=())
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        said = "\n".join(await reasons(tx, proposal))

    assert "• needs" not in said
    assert "nothing speaks against it" in said
