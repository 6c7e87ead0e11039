"""``/ops``: short answers, for one person's eyes, with the next thing to do."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.text import clean, clock
from bot.identity import NotHere, find_scopes
from bot.listeners.switch import KillSwitch
from bot.metrics import Metrics
from orchestrator import intake
from orchestrator.intake import Reception
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import inbox, proposals, tasks
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task

HELP = """*Ops Autopilot* looks into trouble, proposes, and acts once you approve.
• `/ops open discourse: replies are slow` opens a task in its channel
• `/ops task` lists what is open; `/ops task 3fa94c02` shows one
• `/ops undo 3fa94c02` proposes to take back what a task last did
• `/ops freeze [environment] [tool] [30m] reason` stops every write now
• `/ops thaw [environment] [tool]` lets them go on
• `/ops help` shows this

Decide on a proposal with the buttons of its card."""
_SERVICE = re.compile(r"^([a-z][a-z0-9-]{1,60})\s*:\s*(.+)$", re.DOTALL)
_SHORT_ID = re.compile(r"^[0-9a-f]{1,8}$")
# What an undo may take back: done, or perhaps done.
_CARRIED_OUT = frozenset(
    {ProposalState.succeeded, ProposalState.failed, ProposalState.outcome_unknown}
)
_COMMANDS = ("help", "open", "task", "undo", "freeze", "thaw")


@dataclass(frozen=True, slots=True)
class Commands:
    """The slash command, over its process's database."""

    database: Database
    reception: Reception
    metrics: Metrics
    switch: KillSwitch

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
        user = str(command.get("user_id", ""))
        answers: Mapping[str, Callable[[], Awaitable[str]]] = {
            "": lambda: self._overview(scopes),
            "open": lambda: self._open(scopes[0], rest, command),
            "task": lambda: self._show(scopes, rest.lower()),
            "undo": lambda: self._undo(scopes, rest.lower(), command),
            "freeze": lambda: self.switch.freeze(scopes, rest, user=user),
            "thaw": lambda: self.switch.thaw(scopes, rest, user=user),
        }
        if verb not in answers:
            return f"There is no `/ops {clean(verb, most=40)}`.\n\n{HELP}"
        return await answers[verb]()

    async def _overview(self, scopes: list[Scope]) -> str:
        return f"{await self._list(scopes)}\n\n{HELP}"

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
            reception=self.reception,
        )
        if task is None:
            return "That request came before; its task is open already."
        return f"Opened task `{task.short_id}` in <#{task.channel}>."

    async def _show(self, scopes: list[Scope], wanted: str) -> str:
        if not wanted:
            return await self._list(scopes)
        found = await self._find(scopes, wanted)
        return found if isinstance(found, str) else _describe(found)

    async def _undo(
        self, scopes: list[Scope], wanted: str, command: Mapping[str, object]
    ) -> str:
        """Ask for the undo of what the task did last, as its button does."""
        if not wanted:
            return "Say which task: `/ops undo 3fa94c02`; `/ops task` lists them"
        task = await self._find(scopes, wanted)
        if isinstance(task, str):
            return task
        async with self.database.transaction(task.scope, Step.store_click) as tx:
            done = [
                one
                for one in await proposals.list_of_task(tx, task.id)
                if one.state in _CARRIED_OUT and one.undoes is None
            ]
            if not done and task.linked_to is not None:
                return "An undo is not undone; open a task for it with `/ops open`."
            if not done:
                return f"Task `{task.short_id}` has carried nothing out."
            user = str(command.get("user_id", ""))
            await inbox.receive(
                tx,
                Delivery(
                    source="slack",
                    delivery_id=f"command:{command.get('trigger_id')}",
                    kind="decision",
                    payload={
                        "verdict": "undo",
                        "proposal_id": done[-1].id,
                        "digest": done[-1].digest,
                        "slack_user": user,
                        "person": user,
                    },
                ),
            )
        title = clean(done[-1].estimate.get("title") or done[-1].tool)
        return f"Asked to undo *{title}*; the answer comes in its thread."

    async def _find(self, scopes: list[Scope], wanted: str) -> Task | str:
        """Find the one task that is meant, or say what to type instead."""
        found: list[Task] = []
        if _SHORT_ID.match(wanted):
            for scope in scopes:
                async with self.database.transaction(scope, Step.read_view) as tx:
                    found += await tasks.search(tx, wanted)
        if len(found) == 1:
            return found[0]
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
        f"{task.environment} · <#{task.channel}>{_waits(task)}"
    )


def _waits(task: Task) -> str:
    """Say why a task has no thread yet, and until when."""
    if task.opens_at is None:
        return ""
    why = (task.waits_for or "").split(":")[0].replace("_", "-")
    return f" · no thread before {clock(task.opens_at.timestamp())} ({why})"


def _describe(task: Task) -> str:
    lines = [
        f"*{clean(task.headline)}*",
        (
            f"{task.state.replace('_', ' ')} · {task.severity} · {task.environment}"
            f" · {task.kind} · agent {task.agent} {task.agent_version}"
        ),
        (
            f"opened {clock(task.created_at.timestamp())} by {clean(task.opened_by)}"
            f" · thread in <#{task.channel}>{_waits(task)}"
        ),
    ]
    return "\n".join(lines)
