"""d: the durable endpoint as most would write it, FastAPI and three statements."""

from typing import Any

from fastapi import FastAPI
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from bench.floors.asgi import app_over, pool_of


class _Alert(BaseModel):
    fingerprint: str
    status: str
    labels: dict[str, Any]
    annotations: dict[str, Any]
    startsAt: str  # noqa: N815 - Alertmanager's name


class _Delivery(BaseModel):
    alerts: list[_Alert]


def make(url: str) -> FastAPI:
    pool = pool_of(url, 16)

    app = app_over(pool)

    @app.post("/", status_code=202)
    async def receive(delivery: _Delivery) -> dict[str, str]:
        async with pool.connection() as connection, connection.transaction():
            for alert in delivery.alerts:
                key, body = alert.labels["service"], Jsonb(alert.model_dump())
                await connection.execute(
                    "INSERT INTO alerts (fingerprint, body) VALUES (%s, %s)"
                    " ON CONFLICT (fingerprint) DO UPDATE"
                    " SET body = excluded.body, count = alerts.count + 1",
                    (alert.fingerprint, body),
                )
                await connection.execute(
                    "INSERT INTO tasks (key) VALUES (%s)"
                    " ON CONFLICT (key) DO UPDATE SET count = tasks.count + 1",
                    (key,),
                )
                await connection.execute(
                    "INSERT INTO outbox (key, body) VALUES (%s, %s)", (key, body)
                )
        return {}

    return app
