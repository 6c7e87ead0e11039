"""Zendesk's webhooks: ticket events, and what a trigger's own JSON says of a ticket."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of
from bot.alerts.fields import at, filled, first_text, folded, pairs, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert
from bot.alerts.words import find_severity, status_if
from policy.alert import AlertStatus, Severity

SOURCE = "zendesk"
_EVENT = "zen:event-type:"
_OVER = {"solved", "closed", "deleted", "archived", "merged"}
# Of a ticket's some thirty events, those after which it is open or isn't.
_NEWS = {
    "created",
    "status_changed",
    "custom_status_changed",
    "priority_changed",
    "problem_link_changed",
    "undeleted",
    "unmarked_as_spam",
}
# After these it is open again, since the event and not since its creation.
_REOPENS = {"undeleted", "unmarked_as_spam"}
_ENDS = {"soft_deleted", "permanently_deleted", "marked_as_spam", "merged"}
_PRIORITIES = {"normal": Severity.warning}


def parse_zendesk(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one event of a ticket, or one ticket.

    Comments, tags, assignments, and events of users and articles are nothing to tell.
    A ticket is one alert, from its creation (or reopening) till it is solved.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(body: Mapping[str, object]) -> Draft | Nothing:
    kind = text(body.get("type"))
    if kind.startswith(_EVENT):
        return _event(body, kind.removeprefix(_EVENT))
    ticket = body.get("ticket")
    if isinstance(ticket, Mapping):
        return _triggered({**_named(body), **_named(ticket)})
    named = _named(body)
    if not first_text(named.get("id"), named.get("title"), named.get("subject")):
        raise UnreadableAlert(
            "expected a ticket's event, or ticket_id and ticket_title"
        )
    return _triggered(named)


def _named(ticket: Mapping[str, object]) -> dict[str, object]:
    """
    Fold the names, with ``ticket`` before them or not.

    A trigger's placeholders keep theirs: ``{"ticket_id": "{{ticket.id}}"}``.
    """
    plain = folded(ticket)
    return plain | {
        name.removeprefix("ticket"): value
        for name, value in plain.items()
        if name.startswith("ticket")
    }


def _triggered(ticket: Mapping[str, object]) -> Draft:
    """
    Read a ticket by folded names.

    A trigger does not say that a ticket was reopened: it fires since it was changed.

    ``updated_at`` alone may be a day without a time: then the receipt counts.
    """
    draft = _ticket(ticket, ended=False)
    changed = first_text(
        ticket.get("updatedatwithtimestamp"),
        ticket.get("updatedat"),
        ticket.get("time"),
    )
    is_new = text(ticket.get("status")).lower() == "new"
    known = draft.starts if is_new else None
    return replace(draft, starts=changed or known, ends=changed or draft.ends)


def _event(body: Mapping[str, object], kind: str) -> Draft | Nothing:
    room, _, what = kind.partition(".")
    detail = body.get("detail")
    reason = f"{kind[:60]}: says of no ticket that it is open or solved"
    if room != "ticket" or not isinstance(detail, Mapping):
        return Nothing(reason)
    said = {"happenedat": body.get("time"), **folded(detail)}
    draft = _ticket(said, ended=what in _ENDS)
    if what not in _NEWS | _ENDS:
        return Nothing(reason, draft if detail.get("id") else None)
    was = text(at(body, "event", "previous")).lower()
    reopened = what in _REOPENS or (what == "status_changed" and was in _OVER)
    if reopened and draft.status is AlertStatus.firing:
        # It fires anew, lest it be taken for a repeat.
        return replace(draft, starts=first_text(body.get("time"), draft.ends))
    return draft


def _ticket(ticket: Mapping[str, object], *, ended: bool) -> Draft:
    number = text(ticket.get("id"))
    status = text(ticket.get("status")).lower()
    title = first_text(ticket.get("subject"), ticket.get("title"))
    tags = ticket.get("tags")
    return Draft(
        title=title or (f"Zendesk ticket {number}" if number else ""),
        key=f"ticket:{number or title}",
        status=status_if(ended=ended or status in _OVER),
        severity=_severity(text(ticket.get("priority"))),
        starts=first_text(
            ticket.get("createdat"), ticket.get("createdatwithtimestamp")
        ),
        ends=first_text(ticket.get("updatedat"), ticket.get("happenedat")),
        labels={
            **pairs(tags.split() if isinstance(tags, str) else tags),
            **filled(
                ticket=number,
                ticket_state=status,
                priority=ticket.get("priority"),
                ticket_type=ticket.get("type"),
                channel=at(ticket, "via", "channel") or ticket.get("via"),
                group=ticket.get("groupid") or ticket.get("groupname"),
                brand=ticket.get("brandid") or ticket.get("brandname"),
            ),
        },
        annotations=filled(
            description=first_text(
                ticket.get("description"),
                ticket.get("latestcomment"),
                ticket.get("message"),
            )
        ),
        links=[_address(ticket)],
    )


def _severity(priority: str) -> Severity:
    known = _PRIORITIES.get(priority.lower()) or find_severity(priority)
    return known or Severity.warning


def _address(ticket: Mapping[str, object]) -> str:
    """A trigger's ``ticket.url`` has no scheme."""
    said = first_text(ticket.get("link"), ticket.get("url"))
    return f"https://{said}" if said and "://" not in said else said
