"""A gateway that answers from a table, as an httpx transport."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from pydantic import JsonValue

from tests.runner.incidents import queue, session_of, snapshot, traces
from wire.session import Session
from wire.tools import Refusal, ToolAnswer

Reply = Callable[[httpx.Request], httpx.Response]


def answer_tool(name: str, result: dict[str, JsonValue]) -> Reply:
    body = ToolAnswer(evidence_id=f"e-{name}", digest="d", tool=name, result=result)
    return lambda _: httpx.Response(200, content=body.model_dump_json())


def refuse(status: int, code: str) -> Reply:
    body = Refusal(code=code, rule="some-rule", message=f"{code}: mend it")
    return lambda _: httpx.Response(status, content=body.model_dump_json())


def fail_to_connect(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no socket", request=request)


@dataclass
class FakeGateway:
    """``replies`` by path, each used from the front until one is left."""

    session: Session = field(default_factory=session_of)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    seen: list[tuple[str, JsonValue]] = field(default_factory=list)
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        defaults: dict[str, Reply] = {
            "/v1/session": lambda _: httpx.Response(
                200, content=self.session.model_dump_json()
            ),
            "/v1/tools": lambda _: httpx.Response(200, json=[]),
            "/v1/tools/get_dashboard_snapshot": answer_tool("snapshot", snapshot()),
            "/v1/tools/trace_lookup": answer_tool("traces", traces(None)),
            "/v1/tools/get_queue_state": answer_tool("queue", queue()),
            "/v1/proposals": lambda _: httpx.Response(
                200,
                json={
                    "proposal_id": "p1",
                    "state": "needs_approval",
                    "verdict": "require_approval",
                    "rule": "prod-asks",
                    "reason": "a person approves",
                },
            ),
            "/v1/runs/run-1/finish": lambda _: httpx.Response(200, json={}),
        }
        for path, reply in defaults.items():
            self.replies.setdefault(path, [reply])

    def http(self) -> httpx.Client:
        return httpx.Client(
            transport=httpx.MockTransport(self._reply), base_url="http://gateway"
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        self.now += 0.01
        return self.now

    def asked(self, path: str) -> list[JsonValue]:
        return [body for asked_path, body in self.seen if asked_path == path]

    def _reply(self, request: httpx.Request) -> httpx.Response:
        body: JsonValue = json.loads(request.content) if request.content else None
        self.seen.append((request.url.path, body))
        replies = self.replies[request.url.path]
        return (replies.pop(0) if len(replies) > 1 else replies[0])(request)
