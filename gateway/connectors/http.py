"""
One outside system over HTTP: what its answers and silences mean.

Theory of operation. A read is repeated, with jitter, while its failure may pass and
the connector's deadline is not over; a write is sent once. Both pass a circuit breaker,
both end at the deadline, both stop reading past a size. No redirect is followed. What
arrives is strict JSON, or an error with its cause.

A system that asks to come later (429, or 503 with Retry-After) says when; a read waits
that long itself where its deadline allows. A write that a 429 answers has not begun; a
503 may be a proxy's that lost the system halfway, and is told apart.

For the circuit a 429 is an answer, and a 503 is none. A system that counts its callers
is up, and serves others; to shut the circuit would also hold back the calls that its
limit still lets through, and to count it would let one busy endpoint cut off the rest.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
import stamina

from gateway.connectors.breaker import Breaker, CircuitOpen
from gateway.connectors.capped import ACCEPT_ENCODING, BodyRefused, cap
from gateway.connectors.retry_after import parse_retry_after, pause_before
from gateway.connectors.strict_json import NotJson, parse_json
from gateway.connectors.trouble import (
    BEFORE_SENDING,
    say_failure,
    say_status,
    will_pass,
)
from gateway.ports import (
    Busy,
    Later,
    NothingSent,
    NotThere,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)

Params = Mapping[str, str | int | float]

MOST_BYTES = 4 * 1024 * 1024
_ERROR = 400
_SERVER_ERROR = 500
_MOVED = frozenset({412})
# Worth another try: the system, or what stands before it, is busy or starting.
_PASSING = frozenset({500, 502, 503, 504})
_TOO_MANY = 429
_LATER = frozenset({_TOO_MANY, 503})
# Of a request whose answer says all by its status: a good one's body is not read.
_STATUS_ALONE = "status alone"
# What no request can be made of: a path too long, NaN in a body, a broken header.
_UNASKABLE = (httpx.InvalidURL, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Manners:
    """How long and how often a system is asked, and how much it may answer."""

    deadline_seconds: float = 8.0
    most_bytes: int = MOST_BYTES
    read_attempts: int = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """``retry_after``: seconds, where the system asks to come later and says when."""

    status: int
    body: bytes
    location: str
    media_type: str
    retry_after: float | None

    @property
    def asks_later(self) -> bool:
        """Tell a 429, and a 503 that names its end: one without may be a proxy's."""
        if self.status == _TOO_MANY:
            return True
        return self.status in _LATER and self.retry_after is not None


class _Passing(Unreadable):
    """A read failed in a way that may pass."""


