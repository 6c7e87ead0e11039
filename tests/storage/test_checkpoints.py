"""Checkpoints as rows: the frontier grows by what is new, and anchors are counted."""

from datetime import timedelta

import pytest

from audit.merkle import Frontier, root_of
from storage import checkpoints
from storage.checkpoints import KeptCheckpoint
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.storage.sealing import BOTH, PROD, STAGING, TENANT, Sealing, make_sealing


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Five sealed entries in two environments."""
    made = await make_sealing(database, scopes)
    await made.append(await made.task(PROD), PROD, times=3)
    await made.append(await made.task(STAGING), STAGING, times=2)
    await made.seal()
    return made


def kept(sealing: Sealing, size: int, frontier: Frontier) -> KeptCheckpoint:
    return KeptCheckpoint(
        environment="prod",
        size=size,
        root=frontier.root(),
        frontier=checkpoints.pack(frontier),
        epoch=0,
        key="k",
        note=f"note {size}",
        made_at=sealing.sealer.now(),
    )


async def test_a_frontier_grows_by_what_is_new(sealing: Sealing) -> None:
    """From any kept size on, the root is that of all leaves."""
    leaves = [one.entry.leaf() for one in await sealing.sealed()]
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        for size in range(6):
            begun = Frontier().extended(leaves[:size])
            again = checkpoints.unpack(size, checkpoints.pack(begun))
            grown = await checkpoints.extend(tx, again)

            assert (5, root_of(leaves)) == (grown.size, grown.root())
        assert leaves[:3] == await checkpoints.list_leaves(tx, 3)


async def test_the_newest_is_found_and_all_are_listed(sealing: Sealing) -> None:
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        none = await checkpoints.find_last(tx)
        for size in (1, 3):
            frontier = Frontier().extended([bytes(32)] * size)
            await checkpoints.keep(tx, TENANT, kept(sealing, size, frontier))
        last = await checkpoints.find_last(tx)
        listed = await checkpoints.list_after(tx, 1, most=9)

    assert none is None
    assert last is not None
    assert [last] == list(listed)
    assert ("note 3", 3) == (last.note, last.size)
    assert "prod" == last.environment


async def test_what_hangs_at_an_anchor_waits_no_more(sealing: Sealing) -> None:
    """Each anchor counts for itself, and a repeat changes nothing."""
    one = kept(sealing, 1, Frontier().extended([bytes(32)]))
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        await checkpoints.keep(tx, TENANT, one)
        before = await checkpoints.list_unanchored(tx, "file", most=9)
        for _ in range(2):
            await checkpoints.note_anchored(tx, TENANT, "file", before)
        after = await checkpoints.list_unanchored(tx, "file", most=9)
        elsewhere = await checkpoints.list_unanchored(tx, "bucket", most=9)

        assert ([1], [], [1]) == tuple(
            [found.size for found in listed] for listed in (before, after, elsewhere)
        )
        assert {1} == await checkpoints.list_anchored(tx, "file")


async def test_a_checkpoint_is_of_its_last_entrys_environment(
    sealing: Sealing,
) -> None:
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        found = [await checkpoints.find_environment(tx, seq) for seq in (3, 4)]
        with pytest.raises(LookupError, match="has no seal"):
            await checkpoints.find_environment(tx, 6)

    assert ["prod", "staging"] == found


def test_a_frontier_that_was_cut_is_refused() -> None:
    frontier = Frontier().extended([bytes(32)] * 3)

    with pytest.raises(ValueError, match="no frontier"):
        checkpoints.unpack(3, checkpoints.pack(frontier)[:-1])


async def test_the_ledger_names_its_key(sealing: Sealing) -> None:
    """The newest word counts; its sequence comes with its seal."""
    say = (
        "INSERT INTO ledger (tenant_id, environment, id, event, actor, body, at)"
        " VALUES ('acme', 'prod', gen_random_uuid(), 'ledger.key_changed', 's',"
        " CAST(:body AS text), :at)"
    )
    found = []
    for seconds, body in enumerate(('{"key":"a"}', '{"key":"b"}')):
        async with sealing.sealer.transaction(PROD, Step.look) as tx:
            found.append(await checkpoints.find_key(tx))
            await tx.change(
                say, {"body": body, "at": tx.now + timedelta(seconds=seconds)}
            )
        async with sealing.sealer.transaction(BOTH, Step.look) as tx:
            found.append(await checkpoints.find_key(tx))
        await sealing.seal()

    assert [None, ("a", None), ("a", 6), ("b", None)] == found
