import asyncio
import json

from slack_sdk.signature import SignatureVerifier

from tests.lab.slack.test_persons import clicked, posted_card
from tests.lab.world import (
    OPERATOR,
    SIGNING_SECRET,
    Received,
    SteppedClock,
    StillClock,
    World,
    button,
)


async def test_the_same_delivery_can_be_sent_twice(world: World) -> None:
    """deliver-again repeats the bytes and the signature."""
    await clicked(world, await posted_card(world, button("approve")), "approve")
    await world.post("/lab/deliver-again", {"index": 0})

    first, second = world.app.received
    assert first.body == second.body
    signature = "x-slack-signature"
    assert first.headers[signature] == second.headers[signature]
    log = (await world.http.get("/lab/deliveries")).json()["deliveries"]
    assert 2 == len(log[0]["outcomes"])


async def test_an_unknown_delivery_is_not_found(world: World) -> None:
    """There is nothing to repeat."""
    answer = await world.post("/lab/deliver-again", {"index": 3})

    assert 404 == answer.status_code


async def test_a_refusing_app_is_not_ok(world: World) -> None:
    """A 500 is told to the person who clicked."""
    world.app.status = 500
    outcome = await clicked(
        world, await posted_card(world, button("approve")), "approve"
    )

    assert (500, False) == (outcome["status"], outcome["ok"])
    assert (await world.workspace())["messages"][-1]["error"]


async def arrived(world: World, count: int) -> list[Received]:
    """Wait until the lab has noted how the app took so many requests."""
    async with asyncio.timeout(30):
        noted = 0
        while noted < count:
            log = (await world.http.get("/lab/deliveries")).json()["deliveries"]
            noted = sum(len(one["outcomes"]) for one in log)
    return world.app.received


async def test_an_event_that_is_refused_is_sent_again(
    world: World, clock: SteppedClock
) -> None:
    """At once and a minute later, signed anew, with Slack's headers."""
    world.app.status = 500
    await world.post("/lab/act/home", {"user": OPERATOR})
    first, second = await arrived(world, 2)
    clock.now += 61
    world.app.status = 200
    third = (await arrived(world, 3))[2]
    clock.now += 600
    await world.post("/lab/act/home", {"user": OPERATOR})
    await arrived(world, 4)

    assert first.body == second.body == third.body
    retried = [
        [one.headers.get(f"x-slack-retry-{name}") for name in ("num", "reason")]
        for one in (first, second, third)
    ]
    assert [[None, None], ["1", "http_error"], ["2", "http_error"]] == retried
    stamps = [one.headers["x-slack-request-timestamp"] for one in (second, third)]
    assert 61 == int(stamps[1]) - int(stamps[0])
    assert SignatureVerifier(SIGNING_SECRET, StillClock(float(stamps[1]))).is_valid(
        third.body, stamps[1], third.headers["x-slack-signature"]
    )
    assert "x-slack-retry-num" not in world.app.received[3].headers


async def test_an_app_may_ask_for_no_retry(world: World, clock: SteppedClock) -> None:
    """Its header ends it."""
    world.app.status, world.app.headers = 500, [(b"x-slack-no-retry", b"1")]
    await world.post("/lab/act/home", {"user": OPERATOR})
    clock.now += 600
    world.app.status, world.app.headers = 200, []
    await world.post("/lab/act/home", {"user": OPERATOR})
    received = await arrived(world, 2)

    assert not any("x-slack-retry-num" in one.headers for one in received)


async def test_events_come_late_and_the_newest_first(world: World) -> None:
    """While they are held nobody is told."""
    await world.post("/lab/slack/order", {"hold": True})
    for user in (OPERATOR, "U0SECOND"):
        await world.post("/lab/act/home", {"user": user})
    held = len(world.app.received)
    released = (await world.post("/lab/slack/order", {"hold": False})).json()
    users = [json.loads(one.body)["event"]["user"] for one in world.app.received]

    assert (0, 2) == (held, released["released"])
    assert ["U0SECOND", OPERATOR] == users


async def test_the_next_deliveries_come_twice(world: World) -> None:
    """As many as were asked for; the same bytes."""
    await world.post("/lab/slack/order", {"twice": 1})
    for _ in range(2):
        await world.post("/lab/act/home", {"user": OPERATOR})
    first, second, third = [one.body for one in world.app.received]

    assert first == second
    assert first != third
