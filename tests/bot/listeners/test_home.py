"""Home: published when opened, filtered, paged, and decided in."""

import asyncio
import json
from uuid import UUID

import pytest

from bot.blocks.decide import DECIDE_CALLBACK
from bot.blocks.home import CARDS_OLDER, DECIDE, FILTER, OLDER, Shown
from lab.json_object import JsonObject
from policy.proposal import ProposalState
from policy.task import TaskKind
from storage.doorbell import Bell, listening
from storage.steps import Step
from tests.bot.workspace import SlackWorld
from tests.bot.world import BASE, OPERATOR, TEAM, Bot, click, submission, value_of
from tests.lab.world import World
from tests.samples import add_proposal


async def home(lab: World, user: str = OPERATOR) -> str:
    """Give what stands on a person's Home."""
    found = (await lab.workspace(user))["home"]
    return json.dumps(found, ensure_ascii=False)


def opened(user: str = OPERATOR, tab: str = "home") -> JsonObject:
    return {"type": "app_home_opened", "user": user, "tab": tab, "channel": "D1"}


def in_home(action: str, **changes: object) -> dict[str, object]:
    """Write a click on the Home, which has no channel."""
    body = click("", action)
    body["container"] = {"type": "view", "view_id": "V1"}
    body["view"] = {"id": "V1", "private_metadata": '{"filter": "all", "after": 0}'}
    del body["channel"]
    [element] = body["actions"]  # type: ignore[misc]
    element |= changes  # type: ignore[has-type]
    return body


async def test_a_home_shows_what_waits_and_what_is_open(
    slack_bot: Bot, lab: World
) -> None:
    """To those with a role; the others are told that there is nothing for them."""
    await slack_bot.proposal(roles=("reliability-oncall",))
    await slack_bot.task(title="bots post", kind=TaskKind.safety)
    await slack_bot.event(opened())
    await slack_bot.event(opened("U0GUEST"))

    assert "bots post" in await home(lab)
    assert DECIDE in await home(lab)
    assert "nobody with your Slack id has a role" in await home(lab, "U0GUEST")


async def test_another_tab_publishes_nothing(slack_bot: Bot, lab: World) -> None:
    """Messages are read as messages."""
    await slack_bot.event(opened(tab="messages"))

    assert "null" == await home(lab)


async def test_a_home_is_filtered_and_turned(slack_bot: Bot, lab: World) -> None:
    """The filter begins at the first page; a page keeps its filter."""
    for number in range(12):
        await slack_bot.task(title=f"late {number:02}", group_key=str(number))
    await slack_bot.task(title="bots post", kind=TaskKind.safety)
    chosen = {"selected_option": {"value": "safety"}, "value": None}
    await slack_bot.interact(in_home(FILTER, **chosen))
    filtered = await home(lab)
    await slack_bot.interact(in_home(OLDER, value="10"))
    turned = await home(lab)

    assert ("bots post" in filtered, "late" in filtered) == (True, False)
    assert 3 == turned.count("late ") + turned.count("bots post")


async def test_a_page_keeps_its_filter(slack_bot: Bot, lab: World) -> None:
    """What is turned is what was looked at."""
    for number in range(12):
        kind = {"kind": TaskKind.safety, "group_key": f"s{number}"}
        await slack_bot.task(title=f"bots {number:02}", **kind)
        await slack_bot.task(title=f"late {number:02}", group_key=str(number))
    body = in_home(OLDER, value="10")
    body["view"] = {"private_metadata": '{"filter": "safety", "after": 0}'}
    await slack_bot.interact(body)
    turned = await home(lab)

    assert (2, 0) == (turned.count("bots "), turned.count("late "))
    assert '"Newer"' in turned


async def test_a_page_behind_the_last_is_the_last(slack_bot: Bot, lab: World) -> None:
    """What stood there was closed meanwhile; nobody is told that nothing is open."""
    for number in range(11):
        await slack_bot.task(title=f"late {number:02}", group_key=str(number))
    await slack_bot.interact(in_home(OLDER, value="20"))
    last = await home(lab)

    assert 1 == last.count("late ")
    assert ('"Newer"' in last, '"More"' in last) == (True, False)
    assert 10 == json.loads(json.loads(last)["view"]["private_metadata"])["after"]


