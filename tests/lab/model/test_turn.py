"""A scripted answer as a stream, in pieces as an endpoint sends them."""

import json

from lab.model.turn import Misbehaviour, ToolUse, Turn, render_events


def deltas(events: list[str]) -> list[dict[str, object]]:
    parsed = [json.loads(one) for one in events if one != "[DONE]"]
    return [one["choices"][0]["delta"] for one in parsed if one["choices"]]


def test_arguments_come_in_pieces() -> None:
    """Put together they are what the script says, JSON or not."""
    turn = Turn(calls=[ToolUse(name="look", arguments={"id": "x" * 60})])
    events = render_events(turn, model="small", asked_tokens=7)
    pieces = [
        call["function"]["arguments"]
        for delta in deltas(events)
        for call in delta.get("tool_calls", [])  # type: ignore[attr-defined]
    ]

    assert {"id": "x" * 60} == json.loads("".join(pieces))
    assert len(pieces) > 2
    assert "[DONE]" == events[-1]


def test_what_an_endpoint_may_do_shows_in_its_events() -> None:
    """Another model's name, no content, a refusal, a limit."""

    def rendered(kind: Misbehaviour) -> str:
        turn = Turn(content="hello", misbehaves=kind)
        return "\n".join(render_events(turn, model="small", asked_tokens=1))

    assert '"another-model"' in rendered(Misbehaviour.WRONG_MODEL)
    assert "hello" not in rendered(Misbehaviour.EMPTY)
    assert '"refusal"' in rendered(Misbehaviour.REFUSAL)
    assert '"length"' in rendered(Misbehaviour.OVER_LENGTH)
