"""Clicks and modals: stored once, answered always."""

from typing import Any
from uuid import uuid4

import pytest

from bot.blocks.edit_review import CONFIRM_CALLBACK, NOTHING
from bot.blocks.modals import EDIT_CALLBACK, REJECT_CALLBACK
from gateway.tools.catalog import all_tools
from lab.slack.view_rules import check_view
from policy.proposal import ProposalState
from storage.canonical import plain
from storage.database import Row
from storage.proposals import Proposal
from tests.bot.workspace import SlackWorld
from tests.bot.world import OPERATOR, Bot, click, submission, value_of
from tests.lab.world import World
from wire.control import DecisionRequest

SCHEMA = {
    **all_tools().write("throttle_endpoint").params.model_json_schema(),
    "x-reason-codes": ["incident_mitigation", "undo"],
}
EDITED = {
    "param:service": {"value": {"value": "feed"}},
    "param:route": {"value": {"value": "GET /feed"}},
    "param:limit_rps": {"value": {"value": "90"}},
    "reason": {"value": {"selected_option": {"value": "undo"}}},
    "comment": {"value": {"value": "less"}},
}


@pytest.fixture
async def proposal(slack_bot: Bot) -> Proposal:
    return await slack_bot.proposal(
        tool="throttle_endpoint",
        params={"service": "feed", "route": "GET /a", "limit_rps": 100},
        reason_code="incident_mitigation",
        params_schema=plain(SCHEMA),
    )


async def inbox(bot: Bot) -> list[Row]:
    return await bot.rows("SELECT * FROM inbox ORDER BY received_at, id")


async def whispers(lab: World) -> list[str]:
    """Give what the operator alone was told."""
    found = (await lab.workspace())["messages"]
    assert isinstance(found, list)
    return [one["text"] for one in found if one["ephemeral"]]


async def test_an_approval_is_stored(slack_bot: Bot, proposal: Proposal) -> None:
    """Verdict, row, digest and who: waiting for the worker."""
    answer = await slack_bot.interact(click(value_of(proposal)))
    [row] = await inbox(slack_bot)

    assert 200 == answer.status_code
    assert ("slack", "decision", "pending") == (
        row["source"],
        row["kind"],
        row["state"],
    )
    assert {
        "verdict": "approve",
        "proposal_id": str(proposal.id),
        "digest": "d" * 64,
        "slack_user": "U0OPERATOR",
        "person": "U0OPERATOR",
    } == row["payload"]


@pytest.mark.parametrize(
    "verdict",
    ["approve", "grant", "undo", "took_effect", "no_effect", "reveal"],
)
async def test_each_button_says_its_own(
    slack_bot: Bot, proposal: Proposal, verdict: str
) -> None:
    """The gateway takes what is stored for one of its verdicts."""
    await slack_bot.interact(click(value_of(proposal), f"proposal:{verdict}"))
    [row] = await inbox(slack_bot)
    fields = {**row["payload"], "inbox_id": str(row["id"])}

    assert verdict == DecisionRequest.model_validate(fields).verdict


async def test_a_click_delivered_twice_is_stored_once(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """Slack's repeat is the same click; another click at another time is another."""
    first = click(value_of(proposal))
    for payload in (first, first):
        await slack_bot.interact(payload)
    later = click(value_of(proposal))
    later["actions"][0]["action_ts"] = "9.9"  # type: ignore[index]
    await slack_bot.interact(later)

    assert 2 == len(await inbox(slack_bot))


async def test_two_peoples_clicks_are_two(slack_bot: Bot, proposal: Proposal) -> None:
    """At the same instant, on the same button."""
    for user in ("U0OPERATOR", "U0SECOND"):
        await slack_bot.interact(click(value_of(proposal), user={"id": user}))

    assert 2 == len(await inbox(slack_bot))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (value_of(uuid4()), "not known here"),
        ("garbage", "not one of Ops Autopilot's"),
        ("", "not one of Ops Autopilot's"),
    ],
)
async def test_a_click_on_nothing_is_answered(
    slack_bot: Bot, lab: World, value: str, said: str
) -> None:
    """No row, and the person is told."""
    answer = await slack_bot.interact(click(value))

    assert 200 == answer.status_code
    assert [] == await inbox(slack_bot)
    assert [True] == [said in text for text in await whispers(lab)]


async def test_a_trigger_that_is_over_is_answered(
    slack_bot: Bot, lab: World, proposal: Proposal
) -> None:
    """Slack opens no modal: the person is asked to click again."""
    for action in ("proposal:reject", "proposal:edit"):
        await slack_bot.interact(click(value_of(proposal), action))

    assert [True, True] == ["click again" in text for text in await whispers(lab)]


