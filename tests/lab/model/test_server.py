"""The model's endpoint on loopback: who may ask, and what was asked."""

from typing import Any

import httpx

from tests.lab.world import World, platform_headers

PATH = "/model/v1/chat/completions"
BODY = {"model": "small", "messages": [{"role": "user", "content": "hello"}]}


async def ask(world: World, body: dict[str, Any]) -> httpx.Response:
    return await world.http.post(PATH, json=body, headers=platform_headers())


async def test_a_stranger_is_refused(world: World) -> None:
    """Without the key nothing is counted."""
    answer = await world.http.post(PATH, json=BODY)
    counted = (await world.http.get("/lab/model")).json()

    assert (401, []) == (answer.status_code, counted["asked"])


async def test_a_script_is_played_once(world: World) -> None:
    """Its turns in order; each question is counted by its digest."""
    script = {"turns": [{"content": "first"}], "always": {"content": "later"}}
    await world.post("/lab/model", script)
    answers = [(await ask(world, BODY)).text for _ in range(2)]
    counted = (await world.http.get("/lab/model")).json()

    assert "first" in answers[0]
    assert "later" in answers[1]
    assert 2 == len(counted["asked"])
    assert 1 == len(set(counted["asked"]))


async def test_an_endpoint_that_is_busy_says_when(world: World) -> None:
    """429 with Retry-After."""
    turn = {"misbehaves": "busy", "seconds": 7}
    await world.post("/lab/model", {"turns": [turn]})
    answer = await ask(world, BODY)

    assert (429, "7") == (answer.status_code, answer.headers["retry-after"])


async def test_without_a_script_it_plays_its_part(world: World) -> None:
    """It asks for the dashboard."""
    answer = await ask(world, BODY)

    assert "get_dashboard_snapshot" in answer.text


async def test_another_path_is_not_found(world: World) -> None:
    """There is one endpoint."""
    headers = platform_headers()
    answer = await world.http.post("/model/v1/embeddings", json={}, headers=headers)

    assert 404 == answer.status_code
