"""A model's endpoint over HTTP: each failure by its name, and none paid twice."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import respx
from pydantic import JsonValue

from gateway.connectors.model import HttpModel
from gateway.model_port import Completion, ModelFailed
from lab.model.server import ModelServer, Script
from lab.model.turn import Misbehaviour, ToolUse, Turn
from policy.model_call import ModelFault
from tests.gateway.connectors.tls import make_certificate, tls_server
from tests.lab.world import free_socket, port_of, served

KEY = "key-of-the-tests"
URL = "http://model.test/v1"
BODY: dict[str, JsonValue] = {
    "model": "small",
    "messages": [{"role": "user", "content": "hello"}],
}
GOOD = Turn(content="All is well.")


@dataclass
class Endpoint:
    server: ModelServer
    model: HttpModel

    async def ask(self, *turns: Turn, seconds: float = 20.0) -> Completion:
        self.server.script = Script(turns=list(turns))
        return await self.model.complete(BODY, seconds=seconds)

    async def fail(self, *turns: Turn, seconds: float = 20.0) -> ModelFailed:
        with pytest.raises(ModelFailed) as failed:
            await self.ask(*turns, seconds=seconds)
        return failed.value


@asynccontextmanager
async def endpoint(*, key: str = KEY, stall: float = 5.0) -> AsyncIterator[Endpoint]:
    """Run the lab's model on a port of its own."""
    server, bound = ModelServer(KEY), free_socket()
    url = f"http://127.0.0.1:{port_of(bound)}/v1"
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        served(server, bound),
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client,
    ):
        yield Endpoint(server, HttpModel(client, stall, backoff_seconds=(0.0, 0.0)))


async def test_a_streamed_answer_is_whole() -> None:
    """Over a real socket, in pieces."""
    async with endpoint() as at:
        call = ToolUse(name="look", arguments={"dashboard_id": "x-overview"})
        answer = await at.ask(Turn(content="I look.", calls=[call]))

    assert "I look." == answer.content
    assert {"dashboard_id": "x-overview"} == json.loads(answer.calls[0].arguments)
    assert answer.usage is not None


@pytest.mark.parametrize(
    ("kind", "fault", "paid"),
    [
        (Misbehaviour.CUT, ModelFault.cut, True),
        (Misbehaviour.MALFORMED, ModelFault.malformed, True),
        (Misbehaviour.EMPTY, ModelFault.empty, True),
        (Misbehaviour.REFUSAL, ModelFault.declined, True),
        (Misbehaviour.OVER_LENGTH, ModelFault.over_length, True),
        (Misbehaviour.CONTEXT_FULL, ModelFault.over_length, False),
        (Misbehaviour.NOT_FOUND, ModelFault.wrong_model, False),
    ],
)
async def test_a_failure_is_named_and_not_repeated(
    kind: Misbehaviour, fault: ModelFault, *, paid: bool
) -> None:
    """Asked once, although a second answer would be good."""
    async with endpoint() as at:
        failed = await at.fail(Turn(content="x" * 200, misbehaves=kind), GOOD)

    assert (fault, paid) == (failed.fault, failed.paid)
    assert 1 == len(at.server.asked)


async def test_a_stall_in_the_middle_is_named() -> None:
    """The deadline is far: it is the silence between two events that ends it."""
    stalling = Turn(content="x" * 200, misbehaves=Misbehaviour.STALL, seconds=30)
    async with endpoint(stall=0.05) as at:
        failed = await at.fail(stalling)

    assert (ModelFault.stalled, True) == (failed.fault, failed.paid)


async def test_an_answer_that_takes_too_long_is_late() -> None:
    """The deadline of the whole."""
    stalling = Turn(content="x" * 200, misbehaves=Misbehaviour.STALL, seconds=30)
    async with endpoint(stall=30.0) as at:
        failed = await at.fail(stalling, seconds=0.2)

    assert (ModelFault.late, True) == (failed.fault, failed.paid)


