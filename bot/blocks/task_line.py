"""A task in one line of a list."""

from bot.blocks.headline import headline
from bot.blocks.permalink import linked
from bot.blocks.root import state_word
from bot.blocks.text import clean, moment
from storage.tasks import Task


def line(task: Task, address: str = "") -> str:
    """Tell it; its headline leads to ``address``, where its thread has one."""
    words = state_word(task.state)
    owner = f" · {clean(task.takeover_by)}" if task.takeover_by else ""
    title = linked(headline(task.headline), address, most=120)
    return (
        f"• `{task.short_id}` {title} · *{words}* · "
        f"{task.environment} · <#{task.channel}>{owner}{waits(task)}"
    )


def waits(task: Task) -> str:
    """Say why a task has no thread yet, and until when."""
    if task.opens_at is None:
        return ""
    why = (task.waits_for or "").split(":")[0].replace("_", "-")
    return f" · no thread before {moment(task.opens_at.timestamp())} ({clean(why)})"
