"""``/ops tasks``, ``task`` and ``why`` against real rows."""

from datetime import timedelta

from policy.alert import Severity
from policy.task import TaskKind
from storage.steps import Step
from tests.bot.world import BASE, Bot
from tests.conftest import Scopes
from tests.samples import add_task


async def test_nothing_open_is_said(slack_bot: Bot) -> None:
    """An empty list is an answer."""
    assert "Nothing is open." == await slack_bot.command("task")


async def test_open_tasks_are_listed(slack_bot: Bot) -> None:
    """The most severe first, each with id, state, environment and channel."""
    await slack_bot.task(title="later", severity=Severity.info)
    first = await slack_bot.task(title="first", severity=Severity.critical)
    lines = (await slack_bot.command("task")).splitlines()

    assert [f"`{first.short_id}` first", "later"] == [
        lines[1].split(" · ")[0].removeprefix("• "),
        lines[2].split(" · ")[0].split(" ")[-1],
    ]
    assert "*queued* · staging · <#C0OPS>" in lines[1]


async def test_a_task_that_waits_says_for_what(slack_bot: Bot) -> None:
    """It comes last, however severe, and tells when it gets its thread."""
    opens_at = slack_bot.database.clock() + timedelta(hours=1)
    waits = {"opens_at": opens_at, "waits_for": "cool_down"}
    hidden = await slack_bot.task(title="hidden", severity=Severity.critical, **waits)
    await slack_bot.task(title="open", severity=Severity.info)
    lines = (await slack_bot.command("task")).splitlines()
    shown = await slack_bot.command(f"task {hidden.short_id}")

    assert [" open ", " hidden "] == [
        f" {line.split('` ')[1].split(' ·')[0]} " for line in lines[1:]
    ]
    assert f"no thread before <!date^{int(opens_at.timestamp())}^" in lines[2]
    for said in (lines[2], shown):
        assert said.split("no thread before")[1].endswith("(cool-down)")


async def test_one_task_is_shown(slack_bot: Bot) -> None:
    """By its short id, or the start of it."""
    task = await slack_bot.task(title="5xx on /feed")
    whole = await slack_bot.command(f"task {task.short_id}")
    start = await slack_bot.command(f"task {task.short_id[:5].upper()}")

    assert whole == start
    assert "*5xx on /feed*" in whole
    assert "queued · error · staging · reliability" in whole


async def test_fewer_are_listed_by_kind_and_by_owner(slack_bot: Bot) -> None:
    """An unknown word lists nothing, and says which there are."""
    task = await slack_bot.task(title="bots post", kind=TaskKind.safety)
    await slack_bot.task(title="5xx")
    await slack_bot.command(f"take {task.short_id}")
    safety = await slack_bot.command("tasks safety")
    mine = await slack_bot.command("tasks mine")
    odd = await slack_bot.command("tasks yours")

    assert safety == mine
    assert ("bots post" in safety, "5xx" in safety) == (True, False)
    assert "there is: mine, waiting, reliability" in odd
    assert "Nothing of growth is open." == await slack_bot.command("tasks growth")


async def test_what_waits_for_me_is_listed(slack_bot: Bot) -> None:
    """Of others' cards and of tasks without one nothing."""
    mine = await slack_bot.proposal(roles=("reliability-oncall",))
    await slack_bot.task(title="5xx elsewhere", group_key="b")
    said = await slack_bot.command("tasks waiting")
    await slack_bot.vote(mine, "operator")

    assert (True, False) == (mine.task_id.hex[-8:] in said, "elsewhere" in said)
    assert "Nothing waits for you." == await slack_bot.command("tasks waiting")


async def test_lines_lead_to_their_threads(slack_bot: Bot) -> None:
    """In a list and of one; no link to what has no thread yet."""
    task = await slack_bot.task(title="5xx on /feed")
    bare = await slack_bot.command("tasks")
    await slack_bot.sent(task.id, "root", "1.0001")
    link = f"<{BASE}archives/C0OPS/p10001|5xx on /feed>"

    assert "<http" not in bare
    assert link in await slack_bot.command("tasks")
    assert f"*{link}*" in await slack_bot.command(f"task {task.short_id}")


async def test_a_long_list_says_that_there_is_more(slack_bot: Bot) -> None:
    """Ten are enough for a message."""
    for number in range(12):
        await slack_bot.task(title=f"task {number}", group_key=str(number))
    lines = (await slack_bot.command("tasks")).splitlines()

    assert (12, True) == (len(lines), "and more" in lines[-1])


async def test_why_names_rule_level_and_risk(slack_bot: Bot) -> None:
    """Of each proposal; a task that proposed nothing says so."""
    await slack_bot.proposal(risk_factors=("production +1",), uncited=("route",))
    [row] = await slack_bot.rows("SELECT id FROM tasks")
    said = await slack_bot.command(f"why {row['id'].hex[-8:]}")
    shown = await slack_bot.command(f"task {row['id'].hex[-8:]}")
    idle = await slack_bot.task(group_key="other")

    assert "policy: require approval" in said
    assert "needs 1 of operator" in said
    assert "uncited: route" in said
    assert "production +1" in said
    assert "*needs approval*" in shown
    assert "proposed nothing" in await slack_bot.command(f"why {idle.short_id}")


async def test_the_most_severe_of_all_environments_come_first(
    slack_bot: Bot, scopes: Scopes
) -> None:
    """Many small things in dev hide nothing."""
    dev = await scopes("acme", "dev")
    await slack_bot.connect_also(dev)
    async with slack_bot.database("worker").transaction(dev, Step.set_up) as tx:
        for number in range(11):
            title, key = f"mild {number:02}", str(number)
            await add_task(tx, title=title, group_key=key, severity=Severity.warning)
    await slack_bot.task(title="staging is down", severity=Severity.critical)
    lines = (await slack_bot.command("tasks")).splitlines()

    assert "staging is down" in lines[1]
    assert (12, "…and more") == (len(lines), lines[-1][:9])


async def test_a_task_s_headline_says_what_is_hidden(slack_bot: Bot) -> None:
    """Of one as in lists: a placeholder is no word."""
    title = "mail to ⟨email:kqzvbnwt⟩ fails"
    task = await slack_bot.task(title=title)
    said = [await slack_bot.command(one) for one in ("tasks", f"task {task.short_id}")]

    assert all("mail to [an email address] fails" in one for one in said)
