"""The few fields of Slack's payloads that we read, typed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from bot.blocks.text import mapping_of
from bot.origin import Kind, Origin, split_origin
from gateway.redaction.redact import storable_json

# How the ids of direct messages begin.
_DIRECT = "D"
_STAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")


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
    in_modal: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A signed modal submission; ``metadata`` is what we put into it."""

    team_id: str
    user: str
    metadata: str
    values: Mapping[str, object]
    delivery_id: str
    origin: Origin | None = None


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
        in_modal=is_in_modal(body),
        origin=_origin(body, container, action),
    )


def is_in_modal(body: Mapping[str, object]) -> bool:
    """Tell whether it was clicked in a modal, on which another view may be pushed."""
    return mapping_of(body.get("view")).get("type") == "modal"


def _origin(
    body: Mapping[str, object],
    container: Mapping[str, object],
    action: Mapping[str, object],
) -> Origin | None:
    """Give where it was clicked; None in a thread, whose message its click edits."""
    channel = str(mapping_of(body.get("channel")).get("id", ""))
    if container.get("is_ephemeral") is not True and not channel.startswith(_DIRECT):
        return None
    at = str(action.get("action_ts", ""))
    return Origin(
        Kind.answer,
        team=str(mapping_of(body.get("team")).get("id", "")),
        channel=channel,
        thread_ts=str(container.get("thread_ts") or ""),
        url=str(body.get("response_url") or ""),
        at=float(at) if _STAMP.fullmatch(at) else 0.0,
        others=tuple(str(action.get("block_id", "")).split(" ")[1:]),
    )


def read_submission(body: Mapping[str, object]) -> Submission:
    view = mapping_of(body.get("view"))
    metadata, origin = split_origin(str(view.get("private_metadata", "")))
    values = mapping_of(storable_json(mapping_of(view.get("state")).get("values")))
    # A form that stayed open and was changed says something else than before.
    said = json.dumps(values, sort_keys=True)
    parts = (str(view.get("id", "")), str(view.get("hash", "")), said)
    return Submission(
        team_id=str(mapping_of(body.get("team")).get("id", "")),
        user=str(mapping_of(body.get("user")).get("id", "")),
        metadata=metadata,
        values=values,
        delivery_id=sha256("\0".join(parts).encode()).hexdigest(),
        origin=origin,
    )
