"""What is gathered for an operator: pending cards, freezes, storms."""

from bot.overview import MOST_PENDING, gather
from bot.web import Rules
from storage import storms
from storage.steps import Step
from tests.bot.world import Bot


async def test_mine_come_before_the_others(slack_bot: Bot, rules: Rules) -> None:
    """Whoever came first, at most so many; a stranger has none."""
    person = rules.people.find("operator")
    for number in range(MOST_PENDING):
        await slack_bot.proposal(roles=("another-role",), key=f"other-{number}")
    await slack_bot.proposal()
    database = slack_bot.database("web")
    found = await gather(database, [slack_bot.scope], person)
    seen = await gather(database, [slack_bot.scope], None)

    assert MOST_PENDING == len(found.pending)
    assert not any(one.for_me for one in seen.pending)


async def test_a_storm_is_told_until_it_ends(slack_bot: Bot) -> None:
    """Where, since when, and what it folds."""
    task = await slack_bot.task()
    database = slack_bot.database("web")
    async with database.transaction(slack_bot.scope, Step.set_up) as tx:
        await storms.begin(
            tx,
            task.id,
            channel="C0OPS",
            alerts=7,
            calm_seconds=60,
            threads_per_minute=10,
        )
    told = await gather(database, [slack_bot.scope], None)
    async with database.transaction(slack_bot.scope, Step.set_up) as tx:
        [storm] = await storms.list_now(tx)
        await storms.end(tx, storm, [])
    over = await gather(database, [slack_bot.scope], None)

    assert 1 == len(told.state)
    assert told.state[0].startswith("⛈️ storm in <#C0OPS> since <!date^")
    assert [] == over.state
