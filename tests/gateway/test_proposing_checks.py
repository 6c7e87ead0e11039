"""What a proposal may cite, and what a release before stored of one."""

import pytest

from gateway.gate import RefusedCall
from tests.gateway.test_proposing import EMAIL, refused
from tests.gateway.world import World


@pytest.mark.parametrize("cited", [EMAIL, "0198-made-up", "of-another-task"], ids=str)
async def test_what_the_task_s_reads_did_not_give_is_no_evidence(
    world: World, cited: str
) -> None:
    """An id that was made up is nobody's words in row, ledger or refusal."""
    if cited == "of-another-task":
        cited = (await world.look(await world.start())).evidence_id
    claims = await world.start()
    seen = await world.look(claims)
    with pytest.raises(RefusedCall, match="1 of 2 cited are no evidence") as caught:
        await world.propose(claims, evidence_ids=(seen.evidence_id, cited))

    assert (422, "unknown_evidence") == (caught.value.status, caught.value.code)
    assert cited not in caught.value.message
    assert [] == await world.rows(
        "SELECT 1 FROM proposals WHERE task_id = :id", id=claims.task_id
    )


async def test_what_a_release_before_stored_is_the_same_params(world: World) -> None:
    """A replay is answered as before, and what was rejected stays so."""
    claims = await world.start()
    first = await world.propose(claims, key="one")
    fewer = "UPDATE proposals SET params = params - 'named_percent' - 'only_named'"
    await world.database_change(f"{fewer} WHERE id = :id", id=first.proposal_id)
    again = await world.propose(claims, key="one")
    await world.database_change(
        "UPDATE proposals SET state = 'rejected' WHERE id = :id", id=first.proposal_id
    )

    assert again.replayed
    assert "409 rejected_before rejected-digest" == await refused(
        world, claims, key="two"
    )
