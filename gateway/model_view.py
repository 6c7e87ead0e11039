"""What a run may know of its model: its prompt filled in, and how far it reaches."""

from gateway.agents import Agent
from gateway.gate import Gate
from storage import model_calls
from storage.database import Tx
from storage.tasks import Task
from wire.model import ModelView

# Of a question: the prompt, the alerts, the functions, and what the model said itself.
_RESERVED_TOKENS = 4000
_CHARACTERS_A_TOKEN = 3
# A request has at most 256 KiB (gateway/server.py), functions and all.
_MOST_CHARACTERS = 120_000
_DEADLINE_SECONDS = 60.0


async def view_model(gate: Gate, tx: Tx, agent: Agent, task: Task) -> ModelView | None:
    """Give the view for a run's start; None where the agent has no model."""
    model = agent.model
    if model is None:
        return None
    spent = await model_calls.sum_of_task(tx, task.id)
    models = gate.models
    terms = models.file.models.get(model.name) if models is not None else None
    context = terms.context_tokens if terms is not None else 0
    room = min(context, model.budget.tokens // 2)
    left = room - model.most_output_tokens - _RESERVED_TOKENS
    return ModelView(
        name=model.name,
        prompt=model.fill(
            {
                "agent": agent.name,
                "environment": gate.environment,
                "kind": task.kind,
                "service": task.service or "an unnamed service",
            }
        ),
        turns=max(1, model.budget.turns - spent.turns),
        deadline_seconds=(
            models.deadline_seconds if models is not None else _DEADLINE_SECONDS
        ),
        most_characters=max(0, min(left * _CHARACTERS_A_TOKEN, _MOST_CHARACTERS)),
    )
