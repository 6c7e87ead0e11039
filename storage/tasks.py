"""Tasks: rows, claims with lease and fence, and look-ups. Moves are in ``moves``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from policy.alert import Severity
from policy.scope import Scope
from policy.task import TaskKind, TaskState
from storage import tables
from storage.database import Tx
from storage.errors import LeaseLost, NotFound
from storage.rows import add_all, by_id, into


@dataclass(frozen=True, slots=True)
class Task:
    """
    One task; ``plan`` counts the plans asked for, ``attempt`` the crashed runs.

    ``cost_microusd``: what its models cost so far, in millionths of a US dollar.
    ``owner_slack`` is the Slack id of ``takeover_by``.
    ``alerts`` counts the firings that it took; ``opens_at`` and ``waits_for`` are as in
    ``NewTask``.
    """

    id: UUID
    tenant_id: str
    environment: str
    kind: TaskKind
    title: str
    severity: Severity
    service: str | None
    state: TaskState
    fence: int
    attempt: int
    plan: int
    takeover_by: str | None
    muted_by: str | None
    linked_to: UUID | None
    correlation_id: UUID
    agent: str
    agent_version: int
    agent_digest: str
    channel: str
    opened_by: str
    level: str
    headline: str
    group_key: str
    quiet_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    opens_at: datetime | None
    waits_for: str | None
    held_until: datetime | None
    alerts: int
    people: tuple[str, ...]
    cost_microusd: int = 0
    owner_slack: str | None = None

    @property
    def short_id(self) -> str:
        """What people type: the last eight hex digits, the random ones."""
        return self.id.hex[-8:]

    @property
    def addressed(self) -> tuple[str, ...]:
        """Whom its thread addresses, by their Slack ids: its owner first."""
        owner = (self.owner_slack,) if self.owner_slack else ()
        return tuple(dict.fromkeys((*owner, *self.people)))

    @property
    def scope(self) -> Scope:
        return Scope(self.tenant_id, self.environment)


@dataclass(frozen=True, slots=True)
class NewTask:
    """
    A task to be; ``linked_to`` names the one whose action it follows up.

    It is born ``queued``, unless it follows another: then as that one asks. Until
    ``opens_at`` nobody sees or runs it; ``waits_for`` says why it waits, and
    ``held_until`` is the end of what holds it beside a silence, which may end early;
    ``silence:…:cool_down`` names it.
    """

    kind: TaskKind
    title: str
    severity: Severity
    service: str | None
    agent: str
    agent_version: int
    agent_digest: str
    channel: str
    opened_by: str
    level: str
    group_key: str
    linked_to: UUID | None = None
    state: TaskState = TaskState.queued
    opens_at: datetime | None = None
    waits_for: str | None = None
    held_until: datetime | None = None
    alerts: int = 0
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A task held until the lease ends; every later move names the fence."""

    scope: Scope
    task_id: UUID
    state: TaskState
    fence: int


async def create(tx: Tx, new: NewTask) -> Task:
    [task] = await create_all(tx, [new])
    return task


