"""Risk as it stands on a card: of what is cited, how old, and by which version."""

from datetime import timedelta

from tests.gateway.world import FLAG_OFF, World

NEW = "this agent version has 0 verified actions +1"


async def settle(world: World, state: str, times: int) -> None:
    """Let as many actions of its agent version have ended so."""
    for _ in range(times):
        other = await world.shown()
        await world.database_change(
            "UPDATE proposals SET state = :state WHERE id = :id",
            state=state,
            id=other.id,
        )


async def test_a_version_without_a_record_is_riskier(world: World) -> None:
    """Until three of its actions were verified here."""
    first = await world.shown()
    await settle(world, "succeeded", 3)
    proven = await world.shown()

    assert NEW in first.risk_factors
    assert not any("agent version" in one for one in proven.risk_factors)
    assert first.risk == proven.risk + 1


async def test_a_bad_record_is_said(world: World) -> None:
    await settle(world, "failed", 2)
    next_one = await world.shown()

    assert "2 of this agent version's last 2 failed +2" in next_one.risk_factors


async def test_what_cites_nothing_is_riskier(world: World) -> None:
    claims = await world.start()
    answer = await world.propose(claims)
    proposal = await world.proposal(answer.proposal_id)

    assert "cites no evidence +1" in proposal.risk_factors


async def test_an_edit_is_weighed_by_its_evidence_of_then(world: World) -> None:
    """What was read a while ago says less of now."""
    proposal = await world.shown()
    tool = world.gate.registry.write(proposal.tool)
    world.database.clock.move(
        seconds=timedelta(seconds=tool.evidence_seconds * 0.6).total_seconds()
    )
    await world.click(
        proposal,
        verdict="edit",
        params={**FLAG_OFF, "enabled": True, "rollout_percent": 5},
        reason_code=proposal.reason_code,
    )
    [row] = await world.rows(
        "SELECT risk_factors FROM proposals WHERE edited_by IS NOT NULL"
    )

    assert any("min old +1" in one for one in row["risk_factors"])


async def test_an_undo_is_no_matter_of_records(world: World) -> None:
    """It restores what was there before; the class and its reach count."""
    proposal = await world.approved()
    await world.advance(proposal.task_id)
    await world.database_change(
        "UPDATE proposals SET state = 'succeeded' WHERE id = :id", id=proposal.id
    )
    await world.click(await world.proposal(proposal.id), verdict="undo")
    [row] = await world.rows(
        "SELECT risk_factors FROM proposals WHERE undoes IS NOT NULL"
    )

    assert not any("version" in one or "cites" in one for one in row["risk_factors"])
