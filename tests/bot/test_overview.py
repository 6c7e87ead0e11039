"""What is gathered for an operator: pending cards, freezes, storms."""

import pytest

from bot.overview import MOST_PENDING, gather
from bot.web import Rules
from policy.alert import Severity
from storage import decisions, storms
from storage.decisions import NewVote
from storage.steps import Step
from tests.bot.world import BASE, Bot
from tests.conftest import Scopes
from tests.samples import DECISION, add_proposal, add_task


async def test_mine_come_before_the_others(slack_bot: Bot, rules: Rules) -> None:
    """Whoever came first, at most so many; a stranger has none."""
    person = rules.people.find("operator")
    for number in range(MOST_PENDING):
        await slack_bot.proposal(roles=("another-role",), key=f"other-{number}")
    mine = await slack_bot.proposal(roles=("reliability-oncall",))
    database = slack_bot.database("web")
    found = await gather(database, [slack_bot.scope], person, "")
    seen = await gather(database, [slack_bot.scope], None, "")

    assert MOST_PENDING == len(found.pending)
    assert [str(mine.id)] == [
        one.card["proposal_id"] for one in found.pending if one.for_me
    ]
    assert found.pending[0].for_me
    assert not any(one.for_me for one in seen.pending)


async def test_the_most_severe_of_all_environments_comes_first(
    slack_bot: Bot, scopes: Scopes
) -> None:
    """Many small things elsewhere hide no critical card."""
    other = await scopes("acme", "dev")
    database = slack_bot.database
    async with database("worker").transaction(other, Step.set_up) as tx:
        mild = await add_task(tx, severity=Severity.info)
    async with database("gateway").transaction(other, Step.set_up) as tx:
        for number in range(MOST_PENDING):
            await add_proposal(tx, mild, key=f"mild-{number}")
    task = await slack_bot.task(severity=Severity.critical)
    async with database("gateway").transaction(slack_bot.scope, Step.set_up) as tx:
        critical = await add_proposal(tx, task)
    found = await gather(database("web"), [other, slack_bot.scope], None, "")

    assert MOST_PENDING == len(found.pending)
    assert str(critical.id) == found.pending[0].card["proposal_id"]


async def test_a_storm_is_told_until_it_ends(slack_bot: Bot) -> None:
    """Where, since when, and what it folds; behind what is frozen."""
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
    told = await gather(database, [slack_bot.scope], None, "")
    await slack_bot.command("freeze bad deploy")
    frozen, second = (await gather(database, [slack_bot.scope], None, "")).state
    await slack_bot.command("thaw")
    async with database.transaction(slack_bot.scope, Step.set_up) as tx:
        [storm] = await storms.list_now(tx)
        await storms.end(tx, storm, [])
    over = await gather(database, [slack_bot.scope], None, "")

    assert 1 == len(told.state)
    assert told.state[0].startswith("⛈️ storm in <#C0OPS> since <!date^")
    assert [] == over.state
    assert "is frozen" in frozen
    assert second == told.state[0]


@pytest.mark.parametrize(
    ("sandbox", "told"), [("none", ["staging: the last run had no sandbox"]), ("x", [])]
)
async def test_a_run_without_a_sandbox_is_told(
    slack_bot: Bot, sandbox: str, told: list[str]
) -> None:
    """The last one counts; before any run nothing is told."""
    database = slack_bot.database("web")
    before = await gather(database, [slack_bot.scope], None, "")
    task = await slack_bot.task()
    gateway = slack_bot.database("gateway")
    for one in ("none", "bubblewrap", sandbox):
        slack_bot.database.clock.move(seconds=1)
        async with gateway.transaction(slack_bot.scope, Step.set_up) as tx:
            await decisions.keep(
                tx, DECISION, task_id=task.id, phase="propose", facts={"sandbox": one}
            )
    after = await gather(database, [slack_bot.scope], None, "")

    assert [] == before.state
    assert told == [one.removeprefix("⚠️ ").split(";")[0] for one in after.state]


async def test_a_card_leads_to_where_it_stands(slack_bot: Bot) -> None:
    """Once Slack has it; never without the workspace's own address."""
    proposal = await slack_bot.proposal()
    await slack_bot.sent(proposal.task_id, "root", "1.0001")
    await slack_bot.sent(proposal.task_id, f"proposal:{proposal.id}", "2.0002")
    database, scopes = slack_bot.database("web"), [slack_bot.scope]
    [there] = (await gather(database, scopes, None, BASE)).pending
    [bare] = (await gather(database, scopes, None, "")).pending

    assert "" == bare.address
    assert f"{BASE}archives/C0OPS/p20002?thread_ts=1.0001&cid=C0OPS" == there.address


async def test_what_was_downgraded_is_said(bot: Bot) -> None:
    """An agent version that fails, and a person whose approvals come unread."""
    one = await bot.proposal(state="failed", proposed_by="agent triage 2")
    async with bot.database("gateway").transaction(bot.scope, Step.set_up) as tx:
        vote = NewVote(
            one.id, one.digest, "operator", "approve", "", "", one.id, worn=True
        )
        await decisions.add_vote(tx, vote)
    found = await gather(bot.database("web"), [bot.scope], None, "")
    said = "\n".join(found.state)

    assert "agent triage 2: 1 of its last 1 actions failed" in said
    assert "approvals of *operator* come unread" in said
