"""A refused call: told and logged in the same words, with nobody in them."""

from gateway.gate import Asked, RefusedCall
from gateway.refusing import refuse_logged
from tests.gateway.world import World


async def test_what_is_told_is_what_is_logged(world: World) -> None:
    """The refusal itself is redacted, before it is raised to anybody."""
    claims = await world.start()
    refusal = RefusedCall(
        "unreadable", rule="connector", message="no ann@example.org", status=424
    )
    asked = Asked("read", "get_dashboard_snapshot", ("dashboard_id",))
    await refuse_logged(world.gate, claims, asked, refusal)
    [call] = await world.rows("SELECT error FROM tool_calls")
    [entry] = await world.events(claims.task_id, "task.call_refused")

    assert "no ⟨email:1⟩" == refusal.message == call["error"] == entry["message"]
