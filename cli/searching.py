"""``autopilot audit search``: entries of a tenant's ledger, a page at a time."""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime

from cli.case import ReaderSettings, find_tenant
from cli.clock import utc_now
from policy.scope import TenantScope
from storage import entries
from storage.database import Tx, connect
from storage.entries import Wanted
from storage.errors import NotFound
from storage.ledger import Entry
from storage.steps import Step

_MOST_CHARACTERS = 160


async def run_search(chosen: argparse.Namespace) -> int:
    """Print a page of entries, newest first, and how to see the next one."""
    database = connect(ReaderSettings().database_url, utc_now, pool_size=1)
    try:
        tenant = await find_tenant(database, chosen.tenant)
        only = chosen.environment
        scope = TenantScope(tenant.tenant_id, (only,)) if only else tenant
        async with database.transaction(scope, Step.look) as tx:
            wanted = await _page(tx, wanted_of(chosen), chosen)
            found = await entries.search(tx, wanted, most=chosen.most)
    finally:
        await database.close()
    if chosen.json:
        rows = [dict(one.record.fields) for one in found]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    for one in found:
        print(_line(one))
    if len(found) == chosen.most:
        print(f"more: the same with --before {found[-1].id}")
    return 0


def wanted_of(chosen: argparse.Namespace) -> Wanted:
    """Give what was asked for; times without a zone are UTC."""
    return Wanted(
        actor=chosen.actor,
        event=chosen.event,
        tool=chosen.tool,
        target=chosen.target,
        rule=chosen.rule,
        text=chosen.text,
        since=chosen.since,
        until=chosen.until,
    )


def parse_instant(text: str) -> datetime:
    """
    Read ISO 8601; what names no zone is UTC.

    Raises:
        argparse.ArgumentTypeError: it is no instant.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 2026-11-26 or 2026-11-26T21:00"
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


async def _page(tx: Tx, wanted: Wanted, chosen: argparse.Namespace) -> Wanted:
    if chosen.before is None:
        return wanted
    last = await entries.find(tx, chosen.before)
    if last is None:
        raise NotFound(f"entry {chosen.before}: none of {chosen.tenant}")
    return replace(wanted, before=last.id, before_at=last.at)


def _line(entry: Entry) -> str:
    task = f"task {entry.task_id.hex[-8:]}" if entry.task_id else "no task"
    body = entry.body
    if len(body) > _MOST_CHARACTERS:
        body = f"{body[:_MOST_CHARACTERS]}…"
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.id}  {entry.environment}  {task}  "
        f"{entry.event}  {entry.actor}  {body}"
    )