async def test_a_page_of_cards_behind_the_last_is_the_last(
    slack_bot: Bot, lab: World
) -> None:
    """Those behind it were decided meanwhile; nobody is told that nothing waits."""
    for _ in range(10):
        await slack_bot.proposal()
    await slack_bot.interact(in_home(CARDS_OLDER, value="10"))
    last = await home(lab)

    assert "Nothing waits" not in last
    assert 0 == json.loads(json.loads(last)["view"]["private_metadata"])["cards"]


async def test_a_home_shows_what_waits_for_me(slack_bot: Bot, lab: World) -> None:
    """The tasks of cards that my roles may still decide, and no others."""
    mine = await slack_bot.proposal(roles=("reliability-oncall",))
    other = await slack_bot.task(title="bots post", kind=TaskKind.safety)
    chosen = {"selected_option": {"value": "waiting"}, "value": None}
    await slack_bot.interact(in_home(FILTER, **chosen))
    before = await home(lab)
    await slack_bot.vote(mine, "operator")
    await slack_bot.interact(in_home(FILTER, **chosen))

    assert (f"• `{mine.task_id.hex[-8:]}`" in before, other.short_id in before) == (
        True,
        False,
    )
    assert "Nothing waits for you." in await home(lab)


async def test_a_home_leads_to_threads_and_cards(slack_bot: Bot, lab: World) -> None:
    """One tap from a line to where it stands."""
    proposal = await slack_bot.proposal()
    await slack_bot.sent(proposal.task_id, "root", "1.0001")
    await slack_bot.sent(proposal.task_id, f"proposal:{proposal.id}", "2.0002")
    await slack_bot.event(opened())
    shown = await home(lab)

    assert f"<{BASE}archives/C0OPS/p10001|5xx on /feed>" in shown
    assert f"<{BASE}archives/C0OPS/p20002?thread_ts=1.0001&cid=C0OPS|" in shown


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_a_card_is_decided_from_home(slack_bot: Bot, verdict: str) -> None:
    """In a modal, as a click that waits for the worker, bound to what was seen."""
    proposal = await slack_bot.proposal()
    value = value_of(proposal, proposal.digest)
    opening = await slack_bot.interact(in_home(DECIDE, value=value))
    values: dict[str, object] = {
        "verdict": {"value": {"selected_option": {"value": verdict}}},
        "reason": {"value": {"selected_option": {"value": "too_risky"}}},
        "comment": {"value": {"value": "seen"}},
        "again": {"value": {"selected_options": [{"value": "new_plan"}]}},
    }
    answer = await slack_bot.interact(submission(DECIDE_CALLBACK, value, values))
    [row] = await slack_bot.rows("SELECT payload FROM inbox WHERE kind = 'decision'")
    payload = row["payload"]

    assert (200, 200) == (opening.status_code, answer.status_code)
    assert (verdict, proposal.digest, "seen") == (
        payload["verdict"],
        payload["digest"],
        payload["comment"],
    )
    why = ("too_risky", True) if verdict == "reject" else (None, None)
    assert why == (payload.get("reason_code"), payload.get("new_plan"))


async def alike(bot: Bot, count: int = 3) -> list[str]:
    """Store throttles of as many routes; give the values that their buttons have."""
    made = []
    for one in range(count):
        bot.database.clock.move(seconds=1)
        made.append(
            await bot.proposal(
                roles=("reliability-oncall",),
                alike="throttle",
                params={"service": "feed", "route": f"GET /{one}", "limit_rps": 100},
                estimate={"title": f"Throttle GET /{one}"},
                digest=str(one) * 64,
            )
        )
    return [value_of(one, one.digest) for one in made]


