"""A streamed chat completion, put together from its events; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.connectors.strict_json import NotJson, parse_json
from gateway.model_port import CalledTool, Completion, ModelFailed, Usage
from policy.model_call import ModelFault

DONE = "[DONE]"
_MOST_CALLS = 32
_MOST_QUOTED = 200


@dataclass(slots=True)
class _Call:
    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Assembly:
    """What came so far; ``take`` is given the events' data in order."""

    model: str = ""
    content: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    calls: dict[int, _Call] = field(default_factory=dict)
    finish_reason: str = ""
    usage: Usage | None = None

    def take(self, data: str) -> None:
        """
        Take one event's data (not ``[DONE]``), or a whole completion as one.

        Raises:
            ModelFailed: it is no JSON of this shape, or tells of an error.
        """
        event = self._object(data)
        if "error" in event:
            said = str(_mapping(event["error"]).get("message") or "an error")
            raise ModelFailed(
                ModelFault.server_error,
                f"an error within the answer: {said[:_MOST_QUOTED]}",
                paid=True,
                usage=self.usage,
            )
        self.model = str(event.get("model") or self.model)
        self._count(_mapping(event.get("usage")))
        choices = event.get("choices")
        if not isinstance(choices, list):
            raise self._malformed("an event without choices")
        for choice in choices[:1]:
            self._add(_mapping(choice))

    def end(self) -> Completion:
        """
        Give the whole answer.

        Raises:
            ModelFailed: it was cut, is empty, was declined, or ended at its limit.
        """
        content, refusal = "".join(self.content), "".join(self.refusal)
        if refusal or self.finish_reason == "content_filter":
            raise self._failed(
                ModelFault.declined, f"the model declined: {refusal[:_MOST_QUOTED]}"
            )
        if self.finish_reason == "length":
            raise self._failed(
                ModelFault.over_length, "the answer ended at its limit of tokens"
            )
        if not self.finish_reason:
            raise self._failed(ModelFault.cut, "the answer was cut off")
        if not content.strip() and not self.calls:
            raise self._failed(ModelFault.empty, "the answer is empty")
        calls = tuple(
            CalledTool(one.name, "".join(one.arguments))
            for _, one in sorted(self.calls.items())
        )
        return Completion(self.model, content, calls, self.finish_reason, self.usage)

    def _add(self, choice: Mapping[str, object]) -> None:
        said = _mapping(choice.get("delta") or choice.get("message"))
        self.content.append(_text(said.get("content")))
        self.refusal.append(_text(said.get("refusal")))
        called = said.get("tool_calls")
        for position, one in enumerate(called if isinstance(called, list) else []):
            self._add_call(_mapping(one), position)
        self.finish_reason = _text(choice.get("finish_reason")) or self.finish_reason

    def _add_call(self, one: Mapping[str, object], position: int) -> None:
        index = one.get("index", position)
        if not isinstance(index, int) or not 0 <= index < _MOST_CALLS:
            raise self._malformed(f"a tool call beyond the {_MOST_CALLS}th")
        call = self.calls.setdefault(index, _Call())
        function = _mapping(one.get("function"))
        call.name += _text(function.get("name"))
        call.arguments.append(_text(function.get("arguments")))

    def _count(self, usage: Mapping[str, object]) -> None:
        asked, answered = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if _is_count(asked) and _is_count(answered):
            self.usage = Usage(int(str(asked)), int(str(answered)))

    def _object(self, data: str) -> Mapping[str, object]:
        try:
            event = parse_json(data.encode())
        except NotJson as exc:
            raise self._malformed(str(exc)) from exc
        if not isinstance(event, dict):
            raise self._malformed("an event that is no object")
        return event

    def _malformed(self, said: str) -> ModelFailed:
        return self._failed(ModelFault.malformed, f"the answer is malformed: {said}")

    def _failed(self, fault: ModelFault, said: str) -> ModelFailed:
        return ModelFailed(fault, said, paid=True, usage=self.usage)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
