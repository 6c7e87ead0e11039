"""A worker of arq with one idle job: `python -m bench.floors.arq_worker REDIS_URL`."""

import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from arq import Worker, func
from arq.connections import RedisSettings


async def nothing(ctx: dict[Any, Any], *args: Any, **named: Any) -> None:  # noqa: ARG001, ANN401 - arq's shape
    return


def _settings(url: str) -> RedisSettings:
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return RedisSettings.from_dsn(url)
    password = parse_qs(parts.query).get("password", [""])[0]
    return RedisSettings(unix_socket_path=parts.path, password=password)


if __name__ == "__main__":
    Worker(
        functions=[func(nothing)],
        queue_name="bench",
        redis_settings=_settings(sys.argv[1]),
        handle_signals=False,
    ).run()
