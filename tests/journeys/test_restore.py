"""
The drill: dump, restore into another cluster, after-restore, verify, go on.

The other cluster's transaction ids are lower than those that come with the dump, as
they are after every real restore.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from audit.checkpoint import load_signing_key
from audit.verification import Verified
from cli.audit import verify_all
from cli.keys import new_keys
from cli.ledgers import Ledgers
from lab.embedded.postgres import binary
from orchestrator import sealer
from orchestrator.anchors import FileAnchor
from orchestrator.notary import Notary
from orchestrator.restoring import after_restore
from storage import freezes
from storage.database import Database
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import (
    ADMIN,
    RELEASE,
    Clock,
    Cluster,
    Urls,
    fast_folder,
    running_cluster,
)
from tests.storage.sealing import PROD, Sealing, make_sealing

pytestmark = [pytest.mark.services, pytest.mark.timeout(180)]

PEM = new_keys()["LEDGER_SIGNING_KEY"]
_IDS = 3000


@dataclass
class Office:
    """A sealer's work on one database, with an anchor that outlives it."""

    database: Database
    anchor: FileAnchor

    async def work(self, clock: Clock) -> int:
        """Seal and sign what there is; give how many entries were sealed."""
        sealed = await sealer.seal_all(self.database)
        clock.move(seconds=6)
        await self.notary().sign_all()
        return sealed

    def notary(self) -> Notary:
        key = load_signing_key(PEM)
        return Notary(self.database, key, "ops-autopilot", anchors=[self.anchor])

    async def verify(self, *, known_lost: int = 0) -> Verified:
        public = load_signing_key(PEM).public_key().public_bytes_raw()
        ledgers = Ledgers(
            "ops-autopilot", (public,), self.anchor, known_lost=known_lost
        )
        [found] = await verify_all(self.database, ledgers)
        return found


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Cluster]:
    """Serve a second cluster, fresh: its transaction ids begin anew."""
    with fast_folder(tmp_path) as folder, running_cluster(folder) as cluster:
        yield cluster


def dump(urls: Urls, path: Path) -> None:
    subprocess.run(
        [str(binary("pg_dump")), "--format=custom", f"--file={path}", urls[ADMIN]],
        check=True,
        capture_output=True,
    )


@contextmanager
def restored(cluster: Cluster, path: Path) -> Iterator[Urls]:
    """Put the dump into an empty database of the other cluster."""
    cluster.admin.execute("CREATE DATABASE restored OWNER autopilot_release")
    urls = cluster.urls("restored")
    subprocess.run(
        [str(binary("pg_restore")), "--exit-on-error", f"--dbname={urls[ADMIN]}",
         str(path)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    yield urls
    cluster.admin.execute("DROP DATABASE restored WITH (FORCE)")


def burn_ids(urls: Urls) -> None:
    """Make transaction ids that another cluster won't reach for long."""
    with psycopg.connect(urls[ADMIN], autocommit=True) as admin:
        for _ in range(_IDS):
            admin.execute("SELECT pg_current_xact_id()")


@pytest.fixture
async def before(database: Databases, scopes: Scopes, urls: Urls) -> Sealing:
    burn_ids(urls)
    return await make_sealing(database, scopes)


async def test_a_database_that_was_put_back_goes_on(
    before: Sealing,
    clock: Clock,
    urls: Urls,
    other: Cluster,
    tmp_path: Path,
) -> None:
    """
    Three entries were sealed, two waited, one came after the dump and is lost.

    Until after-restore nothing would be sealed or signed; then all that came is, writes
    are frozen, and verification names the loss until somebody says that they know.
    """
    anchor = FileAnchor(tmp_path / "anchors.jsonl")
    old = Office(before.sealer, anchor)
    task = await before.task()
    await before.append(task, times=3)
    await old.work(clock)
    await before.append(task, times=2)
    dump(urls, tmp_path / "dump")
    await before.append(task)
    await old.work(clock)
    with restored(other, tmp_path / "dump") as theirs:
        now = Databases(theirs, clock)
        new = Office(now("sealer"), anchor)
        stalled = await new.work(clock)
        await now("sealer").close()
        done = await after_restore(now(RELEASE), by="U0OPERATOR")
        sealed = await new.work(clock)
        unknown = await new.verify()
        known = await new.verify(known_lost=3)
        async with now("gateway").transaction(PROD, Step.look) as tx:
            frozen = (await freezes.read(tx, lock=False)).frozen
        worker = Sealing(now("worker"), now("sealer"))
        await worker.append(task)
        later = await new.work(clock)
        again = await new.verify(known_lost=3)
        await now.close()

    assert (0, 1, {"acme": 3}) == (stalled, done.epoch, done.kept)
    # Two that waited, two freezes, and the entry that tells of the restore.
    assert 5 == sealed
    assert "pass --lost 3" in (unknown.problem or "")
    assert (None, 8, 8, 3) == (known.problem, known.entries, known.signed, known.lost)
    assert frozen
    assert (1, None, 9, 9) == (later, again.problem, again.entries, again.signed)
