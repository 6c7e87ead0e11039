"""Accept a write once: conditional on the version, idempotent by key.

The order is Stripe's and HTTP's: a known key answers first (so that a retry of an
accepted write is not told that its version is stale), then the precondition, then the
change.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject


@dataclass(frozen=True)
class Request:
    path: str
    body: JsonObject
    if_match: str | None
    key: str | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(
            json.dumps([self.path, self.body], sort_keys=True).encode()
        ).hexdigest()


@dataclass(frozen=True)
class Answer:
    status: int
    body: JsonObject
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Write:
    """One accepted write; `replays` counts the retries that changed nothing."""

    at: str
    path: str
    body: JsonObject
    key: str | None
    digest: str
    answer: JsonObject
    replays: int = 0


class WriteLog:
    def __init__(self) -> None:
        self._writes: list[Write] = []

    def listed(self) -> list[JsonObject]:
        return [
            {"index": index, **asdict(write)}
            for index, write in enumerate(self._writes)
        ]

    def restore(self, listed: list[JsonObject]) -> None:
        self._writes = [
            Write(**{name: value for name, value in write.items() if name != "index"})
            for write in listed
        ]

    def accept(
        self,
        request: Request,
        current: JsonObject,
        apply: Callable[[], JsonObject],
        *,
        now: float,
    ) -> Answer:
        """Run `apply` if nothing speaks against it; it returns the new state."""
        known = self._known(request.key)
        if known is not None:
            return replayed(known, request)
        refusal = precondition(request, current)
        if refusal is not None:
            return refusal
        state = apply()
        self._writes.append(
            Write(
                iso(now), request.path, request.body, request.key, request.digest, state
            )
        )
        return Answer(200, state, {"ETag": f'"{state["version"]}"'})

    def _known(self, key: str | None) -> Write | None:
        if key is None:
            return None
        return next((write for write in self._writes if write.key == key), None)


def replayed(write: Write, request: Request) -> Answer:
    if write.digest != request.digest:
        return Answer(
            409,
            {
                "error": "idempotency_key_reused",
                "detail": f"key {request.key} was used with another body or path; "
                f"take a new key for a new write",
            },
        )
    write.replays += 1
    return Answer(200, write.answer, {"Idempotent-Replay": "true"})


def precondition(request: Request, current: JsonObject) -> Answer | None:
    version = current["version"]
    if request.if_match is None:
        return Answer(
            428,
            {
                "error": "precondition_required",
                "detail": f"send If-Match: {version} (the version that you read)",
            },
        )
    if request.if_match.removeprefix("W/").strip('" ') != str(version):
        return Answer(
            412,
            {
                "error": "version_mismatch",
                "detail": f"If-Match was {request.if_match}, "
                f"the version is {version}; read it and decide again",
                "current": current,
            },
        )
    return None