async def test_what_cost_nothing_is_asked_again() -> None:
    """A busy moment and a server error pass; the answer comes."""
    busy = Turn(misbehaves=Misbehaviour.BUSY, seconds=0)
    broken = Turn(misbehaves=Misbehaviour.SERVER_ERROR)
    async with endpoint() as at:
        answer = await at.ask(busy, broken, GOOD)

    assert "All is well." == answer.content
    assert 3 == len(at.server.asked)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Misbehaviour.BUSY, ModelFault.busy),
        (Misbehaviour.SERVER_ERROR, ModelFault.server_error),
    ],
)
async def test_what_does_not_pass_is_named(
    kind: Misbehaviour, fault: ModelFault
) -> None:
    """After three tries, unpaid."""
    async with endpoint() as at:
        failed = await at.fail(*[Turn(misbehaves=kind, seconds=0)] * 3, GOOD)

    assert (fault, False) == (failed.fault, failed.paid)
    assert 3 == len(at.server.asked)


async def test_nobody_waits_past_the_deadline() -> None:
    """A Retry-After that is longer ends the question at once, and is told."""
    async with endpoint() as at:
        failed = await at.fail(
            Turn(misbehaves=Misbehaviour.BUSY, seconds=90), GOOD, seconds=10
        )

    assert ModelFault.busy is failed.fault
    assert "come again in 90 s" in str(failed)
    assert 1 == len(at.server.asked)


async def test_a_key_that_is_refused_is_named() -> None:
    """The mend is a setting."""
    async with endpoint(key="another") as at:
        failed = await at.fail(GOOD)

    assert ModelFault.no_entry is failed.fault
    assert "MODEL_API_KEY" in str(failed)


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, "certificate has expired"), (60, "certificate is not yet valid")],
)
async def test_a_clock_that_is_wrong_is_named(
    tmp_path: Path, days: int, said: str
) -> None:
    """TLS tells both ways of it apart; nothing was sent."""
    certificate = make_certificate(tmp_path, host="localhost", days=days)
    async with (
        tls_server(certificate) as port,
        httpx.AsyncClient(
            base_url=f"https://localhost:{port}", verify=certificate.trusted()
        ) as client,
    ):
        with pytest.raises(ModelFailed, match=said) as failed:
            await HttpModel(client, 5.0).complete(BODY, seconds=10)

    assert (ModelFault.not_trusted, False) == (failed.value.fault, failed.value.paid)
    assert "check the clock" in str(failed.value)


async def failing(answer: httpx.Response | Exception) -> ModelFailed:
    """Ask an endpoint that always does this."""
    with respx.mock(base_url=URL) as router:
        route = router.post("/chat/completions")
        route.mock(side_effect=answer) if isinstance(answer, Exception) else route.mock(
            return_value=answer
        )
        async with httpx.AsyncClient(base_url=URL) as client:
            model = HttpModel(client, 5.0, backoff_seconds=(0.0,))
            with pytest.raises(ModelFailed) as failed:
                await model.complete(BODY, seconds=10)
    return failed.value


@pytest.mark.parametrize(
    ("error", "paid"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.ReadError("reset"), True),
        (httpx.ReadTimeout("silent"), True),
    ],
)
async def test_an_endpoint_that_is_away_is_named(
    error: httpx.HTTPError, *, paid: bool
) -> None:
    """Where the question may have arrived it counts as paid."""
    failed = await failing(error)

    assert (ModelFault.away, paid) == (failed.fault, failed.paid)


async def test_a_redirect_is_not_followed() -> None:
    """The key stays where it was meant to go."""
    failed = await failing(
        httpx.Response(307, headers={"location": "http://elsewhere.test/"})
    )

    assert ModelFault.rejected is failed.fault


async def test_a_flood_is_malformed() -> None:
    """Reading stops at the cap."""
    flood = "data: " + "x" * 3_000_000
    failed = await failing(
        httpx.Response(200, text=flood, headers={"content-type": "text/event-stream"})
    )

    assert ModelFault.malformed is failed.fault


async def test_an_answer_that_is_not_streamed_is_taken() -> None:
    """Some servers leave `stream` out of account."""
    choice = {"message": {"content": "hello"}, "finish_reason": "stop"}
    with respx.mock(base_url=URL) as router:
        router.post("/chat/completions").respond(
            json={"model": "small", "choices": [choice]}
        )
        async with httpx.AsyncClient(base_url=URL) as client:
            answer = await HttpModel(client, 5.0).complete(BODY, seconds=10)

    assert "hello" == answer.content
