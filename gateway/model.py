"""
A run's questions to its model: the key, the money and the journal stay here.

Theory of operation. The definition that the task began with chooses the model; what
leaves is redacted; the most that an answer may cost is counted before it is asked, in
the same transaction as the question's row. An answer is kept before the run is told, so
a run that was killed asks the same step again and is told the same without a second
payment. A question whose end nobody saw is never sent again: it counts as paid, and the
run goes on without the model. Ledger and log hold digests, tokens and cost.
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from pydantic import JsonValue

from gateway.gate import Gate, RefusedCall, get_running
from gateway.model_port import Completion, ModelFailed, Usage
from gateway.model_terms import (
    Begun,
    Terms,
    Weighed,
    answer_of,
    body_of,
    check_name,
    expected_usage,
    failure,
    find_terms,
    from_journal,
    weigh,
)
from gateway.reading import actor_of
from gateway.redaction.placeholder import Placeholders, Searched
from gateway.refusing import MOST_LOGGED
from gateway.tokens import RunClaims
from gateway.veil import hide_texts, search_ahead, told, veil
from policy.event import Event
from policy.model_call import ModelCallState, ModelFault
from storage import ledger, model_calls, posts, tasks
from storage.canonical import digest
from storage.database import Tx
from storage.model_calls import ModelCall, NewModelCall, Settled
from storage.redacted import Redacted
from storage.steps import Effect, Step
from wire.model import ChatRequest

# Where question and answer hold words; all else in them is OpenAI's protocol.
_TEXTS = frozenset({"arguments", "content", "refusal", "text"})
_LOST = (
    "the gateway stopped before the answer was kept; it may have been paid, so it is "
    "not asked again"
)


async def complete(
    gate: Gate, claims: RunClaims, request: ChatRequest
) -> dict[str, JsonValue]:
    """
    Ask the run's model one question, or answer from the journal.

    Raises:
        RefusedCall: ``model_<fault>`` where the model gave nothing (the same for the
            same step, ever after), ``model_under_way`` while the step is being
            answered, or the rule that refused.
    """
    gate.check_environment(claims.scope)
    asked = request.model_dump(mode="json", exclude={"step"}, exclude_defaults=True)
    terms = find_terms(gate, claims, request)
    searched = await _search(gate, claims, asked)
    async with gate.database.transaction(claims.scope, Step.begin_model_call) as tx:
        await get_running(tx, claims)
        kept = await model_calls.find(tx, claims.run_id, request.step)
        if kept is not None:
            kept = await _settled_if_lost(gate, tx, claims, kept)
        else:
            async with veil(
                gate, tx, claims.task_id, searched=searched, for_run=True
            ) as placeholders:
                sent = _hide(asked, placeholders)
            begun = await _begin(gate, tx, claims, terms, (request.step, asked, sent))
    if kept is not None:
        return from_journal(kept, digest(asked))
    if isinstance(begun, RefusedCall):
        raise begun
    return await _ask(gate, claims, terms, begun)


def _hide(body: Mapping[str, JsonValue], placeholders: Placeholders) -> Redacted:
    """Hide question or answer; a person called ``messages`` breaks neither."""
    return hide_texts(body, placeholders, _TEXTS, own=False)


async def _search(
    gate: Gate, claims: RunClaims, body: Mapping[str, JsonValue]
) -> Searched | None:
    """Search what is long before a transaction waits for it."""
    try:
        return await search_ahead(gate, claims.scope, claims.task_id, body, _hide)
    except TimeoutError as exc:
        said = "it takes too long to be searched for people"
        raise failure(ModelFault.over_length, said) from exc


async def _begin(
    gate: Gate,
    tx: Tx,
    claims: RunClaims,
    terms: Terms,
    question: tuple[str, Mapping[str, JsonValue], Redacted],
) -> Begun | RefusedCall:
    """Count the most that it may cost before it is asked."""
    await model_calls.count_alone(tx)
    weighed = await weigh(tx, claims, terms, question)
    if weighed.why is not None:
        return await _refuse(gate, tx, claims, terms, weighed)
    call_id = await model_calls.begin(tx, weighed.expected)
    return Begun(call_id, weighed.expected, question[2], weighed.seconds)


async def _refuse(
    gate: Gate, tx: Tx, claims: RunClaims, terms: Terms, weighed: Weighed
) -> RefusedCall:
    """Keep and log that a budget is spent; past a few more nothing is written."""
    said = await told(gate, tx, claims.task_id, f"{weighed.why}; report what is known")
    refusal = failure(ModelFault.budget_spent, said)
    most = terms.definition.budget.turns + MOST_LOGGED
    if await model_calls.count_of_run(tx, claims.run_id) >= most:
        return refusal
    free = replace(weighed.expected, input_tokens=0, output_tokens=0, cost_microusd=0)
    call_id = await model_calls.begin(tx, free)
    fault = ModelFault.budget_spent
    settled = Settled(ModelCallState.failed, 0, 0, 0, fault=fault, error=said)
    await _settle(gate, tx, claims, (call_id, free), settled)
    return refusal


async def _ask(
    gate: Gate, claims: RunClaims, terms: Terms, begun: Begun
) -> dict[str, JsonValue]:
    body = body_of(terms, begun.sent)
    try:
        async with gate.database.effect(Effect.model_call):
            completion = await terms.models.port.complete(body, seconds=begun.seconds)
        check_name(completion, terms)
    except ModelFailed as exc:
        raise await _fail(gate, claims, terms, begun, exc) from exc
    return await _keep(gate, claims, terms, begun, completion)


async def _keep(
    gate: Gate,
    claims: RunClaims,
    terms: Terms,
    begun: Begun,
    completion: Completion,
) -> dict[str, JsonValue]:
    """Keep a paid answer, whether or not the run still holds its task."""
    usage = completion.usage or expected_usage(begun)
    body = answer_of(begun, completion, usage)
    try:
        searched = await _search(gate, claims, body)
    except RefusedCall as exc:
        failed = ModelFailed(
            ModelFault.over_length, exc.message, paid=True, usage=usage
        )
        raise await _fail(gate, claims, terms, begun, failed) from exc
    async with gate.database.transaction(claims.scope, Step.finish_model_call) as tx:
        await tasks.get(tx, claims.task_id, lock=True)
        async with veil(gate, tx, claims.task_id, searched=searched) as placeholders:
            answer = _hide(body, placeholders)
        settled = Settled(
            ModelCallState.answered,
            usage.input_tokens,
            usage.output_tokens,
            terms.terms.price.microusd(usage.input_tokens, usage.output_tokens),
            answer=answer,
        )
        await _settle(gate, tx, claims, (begun.call_id, begun.expected), settled)
    return dict(answer)


async def _fail(
    gate: Gate, claims: RunClaims, terms: Terms, begun: Begun, exc: ModelFailed
) -> RefusedCall:
    usage = (exc.usage or expected_usage(begun)) if exc.paid else Usage(0, 0)
    async with gate.database.transaction(claims.scope, Step.finish_model_call) as tx:
        await tasks.get(tx, claims.task_id, lock=True)
        said = await told(gate, tx, claims.task_id, str(exc), outside=True)
        settled = Settled(
            ModelCallState.failed,
            usage.input_tokens,
            usage.output_tokens,
            terms.terms.price.microusd(usage.input_tokens, usage.output_tokens),
            fault=exc.fault,
            error=said,
        )
        await _settle(gate, tx, claims, (begun.call_id, begun.expected), settled)
    return failure(exc.fault, said)


async def _settled_if_lost(
    gate: Gate, tx: Tx, claims: RunClaims, kept: ModelCall
) -> ModelCall:
    """Give up a question whose answer can't come any more; it stays counted."""
    if kept.state is not ModelCallState.begun or tx.now < kept.due_at:
        return kept
    said = await told(gate, tx, claims.task_id, _LOST)
    settled = Settled(
        ModelCallState.failed,
        kept.input_tokens,
        kept.output_tokens,
        kept.cost_microusd,
        fault=ModelFault.lost,
        error=said,
    )
    await _settle(gate, tx, claims, (kept.id, kept), settled)
    return replace(kept, state=ModelCallState.failed, fault=ModelFault.lost, error=said)


