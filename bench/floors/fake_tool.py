"""The tool behind both gateways: plain ASGI, one queue's load; POST answers it too."""

import json

from bench.floors.asgi import App, Message, Receive, Send, answer

_QUEUE = json.dumps(
    {
        "name": "moderation",
        "depth": 120,
        "oldest_age_seconds": 4.5,
        "in_per_second": 80.0,
        "out_per_second": 79.5,
        "consumers": 6,
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
        await answer(send, 200, _QUEUE)

    return app
