"""Forms that stay open with what was typed, and say at a field what is missing."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from bot.blocks.decide import DECIDE_CALLBACK
from bot.blocks.edit_review import CONFIRM_CALLBACK
from bot.blocks.modals import EDIT_CALLBACK
from gateway.tools.catalog import all_tools
from tests.bot.world import Bot, submission, value_of


def at(bot: Bot, hours: int) -> tuple[str, dict[str, Any]]:
    """Give an instant from now as it is stored, and as a field brings it."""
    found = bot.database.clock().astimezone(UTC) + timedelta(hours=hours)
    stored = f"{found:%Y-%m-%dT%H:%M:%SZ}"
    return stored, {"value": {"selected_date_time": int(found.timestamp())}}


@pytest.mark.parametrize("callback", [EDIT_CALLBACK, CONFIRM_CALLBACK])
async def test_an_edit_beyond_a_bound_of_two_fields_stays_open(
    slack_bot: Bot, callback: str
) -> None:
    """It is said at the field, before anything is proposed."""
    spec = next(one for one in all_tools().specs if one.name == "start_backfill")
    (begin, _), (end, _) = at(slack_bot, -2), at(slack_bot, -1)
    proposal = await slack_bot.proposal(
        params={"pipeline": "feed", "from_at": begin, "to_at": end},
        params_schema=spec.params_schema,
    )
    entered: dict[str, object] = {"param:to_at": at(slack_bot, -3)[1]}
    if callback == EDIT_CALLBACK:
        entered |= {
            "param:pipeline": {"value": {"value": "feed"}},
            "param:from_at": at(slack_bot, -2)[1],
        }
    answer = await slack_bot.interact(
        submission(callback, f"{value_of(proposal)} any", entered)
        if callback == CONFIRM_CALLBACK
        else submission(callback, value_of(proposal), entered)
    )

    assert "errors" == answer.json()["response_action"]
    assert "after From" in answer.json()["errors"]["param:to_at"]
    assert [] == await slack_bot.rows("SELECT id FROM inbox")


async def test_a_rejection_says_why(slack_bot: Bot) -> None:
    """Nothing is chosen for anybody; of an approval no reason is asked."""
    proposal = await slack_bot.proposal()
    chosen: dict[str, object] = {
        "verdict": {"value": {"selected_option": {"value": "reject"}}}
    }
    sent = submission(DECIDE_CALLBACK, value_of(proposal), chosen)
    answer = await slack_bot.interact(sent)

    assert {"reason": "Choose why."} == answer.json()["errors"]
    assert [] == await slack_bot.rows("SELECT id FROM inbox")
