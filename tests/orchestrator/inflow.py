"""Alerts as they flow in, and what they come to."""

from dataclasses import dataclass, replace
from datetime import timedelta

from orchestrator import intake, opening, storms
from orchestrator.intake import NewDelivery, Received, Reception
from orchestrator.routing import LiveRoutes, Routes, Waits
from policy.alert import Alert, AlertStatus, Severity
from policy.redaction import RedactionRules
from storage.database import Database, Row
from storage.steps import Step
from tests.orchestrator.world import Rows

PSEUDONYM_KEY = "pseudonyms-of-the-tests"
SHIPPED = RedactionRules(
    ip_addresses=False, user_ids=False, phone_regions=(), keep_days=30
)
TEAM = {"team": "reliability", "service": "feed"}
NO_WAIT = Waits(timedelta(0), timedelta(0), timedelta(0))


def alert(rows: Rows, fingerprint: str = "f1", **changes: object) -> Alert:
    fields = {
        "source": "alertmanager",
        "fingerprint": fingerprint,
        "title": "5xx on /feed",
        "severity": Severity.error,
        "status": AlertStatus.firing,
        "service": "feed",
        "environment": None,
        "starts_at": rows.database.clock(),
        "labels": TEAM,
        **changes,
    }
    return Alert(**fields)  # type: ignore[arg-type]


def reception(routes: Routes) -> Reception:
    return Reception(LiveRoutes(lambda: routes, routes), PSEUDONYM_KEY, SHIPPED)


@dataclass
class Inflow:
    """One endpoint of the test's scope; ``with_route`` changes the first route."""

    rows: Rows
    web: Database
    worker: Database
    routes: Routes

    def with_route(self, **changes: object) -> "Inflow":
        first, *rest = self.routes.routes
        changed = replace(first, **changes)  # type: ignore[arg-type]
        return replace(self, routes=replace(self.routes, routes=(changed, *rest)))

    def with_waits(self, **seconds: float) -> "Inflow":
        changes = {name: timedelta(seconds=length) for name, length in seconds.items()}
        return self.with_route(waits=replace(NO_WAIT, **changes))

    def alert(self, fingerprint: str = "f1", **changes: object) -> Alert:
        return alert(self.rows, fingerprint, **changes)

    def resolved(self, fingerprint: str = "f1", **changes: object) -> Alert:
        now = self.rows.database.clock()
        ended = {"status": AlertStatus.resolved, "ends_at": now}
        return alert(self.rows, fingerprint, **{**ended, **changes})

    async def take(self, *alerts: Alert) -> Received:
        delivery = NewDelivery(self.rows.scope, alerts)
        [received] = await intake.receive(self.web, [delivery], reception(self.routes))
        return received

    def move(self, seconds: float) -> None:
        self.rows.database.clock.move(seconds=seconds)

    async def open_due(self) -> None:
        """Do what the sweeper does with tasks whose wait is over."""
        for row in await self.rows.rows(
            "SELECT id FROM tasks ORDER BY severity_rank, created_at"
        ):
            async with self.worker.transaction(self.rows.scope, Step.sweep) as tx:
                await opening.open_due(tx, row["id"])

    async def look_at_storms(self) -> None:
        """Do what the sweeper does with storms."""
        for row in await self.rows.rows("SELECT task_id FROM storms"):
            async with self.worker.transaction(self.rows.scope, Step.sweep) as tx:
                await storms.look(tx, row["task_id"])

    async def tasks(self) -> list[Row]:
        """Give the tasks that came of alerts, oldest first."""
        return await self.rows.rows(
            "SELECT * FROM tasks WHERE opened_by <> 'storm mode'"
            " ORDER BY created_at, id"
        )

    async def shown(self) -> int:
        """Count the tasks that have a root message."""
        [row] = await self.rows.rows(
            "SELECT count(DISTINCT task_id) AS n FROM outbox WHERE kind = 'root'"
        )
        return int(row["n"])
