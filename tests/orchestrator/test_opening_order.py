"""What waits for a channel's pace opens most severe first, whoever is due when."""

from dataclasses import replace

from orchestrator import sweeper
from orchestrator.routing import StormRules
from policy.alert import Severity
from tests.orchestrator.inflow import Inflow
from tests.orchestrator.test_hold import labels


async def let_pass(inflow: Inflow, seconds: int) -> None:
    """Have all that was stored be older: Postgres's own clock says what is due."""
    for days in (-1, 1):
        # By way of another day: no bucket meets the one before it.
        await inflow.rows.change(
            "UPDATE alert_rates SET bucket_at = bucket_at"
            " + make_interval(days => :days, secs => :seconds)",
            days=days,
            seconds=-seconds / 2,
        )
    await inflow.rows.change(
        "UPDATE tasks SET opens_at = opens_at - make_interval(secs => :seconds),"
        " held_until = held_until - make_interval(secs => :seconds)",
        seconds=seconds,
    )


async def test_no_mild_one_opens_while_a_severe_one_waits(inflow: Inflow) -> None:
    """They become due together, however many wait and whenever they were refused."""
    inflow = inflow.with_waits(debounce=1, longest=1)
    rules = StormRules(600, 2, 60)
    inflow = replace(inflow, routes=replace(inflow.routes, storm=rules))
    found = [
        inflow.alert(
            f"a{n}",
            labels=labels(f"s{n}"),
            severity=Severity.info if n % 4 else Severity.error,
        )
        for n in range(24)
    ]
    await inflow.take(*found)
    opened: list[str] = []
    for _ in range(60):
        await let_pass(inflow, 5)
        await sweeper.sweep(inflow.worker)
        opened += [
            row["severity"]
            for row in await inflow.rows.rows(
                "UPDATE tasks SET opened_by = 'seen' WHERE opens_at IS NULL"
                " AND opened_by <> 'seen' RETURNING severity"
            )
        ]

    assert ["error"] * 6 + ["info"] == opened[:7]
