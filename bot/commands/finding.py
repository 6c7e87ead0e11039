"""Which task is meant: by the start of its id, or by the thread it is said in."""

import re

from bot.blocks.headline import headline
from bot.blocks.text import clean
from bot.commands.command import Asked
from storage import tasks
from storage.database import Database
from storage.steps import Step
from storage.tasks import Task

_SHORT_ID = re.compile(r"[0-9a-f]{1,8}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHOLE_ID = re.compile(rf"[0-9a-f]{{8}}|{_UUID.pattern}")
# In a thread fewer digits are a word of the note: "a", "bad", "500".
_PERHAPS_ID = re.compile(r"[0-9a-f]{4,7}")
# Fewer digits in common are chance.
_ALIKE = 3


async def find_task(database: Database, asked: Asked) -> tuple[Task | str, str]:
    """
    Find the one task that is meant; the words that are left are the note.

    In a thread it is the thread's, unless a whole id is named. A text in its place says
    what to type instead.
    """
    first, rest = [*asked.words.split(maxsplit=1), "", ""][:2]
    wanted = first.lower().strip("`#,.:;")
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
        f"({clean(headline(other.title))}); nothing was done. For that one type "
        f"its whole id, for this one `{here.short_id}` first."
    )


async def _find(database: Database, asked: Asked, wanted: str) -> Task | str:
    found = await _search(database, asked, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(
            f"• `{one.short_id}` {clean(headline(one.headline), most=120)}"
            for one in found
        )
        return f"Several tasks begin with `{clean(wanted)}`:\n{listed}"
    return f"No task `{clean(wanted, most=40)}`. {await _near(database, asked, wanted)}"


async def _near(database: Database, asked: Asked, wanted: str) -> str:
    """Name a task whose id begins alike."""
    for length in range(min(len(wanted), 8) - 1, _ALIKE - 1, -1):
        found = await _search(database, asked, wanted[:length])
        if found:
            title = clean(headline(found[0].title))
            return f"Did you mean `{found[0].short_id}` ({title})?"
    return "`/ops tasks` lists what is open."


async def _search(database: Database, asked: Asked, wanted: str) -> list[Task]:
    found: list[Task] = []
    if _UUID.fullmatch(wanted):
        some = await _search(database, asked, wanted[-8:])
        return [one for one in some if str(one.id) == wanted]
    if _SHORT_ID.fullmatch(wanted):
        for scope in asked.scopes:
            async with database.transaction(scope, Step.read_view) as tx:
                found += await tasks.search(tx, wanted)
    return found
