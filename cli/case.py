"""``autopilot audit case``: a case whole, as JSON or as a page that loads nothing."""

import argparse
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from cli.clock import utc_now
from orchestrator.sealer import list_tenants
from policy.scope import Scope, TenantScope
from storage import cases, tasks
from storage.cases import Case
from storage.database import Database, connect
from storage.errors import NotFound
from storage.steps import Step

_FOLDER = Path(__file__).parent
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MOST_SHORT = 8
_TITLES = {
    "alerts": "Alerts",
    "evidence": "Evidence",
    "proposals": "Proposals",
    "decisions": "Decisions of policy",
    "approvals": "Approvals and rejections",
    "grants": "Grants",
    "executions": "Executions",
    "reversions": "Scheduled reversions",
    "eval_cases": "What evals learn from it",
    "calls": "Calls of tools",
    "runs": "Runs",
}


class ReaderSettings(BaseSettings):
    """Where a case is read: as the role that shows tasks to people."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_WEB")


async def run_case(chosen: argparse.Namespace) -> int:
    """Print a case as JSON, or write it as a page."""
    database = connect(ReaderSettings().database_url, utc_now, pool_size=1)
    try:
        scope = await find_tenant(database, chosen.tenant)
        task = await _find_task(database, scope, chosen.task)
        async with database.transaction(scope, Step.look) as tx:
            case = await cases.read_case(tx, task)
    finally:
        await database.close()
    if chosen.html is None:
        print(json.dumps(asdict(case), indent=2, ensure_ascii=False))
        return 0
    page = render_case(case, tenant=chosen.tenant, printed_at=utc_now())
    Path(chosen.html).write_text(page, encoding="utf-8")  # noqa: ASYNC240 - nothing else runs
    print(f"{chosen.html}: {case.task['title']}")
    return 0


def render_case(case: Case, *, tenant: str, printed_at: datetime) -> str:
    """Give one page that loads nothing; every value in it is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters |= {"shown": _shown, "instant": _instant}
    rows = asdict(case)
    parts = [
        (title, [_Row(one) for one in rows[name]]) for name, title in _TITLES.items()
    ]
    return environment.get_template("case.html").render(
        case=case,
        parts=parts,
        tenant=tenant,
        printed_at=f"{printed_at:%Y-%m-%d %H:%M:%S} UTC",
    )


class _Row(dict[str, object]):
    """A row whose missing columns are empty; a picture that is none is left out."""

    def __init__(self, row: Mapping[str, object]) -> None:
        super().__init__(row)
        picture = "".join(str(row.get("picture") or "").split())
        self["picture"] = picture if _BASE64.fullmatch(picture) else ""

    def __missing__(self, name: str) -> object:
        return ""


def _instant(value: object) -> str:
    """Give an instant (UTC) to the second, and other words as they are."""
    try:
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return str(value)


def _shown(value: object) -> str:
    """Give words as they stand, JSON indented."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value[:1] in {"{", "["} else value
        except ValueError:
            return str(value)
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False)


async def find_tenant(database: Database, tenant_id: str) -> TenantScope:
    """
    Give a tenant with all of its environments.

    Raises:
        NotFound: there is none of this name.
    """
    for scope in await list_tenants(database):
        if scope.tenant_id == tenant_id:
            return scope
    raise NotFound(f"tenant {tenant_id}: there is none; `autopilot tenant add` adds it")


async def _find_task(database: Database, scope: TenantScope, name: str) -> UUID:
    """Take an id, or the short one that threads show."""
    try:
        return UUID(name)
    except ValueError:
        pass
    found: list[UUID] = []
    for environment in scope.environments:
        one = Scope(scope.tenant_id, environment)
        async with database.transaction(one, Step.look) as tx:
            found += [task.id for task in await tasks.search(tx, name[:_MOST_SHORT])]
    if len(found) != 1:
        raise NotFound(
            f"task {name}: {len(found) or 'none'} of {scope.tenant_id}; give the id "
            "that the thread shows, or the whole one"
        )
    return found[0]
