"""Grafana's webhook: unified alerting, as Alertmanager's, and what was before it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from bot.alerts.alertmanager import read_alert, with_left_out
from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, objects, pairs, text, texts
from bot.alerts.generic import guess
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import find_status, severity_of, status_if, status_of
from policy.alert import AlertStatus

SOURCE = "grafana"
# What a source sent to Grafana OnCall.
_SENT = "alert_payload"
_LINKS = ("dashboardURL", "panelURL", "silenceURL", "imageURL")
# Whoever pauses a rule wants to hear no more of it.
_OVER = {"ok", "paused"}
_STATE_IN_TITLE = re.compile(r"^\s*\[[^\]]*\]\s*")


def parse_grafana(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read unified alerts one by one, a legacy rule's change, or a payload of one's own.

    A legacy payload does not say when the alert began.

    Raises:
        UnreadableDelivery: it is no object.
    """
    if isinstance(body, Mapping) and isinstance(body.get("alerts"), list):
        read = partial(_unified, body=body)
        found = deliver(SOURCE, body["alerts"], read, received_at)
        return with_left_out(found, body)
    return deliver(SOURCE, events_of(body), _single, received_at)


def _unified(raw: Mapping[str, object], *, body: Mapping[str, object]) -> Draft:
    title = _STATE_IN_TITLE.sub("", text(body.get("title")))
    named = {"alertname": first_text(title, body.get("message"))}
    labels = texts(raw.get("labels")) or texts(body.get("commonLabels")) or named
    known = find_status(raw.get("status") or body.get("status"))
    status = known.value if known else raw.get("status")
    draft = read_alert({**raw, "labels": labels, "status": status}, body)
    values = filled(
        values=raw.get("valueString"),
        grafana_org=at(body, "orgId"),
        state=body.get("state"),
    )
    return replace(
        draft,
        annotations={**values, **draft.annotations},
        links=[*(raw.get(name) for name in _LINKS), *draft.links],
    )


def _single(event: Mapping[str, object]) -> Draft | Nothing:
    group = event.get("alert_group")
    if isinstance(group, Mapping):
        return _oncall(group, event)
    if text(event.get("state")) or event.get("ruleName"):
        return _legacy(event)
    return guess(event)


def _oncall(group: Mapping[str, object], event: Mapping[str, object]) -> Draft:
    """
    Grafana OnCall's outgoing webhook: a group, whatever was done to it.

    One that is no more resolved fires anew, lest it be taken for a repeat.
    """
    done = text(at(event, "event", "type"))
    state = first_text(group.get("state"), done)
    number = first_text(group.get("id"), event.get("alert_group_id"))
    labels = {**pairs(group.get("labels")), **texts(at(event, _SENT, "commonLabels"))}
    return Draft(
        title=first_text(group.get("title"), number and f"Alert group {number}"),
        key=f"group:{number}" if number else "",
        status=status_of(state),
        severity=severity_of(labels.get("severity"), labels.get("priority")),
        starts=(
            at(event, "event", "time")
            if done.lower() == "unresolve"
            else group.get("created_at")
        ),
        ends=group.get("resolved_at"),
        labels={**labels, **filled(integration=at(event, "integration", "name"))},
        annotations=filled(state=state),
        links=[at(group, "permalinks", "web"), at(group, "permalinks", "slack")],
    )


def _legacy(event: Mapping[str, object]) -> Draft:
    state = first_text(event.get("state"), event.get("status")).lower()
    rule = first_text(
        event.get("ruleName"), _STATE_IN_TITLE.sub("", text(event.get("title")))
    )
    matches = objects(event.get("evalMatches"))
    labels = {**pairs(at(matches, 0, "tags")), **pairs(event.get("tags"))}
    return Draft(
        title=rule or text(event.get("message")),
        key=_rule_key(event, rule),
        status=status_if(
            ended=state in _OVER or find_status(state) is AlertStatus.resolved
        ),
        severity=severity_of(labels.get("severity"), labels.get("priority")),
        labels={**labels, **filled(rule=rule)},
        annotations=filled(
            message=event.get("message"),
            state=state,
            values="; ".join(
                f"{text(one.get('metric'))}: {text(one.get('value'))}"
                for one in matches[:10]
            ),
        ),
        links=[event.get("ruleUrl"), event.get("imageUrl")],
    )


def _rule_key(event: Mapping[str, object], rule: str) -> str:
    """Give the rule's id, which counts from 1 in each Grafana, and where it is."""
    address = text(event.get("ruleUrl"))
    try:
        host = urlsplit(address).netloc
    except ValueError:
        host = ""
    number = text(event.get("ruleId"))
    if number in {"", "0"}:
        return f"rule:{hashed(host, rule)}"
    return f"rule:{host}:{text(event.get('orgId')) or '1'}:{number}"
