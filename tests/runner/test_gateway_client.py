import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import httpx
import pytest

from runner.errors import GatewayAway, LeaseLost, SessionRefused
from runner.gateway_client import GatewayClient, open_http
from tests.runner.fake_gateway import FakeGateway, fail_to_connect, refuse
from wire.tools import Refusal, ToolAnswer, ToolCall

LOOK = ToolCall(step="look", params={})
TRACES = "/v1/tools/trace_lookup"


def client_of(gateway: FakeGateway, *, seconds: float = 60.0) -> GatewayClient:
    return GatewayClient(
        gateway.http(), sleep=gateway.sleep, seconds_left=lambda: seconds - gateway.now
    )


def test_a_read_is_answered() -> None:
    """Step and params go out, evidence comes back."""
    gateway = FakeGateway()
    answer = client_of(gateway).call("trace_lookup", LOOK)

    assert isinstance(answer, ToolAnswer)
    assert gateway.asked(TRACES) == [{"step": "look", "params": {}}]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429])
def test_a_refusal_is_a_value(status: int) -> None:
    """With the code and the rule that the gateway gave."""
    gateway = FakeGateway(replies={TRACES: [refuse(status, "no")]})
    answer = client_of(gateway).call("trace_lookup", LOOK)

    assert answer == Refusal(code="no", rule="some-rule", message="no: mend it")


def test_a_refusal_without_a_reason_is_still_one() -> None:
    """A body that is none of ours does not crash the run."""
    gateway = FakeGateway(replies={TRACES: [lambda _: httpx.Response(404, text="?")]})
    answer = client_of(gateway).call("trace_lookup", LOOK)

    assert isinstance(answer, Refusal)
    assert answer.code == "http_404"


@pytest.mark.parametrize("status", [401, 410])
def test_a_lost_lease_stops_the_run(status: int) -> None:
    """At once, without a repeat."""
    gateway = FakeGateway(replies={TRACES: [refuse(status, "lease_lost")]})
    with pytest.raises(LeaseLost, match="lease_lost"):
        client_of(gateway).call("trace_lookup", LOOK)

    assert gateway.slept == []


def test_a_gateway_that_comes_back_is_asked_again() -> None:
    """Connection errors and 5xx are repeated, with growing pauses."""
    gateway = FakeGateway()
    gateway.replies[TRACES] = [
        fail_to_connect,
        lambda _: httpx.Response(503),
        *gateway.replies[TRACES],
    ]
    answer = client_of(gateway).call("trace_lookup", LOOK)

    assert isinstance(answer, ToolAnswer)
    assert gateway.slept == [0.05, 0.2]


def test_a_gateway_that_stays_away_ends_the_run() -> None:
    """After the last repeat, or when the budget has no room for one more pause."""
    slept = []
    for seconds in (60.0, 0.1):
        gateway = FakeGateway(replies={TRACES: [fail_to_connect]})
        with pytest.raises(GatewayAway, match="ConnectError"):
            client_of(gateway, seconds=seconds).call("trace_lookup", LOOK)
        slept.append(len(gateway.slept))

    assert slept == [3, 1]


def test_nonsense_is_no_answer() -> None:
    """A 200 of another shape is an error."""
    gateway = FakeGateway(replies={TRACES: [lambda _: httpx.Response(200, json={})]})

    with pytest.raises(GatewayAway, match="ToolAnswer"):
        client_of(gateway).call("trace_lookup", LOOK)


def test_no_session_no_run() -> None:
    """A refusal of the session says why."""
    gateway = FakeGateway(replies={"/v1/session": [refuse(403, "not_running")]})

    with pytest.raises(SessionRefused, match="not_running"):
        client_of(gateway).session()


def test_tools_are_listed() -> None:
    """An empty list is a list."""
    assert client_of(FakeGateway()).tools() == []


def test_the_token_goes_over_a_unix_socket(tmp_path: Path) -> None:
    """A real socket: one request, the bearer in its header."""
    seen: list[str | None] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def address_string(self) -> str:
            return "unix"

    class Server(ThreadingMixIn, UnixStreamServer):
        daemon_threads = True

    path = str(tmp_path / "r.sock")
    with Server(path, Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with open_http(path, "secret", timeout_seconds=5) as http:
            status = http.get("/v1/session").status_code
        server.shutdown()
        thread.join()

    assert (status, seen) == (204, ["Bearer secret"])
