"""What a proposal knows of its deciders: whose word does not count, what is alike."""

import pytest

from tests.gateway.outside import ROUTE, SERVICE
from tests.gateway.world import World


@pytest.mark.parametrize(("quorum", "barred"), [("true", None), ("false", "operator")])
async def test_a_card_knows_whose_approval_does_not_count(
    world: World, quorum: str, barred: str | None
) -> None:
    """Who asked for it, where the rule says so."""

    def edit(texts: dict[str, str]) -> None:
        texts["people.yaml"] = texts["people.yaml"].replace(
            "requester_may_approve: true", f"requester_may_approve: {quorum}"
        )

    strict = world.with_texts(edit)
    proposal = await strict.shown(await strict.start(opened_by="operator"))

    assert barred == proposal.barred


async def test_what_differs_in_its_target_alone_is_alike(world: World) -> None:
    """Another value, or a doubt about one of them, makes it another."""
    claims = await world.start()
    seen = await world.look(claims)
    cited = (seen.evidence_id,)
    made = []
    for limit, evidence in ((450, cited), (450, cited), (500, cited), (450, ())):
        answer = await world.propose(
            claims,
            tool="throttle_endpoint",
            params={"service": SERVICE, "route": ROUTE, "limit_rps": limit},
            evidence_ids=evidence,
        )
        made.append((await world.proposal(answer.proposal_id)).alike)

    assert made[0] == made[1] != ""
    assert 2 == len({made[0], made[2]})
    assert made[3]
