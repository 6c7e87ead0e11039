"""The life of the vault: values are deleted some days after their task has ended."""

import asyncio
from datetime import timedelta

import structlog

from gateway.gate import Gate
from storage import directory, vault
from storage.errors import StorageError
from storage.steps import Step

_EVERY_SECONDS = 3600.0


async def forget(gate: Gate) -> int:
    """
    Delete what has outlived its task, in every tenant; give how many values.

    ``keep_days`` of redaction.yaml says how long; a task that was left to a person
    counts from its last change. What a reversion still needs stays.
    """
    life = timedelta(days=gate.policy.redaction.keep_days)
    async with gate.database.dispatch(Step.look) as tx:
        scopes = await directory.list_scopes(tx)
    forgotten = 0
    for scope in scopes:
        if scope.environment != gate.environment:
            continue
        async with gate.database.transaction(scope, Step.sweep) as tx:
            forgotten += await vault.forget(tx, closed_before=tx.now - life)
    return forgotten


async def keep_forgetting(gate: Gate) -> None:
    """Forget once an hour until cancelled; a database that is away is asked again."""
    while True:
        try:
            forgotten = await forget(gate)
        except StorageError as exc:
            structlog.get_logger().warning("vault.not_forgotten", error=str(exc))
        else:
            structlog.get_logger().info("vault.forgotten", values=forgotten)
        await asyncio.sleep(_EVERY_SECONDS)