def decision(chosen: list[str]) -> dict[str, object]:
    options = [{"value": one} for one in chosen]
    return {
        "targets": {"value": {"selected_options": options}},
        "verdict": {"value": {"selected_option": {"value": "approve"}}},
        "comment": {"value": {"value": "seen"}},
    }


async def test_alike_cards_are_one_line_and_one_modal(
    slack_bot: Bot, lab: World
) -> None:
    """One Decide, whose button is bound to each of them."""
    values = await alike(slack_bot)
    await slack_bot.event(opened())
    shown = json.loads(await home(lab))
    [line] = [one for one in shown["view"]["blocks"] if "accessory" in one]

    assert "Throttle GET /0* and 2 alike" in line["text"]["text"]
    assert " ".join(values) == line["accessory"]["value"]


async def test_each_that_is_chosen_is_approved_by_itself(slack_bot: Bot) -> None:
    """A click each, bound to its digest; what was left out, or never shown, is none."""
    *values, left = await alike(slack_bot)
    strange = value_of(await slack_bot.proposal())
    sent = submission(
        DECIDE_CALLBACK, " ".join([*values, left]), decision([*values, strange])
    )
    answers = [await slack_bot.interact(sent) for _ in range(2)]
    rows = await slack_bot.rows(
        "SELECT payload FROM inbox WHERE kind = 'decision' ORDER BY received_at, id"
    )

    assert [b"", b""] == [one.content for one in answers]
    assert [("approve", *one.split(".")) for one in sorted(values)] == sorted(
        (
            row["payload"]["verdict"],
            row["payload"]["proposal_id"],
            row["payload"]["digest"],
        )
        for row in rows
    )


async def test_none_chosen_is_said(slack_bot: Bot) -> None:
    """At the toggles, and nothing is stored."""
    values = await alike(slack_bot)
    sent = submission(DECIDE_CALLBACK, " ".join(values), decision([]))
    answer = await slack_bot.interact(sent)

    assert {"targets": "Choose at least one."} == answer.json()["errors"]
    assert [] == await slack_bot.rows("SELECT 1 FROM inbox WHERE kind = 'decision'")


async def test_slack_that_takes_no_home_breaks_nothing(
    bot: Bot,
) -> None:
    """The Home that stands stays; the event is answered, so that it is not repeated."""
    answer = await bot.event(opened())

    assert 200 == answer.status_code


async def test_another_workspace_gets_no_home(slack_bot: Bot, lab: World) -> None:
    """Whoever asks."""
    await slack_bot.event(opened(), team="T0OTHER")

    assert "null" == await home(lab)


async def test_a_home_is_made_anew_after_a_decision(slack_bot: Bot, lab: World) -> None:
    """As it was filtered; what is not settled yet asks nothing more."""
    proposal = await slack_bot.proposal(roles=("reliability-oncall",))
    await slack_bot.event(opened())
    before = await home(lab)
    value = f"{value_of(proposal, proposal.digest)} {Shown('waiting', 0).word}"
    await slack_bot.interact(submission(DECIDE_CALLBACK, value, decision([])))
    after = await home(lab)

    assert ("Decide" in before, "being settled" in before) == (True, False)
    assert ("Decide" in after, "being settled" in after) == (False, True)
    assert '"filter": "waiting"' in after.replace("\\", "")


async def test_what_was_settled_is_gone_from_home(slack_bot: Bot, lab: World) -> None:
    """The Home waits a moment for it."""
    proposal = await slack_bot.proposal(roles=("reliability-oncall",))
    value = f"{value_of(proposal, proposal.digest)} {Shown().word}"
    sent = asyncio.ensure_future(
        slack_bot.interact(submission(DECIDE_CALLBACK, value, decision([])))
    )
    await settled(slack_bot)
    await sent

    assert "Nothing waits." in await home(lab)


async def settled(bot: Bot) -> None:
    """Settle the click as the gateway does, once it is there."""
    async with (
        asyncio.timeout(5),
        listening(bot.database.urls["web"], Bell.inbox) as bell,
    ):
        while not await bot.rows("SELECT id FROM inbox"):
            await bell.wait(0.05)
    async with bot.database("gateway").transaction(bot.scope, Step.decide) as tx:
        await tx.change("UPDATE inbox SET state = 'done'")
        await tx.change("UPDATE proposals SET state = 'rejected'")


