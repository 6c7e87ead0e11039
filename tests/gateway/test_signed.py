"""Decisions under a person's own key: who signed, what, and when."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from gateway import deciding
from gateway.signed import MOST_OLD_SECONDS, NoKey, new_person_key, sign
from storage.proposals import Proposal
from tests.gateway.steps import states
from tests.gateway.world import World
from wire.control import Decision, DecisionRequest

PRIVATE, PUBLIC = new_person_key()
OTHER, _ = new_person_key()
SLACK = "    slack_user: U0OPERATOR\n"


def with_key(texts: dict[str, str]) -> None:
    """Give the operator a key of their own."""
    people = texts["people.yaml"]
    assert SLACK in people
    texts["people.yaml"] = people.replace(SLACK, f"{SLACK}    key: {PUBLIC}\n", 1)


async def signed(
    world: World,
    proposal: Proposal,
    *,
    key: str = PRIVATE,
    changes: Mapping[str, object] | None = None,
    **said: object,
) -> DecisionRequest:
    """Sign a decision as a terminal does; ``changes`` come after the signature."""
    asked = {
        "person": "operator",
        "signed_at": world.database.clock().timestamp(),
        "new_plan": False,
        **said,
    }
    request = sign(key, await world.request(proposal, **asked))
    return request.model_copy(update=dict(changes or {}))


async def decided(world: World, request: DecisionRequest) -> str:
    return (await deciding.decide(world.gate, request)).code


async def test_a_signed_approval_is_the_same_decision(world: World) -> None:
    """It runs; the ledger names the terminal and the person."""
    world = world.with_texts(with_key)
    proposal = await world.shown()
    code = await decided(world, await signed(world, proposal))
    [approved] = await world.events(proposal.task_id, "task.approved")
    rows = await world.rows(
        "SELECT actor FROM ledger WHERE event = 'task.click_received'"
    )

    assert "approved" == code
    assert ("approved", "executing") == await states(world, proposal)
    assert ["operator"] == approved["people"]
    assert ["terminal operator"] == [row["actor"] for row in rows]


@pytest.mark.parametrize(
    ("key", "said", "changes"),
    [
        (OTHER, {}, {}),
        (PRIVATE, {}, {"verdict": "reject"}),
        (PRIVATE, {}, {"digest": "0" * 64}),
        (PRIVATE, {}, {"person": "second"}),
        (PRIVATE, {}, {"person": "nobody"}),
        (PRIVATE, {}, {"comment": "and more"}),
        (PRIVATE, {}, {"signature": "no base64!"}),
        (PRIVATE, {}, {"signature": "AAAA"}),
        (PRIVATE, {"signed_at": 0.0}, {}),
        (PRIVATE, {"verdict": "carried_out"}, {}),
        (PRIVATE, {"verdict": "undo"}, {}),
        (PRIVATE, {"verdict": "reveal"}, {}),
    ],
)
async def test_what_is_not_signed_so_changes_nothing(
    world: World,
    key: str,
    said: Mapping[str, object],
    changes: Mapping[str, object],
) -> None:
    """Another key, another word, another person, too old: told, and logged."""
    world = world.with_texts(with_key)
    proposal = await world.shown()
    request = await signed(world, proposal, key=key, changes=changes, **said)
    code = await decided(world, request)
    received = await world.events(proposal.task_id, "task.click_received")

    assert code not in {"approved", "rejected", "undo_proposed", "revealed"}
    assert ("needs_approval", "needs_approval") == await states(world, proposal)
    assert [] == received


async def test_an_old_one_is_told_so(world: World) -> None:
    """The instant is signed too."""
    world = world.with_texts(with_key)
    proposal = await world.shown()
    request = await signed(world, proposal)
    world.database.clock.move(seconds=MOST_OLD_SECONDS + 1)

    assert "bad_signature" == await decided(world, request)


async def test_a_click_needs_no_key_and_a_key_no_click(world: World) -> None:
    """A signature without a key in people.yaml is none, whoever the Slack user is."""
    proposal = await world.shown()

    assert "bad_signature" == await decided(world, await signed(world, proposal))
    assert "approved" == (await world.click(proposal)).code


def test_a_file_without_a_key_is_named() -> None:
    request = Decision(
        proposal_id=UUID(int=1),
        digest="d",
        person="operator",
        slack_user="U",
        verdict="approve",
    )
    with pytest.raises(NoKey, match="autopilot keys person"):
        sign("nonsense", request)
