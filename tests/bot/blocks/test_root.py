"""The root message: every state, any text."""

import pytest
from hypothesis import given

from bot.blocks.root import render_root
from policy.task import TaskState
from tests.bot.blocks.facts import HOSTILE, ROOT, check, texts


@pytest.mark.parametrize("state", list(TaskState))
def test_every_state_renders(state: TaskState) -> None:
    """With a mark and words of its own."""
    root = render_root({**ROOT, "state": state.value, "next_step": "looking"})
    check(root)

    assert "⚪" not in root.text or state is TaskState.queued
    assert "5xx on /feed" in root.text


def test_a_root_tells_what_a_tired_person_needs() -> None:
    """State, severity, service, age, kind, agent, level, and the id to type."""
    shown = "\n".join(texts(render_root({**ROOT, "alerts": 3, "owner": "operator"})))

    for expected in (
        "looking",
        "error",
        "prod",
        "reliability-triage 1",
        "L1",
        "3 alerts folded",
        "owner operator",
        " · feed · ",
        "opened <!date^1700000000^{ago}|2023-11-14 22:13 UTC>",
        "3fa94c02",
    ):
        assert expected in shown


def test_a_root_calls_nobody_by_a_token() -> None:
    """Neither in its block nor in the words of its notification."""
    title = "mail to ⟨email:kqzvbnwt⟩ fails"
    root = render_root({**ROOT, "title": title, "headline": None})

    for said in (root.text, "\n".join(texts(root))):
        assert "mail to [an email address] fails" in said
        assert "kqzvbnwt" not in said


def test_whom_the_route_names_is_named() -> None:
    """As mentions, of people and groups; what is no id of Slack is left out."""
    people = ["U0ANN", "S0ONCALL", "<!channel>", "nobody"]
    shown = "\n".join(texts(render_root({**ROOT, "people": people})))

    assert "<@U0ANN> <!subteam^S0ONCALL>" in shown
    assert "channel" not in shown
    assert "nobody" not in shown


def test_what_its_models_cost_is_said() -> None:
    """Once it is not nothing."""
    shown = {
        cost: "\n".join(texts(render_root({**ROOT, "cost_microusd": cost})))
        for cost in (0, 41_000)
    }

    assert "$0.04" in shown[41_000]
    assert "$" not in shown[0]


def test_a_closed_task_tells_how_long_it_took() -> None:
    """Instead of since when."""
    shown = "\n".join(
        texts(render_root({**ROOT, "state": "completed", "closed_at": 1_700_000_072.0}))
    )

    assert "took 1 min 12 s" in shown
    assert "since" not in shown
    assert "opened" not in shown


@given(HOSTILE, HOSTILE, HOSTILE)
def test_hostile_facts_make_a_harmless_root(title: str, step: str, owner: str) -> None:
    """Titles are written by whoever sends alerts."""
    facts = {**ROOT, "title": title, "headline": title, "next_step": step}

    check(render_root({**facts, "owner": owner, "environment": owner}))


@pytest.mark.parametrize(
    ("state", "owner", "buttons"),
    [
        ("queued", None, ["Take over"]),
        ("running", None, ["Stop"]),
        ("needs_approval", None, ["Take over"]),
        ("executing", None, ["Take over"]),
        ("executing", "ann", ["Hand back"]),
        ("escalated_to_human", None, ["Take over", "Hand back", "Close"]),
        ("escalated_to_human", "ann", ["Hand back", "Close"]),
        ("completed", "ann", []),
        ("failed_terminal", None, []),
    ],
)
def test_a_root_offers_what_can_be_done(
    state: str, owner: str | None, buttons: list[str]
) -> None:
    """Bound to the task as it is shown; what is over offers nothing."""
    root = render_root({**ROOT, "state": state, "owner": owner, "task_id": "t-1"})
    check(root)
    elements = [
        element
        for block in root.blocks
        if block["type"] == "actions"
        for element in block["elements"]  # type: ignore[attr-defined]
    ]

    assert buttons == [one["text"]["text"] for one in elements]
    assert {f"t-1.{owner or ''}"} >= {one["value"] for one in elements}
