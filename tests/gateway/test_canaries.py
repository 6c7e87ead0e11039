"""No person and no secret in any row, answer or refusal: each tool's output seeded."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from types import MappingProxyType

import pytest
from pydantic import BaseModel

from gateway import reading
from gateway.gate import RefusedCall
from gateway.ports import Unreadable
from gateway.registry import AnyRead, ReadTool, Registry
from gateway.tokens import RunClaims
from gateway.tools.catalog import all_tools
from gateway.veil import veil
from policy.decision import Level
from policy.lifecycle import TaskEvent
from storage.steps import Step
from tests.database import ADMIN
from tests.gateway.canaries import Canary, seeded, tables_with
from tests.gateway.outside import FLAG
from tests.gateway.steps import step
from tests.gateway.test_every_tool import (
    carry_out,
    living,
    platform,
    see,
    under_the_labs_rule,
)
from tests.gateway.tools.test_on_the_platform import READS as ON_THE_PLATFORM
from tests.gateway.tools.test_on_the_platform import Living
from tests.gateway.world import AGENT, OPERATOR, SECOND, World
from wire.tools import ToolCall

__all__ = ["living", "platform"]

READS = [
    tool
    for spec in all_tools().specs
    if isinstance(tool := all_tools().find(spec.name), ReadTool)
]


# What each is asked for; the answer is seeded whatever it is.
PARAMS = {
    "get_dashboard_snapshot": {"dashboard_id": "discourse-overview"},
    **{name: params for name, (params, _) in ON_THE_PLATFORM.items()},
}


class Seeds:
    """Canaries, all of those that were given out kept."""

    def __init__(self) -> None:
        self.given: list[Canary] = []
        self._numbers = count(1)

    def __iter__(self) -> Iterator[Canary]:
        return self

    def __next__(self) -> Canary:
        self.given.append(Canary(next(self._numbers)))
        return self.given[-1]

    @property
    def traces(self) -> tuple[str, ...]:
        return tuple(trace for one in self.given for trace in one.traces())


def with_tools(world: World, *tools: object) -> World:
    """Give a gateway whose agent has these tools alone."""
    registry = Registry(tools)
    names = tuple(spec.name for spec in registry.specs)
    agent = replace(world.gate.agent(AGENT, 1), tools=names, ceiling=Level.L3)
    agents = MappingProxyType({(AGENT, 1): agent})
    return replace(world, gate=replace(world.gate, registry=registry, agents=agents))


@pytest.mark.parametrize("tool", READS, ids=lambda tool: tool.name)
async def test_no_read_lets_a_person_or_a_secret_through(
    world: World, tool: AnyRead
) -> None:
    """Neither to the runner nor into a row, but for the vault's ciphertext."""
    seeds = Seeds()

    async def read(*_: object) -> BaseModel:
        return seeded(tool.result, iter(seeds))

    lab = with_tools(world, replace(tool, read=read, picture=None))
    claims = await lab.start()
    call = ToolCall(step="one", params=PARAMS[tool.name])
    answer = await reading.call_tool(lab.gate, claims, tool.name, call)
    told = json.dumps(answer.model_dump(mode="json"), ensure_ascii=False)

    assert seeds.given
    assert not [trace for trace in seeds.traces if trace in told]
    assert {} == tables_with(world.database.urls[ADMIN], seeds.traces)


@pytest.mark.parametrize("tool", READS, ids=lambda tool: tool.name)
async def test_no_refusal_tells_what_a_system_said(world: World, tool: AnyRead) -> None:
    """An error's text may hold what was asked for, or more."""
    canary = Canary(1)

    async def read(*_: object) -> BaseModel:
        raise Unreadable(f"HTTP 500: {canary.text}")

    lab = with_tools(world, replace(tool, read=read))
    claims = await lab.start()
    call = ToolCall(step="one", params=PARAMS[tool.name])
    with pytest.raises(RefusedCall) as caught:
        await reading.call_tool(lab.gate, claims, tool.name, call)

    assert "HTTP 500" in caught.value.message
    assert not [one for one in canary.traces() if one in caught.value.message]
    assert {} == tables_with(world.database.urls[ADMIN], canary.traces())


async def test_a_person_in_a_comment_reaches_the_ticket_alone(
    platform: World, living: Living
) -> None:
    """Card, rows and ledger have placeholders; the connector gets the words."""
    canary = Canary(7)
    lab = under_the_labs_rule(platform)
    claims = replace(await lab.start(), tools=lab.gate.agent(AGENT, 1).tools)
    await know(lab, claims, canary)
    body = f"Dear {canary.name}, call {canary.phone} or write to {canary.mail}."
    seen = await see(lab, claims, ["48211"])
    made = await lab.propose(
        claims,
        tool="add_ticket_comment",
        params={
            "ticket_id": "48211",
            "body": f"Dear ⟨name:1⟩, call {canary.phone} or write to ⟨email:1⟩.",
            "public": True,
        },
        reason_code="answer",
        evidence_ids=(seen,),
        because=f"they asked at {canary.mail}",
    )
    await lab.move(claims.task_id, TaskEvent.run_awaits_person)
    proposal = await lab.proposal(made.proposal_id)
    for user in (OPERATOR, SECOND):
        await lab.click(proposal, user=user)
    done = await carry_out(lab, living, proposal)
    ticket = await living.ports.tickets.get("48211")

    assert "succeeded" == done.code, done.text
    assert body == ticket.comments[-1].body
    assert (
        "Dear ⟨name:1⟩, call ⟨phone:1⟩ or write to ⟨email:1⟩."
        == (proposal.params["body"])
    )
    assert {} == tables_with(platform.database.urls[ADMIN], canary.traces())


