"""Keep what the lab knows in one JSON file, so that a killed lab keeps it."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from lab.changes import ChangeFeed
from lab.json_object import JsonObject

COALESCE_SECONDS = 0.2


def read_state(path: Path | None) -> JsonObject:
    """Return {} when there is no file yet."""
    if path is None or not path.exists():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise TypeError(f"{path}: expected a JSON object; delete it to start afresh")
    return content


def write_state(path: Path, state: JsonObject) -> None:
    """Replace the file in one step: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(path)


async def keep_state(
    path: Path, changes: ChangeFeed, take: Callable[[], JsonObject]
) -> None:
    """Write after each change, at most every 0.2 s, and once when cancelled."""
    version = changes.version
    try:
        while True:
            newest = await changes.wait_beyond(version, timeout_seconds=3600)
            if newest > version:
                version = newest
                write_state(path, take())
            await asyncio.sleep(COALESCE_SECONDS)
    finally:
        write_state(path, take())
