"""Twenty thousand entries by sixteen writers, the sealer killed again and again."""

import asyncio
import random
from pathlib import Path

import pytest

from audit.checkpoint import load_signing_key
from cli.audit import verify_all
from cli.keys import new_keys
from cli.ledgers import Ledgers
from orchestrator import sealer
from orchestrator.anchors import FileAnchor
from orchestrator.notary import Notary
from policy.scope import TenantScope
from storage import seals
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.faults import KillAt, Killed
from tests.storage.sealing import BOTH, PROD, STAGING, Sealing, make_sealing

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

PEM = new_keys()["LEDGER_SIGNING_KEY"]
WRITERS, EACH = 16, 1250
POINTS = [
    f"{edge}:{name}"
    for name in ("seal", "sign_checkpoint", "write_anchor", "note_anchor")
    for edge in ("before", "after")
]


async def write(sealing: Sealing, number: int) -> None:
    """Append to a task of one's own, a few entries a transaction, some of them slow."""
    scope = (PROD, STAGING)[number % 2]
    task = await sealing.task(scope)
    dice = random.Random(number)  # noqa: S311 - the same storm in every run
    left = EACH
    while left:
        many = min(left, dice.randint(1, 5))
        async with sealing.worker.transaction(scope, Step.look) as tx:
            for _ in range(many):
                await sealing.append_in(tx, task)
            await asyncio.sleep(dice.choice((0, 0, 0, 0.02)))
        left -= many


async def seal(database: Databases, anchor: FileAnchor, writing: asyncio.Event) -> int:
    """Seal and sign until nothing is written or waits; give how often it was killed."""
    dice = random.Random(7)  # noqa: S311 - the same kills in every run
    killed, sealed = 0, 1
    while writing.is_set() or sealed:
        faults = KillAt(dice.choice(POINTS))
        mine = database.fresh("sealer", faults=faults)
        notary = Notary(
            mine,
            load_signing_key(PEM),
            "ops-autopilot",
            anchors=[anchor],
            every_seconds=0.001,
        )
        reached: dict[TenantScope, int] = {}
        try:
            for _ in range(5):
                database.clock.move(seconds=0.01)
                sealed = await sealer.seal_all(mine, reached)
                await notary.sign_all()
        except Killed:
            killed, sealed = killed + 1, 1
        await mine.close()
    return killed


async def test_no_entry_is_missing_or_twice_and_order_is_kept(
    database: Databases, scopes: Scopes, tmp_path: Path
) -> None:
    """All are sealed once, without a gap, and every checkpoint verifies."""
    made = await make_sealing(database, scopes)
    anchor = FileAnchor(tmp_path / "anchors.jsonl")
    writing = asyncio.Event()
    writing.set()
    async with asyncio.TaskGroup() as group:
        sealing = group.create_task(seal(database, anchor, writing))
        writers = [group.create_task(write(made, n)) for n in range(WRITERS)]
        await asyncio.wait(writers)
        writing.clear()
    public = load_signing_key(PEM).public_key().public_bytes_raw()
    [found] = await verify_all(made.sealer, Ledgers("ops-autopilot", (public,), anchor))
    async with made.sealer.transaction(BOTH, Step.look) as tx:
        last = await seals.read_last(tx)

    assert sealing.result() > 0
    assert (None, WRITERS * EACH, 0) == (found.problem, found.entries, found.unsealed)
    assert found.entries == found.signed == found.anchored == last
