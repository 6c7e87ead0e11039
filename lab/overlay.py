"""
Lay other values over what the lab's HTTP surface answers, whoever asks.

A test seeds so what the outside systems say: the state behind stays as it is, and so do
versions, ids and conditions of writes.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.json_object import JsonObject


class Overlay(BaseModel):
    """
    What is laid over each JSON object in the answers of some paths.

    ``path`` is one, or a pattern with ``*``. ``fields`` replaces what stands under a
    name; ``added`` is there beside the rest.
    """

    model_config = ConfigDict(extra="forbid")

    path: str = "/platform/*"
    fields: JsonObject = Field(default_factory=dict)
    added: JsonObject = Field(default_factory=dict)


@dataclass
class OverlayPlan:
    """``met`` counts the answers that each path's overlays were laid over."""

    overlays: list[Overlay] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    def over(self, path: str) -> list[Overlay]:
        found = [one for one in self.overlays if fnmatchcase(path, one.path)]
        self.met.update({one.path for one in found})
        return found

    def clear(self) -> None:
        self.overlays.clear()
        self.met.clear()


class OverlayWall:
    """An ASGI layer: answers in JSON go out whole, as their overlays say."""

    def __init__(self, app: ASGIApp, plan: OverlayPlan) -> None:
        self._app = app
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        overlays = self._plan.over(scope["path"]) if scope["type"] == "http" else []
        if not overlays:
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        start, *parts = held
        body = b"".join(part.get("body", b"") for part in parts)
        said = _laid_over(body, overlays)
        await send({**start, "headers": _resized(start["headers"], len(said))})
        await send({"type": "http.response.body", "body": said})


def lay_over(value: object, overlay: Overlay) -> object:
    """Give a copy of a JSON value with the overlay on each object in it."""
    if isinstance(value, list):
        return [lay_over(item, overlay) for item in value]
    if not isinstance(value, dict):
        return value
    kept: Mapping[str, object] = {
        name: overlay.fields[name] if name in overlay.fields else lay_over(one, overlay)
        for name, one in value.items()
    }
    return {**kept, **overlay.added}


def _laid_over(body: bytes, overlays: list[Overlay]) -> bytes:
    """Give the body with all overlays; one that is no JSON stays."""
    try:
        value: object = json.loads(body)
    except ValueError:
        return body
    for overlay in overlays:
        value = lay_over(value, overlay)
    return json.dumps(value).encode()


def _resized(
    headers: list[tuple[bytes, bytes]], length: int
) -> list[tuple[bytes, bytes]]:
    others = [one for one in headers if one[0].lower() != b"content-length"]
    return [*others, (b"content-length", str(length).encode())]
