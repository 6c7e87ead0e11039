"""The library over the gateway's socket: what is asked, waited for and given up."""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from runner.errors import GatewayAway, LeaseLost
from runner.model_client import ModelClient, open_model_http
from runner.model_driver import AskModel
from runner.model_transcript import Failed, Said, ToolUse
from wire.tools import Refusal

QUESTION = AskModel(
    "t1",
    ({"role": "user", "content": "hello"},),
    ({"type": "function", "function": {"name": "report", "parameters": {}}},),
)
CALL = {
    "id": "t1.1",
    "type": "function",
    "function": {"name": "report", "arguments": "{}"},
}
Reply = Callable[[], httpx2.Response]


def answer(**message: object) -> Reply:
    body = {
        "id": "t1",
        "object": "chat.completion",
        "created": 0,
        "model": "small",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": None, **message},
            }
        ],
    }
    return lambda: httpx2.Response(200, json=body)


def refuse(status: int, code: str) -> Reply:
    body = Refusal(code=code, rule="model", message=f"{code}: mend it")
    return lambda: httpx2.Response(status, text=body.model_dump_json())


def fail() -> httpx2.Response:
    raise httpx2.ConnectError("no socket")


@dataclass
class Gateway:
    """Answers from the front until one reply is left."""

    replies: list[Reply]
    seen: list[httpx2.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    seconds_left: float = 60.0

    def ask(self, question: AskModel = QUESTION) -> Said | Failed:
        http = httpx2.Client(transport=httpx2.MockTransport(self._reply))
        client = ModelClient(
            http,
            "run-token",
            sleep=self._sleep,
            seconds_left=lambda: self.seconds_left,
        )
        return client.ask(question)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds_left -= seconds

    def _reply(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        return (self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])()


def test_an_answer_is_a_turn() -> None:
    """With its calls; the token is the key, and nothing tells of the sandbox."""
    gateway = Gateway([answer(content="I see.", tool_calls=[CALL])])
    said = gateway.ask()
    [request] = gateway.seen

    assert Said("t1", "I see.", (ToolUse("t1.1", "report", "{}"),)) == said
    assert "/v1/model/chat/completions" == request.url.path
    assert "Bearer run-token" == request.headers["authorization"]
    assert [] == [one for one in request.headers if one.startswith("x-stainless-os")]


def test_the_question_names_its_step() -> None:
    """And the one function that the last turn may call."""
    gateway = Gateway([answer(content="x")])
    gateway.ask(AskModel("t6", QUESTION.messages, QUESTION.functions, only="report"))
    body = json.loads(gateway.seen[0].content)

    assert "t6" == body["step"]
    assert {"type": "function", "function": {"name": "report"}} == body["tool_choice"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(424, "model_cut"), (429, "model_budget_spent"), (409, "step_reused")],
)
def test_what_the_gateway_refuses_is_the_turns_end(status: int, code: str) -> None:
    """Once: the same step would be told the same."""
    gateway = Gateway([refuse(status, code)])

    assert Failed("t1", code, f"{code}: mend it") == gateway.ask()
    assert 1 == len(gateway.seen)


def test_a_step_under_way_is_waited_for() -> None:
    """Another process of this run asked it before it was killed."""
    under_way = refuse(409, "model_under_way")
    gateway = Gateway([under_way, under_way, answer(content="x")])

    assert isinstance(gateway.ask(), Said)
    assert [0.5, 0.5] == gateway.slept


def test_nobody_waits_past_the_runs_time() -> None:
    """However long the other's answer takes."""
    gateway = Gateway([refuse(409, "model_under_way")], seconds_left=2.0)

    with pytest.raises(GatewayAway, match="model_under_way"):
        gateway.ask()
    assert 4 == len(gateway.slept)


def test_a_gateway_that_is_away_is_asked_again() -> None:
    """It restarts; the journal knows the step."""
    gateway = Gateway([fail, refuse(500, "error"), answer(content="x")])

    assert isinstance(gateway.ask(), Said)
    assert 3 == len(gateway.seen)


def test_a_gateway_that_stays_away_ends_the_run() -> None:
    """After the repeats."""
    with pytest.raises(GatewayAway, match="is the gateway running"):
        Gateway([fail]).ask()


@pytest.mark.parametrize("status", [401, 410])
def test_a_lost_lease_stops_at_once(status: int) -> None:
    """Nothing more is asked or reported."""
    gateway = Gateway([refuse(status, "lease_lost")])

    with pytest.raises(LeaseLost):
        gateway.ask()
    assert 1 == len(gateway.seen)


def test_an_answer_without_a_choice_is_none() -> None:
    """The gateway never gives one."""
    gateway = Gateway([lambda: httpx2.Response(200, json={"choices": []})])

    with pytest.raises(GatewayAway, match="no choice"):
        gateway.ask()


def test_over_a_socket(tmp_path: Path) -> None:
    """A real Unix socket, as in the sandbox."""
    path = str(tmp_path / "runner.sock")
    body = answer(content="hello")().content
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"  # noqa: E501 - one head
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head.encode() + body)

        thread = threading.Thread(target=serve)
        thread.start()
        with open_model_http(path, timeout_seconds=5) as http:
            client = ModelClient(
                http, "token", sleep=lambda _: None, seconds_left=lambda: 5.0
            )
            said = client.ask(QUESTION)
        thread.join()

    assert Said("t1", "hello", ()) == said