async def create_all(tx: Tx, new: Sequence[NewTask]) -> list[Task]:
    """Make tasks, and give them in their order."""
    if not new:
        return []
    ids = [tx.new_id() for _ in new]
    await add_all(
        tx,
        tables.tasks,
        [
            {
                **asdict(one),
                "people": list(one.people),
                "id": task_id,
                "severity_rank": one.severity.rank,
                "correlation_id": tx.new_id(),
                "headline": one.title,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            for task_id, one in zip(ids, new, strict=True)
        ],
    )
    made = await get_all(tx, ids)
    return [made[one] for one in ids]


@dataclass(frozen=True, slots=True)
class Fired:
    """How many alerts fired for a task, and the most severe of them."""

    count: int
    severity: Severity


async def wake_all(tx: Tx, fired: Mapping[UUID, Fired]) -> Mapping[UUID, Task]:
    """
    Count alerts onto tasks, end their quiet time, and raise their severity to theirs.

    Gives and locks them.
    """
    if not fired:
        return {}
    brought = fired.values()
    rows = await tx.rows(
        "UPDATE tasks SET quiet_at = NULL, updated_at = :now, alerts = alerts + c.n,"
        # What was put off while all was quiet is judged again; what is open stays so.
        " opens_at = CASE WHEN quiet_at IS NULL OR opens_at IS NULL THEN opens_at"
        " ELSE least(opens_at, greatest(held_until, :now)) END,"
        " severity = CASE WHEN c.rank < severity_rank THEN c.word ELSE severity END,"
        " severity_rank = least(severity_rank, c.rank) FROM unnest("
        " CAST(:ids AS uuid[]), CAST(:counts AS int[]), CAST(:words AS text[]),"
        " CAST(:ranks AS int[])) AS c (task, n, word, rank)"
        " WHERE id = c.task RETURNING tasks.*",
        {
            "ids": list(fired),
            "counts": [one.count for one in brought],
            "words": [one.severity.value for one in brought],
            "ranks": [one.severity.rank for one in brought],
            "now": tx.now,
        },
    )
    return {row["id"]: into(Task, row) for row in rows}


async def list_planned(tx: Tx) -> Sequence[UUID]:
    """Give what planned work holds, be it beside a silence."""
    rows = await tx.rows(
        "SELECT id FROM tasks WHERE opens_at > :now AND held_until > :now"
        " AND closed_at IS NULL AND (waits_for LIKE 'maintenance%'"
        " OR split_part(waits_for, ':', 3) = 'maintenance') AND tenant_id = :tenant"
        " AND environment = :environment ORDER BY created_at, id",
        {
            "now": tx.now,
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
        },
    )
    return [row["id"] for row in rows]


async def begin_quiet(tx: Tx, until: Mapping[UUID, datetime]) -> None:
    """Begin tasks' quiet time, unless it has begun: ends are told again and again."""
    await tx.change(
        "UPDATE tasks SET quiet_at = coalesce(quiet_at, q.until), updated_at = :now"
        " FROM unnest(CAST(:ids AS uuid[]), CAST(:until AS timestamptz[]))"
        " AS q (task, until) WHERE id = q.task",
        {"ids": list(until), "until": list(until.values()), "now": tx.now},
    )


async def get_all(tx: Tx, task_ids: Sequence[UUID]) -> Mapping[UUID, Task]:
    """Give those of the tasks that are in this scope."""
    rows = await tx.rows(
        "SELECT * FROM tasks WHERE id = ANY(:ids)", {"ids": list(task_ids)}
    )
    return {row["id"]: into(Task, row) for row in rows}


async def find(tx: Tx, task_id: UUID, *, lock: bool = False) -> Task | None:
    row = await by_id(tx, tables.tasks, task_id, lock=lock)
    return into(Task, row) if row else None


async def get(tx: Tx, task_id: UUID, *, lock: bool = False) -> Task:
    """
    Give the task, which must be in this scope.

    Raises:
        NotFound: it is not.
    """
    task = await find(tx, task_id, lock=lock)
    if task is None:
        raise NotFound(f"task {task_id}: not in this scope")
    return task


async def get_held(tx: Tx, task_id: UUID, fence: int, state: TaskState) -> Task:
    """
    Lock a task that this fence still holds.

    Raises:
        LeaseLost: another claim, or another state.
    """
    task = await get(tx, task_id, lock=True)
    if task.fence != fence or task.state is not state:
        raise LeaseLost(
            f"task {task.short_id}: held fence {fence} in {state}, now fence "
            f"{task.fence} in {task.state}; stop, another process has it"
        )
    return task


async def claim(
    tx: Tx, *, owner: str, environment: str, lease_seconds: int, slots: int, runs: bool
) -> Claim | None:
    """
    Claim an environment's most urgent task: executing first, then severity, then age.

    ``slots`` bounds the tasks of one tenant that run at once; ``runs`` False claims
    executions alone. The transaction enters the task's scope.
    """
    row = await tx.row(
        "SELECT * FROM claim_task(:owner, :lease, :slots, :runs, :environment)",
        {
            "owner": owner,
            "lease": lease_seconds,
            "slots": slots,
            "runs": runs,
            "environment": environment,
        },
    )
    if row is None:
        return None
    scope = Scope(row["tenant_id"], row["environment"])
    await tx.enter(scope)
    return Claim(scope, row["id"], TaskState(row["state"]), row["fence"])


async def heartbeat(tx: Tx, task_id: UUID, fence: int, *, lease_seconds: int) -> None:
    """
    Hold a claim longer.

    Raises:
        LeaseLost: the fence moved on.
    """
    changed = await tx.change(
        "UPDATE tasks SET lease_until = clock_timestamp()"
        " + make_interval(secs => :lease) WHERE id = :task AND fence = :fence"
        " AND lease_until IS NOT NULL",
        {"task": task_id, "fence": fence, "lease": lease_seconds},
    )
    if changed != 1:
        raise LeaseLost(f"task {task_id}: fence {fence} no longer holds it")


async def is_leased(tx: Tx, task_id: UUID) -> bool:
    """Tell whether somebody holds the task, by the database's clock."""
    row = await tx.row(
        "SELECT coalesce(lease_until > clock_timestamp(), false) AS held FROM tasks"
        " WHERE id = :task",
        {"task": task_id},
    )
    return bool(row and row["held"])


async def release(
    tx: Tx, task_id: UUID, fence: int, *, next_attempt_at: datetime | None
) -> None:
    """Give a claim back, the state unchanged, to be claimed again at that time."""
    await tx.change(
        "UPDATE tasks SET lease_until = NULL, lease_owner = NULL,"
        " next_attempt_at = :later WHERE id = :task AND fence = :fence",
        {"task": task_id, "fence": fence, "later": next_attempt_at},
    )


async def change(tx: Tx, task_id: UUID, values: Mapping[str, object]) -> None:
    """Set plain columns of a task; never its state (see ``moves``)."""
    table = tables.tasks
    await tx.change(
        table.update().where(table.c.id == task_id).values(**values, updated_at=tx.now)
    )


async def search(tx: Tx, short_id: str) -> Sequence[Task]:
    """Give the newest tasks whose short id begins so; at most five."""
    rows = await tx.rows(
        "SELECT * FROM tasks WHERE right(replace(id::text, '-', ''), 8) LIKE :start"
        " ORDER BY created_at DESC LIMIT 5",
        {"start": short_id.lower().replace("%", "").replace("_", "") + "%"},
    )
    return [into(Task, row) for row in rows]


async def find_last_of(tx: Tx, group_key: str) -> Task | None:
    """Give a group's newest task, open or closed."""
    row = await tx.row(
        # each by the index of its own, however many there are of others
        "SELECT * FROM ((SELECT * FROM tasks WHERE group_key = :key"
        " AND closed_at IS NULL ORDER BY created_at DESC LIMIT 1)"
        " UNION ALL (SELECT * FROM tasks WHERE group_key = :key"
        " AND closed_at IS NOT NULL ORDER BY created_at DESC LIMIT 1)) AS found"
        " ORDER BY created_at DESC LIMIT 1",
        {"key": group_key},
    )
    return None if row is None else into(Task, row)


async def find_last_ends(tx: Tx, group_keys: Sequence[str]) -> Mapping[str, datetime]:
    """Give when each group's last task closed; nothing of groups that have none."""
    if not group_keys:
        return {}
    rows = await tx.rows(
        "SELECT group_key, max(closed_at) AS ended_at FROM tasks"
        " WHERE group_key = ANY(:keys) AND closed_at IS NOT NULL GROUP BY group_key",
        {"keys": list(group_keys)},
    )
    return {row["group_key"]: row["ended_at"] for row in rows}


async def count_fixed(tx: Tx, since: Mapping[str, datetime]) -> Mapping[str, int]:
    """
    Count each group's tasks that closed since then after an action.

    One that ran, or a draft that a person carried out; no undo is one.
    """
    rows = await tx.rows(
        "SELECT t.group_key, count(*) AS n FROM unnest(CAST(:keys AS text[]),"
        " CAST(:since AS timestamptz[])) AS g (key, since) JOIN tasks t"
        " ON t.group_key = g.key AND t.closed_at >= g.since WHERE EXISTS (SELECT"
        " FROM proposals p WHERE p.task_id = t.id AND p.undoes IS NULL"
        " AND (p.state = 'carried_out' OR EXISTS (SELECT FROM executions e"
        " WHERE e.proposal_id = p.id AND e.kind = 'apply'"
        " AND e.outcome = 'applied'))) GROUP BY t.group_key",
        {"keys": list(since), "since": list(since.values())},
    )
    return {row["group_key"]: row["n"] for row in rows}


async def knows_service(tx: Tx, service: str) -> bool:
    """Tell whether any task or alert of this scope ever named the service."""
    row = await tx.row(
        "SELECT EXISTS (SELECT FROM tasks WHERE service = :name AND tenant_id = :tenant"
        " AND environment = :environment) OR EXISTS (SELECT FROM alerts WHERE service"
        " = :name AND tenant_id = :tenant AND environment = :environment) AS known",
        {
            "name": service,
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
        },
    )
    return bool(row and row["known"])
