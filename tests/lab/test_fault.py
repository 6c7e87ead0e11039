import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackApiError

from lab.fault import Fault, FaultKind, FaultPlan
from tests.lab.world import CHANNEL, World, platform_headers


async def test_a_rate_limit_names_its_wait(world: World) -> None:
    """429 comes with Retry-After, as often as asked, then no more."""
    await world.post(
        "/lab/faults",
        {
            "method": "chat.postMessage",
            "kind": "http_429",
            "count": 1,
            "retry_after": 7,
        },
    )
    with pytest.raises(SlackApiError) as refused:
        await world.slack.chat_postMessage(channel=CHANNEL, text="x")

    assert (429, "7") == (
        refused.value.response.status_code,
        refused.value.response.headers["retry-after"],
    )
    assert (await world.slack.chat_postMessage(channel=CHANNEL, text="x"))["ok"]


@pytest.mark.parametrize(("kind", "stored"), [("reset_before", 0), ("reset_after", 1)])
async def test_a_cut_connection_gives_no_answer(
    world: World, kind: str, stored: int
) -> None:
    """reset_after has stored the message, reset_before has not.

    The SDK's own handler would try again at once, and post twice.
    """
    world.slack.retry_handlers.clear()
    await world.post("/lab/faults", {"method": "chat.postMessage", "kind": kind})
    with pytest.raises(aiohttp.ClientError):
        await world.slack.chat_postMessage(channel=CHANNEL, text="once")

    history = await world.slack.conversations_history(channel=CHANNEL)
    assert stored == len(history["messages"])


async def test_a_cut_write_is_applied_once(world: World) -> None:
    """After reset_after the same key gets the stored answer."""
    await world.post(
        "/lab/platform-faults",
        {"path_prefix": "/platform/flags", "method": "PUT", "kind": "reset_after"},
    )
    change = {"enabled": True, "rollout_percent": 10, "changed_by": "t"}
    headers = platform_headers(If_Match="1", Idempotency_Key="k1")
    path = "/platform/flags/new_ranker"
    with pytest.raises(httpx.TransportError):
        await world.http.put(path, json=change, headers=headers)
    again = await world.http.put(path, json=change, headers=headers)

    assert (200, "true") == (again.status_code, again.headers["Idempotent-Replay"])
    writes = await world.http.get("/platform/writes", headers=platform_headers())
    assert [1] == [write["replays"] for write in writes.json()["writes"]]


def test_a_fault_is_spent() -> None:
    """It meets as many requests as it was armed for, of its path only."""
    plan = FaultPlan()
    plan.arm(Fault(FaultKind.HTTP_500, "PUT", "/platform/flags", 1))

    assert plan.take("GET", "/platform/flags/x") is None
    assert plan.take("PUT", "/platform/flags/x") is not None
    assert plan.take("PUT", "/platform/flags/x") is None
