"""The worker's end of ``control.sock``."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from gateway.tokens import Signer
from wire.control import (
    DecisionAnswer,
    DecisionRequest,
    ExecutionAnswer,
    ExecutionRequest,
    PageAnswer,
    PageRequest,
    ReversionAnswer,
    ReversionRequest,
)
from wire.tools import Refusal

Answer = TypeVar("Answer", bound=BaseModel)
# An effect runs at most this long in the gateway, plus its two transactions.
_TIMEOUT_SECONDS = 60.0
_FIRST_ERROR = 400


class GatewayAway(Exception):
    """The gateway did not answer; ask again later."""


class GatewayFailed(GatewayAway):
    """The gateway answered that it met a fault of its own; its log has the trace."""


class GatewayRefused(Exception):
    """The gateway answered with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.code} ({refusal.rule}): {refusal.message}")
        self.refusal = refusal


class _Health(BaseModel):
    environment: str


class GatewayClient:
    """Speaks for the worker, with a fresh control token for each request."""

    def __init__(
        self, socket_path: str, signer: Signer, clock: Callable[[], datetime]
    ) -> None:
        self._signer = signer
        self._clock = clock
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=socket_path),
            base_url="http://gateway",
            timeout=_TIMEOUT_SECONDS,
        )

    async def decide(self, request: DecisionRequest) -> DecisionAnswer:
        """
        Have one click decided.

        Raises:
            GatewayAway: no answer; the same request may be sent again.
            GatewayFailed: a fault of its own, which may well come again.
            GatewayRefused: a refusal.
        """
        body = await self._post("/v1/approvals", request)
        return _read(DecisionAnswer, body)

    async def execute(self, request: ExecutionRequest) -> ExecutionAnswer:
        """
        Have the next step of an execution taken; raises as ``decide``.
        """
        body = await self._post("/v1/executions", request)
        return _read(ExecutionAnswer, body)

    async def revert(self, request: ReversionRequest) -> ReversionAnswer:
        """
        Have the next step of a reversion taken; raises as ``decide``.
        """
        body = await self._post("/v1/reversions", request)
        return _read(ReversionAnswer, body)

    async def page(self, request: PageRequest) -> PageAnswer:
        """
        Have one page sent; raises as ``decide``.
        """
        body = await self._post("/v1/pages", request)
        return _read(PageAnswer, body)

    async def is_up(self) -> bool:
        return await self.environment() is not None

    async def environment(self) -> str | None:
        """Give the one environment that it serves; None while it does not say."""
        try:
            answer = await self._http.get("/healthz", timeout=2.0)
            return _Health.model_validate_json(answer.content).environment
        except (httpx.HTTPError, ValidationError):
            return None

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, path: str, body: BaseModel) -> bytes:
        token = self._signer.sign_control(now=self._clock())
        try:
            answer = await self._http.post(
                path,
                content=body.model_dump_json(),
                headers={"Authorization": f"Bearer {token}"},
            )
        except httpx.HTTPError as exc:
            raise GatewayAway(f"{path}: {type(exc).__name__}") from exc
        if answer.status_code < _FIRST_ERROR:
            return answer.content
        try:
            refusal = Refusal.model_validate_json(answer.content)
        except ValidationError as exc:
            raise GatewayAway(f"{path}: HTTP {answer.status_code}") from exc
        if refusal.code == "database_away":
            raise GatewayAway(f"{path}: {refusal.message}")
        if refusal.code == "error":
            raise GatewayFailed(f"{path}: {refusal.message}")
        raise GatewayRefused(refusal)


def _read(shape: type[Answer], body: bytes) -> Answer:
    """Read an answer; one that this release can't read is a fault, not an end."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as exc:
        # Where and how, and no word of it: an answer may name somebody.
        first = exc.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        fault = f"its answer is no {shape.__name__}: {where}: {first['type']}"
        raise GatewayFailed(fault) from None
