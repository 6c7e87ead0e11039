"""The shapes of question and answer."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.gate import RefusedCall
from gateway.model_port import CalledTool, Completion, Usage
from gateway.model_terms import Begun, answer_of, failure, from_journal
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact
from policy.model_call import ModelCallState, ModelFault
from storage.model_calls import ModelCall, NewModelCall

AT = datetime(2026, 1, 31, tzinfo=UTC)
ID = UUID(int=1)
EXPECTED = NewModelCall(ID, ID, "t3", "small", "digest", 100, 50, 9, AT)
KEPT = ModelCall(
    id=ID,
    task_id=ID,
    step="t3",
    model="small",
    request_digest="digest",
    state=ModelCallState.answered,
    input_tokens=1,
    output_tokens=2,
    cost_microusd=3,
    answer={"id": "t3"},
    fault=None,
    error=None,
    begun_at=AT,
    due_at=AT,
)


def test_an_answer_without_calls_is_a_stop() -> None:
    """Whatever the endpoint called it."""
    begun = Begun(ID, EXPECTED, redact({}, Placeholders(key=b"k", known={})), 9.0)
    body = answer_of(begun, Completion("small", "Hi", (), "eos", None), Usage(1, 2))

    assert [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Hi"},
        }
    ] == body["choices"]


def test_calls_are_numbered_within_the_run() -> None:
    """An endpoint's own ids are left out: they look like secrets to redaction."""
    begun = Begun(ID, EXPECTED, redact({}, Placeholders(key=b"k", known={})), 9.0)
    calls = (CalledTool("a", "{}"), CalledTool("b", "{}"))
    body = answer_of(begun, Completion("m", "", calls, "stop", None), Usage(1, 2))

    assert '["t3.1", "t3.2"]' == str(
        [one["id"] for one in body["choices"][0]["message"]["tool_calls"]]  # type: ignore[index,call-overload,union-attr]
    ).replace("'", '"')


def test_a_kept_answer_is_given_to_its_own_question_alone() -> None:
    """By the digest of what was asked."""
    assert {"id": "t3"} == from_journal(KEPT, "digest")
    with pytest.raises(RefusedCall, match="another question"):
        from_journal(KEPT, "other")


def test_what_is_begun_waits_and_what_failed_fails_again() -> None:
    """Each as a typed refusal."""
    begun = replace(KEPT, state=ModelCallState.begun, answer=None)
    failed = replace(begun, state=ModelCallState.failed, fault=ModelFault.cut)
    with pytest.raises(RefusedCall, match="being answered"):
        from_journal(begun, "digest")
    with pytest.raises(RefusedCall) as refused:
        from_journal(failed, "digest")

    assert ("model_cut", 424) == (refused.value.code, refused.value.status)
    assert 429 == failure(ModelFault.budget_spent, "").status
