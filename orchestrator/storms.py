"""
Storm mode: a channel gets more than people can read, and what is new folds.

Theory of operation. Each transaction counts what it takes in and the threads that it
opens, by channel and minute. Past either limit the channel is in a storm: up to the
limit new groups still get their threads, the rest waits for the storm's end, and one
digest says so, since when, and what it folds. Alerts of open tasks go to them as ever,
and nothing here touches decisions or executions. The sweeper edits the digest and, once
the limits were kept for the calm time, ends the storm and lets what still fires open,
so many a minute as ever (``opening.open_due`` keeps the pace of all that waited).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import UUID

from orchestrator.routing import Route, StormRules
from policy.alert import Severity
from policy.event import Event
from policy.task import TaskState
from storage import ledger, posts, rates, storms, tasks, threads
from storage.database import Tx
from storage.rates import Counted, Rate
from storage.storms import LOOK_SECONDS, Storm
from storage.tasks import NewTask

# Critical alerts have room where the others already fold.
CRITICAL_SHARE = 2
# What waits for nothing but the channel's pace.
PACE = "pace"


@dataclass(frozen=True, slots=True)
class Ask:
    """A group that would open; ``again``: it was folded before, and is counted."""

    critical: bool = False
    again: bool = False


@dataclass(slots=True)
class _Seen:
    """A channel within one transaction: what came before it, and what it brings."""

    route: Route
    rate: Rate
    storm: Storm | None
    alerts: int = 0
    opened: int = 0
    folded: int = 0
    began: bool = False


@dataclass(slots=True)
class Watch:
    """The channels of one transaction."""

    channels: dict[str, _Seen] = field(default_factory=dict)
    locked: bool = False

    @staticmethod
    async def of(tx: Tx, routes: Iterable[Route]) -> "Watch":
        watch = Watch()
        for channel, route in {one.channel: one for one in routes}.items():
            watch.channels[channel] = _Seen(
                route, await rates.read(tx, channel), await storms.find(tx, channel)
            )
        return watch

    def count(self, route: Route) -> None:
        self.channels[route.channel].alerts += 1

    async def admit(
        self, tx: Tx, route: Route, rules: StormRules, ask: Ask
    ) -> str | None:
        """
        Let a new thread open, or give what it waits for: the pace, or a storm's end.

        What the sweeper opens counts for the pace, and begins no storm.
        """
        seen = self.channels[route.channel]
        most = rules.threads_per_minute * (CRITICAL_SHARE if ask.critical else 1)
        fresh = seen.rate.opened + seen.opened
        if fresh + seen.rate.paced < most:
            seen.opened += 1
            return None
        if seen.storm is None and fresh < most:
            return PACE
        if not ask.again:
            seen.folded += 1
        return f"storm:{(await self._storm(tx, seen, rules)).task_id}"

    async def close(self, tx: Tx, rules: StormRules) -> None:
        """Count what came; last, since others wait for the rows of these counts."""
        over = {
            channel: seen.rate.alerts + seen.alerts >= rules.alerts_per_minute
            for channel, seen in self.channels.items()
        }
        # All that begin first: who holds a storm's row waits for no channel's lock.
        found = {
            channel: await self._storm(tx, seen, rules)
            for channel, seen in sorted(self.channels.items())
            if over[channel] or seen.storm is not None
        }
        for channel, storm in found.items():
            seen = self.channels[channel]
            await storms.count(
                tx,
                storm.task_id,
                alerts=seen.alerts,
                folded=seen.folded,
                over=over[channel] or seen.folded > 0,
            )
            if seen.began:
                await _post(tx, await storms.get(tx, storm.task_id))
        for channel, seen in sorted(self.channels.items()):
            await rates.count(
                tx,
                channel,
                Counted(alerts=seen.alerts, opened=seen.opened),
                most=rules.threads_per_minute,
            )

    async def _storm(self, tx: Tx, seen: _Seen, rules: StormRules) -> Storm:
        """Give the channel's storm, begun now unless it is in one."""
        if seen.storm is None and not self.locked:
            # All at once: two transactions never wait for each other's channels.
            await storms.lock(tx, self.channels)
            self.locked = True
        if seen.storm is None:
            seen.storm = await storms.find(tx, seen.route.channel)
        if seen.storm is None:
            seen.storm = await _begin(tx, seen, rules)
            seen.began = True
        return seen.storm


async def _begin(tx: Tx, seen: _Seen, rules: StormRules) -> Storm:
    """Make the task that keeps the storm's record; its message is the digest."""
    route = seen.route
    task = await tasks.create(
        tx,
        NewTask(
            kind=route.kind,
            title="Storm of alerts",
            severity=Severity.warning,
            service=None,
            agent=route.agent.name,
            agent_version=route.agent.version,
            agent_digest=route.agent.digest,
            channel=route.channel,
            opened_by="storm mode",
            level="",
            group_key=f"storm:{tx.new_id()}",
            state=TaskState.completed,
        ),
    )
    await tasks.change(tx, task.id, {"closed_at": tx.now})
    await threads.open_thread(tx, task.id, route.channel)
    await ledger.append(
        tx,
        Event.storm_began,
        actor="storm mode",
        task_id=task.id,
        body={"channel": route.channel, **asdict(rules)},
    )
    await storms.begin(
        tx,
        task.id,
        route.channel,
        alerts=seen.rate.alerts,
        calm_seconds=rules.calm_seconds,
        threads_per_minute=rules.threads_per_minute,
    )
    return await storms.get(tx, task.id)


async def look(tx: Tx, task_id: UUID) -> None:
    """Edit a storm's digest; end the storm once it has been calm long enough."""
    await tasks.get(tx, task_id, lock=True)
    waiting: list[UUID] = []
    if _is_calm(tx, await storms.get(tx, task_id, lock=False)):
        waiting = await storms.lock_waiting(tx, task_id)
    storm = await storms.get(tx, task_id)
    if storm.ended_at is not None or storm.look_at > tx.now:
        return
    if not _is_calm(tx, storm):
        await storms.look_again(tx, task_id, tx.now + timedelta(seconds=LOOK_SECONDS))
        await _post(tx, storm)
        return
    released = len(waiting)
    await storms.end(tx, storm, waiting)
    await ledger.append(
        tx,
        Event.storm_ended,
        actor="storm mode",
        task_id=task_id,
        body={"alerts": storm.alerts, "folded": storm.folded, "released": released},
    )
    await _post(tx, storm, released=released)


def _is_calm(tx: Tx, storm: Storm) -> bool:
    return storm.last_over_at + timedelta(seconds=storm.calm_seconds) <= tx.now


async def _post(tx: Tx, storm: Storm, *, released: int | None = None) -> None:
    groups = await storms.list_groups(tx, storm)
    await posts.post_digest(
        tx,
        storm.task_id,
        {
            "since": storm.started_at.timestamp(),
            "until": tx.now.timestamp() if released is not None else None,
            "alerts": storm.alerts,
            "folded": storm.folded,
            "released": released,
            "groups": [
                {
                    "short_id": one.short_id,
                    "title": one.title,
                    "severity": one.severity,
                    "waits": one.waits,
                    "alerts": one.alerts,
                }
                for one in groups
            ],
        },
    )
