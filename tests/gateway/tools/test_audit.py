"""search_audit_logs: two logs, labelled, newest first."""

from dataclasses import replace

from gateway.absent import absent_ports
from gateway.registry import Occasion
from gateway.subjects import AuditEntry
from gateway.tools.audit import AuditParams, search_audit
from tests.gateway.outside import SCOPE, Outside

NOW = 1_800_000_000.0
OCCASION = Occasion(SCOPE, NOW, None, None)
PARAMS = AuditParams(query="ranker", hours=2)


def entry(at: float) -> AuditEntry:
    return AuditEntry(at, "somebody", "flag.changed", "new_ranker", "the ranker")


async def test_both_logs_are_searched(outside: Outside) -> None:
    """Each entry says whose it is; ours are those of the task's scope."""
    outside.audit.entries = [entry(NOW - 60), entry(NOW - 10)]
    outside.records.ledger = [entry(NOW - 30), entry(NOW - 9000)]
    found = await search_audit(PARAMS, outside.ports, OCCASION)

    assert ["platform", "autopilot", "platform"] == [
        one.source for one in found.entries
    ]
    assert ([SCOPE], NOW - 7200) == (outside.records.scopes, outside.audit.since)


async def test_a_log_that_is_not_there_is_missing(outside: Outside) -> None:
    """The other is told all the same."""
    outside.records.ledger = [entry(NOW - 30)]
    ports = replace(outside.ports, audit=absent_ports().audit)
    found = await search_audit(PARAMS, ports, OCCASION)

    assert ["autopilot"] == [one.source for one in found.entries]
    assert ["platform: no connector serves it here"] == found.missing


async def test_what_was_not_looked_at_is_said(outside: Outside) -> None:
    """A busy ledger is not searched whole, and nobody takes it for silence."""
    outside.records.unread = NOW - 100
    found = await search_audit(PARAMS, outside.ports, OCCASION)

    assert ["autopilot: too many entries; none up to 2027-01-15T07:58:20+00:00"] == (
        found.missing
    )
