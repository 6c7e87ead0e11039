"""``autopilot evals cases``: what people edited or rejected, as evals will read it."""

import argparse
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from uuid import UUID

from bot.blocks.text import visible
from cli.case import ReaderSettings, find_tenant
from cli.clock import utc_now
from policy.scope import TenantScope
from storage import eval_cases
from storage.canonical import plain
from storage.database import Database, connect
from storage.eval_cases import EvalCase
from storage.steps import Step

_A_PAGE = 500
_MOST_CHARACTERS = 1000


async def run_cases(chosen: argparse.Namespace) -> int:
    """Print each case, the oldest first: a line for people, or JSON Lines."""
    database = connect(ReaderSettings().database_url, utc_now, pool_size=1)
    found = 0
    try:
        tenant = await find_tenant(database, chosen.tenant)
        only = chosen.environment
        scope = TenantScope(tenant.tenant_id, (only,)) if only else tenant
        async for case in _read(database, scope, chosen.agent):
            found += 1
            print(json_of(case) if chosen.jsonl else say(case))
    finally:
        await database.close()
    if not found and not chosen.jsonl:
        asked = " ".join(one for one in (chosen.environment, chosen.agent) if one)
        of = f" of {asked}" if asked else ""
        print(f"no case{of} yet: each edit and each rejection of a card makes one")
    return 0


async def _read(
    database: Database, scope: TenantScope, agent: str | None
) -> AsyncIterator[EvalCase]:
    after: UUID | None = None
    while True:
        async with database.transaction(scope, Step.look) as tx:
            page = await eval_cases.list_page(
                tx, agent=agent, after=after, most=_A_PAGE
            )
        for case in page:
            yield case
        if len(page) < _A_PAGE:
            return
        after = page[-1].id


def json_of(case: EvalCase) -> str:
    """Give every field of a case, people's values hidden as they are kept."""
    return json.dumps(plain(asdict(case)), ensure_ascii=False)


def say(case: EvalCase) -> str:
    """Give a case in one line; what people wrote shows all that it is."""
    who = f"{case.agent}/{case.agent_version}" if case.agent else "no agent"
    again = ", another plan asked" if case.new_plan else ""
    words = " ".join(case.comment.split())
    why = f"{case.reason_code}{again}" + (f": {words}" if words else "")
    changed = f"  {_changes(case)}" if case.diff else ""
    return visible(
        f"{case.created_at:%Y-%m-%d %H:%M} UTC  {case.environment}  "
        f"task {case.task_id.hex[-8:]}  {who}  {case.tool}  {case.kind}{changed}  "
        f"{why}",
        most=_MOST_CHARACTERS,
    )


def _changes(case: EvalCase) -> str:
    return ", ".join(
        f"{name} {json.dumps(one.get('before'), ensure_ascii=False)} → "
        f"{json.dumps(one.get('after'), ensure_ascii=False)}"
        for name, one in (case.diff or {}).items()
        if isinstance(one, dict)
    )
