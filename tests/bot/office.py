"""A tenant's outbox, the lab's Slack, and couriers between them."""

from dataclasses import dataclass
from time import monotonic, time
from uuid import UUID, uuid4

from bot.courier import Courier
from bot.links import Links
from bot.send_budget import SendBudget
from bot.slack_channel import SlackChannel
from policy.scope import Scope
from storage import answers, outbox, posts, tasks
from storage.database import Row
from storage.outbox import Lane, NewPost
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.faults import Faults
from tests.lab.world import CHANNEL, World
from tests.samples import add_proposal, add_task

REVEAL_KEY = "cmV2ZWFscy1vZi10aGUtdGVzdHMtMzItYnl0ZXMtbG8="


@dataclass
class Office:
    """A tenant's outbox, the lab's Slack, and couriers between them."""

    database: Databases
    scope: Scope
    lab: World
    # A thread is written to as fast as a test likes.
    rate: float = 1000.0

    def courier(self, name: str = "courier 1", faults: Faults | None = None) -> Courier:
        database = self.database.fresh("courier", faults=faults)
        slack, links = SlackChannel(self.lab.slack), Links(self.lab.slack, monotonic)
        budget = SendBudget(None, workspace="lab", clock=time, rate=self.rate)
        return Courier(name, database, slack, links, REVEAL_KEY, budget)

    async def deliver(self) -> bool:
        return await self.courier().deliver_next()

    async def task(self, *, channel: str = CHANNEL) -> Task:
        """Open a task whose root waits to be posted."""
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            task = await add_task(tx, channel=channel)
            await posts.post_root(tx, task)
        return task

    async def change_root(
        self, task: Task, headline: str, *, after_seconds: float = 1.0
    ) -> None:
        self.database.clock.move(seconds=after_seconds)
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            await tasks.change(tx, task.id, {"headline": headline})
            await posts.post_root(tx, await tasks.get(tx, task.id))

    async def card(self, task: Task) -> UUID:
        async with self.database("gateway").transaction(self.scope, Step.look) as tx:
            proposal = await add_proposal(
                tx,
                task,
                estimate={
                    "title": "Throttle",
                    "text": "x",
                    "before": "a",
                    "after": "b",
                },
            )
            await posts.post_card(tx, proposal.id)
        return proposal.id

    async def answer(self, task: Task, text: str, *, user: str = "U0OPERATOR") -> None:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            await answers.post_answer(
                tx, task.id, inbox_id=uuid4(), user=user, text=text
            )

    async def post(self, task: Task, kind: str, *, lane: Lane = Lane.state) -> None:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            await outbox.post(tx, NewPost(task.id, kind, kind, {"looks": []}, lane))

    async def rows(self, query: str, **values: object) -> list[Row]:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            return await tx.rows(query, values)

    async def states(self) -> list[tuple[str, str]]:
        """Give slot and state of each post, oldest first."""
        found = await self.rows(
            "SELECT slot, state FROM outbox ORDER BY created_at, id"
        )
        return sorted((row["slot"].split(":")[0], row["state"]) for row in found)

    async def change(self, query: str) -> None:
        async with self.database("courier").transaction(self.scope, Step.look) as tx:
            await tx.change(query)

    async def forget_lease(self) -> None:
        """Let a dead courier's lease be over."""
        await self.change(
            "UPDATE threads SET lease_until = clock_timestamp() - interval '1 s',"
            " not_before_at = NULL"
        )

    async def arm(
        self, kind: str, method: str = "chat.postMessage", **more: int
    ) -> None:
        await self.lab.post("/lab/faults", {"kind": kind, "method": method, **more})

    async def messages(self) -> list[dict[str, object]]:
        found = (await self.lab.workspace())["messages"]
        assert isinstance(found, list)
        return sorted(
            (one for one in found if one.get("bot_id") or one.get("user")),
            key=lambda one: str(one["ts"]),
        )

    async def roots(self) -> list[dict[str, object]]:
        return [
            one
            for one in await self.messages()
            if one.get("thread_ts") in (None, one["ts"])
        ]
