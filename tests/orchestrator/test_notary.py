"""The notary: what was sealed is signed once, and nothing against an older word."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.testing import capture_logs

from audit.checkpoint import (
    Checkpoint,
    open_checkpoint,
    sign_checkpoint,
    verifier_key,
)
from audit.merkle import root_of
from orchestrator import sealer
from orchestrator.anchors import FileAnchor
from orchestrator.notary import Notary
from policy.scope import Scope, TenantScope
from storage import checkpoints, seals
from storage.checkpoints import KeptCheckpoint
from storage.steps import Step
from tests.conftest import Databases
from tests.faults import KillAt, Killed
from tests.orchestrator.world import Rows

FIRST = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
SECOND = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
ORIGIN = "ops-autopilot/acme"


@dataclass
class Office:
    """One tenant's ledger, a notary, and the file where its word hangs."""

    rows: Rows
    path: Path
    tenant: TenantScope = field(default=TenantScope("acme", ("staging",)))

    def notary(
        self, key: Ed25519PrivateKey = FIRST, *, trusted: tuple[bytes, ...] = ()
    ) -> Notary:
        return Notary(
            self.rows.database("sealer"),
            key,
            "ops-autopilot",
            trusted=trusted,
            anchors=[FileAnchor(self.path)],
            every_seconds=5,
        )

    async def sealed(self, *, times: int = 1) -> None:
        for _ in range(times):
            await self.rows.started()
        await sealer.seal_all(self.rows.database("sealer"))

    def later(self) -> None:
        self.rows.database.clock.move(seconds=6)

    async def kept(self) -> list[KeptCheckpoint]:
        async with self.rows.database("sealer").transaction(
            self.tenant, Step.look
        ) as tx:
            return list(await checkpoints.list_after(tx, 0, most=99))

    async def sign(self, notary: Notary) -> tuple[int, list[str]]:
        """Sign; give how many, and what was complained of."""
        with capture_logs() as logs:
            signed = await notary.sign_all()
        return signed, [str(one["error"]) for one in logs if one.get("error")]


@pytest.fixture
def office(database: Databases, scope: Scope, tmp_path: Path) -> Office:
    return Office(Rows(database, scope), tmp_path / "anchors.jsonl")


async def test_what_was_sealed_is_signed_and_hung_up(office: Office) -> None:
    """The note opens under the key, over the root of all leaves, in row and file."""
    await office.sealed(times=3)
    signed = await office.sign(office.notary())
    [kept] = await office.kept()
    async with office.rows.database("sealer").transaction(
        office.tenant, Step.look
    ) as tx:
        leaves = [
            one.entry.leaf() for one in await seals.list_sealed(tx, after=0, most=9)
        ]
    checkpoint, key = open_checkpoint(kept.note, [verifier_key(ORIGIN, FIRST)])

    assert (1, []) == signed
    assert (3, root_of(leaves)) == (checkpoint.size, checkpoint.root)
    assert (checkpoint.size, checkpoint.root) == (kept.size, kept.root)
    assert key.text == kept.key
    assert [kept.note] == FileAnchor(office.path).read()


async def test_nothing_new_is_not_signed_again(office: Office) -> None:
    await office.sealed()
    notary = office.notary()
    first = await notary.sign_all()
    office.later()

    assert (1, 0) == (first, await notary.sign_all())


async def test_a_checkpoint_comes_every_few_seconds_at_most(office: Office) -> None:
    """What is sealed meanwhile waits for the next one."""
    await office.sealed()
    notary = office.notary()
    await notary.sign_all()
    await office.sealed()
    soon = await notary.sign_all()
    office.later()

    assert (0, 1) == (soon, await notary.sign_all())
    assert [1, 2] == [one.size for one in await office.kept()]


async def test_a_tenant_without_entries_has_no_checkpoint(office: Office) -> None:
    assert (0, []) == await office.sign(office.notary())
    assert not office.path.exists()


