"""search_audit_logs: the platform's audit log and our own ledger, labelled."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.subjects import AuditEntry
from gateway.tools.picked import pick
from gateway.tools.quantity import UnixSeconds
from gateway.tools.sources import Sources

_MOST = 50


class AuditParams(Strict):
    """An entry is found if it holds every word of ``query``."""

    query: str = Field(min_length=1, max_length=200)
    hours: int = Field(default=24, ge=1, le=720, json_schema_extra={"x-unit": "h"})


class AuditRow(Strict):
    """``source`` is ``platform`` or ``autopilot``; ``at`` is Unix seconds."""

    source: str
    at: UnixSeconds
    actor: str
    action: str
    target: str
    detail: str


class AuditAnswer(Strict):
    """
    Newest first, fifty of each source at most.

    ``missing`` says what was not looked at.
    """

    entries: list[AuditRow]
    missing: list[str]


async def search_audit(
    params: AuditParams, ports: Ports, occasion: Occasion
) -> AuditAnswer:
    """Search both logs since so many hours ago."""
    since = occasion.now - params.hours * 3600.0
    sources = Sources()
    theirs = await sources.ask(
        "platform", ports.audit.search(params.query, since=since, most=_MOST)
    )
    ours = await sources.ask(
        "autopilot",
        ports.records.search_ledger(
            occasion.scope, params.query, since=since, most=_MOST
        ),
    )
    unread = await sources.ask(
        "autopilot", ports.records.ledger_unread(occasion.scope, since=since)
    )
    if unread is not None:
        until = datetime.fromtimestamp(unread, UTC).isoformat(timespec="seconds")
        sources.missing.append(f"autopilot: too many entries; none up to {until}")
    rows = [*_rows("platform", theirs or ()), *_rows("autopilot", ours or ())]
    rows.sort(key=lambda row: -row.at)
    return AuditAnswer(entries=rows, missing=sources.missing)


def _rows(source: str, found: Sequence[AuditEntry]) -> list[AuditRow]:
    return [pick(AuditRow, one, source=source) for one in found]


SEARCH_AUDIT_LOGS = ReadTool(
    name="search_audit_logs",
    version=1,
    params=AuditParams,
    result=AuditAnswer,
    read=search_audit,
    tainted_fields=frozenset({"detail"}),
)
