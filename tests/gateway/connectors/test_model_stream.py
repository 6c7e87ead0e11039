"""Events put together: a whole answer, or a failure with its name."""

import json

import pytest

from gateway.connectors.model_stream import Assembly
from gateway.model_port import CalledTool, Completion, ModelFailed, Usage
from lab.model.turn import Misbehaviour, ToolUse, Turn, render_events
from policy.model_call import ModelFault


def assembled(turn: Turn, *, cut_after: int | None = None) -> Completion:
    answer = Assembly()
    events = render_events(turn, model="small", asked_tokens=40)
    for one in events[:cut_after]:
        if one != "[DONE]":
            answer.take(one)
    return answer.end()


def fault_of(turn: Turn, *, cut_after: int | None = None) -> ModelFailed:
    with pytest.raises(ModelFailed) as failed:
        assembled(turn, cut_after=cut_after)
    return failed.value


def test_pieces_become_one_answer() -> None:
    """Text and tool calls, in their order, and the tokens that were counted."""
    calls = [ToolUse(name="a", arguments={"x": 1}), ToolUse(name="b", arguments="{")]
    answer = assembled(Turn(content="I look at both.", calls=calls))

    assert "I look at both." == answer.content
    assert (CalledTool("a", '{"x": 1}'), CalledTool("b", "{")) == answer.calls
    assert answer.usage is not None
    assert 40 == answer.usage.input_tokens
    assert "small" == answer.model


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Misbehaviour.EMPTY, ModelFault.empty),
        (Misbehaviour.REFUSAL, ModelFault.declined),
        (Misbehaviour.OVER_LENGTH, ModelFault.over_length),
    ],
)
def test_what_no_run_can_use_has_a_name(kind: Misbehaviour, fault: ModelFault) -> None:
    """Each is paid, and says by how many tokens."""
    failed = fault_of(Turn(content="x", misbehaves=kind))

    assert (fault, True) == (failed.fault, failed.paid)
    assert failed.usage is not None


def test_an_answer_without_its_end_is_cut() -> None:
    """However much of it came."""
    assert ModelFault.cut is fault_of(Turn(content="x" * 100), cut_after=4).fault


@pytest.mark.parametrize(
    "data",
    ["{", "[]", "null", "{}", '{"choices": {}}', "<html>", '{"a": NaN}'],
)
def test_what_is_no_event_is_malformed(data: str) -> None:
    """It says why, and quotes nothing."""
    with pytest.raises(ModelFailed, match="malformed") as failed:
        Assembly().take(data)

    assert ModelFault.malformed is failed.value.fault


def test_a_call_beyond_the_last_is_malformed() -> None:
    """An index is no way to fill this process."""
    call = {"index": 10**9, "function": {"name": "x"}}
    event = {"choices": [{"delta": {"tool_calls": [call]}}]}

    with pytest.raises(ModelFailed, match="tool call"):
        Assembly().take(json.dumps(event))


def test_an_error_within_the_stream_is_the_servers() -> None:
    """With what was counted until then."""
    answer = Assembly(usage=Usage(3, 4))

    with pytest.raises(ModelFailed, match="overloaded") as failed:
        answer.take(json.dumps({"error": {"message": "overloaded"}}))
    assert ModelFault.server_error is failed.value.fault
    assert Usage(3, 4) == failed.value.usage


def test_a_whole_completion_is_an_event_too() -> None:
    """Of a server that does not stream."""
    answer = Assembly()
    choice = {"message": {"content": "hello"}, "finish_reason": "stop"}
    answer.take(json.dumps({"model": "m", "choices": [choice]}))

    assert Completion("m", "hello", (), "stop", None) == answer.end()
