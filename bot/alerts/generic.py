"""Any sender of JSON, by a mapping: where in its body the fields of an alert are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import first_text, pairs, text
from bot.alerts.mapping import Rule, StatusWord, load_mappings, search
from bot.alerts.moments import moment
from bot.alerts.parsed import (
    ParsedDelivery,
    Parser,
    UnreadableAlert,
    UnreadableDelivery,
)
from bot.alerts.words import bare, find_severity, find_status, is_end
from policy.alert import AlertStatus, Severity

SOURCE = "generic"


def parse_generic(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read a delivery by the first shipped mapping that fits it.

    Raises:
        UnreadableDelivery: it is no object, or none fits.
    """
    return _parse(body, received_at, rules=shipped())


def generic_parser(rules: Sequence[Rule]) -> Parser:
    """Make a parser of mappings of one's own."""
    return partial(_parse, rules=rules)


@cache
def shipped() -> tuple[Rule, ...]:
    """Give the mappings of ``generic.yaml``; the last one takes everything."""
    return load_mappings(Path(__file__).with_name("generic.yaml"))


def guess(event: Mapping[str, object]) -> Draft | Nothing:
    """
    Read what a known vendor sends by a template of the user's own, by likely names.

    Raises:
        UnreadableAlert: there is nothing that could be a title.
    """
    return _read(event, rule=shipped()[-1])


def _parse(
    body: object, received_at: datetime, *, rules: Sequence[Rule]
) -> ParsedDelivery:
    whole = events_of(body)
    rule = next((one for one in rules if _fits(one, body)), None)
    if rule is None:
        known = ", ".join(one.name for one in rules)
        raise UnreadableDelivery(f"no mapping fits this body; there are {known}")
    events = whole if rule.items is None else _items(rule, body)
    return deliver(SOURCE, events, partial(_read, rule=rule), received_at)


def _fits(rule: Rule, body: object) -> bool:
    """A condition that can't be evaluated is about another body."""
    if rule.when is None:
        return True
    try:
        found = search(rule.when, rule.renamed(body), rule.name, "when")
    except UnreadableAlert:
        return False
    # JMESPath's truth: zero is true, empty is not.
    return found is not None and found is not False and found not in ("", [], {})


def _items(rule: Rule, body: object) -> Sequence[object]:
    if rule.items is None:
        return events_of(body)
    try:
        found = search(rule.items, rule.renamed(body), rule.name, "items")
    except UnreadableAlert as exc:
        raise UnreadableDelivery(str(exc)) from exc
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list):
        raise UnreadableDelivery(f"mapping {rule.name}: items gave no list of alerts")
    return found


def _read(said: Mapping[str, object], *, rule: Rule) -> Draft | Nothing:
    event = rule.renamed(said)
    labels: dict[str, str] = {}
    for compiled in rule.labels:
        labels |= pairs(search(compiled, event, rule.name, "labels"))
    status = _status(rule, event)
    if status is StatusWord.ignored:
        return Nothing(f"mapping {rule.name}: of this status nothing is told")
    key = _key(rule, event, labels)
    title = first_text(*_candidates(rule.find("title", event)))
    if not title and key and status is StatusWord.resolved:
        # An end may come with the id alone.
        title = f"resolved: {key.partition(':')[2]}"
    service = first_text(*_candidates(rule.find("service", event)))
    return Draft(
        title=title,
        key=key or (title and hashed(bare(title), service)),
        status=AlertStatus(status.value),
        severity=_severity(rule, event),
        starts=_instant(rule, event, "starts_at"),
        ends=_instant(rule, event, "ends_at"),
        service=service,
        environment=first_text(*_candidates(rule.find("environment", event))),
        labels=labels,
        annotations={"mapping": rule.name},
        links=[
            link
            for compiled in rule.links
            for link in _candidates(search(compiled, event, rule.name, "links"))
        ],
    )


def _candidates(found: object) -> list[object]:
    """An expression may give a list: the first that serves counts."""
    return found if isinstance(found, list) else [found]


def _status(rule: Rule, event: object) -> StatusWord:
    """An unknown word fires: what nobody understands is better seen than lost."""
    for said in _candidates(rule.find("status", event)):
        known = rule.status_words.get(text(said).lower()) or find_status(said)
        if known is not None:
            return StatusWord(known.value)
        if is_end(said):
            return StatusWord.resolved
    return StatusWord.firing


def _severity(rule: Rule, event: object) -> Severity:
    said = _candidates(rule.find("severity", event))
    found = (
        rule.severity_words.get(text(one).lower()) or find_severity(one) for one in said
    )
    return next(filter(None, found), Severity.warning)


def _key(rule: Rule, event: object, labels: Mapping[str, str]) -> str:
    if rule.hashed_labels:
        values = [labels.get(name, "") for name in rule.hashed_labels]
        return f"{rule.name}:{hashed(*values)}" if any(values) else ""
    said = first_text(*_candidates(rule.find("fingerprint", event)))
    return f"{rule.name}:{said}" if said else ""


def _instant(rule: Rule, event: object, name: str) -> object:
    said: Iterable[object] = _candidates(rule.find(name, event))
    known = [one for one in said if one not in (None, "")]
    return next((one for one in known if moment(one)), known[0] if known else None)
