"""An agent on a model, end to end: sandbox, gateway, the lab's model, Slack."""

from pathlib import Path

import pytest

from tests.journeys.modelled import asked, play_script, settings_with_model
from tests.journeys.stack import (
    APPROVE,
    Stack,
    click_until_heard,
    find_button,
    running_stack,
    until,
)

_SECONDS = 75.0
_STATE = "SELECT state FROM tasks WHERE service = 'discourse' ORDER BY created_at DESC"


async def _settled(stack: Stack) -> bool:
    rows = stack.rows(_STATE)
    return bool(rows) and rows[0][0] in {"completed", "escalated_to_human"}


async def _has_card(stack: Stack) -> bool:
    return await find_button(stack, APPROVE) is not None


def _reports(stack: Stack) -> list[dict[str, object]]:
    rows = stack.rows("SELECT report FROM runs WHERE report IS NOT NULL")
    return [row[0] for row in rows if isinstance(row[0], dict)]


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_model_finds_what_broke_and_a_person_approves(tmp_path: Path) -> None:
    """Four questions; findings that its evidence bears out; the platform recovers."""
    async with running_stack(tmp_path, settings=settings_with_model(tmp_path)) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _has_card(stack), "a card", _SECONDS)
        await click_until_heard(stack, APPROVE)
        await until(lambda: _settled(stack), "the task settles", _SECONDS)
        [report] = _reports(stack)
        questions = await asked(stack)
        spent = stack.rows(
            "SELECT count(*), min(cost_microusd) FROM model_calls"
            " WHERE state = 'answered'"
        )
        ratio = await stack.lab.error_ratio("discourse")

    findings = report["findings"]
    assert isinstance(findings, list)
    assert all(one["evidence_ids"] for one in findings)
    assert 2 == len(findings)
    assert [] == report["notes"]
    assert 4 == len(questions) == len(set(questions)) == spent[0][0]
    assert int(str(spent[0][1])) > 0
    assert ratio < 0.01


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_with_the_model_down_the_playbook_finds_it(tmp_path: Path) -> None:
    """The card is the playbook's, and the thread says who made it."""
    async with running_stack(tmp_path, settings=settings_with_model(tmp_path)) as stack:
        await play_script(stack, always={"misbehaves": "server_error"})
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _has_card(stack), "a card", _SECONDS)
        said = str(await stack.lab.messages("C0RELIABILITY"))

    assert "the playbook took over: server_error: HTTP 500" in said
