"""The thin driver of a run with a model: do what the step function says, remember."""

from collections.abc import Callable
from typing import Protocol

from runner.budget import Budget
from runner.gateway_client import GatewayClient
from runner.loop import run_session
from runner.model_driver import (
    AskModel,
    CallRead,
    End,
    Propose,
    TakeOver,
    Tell,
    cut_short,
    next_action,
)
from runner.model_transcript import Done, Entry, Failed, ModelTranscript, Said
from runner.transcript import Answer, Asked, Refused, Seen
from wire.proposals import RunReport
from wire.session import Session
from wire.tools import Refusal, ToolCall


class Asker(Protocol):
    def ask(self, question: AskModel) -> Said | Failed: ...


def run_model(
    client: GatewayClient,
    model: Asker,
    session: Session,
    *,
    budget: Budget,
    clock: Callable[[], float],
) -> RunReport:
    """
    Let the model work until it reports, or its playbook has.

    Raises:
        PlaybookError: the playbook has to take over, and does not load.
        LeaseLost, GatewayAway: as the clients.
    """
    tools = client.tools()
    transcript = ModelTranscript()
    while True:
        action = next_action(session, tools, transcript)
        if isinstance(action, End):
            return action.report
        if isinstance(action, TakeOver):
            report = run_session(client, session, budget=budget, clock=clock)
            return _taken_over(report, action.why)
        if budget.seconds_left(clock()) <= 0:
            why = f"the time budget of {budget.seconds:g} s is spent"
            return cut_short(transcript, why=why)
        transcript = transcript.with_entry(_do(action, client, model))


def _do(
    action: AskModel | CallRead | Propose | Tell, client: GatewayClient, model: Asker
) -> Entry:
    match action:
        case AskModel():
            return model.ask(action)
        case Tell():
            return action.told
        case CallRead():
            call = ToolCall(step=action.use.id, params=dict(action.params))
            answered = client.call(action.tool, call)
            answer: Answer = (
                _refused(answered)
                if isinstance(answered, Refusal)
                else Seen(answered.evidence_id, answered.result, answered.left_out)
            )
            return Done(action.use.id, action.tool, action.params, answer)
        case Propose():
            made = client.propose(action.draft)
            asked: Answer = (
                _refused(made)
                if isinstance(made, Refusal)
                else Asked(made.state, made.verdict, made.rule, made.reason)
            )
            return Done(action.use.id, action.draft.tool, action.draft.params, asked)


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.code, refusal.rule, refusal.message)


def _taken_over(report: RunReport, why: str) -> RunReport:
    return report.model_copy(update={"notes": (*report.notes, why)})
