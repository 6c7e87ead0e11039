"""What a read keeps beside its answer: a picture, the whole of a long result."""

import json
import threading
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

import pytest

from gateway import veil
from gateway.gate import RefusedCall
from gateway.ports import Unreadable
from gateway.redaction.find import Walk, find
from gateway.redaction.span import Policy, Span
from gateway.registry import Picture, Registry
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from storage import tool_calls
from storage.steps import Step
from tests.gateway.outside import FLAG, SERVICE
from tests.gateway.test_reading import EMAIL, call
from tests.gateway.world import World
from wire.tools import ToolAnswer


@dataclass(frozen=True)
class Painter:
    """Stands for a tool's picture: paints, paints nothing, or fails."""

    png: bytes | None = b"\x89PNG"
    error: Exception | None = None

    async def __call__(self, *_asked: object) -> Picture | None:
        if self.error is not None:
            raise self.error
        if self.png is None:
            return None
        return Picture(self.png, f"5xx rise, reported by {EMAIL}")


def drawn_by(world: World, painter: Painter) -> World:
    """Give a gateway whose dashboard is drawn by this painter."""
    tool = replace(GET_DASHBOARD_SNAPSHOT, picture=painter)
    return replace(world, gate=replace(world.gate, registry=Registry((tool,))))


async def test_a_picture_is_kept_with_its_evidence(world: World) -> None:
    """Bytes and words, the words without anybody's address."""
    world = drawn_by(world, Painter())
    answer = await world.look(await world.start())
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        found = await tool_calls.find_drawing(tx, UUID(answer.evidence_id))

    assert found is not None
    assert b"\x89PNG" == found.png
    assert found.alt.startswith("5xx rise")
    assert EMAIL not in found.alt


@pytest.mark.parametrize(
    "painter", [Painter(error=Unreadable("renderer away")), Painter(png=None)]
)
async def test_without_a_picture_the_evidence_stands(
    world: World, painter: Painter
) -> None:
    """What can't be drawn takes nothing from what was read."""
    world = drawn_by(world, painter)
    answer = await world.look(await world.start())
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        assert await tool_calls.find_drawing(tx, UUID(answer.evidence_id)) is None
    assert answer.result["service"] == SERVICE


async def test_a_long_result_is_given_in_part_and_kept_whole(world: World) -> None:
    """Head and tail for the agent, every byte as evidence."""
    world.outside.traces.message = "first " + "x" * 200_000 + " last"
    answer = await call(world, await world.start(), "trace_lookup", service=SERVICE)
    assert isinstance(answer, ToolAnswer)
    [row] = await world.rows("SELECT body, digest FROM evidence")
    message = json.loads(row["body"])["traces"][0]["spans"][0]["message"]

    assert "traces[].spans[].message" in answer.left_out
    assert len(str(answer.result)) < 70_000
    assert 200_011 == len(message)
    assert sha256(row["body"].encode()).hexdigest() == answer.digest == row["digest"]


async def test_a_number_that_json_can_not_hold_is_left_out(world: World) -> None:
    """2^60 of active users is a broken gauge: it is named, and the rest is read."""
    world.outside.services.become(error_ratio=0.1, active_users=2**60)
    answer = await world.look(await world.start())
    [row] = await world.rows("SELECT body FROM evidence")
    kept = json.loads(row["body"])

    assert kept == answer.result
    assert ["load: its answer makes no sense: active_users"] == [
        one.rpartition(": ")[0] for one in kept["missing"]
    ]
    assert (None, [FLAG]) == (
        kept["active_users"],
        [one["key"] for one in kept["flags"]],
    )


async def test_what_a_stranger_wrote_at_length_is_searched_beside_the_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No write waits for it, and no transaction: there, nothing long is searched."""
    by_loop: list[int] = []
    here = threading.get_ident()

    def noted(text: str, *, policy: Policy, walk: Walk | None = None) -> list[Span]:
        if threading.get_ident() == here:
            by_loop.append(len(text))
        return find(text, policy=policy, walk=walk)

    monkeypatch.setattr("gateway.redaction.walked.find", noted)
    words = f"Maria Lopez, Street 12, {EMAIL} "
    world.outside.traces.message = words * 3000
    answer = await call(world, await world.start(), "trace_lookup", service=SERVICE)
    [row] = await world.rows("SELECT body FROM evidence")

    assert isinstance(answer, ToolAnswer)
    assert max(by_loop, default=0) < len(words)
    assert 3000 == row["body"].count("⟨email:1⟩")
    assert EMAIL not in row["body"]


async def test_what_takes_too_long_to_search_is_a_refusal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is kept, and the call says so."""
    monkeypatch.setattr(veil, "SEARCH_SECONDS", 0.0)
    world.outside.traces.message = "x" * 200_000
    with pytest.raises(RefusedCall, match="too long to be searched") as caught:
        await call(world, await world.start(), "trace_lookup", service=SERVICE)

    assert ("unreadable", 424) == (caught.value.code, caught.value.status)
    assert [] == await world.rows("SELECT id FROM evidence")
    [row] = await world.rows("SELECT state, error FROM tool_calls")
    assert "failed" == row["state"]
    assert "too long to be searched" in row["error"]
