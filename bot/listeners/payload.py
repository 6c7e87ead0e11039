"""The few fields of Slack's payloads that we read, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from bot.blocks.text import mapping_of
from gateway.redaction.redact import storable_json


@dataclass(frozen=True, slots=True)
class Click:
    """
    A signed click of a button, or a choice of a select (``chosen``).

    ``delivery_id`` is the same for one click however often it is delivered.
    """

    team_id: str
    user: str
    channel: str
    message_ts: str
    thread_ts: str
    value: str
    chosen: str
    trigger_id: str
    delivery_id: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A signed modal submission; ``metadata`` is what we put into it."""

    team_id: str
    user: str
    metadata: str
    values: Mapping[str, object]
    delivery_id: str


def read_click(body: Mapping[str, object]) -> Click:
    actions = body.get("actions")
    action = mapping_of(actions[0]) if isinstance(actions, list) and actions else {}
    container = mapping_of(body.get("container"))
    parts = (
        str(mapping_of(body.get("user")).get("id", "")),
        str(container.get("message_ts", "")),
        str(action.get("action_id", "")),
        str(action.get("value", "")),
        str(action.get("action_ts", "")),
    )
    return Click(
        team_id=str(mapping_of(body.get("team")).get("id", "")),
        user=parts[0],
        channel=str(mapping_of(body.get("channel")).get("id", "")),
        message_ts=parts[1],
        thread_ts=str(container.get("thread_ts") or ""),
        value=parts[3],
        chosen=str(mapping_of(action.get("selected_option")).get("value", "")),
        trigger_id=str(body.get("trigger_id", "")),
        delivery_id=sha256("\0".join(parts).encode()).hexdigest(),
    )


def is_in_modal(body: Mapping[str, object]) -> bool:
    """Tell whether it was clicked in a modal, on which another view may be pushed."""
    return mapping_of(body.get("view")).get("type") == "modal"


def read_submission(body: Mapping[str, object]) -> Submission:
    view = mapping_of(body.get("view"))
    parts = (str(view.get("id", "")), str(view.get("hash", "")))
    return Submission(
        team_id=str(mapping_of(body.get("team")).get("id", "")),
        user=str(mapping_of(body.get("user")).get("id", "")),
        metadata=str(view.get("private_metadata", "")),
        values=mapping_of(storable_json(mapping_of(view.get("state")).get("values"))),
        delivery_id=sha256("\0".join(parts).encode()).hexdigest(),
    )
