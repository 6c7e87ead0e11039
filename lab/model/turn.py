"""One scripted answer of a model, and the events by which it is streamed."""

import json
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from lab.json_object import JsonObject

_PIECE = 24


class Misbehaviour(StrEnum):
    """What an endpoint may do instead of answering well."""

    BUSY = "busy"
    SERVER_ERROR = "server_error"
    STALL = "stall"
    CUT = "cut"
    MALFORMED = "malformed"
    EMPTY = "empty"
    REFUSAL = "refusal"
    OVER_LENGTH = "over_length"
    CONTEXT_FULL = "context_full"
    WRONG_MODEL = "wrong_model"
    NOT_FOUND = "not_found"


class ToolUse(BaseModel):
    """``arguments`` as text are sent as they stand, JSON or not."""

    model_config = ConfigDict(extra="forbid")

    name: str
    arguments: JsonObject | str = Field(default_factory=dict)

    @property
    def text(self) -> str:
        given = self.arguments
        return given if isinstance(given, str) else json.dumps(given)


class Turn(BaseModel):
    """``seconds``: how long a stall lasts, or what Retry-After says."""

    model_config = ConfigDict(extra="forbid")

    content: str = ""
    calls: list[ToolUse] = Field(default_factory=list)
    misbehaves: Misbehaviour | None = None
    seconds: float = Field(default=1.0, ge=0, le=600)


def render_events(turn: Turn, *, model: str, asked_tokens: int) -> list[str]:
    """Give the data of each event, the closing ``[DONE]`` among them."""
    name = "another-model" if turn.misbehaves is Misbehaviour.WRONG_MODEL else model
    events = [_event(name, {"role": "assistant"})]
    if turn.misbehaves is Misbehaviour.REFUSAL:
        events.append(_event(name, {"refusal": "I can't help with that."}))
    elif turn.misbehaves is not Misbehaviour.EMPTY:
        events += [_event(name, {"content": one}) for one in _pieces(turn.content)]
        events += [
            _event(name, {"tool_calls": [delta]})
            for index, call in enumerate(turn.calls)
            for delta in _deltas(index, call)
        ]
    long = turn.misbehaves is Misbehaviour.OVER_LENGTH
    reason = "length" if long else "tool_calls" if turn.calls else "stop"
    events.append(_event(name, {}, reason))
    answered = sum(len(one) for one in events) // 40
    usage = {"prompt_tokens": asked_tokens, "completion_tokens": answered}
    events.append(json.dumps({"model": name, "choices": [], "usage": usage}))
    return [*events, "[DONE]"]


def _event(model: str, delta: JsonObject, reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return json.dumps(
        {"object": "chat.completion.chunk", "model": model, "choices": [choice]}
    )


def _deltas(index: int, call: ToolUse) -> list[JsonObject]:
    first: JsonObject = {
        "index": index,
        "id": f"call_{index}",
        "type": "function",
        "function": {"name": call.name, "arguments": ""},
    }
    more: list[JsonObject] = [
        {"index": index, "function": {"arguments": piece}}
        for piece in _pieces(call.text)
    ]
    return [first, *more]


def _pieces(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
