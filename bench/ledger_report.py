"""
Measure the ledger on durable servers and write ``docs/ledger-report.md``.

Run by ``make ledger-report``. Exit 1 if a forgery passes, or if an entry is missing,
twice, or not verified.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import UUID

import psycopg

from audit.checkpoint import load_signing_key, verifier_key
from audit.export import BadLine, Header, Line, Note, parse_line, render_line
from audit.verification import Trust, verify_export
from cli.audit import verify_all
from cli.clock import utc_now
from cli.exporting import prove
from cli.ledgers import read_ledgers
from cli.local_world import SCOPE, LocalWorld, Servers, Wanted, prepare, servers
from orchestrator import sealer
from orchestrator.anchors import FileAnchor
from orchestrator.notary import Notary, origin_of
from orchestrator.settings import SealerSettings
from policy.event import Event
from policy.scope import TenantScope
from storage import exports, ledger, seals
from storage.database import Database, connect
from storage.steps import Step
from tests.audit.book import KEY, notes, written
from tests.samples import add_task

PAGE = Path(__file__).resolve().parents[1] / "docs" / "ledger-report.md"
_WRITERS = 16
_SECONDS = 8.0
_PACE = 500
_FORGERIES = 2000
_BODY = {"reason": "gathering evidence " * 12, "from": "queued", "to": "running"}
_PLAIN = (
    "CREATE TABLE plain (LIKE ledger INCLUDING DEFAULTS);"
    " GRANT SELECT, INSERT ON plain TO autopilot_worker"
)
_INSERT = (
    "INSERT INTO plain (tenant_id, environment, id, event, actor, body, at)"
    " VALUES ('genme', 'prod', :id, 'task.moved', 'bench', :body, :at)"
)
_LAG = """
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM
      s.sealed_at - l.at)), percentile_cont(0.99) WITHIN GROUP (ORDER BY
      extract(epoch FROM s.sealed_at - l.at)), count(*)
    FROM ledger_seals s JOIN ledger l ON l.tenant_id = s.tenant_id
      AND l.environment = s.environment AND l.id = s.ledger_id WHERE s.seq > %s
"""
_SIZE = """
    SELECT pg_total_relation_size('ledger') + pg_total_relation_size('ledger_seals')
      + pg_total_relation_size('ledger_checkpoints')
      + pg_total_relation_size('ledger_anchors'), count(*) FROM ledger
"""


@dataclass
class Report:
    """Rows of the page, and what was wrong."""

    world: LocalWorld
    running: Servers
    rows: list[tuple[str, str]]
    problems: list[str]

    def say(self, what: str, figure: str) -> None:
        self.rows.append((what, figure))
        print(f"{what:52} {figure}", flush=True)

    def ask(self, query: str, *values: object) -> Sequence[object]:
        with psycopg.connect(self.running.postgres.admin_url("autopilot")) as admin:
            row = admin.execute(query.encode(), values or None).fetchone()
        assert row is not None  # noqa: S101 - aggregates have a row
        return row


async def main() -> int:
    with TemporaryDirectory(prefix="autopilot-ledger-") as folder:
        async with servers(Path(folder)) as running:
            world = await prepare(running, Wanted(Path(folder), (1, 2), {}))
            report = Report(world, running, [], [])
            await _measure(report)
    for problem in report.problems:
        print(f"✗ {problem}", file=sys.stderr)
    PAGE.write_text(_page(report), encoding="utf-8")
    return 1 if report.problems else 0


async def _measure(report: Report) -> None:
    worker = connect(
        report.world.environment["DATABASE_URL_WORKER"], utc_now, pool_size=_WRITERS
    )
    url = report.world.environment["DATABASE_URL_SEALER"]
    database = connect(url, utc_now, pool_size=4)
    try:
        await _appends(report, worker)
        await _beside(report, worker, database)
        await _verified(report, database)
        await _forged(report, database)
    finally:
        await worker.close()
        await database.close()


async def _appends(report: Report, worker: Database) -> None:
    with psycopg.connect(report.running.postgres.admin_url("autopilot")) as admin:
        admin.execute(_PLAIN.encode())
    tasks = await _tasks(worker)

    async def plain(_task: UUID) -> None:
        async with worker.transaction(SCOPE, Step.look) as tx:
            await tx.change(
                _INSERT, {"id": tx.new_id(), "body": str(_BODY), "at": tx.now}
            )

    floor = await _rate(tasks, plain)
    product = await _rate(tasks, lambda task: _append(worker, task))
    report.say("plain inserts, 16 writers", f"{floor:,.0f} a second")
    report.say("appends, 16 writers", f"{product:,.0f} a second")


async def _append(worker: Database, task: UUID) -> None:
    async with worker.transaction(SCOPE, Step.look) as tx:
        await ledger.append(
            tx, Event.task_moved, actor="bench", body=_BODY, task_id=task
        )


async def _tasks(worker: Database) -> list[UUID]:
    made = []
    for number in range(_WRITERS):
        async with worker.transaction(SCOPE, Step.set_up) as tx:
            made.append((await add_task(tx, group_key=f"bench {number}")).id)
    return made


async def _rate(tasks: Sequence[UUID], do: Callable[[UUID], Awaitable[None]]) -> float:
    """Have every task's writer do it as fast as it can; give how often a second."""
    ends = perf_counter() + _SECONDS

    async def write(task: UUID) -> int:
        done = 0
        while perf_counter() < ends:
            await do(task)
            done += 1
        return done

    return sum(await asyncio.gather(*(write(one) for one in tasks))) / _SECONDS


