"""A word on an action whose tool the release no longer has."""

from dataclasses import replace

from gateway.registry import Registry
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from tests.gateway.test_attesting import lost
from tests.gateway.world import World


def without_tools(world: World) -> World:
    """Give the gateway of a release that has no write any more."""
    registry = Registry((GET_DASHBOARD_SNAPSHOT,))
    tools = {one.name: one for one in registry.specs}
    policy = replace(world.gate.policy, tools=tools)
    return replace(world, gate=replace(world.gate, registry=registry, policy=policy))


async def test_it_is_for_those_whom_its_card_had_asked(world: World) -> None:
    """Else nobody could ever settle it; the decision is kept as any other."""
    proposal = await lost(world)
    gone = without_tools(world)
    strange = await gone.click(proposal, verdict="took_effect", user="U0STRANGER")
    undo = await gone.click(proposal, verdict="undo")
    answer = await gone.click(proposal, verdict="took_effect")
    [decision] = await world.rows(
        "SELECT verdict, facts FROM decisions WHERE phase = 'attest'"
    )

    assert ("unknown_person", "undo_refused") == (strange.code, undo.code)
    assert "attested" == answer.code
    assert "This release has no toggle_feature_flag" in answer.text
    assert "allow" == decision["verdict"]
    assert ["reliability-oncall"] == decision["facts"]["card_roles"]
