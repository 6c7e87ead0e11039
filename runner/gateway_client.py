"""The runner's one way out: the gateway, over the one socket it has."""

from collections.abc import Callable
from typing import TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from runner.errors import GatewayAway, LeaseLost, SessionRefused
from wire.proposals import ProposalAnswer, ProposalDraft, RunReport
from wire.session import Session
from wire.tools import Refusal, ToolAnswer, ToolCall, ToolView

BACKOFF_SECONDS = (0.05, 0.2, 0.8)
STOPPED = frozenset({401, 410})
REFUSED = 400
FAILED = 500
Answer = TypeVar("Answer", bound=BaseModel)


class GatewayClient:
    """
    One run's conversation with the gateway.

    Every call may be repeated: reads are answered from the journal by step, proposals
    by key, the end of a run by its id. ``seconds_left`` bounds the repeats.

    Raises (every method):
        LeaseLost: the run is no longer served.
        GatewayAway: no usable answer after the repeats.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        sleep: Callable[[float], None],
        seconds_left: Callable[[], float],
    ) -> None:
        self._http = http
        self._sleep = sleep
        self._seconds_left = seconds_left

    def session(self) -> Session:
        """
        Read what the run starts from.

        Raises:
            SessionRefused: the gateway gives none, and says why.
        """
        answer = self._ask("GET", "/v1/session", None, Session)
        if isinstance(answer, Refusal):
            raise SessionRefused(f"{answer.code} ({answer.rule}): {answer.message}")
        return answer

    def tools(self) -> list[ToolView]:
        """
        List this agent's tools.

        Raises:
            SessionRefused: the gateway gives none, and says why.
        """
        response = self._send("GET", "/v1/tools", None)
        if response.status_code >= REFUSED:
            raise SessionRefused(f"tools: {_refusal(response).message}")
        return TypeAdapter(list[ToolView]).validate_json(response.content)

    def call(self, tool: str, call: ToolCall) -> ToolAnswer | Refusal:
        return self._ask("POST", f"/v1/tools/{tool}", call, ToolAnswer)

    def propose(self, draft: ProposalDraft) -> ProposalAnswer | Refusal:
        return self._ask("POST", "/v1/proposals", draft, ProposalAnswer)

    def finish(self, run_id: str, report: RunReport) -> None:
        """
        Hand in the report.

        Raises:
            SessionRefused: the gateway does not take it.
        """
        response = self._send("POST", f"/v1/runs/{run_id}/finish", report)
        if response.status_code >= REFUSED:
            raise SessionRefused(f"run {run_id}: {_refusal(response).message}")

    def _ask(
        self, method: str, path: str, body: BaseModel | None, model: type[Answer]
    ) -> Answer | Refusal:
        response = self._send(method, path, body)
        if response.status_code >= REFUSED:
            return _refusal(response)
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise GatewayAway(f"{path}: the answer is no {model.__name__}") from error

    def _send(self, method: str, path: str, body: BaseModel | None) -> httpx.Response:
        content = None if body is None else body.model_dump_json()
        headers = {} if body is None else {"Content-Type": "application/json"}
        wrong = ""
        for pause in (*BACKOFF_SECONDS, None):
            try:
                response = self._http.request(
                    method, path, content=content, headers=headers
                )
            except httpx.TransportError as error:
                wrong = type(error).__name__
            else:
                if response.status_code in STOPPED:
                    raise LeaseLost(f"{path}: {_refusal(response).message}")
                if response.status_code < FAILED:
                    return response
                wrong = f"status {response.status_code}"
            if pause is None or pause > self._seconds_left():
                break
            self._sleep(pause)
        raise GatewayAway(f"{method} {path}: {wrong}; is the gateway running?")


def open_http(socket_path: str, token: str, *, timeout_seconds: float) -> httpx.Client:
    """
    Open the socket. No TLS on a Unix socket, so no certificates are loaded (50 ms).
    """
    return httpx.Client(
        transport=httpx.HTTPTransport(uds=socket_path, verify=False),
        base_url="http://gateway",
        headers={"Authorization": f"Bearer {token}"},
        timeout=timeout_seconds,
        trust_env=False,
    )


def _refusal(response: httpx.Response) -> Refusal:
    try:
        return Refusal.model_validate_json(response.content)
    except ValidationError:
        return Refusal(
            code=f"http_{response.status_code}",
            rule="gateway",
            message=f"the gateway answered {response.status_code} without a reason",
        )