async def _beside(report: Report, worker: Database, database: Database) -> None:
    """Seal what waits, then beside writers at a pace, then beside writers at full."""
    notary = _notary(report, database)
    # As autovacuum does within a minute of a start.
    with psycopg.connect(report.running.postgres.admin_url("autopilot")) as admin:
        admin.execute("ANALYZE")
    begun, waiting = perf_counter(), await sealer.seal_all(database)
    rate = waiting / (perf_counter() - begun)
    report.say("sealing what waits", f"{rate:,.0f} entries a second")
    await notary.sign_all()
    tasks = await _tasks(worker)
    for what, pace in ((f"at {_PACE} entries/s", _PACE), ("at full speed", None)):
        after = (await _last(database)) or 0
        stop = asyncio.Event()
        sealing = asyncio.ensure_future(_seal(notary, stop))
        written = await _write(worker, tasks, pace)
        stop.set()
        await sealing
        p50, p99, count = report.ask(_LAG, after)
        report.say(f"written {what}", f"{written / _SECONDS:,.0f} a second")
        report.say(f"sealing lag {what}, p50", f"{float(str(p50)):.3f} s")
        report.say(f"sealing lag {what}, p99", f"{float(str(p99)):.3f} s")
        if count != written:
            report.problems.append(f"{written} written {what}, {count} sealed")


def _notary(report: Report, database: Database) -> Notary:
    settings = SealerSettings.model_validate(report.world.environment)
    key = load_signing_key(settings.signing_key)
    assert settings.anchor_file is not None  # noqa: S101 - the local world has one
    anchors = [FileAnchor(settings.anchor_file)]
    return Notary(database, key, settings.log, anchors=anchors, every_seconds=1)


async def _write(worker: Database, tasks: Sequence[UUID], pace: int | None) -> int:
    """Write for a while; with a pace, each writer keeps to its part of it."""
    begun = perf_counter()

    async def write(task: UUID) -> int:
        done = 0
        while (spent := perf_counter() - begun) < _SECONDS:
            if pace is not None and done >= spent * pace / len(tasks):
                await asyncio.sleep(len(tasks) / pace / 4)
                continue
            await _append(worker, task)
            done += 1
        return done

    return sum(await asyncio.gather(*(write(one) for one in tasks)))


async def _seal(notary: Notary, stop: asyncio.Event) -> None:
    """Seal as the sealer's process does, and to the end once nobody writes."""
    reached: dict[TenantScope, int] = {}
    while not stop.is_set():
        if not await sealer.seal_all(notary.database, reached):
            await asyncio.sleep(0.02)
        await notary.sign_all()
    await sealer.seal_all(notary.database, reached)
    await asyncio.sleep(notary.every_seconds)
    await notary.sign_all()


