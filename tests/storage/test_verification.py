"""Verification: a good ledger verifies, and each forgery is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from audit.record import GENESIS, chain
from storage.ledger import Entry
from storage.steps import Step
from storage.verification import verify_tenant
from tests.conftest import Databases, Scopes
from tests.storage.sealing import (
    BOTH,
    CLAIM,
    PROD,
    STAGING,
    Sealing,
    make_sealing,
)


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Six sealed entries: two tasks, two environments."""
    made = await make_sealing(database, scopes)
    prod, staging = await made.task(PROD), await made.task(STAGING)
    for _ in range(3):
        await made.append(prod, PROD)
        await made.append(staging, STAGING)
    await made.seal()
    await made.sign()
    return made


@contextmanager
def forging(admin: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """Switch the triggers off, as only a superuser can: foreign keys, too."""
    admin.execute("SET session_replication_role = replica")
    yield admin
    admin.execute("SET session_replication_role = origin")


FORGERIES = {
    "a changed body": "UPDATE ledger SET body = '[]' WHERE id = {entry}",
    "a changed actor": "UPDATE ledger SET actor = 'mallory' WHERE id = {entry}",
    "a changed event": "UPDATE ledger SET event = 'task.approved' WHERE id = {entry}",
    "a changed instant": "UPDATE ledger SET at = at + '1 us' WHERE id = {entry}",
    "a changed number": "UPDATE ledger SET task_seq = 9 WHERE id = {entry}",
    "another task": "UPDATE ledger SET task_id = gen_random_uuid() WHERE id = {entry}",
    "a removed entry": "DELETE FROM ledger WHERE id = {entry}",
    "a removed seal": "DELETE FROM ledger_seals WHERE seq = {seq}",
    "a removed pair": "WITH x AS (DELETE FROM ledger_seals WHERE seq = {seq})"
    " DELETE FROM ledger WHERE id = {entry}",
    "a changed leaf": "UPDATE ledger_seals SET leaf = sha256('x') WHERE seq = {seq}",
    "a changed hash": "UPDATE ledger_seals SET hash = sha256('x') WHERE seq = {seq}",
    "a changed link": "UPDATE ledger_seals SET previous = sha256('x')"
    " WHERE seq = {seq}",
    "a moved entry": "UPDATE ledger SET environment = 'elsewhere' WHERE id = {entry}",
}


def forge(admin: psycopg.Connection, forgery: str, entry: Entry, seq: int) -> None:
    statement = FORGERIES[forgery].format(entry=f"'{entry.id}'", seq=seq)
    with forging(admin):
        assert 1 == admin.execute(statement.encode()).rowcount


async def test_a_good_ledger_verifies(sealing: Sealing) -> None:
    """Every entry is counted, nothing waits, and there is no problem."""
    found = await sealing.verify()

    assert (6, 0, None) == (found.entries, found.unsealed, found.problem)


async def test_an_empty_ledger_verifies(database: Databases, scopes: Scopes) -> None:
    """Nothing is no problem; its head is the chain's beginning."""
    found = await (await make_sealing(database, scopes)).verify()

    assert (0, None, GENESIS.hex()) == (found.entries, found.problem, found.head)


async def test_what_waits_for_its_seal_is_told(sealing: Sealing) -> None:
    """Unsealed entries are counted, and never called verified."""
    await sealing.append(await sealing.task())
    found = await sealing.verify()

    assert (6, 1) == (found.entries, found.unsealed)


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forgery_in_the_middle_is_found(
    sealing: Sealing, admin: psycopg.Connection, forgery: str
) -> None:
    """Verification names the first entry that is not as it was sealed."""
    third = (await sealing.sealed())[2]
    forge(admin, forgery, third.entry, third.seal.seq)
    problem = (await sealing.verify()).problem

    assert problem is not None
    assert problem.startswith("entry 3 ")


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forgery_at_the_end_is_found(
    sealing: Sealing, admin: psycopg.Connection, forgery: str
) -> None:
    """The last entry has no successor to betray it: its checkpoint does."""
    last = (await sealing.sealed())[-1]
    forge(admin, forgery, last.entry, last.seal.seq)
    problem = (await sealing.verify()).problem

    assert problem is not None
    assert "entry 6" in problem


async def test_entries_wait_for_their_checkpoint(sealing: Sealing) -> None:
    """What is sealed since the last one is verified, and told apart."""
    await sealing.append(await sealing.task(), times=2)
    await sealing.seal()
    found = await sealing.verify()

    assert (8, 6, None) == (found.entries, found.signed, found.problem)


async def test_without_any_checkpoint_nothing_is_verified(
    database: Databases, scopes: Scopes
) -> None:
    """A chain that nothing signs could have been made anew."""
    made = await make_sealing(database, scopes)
    await made.append(await made.task())
    await made.seal()
    problem = (await made.verify()).problem

    assert problem is not None
    assert "no checkpoint signs it" in problem


CHECKPOINTS = {
    "another note": "UPDATE ledger_checkpoints SET note = replace(note, '6', '5')",
    "removed": "DELETE FROM ledger_checkpoints",
    "moved on": "UPDATE ledger_checkpoints SET size = 9",
    "moved back": "UPDATE ledger_checkpoints SET size = 4",
}


@pytest.mark.parametrize("forgery", CHECKPOINTS)
async def test_a_forged_checkpoint_is_found(
    sealing: Sealing, admin: psycopg.Connection, forgery: str
) -> None:
    with forging(admin):
        assert 1 == admin.execute(CHECKPOINTS[forgery].encode()).rowcount

    assert (await sealing.verify()).problem is not None


async def test_an_anchor_that_lost_a_checkpoint_is_found(sealing: Sealing) -> None:
    """What the rows say was hung up outside has to hang there."""
    note = await sealing.sign_more()
    gone = replace(CLAIM, noted=frozenset({6, 7}))
    whole = replace(gone, trust=replace(CLAIM.trust, anchors=await sealing.notes()))
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        found = [await verify_tenant(tx, claim) for claim in (gone, whole)]

    assert note.split("\n")[1] == "7"
    assert "is gone there" in (found[0].problem or "")
    assert (None, 7) == (found[1].problem, found[1].anchored)


async def test_swapped_sequences_are_found(
    sealing: Sealing, admin: psycopg.Connection
) -> None:
    """Two entries that changed places are not what was chained."""
    with forging(admin):
        for old, new in ((2, -1), (4, 2), (-1, 4)):
            admin.execute("UPDATE ledger_seals SET seq = %s WHERE seq = %s", [new, old])
    problem = (await sealing.verify()).problem

    assert problem is not None
    assert problem.startswith("entry 2 ")


async def test_an_inserted_entry_is_found(
    sealing: Sealing, admin: psycopg.Connection
) -> None:
    """A seal after the end that follows from nothing is found."""
    with forging(admin):
        admin.execute(
            "INSERT INTO ledger_seals SELECT tenant_id, environment, seq + 1,"
            " gen_random_uuid(), leaf, hash, hash, sealed_at FROM ledger_seals"
            " WHERE seq = 6"
        )

    assert (await sealing.verify()).problem is not None


async def test_a_rechained_tail_is_not_what_was_signed(
    sealing: Sealing, admin: psycopg.Connection
) -> None:
    """Whoever recomputes all hashes after a change can't sign them."""
    fourth = (await sealing.sealed())[3]
    forge(admin, "a changed actor", fourth.entry, 4)
    await rechain(sealing, admin)
    found = await sealing.verify()

    assert found.problem is not None
    assert "root" in found.problem


async def rechain(sealing: Sealing, admin: psycopg.Connection) -> None:
    """Do what a patient forger does: make every seal agree with the rows again."""
    previous = GENESIS
    with forging(admin):
        for one in await sealing.sealed():
            leaf = one.entry.leaf()
            sealed = chain(previous, one.seal.seq, leaf)
            admin.execute(
                "UPDATE ledger_seals SET leaf = %s, previous = %s, hash = %s"
                " WHERE seq = %s",
                [leaf, previous, sealed, one.seal.seq],
            )
            previous = sealed


async def test_long_ledgers_are_walked_in_batches(sealing: Sealing) -> None:
    """A ledger longer than one batch is verified to its end."""
    task_id = await sealing.task()
    async with sealing.worker.transaction(PROD, Step.look) as tx:
        await sealing.append_in(tx, task_id)
        await tx.change(
            "INSERT INTO ledger (tenant_id, environment, id, task_id, task_seq, event,"
            " actor, body, at) SELECT tenant_id, environment, gen_random_uuid(),"
            " task_id, n, event, actor, body, at FROM ledger,"
            " generate_series(2, 1001) n WHERE task_id = :task",
            {"task": task_id},
        )
    await sealing.seal(most=2000)
    await sealing.sign()
    found = await sealing.verify()

    assert (1007, 1007, None) == (found.entries, found.signed, found.problem)