@dataclass(frozen=True, slots=True)
class Api:
    """
    A client bound to one base URL and one credential; follows no redirect.

    ``now`` gives Unix seconds, for a Retry-After that names an instant.
    """

    name: str
    client: httpx.AsyncClient
    manners: Manners = field(default_factory=Manners)
    breaker: Breaker = field(default_factory=Breaker)
    now: Callable[[], float] = time.time

    async def read(self, path: str, params: Params | None = None) -> object:
        """
        Give the JSON of a GET.

        Raises:
            Unreadable: no answer, an error status, too much, or no JSON.
            Busy: the system asks to come later than the deadline allows.
            CircuitOpen: it failed too often just now.
        """
        return self._parse(path, (await self._get(path, params)).body)

    async def read_bytes(
        self, path: str, params: Params | None = None, *, media_type: str
    ) -> bytes:
        """
        Give the body of a GET that must be of ``media_type``.

        Raises:
            Unreadable, Busy, CircuitOpen: as ``read``.
        """
        answer = await self._get(path, params)
        if answer.media_type != media_type:
            got = answer.media_type or "no media type"
            raise Unreadable(f"{self.name} {path}: {got} instead of {media_type}")
        return answer.body

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
            NothingSent, StateMoved, Refused, OutcomeUnknown: as ``send``.
        """
        headers = {"If-Match": str(seen_version), "Idempotency-Key": idempotency_key}
        answer = await self.send("PUT", path, dict(body), headers=headers)
        if answer is None:
            raise OutcomeUnknown(f"{self.name} {path}: the answer is empty")
        return answer

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        moved: frozenset[int] = _MOVED,
    ) -> object:
        """
        Send one write, once, and give the JSON of its answer; None if that is empty.

        ``moved`` are the statuses by which this system says that its state changed.

        Raises:
            NothingSent: the connection was never made, the circuit is open, or the
                system asks to come later (429, or as Later: 503 with Retry-After).
            StateMoved: a status of ``moved``.
            Refused: another 4xx.
            OutcomeUnknown: it was sent, and no usable answer came.
        """
        request = self._ask(method, path, params, body, headers)
        answer = await self._sent(request, path, moved)
        if not answer.body.strip():
            return None
        try:
            return parse_json(answer.body)
        except NotJson as exc:
            raise OutcomeUnknown(f"{self.name} {path}: {exc}") from exc

    async def tell(
        self,
        path: str,
        body: object,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """
        Send one write, once, whose answer says all by its status.

        Raises:
            NothingSent, Refused, OutcomeUnknown: as ``send``.
        """
        request = self._ask(method, path, None, body, headers)
        request.extensions[_STATUS_ALONE] = True
        await self._sent(request, path, _MOVED)

    def _ask(
        self,
        method: str,
        path: str,
        params: Params | None,
        body: object,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        try:
            return self._request(method, path, params, body, headers)
        except _UNASKABLE as exc:
            raise NothingSent(f"{self.name}: {_say_unaskable(exc)}") from exc

    async def _sent(
        self, request: httpx.Request, path: str, moved: frozenset[int]
    ) -> Answer:
        """Send, and give an answer whose status says that it was taken."""
        answer = await self._send_once(request, path)
        status = answer.status
        said = say_status(status, answer.body, answer.location)
        if status in moved:
            raise StateMoved(f"{self.name} {path}: changed since it was seen: {said}")
        if answer.asks_later:
            # A system that does not say when is asked again later all the same.
            kind = NothingSent if status == _TOO_MANY else Later
            later = answer.retry_after or 0.0
            raise kind(f"{self.name} {path}: {said}", retry_after=later)
        if not _answers(status):
            raise OutcomeUnknown(f"{self.name} {path}: {said}")
        if status >= _ERROR:
            raise Refused(f"{self.name} {path}: {said}")
        return answer

    async def _send_once(self, request: httpx.Request, path: str) -> Answer:
        try:
            async with self._deadline():
                return await self._exchange(request, path)
        except BEFORE_SENDING as exc:
            raise NothingSent(f"{self.name} {path}: {say_failure(exc)}") from exc
        except httpx.HTTPError as exc:
            raise OutcomeUnknown(f"{self.name} {path}: {say_failure(exc)}") from exc
        except TimeoutError as exc:
            raise OutcomeUnknown(f"{self.name} {path}: {self._late()}") from exc
        except BodyRefused as exc:
            raise OutcomeUnknown(f"{self.name} {path}: {exc}") from exc

    async def _get(self, path: str, params: Params | None) -> Answer:
        """Ask until it answers, the failure won't pass, or the deadline is over."""
        last: Unreadable | None = None
        clock = asyncio.get_running_loop().time
        ends_at = clock() + self.manners.deadline_seconds

        def pause(error: Exception) -> bool | float:
            if isinstance(error, Busy):
                return pause_before(error.retry_after, seconds_left=ends_at - clock())
            return isinstance(error, _Passing)

        try:
            async with self._deadline():
                async for attempt in stamina.retry_context(
                    on=pause,
                    attempts=self.manners.read_attempts,
                    timeout=self.manners.deadline_seconds,
                    wait_initial=0.1,
                    wait_max=2.0,
                    wait_jitter=0.2,
                ):
                    with attempt:
                        try:
                            return await self._get_once(path, params)
                        except Unreadable as exc:
                            last = exc
                            raise
        except TimeoutError as exc:
            said = f"; before that: {last}" if last else ""
            raise Unreadable(f"{self.name} {path}: {self._late()}{said}") from exc
        raise last or Unreadable(f"{self.name} {path}: was not asked")

    async def _get_once(self, path: str, params: Params | None) -> Answer:
        try:
            request = self._request("GET", path, params)
        except _UNASKABLE as exc:
            raise Unreadable(f"{self.name}: {_say_unaskable(exc)}") from exc
        try:
            answer = await self._exchange(request, path)
        except httpx.HTTPError as exc:
            passes = will_pass(exc)
            raise (_Passing if passes else Unreadable)(
                f"{self.name} {path}: {say_failure(exc)}"
            ) from exc
        except BodyRefused as exc:
            raise Unreadable(f"{self.name} {path}: {exc}") from exc
        if httpx.codes.is_success(answer.status):
            return answer
        if answer.asks_later:
            said = say_status(answer.status, b"")
            raise Busy(
                f"{self.name} {path}: {said}{_say_when(answer.retry_after)}",
                retry_after=answer.retry_after,
            )
        # The repeat is logged with its error, so one that passes quotes no body.
        status, passes = answer.status, answer.status in _PASSING
        said = say_status(status, b"" if passes else answer.body, answer.location)
        kind = NotThere if status == httpx.codes.NOT_FOUND else Unreadable
        raise (_Passing if passes else kind)(f"{self.name} {path}: {said}")

    def _request(
        self,
        method: str,
        path: str,
        params: Params | None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        return self.client.build_request(
            method,
            path,
            json=body,
            params=params or None,
            headers={**(headers or {}), "Accept-Encoding": ACCEPT_ENCODING},
        )

    async def _exchange(self, request: httpx.Request, path: str) -> Answer:
        """Pass the breaker, do one request, and tell the breaker what came of it."""
        loop = asyncio.get_running_loop()
        if not self.breaker.admit(loop.time()):
            left = self.breaker.seconds_left(loop.time())
            raise CircuitOpen(
                f"{self.name} {path}: failed too often just now; asked again in "
                f"{left:.0f} s",
                retry_after=left,
            )
        answered = False
        try:
            answer = await self._receive(request)
            answered = answer.status < _SERVER_ERROR
        except BodyRefused:
            answered = True
            raise
        finally:
            self.breaker.record(loop.time(), answered=answered)
        return answer

    async def _receive(self, request: httpx.Request) -> Answer:
        answer = await self.client.send(request, stream=True, follow_redirects=False)
        try:
            alone = answer.is_success and request.extensions.get(_STATUS_ALONE)
            body = b"" if alone else await self._body(answer)
        finally:
            await answer.aclose()
            # What one answer sets must not ride on another's request.
            self.client.cookies.clear()
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        where = answer.headers.get("location", "")
        later = (
            parse_retry_after(answer.headers.get("retry-after"), now=self.now())
            if answer.status_code in _LATER
            else None
        )
        return Answer(answer.status_code, body, where, kind, later)

    async def _body(self, answer: httpx.Response) -> bytes:
        """Read up to the cap; of an error the status says enough without its body."""
        cap(answer, self.manners.most_bytes)
        try:
            return await answer.aread()
        except BodyRefused:
            if answer.is_error:
                return b""
            raise

    def _deadline(self) -> asyncio.Timeout:
        return asyncio.timeout(self.manners.deadline_seconds)

    def _late(self) -> str:
        return f"no whole answer within {self.manners.deadline_seconds:g} s"

    def _parse(self, path: str, body: bytes) -> object:
        try:
            return parse_json(body)
        except NotJson as exc:
            raise Unreadable(f"{self.name} {path}: {exc}") from exc


def _say_when(retry_after: float | None) -> str:
    when = "it does not say until when"
    return f"; {when if retry_after is None else f'come again in {retry_after:.0f} s'}"


def _say_unaskable(error: Exception) -> str:
    """Name the kind alone: the words of the error may quote a header or a body."""
    return f"no request can be made of this: {type(error).__name__}"


def _answers(status: int) -> bool:
    """Tell an answer that says what became of a write: no redirect does, and no 408."""
    unclear = httpx.codes.is_redirect(status) or status == httpx.codes.REQUEST_TIMEOUT
    return status < _SERVER_ERROR and not unclear