async def _last(database: Database) -> int:
    [scope] = await sealer.list_tenants(database)
    async with database.transaction(scope, Step.look) as tx:
        return await seals.read_last(tx)


async def _verified(report: Report, database: Database) -> None:
    ledgers = read_ledgers(SealerSettings.model_validate(report.world.environment))
    begun = perf_counter()
    [found] = await verify_all(database, ledgers)
    rate = found.entries / (perf_counter() - begun)
    size, count = report.ask(_SIZE)
    report.say("entries", f"{found.entries:,}")
    report.say("verified from rows", f"{rate:,.0f} entries a second")
    report.say(
        "kept for each entry, indexes too",
        f"{float(str(size)) / float(str(count)):,.0f} bytes",
    )
    if found.problem or found.unsealed or found.signed != found.entries:
        report.problems.append(f"not verified: {found}")
    [scope] = await sealer.list_tenants(database)
    async with database.transaction(scope, Step.look) as tx:
        [one] = await seals.list_sealed(tx, after=found.entries // 2, most=1)
        begun = perf_counter()
        proof = await prove(tx, one.entry.id)
    if proof is None:
        report.problems.append("an entry that is signed has no proof")
        return
    hashes = proof["proof"]
    assert isinstance(hashes, list)  # noqa: S101 - as `prove` makes it
    report.say("proof of one entry", f"{len(hashes)} hashes of 32 bytes")
    report.say("making it", f"{(perf_counter() - begun) * 1000:,.0f} ms")


async def _forged(report: Report, database: Database) -> None:
    """Verify an export; then forge a small one, two thousand times: none may pass."""
    settings = SealerSettings.model_validate(report.world.environment)
    origin = origin_of(settings.log, SCOPE.tenant_id)
    key = verifier_key(origin, load_signing_key(settings.signing_key))
    lines: list[Line] = [Header(origin, SCOPE.tenant_id)]
    [scope] = await sealer.list_tenants(database)
    async with database.transaction(scope, Step.look) as tx:
        async for line, _ in exports.read_lines(tx):
            lines.append(line)
    begun = perf_counter()
    good = verify_export(lines, Trust(keys=[key]))
    rate = good.entries / (perf_counter() - begun)
    report.say("verified from an export", f"{rate:,.0f} entries a second")
    if good.problem is not None:
        report.problems.append(f"the export itself: {good.problem}")
    dice = random.Random(7)  # noqa: S311 - the same forgeries in every run
    passed = sum(_passes(dice) for _ in range(_FORGERIES))
    report.say("forgeries of a byte or a row that passed", f"{passed} of {_FORGERIES}")
    if passed:
        report.problems.append(f"{passed} forgeries passed")


def _passes(dice: random.Random) -> bool:
    """Forge a byte or a row of a whole case; tell whether nobody notices."""
    book = written()
    lines, place = list(book.lines), dice.randrange(1, len(book.lines) - 1)
    match dice.randrange(4):
        case 0:
            # Without the checkpoint in the middle, the last one signs as much.
            place = 1 if isinstance(lines[place], Note) else place
            del lines[place]
        case 1:
            lines.insert(place, lines[place])
        case 2:
            lines[place], lines[place + 1] = lines[place + 1], lines[place]
        case _:
            raw = bytearray(render_line(lines[place]).encode())
            raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(7)
            try:
                lines[place] = parse_line(bytes(raw))
            except BadLine:
                return False
    trust = Trust(keys=[KEY], anchors=notes(book))
    return verify_export(lines, trust).problem is None


def _page(report: Report) -> str:
    rows = "\n".join(f"| {what} | {figure} |" for what, figure in report.rows)
    return (
        "# The ledger, measured\n\nMade by `make ledger-report`, never by hand, with an"
        " embedded Postgres 18 that syncs every commit, on a machine that did other"
        " work too.\n\n| what | figure |\n| --- | --- |\n"
        f"{rows}\n"
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
