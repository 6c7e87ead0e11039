"""
What a question to a model is asked under, and the shapes of question and answer.

No row is changed here: ``gateway/model.py`` brackets the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from gateway.gate import Gate, RefusedCall
from gateway.model_catalog import (
    MICROUSD_A_DOLLAR,
    Models,
    ModelTerms,
    daily_budget,
    expected_tokens,
)
from gateway.model_port import Completion, ModelFailed, Usage
from gateway.reading import actor_of
from gateway.tokens import RunClaims
from policy.model_call import (
    ModelBudget,
    ModelCallState,
    ModelFault,
    Spent,
    find_spent,
)
from storage import model_calls
from storage.canonical import canonical, digest
from storage.database import Tx
from storage.model_calls import ModelCall, NewModelCall
from storage.redacted import Redacted
from wire.model import ChatRequest, ModelDefinition

# After its deadline an answer still needs its transaction.
_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Terms:
    """What one question is asked under."""

    models: Models
    definition: ModelDefinition
    terms: ModelTerms


@dataclass(frozen=True, slots=True)
class Begun:
    call_id: UUID
    expected: NewModelCall
    sent: Redacted
    seconds: float


def find_terms(gate: Gate, claims: RunClaims, request: ChatRequest) -> Terms:
    definition = gate.agent(claims.agent, claims.agent_version).model
    if definition is None:
        raise _refused("no_model", f"{actor_of(claims)} has no model", status=403)
    if request.model not in {"", definition.name}:
        said = f"{actor_of(claims)} asks {definition.name} and no other model"
        raise _refused("other_model", said, status=403)
    models = gate.models
    terms = models.file.models.get(definition.name) if models is not None else None
    if models is None or terms is None:
        raise _refused(
            "model_absent",
            "no model's endpoint is configured here: set MODEL_BASE_URL, and the "
            f"price of {definition.name} in models.yaml",
            status=424,
        )
    return Terms(models, definition, terms)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question with the most that it may cost; ``why`` it may not be asked."""

    expected: NewModelCall
    seconds: float
    why: str | None


async def weigh(
    tx: Tx,
    claims: RunClaims,
    terms: Terms,
    question: tuple[str, Mapping[str, JsonValue], Redacted],
) -> Weighed:
    """Hold (step, what was asked, what would be sent) against every budget."""
    step, asked, sent = question
    definition, now = terms.definition, tx.now
    budgets = await _budgets(tx, claims, terms, now)
    left = min(budget.seconds - spent.seconds for budget, spent in budgets)
    seconds = max(0.0, min(terms.models.deadline_seconds, left))
    input_tokens = expected_tokens(canonical(sent))
    most = definition.most_output_tokens
    new = NewModelCall(
        task_id=claims.task_id,
        run_id=claims.run_id,
        step=step,
        model=definition.name,
        request_digest=digest(asked),
        input_tokens=input_tokens,
        output_tokens=most,
        cost_microusd=terms.terms.price.microusd(input_tokens, most),
        due_at=now + timedelta(seconds=seconds) + _GRACE,
    )
    expected = Spent(1, input_tokens + most, 0.0, new.cost_microusd)
    why = find_spent(expected, budgets)
    if why is None and input_tokens + most > terms.terms.context_tokens:
        why = f"{definition.name} takes {terms.terms.context_tokens} tokens in all"
    return Weighed(new, seconds, why)


async def _budgets(
    tx: Tx, claims: RunClaims, terms: Terms, now: datetime
) -> list[tuple[ModelBudget, Spent]]:
    limits = terms.definition.budget
    of_task = ModelBudget(
        "the task",
        turns=limits.turns,
        tokens=limits.tokens,
        seconds=float(limits.seconds),
        microusd=round(limits.usd * MICROUSD_A_DOLLAR),
    )
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        (of_task, await model_calls.sum_of_task(tx, claims.task_id)),
        (
            daily_budget(terms.models.file.tenant_per_day),
            await model_calls.sum_since(tx, midnight),
        ),
    ]


def body_of(terms: Terms, sent: Redacted) -> dict[str, JsonValue]:
    definition = terms.definition
    temperature = definition.temperature
    return {
        **{
            name: sent[name]
            for name in ("messages", "tools", "tool_choice")
            if name in sent
        },
        "model": definition.name,
        terms.terms.limit_param: definition.most_output_tokens,
        **({} if temperature is None else {"temperature": temperature}),
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def check_name(completion: Completion, terms: Terms) -> None:
    if not terms.terms.is_named(completion.model, name=terms.definition.name):
        raise ModelFailed(
            ModelFault.wrong_model,
            f"{completion.model[:80]} answered, not {terms.definition.name}",
            paid=True,
            usage=completion.usage,
        )


def answer_of(
    begun: Begun, completion: Completion, usage: Usage
) -> dict[str, JsonValue]:
    """Give an answer in OpenAI's shape; its calls are numbered within the run."""
    calls: list[JsonValue] = [
        {
            "id": f"{begun.expected.step}.{number}",
            "type": "function",
            "function": {"name": one.name, "arguments": one.arguments},
        }
        for number, one in enumerate(completion.calls, 1)
    ]
    message: dict[str, JsonValue] = {
        "role": "assistant",
        "content": completion.content or None,
        **({"tool_calls": calls} if calls else {}),
    }
    return {
        "id": begun.expected.step,
        "object": "chat.completion",
        "created": 0,
        "model": begun.expected.model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls" if calls else "stop",
                "message": message,
            }
        ],
        "usage": {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "total_tokens": usage.input_tokens + usage.output_tokens,
        },
    }


def from_journal(kept: ModelCall, request_digest: str) -> dict[str, JsonValue]:
    if kept.request_digest != request_digest:
        raise _refused(
            "step_reused",
            f"step {kept.step} asked the model another question before",
            status=409,
        )
    if kept.state is ModelCallState.begun:
        raise _refused(
            "model_under_way", f"step {kept.step} is being answered; wait", status=409
        )
    if kept.fault is not None:
        raise failure(kept.fault, kept.error or "")
    return {str(name): value for name, value in (kept.answer or {}).items()}  # type: ignore[misc]


def expected_usage(begun: Begun) -> Usage:
    return Usage(begun.expected.input_tokens, begun.expected.output_tokens)


def failure(fault: ModelFault, said: str) -> RefusedCall:
    spent = fault is ModelFault.budget_spent
    return _refused(f"model_{fault}", said, status=429 if spent else 424)


def _refused(code: str, said: str, *, status: int) -> RefusedCall:
    return RefusedCall(code, rule="model", message=said, status=status)
