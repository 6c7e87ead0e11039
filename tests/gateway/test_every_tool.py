"""
Every write tool through the whole gateway, on the lab's platform.

Proposed, approved, executed, verified and, if reversible, undone; what can't be undone
is a draft at L1, and runs under a lab's rule at L3 once two people have approved it.
"""

from dataclasses import replace
from types import MappingProxyType

import pytest

from gateway.registry import UNDO, AnyWrite
from gateway.tokens import RunClaims
from policy.decision import Level
from policy.lifecycle import TaskEvent
from policy.tool_spec import ToolCategory
from storage import tool_calls
from storage.proposals import Proposal
from storage.redacted import Redacted
from storage.steps import Step
from storage.tool_calls import NewCall
from tests.gateway.tools.test_on_the_platform import (
    CASES,
    WRITES,
    Living,
    held,
    living,
)
from tests.gateway.world import AGENT, OPERATOR, SECOND, World
from wire.control import ExecutionAnswer

__all__ = ["living"]

LAB_RULE = """
  - id: lab-irreversible-runs
    tool: write_irreversible
    environment: prod
    tenant: "*"
    level: L3
    owner: lab
    reason: In the lab what can't be undone runs once two people approved it.
"""
REVERSIBLE = [one for one in WRITES if one.category is ToolCategory.write_reversible]
IRREVERSIBLE = [one for one in WRITES if one not in REVERSIBLE]
_STEP_SECONDS = 5.0


@pytest.fixture
def platform(world: World, living: Living) -> World:
    """Give a gateway before the lab's platform, and an agent with every tool."""
    names = tuple(one.name for one in world.gate.registry.specs)
    agent = replace(world.gate.agent(AGENT, 1), tools=names, ceiling=Level.L3)
    agents = MappingProxyType({(AGENT, 1): agent})
    return replace(world, gate=replace(world.gate, ports=living.ports, agents=agents))


def under_the_labs_rule(world: World) -> World:
    def add(texts: dict[str, str]) -> None:
        texts["autonomy.yaml"] = texts["autonomy.yaml"].rstrip() + LAB_RULE

    return world.with_texts(add)


async def see(world: World, claims: RunClaims, values: list[str]) -> str:
    """Keep a piece of evidence that holds these values, as a read would."""
    async with world.gate.database.transaction(world.scope, Step.finish_call) as tx:
        call = NewCall(
            task_id=claims.task_id,
            run_id=claims.run_id,
            tool="get_queue_state",
            tool_version=1,
            phase="read",
            inputs={},
            correlation_id=claims.run_id,
            verdict="allow",
            rule="test",
        )
        call_id = await tool_calls.begin(tx, call)
        body = Redacted({"seen": list(values)})
        evidence = await tool_calls.keep_evidence(
            tx, call_id, task_id=claims.task_id, tool=call.tool, body=body
        )
    return str(evidence.id)


async def propose(world: World, living: Living, tool: AnyWrite) -> Proposal:
    """Break what the tool mends, and propose it with cited targets."""
    case = CASES[tool.name]
    case.prepare(living)
    living.step(15)
    params = case.params(living)
    claims = replace(await world.start(), tools=world.gate.agent(AGENT, 1).tools)
    named = (*tool.target_params, *tool.cited_params)
    targets = [str(params[name]) for name in named]
    seen = await see(world, claims, targets)
    code = next(one for one in tool.reason_codes if one != UNDO)
    made = await world.propose(
        claims,
        tool=tool.name,
        params=params,
        reason_code=code,
        evidence_ids=(seen,),
    )
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    return await world.proposal(made.proposal_id)


async def carry_out(
    world: World, living: Living, proposal: Proposal
) -> ExecutionAnswer:
    """Execute, and let the platform live until it is verified."""
    tool = world.gate.registry.write(proposal.tool)
    answer = await world.advance(proposal.task_id)
    for _ in range(int(tool.verify_seconds / _STEP_SECONDS)):
        if answer.code != "verifying":
            break
        living.step(_STEP_SECONDS)
        answer = await world.advance(proposal.task_id)
    return answer


@pytest.mark.parametrize("tool", REVERSIBLE, ids=lambda tool: tool.name)
async def test_a_reversible_tool_is_executed_verified_and_undone(
    platform: World, living: Living, tool: AnyWrite
) -> None:
    """One approval each way; the platform is as it was, by its own word."""
    proposal = await propose(platform, living, tool)
    before = tool.state.model_validate(proposal.before)
    click = await platform.click(proposal)
    done = await carry_out(platform, living, proposal)
    asked = await platform.click(proposal, verdict="undo")
    [row] = await platform.rows("SELECT id FROM proposals WHERE undoes IS NOT NULL")
    undo = await platform.proposal(row["id"])
    await platform.click(undo)
    undone = await carry_out(platform, living, undo)
    params = tool.params.model_validate(proposal.params)
    now = await tool.observe(params, living.ports)

    assert ("approved", "succeeded") == (click.code, done.code)
    assert ("undo_proposed", "succeeded") == (asked.code, undone.code)
    assert "undone" == (await platform.proposal(proposal.id)).state
    assert held(tool, before) == held(tool, now)


@pytest.mark.parametrize("tool", IRREVERSIBLE, ids=lambda tool: tool.name)
async def test_an_irreversible_tool_is_a_draft_at_l1(
    platform: World, living: Living, tool: AnyWrite
) -> None:
    """Shown for a person to carry out; no click makes it run."""
    proposal = await propose(platform, living, tool)
    click = await platform.click(proposal)

    assert ("drafted", "already_decided") == (proposal.state, click.code)
    assert [] == await platform.rows("SELECT id FROM executions")


@pytest.mark.parametrize("tool", IRREVERSIBLE, ids=lambda tool: tool.name)
async def test_an_irreversible_tool_runs_at_l3_with_two_people(
    platform: World, living: Living, tool: AnyWrite
) -> None:
    """The first approval is counted, the second lets it run; once, verified."""
    lab = under_the_labs_rule(platform)
    proposal = await propose(lab, living, tool)
    first = await lab.click(proposal, user=OPERATOR)
    again = await lab.click(proposal, user=OPERATOR)
    second = await lab.click(proposal, user=SECOND)
    done = await carry_out(lab, living, proposal)
    key = f"{proposal.id}:apply"

    assert ("needs_approval", 2) == (proposal.state, proposal.quorum)
    assert ("counted", "approved") == (first.code, second.code)
    assert again.code in {"not_yours", "already_decided"}
    assert "succeeded" == done.code, done.text
    assert 1 == len(await living.writes(key))
    undo = await lab.click(proposal, verdict="undo")
    assert "can't be undone" in undo.text
