"""The workspace's own address: asked once, never waited for."""

from bot.links import Links, addresses
from storage.steps import Step
from tests.bot.workspace import slack_at
from tests.bot.world import BASE, Bot
from tests.lab.world import World


async def test_the_address_is_asked_for_once(lab: World) -> None:
    """As auth.test names it; then Slack is not asked again."""
    links = Links(lab.slack, lambda: 0.0)
    found = [await links.base() for _ in range(2)]
    lab.slack.token = "xoxb-gone"  # noqa: S105 - none at all

    assert [BASE] * 2 == found
    assert BASE == await links.base()


async def test_without_slack_there_are_no_links(lab: World) -> None:
    """Nobody waits for it; a minute later it is asked again."""
    now = [0.0]
    away = slack_at("http://127.0.0.1:9/api/")
    links = Links(away, lambda: now[0])
    first = await links.base()
    links.client = lab.slack
    soon = await links.base()
    now[0] = 61.0

    assert ("", "", BASE) == (first, soon, await links.base())


async def test_only_what_stands_has_an_address(slack_bot: Bot) -> None:
    """A root that was sent, and none that waits."""
    sent, waits = await slack_bot.task(), await slack_bot.task(group_key="b")
    await slack_bot.sent(sent.id, "root", "1.0001")
    wanted = [(sent.id, "root"), (waits.id, "root")]
    async with slack_bot.database("web").transaction(slack_bot.scope, Step.look) as tx:
        found = await addresses(tx, BASE, wanted)
        bare = await addresses(tx, "", wanted)

    assert {wanted[0]: f"{BASE}archives/C0OPS/p10001"} == found
    assert {} == bare
