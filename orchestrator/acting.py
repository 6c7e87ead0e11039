"""
A person's act on a task: one transaction, which needs no other process.

Taking a task stops the autopilot on it, so it must work though worker and gateway are
down: whoever asks writes the rows itself, as with a freeze.
"""

from dataclasses import dataclass

from policy.acts import Act, Doing, judge_act
from policy.event import Event
from policy.lifecycle import TaskEvent
from policy.person import Person
from storage import inbox, ledger, moves, posts, proposals, tasks
from storage.database import Database, Tx
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task

_AGAIN = "That was done before."
_NO_THREAD = "It waits, and has no thread yet; `/ops task` says until when."
_TAKEN = "{owner} took it over meanwhile; nothing was changed. {way}"
# A command names the task and not what a message shows: it is meant.
_WAYS = {
    Act.take: "`/ops take {id}` takes it from them.",
    Act.hand_back: "`/ops back {id}` hands it back all the same.",
    Act.close: "`/ops close {id}` closes it all the same.",
}
_MOST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood on the message that was clicked; ``owner`` is "" where nobody was."""

    owner: str


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What a person wants of a task; ``note`` is their words, redacted before.

    ``delivery_id`` is the same however often Slack delivers it. ``seen`` is None of a
    command: whoever types one names the task and not what a message shows.
    """

    act: Act
    by: Person
    delivery_id: str
    note: str = ""
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """What a person is told; ``is_done``: something was, and its root shows it."""

    text: str
    is_done: bool


async def act(database: Database, seen: Task, wish: Wish) -> Acted:
    """Do it, and give what its person is told."""
    async with database.transaction(seen.scope, Step.store_click) as tx:
        task = await tasks.get(tx, seen.id, lock=True)
        if task.opens_at is not None:
            return Acted(_NO_THREAD, is_done=False)
        every = await proposals.list_of_task(tx, task.id)
        found = judge_act(
            wish.act,
            task.state,
            task.takeover_by,
            by=wish.by.id,
            proposals=[one.state for one in every],
        )
        if _is_taken_since(task, wish):
            way = _WAYS[wish.act].format(id=task.short_id)
            found = _TAKEN.format(owner=task.takeover_by, way=way)
        text = found.text if isinstance(found, Doing) else found
        delivery = _delivery(task, wish, text)
        if await inbox.receive(tx, delivery) is None:
            # Who was not answered, or not told of it, hears the same once more.
            said = await inbox.find_said(tx, delivery)
            return Acted(said or _AGAIN, is_done=False)
        if isinstance(found, Doing):
            await _do(tx, task, wish, found)
        return Acted(text, is_done=isinstance(found, Doing))


def _is_taken_since(task: Task, wish: Wish) -> bool:
    """Tell whether another has it than whom the clicked message showed."""
    if wish.act not in _WAYS or wish.seen is None:
        return False
    return task.takeover_by not in {None, wish.by.id, wish.seen.owner}


def _delivery(task: Task, wish: Wish, said: str) -> Delivery:
    """Keep what came in, once, and what its person is told."""
    user = wish.by.slack_user
    return Delivery(
        source="slack",
        delivery_id=wish.delivery_id,
        kind="act",
        payload={"act": wish.act, "task": task.id, "user": user, "said": said},
        state="done",
    )


async def _do(tx: Tx, task: Task, wish: Wish, doing: Doing) -> None:
    if task.takeover_by != doing.owner:
        slack = wish.by.slack_user if doing.owner == wish.by.id else None
        owner = {"takeover_by": doing.owner, "owner_slack": slack}
        await tasks.change(tx, task.id, owner)
        await ledger.append(
            tx,
            Event.task_owner_changed,
            actor=wish.by.id,
            task_id=task.id,
            body={"from": task.takeover_by, "to": doing.owner, "later": doing.later},
        )
    if doing.muted is not None:
        muted_by = wish.by.id if doing.muted else None
        await tasks.change(tx, task.id, {"muted_by": muted_by})
        await ledger.append(
            tx,
            Event.task_muted if doing.muted else Event.task_unmuted,
            actor=wish.by.id,
            task_id=task.id,
            body={},
        )
        if not doing.muted and task.muted_by is not None:
            await proposals.remind_again(tx, task.id)
    reason = _reason(wish)
    moved = task
    for event in doing.events:
        over = event is TaskEvent.closed_by_person
        moved = await moves.move(
            tx,
            moved,
            event,
            actor=wish.by.id,
            reason=reason,
            headline=f"{task.title}: {reason}" if over else None,
        )
        if event is TaskEvent.handed_back:
            # Another plan is another run, with tries of its own.
            again = {"plan": task.plan + 1, "attempt": 0}
            await tasks.change(tx, task.id, again)
    if not doing.events:
        now = await tasks.get(tx, task.id)
        await posts.post_root(tx, now, next_step=reason)


def _reason(wish: Wish) -> str:
    said = {
        Act.take: f"{wish.by.name} took over",
        Act.hand_back: f"{wish.by.name} handed back",
        Act.close: f"closed by {wish.by.name}",
        Act.mute: f"{wish.by.name} muted it",
        Act.unmute: f"{wish.by.name} has it remind again",
    }[wish.act]
    return f"{said}: {wish.note[:_MOST_NOTE]}" if wish.note else said
