"""Grafana's webhook: unified alerting, as Alertmanager's, and what was before it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from bot.alerts.alertmanager import read_alert
from bot.alerts.delivery import Draft, Nothing, deliver, events_of, hashed
from bot.alerts.fields import at, filled, first_text, objects, pairs, text, texts
from bot.alerts.generic import guess
from bot.alerts.parsed import ParsedDelivery
from bot.alerts.words import severity_of, status_if

SOURCE = "grafana"
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
        return deliver(SOURCE, body["alerts"], read, received_at)
    return deliver(SOURCE, events_of(body), _legacy, received_at)


def _unified(raw: Mapping[str, object], *, body: Mapping[str, object]) -> Draft:
    named = {"alertname": first_text(body.get("title"), body.get("message"))}
    labels = texts(raw.get("labels")) or texts(body.get("commonLabels")) or named
    draft = read_alert({**raw, "labels": labels}, body)
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


def _legacy(event: Mapping[str, object]) -> Draft | Nothing:
    state = text(event.get("state")).lower()
    if not state and not event.get("ruleName"):
        return guess(event)
    rule = first_text(
        event.get("ruleName"), _STATE_IN_TITLE.sub("", text(event.get("title")))
    )
    matches = objects(event.get("evalMatches"))
    labels = {**pairs(at(matches, 0, "tags")), **pairs(event.get("tags"))}
    return Draft(
        title=rule or text(event.get("message")),
        key=_rule_key(event, rule),
        status=status_if(ended=state in _OVER),
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
