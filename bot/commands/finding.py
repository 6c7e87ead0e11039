"""Which task is meant: by the start of its id, or by the thread it is said in."""

import re

from bot.blocks.headline import headline
from bot.blocks.text import clean, clean_line
from bot.commands.command import Asked
from storage import tasks
from storage.database import Database
from storage.steps import Step
from storage.tasks import Task

_SHORT_ID = re.compile(r"[0-9a-f]{1,8}")
_WHOLE_ID = re.compile(r"[0-9a-f]{8}")
# In a thread fewer digits are a word of the note: "a", "bad", "500".
_PERHAPS_ID = re.compile(r"[0-9a-f]{4,7}")


async def find_task(database: Database, asked: Asked) -> tuple[Task | str, str]:
    """
    Find the one task that is meant; the words that are left are the note.

    In a thread it is the thread's, unless a whole id is named. A text in its place says
    what to type instead.
    """
    first, _, rest = asked.words.strip().partition(" ")
    wanted = first.lower().strip("`")
    if asked.here is not None and not _WHOLE_ID.fullmatch(wanted):
        if _PERHAPS_ID.fullmatch(wanted):
            others = await _search(database, asked, wanted)
            if others and asked.here.id not in {one.id for one in others}:
                return _which(asked.here, wanted, others[0]), ""
            if others:
                return asked.here, rest.strip()
        return asked.here, asked.words.strip()
    if not first:
        return "Say which task; `/ops tasks` lists them.", ""
    return await _find(database, asked, wanted), rest.strip()


def _which(here: Task, wanted: str, other: Task) -> str:
    """Ask back: the word may be a note's first, or another task's id cut short."""
    return (
        f"`{clean(wanted)}` may be a word or task `{other.short_id}` "
        f"({clean_line(headline(other.title))}); nothing was done. For that one type "
        f"its whole id, for this one `{here.short_id}` first."
    )


async def _find(database: Database, asked: Asked, wanted: str) -> Task | str:
    found = await _search(database, asked, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(
            f"• `{one.short_id}` {clean_line(one.headline, most=120)}" for one in found
        )
        return f"Several tasks begin with `{clean(wanted)}`:\n{listed}"
    return f"No task `{clean(wanted, most=20)}`. {await _near(database, asked, wanted)}"


async def _near(database: Database, asked: Asked, wanted: str) -> str:
    """Name a task that begins alike, however short the common start."""
    for length in range(min(len(wanted), 8) - 1, 0, -1):
        found = await _search(database, asked, wanted[:length])
        if found:
            return f"Did you mean `{found[0].short_id}` ({clean_line(found[0].title)})?"
    return "`/ops tasks` lists what is open."


async def _search(database: Database, asked: Asked, wanted: str) -> list[Task]:
    found: list[Task] = []
    if _SHORT_ID.fullmatch(wanted):
        for scope in asked.scopes:
            async with database.transaction(scope, Step.read_view) as tx:
                found += await tasks.search(tx, wanted)
    return found
