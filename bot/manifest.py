"""
The app as Slack knows it: its manifest, and each scope with its reason.

``manifest.yaml`` is this for a made-up host; ``autopilot slack manifest`` prints it for
yours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from bot.listeners.shortcuts import OPEN, TRIAGE

EXAMPLE_URL = "https://ops.example.com"
_PATH = "/slack/events"
_HEAD = "# Create New App → From a manifest, at api.slack.com/apps."


@dataclass(frozen=True, slots=True)
class AskedScope:
    """
    A scope of the bot's token, and what stops without it.

    ``needed``: nothing works without it. ``optional``: asked for apart; a workspace may
    leave it out.
    """

    name: str
    reason: str
    without: str
    needed: bool = False
    optional: bool = False


def asked_scopes() -> tuple[AskedScope, ...]:
    return (
        AskedScope(
            "chat:write", "threads, cards, answers", "nothing is posted", needed=True
        ),
        AskedScope("commands", "/ops and the shortcuts", "no command", needed=True),
        AskedScope(
            "channels:history",
            "look a message up before it is posted again",
            "after a crash a thread could be posted twice, so it is not posted",
            needed=True,
        ),
        AskedScope(
            "app_mentions:read", "@Ops Autopilot take", "mentions are not heard"
        ),
        AskedScope("im:history", "direct messages with the app", "they are not heard"),
        AskedScope(
            "im:write",
            "find a person's direct message before it is sent again",
            "after a lost reply of Slack's a direct message may come twice",
        ),
        AskedScope(
            "files:write",
            "pictures of the evidence",
            "findings come without pictures",
        ),
        AskedScope(
            "groups:history",
            "the same as channels:history, in private channels",
            "routes may name public channels alone",
            optional=True,
        ),
    )


def needed_scopes() -> frozenset[str]:
    return frozenset(one.name for one in asked_scopes() if one.needed)


def make_manifest(url: str) -> Mapping[str, object]:
    """
    Give the manifest of an app whose web process is reached at ``url``.

    Without one it is heard over Socket Mode.
    """
    events = {"request_url": url.rstrip("/") + _PATH} if url else {}
    scopes = asked_scopes()
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Ops Autopilot",
            "description": "Proposes, asks, and acts once you approve",
            "background_color": "#0f766e",
        },
        "features": _features(events),
        "oauth_config": {
            "scopes": {
                "bot": [one.name for one in scopes if not one.optional],
                "bot_optional": [one.name for one in scopes if one.optional],
            }
        },
        "settings": {
            "event_subscriptions": {
                **events,
                "bot_events": ["app_home_opened", "app_mention", "message.im"],
            },
            "interactivity": {"is_enabled": True, **events},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _features(events: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "ops-autopilot", "always_online": True},
        "slash_commands": [
            {
                "command": "/ops",
                **({"url": events["request_url"]} if events else {}),
                "description": "Open a task, or see what waits",
                "usage_hint": "[help | open | tasks | approve]",
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {
                "name": "Triage with Autopilot",
                "type": "message",
                "callback_id": TRIAGE,
                "description": "Open a task from this message",
            },
            {
                "name": "Open a task",
                "type": "global",
                "callback_id": OPEN,
                "description": "Say what is wrong",
            },
        ],
    }


def manifest_text(url: str) -> str:
    """Give it as YAML to paste at api.slack.com/apps; "" as in ``make_manifest``."""
    reasons = {one.name: one.reason for one in asked_scopes()}
    dumped = yaml.safe_dump(make_manifest(url), sort_keys=False, width=88)
    return "\n".join([_HEAD, *_lines(dumped, reasons)])


def _lines(dumped: str, reasons: Mapping[str, str]) -> Iterator[str]:
    for line in dumped.splitlines():
        reason = reasons.get(line.strip().removeprefix("- "))
        yield f"{line}  # {reason}" if reason else line
    yield ""


def scopes_table() -> str:
    """Give the scopes as docs/slack-install.md shows them."""
    rows = ["| scope | why | without it |", "| --- | --- | --- |"]
    for one in asked_scopes():
        kind = " (optional)" if one.optional else ""
        rows.append(f"| `{one.name}`{kind} | {one.reason} | {one.without} |")
    return "\n".join(rows)
