"""Decisions on a folded card."""

import pytest

from bot.blocks.fold import APPROVE, EACH, REJECT, TARGETS
from bot.blocks.modals import REJECT_CALLBACK
from bot.identity import Shown, find_shown
from lab.json_object import JsonObject
from storage.database import Database
from storage.errors import DatabaseUnreachable
from tests.bot.listeners.test_home import alike
from tests.bot.listeners.test_task_clicks import whispers
from tests.bot.world import Bot, click, submission
from tests.lab.world import World


def chosen(values: list[str], *, of: list[str], action: str) -> JsonObject:
    """Click a button of the card with these toggles set."""
    options = [{"value": one} for one in values]
    state = {"values": {"fold:x": {TARGETS: {"selected_options": options}}}}
    return click(" ".join(of), action, state=state)


async def decided(bot: Bot) -> list[tuple[str, str]]:
    rows = await bot.rows(
        "SELECT payload FROM inbox WHERE kind = 'decision' ORDER BY received_at, id"
    )
    return [(row["payload"]["verdict"], row["payload"]["digest"]) for row in rows]


async def test_each_that_is_chosen_is_a_click_of_its_own(slack_bot: Bot) -> None:
    """Bound to its digest; however often Slack delivers it."""
    values = await alike(slack_bot)
    body = chosen(values[1:], of=values, action=APPROVE)
    for _ in range(2):
        await slack_bot.interact(body)

    digests = [one.partition(".")[2] for one in values[1:]]
    assert [("approve", one) for one in digests] == sorted(await decided(slack_bot))


async def test_nothing_chosen_decides_nothing(slack_bot: Bot, lab: World) -> None:
    """The person is told; so is who rejects."""
    values = await alike(slack_bot)
    for action in (APPROVE, REJECT):
        await slack_bot.interact(chosen(["strange"], of=values, action=action))

    assert [] == await decided(slack_bot)
    assert 2 == sum("Choose at least one" in one for one in await whispers(lab))


async def test_several_are_rejected_with_one_reason(slack_bot: Bot) -> None:
    """One modal, one decision for each."""
    values = await alike(slack_bot)
    form: dict[str, object] = {
        "reason": {"value": {"selected_option": {"value": "too_risky"}}},
        "comment": {"value": {"value": "no"}},
    }
    sent = submission(REJECT_CALLBACK, " ".join(values[:2]), form)
    answer = await slack_bot.interact(sent)

    assert 200 == answer.status_code
    assert ["reject"] * 2 == [verdict for verdict, _ in await decided(slack_bot)]


async def test_a_toggle_and_a_look_decide_nothing(slack_bot: Bot) -> None:
    """Both are acknowledged: Slack marks what its app does not answer."""
    shown = " ".join(await alike(slack_bot))
    answers = [
        await slack_bot.interact(click(value, action))
        for value, action in (("", TARGETS), (shown, EACH))
    ]

    assert [200, 200] == [one.status_code for one in answers]
    assert [] == await decided(slack_bot)


async def test_a_guest_opens_no_form(slack_bot: Bot, lab: World) -> None:
    """Neither to reject, nor to look at each; they are told whose it is."""
    values = await alike(slack_bot)
    for action in (REJECT, EACH):
        body = chosen(values, of=values, action=action)
        await slack_bot.interact({**body, "user": {"id": "U0GUEST"}})
    told = await whispers(lab, "U0GUEST")

    assert 2 == sum("people with a role" in one for one in told)
    assert None is (await lab.workspace("U0GUEST"))["view"]


async def test_what_was_stored_in_part_is_said(
    slack_bot: Bot, lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away after the first of three; what was stored counts."""
    values = await alike(slack_bot)
    found: list[str] = []

    async def once(database: Database, team_id: str, value: str) -> Shown:
        found.append(value)
        if len(found) > 1:
            raise DatabaseUnreachable("no connection")
        return await find_shown(database, team_id, value)

    monkeypatch.setattr("bot.listeners.folds.find_shown", once)
    await slack_bot.interact(chosen(values, of=values, action=APPROVE))

    assert 1 == len(await decided(slack_bot))
    assert any("not all was stored" in one for one in await whispers(lab))


async def test_a_message_that_is_an_answer_is_replaced_once(slack_bot: Bot) -> None:
    """Of several chosen in it the first has the address, the others its channel."""
    values = await alike(slack_bot)
    where = {"type": "message", "message_ts": "1.2", "is_ephemeral": True}
    body = chosen(values, of=values, action=APPROVE)
    body |= {"container": where, "response_url": "https://hooks.slack.com/actions/x"}
    await slack_bot.interact(body)
    rows = await slack_bot.rows("SELECT payload->'clicked_in' AS at FROM inbox")

    assert 1 == sum("url" in row["at"] for row in rows)
    assert ["C0RELIABILITY"] * 3 == [row["at"]["channel"] for row in rows]
