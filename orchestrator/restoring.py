"""
After a restore: freeze every environment, begin an epoch, and write it down.

A dump is older than the world: actions may have run since that it knows nothing of. So
every write and undo is frozen first, until somebody has looked and thaws; what was
allowed before and had not begun asks people anew then. What had begun is read back as
ever, and not sent again. Killed between, it is run again: it freezes once more, and
begins another epoch.
"""

from dataclasses import dataclass

from orchestrator.freezing import FreezeWish, freeze
from orchestrator.withdrawing import withdraw
from policy.event import Event
from policy.scope import Scope
from storage import freezes, ledger, restores
from storage.database import Database
from storage.freezes import EVERYTHING
from storage.steps import Step

_REASON = "restored from a backup: look at what was done since, then thaw"


class StillRunning(Exception):
    """Processes are connected to the database that was put back."""


@dataclass(frozen=True, slots=True)
class Restored:
    """``kept`` says of each tenant how many sealed entries came with the dump."""

    epoch: int
    frozen: tuple[Scope, ...]
    kept: dict[str, int]


async def after_restore(database: Database, *, by: str) -> Restored:
    """
    Make a restored database fit to work on; under the release role.

    Raises:
        StillRunning: stop every process first.
    """
    async with database.dispatch(Step.set_up) as tx:
        running = await restores.list_sessions(tx)
        scopes = await restores.list_scopes(tx)
    if running:
        raise StillRunning(
            f"{', '.join(sorted(set(running)))} are connected; stop every process, "
            "then run this again"
        )
    wish = FreezeWish(EVERYTHING, _REASON, undo_too=True)
    for scope in scopes:
        await freeze(database, scope, wish, by=by)
        await withdraw_grants(database, scope)
    kept: dict[str, int] = {}
    async with database.dispatch(Step.set_up) as tx:
        epoch = await restores.begin_epoch(tx)
        for scope in scopes:
            await tx.enter(scope)
            await freezes.note_restore(tx)
            if scope.tenant_id in kept:
                continue
            size = await restores.read_last_sealed(tx, scope.tenant_id)
            kept[scope.tenant_id] = size
            await ledger.append(
                tx,
                Event.ledger_restored,
                actor=by,
                body={"epoch": epoch, "size": size},
                task_id=None,
            )
    return Restored(epoch, tuple(scopes), kept)


async def withdraw_grants(database: Database, scope: Scope) -> None:
    """End leave that was given before: it may be taken back or used up since."""
    async with database.transaction(scope, Step.look) as tx:
        held = await restores.list_grants(tx)
    for one in held:
        await withdraw(database, scope, one, by="a restore")
