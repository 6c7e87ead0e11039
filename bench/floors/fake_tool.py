"""The tool behind both gateways: plain ASGI, one trace; POST answers it too."""

import json

from bench.floors.asgi import App, Message, Receive, Send, answer

_TRACES = json.dumps(
    {
        "traces": [
            {
                "id": "4bf92f3577b34da6a3ce929d0e0e4736",
                "correlation_id": "0190a1b2-0000-7000-8000-000000000001",
                "status": "error",
                "started_at": "2026-11-22T10:01:00Z",
                "duration_ms": 120.5,
                "spans": [],
            }
        ]
    }
).encode()


def make(_url: str) -> App:
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await answer(send, 200, _TRACES)

    return app
