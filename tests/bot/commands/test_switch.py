"""``/ops freeze`` and ``/ops thaw``, as people type them."""

from storage import freezes
from storage.freezes import Freeze
from storage.steps import Step
from tests.bot.world import Bot


async def frozen(bot: Bot) -> Freeze:
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        return await freezes.read(tx, lock=False)


async def test_a_freeze_holds_at_its_answer(bot: Bot) -> None:
    """What holds, until when, and how it is lifted."""
    said = await bot.command("freeze 30m error rates look odd")

    assert (await frozen(bot)).frozen
    assert "every write until <!date^" in said
    assert "No effect was under way" in said
    assert "/ops thaw staging" in said


async def test_a_tool_may_be_frozen_and_thawed_alone(bot: Bot) -> None:
    """The rest goes on."""
    await bot.command("freeze toggle_feature_flag odd")
    held = await frozen(bot)
    said = await bot.command("thaw toggle_feature_flag")

    assert (False, ["toggle_feature_flag"]) == (held.frozen, list(held.scopes))
    assert "thawed" in said
    assert not (await frozen(bot)).scopes


async def test_who_may_not_freeze_is_told_whose_it_is(bot: Bot) -> None:
    """A guest changes nothing, and learns who could."""
    said = await bot.command("freeze odd", user_id="U0GUEST")

    assert "reliability-oncall" in said
    assert not (await frozen(bot)).frozen


async def test_who_may_freeze_may_not_always_thaw(bot: Bot) -> None:
    """Letting writes go on is the dangerous half."""
    await bot.command("freeze odd")
    said = await bot.command("thaw", user_id="U0GUEST")

    assert "You may not thaw" in said
    assert (await frozen(bot)).frozen


async def test_a_freeze_without_reason_shows_how(bot: Bot) -> None:
    """An error names the mend."""
    said = await bot.command("freeze 30m")

    assert "say why" in said
    assert "/ops freeze" in said
    assert not (await frozen(bot)).frozen


async def test_a_mistyped_thaw_lifts_nothing(bot: Bot) -> None:
    """It must not lift everything instead."""
    await bot.command("freeze odd")
    said = await bot.command("thaw togle")

    assert "Nothing was thawed" in said
    assert (await frozen(bot)).frozen
