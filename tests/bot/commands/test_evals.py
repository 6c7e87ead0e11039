"""``/ops evals``: how many cases there are, and what is still to come."""

from uuid import uuid4

from policy.eval_case import EvalCaseKind
from storage import eval_cases
from storage.eval_cases import NewEvalCase
from storage.redacted import RedactedText
from storage.steps import Step
from tests.bot.world import Bot


async def kept(slack_bot: Bot) -> None:
    proposal = await slack_bot.proposal()
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        kind, words = EvalCaseKind.rejected, RedactedText("")
        case = NewEvalCase(uuid4(), kind, "too_risky", words, new_plan=False)
        await eval_cases.append(tx, proposal, case)


async def test_cases_are_counted(slack_bot: Bot) -> None:
    """By kind; the evals of them are said to come."""
    none = await slack_bot.command("evals")
    await kept(slack_bot)
    one = await slack_bot.command("evals")
    await kept(slack_bot)
    two = await slack_bot.command("evals")

    assert "No case yet" in none
    assert "1 case from people's decisions: 1 rejected." in one
    assert "2 cases" in two
    assert "not built yet" in two


async def test_a_guest_counts_nothing(slack_bot: Bot) -> None:
    assert "has a role" in await slack_bot.command("evals", user_id="U0GUEST")
