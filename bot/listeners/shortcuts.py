"""Shortcuts: a task from a message, or from nothing, by a small form."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.inputs import read_choice
from bot.blocks.modals import message_view
from bot.blocks.opening import (
    ENVIRONMENT,
    OPEN_CALLBACK,
    open_view,
    read_from,
    too_long,
    words_of,
)
from bot.blocks.text import clean, mapping_of
from bot.environments import NoEnvironment, names_of, pick
from bot.identity import NotHere, find_scopes
from bot.listeners.answering import NOT_SENT, answered, keep_open
from bot.listeners.payload import Click, Submission, read_click, read_submission
from bot.metrics import Metrics
from bot.outbound.client import OutboundClient
from orchestrator import intake
from orchestrator.intake import Reception
from policy.environment import find_default
from policy.people import People
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Delivery

# The callback ids of the app's manifest.
TRIAGE = "ops_triage_message"
OPEN = "ops_open_task"
_OPEN_ANEW = "this form has no environment to choose; please open it anew"
# A form opens within three seconds of its click, or not at all.
_LOOK_SECONDS = 1.0
_NO_ENTRY = "Opening tasks is for people with a role here; nothing was opened."


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """The listeners, over their process's database."""

    database: Database
    metrics: Metrics
    reception: Reception
    people: People

    def register(self, app: AsyncApp) -> None:
        for callback in (TRIAGE, OPEN):
            app.shortcut(callback)(self.show)
        app.view(OPEN_CALLBACK)(self.open)

    async def show(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Open the form; of a message its words are the first proposal."""
        message = mapping_of(body.get("message"))
        click = read_click(body)
        view = await self._view(click, words_of(message))

        async def open_form() -> None:
            await client.views_open(trigger_id=click.trigger_id, view=dict(view))

        if click.channel:
            await answered(click, client, open_form)
        else:
            # A global shortcut has no channel to answer in: Slack marks it.
            await open_form()
        await ack()

    async def _view(self, click: Click, words: str) -> Mapping[str, object]:
        if not self.people.may(self.people.find_by_slack(click.user), "open"):
            return message_view("Open a task", _NO_ENTRY)
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                names = names_of(await find_scopes(self.database, click.team_id))
        except (NotHere, StorageError, TimeoutError):
            # Sending the form says so, and keeps what was typed.
            names = []
        return open_view(words, names, find_default(names))

    async def open(self, ack: AsyncAck, body: dict[str, object]) -> None:
        sent = read_submission(body)
        self.metrics.clicks.labels(kind="open").inc()
        title, service = read_from(sent.values)
        if said := too_long(title):
            await keep_open(ack, said, "more")
            return
        try:
            said = await self._open(sent, title, service)
        except NoEnvironment as exc:
            await keep_open(ack, f"Nothing was opened: {exc}.", "more")
            return
        except NotHere as exc:
            said = clean(str(exc))
        except StorageError:
            await keep_open(ack, NOT_SENT, "more")
            return
        view = message_view("Open a task", "", mrkdwn=said)
        await ack(response_action="update", view=dict(view))

    async def _open(self, sent: Submission, title: str, service: str | None) -> str:
        if not self.people.may(self.people.find_by_slack(sent.user), "open"):
            raise NotHere(_NO_ENTRY)
        scopes = await find_scopes(self.database, sent.team_id)
        chosen = read_choice(sent.values, ENVIRONMENT)
        if len(scopes) > 1 and ENVIRONMENT not in sent.values:
            # The form was made while nobody could look up which there are.
            raise NoEnvironment(_OPEN_ANEW)
        scope = pick(scopes, chosen or None)
        opened = await intake.open_by_person(
            self.database,
            scope,
            delivery=Delivery(
                source="slack",
                delivery_id=f"open:{sent.delivery_id}",
                kind="open",
                payload={"user": sent.user},
            ),
            title=title,
            service=service,
            reception=self.reception,
        )
        where = f" ({scope.environment})" if len(scopes) > 1 else ""
        task, how = opened.task, "Opened already:" if opened.again else "Opened"
        return f"{how} task `{task.short_id}` in <#{task.channel}>{where}."
