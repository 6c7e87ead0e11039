"""Pingdom's webhook: a check went down or came up."""

from collections.abc import Mapping
from datetime import datetime

from bot.alerts.delivery import Draft, Nothing, deliver, events_of
from bot.alerts.fields import at, filled, first_text, pairs, text
from bot.alerts.parsed import ParsedDelivery, UnreadableAlert
from bot.alerts.words import severity_of, status_of

SOURCE = "pingdom"


def parse_pingdom(body: object, received_at: datetime) -> ParsedDelivery:
    """
    Read one change of a check's state, which is all that is told of its beginning.

    Raises:
        UnreadableDelivery: it is no object.
    """
    return deliver(SOURCE, events_of(body), _read, received_at)


def _read(event: Mapping[str, object]) -> Draft | Nothing:
    number, name = text(event.get("check_id")), text(event.get("check_name"))
    if not number and not name:
        raise UnreadableAlert("expected check_id and check_name (Pingdom webhook)")
    happened = first_text(
        event.get("state_changed_timestamp"), event.get("state_changed_utc_time")
    )
    tags = pairs([text(tag) for tag in _list(event.get("tags"))])
    return Draft(
        title=name or f"Pingdom check {number}",
        key=f"check:{number or name}",
        status=status_of(event.get("current_state")),
        severity=severity_of(event.get("importance_level")),
        starts=happened,
        ends=happened,
        labels={
            **tags,
            **filled(
                check=name,
                check_type=event.get("check_type"),
                host=at(event, "check_params", "hostname"),
                state=event.get("current_state"),
            ),
        },
        annotations=filled(
            description=event.get("long_description") or event.get("description"),
            was=event.get("previous_state"),
            probe=at(event, "first_probe", "location"),
        ),
        links=[at(event, "check_params", "full_url")],
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
