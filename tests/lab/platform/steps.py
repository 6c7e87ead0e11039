"""Short ways to read and write the platform over HTTP."""

import httpx

from lab.json_object import JsonObject
from tests.lab.world import World, platform_headers


async def put(
    world: World, path: str, body: JsonObject, **headers: str
) -> httpx.Response:
    return await world.http.put(
        path,
        json={**body, "changed_by": "operator"},
        headers=platform_headers(**headers),
    )


async def get(world: World, path: str, **params: str) -> JsonObject:
    answer = await world.http.get(path, params=params, headers=platform_headers())
    assert 200 == answer.status_code, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


async def status(world: World, path: str) -> int:
    return (await world.http.get(path, headers=platform_headers())).status_code
