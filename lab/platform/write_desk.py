"""Take every write of the platform: its condition, its key, its place in the audit."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lab.changes import ChangeFeed
from lab.clock import Clock
from lab.json_object import JsonObject
from lab.platform.audit_log import AuditLog, Entry
from lab.platform.writes import Request, WriteLog

IfMatch = Annotated[str | None, Header(alias="If-Match")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)
]
Instant = Annotated[AwareDatetime, Field(strict=False)]


class Change(BaseModel):
    """What every write says: who makes it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    changed_by: str = Field(min_length=1, max_length=200)


@dataclass(frozen=True)
class Conditions:
    """The two headers of a write."""

    if_match: str | None
    key: str | None


def conditions(
    if_match: IfMatch = None, idempotency_key: IdempotencyKey = None
) -> Conditions:
    return Conditions(if_match, idempotency_key)


Given = Annotated[Conditions, Depends(conditions)]


@dataclass(frozen=True)
class Deed:
    """What is done to what, in the audit's words, and the path it came by."""

    action: str
    target: str
    path: str


@dataclass(frozen=True)
class WriteDesk:
    writes: WriteLog
    audit: AuditLog
    clock: Clock
    changes: ChangeFeed

    def put(
        self,
        deed: Deed,
        change: Change,
        given: Conditions,
        *,
        state: Callable[[], JsonObject],
        act: Callable[[float], None],
    ) -> JSONResponse:
        """Run `act` at most once; `state` gives what it is before and after."""
        now = self.clock()
        body = change.model_dump(mode="json")

        def apply() -> JsonObject:
            act(now)
            said = {name: body[name] for name in body if name != "changed_by"}
            detail = json.dumps(said, sort_keys=True, ensure_ascii=False)
            self.audit.append(
                Entry(now, change.changed_by, deed.action, deed.target, detail)
            )
            return state()

        request = Request(deed.path, body, given.if_match, given.key)
        answer = self.writes.accept(request, state(), apply, now=now)
        self.changes.announce()
        return JSONResponse(answer.body, answer.status, answer.headers)


def refused(detail: str) -> HTTPException:
    """Make the answer to a write that the platform's own rules forbid."""
    return HTTPException(409, detail=detail)


def unknown(kind: str, name: str, known: list[str]) -> HTTPException:
    return HTTPException(
        404, detail=f"no {kind} {name!r}; there are: {', '.join(known)}"
    )


def with_version(state: JsonObject) -> JSONResponse:
    return JSONResponse(state, headers={"ETag": f'"{state["version"]}"'})