async def test_an_edit_of_nothing_is_answered_in_its_modal(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """Which would else say for ever that it reads the proposal."""
    trigger = lab.workspace_here.triggers.issue(OPERATOR, now=lab.clock())
    body = click(value_of(uuid4()), "proposal:edit", trigger_id=trigger)
    await slack_bot.interact(body)

    assert "not known here" in str((await lab.workspace())["view"])
    assert [] == await whispers(lab)


async def test_a_rejection_is_stored(slack_bot: Bot, proposal: Proposal) -> None:
    """With reason, words and the wish for another plan."""
    values = {
        "reason": {"value": {"selected_option": {"value": "wrong_size"}}},
        "comment": {"value": {"value": " too much "}},
        "again": {"value": {"selected_options": [{"value": "new_plan"}]}},
    }
    sent = submission(REJECT_CALLBACK, value_of(proposal), values)
    for _ in range(2):
        await slack_bot.interact(sent)
    [row] = await inbox(slack_bot)

    assert ("reject", "wrong_size", "too much", True) == (
        row["payload"]["verdict"],
        row["payload"]["reason_code"],
        row["payload"]["comment"],
        row["payload"]["new_plan"],
    )


SAME = {
    "param:service": {"value": {"value": "feed"}},
    "param:route": {"value": {"value": "GET /a"}},
    "reason": {"value": {"selected_option": {"value": "incident_mitigation"}}},
}


async def reviewed(bot: Bot, proposal: Proposal, **changes: object) -> dict[str, Any]:
    """Submit the form; give the view that shows the diff."""
    sent = submission(EDIT_CALLBACK, value_of(proposal), {**EDITED, **changes})
    answer = await bot.interact(sent)
    assert "update" == answer.json()["response_action"], answer.json()
    return dict(check_view(answer.json()["view"]))


def diff_of(view: dict[str, Any]) -> list[str]:
    return [
        one["text"]["text"]
        for one in view["blocks"]
        if str(one.get("block_id", "")).startswith("diff:")
    ]


async def test_an_edit_is_stored_once_its_diff_was_shown(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """First what changes, and no row; then the params typed as the schema says."""
    view = await reviewed(slack_bot, proposal)
    nothing = await inbox(slack_bot)
    sent = submission(CONFIRM_CALLBACK, view["private_metadata"], EDITED)
    answers = [await slack_bot.interact(sent) for _ in range(2)]
    [row] = await inbox(slack_bot)

    assert [
        "Route\n*GET /a*  →  *GET /feed*",
        "Limit (requests/s)\n*100*  →  *90*",
        "Reason code\n*incident_mitigation*  →  *undo*",
    ] == diff_of(view)
    assert ([], [(200, b"")] * 2) == (
        nothing,
        [(one.status_code, one.content) for one in answers],
    )
    assert {"service": "feed", "route": "GET /feed", "limit_rps": 90} == (
        row["payload"]["params"]
    )
    assert ("edit", "undo", "less", value_of(proposal)) == (
        row["payload"]["verdict"],
        row["payload"]["reason_code"],
        row["payload"]["comment"],
        f"{row['payload']['proposal_id']}.{row['payload']['digest']}",
    )


async def test_what_was_not_shown_is_not_stored(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """A field changed below the diff brings its own diff first, and that is stored."""
    view = await reviewed(slack_bot, proposal)
    other = {**EDITED, "param:limit_rps": {"value": {"value": "80"}}}
    answer = await slack_bot.interact(
        submission(CONFIRM_CALLBACK, view["private_metadata"], other)
    )
    newer = answer.json()["view"]
    nothing = await inbox(slack_bot)
    await slack_bot.interact(
        submission(CONFIRM_CALLBACK, newer["private_metadata"], other)
    )
    [row] = await inbox(slack_bot)

    assert ([], 80) == (nothing, row["payload"]["params"]["limit_rps"])
    assert "Limit (requests/s)\n*100*  →  *80*" in diff_of(newer)


@pytest.mark.parametrize("metadata", ["", " ", " 0", f" {'0' * 64}"])
async def test_a_made_up_digest_stores_nothing(
    slack_bot: Bot, proposal: Proposal, metadata: str
) -> None:
    """Without the digest of what was shown, the diff is shown again."""
    sent = submission(CONFIRM_CALLBACK, f"{value_of(proposal)}{metadata}", EDITED)
    answer = await slack_bot.interact(sent)

    assert CONFIRM_CALLBACK == answer.json()["view"]["callback_id"]
    assert [] == await inbox(slack_bot)


async def test_a_field_that_was_not_changed_keeps_what_is_stored(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """The second view asks for the changed fields alone."""
    view = await reviewed(slack_bot, proposal, **SAME)
    asked = [one["block_id"] for one in view["blocks"] if one["type"] == "input"]
    left = {name: {**EDITED, **SAME}[name] for name in asked}
    await slack_bot.interact(
        submission(CONFIRM_CALLBACK, view["private_metadata"], left)
    )
    [row] = await inbox(slack_bot)

    assert ["param:limit_rps", "reason", "comment"] == asked
    assert {"service": "feed", "route": "GET /a", "limit_rps": 90} == (
        row["payload"]["params"]
    )


async def test_an_edit_without_a_change_says_so(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """Nothing to propose: the form stays, and nothing is stored."""
    same = {
        **EDITED,
        "param:route": {"value": {"value": "GET /a"}},
        "param:limit_rps": {"value": {"value": "100"}},
        "reason": {"value": {"selected_option": {"value": "incident_mitigation"}}},
    }
    answer = await slack_bot.interact(
        submission(EDIT_CALLBACK, value_of(proposal), same)
    )

    assert {
        "response_action": "errors",
        "errors": {"comment": NOTHING},
    } == answer.json()
    assert [] == await inbox(slack_bot)


async def test_a_change_taken_back_below_its_diff_says_so_at_a_field_that_is_there(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """The diff's form has the changed fields alone, and Slack no place for others."""
    view = await reviewed(slack_bot, proposal, **SAME)
    asked = [one["block_id"] for one in view["blocks"] if one["type"] == "input"]
    left = {one: {**EDITED, **SAME}[one] for one in asked}
    left["param:limit_rps"] = {"value": {"value": "100"}}
    answer = await slack_bot.interact(
        submission(CONFIRM_CALLBACK, view["private_metadata"], left)
    )

    assert "param:service" not in asked
    assert {"comment"} == set(answer.json()["errors"]) & set(asked)


async def test_what_is_decided_is_not_reviewed(slack_bot: Bot) -> None:
    """Its modal says how it ended."""
    decided = await slack_bot.proposal(
        params_schema=plain(SCHEMA), state=ProposalState.rejected
    )
    answer = await slack_bot.interact(
        submission(EDIT_CALLBACK, value_of(decided), EDITED)
    )

    assert "Already decided: rejected" in str(answer.json()["view"])


async def test_an_edit_out_of_bounds_stays_open(
    slack_bot: Bot, proposal: Proposal
) -> None:
    """The error lands on its field, and nothing is stored."""
    wrong = {**EDITED, "param:limit_rps": {"value": {"value": "100001"}}}
    sent = submission(EDIT_CALLBACK, value_of(proposal), wrong)
    answer = await slack_bot.interact(sent)

    assert {
        "response_action": "errors",
        "errors": {"param:limit_rps": "At most 100,000."},
    } == answer.json()
    assert [] == await inbox(slack_bot)


@pytest.mark.parametrize("callback", [EDIT_CALLBACK, CONFIRM_CALLBACK, REJECT_CALLBACK])
async def test_a_submission_about_nothing_is_answered(
    slack_bot: Bot, callback: str
) -> None:
    """The modal says that the proposal is not known."""
    answer = await slack_bot.interact(submission(callback, value_of(uuid4()), EDITED))

    assert "update" == answer.json()["response_action"]
    assert "not known here" in str(answer.json()["view"])
    assert [] == await inbox(slack_bot)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
async def test_odd_words_are_stored(
    slack_bot: Bot, proposal: Proposal, text: str
) -> None:
    """A comment that no database takes as it is loses no click."""
    sent = submission(
        REJECT_CALLBACK, value_of(proposal), {"comment": {"value": {"value": text}}}
    )
    answer = await slack_bot.interact(sent)
    [row] = await inbox(slack_bot)

    assert 200 == answer.status_code
    assert "a\N{REPLACEMENT CHARACTER}b" == row["payload"]["comment"]


@pytest.mark.parametrize("button", ["why", "edit", "reject"])
async def test_a_guest_opens_nothing(
    slack_bot: Bot, lab: World, proposal: Proposal, button: str
) -> None:
    """Neither the reasons nor a form; they are told whose it is."""
    guest = {"id": "U0GUEST"}
    await slack_bot.interact(
        click(value_of(proposal), f"proposal:{button}", user=guest)
    )
    found = await lab.workspace("U0GUEST")

    assert None is found["view"]
    messages = found["messages"]
    assert isinstance(messages, list)
    told = [one["text"] for one in messages if one["ephemeral"]]
    assert ["That is for people with a role here; nothing was changed."] == told
