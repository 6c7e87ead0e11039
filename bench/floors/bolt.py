"""FastAPI with Bolt and nothing else: the memory and start of any Slack app."""

from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp


def make(_url: str) -> FastAPI:
    bolt = AsyncApp(
        signing_secret="of-the-bench",  # noqa: S106 - nobody else's
        token="xoxb-of-the-bench",  # noqa: S106
        process_before_response=True,
        request_verification_enabled=True,
    )
    handler = AsyncSlackRequestHandler(bolt)
    app = FastAPI(openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {}

    @app.post("/slack/events")
    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return app
