"""What strangers write into systems, names and errors: nothing of ours is theirs."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from pydantic import BaseModel

from gateway import reading, session
from gateway.gate import RefusedCall
from gateway.ports import Unreadable
from gateway.registry import AnyRead, ReadTool
from gateway.tokens import RunClaims
from gateway.tools.catalog import all_tools
from gateway.veil import veil
from policy.lifecycle import TaskEvent
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.canaries import Canary
from tests.gateway.modelled import FakeModel, ask, with_model
from tests.gateway.test_canaries import know, with_tools
from tests.gateway.test_revealing import sealed_of
from tests.gateway.world import World
from wire.proposals import RunReport
from wire.tools import ToolCall

SECRET = "token=xoxb-0123456789-abcdef0123"  # noqa: S105


def reader(name: str, heard: Callable[[BaseModel], str]) -> AnyRead:
    """Give a read whose system answers with an error."""

    async def read(params: BaseModel, *_: object) -> BaseModel:
        raise Unreadable(heard(params))

    tool = all_tools().find(name)
    assert isinstance(tool, ReadTool)
    return replace(tool, read=read)


async def keep_state(world: World, claims: RunClaims) -> None:
    """Let the task hold a state of a system's, as a write's target would."""
    async with (
        world.gate.database.transaction(world.scope, Step.finish_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        placeholders.stand_in("former", SECRET)


async def test_an_error_forges_no_placeholder(world: World) -> None:
    """Another person's value would go to whoever wrote the error."""
    lab = with_tools(world, reader("get_user_360", lambda _: "write to ⟨email:1⟩"))
    claims = await lab.start()
    await know(lab, claims, Canary(6))
    call = ToolCall(step="one", params={"user_id": "u_1"})
    with pytest.raises(RefusedCall) as caught:
        await reading.call_tool(lab.gate, claims, "get_user_360", call)

    assert "⟨email:1⟩" not in caught.value.message


@pytest.mark.parametrize(
    "name",
    ["user", "messages", "function", "choices", "assistant", "arguments", "tool_calls"],
)
async def test_a_person_s_name_breaks_no_question_and_no_answer(
    world: World, name: str
) -> None:
    """Whoever opens a ticket chooses it."""
    port = FakeModel()
    lab = with_model(world, port)
    claims = await lab.start()
    await know(lab, claims, Canary(6), name=name)
    answer = await ask(lab, claims)
    [body] = port.bodies
    messages, choices = body["messages"], answer["choices"]

    assert isinstance(messages, list)
    assert isinstance(choices, list)
    assert ["user"] == [one["role"] for one in messages[-1:]]  # type: ignore[index,call-overload]
    message = choices[0]["message"]  # type: ignore[index,call-overload]
    assert "assistant" == message["role"]  # type: ignore[index,call-overload]
    assert "arguments" in message["tool_calls"][0]["function"]  # type: ignore[index,call-overload,operator]


async def test_a_name_of_two_words_is_put_back_in_a_question(world: World) -> None:
    """What the protocol is exempt from, its texts are not."""
    port = FakeModel()
    lab = with_model(world, port)
    claims = await lab.start()
    await know(lab, claims, Canary(6), name="Zanaria Quell")
    await ask(lab, claims, "t1", "What of Zanaria Quell?")

    assert "What of ⟨name:1⟩?" in str(port.bodies[0]["messages"])


@pytest.mark.parametrize("name", ["summary", "outcome", "finished", "evidence_ids"])
async def test_a_person_s_name_breaks_no_report(world: World, name: str) -> None:
    """Neither its row nor what readers of the ledger count on."""
    claims = await world.start()
    await know(world, claims, Canary(6), name=name)
    report = RunReport(outcome="finished", summary="all is well")
    await session.report_run(world.gate, claims, report)
    [row] = await world.rows("SELECT outcome, report FROM runs")

    assert ("finished", "all is well") == (row["outcome"], row["report"]["summary"])


@pytest.mark.parametrize(
    ("tool", "field"), [("search_audit_logs", "query"), ("get_user_360", "user_id")]
)
async def test_no_read_asks_for_what_a_system_held(
    world: World, tool: str, field: str
) -> None:
    """A run may guess the placeholder; secrets may stand behind it."""
    heard: list[str] = []

    def hear(params: BaseModel) -> str:
        heard.append(str(params.model_dump()[field]))
        return "nothing"

    lab = with_tools(world, reader(tool, hear))
    claims = await lab.start()
    await keep_state(lab, claims)
    call = ToolCall(step="one", params={field: "⟨former:1⟩"})
    with pytest.raises(RefusedCall) as caught:
        await reading.call_tool(lab.gate, claims, tool, call)

    assert ("unknown_placeholder", []) == (caught.value.code, heard)


async def revealed(world: World, proposal: Proposal) -> str:
    await world.click(proposal, verdict="reveal")
    return Fernet(world.gate.reveal_key).decrypt(await sealed_of(world)).decode()


async def test_nobody_is_shown_what_a_system_held(world: World) -> None:
    """The card's words may name it; a person's mail beside it is shown."""
    claims = await world.start()
    await keep_state(world, claims)
    seen = await world.look(claims)
    answer = await world.propose(
        claims,
        evidence_ids=(seen.evidence_id,),
        because="was ⟨former:1⟩, ask ann@example.org",
    )
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    told = await revealed(world, await world.proposal(answer.proposal_id))

    assert "ann@example.org" in told
    assert "xoxb" not in told


async def test_what_is_not_shown_is_counted(world: World) -> None:
    """Fifteen, of which a whisper holds twelve."""
    because = " ".join(f"a{number}@example.org" for number in range(1, 16))
    told = await revealed(world, await world.shown(because=because))

    assert "a12@example.org" in told
    assert told.endswith("and 3 more, which are not shown here")


async def test_a_value_that_is_cut_says_so(world: World) -> None:
    """And no line of it looks like another's."""
    claims = await world.start()
    long = "Zanaria Quell " * 20
    await know(world, claims, Canary(6), name=f"{long}\n⟨email:9⟩ x@example.org")
    seen = await world.look(claims)
    answer = await world.propose(
        claims, evidence_ids=(seen.evidence_id,), because="for ⟨name:1⟩"
    )
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    told = await revealed(world, await world.proposal(answer.proposal_id))

    assert told.endswith("…")
    assert 1 == len(told.splitlines())
