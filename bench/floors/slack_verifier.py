"""A Slack endpoint by hand: HMAC, age, form; a click costs one committed row."""

import hashlib
import hmac
import json
import time
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from psycopg.types.json import Jsonb

from bench.floors.asgi import app_over, pool_of
from bench.slack_requests import SECRET

_MOST_AGE_SECONDS = 300


def make(url: str) -> FastAPI:
    pool = pool_of(url, 4)

    app = app_over(pool)

    @app.post("/slack/events")
    async def receive(request: Request) -> Response:
        body = await request.body()
        stamp = request.headers["x-slack-request-timestamp"]
        basis = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new(SECRET.encode(), basis, hashlib.sha256).hexdigest()
        signed = request.headers["x-slack-signature"]
        fresh = abs(time.time() - int(stamp)) < _MOST_AGE_SECONDS
        if not fresh or not hmac.compare_digest(f"v0={digest}", signed):
            return Response(status_code=401)
        form = parse_qs(body.decode())
        if "payload" not in form:
            return Response("known commands: help", media_type="text/plain")
        click = json.loads(form["payload"][0])
        async with pool.connection() as connection:
            await connection.execute(
                "INSERT INTO clicks VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (click["actions"][0]["action_ts"], Jsonb(click["actions"][0])),
            )
        return Response()

    return app
