"""
People of another workspace, met in a shared channel: never taken for one of ours.

A Slack id is unique within its workspace alone, and ``people.yaml`` names people by it.
So one that comes from elsewhere, and reads like one of ours, is refused in words before
any listener sees it. Every other of theirs goes on as what it is: nobody that we know.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from bot import posting
from bot.blocks.home import render_stranger
from bot.blocks.modals import message_view
from bot.blocks.text import mapping_of
from bot.identity import NotHere
from bot.listeners.answering import answered
from bot.listeners.payload import read_click
from bot.outbound.client import OutboundClient
from bot.slack_channel import SLACK_AWAY
from policy.people import People

NOT_OURS = "That is for people of this workspace with a role here; nothing was changed."


@dataclass(frozen=True, slots=True)
class Outsiders:
    """The middleware that stands before all listeners."""

    people: People

    async def turn_away(
        self, request: AsyncBoltRequest, next_: Callable[[], Awaitable[object]]
    ) -> BoltResponse | None:
        """Go on, or answer instead of the listener; None once it went on."""
        body: Mapping[str, object] = request.body
        if not (is_foreign(body) and self.people.find_by_slack(_user(body))):
            await next_()
            return None
        client = request.context.client
        if isinstance(client, OutboundClient):
            await _answer(body, client)
        return BoltResponse(status=200, body=_shown(body))


def is_foreign(body: Mapping[str, object]) -> bool:
    """Tell whether who acts is of another workspace than the one that it came to."""
    event, view = mapping_of(body.get("event")), mapping_of(body.get("view"))
    theirs = (
        mapping_of(body.get("user")).get("team_id")
        or event.get("user_team")
        or event.get("team")
    )
    ours = (
        view.get("app_installed_team_id")
        or mapping_of(body.get("team")).get("id")
        or body.get("team_id")
    )
    return bool(theirs and ours and theirs != ours)


def _user(body: Mapping[str, object]) -> str:
    event = mapping_of(body.get("event"))
    return str(mapping_of(body.get("user")).get("id") or event.get("user") or "")


def _shown(body: Mapping[str, object]) -> dict[str, object] | str:
    if body.get("type") != "view_submission":
        return ""
    view = dict(message_view("Ops Autopilot", NOT_OURS))
    return {"response_action": "update", "view": view}


async def _answer(body: Mapping[str, object], client: OutboundClient) -> None:
    """Say it where it was clicked or written; a form is answered by itself."""
    event, user = mapping_of(body.get("event")), _user(body)
    kind, channel = event.get("type"), str(event.get("channel", ""))
    try:
        if kind == "app_home_opened":
            await client.views_publish(user_id=user, view=dict(render_stranger()))
        elif kind == "app_mention":
            thread_ts = str(event.get("thread_ts") or "") or None
            await posting.whisper(
                client, channel, user, NOT_OURS, None, thread_ts=thread_ts
            )
        elif event.get("channel_type") == "im":
            await posting.post(client, channel, NOT_OURS, None)
        elif not event and body.get("type") != "view_submission":
            await answered(read_click(body), client, _refuse)
    except (SlackApiError, *SLACK_AWAY) as exc:
        structlog.get_logger().warning("outsider.unanswered", error=str(exc))


async def _refuse() -> None:
    raise NotHere(NOT_OURS)
