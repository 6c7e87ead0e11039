"""Other values over the lab's answers, over its real HTTP surface."""

from lab.overlay import Overlay, lay_over
from tests.lab.world import World, platform_headers

USER = "/platform/users/u_1001"


async def test_an_answer_says_what_is_laid_over_it(world: World) -> None:
    """On its path alone, until everything is healed; what stands there is untouched."""
    overlay = {"path": "/platform/users/*", "fields": {"email": "a@b.example"}}
    laid = await world.post("/lab/overlays", {**overlay, "added": {"note": "x"}})
    seen = (await world.http.get(USER, headers=platform_headers())).json()
    flag = await world.http.get(
        "/platform/flags/new_ranker", headers=platform_headers()
    )
    met = (await world.http.get("/lab/overlays")).json()
    await world.post("/lab/heal", {})
    after = (await world.http.get(USER, headers=platform_headers())).json()

    assert {"overlays": {"/platform/users/*": 0}} == laid.json()
    assert ("a@b.example", "x") == (seen["email"], seen["note"])
    assert "note" not in flag.json()
    assert {"overlays": {"/platform/users/*": 1}} == met
    assert {**seen, "email": after["email"]} == {**after, "note": "x"}
    assert "mara.lind@example.com" == after["email"]


async def test_a_refusal_is_laid_over_as_well(world: World) -> None:
    """A system's error may say anything; its status and its headers stay."""
    await world.post("/lab/overlays", {"path": "*", "fields": {"detail": "ask Ann"}})
    answer = await world.http.get("/platform/users/u_none", headers=platform_headers())

    assert (404, {"detail": "ask Ann"}) == (answer.status_code, answer.json())


def test_every_object_is_laid_over() -> None:
    overlay = Overlay(fields={"a": 1}, added={"b": 2})
    value = [{"a": [{"x": 0}], "c": {"a": "y", "z": [{}]}}, "a"]

    assert [
        {"a": 1, "b": 2, "c": {"a": 1, "b": 2, "z": [{"b": 2}]}},
        "a",
    ] == lay_over(value, overlay)


async def test_what_is_no_json_stays(world: World) -> None:
    await world.post("/lab/overlays", {"path": "*", "added": {"b": 2}})
    page = await world.http.get("/")

    assert "<html" in page.text
