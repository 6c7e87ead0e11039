import httpx
import pytest

from lab.json_object import JsonObject
from lab.platform.alert_courier import AlertCourier, Destination, is_settled


def webhook(status: str) -> JsonObject:
    return {
        "status": status,
        "groupLabels": {"alertname": "HighErrorRate", "service": "discourse"},
        "alerts": [{"fingerprint": "f1"}],
    }


async def test_keeps_trying_and_sends_the_newest() -> None:
    """While the app is away the newest state replaces the unsent one."""
    answers, bodies = [503, 200], []

    def app(request: httpx.Request) -> httpx.Response:
        bodies.append((request.headers["authorization"], request.content))
        return httpx.Response(answers.pop(0))

    async with httpx.AsyncClient(transport=httpx.MockTransport(app)) as client:
        courier = AlertCourier(
            Destination("http://app/hook", "t0ken"), client, lambda: 0.0
        )
        courier.send(webhook("firing"))
        assert not await courier.carry_one()
        courier.send(webhook("resolved"))
        assert await courier.carry_one()

    assert b"resolved" in bodies[1][1]
    assert ("Bearer t0ken", 0) == (bodies[1][0], courier.waiting)


@pytest.mark.parametrize(
    ("status", "settled"),
    [
        (200, True),
        (202, True),
        (401, True),
        (0, False),
        (404, False),
        (429, False),
        (500, False),
    ],
)
def test_knows_what_is_final(status: int, settled: bool) -> None:  # noqa: FBT001
    """A refusal is final, absence and overload are not."""
    assert settled == is_settled(status)
