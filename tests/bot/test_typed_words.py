"""What people type beside a decision names nobody where others read it."""

import pytest

from bot.blocks.decide import DECIDE_CALLBACK
from bot.blocks.edit_review import CONFIRM_CALLBACK
from bot.blocks.modals import CLOSE_CALLBACK, DONE_CALLBACK, REJECT_CALLBACK
from policy.proposal import ProposalState
from tests.bot.listeners.test_clicks import EDITED, SCHEMA, reviewed
from tests.bot.world import Bot, submission, value_of

ADDRESS = "ann.miller@customer.example"
_WORDS: dict[str, object] = {"comment": {"value": {"value": f"{ADDRESS} says so"}}}
_REJECTED = {"reason": {"value": {"selected_option": {"value": "other"}}}}


def verdict(word: str) -> dict[str, object]:
    return {"verdict": {"value": {"selected_option": {"value": word}}}}


async def kept(bot: Bot) -> str:
    """Give all that is kept of it, and so shown: clicks, headlines, messages."""
    found = [
        await bot.rows(f"SELECT {column} FROM {table}")  # noqa: S608 - constants
        for table, column in (
            ("inbox", "payload"),
            ("tasks", "headline"),
            ("outbox", "payload"),
            ("ledger", "body"),
        )
    ]
    return str(found)


@pytest.mark.parametrize(
    ("callback", "values", "state"),
    [
        (REJECT_CALLBACK, _REJECTED, "needs_approval"),
        (DECIDE_CALLBACK, verdict("approve"), "needs_approval"),
        (DECIDE_CALLBACK, verdict("reject") | _REJECTED, "needs_approval"),
        (DONE_CALLBACK, {}, "drafted"),
    ],
)
async def test_a_decision_s_words_show_no_address(
    slack_bot: Bot, callback: str, values: dict[str, object], state: str
) -> None:
    """The card says them in the channel, in so many words but for that."""
    proposal = await slack_bot.proposal(state=ProposalState(state))
    await slack_bot.interact(submission(callback, value_of(proposal), values | _WORDS))
    found = await kept(slack_bot)

    assert "⟩ says so" in found
    assert ADDRESS not in found


async def test_an_edit_s_reason_shows_no_address(slack_bot: Bot) -> None:
    """The new card quotes it."""
    params = {"service": "feed", "route": "GET /a", "limit_rps": 100}
    made = await slack_bot.proposal(params=params, params_schema=SCHEMA)
    view = await reviewed(slack_bot, made, **_WORDS)
    sent = submission(CONFIRM_CALLBACK, view["private_metadata"], EDITED | _WORDS)
    await slack_bot.interact(sent)
    found = await kept(slack_bot)

    assert "⟩ says so" in found
    assert ADDRESS not in found


async def test_how_a_task_ended_shows_no_address(slack_bot: Bot) -> None:
    """Its root message says it."""
    task = await slack_bot.task()
    await slack_bot.interact(submission(CLOSE_CALLBACK, str(task.id), _WORDS))
    found = await kept(slack_bot)

    assert "⟩ says so" in found
    assert ADDRESS not in found
