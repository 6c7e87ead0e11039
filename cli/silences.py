"""``autopilot silence add | list | end``: under the release role."""

import argparse
import re

from cli.clock import utc_now
from cli.migrate import ReleaseSettings
from orchestrator import silencing
from orchestrator.durations import parse_duration
from orchestrator.silencing import BadSilence
from policy.scope import Scope
from storage.database import Database, connect
from storage.silences import Silence

_LABEL = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(.+)")


async def run_silence(chosen: argparse.Namespace) -> int:
    """
    Add, list or end silences of an environment.

    Raises:
        BadSilence: the words make no sense; they say what to write.
    """
    scope = Scope(chosen.tenant, chosen.environment)
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        if chosen.word == "add":
            await _add(database, scope, chosen)
        elif chosen.word == "end":
            ended = await silencing.end_silence(
                database, scope, chosen.id, by="release"
            )
            print(f"{ended.short_id} ended; what waited for it opens now")
        else:
            found = await silencing.list_silences(database, scope)
            print("\n".join(map(_say, found)) or "no silence holds here")
    finally:
        await database.close()
    return 0


async def _add(database: Database, scope: Scope, chosen: argparse.Namespace) -> None:
    lasts = parse_duration(chosen.lasts)
    if lasts is None:
        raise BadSilence(f"{chosen.lasts} is no duration: write 30m, 2h or 1d")
    made = await silencing.silence(
        database,
        scope,
        dict(_label(one) for one in chosen.label),
        lasts=lasts,
        reason=chosen.reason,
        by="release",
    )
    print(_say(made))


def _label(text: str) -> tuple[str, str]:
    found = _LABEL.fullmatch(text)
    if found is None:
        raise BadSilence(f"{text} is no label: write name=value, or name=/pattern/")
    return found[1], found[2]


def _say(one: Silence) -> str:
    labels = " ".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
    return (
        f"{one.short_id}  {labels}  until {one.ends_at:%Y-%m-%d %H:%M} UTC  "
        f"by {one.by}: {one.reason}"
    )
