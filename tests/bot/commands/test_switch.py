"""``/ops freeze`` and ``/ops thaw``, as people type them."""

import pytest

from policy.scope import Scope
from storage import freezes
from storage.freezes import Freeze
from storage.steps import Step
from tests.bot.world import Bot
from tests.conftest import Scopes


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


async def frozen_in(bot: Bot, scope: Scope) -> bool:
    async with bot.database("web").transaction(scope, Step.look) as tx:
        return (await freezes.read(tx, lock=False)).frozen


@pytest.mark.parametrize("words", ["prod 30m deploy", "dev flaky", "qa", "Prd x"])
async def test_an_environment_that_is_not_connected_is_not_frozen_elsewhere(
    bot: Bot, words: str
) -> None:
    """Its name is no reason to stop another."""
    said = await bot.command(f"freeze {words}")

    assert "is not connected here, staging is" in said
    assert not (await frozen(bot)).frozen


async def test_one_that_the_tenant_has_and_the_workspace_not_is_refused(
    bot: Bot, scopes: Scopes
) -> None:
    """Whatever it is called; a thaw, too. Another tenant's name is a word."""
    await scopes("acme", "edge")
    await scopes("globex", "flaky")
    said = [await bot.command(words) for words in ("freeze edge odd", "thaw edge")]
    await bot.command("freeze flaky deploys")

    assert 2 == sum("edge is not connected here" in one for one in said)
    assert (await frozen(bot)).frozen


@pytest.mark.parametrize(
    ("words", "where"),
    [("odd", "prod"), ("Production odd", "prod"), ("Staging odd", "staging")],
)
async def test_of_two_the_named_one_is_frozen_and_by_default_production(
    bot: Bot, scopes: Scopes, words: str, where: str
) -> None:
    """In whatever letters it is named, and by what people call it."""
    prod = await scopes("acme", "prod")
    await bot.connect_also(prod)
    await bot.command(f"freeze {words}")
    held = {"prod": await frozen_in(bot, prod), "staging": (await frozen(bot)).frozen}

    assert {"prod": where == "prod", "staging": where == "staging"} == held


async def test_of_two_without_production_none_is_guessed(
    bot: Bot, scopes: Scopes
) -> None:
    """The answer names them."""
    await bot.connect_also(await scopes("acme", "canary"))
    said = [await bot.command(words) for words in ("freeze odd", "thaw")]

    assert all("say in which environment: canary, staging" in one for one in said)
    assert not (await frozen(bot)).frozen
