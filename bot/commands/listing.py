"""``/ops tasks``, ``task`` and ``why``: what there is, and what policy said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.headline import headline
from bot.blocks.permalink import linked
from bot.blocks.task_line import line, waits
from bot.blocks.text import clean, moment
from bot.blocks.what import title_of
from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.finding import find_task
from bot.links import Links, addresses
from bot.reasons import reasons
from policy.task import TaskKind
from storage import posts, proposals
from storage.database import Database, Tx
from storage.open_tasks import Wanted, list_open, order
from storage.posts import ROOT
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task

_MOST = 10
_MINE, _WAITING = "mine", "waiting"


_NONE = {"": "Nothing is open.", _WAITING: "Nothing waits for you."}


@dataclass(frozen=True, slots=True)
class Listing:
    database: Database
    links: Links

    def commands(self) -> list[Command]:
        kinds = " | ".join(TaskKind)
        return [
            Command(
                "tasks",
                f"tasks [mine | waiting | {kinds}]",
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
        if word not in {"", _MINE, _WAITING, *TaskKind}:
            known = ", ".join((_MINE, _WAITING, *TaskKind))
            return Said(f"`{clean(word, most=40)}` lists nothing; there is: {known}")
        wanted = Wanted(
            kind=word if word in set(TaskKind) else None,
            owner=(asked.person.id if asked.person else asked.user)
            if word == _MINE
            else None,
            decider=asked.person if word == _WAITING else None,
        )
        if word == _WAITING and asked.person is None:
            return Said(_NONE[_WAITING])
        base = await self.links.base()
        found: list[tuple[Task, str]] = []
        for scope in asked.scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                some = await list_open(tx, wanted, most=_MOST + 1)
                where = await addresses(tx, base, [(one.id, ROOT) for one in some])
            found += [(one, where.get((one.id, ROOT), "")) for one in some]
        if not found:
            return Said(_NONE.get(word, f"Nothing of {word} is open."))
        found.sort(key=lambda each: order(each[0]))
        lines = [line(*each) for each in found[:_MOST]]
        if len(found) > _MOST:
            lines.append("…and more, on the app's Home, a page at a time.")
        head = "*Tasks that wait for you*" if word == _WAITING else "*Open tasks*"
        return Said("\n".join([head, *lines]))

    async def show(self, asked: Asked) -> Said:
        if not asked.words and asked.here is None:
            return await self.list_tasks(asked)
        task, _ = await find_task(self.database, asked)
        if isinstance(task, str):
            return Said(task)
        base = await self.links.base()
        async with self.database.transaction(task.scope, Step.read_view) as tx:
            every = await proposals.list_of_task(tx, task.id)
            lines = [await _proposed(tx, one) for one in every]
            where = await addresses(tx, base, [(task.id, ROOT)])
        address = where.get((task.id, ROOT), "")
        return Said("\n".join([*_describe(task, address), *lines]))

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


def _describe(task: Task, address: str) -> Sequence[str]:
    return [
        f"*{linked(headline(task.headline), address)}*",
        (
            f"{task.state.replace('_', ' ')} · {task.severity} · {task.environment}"
            f" · {task.kind} · agent {task.agent} {task.agent_version}"
            f"{' · owner ' + clean(task.takeover_by) if task.takeover_by else ''}"
        ),
        (
            f"opened {moment(task.created_at.timestamp())} by {clean(task.opened_by)}"
            f" · thread in <#{task.channel}>{waits(task)}"
        ),
    ]
