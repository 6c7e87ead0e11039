"""Write the payloads that Slack sends to an app."""

import secrets
from dataclasses import dataclass

from lab.json_object import JsonObject
from lab.slack.directory import (
    APP_ID,
    BOT_USER,
    TEAM_DOMAIN,
    TEAM_ID,
    Channel,
    Person,
)
from lab.slack.message import Message
from lab.slack.views import OpenView

VERIFICATION_TOKEN = "lab-verification-token"  # noqa: S105 - deprecated by Slack, not a secret


@dataclass(frozen=True)
class Ticket:
    """What lets the app answer a click: three seconds, and thirty minutes."""

    trigger_id: str
    response_url: str = ""


def command_form(
    person: Person,
    channel: Channel,
    ticket: Ticket,
    *,
    command: str,
    text: str,
    thread_ts: str | None,
) -> dict[str, str]:
    """`thread_ts` is the lab's own addition: Slack has no commands in threads."""
    form = {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.channel_id,
        "channel_name": channel.name,
        "user_id": person.user_id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": ticket.response_url,
        "trigger_id": ticket.trigger_id,
    }
    return form | ({"thread_ts": thread_ts} if thread_ts else {})


def click_payload(
    person: Person,
    action: JsonObject,
    ticket: Ticket,
    *,
    channel: Channel,
    message: Message,
    rendered: JsonObject,
) -> JsonObject:
    """Write a click in a message; `rendered` is the message as Slack shows it."""
    is_ephemeral = message.only_for is not None
    container: JsonObject = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.channel_id,
        "is_ephemeral": is_ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = envelope("block_actions", person) | {
        "container": container,
        "trigger_id": ticket.trigger_id,
        "response_url": ticket.response_url,
        "channel": {"id": channel.channel_id, "name": channel.name},
        "state": {"values": {}},
        "actions": [action],
    }
    return payload if is_ephemeral else payload | {"message": rendered}


def view_click_payload(
    person: Person, action: JsonObject, ticket: Ticket, opened: OpenView
) -> JsonObject:
    return envelope("block_actions", person) | {
        "container": {"type": "view", "view_id": opened.view_id},
        "trigger_id": ticket.trigger_id,
        "view": opened.body,
        "actions": [action],
    }


def submission_payload(person: Person, ticket: Ticket, opened: OpenView) -> JsonObject:
    return envelope("view_submission", person) | {
        "trigger_id": ticket.trigger_id,
        "view": opened.body,
        "response_urls": [],
    }


def closed_payload(person: Person, opened: OpenView, *, is_cleared: bool) -> JsonObject:
    return envelope("view_closed", person) | {
        "view": opened.body,
        "is_cleared": is_cleared,
    }


def shortcut_payload(
    person: Person, ticket: Ticket, *, callback_id: str, now: float
) -> JsonObject:
    """Write a global shortcut: it has neither channel nor response URL."""
    return envelope("shortcut", person) | {
        "callback_id": callback_id,
        "trigger_id": ticket.trigger_id,
        "action_ts": f"{now:.6f}",
    }


def message_action_payload(
    person: Person,
    ticket: Ticket,
    *,
    callback_id: str,
    channel: Channel,
    rendered: JsonObject,
    now: float,
) -> JsonObject:
    """Write a shortcut on a message; `rendered` is the message as Slack shows it."""
    return envelope("message_action", person) | {
        "callback_id": callback_id,
        "trigger_id": ticket.trigger_id,
        "response_url": ticket.response_url,
        "action_ts": f"{now:.6f}",
        "message_ts": rendered["ts"],
        "channel": {"id": channel.channel_id, "name": channel.name},
        "message": rendered,
    }


def event_callback(event: JsonObject, *, now: float) -> JsonObject:
    """Wrap an event as the Events API delivers it."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(now),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def message_event(message: Message, channel: Channel, *, mention: bool) -> JsonObject:
    """Write what a person said, as `app_mention` or as a direct `message`."""
    event: JsonObject = {
        "type": "app_mention" if mention else "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": TEAM_ID,
        "channel": channel.channel_id,
        "event_ts": message.ts,
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    if channel.is_direct:
        event["channel_type"] = "im"
    return event


def envelope(kind: str, person: Person) -> JsonObject:
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": person.user_id,
            "username": person.name,
            "name": person.name,
            "team_id": TEAM_ID,
        },
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
    }
