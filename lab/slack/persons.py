"""Do what a person does at a client: commands, clicks, submissions."""

import json
from dataclasses import dataclass

from lab.json_object import JsonObject
from lab.slack.ack import apply_command_ack, apply_submission_ack
from lab.slack.action import NoSuchOption, render_action
from lab.slack.courier import Courier, Outcome
from lab.slack.directory import BOT_USER
from lab.slack.elements import find_element
from lab.slack.input_state import (
    Values,
    complete_state,
    keep_choice,
    message_state,
)
from lab.slack.message import Message, render_message
from lab.slack.payloads import (
    Ticket,
    click_payload,
    closed_payload,
    command_form,
    event_callback,
    message_action_payload,
    message_event,
    shortcut_payload,
    submission_payload,
    view_click_payload,
)
from lab.slack.refusal import SlackRefusal
from lab.slack.response_urls import ResponseUrl
from lab.slack.views import OpenView
from lab.slack.workspace import Workspace


class NothingThere(Exception):
    """What the person wanted to touch is gone or never was."""


class InputRefused(Exception):
    """Slack's client would not send this modal; `errors` are by block id."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(f"inputs are not complete: {errors}")
        self.errors = errors


@dataclass(frozen=True)
class Click:
    """`is_stale` sends a button that has gone from the message."""

    action_id: str
    block_id: str | None = None
    value: str | None = None
    chosen: object = None
    is_stale: bool = False


class Persons:
    def __init__(self, workspace: Workspace, courier: Courier) -> None:
        self._workspace = workspace
        self._courier = courier
        # What each person has set in a message, by its id: Slack sends it with a click.
        self._set: dict[tuple[str, str, str], Values] = {}

    async def command(
        self,
        user: str,
        channel_id: str,
        *,
        command: str,
        text: str,
        thread_ts: str | None,
    ) -> Outcome:
        person = self._workspace.person(user)
        channel = self._workspace.channel(channel_id)
        spot = ResponseUrl(
            user, channel.channel_id, self._workspace.clock(), thread_ts=thread_ts
        )
        form = command_form(
            person,
            channel,
            self._ticket(user, spot),
            command=command,
            text=text,
            thread_ts=thread_ts,
        )
        outcome = await self._courier.deliver("command", user, form)
        if outcome.ok:
            apply_command_ack(self._workspace, spot, outcome.body)
        else:
            self._note(spot, f"{command} failed with the error “{outcome.error}”")
        return outcome

    async def say(
        self, user: str, channel_id: str, *, text: str, thread_ts: str | None
    ) -> Message:
        """Say it; the app is told of what is said to it, and of nothing else."""
        person = self._workspace.person(user)
        channel = self._workspace.channel(channel_id)
        if channel.is_direct and channel.owner != user:
            raise SlackRefusal("channel_not_found")
        message = self._workspace.say(
            Message(channel.channel_id, "", person.user_id, text, thread_ts=thread_ts)
        )
        mention = f"<@{BOT_USER}>" in text and not channel.is_direct
        if mention or channel.is_direct:
            event = message_event(message, channel, mention=mention)
            await self._tell(user, event)
        return message

    async def open_home(self, user: str) -> Outcome:
        """Look at the app's Home; the app is told with what stands there."""
        person = self._workspace.person(user)
        home = self._workspace.views.home(user)
        event: JsonObject = {
            "type": "app_home_opened",
            "user": person.user_id,
            "channel": f"D{user[1:]}",
            "tab": "home",
            "event_ts": f"{self._workspace.clock():.6f}",
        }
        return await self._tell(user, event | ({"view": home.body} if home else {}))

    async def shortcut(self, user: str, callback_id: str) -> Outcome:
        """Use a global shortcut."""
        person, now = self._workspace.person(user), self._workspace.clock()
        payload = shortcut_payload(
            person, self._ticket(user), callback_id=callback_id, now=now
        )
        return await self._deliver(user, payload)

    async def message_shortcut(
        self, user: str, callback_id: str, *, channel_id: str, message_ts: str
    ) -> Outcome:
        """Use a shortcut on a message, or raise NothingThere."""
        person = self._workspace.person(user)
        channel = self._workspace.channel(channel_id)
        message = self._workspace.messages.find(channel.channel_id, message_ts)
        if message is None or message.only_for not in (None, user):
            raise NothingThere(f"{user} sees no message {message_ts} in {channel_id}")
        now = self._workspace.clock()
        spot = ResponseUrl(user, channel.channel_id, now, message_ts=message.ts)
        payload = message_action_payload(
            person,
            self._ticket(user, spot),
            callback_id=callback_id,
            channel=channel,
            rendered=self._rendered(message),
            now=now,
        )
        outcome = await self._deliver(user, payload)
        if not outcome.ok:
            self._note(spot, f"The app did not respond: “{outcome.error}”")
        return outcome

    async def click(
        self, user: str, channel_id: str, message_ts: str, click: Click
    ) -> Outcome:
        """Click, or raise NothingThere."""
        person = self._workspace.person(user)
        channel = self._workspace.channel(channel_id)
        message = self._visible(user, channel.channel_id, message_ts, click)
        action = self._action(message.blocks, click)
        held = self._set.setdefault((user, channel.channel_id, message.ts), {})
        keep_choice(held, action)
        spot = ResponseUrl(
            user,
            channel.channel_id,
            self._workspace.clock(),
            message_ts=message.ts,
            thread_ts=message.thread_ts,
        )
        payload = click_payload(
            person,
            action,
            self._ticket(user, spot),
            channel=channel,
            message=message,
            rendered=self._rendered(message),
        )
        payload["state"] = {"values": message_state(message.blocks or [], held)}
        outcome = await self._deliver(user, payload)
        if not outcome.ok:
            self._note(spot, f"The app did not respond: “{outcome.error}”")
        return outcome

    async def click_in_view(
        self, user: str, view_id: str, click: Click, typed: Values
    ) -> Outcome:
        """Click, or raise NothingThere."""
        person, opened = self._workspace.person(user), self._opened(user, view_id)
        self._type(opened, typed)
        action = self._action(opened.body["blocks"], click)
        payload = view_click_payload(person, action, self._ticket(user), opened)
        outcome = await self._deliver(user, payload)
        opened.trouble = "" if outcome.ok else trouble(outcome)
        self._workspace.changes.announce()
        return outcome

    async def submit(self, user: str, view_id: str, typed: Values) -> Outcome:
        """Submit, or raise NothingThere or InputRefused."""
        person, opened = self._workspace.person(user), self._opened(user, view_id)
        errors = self._type(opened, typed)
        if errors:
            opened.errors = errors
            self._workspace.changes.announce()
            raise InputRefused(errors)
        payload = submission_payload(person, self._ticket(user), opened)
        outcome = await self._deliver(user, payload)
        opened.errors, opened.trouble = {}, "" if outcome.ok else trouble(outcome)
        if outcome.ok:
            apply_submission_ack(self._workspace, opened, outcome.body)
        self._workspace.changes.announce()
        return outcome

    async def close(self, user: str, view_id: str) -> Outcome:
        """Tell the app only if the view asked to be told.

        Raises: NothingThere.
        """
        person, opened = self._workspace.person(user), self._opened(user, view_id)
        self._workspace.views.close(opened)
        self._workspace.changes.announce()
        if not opened.body["notify_on_close"]:
            return Outcome(200, "", 0.0)
        return await self._deliver(
            user, closed_payload(person, opened, is_cleared=False)
        )

    async def _tell(self, user: str, event: JsonObject) -> Outcome:
        now = self._workspace.clock()
        callback = event_callback(event, now=now)
        return await self._courier.deliver_event(user, callback)

    async def _deliver(self, user: str, payload: JsonObject) -> Outcome:
        form = {"payload": json.dumps(payload)}
        return await self._courier.deliver(str(payload["type"]), user, form)

    def _ticket(self, user: str, spot: ResponseUrl | None = None) -> Ticket:
        now = self._workspace.clock()
        url = self._workspace.response_urls.issue(spot) if spot else ""
        return Ticket(self._workspace.triggers.issue(user, now=now), url)

    def _visible(
        self, user: str, channel: str, message_ts: str, click: Click
    ) -> Message:
        message = self._workspace.messages.find(channel, message_ts)
        if message is None and click.is_stale:
            return Message(channel, message_ts, "U0AUTOPILOT", "")
        if message is None or message.only_for not in (None, user):
            raise NothingThere(f"{user} sees no message {message_ts} in {channel}")
        return message

    def _action(self, blocks: list[JsonObject] | None, click: Click) -> JsonObject:
        now = self._workspace.clock()
        found = find_element(
            blocks,
            action_id=click.action_id,
            block_id=click.block_id,
            value=click.value,
        )
        if found is None and click.is_stale:
            found = click.block_id or "", stale_button(click)
        if found is None:
            raise NothingThere(f"no {click.action_id} to click in this message")
        block_id, element = found
        try:
            return render_action(element, block_id, click.chosen, now=now)
        except NoSuchOption as gone:
            raise NothingThere(str(gone)) from gone

    def _opened(self, user: str, view_id: str) -> OpenView:
        opened = self._workspace.views.find(view_id)
        if opened is None or opened.user != user:
            raise NothingThere(f"{user} has no open view {view_id}")
        return opened

    def _type(self, opened: OpenView, typed: Values) -> dict[str, str]:
        blocks, state = opened.body["blocks"], opened.body["state"]["values"]
        whole, errors = complete_state(blocks, state, typed)
        opened.body["state"] = {"values": whole}
        return errors

    def _rendered(self, message: Message) -> JsonObject:
        replies = self._workspace.messages.replies(message) if message.is_root else []
        return render_message(message, replies)

    def _note(self, spot: ResponseUrl, text: str) -> None:
        """Show Slackbot's red note to the one person."""
        self._workspace.say(
            Message(
                channel=spot.channel,
                ts="",
                user="USLACKBOT",
                text=text,
                thread_ts=spot.thread_ts,
                only_for=spot.user,
                is_error=True,
            )
        )


def stale_button(click: Click) -> JsonObject:
    button: JsonObject = {
        "type": "button",
        "action_id": click.action_id,
        "text": {"type": "plain_text", "text": click.action_id, "emoji": True},
    }
    return button | ({} if click.value is None else {"value": click.value})


def trouble(outcome: Outcome) -> str:
    return f"We had some trouble connecting ({outcome.error}). Try again?"
