"""One outside system over HTTP: what its answers and silences mean for a write."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from gateway.ports import (
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)

_MOST_BYTES = 4 * 1024 * 1024
_CLIENT_ERROR = 400
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Api:
    """A client bound to one base URL and one credential; follows no redirect."""

    name: str
    client: httpx.AsyncClient

    async def read(
        self, path: str, params: Mapping[str, str | int | float] | None = None
    ) -> object:
        """
        Give the JSON of a GET.

        Raises:
            Unreadable: no answer, an error status, too much, or no JSON.
        """
        try:
            async with self.client.stream("GET", path, params=params) as answer:
                body = await _bounded(answer)
        except httpx.HTTPError as exc:
            raise Unreadable(f"{self.name} {path}: {type(exc).__name__}") from exc
        if answer.status_code >= _CLIENT_ERROR:
            raise Unreadable(
                f"{self.name} {path}: HTTP {answer.status_code} {_excerpt(body)}"
            )
        return self._parse(path, body)

    async def write(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        seen_version: int,
        idempotency_key: str,
    ) -> object:
        """
        PUT, conditional on the version seen and keyed against repeats.

        Raises:
            NothingSent: the connection was never made.
            StateMoved: HTTP 412.
            Refused: another 4xx.
            OutcomeUnknown: it was sent, and no usable answer came.
        """
        headers = {"If-Match": str(seen_version), "Idempotency-Key": idempotency_key}
        try:
            answer = await self.client.put(path, json=dict(body), headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            raise NothingSent(f"{self.name} {path}: {type(exc).__name__}") from exc
        except httpx.HTTPError as exc:
            raise OutcomeUnknown(f"{self.name} {path}: {type(exc).__name__}") from exc
        if answer.status_code == httpx.codes.PRECONDITION_FAILED:
            raise StateMoved(f"{self.name} {path}: changed since it was seen")
        if _CLIENT_ERROR <= answer.status_code < _SERVER_ERROR:
            raise Refused(
                f"{self.name} {path}: HTTP {answer.status_code}"
                f" {_excerpt(answer.content)}"
            )
        if answer.status_code >= _SERVER_ERROR:
            raise OutcomeUnknown(f"{self.name} {path}: HTTP {answer.status_code}")
        try:
            return answer.json()
        except (ValueError, RecursionError) as exc:
            raise OutcomeUnknown(f"{self.name} {path}: the answer is no JSON") from exc

    def _parse(self, path: str, body: bytes) -> object:
        try:
            return httpx.Response(200, content=body).json()
        except (ValueError, RecursionError) as exc:
            raise Unreadable(f"{self.name} {path}: the answer is no JSON") from exc


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise Unreadable(f"{answer.url.path}: more than {_MOST_BYTES} bytes")
    return bytes(body)


def _excerpt(body: bytes) -> str:
    return body[:200].decode("utf-8", "replace")
