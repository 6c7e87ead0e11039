"""``/ops``: short answers, for one person's eyes, with the next thing to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.text import clean, clock
from bot.identity import NotHere, find_scopes
from bot.metrics import Metrics
from orchestrator import intake
from orchestrator.routing import Routes
from policy.scope import Scope
from storage import tasks
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task

HELP = """*Ops Autopilot* looks into trouble, proposes, and acts once you approve.
• `/ops open discourse: replies are slow` opens a task in its channel
• `/ops task` lists what is open; `/ops task 3fa94c02` shows one
• `/ops help` shows this

Decide on a proposal with the buttons of its card."""
_SERVICE = re.compile(r"^([a-z][a-z0-9-]{1,60})\s*:\s*(.+)$", re.DOTALL)
_SHORT_ID = re.compile(r"^[0-9a-f]{1,8}$")
_COMMANDS = ("help", "open", "task")


@dataclass(frozen=True, slots=True)
class Commands:
    """The slash command, over its process's database."""

    database: Database
    routes: Routes
    metrics: Metrics

    def register(self, app: AsyncApp) -> None:
        app.command("/ops")(self.answer)

    async def answer(self, ack: AsyncAck, command: dict[str, object]) -> None:
        word, _, rest = str(command.get("text") or "").strip().partition(" ")
        verb = word.lower()
        self.metrics.clicks.labels(
            kind=f"/ops {verb}" if verb in _COMMANDS else "/ops"
        ).inc()
        try:
            text = await self._text(verb, rest.strip(), command)
        except NotHere as exc:
            text = str(exc)
        except StorageError as exc:
            structlog.get_logger().warning("command.failed", error=str(exc))
            text = "The database is away, so nothing was done. Please try again."
        await ack(text=text, response_type="ephemeral")

    async def _text(self, verb: str, rest: str, command: Mapping[str, object]) -> str:
        if verb == "help":
            return HELP
        scopes = await find_scopes(self.database, str(command.get("team_id", "")))
        if verb == "open":
            return await self._open(scopes[0], rest, command)
        if verb == "task":
            return await self._show(scopes, rest.lower())
        if verb == "":
            return f"{await self._list(scopes)}\n\n{HELP}"
        return f"There is no `/ops {clean(verb, most=40)}`.\n\n{HELP}"

    async def _open(
        self, scope: Scope, rest: str, command: Mapping[str, object]
    ) -> str:
        if not rest:
            return "Say what is wrong: `/ops open discourse: replies are slow`"
        named = _SERVICE.match(rest)
        task = await intake.open_by_person(
            self.database,
            scope,
            delivery=Delivery(
                source="slack",
                delivery_id=f"command:{command.get('trigger_id')}",
                kind="open",
                payload={"user": str(command.get("user_id", ""))},
            ),
            title=rest,
            service=named[1] if named else None,
            routes=self.routes,
        )
        if task is None:
            return "That request came before; its task is open already."
        return f"Opened task `{task.short_id}` in <#{task.channel}>."

    async def _show(self, scopes: list[Scope], wanted: str) -> str:
        if not wanted:
            return await self._list(scopes)
        found: list[Task] = []
        if _SHORT_ID.match(wanted):
            for scope in scopes:
                async with self.database.transaction(scope, Step.read_view) as tx:
                    found += await tasks.search(tx, wanted)
        if len(found) == 1:
            return _describe(found[0])
        if found:
            listed = "\n".join(_line(task) for task in found)
            return f"Several tasks begin with `{clean(wanted)}`:\n{listed}"
        return f"No task `{clean(wanted, most=20)}`. {await self._near(scopes, wanted)}"

    async def _near(self, scopes: list[Scope], wanted: str) -> str:
        """Name tasks that begin alike, however short the common start."""
        for length in range(min(len(wanted), 8) - 1, 0, -1):
            for scope in scopes:
                async with self.database.transaction(scope, Step.read_view) as tx:
                    found = await tasks.search(tx, wanted[:length])
                if found:
                    near = found[0]
                    return f"Did you mean `{near.short_id}` ({clean(near.title)})?"
        return "`/ops task` lists what is open."

    async def _list(self, scopes: list[Scope]) -> str:
        found: list[Task] = []
        for scope in scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                found += await tasks.list_open(tx)
        if not found:
            return "Nothing is open."
        return "*Open tasks*\n" + "\n".join(_line(task) for task in found[:10])


def _line(task: Task) -> str:
    words = task.state.replace("_", " ")
    return (
        f"• `{task.short_id}` {clean(task.headline, most=120)} · *{words}* · "
        f"{task.environment} · <#{task.channel}>"
    )


def _describe(task: Task) -> str:
    lines = [
        f"*{clean(task.headline)}*",
        (
            f"{task.state.replace('_', ' ')} · {task.severity} · {task.environment}"
            f" · {task.kind} · agent {task.agent} {task.agent_version}"
        ),
        (
            f"opened {clock(task.created_at.timestamp())} by {clean(task.opened_by)}"
            f" · thread in <#{task.channel}>"
        ),
    ]
    return "\n".join(lines)
