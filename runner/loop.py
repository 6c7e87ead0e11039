"""The loop: ask the driver what to do, do it, remember the answer."""

from collections.abc import Callable

from runner.budget import Budget
from runner.gateway_client import GatewayClient
from runner.playbook import Playbook
from runner.playbook_check import parse_playbook
from runner.playbook_driver import (
    CallTool,
    Finish,
    MakeProposal,
    cut_short,
    next_action,
)
from runner.transcript import Answer, Asked, Refused, Seen, Transcript
from wire.proposals import RunReport
from wire.session import Session
from wire.tools import Refusal, ToolCall


def run_session(
    client: GatewayClient,
    session: Session,
    *,
    budget: Budget,
    clock: Callable[[], float],
) -> RunReport:
    """
    Walk the session's playbook to its report, within the budget.

    Raises:
        PlaybookError: the session's playbook does not load.
    """
    playbook = parse_playbook(
        session.playbook,
        tools=session.tools,
        path=f"{session.agent}/{session.agent_version}.yaml",
    )
    return _walk(playbook, client, session, budget=budget, clock=clock)


def _walk(
    playbook: Playbook,
    client: GatewayClient,
    session: Session,
    *,
    budget: Budget,
    clock: Callable[[], float],
) -> RunReport:
    transcript = Transcript()
    while True:
        action = next_action(playbook, session, transcript)
        if isinstance(action, Finish):
            return action.report
        calls = transcript.tool_calls if isinstance(action, CallTool) else -1
        why = budget.spent_on(now=clock(), calls=calls)
        if why is not None:
            return cut_short(playbook, session, transcript, why=why)
        if isinstance(action, CallTool):
            transcript = transcript.with_answer(
                action.step, _call(client, action), called=True
            )
        else:
            transcript = transcript.with_answer(action.step, _propose(client, action))


def _call(client: GatewayClient, action: CallTool) -> Answer:
    answer = client.call(action.tool, ToolCall(step=action.step, params=action.params))
    if isinstance(answer, Refusal):
        return Refused(answer.code, answer.rule, answer.message)
    return Seen(answer.evidence_id, answer.result, answer.left_out)


def _propose(client: GatewayClient, action: MakeProposal) -> Answer:
    answer = client.propose(action.draft)
    if isinstance(answer, Refusal):
        return Refused(answer.code, answer.rule, answer.message)
    return Asked(answer.state, answer.verdict, answer.rule, answer.reason)
