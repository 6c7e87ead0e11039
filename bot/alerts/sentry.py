"""Sentry's webhooks: issues, issue and metric alerts, errors; and the old plugin's."""

import re
from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of
from bot.alerts.fields import at, filled, first_text, pairs, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert
from bot.alerts.words import severity_of, status_if, status_of
from policy.alert import AlertStatus

SOURCE = "sentry"
# Whoever archived an issue wants to hear no more of it.
_ENDED = {"resolved", "ignored", "archived", "closed"}
# Tags that name who met the error.
_PERSONAL = {"user", "sentry:user"}
_ISSUE_IN_URL = re.compile(r"/issues/(\d{1,20})\b")
_PROJECT_IN_URL = re.compile(r"/projects/[^/]{1,100}/([^/]{1,100})/")


def parse_sentry(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one event; installations, comments and the like are nothing to tell.

    An issue begins when it was first seen. No payload says when it was resolved or came
    back: a person does either long after it was last seen. So the receipt counts.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    said = body.get("data")
    if isinstance(said, Mapping):
        return _read_data(body, said)
    if isinstance(body.get("event"), Mapping) or {"culprit", "level"} & {*body}:
        return _event(body.get("event", body), body)
    if isinstance(body.get("installation"), Mapping):
        return Nothing("it tells of an installation, of no issue and no alert")
    raise UnreadableAlert('expected "data" with an issue, event, error or metric_alert')


def _read_data(
    body: Mapping[str, object], said: Mapping[str, object]
) -> Draft | Nothing:
    if isinstance(said.get("issue"), Mapping) and "comment" not in said:
        return _issue(body)
    if isinstance(said.get("metric_alert"), Mapping):
        return _metric(body)
    for name in ("event", "error"):
        if isinstance(said.get(name), Mapping):
            return _event(said[name], said)
    names = ", ".join(sorted(map(text, said)))[:100]
    return Nothing(f"it tells of {names or 'nothing'}: of no issue and no alert")


def _issue(body: Mapping[str, object]) -> Draft:
    issue = at(body, "data", "issue")
    action = text(body.get("action"))
    status = text(at(issue, "status"))
    number = first_text(at(issue, "shortId"), at(issue, "id"))
    ended = action in _ENDED or (action != "unresolved" and status in _ENDED)
    return Draft(
        title=first_text(
            at(issue, "title"),
            at(issue, "metadata", "title"),
            at(issue, "culprit"),
            number and f"Sentry issue {number}",
        ),
        key=_issue_key(at(issue, "id"), at(issue, "permalink"), at(issue, "shortId")),
        status=status_if(ended=ended),
        severity=severity_of(at(issue, "level"), at(issue, "priority")),
        starts=None if action == "unresolved" else at(issue, "firstSeen"),
        service=first_text(at(issue, "project", "slug"), at(issue, "project", "name")),
        labels=filled(
            project=at(issue, "project", "slug"),
            platform=at(issue, "platform"),
            level=at(issue, "level"),
            issue=at(issue, "shortId"),
            issue_type=at(issue, "type"),
            substatus=at(issue, "substatus"),
        ),
        annotations=filled(
            action=action,
            culprit=at(issue, "culprit"),
            count=at(issue, "count"),
            users=at(issue, "userCount"),
            value=at(issue, "metadata", "value"),
        ),
        links=[at(issue, "web_url"), at(issue, "permalink"), at(issue, "url")],
    )


def _event(event: object, around: Mapping[str, object]) -> Draft:
    """``around`` is ``data`` of an alert, or the whole of the plugin's payload."""
    tags = pairs(at(event, "tags"))
    tags = {name: said for name, said in tags.items() if name not in _PERSONAL}
    address = first_text(at(event, "url"), at(event, "issue_url"))
    found = _PROJECT_IN_URL.search(address)
    slug = first_text(around.get("project_slug"), found.group(1) if found else "")
    links = [at(event, "web_url"), around.get("url"), at(event, "issue_url")]
    numbers = [at(event, "issue_id"), at(event, "groupID"), at(event, "issue", "id")]
    return Draft(
        title=first_text(
            at(event, "title"),
            around.get("message"),
            at(event, "message"),
            at(event, "logentry", "formatted"),
            around.get("culprit"),
            at(event, "culprit"),
        ),
        key=_issue_key(
            first_text(*numbers, around.get("id") if around is not event else None),
            *links,
            at(event, "event_id"),
        ),
        status=AlertStatus.firing,
        severity=severity_of(
            at(event, "level"), around.get("level"), tags.get("level")
        ),
        starts=first_text(
            at(event, "datetime"), at(event, "timestamp"), at(event, "received")
        ),
        service=slug or first_text(around.get("project_name"), around.get("project")),
        environment=first_text(at(event, "environment"), tags.get("environment")),
        labels={
            **tags,
            **filled(
                project=slug or around.get("project"),
                platform=at(event, "platform"),
                level=first_text(at(event, "level"), around.get("level")),
                release=at(event, "release"),
                rule=around.get("triggered_rule"),
            ),
        },
        annotations=filled(
            culprit=first_text(at(event, "culprit"), around.get("culprit")),
            value=at(event, "metadata", "value"),
            event=at(event, "event_id"),
        ),
        links=links,
    )


def _metric(body: Mapping[str, object]) -> Draft:
    """A metric alert is known by its rule: the next incident is the same alert."""
    alert = at(body, "data", "metric_alert")
    rule = at(alert, "alert_rule")
    action = text(body.get("action"))
    name = first_text(at(rule, "name"), at(alert, "title"))
    number = first_text(at(rule, "id"), at(alert, "id"), at(alert, "identifier"))
    projects = at(rule, "projects") or at(alert, "projects")
    return Draft(
        title=name or text(at(body, "data", "description_title")),
        key=f"metric:{number or name}" if number or name else "",
        status=status_of(action),
        severity=severity_of(action),
        starts=first_text(at(alert, "date_started"), at(alert, "date_detected")),
        ends=at(alert, "date_closed"),
        service=text(at(projects, 0)),
        environment=text(at(rule, "environment")),
        labels=filled(
            project=at(projects, 0), rule=name, aggregate=at(rule, "aggregate")
        ),
        annotations=filled(
            description=at(body, "data", "description_text"), query=at(rule, "query")
        ),
        links=[at(body, "data", "web_url"), at(alert, "web_url")],
    )


def _issue_key(number: object, *others: object) -> str:
    """Give the issue's number, from its address if need be, or else what there is."""
    found = [_ISSUE_IN_URL.search(text(other)) for other in others]
    in_address = [one.group(1) for one in found if one]
    said = first_text(number, *in_address, *others)
    return f"issue:{said}" if said else ""
