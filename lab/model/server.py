"""Serve the model on loopback: the script first, then the player; and count."""

import asyncio
import json
from hashlib import sha256

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from lab.fault import answer
from lab.json_object import JsonObject
from lab.model.player import play
from lab.model.turn import Misbehaviour, Turn, render_events

# As lab/model/models.yaml prices it.
NAME = "lab-triage"
_ERRORS: dict[Misbehaviour, tuple[int, str]] = {
    Misbehaviour.BUSY: (429, "rate_limit_exceeded"),
    Misbehaviour.SERVER_ERROR: (500, "server_error"),
    Misbehaviour.CONTEXT_FULL: (400, "context_length_exceeded"),
    Misbehaviour.NOT_FOUND: (404, "model_not_found"),
}
# After so many events a stream stalls, is cut, or says what is no JSON.
_GOOD_EVENTS = 2


class Script(BaseModel):
    """``turns`` are played once each; then ``always``, or the player."""

    model_config = ConfigDict(extra="forbid")

    turns: list[Turn] = Field(default_factory=list)
    always: Turn | None = None


class ModelServer:
    """An ASGI application at ``/v1/chat/completions`` below where it is mounted."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.script = Script()
        self.asked: list[str] = []
        self.bodies: list[JsonObject] = []

    def router(self) -> APIRouter:
        """Give the control API: set the script, and read what was asked."""
        router = APIRouter()

        @router.post("/lab/model")
        async def set_script(script: Script) -> JsonObject:
            self.script = script
            self.asked.clear()
            self.bodies.clear()
            return {"ok": True}

        @router.get("/lab/model")
        async def read() -> JsonObject:
            return {"asked": self.asked, "bodies": self.bodies[-20:]}

        return router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.headers.get("authorization") != f"Bearer {self._key}":
            await answer(send, 401, _error("invalid_api_key"), {})
            return
        if scope["path"].endswith("/v1/models"):
            await answer(send, 200, {"data": [{"id": NAME}]}, {})
            return
        if not scope["path"].endswith("/v1/chat/completions"):
            await answer(send, 404, _error("not_found"), {})
            return
        raw = await request.body()
        body: JsonObject = json.loads(raw)
        self.asked.append(sha256(raw).hexdigest())
        self.bodies.append(body)
        await self._say(self._next(body), body, send)

    def _next(self, body: JsonObject) -> Turn:
        if self.script.turns:
            return self.script.turns.pop(0)
        return self.script.always or play(body)

    async def _say(self, turn: Turn, body: JsonObject, send: Send) -> None:
        error = _ERRORS.get(turn.misbehaves) if turn.misbehaves else None
        if error is not None:
            later = {"retry-after": f"{turn.seconds:g}"}
            busy = turn.misbehaves is Misbehaviour.BUSY
            await answer(send, error[0], _error(error[1]), later if busy else {})
            return
        tokens = len(json.dumps(body)) // 4
        events = render_events(turn, model=str(body["model"]), asked_tokens=tokens)
        await send(_start())
        for number, data in enumerate(events):
            if number == _GOOD_EVENTS:
                if turn.misbehaves is Misbehaviour.STALL:
                    await asyncio.sleep(turn.seconds)
                if turn.misbehaves is Misbehaviour.CUT:
                    # An answer that never ends: the server drops the connection.
                    return
                if turn.misbehaves is Misbehaviour.MALFORMED:
                    await send(_chunk('{"choices": [{"delta":'))
            await send(_chunk(data))
        await send({"type": "http.response.body", "body": b""})


def _start() -> Message:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def _chunk(data: str) -> Message:
    body = f"data: {data}\n\n".encode()
    return {"type": "http.response.body", "body": body, "more_body": True}


def _error(code: str) -> JsonObject:
    return {"error": {"message": f"the lab says {code}", "type": code, "code": code}}