@pytest.mark.parametrize(
    "point",
    [
        "after:sign_checkpoint",
        "before:write_anchor",
        "after:write_anchor",
        "before:note_anchor",
    ],
)
async def test_a_notary_that_is_killed_leaves_no_gap(
    office: Office, point: str
) -> None:
    """The next one hangs up what was signed; a second time does no harm."""
    await office.sealed()
    killed = office.notary()
    killed.database = office.rows.database.fresh("sealer", faults=KillAt(point))
    with pytest.raises(Killed):
        await killed.sign_all()
    await office.notary().sign_all()
    [kept] = await office.kept()

    assert {kept.note} == set(FileAnchor(office.path).read())


async def test_an_anchor_that_is_away_stops_nothing(office: Office) -> None:
    """Checkpoints go on, and hang there when it is back."""
    await office.sealed()
    office.path.mkdir()
    signed, said = await office.sign(office.notary())
    office.path.rmdir()
    await office.notary().sign_all()

    assert 0 == signed
    assert 1 == len(said)
    assert 1 == len(FileAnchor(office.path).read())


async def test_a_new_key_is_named_before_it_signs(office: Office) -> None:
    """The entry that names it is in its first checkpoint; the old one still opens."""
    await office.sealed()
    await office.notary().sign_all()
    office.later()
    newer = office.notary(SECOND, trusted=(verifier_key("x", FIRST).public,))
    early = await newer.sign_all()
    again = await newer.sign_all()
    await sealer.seal_all(newer.database)
    signed = await newer.sign_all()
    [entry] = await office.rows.rows(
        "SELECT actor, body FROM ledger WHERE event = 'ledger.key_changed'"
    )
    old, new = await office.kept()

    assert (0, 0, 1) == (early, again, signed)
    assert "sealer" == entry["actor"]
    assert all(one.key in entry["body"] for one in (old, new))
    assert verifier_key(ORIGIN, SECOND).text == new.key
    assert 2 == new.size


async def test_a_last_word_by_a_stranger_is_not_built_upon(office: Office) -> None:
    """A key that is not listed as an earlier one stops the signing, and says why."""
    await office.sealed()
    await office.notary().sign_all()
    office.later()
    await office.sealed()
    signed, [said] = await office.sign(office.notary(SECOND))

    assert 0 == signed
    assert "not trusted" in said
    assert "LEDGER_VERIFIER_KEYS" in said


async def test_a_forged_frontier_is_not_built_upon(
    office: Office, admin: psycopg.Connection
) -> None:
    """Rows can't talk the notary into signing another tree."""
    await office.sealed()
    await office.notary().sign_all()
    office.later()
    await office.sealed()
    admin.execute("SET session_replication_role = replica")
    admin.execute("UPDATE ledger_checkpoints SET frontier = sha256('x')")
    signed, [said] = await office.sign(office.notary())

    assert 0 == signed
    assert "another tree" in said


async def test_an_anchor_ahead_of_the_database_is_not_contradicted(
    office: Office,
) -> None:
    """A database that was put back signs nothing before somebody has said so."""
    note = sign_checkpoint(
        Checkpoint(ORIGIN, 9, bytes(32), 0, "2026-01-01T00:00:00.000000+00:00"), FIRST
    )
    FileAnchor(office.path).append([note])
    await office.sealed()
    signed, [said] = await office.sign(office.notary())

    assert 0 == signed
    assert "autopilot db after-restore" in said


async def test_a_clock_that_went_back_signs_nothing(office: Office) -> None:
    await office.sealed()
    await office.notary().sign_all()
    await office.sealed()
    office.rows.database.clock.move(seconds=-60)
    signed, [said] = await office.sign(office.notary())

    assert 0 == signed
    assert "set the clock" in said


async def test_a_foreign_line_at_the_anchor_stops_the_signing(office: Office) -> None:
    office.path.write_text("hello\nworld\n")
    await office.sealed()
    signed, [said] = await office.sign(office.notary())

    assert 0 == signed
    assert "anchor file" in said


def test_public_keys_are_given_in_base64() -> None:
    """A key's text ends with its kind, one byte, and the key itself."""
    key = verifier_key(ORIGIN, FIRST)

    assert b"\x01" + key.public == base64.b64decode(key.text.split("+", 2)[2])