async def _settle(
    gate: Gate,
    tx: Tx,
    claims: RunClaims,
    call: tuple[UUID, NewModelCall | ModelCall],
    settled: Settled,
) -> None:
    """Store, log, count and show how a question ended; the task's row is held."""
    call_id, asked = call
    seconds = await model_calls.settle(tx, call_id, settled)
    if seconds is None:
        return
    if gate.models is not None:
        gate.models.meter.note(asked.model, settled, seconds=seconds)
    answered = settled.answer is not None
    await ledger.append(
        tx,
        Event.task_model_answered if answered else Event.task_model_failed,
        actor=actor_of(claims),
        task_id=claims.task_id,
        body={
            "model": asked.model,
            "step": asked.step,
            "request": asked.request_digest,
            "answer": digest(settled.answer) if answered else None,
            "input_tokens": settled.input_tokens,
            "output_tokens": settled.output_tokens,
            "cost_microusd": settled.cost_microusd,
            "fault": settled.fault,
            "error": settled.error,
        },
    )
    if settled.cost_microusd:
        await _show_cost(tx, claims.task_id)


async def _show_cost(tx: Tx, task_id: UUID) -> None:
    spent = await model_calls.sum_of_task(tx, task_id)
    await tasks.change(tx, task_id, {"cost_microusd": spent.microusd})
    await posts.post_roots(tx, [(await tasks.get(tx, task_id), None)])
