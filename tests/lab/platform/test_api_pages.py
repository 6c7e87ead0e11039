"""The platform's pager over HTTP."""

from tests.lab.platform.steps import get
from tests.lab.world import World, platform_headers

PAGE = {
    "key": "k",
    "summary": "5xx at 18 %",
    "severity": "critical",
    "service": "discourse",
    "environment": "prod",
    "details": {},
}


async def page(world: World, key: str) -> object:
    answer = await world.http.put(
        f"/platform/pages/{key}", json={**PAGE, "key": key}, headers=platform_headers()
    )
    return answer.json().get("called")


async def test_a_key_calls_once(world: World) -> None:
    """In the order in which they came; a key again calls nobody."""
    called = [await page(world, key) for key in ("one", "two", "one")]
    found = await get(world, "/platform/pages")

    assert [True, True, False] == called
    assert ["one", "two"] == [one["key"] for one in found["pages"]]


async def test_only_the_newest_are_kept(world: World) -> None:
    for number in range(1003):
        await page(world, str(number))
    found = await get(world, "/platform/pages")

    assert 1000 == len(found["pages"])
    assert "3" == found["pages"][0]["key"]


async def test_a_page_ends_by_its_key(world: World) -> None:
    """Of a key that called nobody there is nothing to end."""
    await page(world, "one")
    ended = [
        (
            await world.http.put(
                f"/platform/pages/{key}/resolved", headers=platform_headers()
            )
        )
        for key in ("one", "two")
    ]
    found = await get(world, "/platform/pages")

    assert [True, False] == [one.json()["resolved"] for one in ended]
    assert [True] == [one["resolved"] for one in found["pages"]]