async def test_an_undo_restores_a_state_that_names_people(world: World) -> None:
    """To the letter, though no row holds it: also from a task of its own."""
    canary = Canary(8)
    former = f'{{"strategies": [{{"userIds": "{canary.mail},{canary.secret}"}}]}}'
    flags = world.outside.flags.flags
    flags[FLAG] = replace(flags[FLAG], former=former)
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    await world.click(proposal, verdict="undo")
    [row] = await world.rows("SELECT id FROM proposals WHERE undoes IS NOT NULL")
    undo = await world.proposal(row["id"])
    await world.click(undo)
    await step(world, undo)
    last = await step(world, undo)

    assert undo.task_id != proposal.task_id
    assert "succeeded" == last.code
    assert former == flags[FLAG].former
    assert {} == tables_with(world.database.urls[ADMIN], canary.traces())


async def know(
    world: World, claims: RunClaims, canary: Canary, *, name: str = ""
) -> None:
    """Let the task know a person by name and mail, as a read would have told."""
    async with (
        world.gate.database.transaction(world.scope, Step.finish_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        placeholders.stand_in("name", name or canary.name)
        placeholders.stand_in("email", canary.mail)


async def test_no_param_s_name_lets_a_value_out(world: World) -> None:
    """A placeholder as a key would be quoted by the refusal of its params."""
    canary = Canary(5)
    claims = await world.start()
    await know(world, claims, canary)
    call = ToolCall(step="one", params={"dashboard_id": "x", "⟨name:1⟩": 1})
    with pytest.raises(RefusedCall) as caught:
        await reading.call_tool(world.gate, claims, "get_dashboard_snapshot", call)

    assert "unknown_placeholder" == caught.value.code
    assert not [one for one in canary.traces() if one in caught.value.message]


async def test_an_echo_of_what_was_asked_for_is_put_back(world: World) -> None:
    """In an error and in an answer; a name is found by no search, but is known."""
    canary = Canary(6)

    async def refuse(params: BaseModel, *_: object) -> BaseModel:
        raise Unreadable(f"no user {params.model_dump()['user_id']!r}, but Zoe")

    tool = all_tools().find("get_user_360")
    assert isinstance(tool, ReadTool)
    lab = with_tools(world, replace(tool, read=refuse))
    claims = await lab.start()
    await know(lab, claims, canary, name="Zanaria")
    call = ToolCall(step="one", params={"user_id": "⟨name:1⟩"})
    with pytest.raises(RefusedCall) as caught:
        await reading.call_tool(lab.gate, claims, tool.name, call)

    assert "no user '⟨name:1⟩', but Zoe" in caught.value.message
    assert {} == tables_with(world.database.urls[ADMIN], ("Zanaria",))


async def test_a_write_s_trouble_tells_nothing(world: World) -> None:
    """Unreadable at the proposal, at execution and at the undo: no row quotes it."""
    canary = Canary(4)
    flags = world.outside.flags
    claims = await world.start()
    seen = await world.look(claims)
    flags.trouble = canary.text
    with pytest.raises(RefusedCall) as caught:
        await world.propose(claims, evidence_ids=(seen.evidence_id,))
    flags.trouble = ""
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    proposal = await world.proposal(answer.proposal_id)
    await world.click(proposal)
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    flags.trouble = canary.text
    undo = await world.click(await world.proposal(proposal.id), verdict="undo")

    assert not [one for one in canary.traces() if one in caught.value.message]
    assert not [one for one in canary.traces() if one in undo.text]
    assert {} == tables_with(world.database.urls[ADMIN], canary.traces())


@pytest.mark.parametrize("name", ["new_ranker", "off", "1", "name"])
async def test_nobody_is_called_out_of_policy_s_sight(world: World, name: str) -> None:
    """People choose their names: no card, no guard and no ground depends on them."""
    claims = await world.start()
    seen = await world.look(claims)
    await know(world, claims, Canary(3), name=name)
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    proposal = await world.proposal(answer.proposal_id)

    assert "new_ranker" == proposal.params["flag_key"]
    assert "Turn flag new_ranker off" == proposal.estimate["title"]
    assert ((), False) == (proposal.uncited, proposal.tainted)


async def test_a_target_is_named_plainly(world: World) -> None:
    """A placeholder that stands for the flag's name would pass by a guard of it."""
    claims = await world.start()
    await know(world, claims, Canary(3), name="new_ranker")
    params = {"flag_key": "⟨name:1⟩", "enabled": False, "rollout_percent": 0}
    with pytest.raises(RefusedCall) as caught:
        await world.propose(claims, params=params)

    assert "placeholder_param" == caught.value.code
