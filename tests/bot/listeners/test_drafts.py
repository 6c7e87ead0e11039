"""Drafts: marked done with a note, by people with a role."""

import pytest

from bot.blocks.card_actions import ADMIN_PAGE, CARRIED_OUT
from bot.blocks.modals import DONE_CALLBACK, done_view
from lab.slack.view_rules import check_view
from policy.proposal import ProposalState
from tests.bot.listeners.test_task_clicks import whispers
from tests.bot.world import Bot, click, submission, value_of
from tests.lab.world import World
from wire.control import DecisionRequest


def test_the_form_asks_for_a_note() -> None:
    view = check_view(done_view("id.digest"))

    assert (DONE_CALLBACK, "id.digest") == (
        view["callback_id"],
        view["private_metadata"],
    )


@pytest.mark.parametrize("note", ["replaced the disk", ""])
async def test_it_is_marked_done_with_a_note(slack_bot: Bot, note: str) -> None:
    """One row, bound to what was shown, in the gateway's own words."""
    proposal = await slack_bot.proposal(state=ProposalState.drafted)
    opened = await slack_bot.interact(click(value_of(proposal), CARRIED_OUT))
    form: dict[str, object] = {"comment": {"value": {"value": note}}}
    sent = submission(DONE_CALLBACK, value_of(proposal), form)
    answer = await slack_bot.interact(sent)
    [row] = await slack_bot.rows("SELECT id, payload FROM inbox")
    request = DecisionRequest.model_validate({**row["payload"], "inbox_id": row["id"]})

    assert [200, 200] == [opened.status_code, answer.status_code]
    assert ("carried_out", note, proposal.id) == (
        request.verdict,
        request.comment,
        request.proposal_id,
    )


async def test_a_guest_marks_nothing_done(slack_bot: Bot, lab: World) -> None:
    proposal = await slack_bot.proposal(state=ProposalState.drafted)
    guest = {"id": "U0GUEST"}
    await slack_bot.interact(click(value_of(proposal), CARRIED_OUT, user=guest))

    assert "people with a role" in (await whispers(lab, "U0GUEST"))[-1]
    assert [] == await slack_bot.rows("SELECT 1 FROM inbox")


async def test_what_is_not_here_is_said_in_the_modal(slack_bot: Bot) -> None:
    sent = submission(DONE_CALLBACK, "garbage", {})
    answer = await slack_bot.interact(sent)

    assert "not one of Ops Autopilot" in str(answer.json()["view"])


async def test_an_opened_page_is_answered(slack_bot: Bot) -> None:
    """Slack opens it; nothing is stored."""
    answer = await slack_bot.interact(click("", ADMIN_PAGE))

    assert 200 == answer.status_code
    assert [] == await slack_bot.rows("SELECT 1 FROM inbox")
