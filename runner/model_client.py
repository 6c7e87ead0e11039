"""
The model behind the gateway's socket, by the ``openai`` library.

The library speaks to the gateway as to any endpoint; the run's token stands in the
key's place. It repeats nothing by itself: a step that is asked again is answered from
the gateway's journal, and the pauses between are this module's.
"""

from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import openai
from openai.types.chat import ChatCompletion
from pydantic import ValidationError

from runner.errors import GatewayAway, LeaseLost
from runner.gateway_client import BACKOFF_SECONDS, FAILED, STOPPED
from runner.model_driver import AskModel
from runner.model_transcript import Failed, Said, ToolUse
from wire.tools import Refusal

UNDER_WAY = "model_under_way"
WAIT_SECONDS = 0.5


class _Bare(openai.OpenAI):
    """Tells nothing of the sandbox's system, and starts no program to learn it."""

    def platform_headers(self) -> dict[str, str]:
        return {}


class ModelClient:
    """
    One run's questions; ``seconds_left`` bounds waits and repeats.

    Raises (``ask``):
        LeaseLost: the run is no longer served.
        GatewayAway: no usable answer of the gateway after the repeats.
    """

    def __init__(
        self,
        http: httpx2.Client,
        token: str,
        *,
        sleep: Callable[[float], None],
        seconds_left: Callable[[], float],
    ) -> None:
        self._api = _Bare(
            api_key=token,
            base_url="http://gateway/v1/model",
            http_client=http,
            max_retries=0,
        )
        self._sleep = sleep
        self._seconds_left = seconds_left

    def ask(self, question: AskModel) -> Said | Failed:
        """Ask one question; a step under way is waited for."""
        pauses = iter(BACKOFF_SECONDS)
        while True:
            try:
                return _said(question.step, self._create(question))
            except openai.APIStatusError as error:
                refusal = _refusal(error)
                if error.status_code in STOPPED:
                    raise LeaseLost(f"model: {refusal.message}") from error
                if error.status_code < FAILED and refusal.code != UNDER_WAY:
                    return Failed(question.step, refusal.code, refusal.message)
                is_under_way = refusal.code == UNDER_WAY
                pause = WAIT_SECONDS if is_under_way else next(pauses, None)
                wrong = f"{error.status_code} {refusal.code}"
            except openai.APIConnectionError as error:
                pause, wrong = next(pauses, None), type(error).__name__
            if pause is None or pause > self._seconds_left():
                raise GatewayAway(f"model: {wrong}; is the gateway running?")
            self._sleep(pause)

    def _create(self, question: AskModel) -> ChatCompletion:
        choice: Mapping[str, object] = {}
        if question.only:
            named = {"type": "function", "function": {"name": question.only}}
            choice = {"tool_choice": named}
        # The library's own hints know each message's shape; the gateway checks it.
        create: Any = self._api.chat.completions.create
        answer = create(
            model="",
            messages=list(question.messages),
            tools=list(question.functions),
            extra_body={"step": question.step},
            **choice,
        )
        if not isinstance(answer, ChatCompletion):
            raise GatewayAway("model: the answer is no chat completion")
        return answer


def open_model_http(socket_path: str, *, timeout_seconds: float) -> httpx2.Client:
    """Open the socket for the library; no TLS on a Unix socket."""
    return httpx2.Client(
        transport=httpx2.HTTPTransport(uds=socket_path, verify=False),
        base_url="http://gateway",
        timeout=timeout_seconds,
        trust_env=False,
    )


def _said(step: str, answer: ChatCompletion) -> Said:
    if not answer.choices:
        raise GatewayAway("model: the answer has no choice")
    message = answer.choices[0].message
    uses = tuple(
        ToolUse(one.id, one.function.name, one.function.arguments)
        for one in message.tool_calls or []
        if one.type == "function"
    )
    return Said(step, message.content or "", uses)


def _refusal(error: openai.APIStatusError) -> Refusal:
    try:
        return Refusal.model_validate_json(error.response.content)
    except ValidationError:
        return Refusal(
            code=f"http_{error.status_code}",
            rule="gateway",
            message=f"the gateway answered {error.status_code} without a reason",
        )
