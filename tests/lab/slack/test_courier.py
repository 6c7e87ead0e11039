from tests.lab.slack.test_persons import clicked, posted_card
from tests.lab.world import World, button


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