async def test_who_asked_for_it_is_not_asked(slack_bot: Bot, lab: World) -> None:
    """Where their own approval does not count: it is for others."""
    proposal = await slack_bot.proposal(
        roles=("reliability-oncall",), barred="operator"
    )
    await slack_bot.event(opened())
    shown = await home(lab)
    said = await slack_bot.command("")
    listed = await slack_bot.command("tasks waiting")
    draft = await slack_bot.proposal(
        roles=("reliability-oncall",), barred="operator", state=ProposalState.drafted
    )

    assert "for reliability-oncall" in shown
    assert "Decide" not in shown
    assert "Nothing waits for you" in said
    assert proposal.task_id.hex[-8:] not in listed
    assert draft.task_id.hex[-8:] in await slack_bot.command("tasks waiting")


async def test_a_decision_in_home_knows_its_home(slack_bot: Bot) -> None:
    """Its answer belongs on top of it, as it was filtered."""
    proposal = await slack_bot.proposal(roles=("reliability-oncall",))
    value = f"{value_of(proposal, proposal.digest)} {Shown('waiting', 0).word}"
    await slack_bot.interact(submission(DECIDE_CALLBACK, value, decision([])))
    [row] = await slack_bot.rows("SELECT payload->'clicked_in' AS at FROM inbox")

    assert {"kind": "home", "team": TEAM, "home": "home:waiting:0:0"} == row["at"]


async def test_a_button_that_can_t_open_is_answered_in_a_modal(
    slack_bot: Bot, lab: SlackWorld
) -> None:
    """A Home has no thread; a modal says why, where the person looks."""
    body = in_home(DECIDE, value=f"{UUID(int=1)}.dd")
    trigger = lab.workspace_here.triggers.issue(OPERATOR, now=lab.clock())
    await slack_bot.interact(body | {"trigger_id": trigger})
    view = (await lab.workspace())["view"]

    assert "not known here" in str(view)


async def test_cards_are_turned_and_filtered(slack_bot: Bot, lab: World) -> None:
    """A long list has a next page; a filter holds for the cards as for the tasks."""
    for number in range(12):
        await slack_bot.proposal(
            estimate={"title": f"late {number:02}"}, key=f"{number}"
        )
    odd = await slack_bot.task(kind=TaskKind.safety, group_key="odd")
    async with slack_bot.database("gateway").transaction(
        slack_bot.scope, Step.set_up
    ) as tx:
        await add_proposal(tx, odd, estimate={"title": "ban bots"}, key="odd")
    await slack_bot.event(opened())
    first = await home(lab)
    await slack_bot.interact(in_home(CARDS_OLDER, value="10"))
    second = await home(lab)
    chosen = {"selected_option": {"value": "safety"}, "value": None}
    await slack_bot.interact(in_home(FILTER, **chosen))
    filtered = await home(lab)

    assert "1 to 10 of 13" in first
    assert "11 to 13 of 13" in second
    assert 12 == first.count("*late ") + second.count("*late ")
    assert ("ban bots" in filtered, "*late " in filtered) == (True, False)


async def test_a_decision_is_answered_before_a_slow_slack_takes_its_home(
    slack_bot: Bot, lab: World
) -> None:
    """The modal closes in time; the Home is made anew by its answer."""
    proposal = await slack_bot.proposal(roles=("reliability-oncall",))
    slow = {"kind": "slow", "method": "views.publish", "count": 9, "seconds": 4}
    await lab.post("/lab/faults", slow)
    value = f"{value_of(proposal, proposal.digest)} {Shown('waiting', 0).word}"
    sent = submission(DECIDE_CALLBACK, value, decision([]))
    answer = await slack_bot.interact(sent)

    assert (200, b"") == (answer.status_code, answer.content)
    assert "null" == await home(lab)
    assert 1 == len(await slack_bot.rows("SELECT id FROM inbox"))
