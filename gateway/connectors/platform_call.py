"""Calls of the platform's own API, whose answers are fitted to a shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from gateway.connectors.http import Api
from gateway.connectors.last_instant import LAST_SECOND, is_last
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit, fit_written

Shaped = TypeVar("Shaped", bound=BaseModel)


def seconds_of(raw: object) -> float:
    """Give the Unix seconds of an instant in ISO 8601; its zone is required."""
    if is_last(raw):
        return float(LAST_SECOND)
    return TypeAdapter(AwareDatetime).validate_python(raw, strict=False).timestamp()


def end_of(raw: object) -> float | None:
    """Give where something ends, in Unix seconds; None where that is never."""
    return None if raw is None or is_last(raw) else seconds_of(raw)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[float, BeforeValidator(seconds_of)]
# Of a field whose None is "for ever".
End = Annotated[float | None, BeforeValidator(end_of)]


class Answered(BaseModel):
    """Base of the shapes; a field that is new there is no trouble here."""

    model_config = ConfigDict(allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class PlatformCall:
    api: Api

    async def read(
        self,
        shape: type[Shaped],
        path: str,
        params: Mapping[str, str | int | float] | None = None,
    ) -> Shaped:
        """
        Give the fitted answer of a GET.

        Raises:
            Unreadable: none came, or it has another shape.
        """
        raw = await self.api.read(path, params)
        return fit(shape, raw, what=f"platform {path}")

    async def write(
        self,
        shape: type[Shaped],
        path: str,
        body: Mapping[str, object],
        *,
        seen_version: int,
        idempotency_key: str,
    ) -> Shaped:
        """
        Give the fitted answer of a write.

        Raises:
            NothingSent, StateMoved, Refused, OutcomeUnknown: as ``Api.write``.
        """
        raw = await self.api.write(
            path,
            {**body, "changed_by": "ops-autopilot"},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return fit_written(shape, raw, what=f"platform {path}")


def part(name: str) -> str:
    """
    Give one part of a path, slashes and all; a colon stays one.

    Raises:
        NoSegment: it would change which path is asked.
    """
    return segment(name).replace("%3A", ":")
