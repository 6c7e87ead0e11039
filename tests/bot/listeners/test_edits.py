"""An edit that became wrong where its second form has no field: asked for again."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from bot.blocks.edit_review import CONFIRM_CALLBACK
from bot.blocks.modals import EDIT_CALLBACK
from gateway.tools.catalog import all_tools
from lab.slack.view_rules import check_view
from storage.proposals import Proposal
from tests.bot.world import Bot, submission, value_of


def words(text: str) -> dict[str, object]:
    return {"value": {"value": text}}


def instant(bot: Bot, minutes: int) -> int:
    at = bot.database.clock().astimezone(UTC) + timedelta(minutes=minutes)
    return int(at.timestamp()) // 60 * 60


@pytest.fixture
async def too_near(slack_bot: Bot) -> Proposal:
    """A campaign whose start is nearer by now than it may be."""
    spec = next(one for one in all_tools().specs if one.name == "schedule_campaign")
    at = slack_bot.database.clock().astimezone(UTC) + timedelta(minutes=2)
    return await slack_bot.proposal(
        tool="schedule_campaign",
        params={
            "campaign_key": "spring",
            "segment": "lapsed",
            "template": "hello",
            "starts_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        },
        params_schema=spec.params_schema,
    )


async def asked_again(bot: Bot, proposal: Proposal) -> dict[str, Any]:
    """Confirm an edit of the segment alone; give the view that it leads to."""
    entered: dict[str, object] = {
        "param:segment": words("new"),
        "comment": words("too many"),
    }
    sent = submission(CONFIRM_CALLBACK, f"{value_of(proposal)} any", entered)
    answer = (await bot.interact(sent)).json()
    assert "update" == answer["response_action"], answer
    return dict(check_view(answer["view"]))


async def test_what_became_wrong_has_a_field_again(
    slack_bot: Bot, too_near: Proposal
) -> None:
    """All fields, with what was typed; what is wrong is said, and nothing stored."""
    view = await asked_again(slack_bot, too_near)
    fields = {one["block_id"]: one for one in view["blocks"] if "element" in one}

    assert EDIT_CALLBACK == view["callback_id"]
    assert "Starts" in view["blocks"][1]["text"]["text"]
    assert "between 5 minutes and 30 days" in view["blocks"][1]["text"]["text"]
    assert "new" == fields["param:segment"]["element"]["initial_value"]
    assert {"param:starts_at", "comment"} <= fields.keys()
    assert [] == await slack_bot.rows("SELECT id FROM inbox")


async def test_what_is_mended_there_leads_on(
    slack_bot: Bot, too_near: Proposal
) -> None:
    """To what would change, and then to a new card."""
    view = await asked_again(slack_bot, too_near)
    entered: dict[str, object] = {
        "param:campaign_key": words("spring"),
        "param:segment": words("new"),
        "param:template": words("hello"),
        "param:starts_at": {"value": {"selected_date_time": instant(slack_bot, 60)}},
    }
    sent = submission(EDIT_CALLBACK, view["private_metadata"], entered)
    diff = (await slack_bot.interact(sent)).json()["view"]
    last = submission(CONFIRM_CALLBACK, diff["private_metadata"], entered)
    await slack_bot.interact(last)
    [row] = await slack_bot.rows("SELECT payload FROM inbox")

    assert CONFIRM_CALLBACK == diff["callback_id"]
    assert "new" == row["payload"]["params"]["segment"]
