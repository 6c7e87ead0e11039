"""What a run did so far: the answers to its steps, in order, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Seen:
    """A read that was answered; ``left_out`` says by path what the result lacks."""

    evidence_id: str
    result: Mapping[str, JsonValue]
    left_out: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Refused:
    """A call or a proposal that was not carried out, and why."""

    code: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A proposal, and what policy made of it."""

    state: str
    verdict: str
    rule: str
    reason: str


Answer = Seen | Refused | Asked


@dataclass(frozen=True, slots=True)
class Transcript:
    """``answers`` by step id; ``tool_calls`` counts reads that went to the gateway."""

    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    tool_calls: int = 0

    def with_answer(
        self, step: str, answer: Answer, *, called: bool = False
    ) -> "Transcript":
        return Transcript(
            answers=MappingProxyType({**self.answers, step: answer}),
            tool_calls=self.tool_calls + called,
        )

    def evidence_ids(self, steps: tuple[str, ...]) -> tuple[str, ...]:
        """Give the evidence of those steps that were answered."""
        seen = (self.answers.get(step) for step in steps)
        return tuple(one.evidence_id for one in seen if isinstance(one, Seen))


def render_answer(answer: Answer) -> dict[str, JsonValue]:
    """Give an answer as expressions see it under ``steps.<id>``."""
    match answer:
        case Seen():
            return {"evidence_id": answer.evidence_id, "result": dict(answer.result)}
        case Refused():
            return {
                "refused": {
                    "code": answer.code,
                    "rule": answer.rule,
                    "message": answer.message,
                }
            }
        case Asked():
            return {"proposed": {"state": answer.state, "verdict": answer.verdict}}
