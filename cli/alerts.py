"""``autopilot alerts``: what a payload would become, and what was taken in."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from bot.alerts import generic
from bot.alerts.generic import generic_parser
from bot.alerts.mapping import load_mappings
from bot.alerts.parsed import ParsedDelivery, Parser, UnreadableDelivery
from bot.alerts.sources import SOURCES
from bot.bodies import FORM, NotJson, parse_body
from cli.clock import utc_now
from cli.migrate import ReleaseSettings
from gateway.redaction.redact import storable_json
from policy.alert import Alert
from policy.errors import PolicyError
from policy.scope import Scope
from storage import alerts
from storage.canonical import plain
from storage.database import connect
from storage.steps import Step


def parse_file(
    source: str, file: str, *, received_at: datetime, mapping: str | None = None
) -> int:
    """
    Print a JSON array of alerts; what else a delivery says goes to standard error.

    The alert that an event is about is printed although the endpoint takes no note of
    it: an ignored one stands on standard error, too.
    Broken alerts and an unreadable file give 1; what is nothing to tell gives 0.
    ``mapping`` is a file for ``generic``, in place of the shipped one.
    """
    try:
        parser = choose_parser(source, mapping)
    except (LookupError, PolicyError) as exc:
        print(f"autopilot: {exc.args[0]}", file=sys.stderr)
        return 2
    try:
        delivery = parser(read_body(file), received_at)
    except (NotJson, UnreadableDelivery) as exc:
        print(f"autopilot: {file}: {exc}", file=sys.stderr)
        return 1
    told = [one.about for one in delivery.ignored if one.about is not None]
    print(json.dumps([as_row(one) for one in (*delivery.alerts, *told)], indent=2))
    _tell(delivery, file)
    return 1 if delivery.broken else 0


def choose_parser(source: str, mapping: str | None) -> Parser:
    """
    Give a source's parser; ``mapping`` is a file for ``generic``.

    Raises:
        LookupError: no such source, or a mapping for another one.
        PolicyError: the mapping does not load.
    """
    parser = SOURCES.get(source)
    if parser is None:
        known = ", ".join(sorted(SOURCES))
        raise LookupError(f"source {source} is unknown; use one of {known}")
    if mapping is None:
        return parser
    if source != generic.SOURCE:
        raise LookupError(f"--mapping is for --source {generic.SOURCE}, not {source}")
    return generic_parser(load_mappings(Path(mapping)))


def read_body(file: str) -> object:
    """
    Read a delivery's body as the endpoint does: JSON, or a form's fields.

    ``-`` is standard input.

    Raises:
        NotJson: it is neither.
    """
    whole = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return storable_json(parse_body(whole, FORM, {}))


def _tell(delivery: ParsedDelivery, file: str) -> None:
    said = [f"alert {one.index}: {one.reason}" for one in delivery.broken]
    said += [f"event {one.index} ignored: {one.reason}" for one in delivery.ignored]
    asked = delivery.subscription
    if asked is not None:
        said.append(f"no alert: a {asked.step.value} of {asked.topic_arn}")
    for line in said:
        print(f"autopilot: {file}: {line}", file=sys.stderr)


async def find_alerts(chosen: argparse.Namespace) -> int:
    """Print the newest alerts that say something, each with its newest task."""
    scope = Scope(chosen.tenant, chosen.environment)
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        async with database.transaction(scope, Step.look) as tx:
            found = await alerts.find(tx, chosen.sign)
    finally:
        await database.close()
    if chosen.json:
        print(json.dumps([plain(one) for one in found], indent=2))
        return 0
    for one in found:
        task = f"task {one.task_id.hex[-8:]}" if one.task_id else "no task"
        print(
            f"{one.last_seen_at:%Y-%m-%d %H:%M:%S} UTC  {one.status}  {one.severity}  "
            f"x{one.count}  {task}  {one.fingerprint}  {one.title}"
        )
    if not found:
        print(f"no alert of {chosen.tenant} {chosen.environment} says {chosen.sign!r}")
    return 0


def as_row(alert: Alert) -> dict[str, object]:
    """Give the printed fields; instants are ISO 8601 in UTC."""
    return {
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "title": alert.title,
        "severity": alert.severity.value,
        "status": alert.status.value,
        "service": alert.service,
        "environment": alert.environment,
        "labels": dict(alert.labels),
        "links": list(alert.links),
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
    }
