"""
A model's endpoint over HTTP: one streamed chat completion, and each failure by name.

What fails before an answer began (busy, server error, no connection) cost nothing and
is asked again while the deadline allows; from the first event on nothing is repeated,
since the model works and is paid. Between two events the endpoint may be silent for
``stall_seconds``.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
from pydantic import JsonValue

from gateway.connectors.capped import ACCEPT_ENCODING, BodyRefused, cap
from gateway.connectors.model_stream import DONE, Assembly
from gateway.connectors.retry_after import parse_retry_after
from gateway.connectors.trouble import certificate_trouble, say_failure, will_pass
from gateway.model_port import Completion, ModelFailed
from policy.model_call import ModelFault

MOST_BYTES = 2 * 1024 * 1024
_MOST_OF_AN_ERROR = 16 * 1024
_BACKOFF_SECONDS = (0.5, 2.0)
_PATH = "chat/completions"
_SERVER_ERROR = 500
_LENGTH_CODES = ("context_length_exceeded", "string_above_max_length")
_MODEL_CODES = ("model_not_found", "model_not_available")


class _Passing(Exception):
    """Nothing was answered and nothing is paid: it may be asked again."""

    def __init__(self, failed: ModelFailed, retry_after: float | None) -> None:
        super().__init__(str(failed))
        self.failed = failed
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class HttpModel:
    """``client`` is bound to the base URL and the key; ``now`` gives Unix seconds."""

    client: httpx.AsyncClient
    stall_seconds: float
    backoff_seconds: tuple[float, ...] = _BACKOFF_SECONDS
    most_bytes: int = MOST_BYTES
    now: Callable[[], float] = field(default=time.time)

    async def complete(
        self, body: Mapping[str, JsonValue], *, seconds: float
    ) -> Completion:
        """
        Ask once; what fails before any answer began is repeated within ``seconds``.

        Raises:
            ModelFailed: with its name, and whether it is paid.
        """
        answer = Assembly()
        try:
            async with asyncio.timeout(seconds):
                return await self._persist(body, answer, seconds)
        except TimeoutError as exc:
            raise ModelFailed(
                ModelFault.late,
                f"no whole answer within {seconds:g} s",
                paid=True,
                usage=answer.usage,
            ) from exc

    async def _persist(
        self, body: Mapping[str, JsonValue], answer: Assembly, seconds: float
    ) -> Completion:
        clock = asyncio.get_running_loop().time
        ends_at = clock() + seconds
        pauses = iter(self.backoff_seconds)
        while True:
            try:
                return await self._ask(body, answer)
            except _Passing as passing:
                pause = next(pauses, None)
                wait = pause if passing.retry_after is None else passing.retry_after
                if pause is None or wait is None or clock() + wait >= ends_at:
                    raise passing.failed from passing
                await asyncio.sleep(wait)

    async def _ask(self, body: Mapping[str, JsonValue], answer: Assembly) -> Completion:
        request = self.client.build_request(
            "POST",
            _PATH,
            content=json.dumps(dict(body), ensure_ascii=False).encode(),
            headers={
                "Content-Type": "application/json",
                "Accept-Encoding": ACCEPT_ENCODING,
            },
        )
        try:
            response = await self.client.send(
                request, stream=True, follow_redirects=False
            )
        except httpx.HTTPError as exc:
            raise _unanswered(exc) from exc
        try:
            cap(response, self.most_bytes)
            if not response.is_success:
                raise await self._refused(response)
            return await self._read(response, answer)
        except BodyRefused as exc:
            raise ModelFailed(
                ModelFault.malformed, f"the answer is malformed: {exc}", paid=True
            ) from exc
        finally:
            await response.aclose()
            self.client.cookies.clear()

    async def _read(self, response: httpx.Response, answer: Assembly) -> Completion:
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind == "application/json":
            answer.take(await self._whole(response))
            return answer.end()
        lines = response.aiter_lines()
        while (line := await self._next(lines.__anext__, answer)) is not None:
            name, _, data = line.partition(":")
            if name != "data" or not data.strip():
                continue
            if data.strip() == DONE:
                break
            answer.take(data.strip())
        return answer.end()

    async def _whole(self, response: httpx.Response) -> str:
        read = await self._next(response.aread, Assembly())
        return (read or b"").decode("utf-8", "replace")

    async def _next(self, step, answer: Assembly):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - a line or a body
        """Wait for the next piece; None at the end."""
        try:
            async with asyncio.timeout(self.stall_seconds):
                return await step()
        except StopAsyncIteration:
            return None
        except TimeoutError as exc:
            said = f"silent for {self.stall_seconds:g} s in the middle of the answer"
            raise ModelFailed(
                ModelFault.stalled, said, paid=True, usage=answer.usage
            ) from exc
        except httpx.HTTPError as exc:
            said = f"the answer was cut off: {say_failure(exc)}"
            raise ModelFailed(
                ModelFault.cut, said, paid=True, usage=answer.usage
            ) from exc

    async def _refused(self, response: httpx.Response) -> Exception:
        """Name an error status; its text is the endpoint's, and is not quoted."""
        body = await self._error_body(response)
        status = response.status_code
        if any(code in body for code in _LENGTH_CODES):
            said = f"HTTP {status}: the question is longer than the model takes"
            return ModelFailed(ModelFault.over_length, said, paid=False)
        if status == httpx.codes.NOT_FOUND or any(c in body for c in _MODEL_CODES):
            said = f"HTTP {status}: no such model here; does MODEL_BASE_URL end in /v1?"
            return ModelFailed(ModelFault.wrong_model, said, paid=False)
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            said = f"HTTP {status}: the key is refused; check MODEL_API_KEY"
            return ModelFailed(ModelFault.no_entry, said, paid=False)
        later = parse_retry_after(response.headers.get("retry-after"), now=self.now())
        if status == httpx.codes.TOO_MANY_REQUESTS:
            when = "" if later is None else f"; it asks to come again in {later:.0f} s"
            said = f"HTTP 429: too many requests{when}"
            return _Passing(ModelFailed(ModelFault.busy, said, paid=False), later)
        if status >= _SERVER_ERROR:
            failed = ModelFailed(ModelFault.server_error, f"HTTP {status}", paid=False)
            return _Passing(failed, later)
        said = f"HTTP {status}: the endpoint does not take this question"
        return ModelFailed(ModelFault.rejected, said, paid=False)

    async def _error_body(self, response: httpx.Response) -> str:
        try:
            async with asyncio.timeout(self.stall_seconds):
                body = await response.aread()
        except (httpx.HTTPError, BodyRefused, TimeoutError):
            return ""
        return body[:_MOST_OF_AN_ERROR].decode("utf-8", "replace")


def _unanswered(exc: httpx.HTTPError) -> Exception:
    trouble = certificate_trouble(exc)
    if trouble is not None:
        said = (
            f"its certificate is refused: {trouble}; check the clock of this host and "
            "the endpoint's certificate"
        )
        return ModelFailed(ModelFault.not_trusted, said, paid=False)
    failed = ModelFailed(ModelFault.away, say_failure(exc), paid=_may_have_begun(exc))
    if not will_pass(exc) or failed.paid:
        return failed
    return _Passing(failed, None)


def _may_have_begun(exc: httpx.HTTPError) -> bool:
    """Tell a connection that stood: the question may have arrived."""
    return not isinstance(
        exc,
        httpx.ConnectError
        | httpx.ConnectTimeout
        | httpx.PoolTimeout
        | httpx.LocalProtocolError
        | httpx.UnsupportedProtocol,
    )
