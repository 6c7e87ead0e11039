"""``/ops tasks``, ``task`` and ``why``: what there is, and what policy said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.card import title_of
from bot.blocks.task_line import line, waits
from bot.blocks.text import clean, clock
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.finding import find_task
from bot.reasons import reasons
from policy.task import TaskKind
from storage import posts, proposals, tasks
from storage.database import Database, Tx
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task, Wanted

_MOST = 10
_MINE = "mine"


@dataclass(frozen=True, slots=True)
class Listing:
    database: Database

    def commands(self) -> list[Command]:
        kinds = " | ".join(TaskKind)
        return [
            Command(
                "tasks",
                f"tasks [mine | {kinds}]",
                "lists what is open",
                Needs.read,
                self.list_tasks,
            ),
            Command("task", "task id", "shows one", Needs.read, self.show),
            Command(
                "why",
                "why id",
                "says what policy made of its proposals",
                Needs.read,
                self.explain,
            ),
        ]

    async def list_tasks(self, asked: Asked) -> Said:
        word = asked.words.lower()
        if word not in {"", _MINE, *TaskKind}:
            known = ", ".join((_MINE, *TaskKind))
            return Said(f"`{clean(word, most=40)}` lists nothing; there is: {known}")
        wanted = Wanted(
            kind=word if word in set(TaskKind) else None,
            owner=(asked.person.id if asked.person else asked.user)
            if word == _MINE
            else None,
        )
        found: list[Task] = []
        for scope in asked.scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                found += await tasks.list_open(tx, wanted, most=_MOST + 1)
        if not found:
            return Said(f"Nothing of {word} is open." if word else "Nothing is open.")
        lines = [line(task) for task in found[:_MOST]]
        if len(found) > _MOST:
            lines.append("…and more; `/ops tasks safety` and Home show fewer.")
        return Said("\n".join(["*Open tasks*", *lines]))

    async def show(self, asked: Asked) -> Said:
        if not asked.words and asked.here is None:
            return await self.list_tasks(asked)
        task, _ = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        async with self.database.transaction(task.scope, Step.read_view) as tx:
            every = await proposals.list_of_task(tx, task.id)
            lines = [await _proposed(tx, one) for one in every]
        return Said("\n".join([*_describe(task), *lines]))

    async def explain(self, asked: Asked) -> Said:
        """Say by which rule each proposal stands where it stands."""
        task, _ = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        async with self.database.transaction(task.scope, Step.read_view) as tx:
            every = await proposals.list_of_task(tx, task.id)
            lines = [text for one in every for text in await reasons(tx, one)]
        if not lines:
            return Said(f"`{task.short_id}` has proposed nothing.")
        return Said("\n".join(lines))


async def _proposed(tx: Tx, proposal: Proposal) -> str:
    title = title_of(await posts.card_of(tx, proposal))
    return f"• {clean(title)} · *{proposal.state.replace('_', ' ')}*"


def _describe(task: Task) -> Sequence[str]:
    return [
        f"*{clean(task.headline)}*",
        (
            f"{task.state.replace('_', ' ')} · {task.severity} · {task.environment}"
            f" · {task.kind} · agent {task.agent} {task.agent_version}"
            f"{' · owner ' + clean(task.takeover_by) if task.takeover_by else ''}"
        ),
        (
            f"opened {clock(task.created_at.timestamp())} by {clean(task.opened_by)}"
            f" · thread in <#{task.channel}>{waits(task)}"
        ),
    ]
