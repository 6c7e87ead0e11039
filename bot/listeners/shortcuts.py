"""Shortcuts: a task from a message, or from nothing, by a small form."""

from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.inputs import read_words
from bot.blocks.modals import message_view
from bot.blocks.opening import OPEN_CALLBACK, open_view, read_from
from bot.blocks.text import clean, mapping_of
from bot.identity import NotHere, find_scopes
from bot.listeners.answering import NOT_STORED, answered
from bot.listeners.payload import Click, Submission, read_click, read_submission
from bot.metrics import Metrics
from orchestrator import intake
from orchestrator.intake import Reception
from policy.people import People
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Delivery
from storage.tasks import Task

# The callback ids of the app's manifest.
TRIAGE = "ops_triage_message"
OPEN = "ops_open_task"
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
        self, ack: AsyncAck, body: dict[str, object], client: AsyncWebClient
    ) -> None:
        """Open the form; of a message its words are the first proposal."""
        message = mapping_of(body.get("message"))
        click = read_click(body)
        view = self._view(click, str(message.get("text") or ""))

        async def open_form() -> None:
            await client.views_open(trigger_id=click.trigger_id, view=dict(view))

        if click.channel:
            await answered(click, client, open_form)
        else:
            # A global shortcut has no channel to answer in: Slack marks it.
            await open_form()
        await ack()

    def _view(self, click: Click, words: str) -> Mapping[str, object]:
        if self.people.may(self.people.find_by_slack(click.user), "open"):
            return open_view(words)
        return message_view("Open a task", _NO_ENTRY)

    async def open(self, ack: AsyncAck, body: dict[str, object]) -> None:
        sent = read_submission(body)
        self.metrics.clicks.labels(kind="open").inc()
        try:
            task = await self._open(sent)
            said = (
                f"Opened task `{task.short_id}` in <#{task.channel}>."
                if task
                else "That request came before; its task is open already."
            )
        except NotHere as exc:
            said = clean(str(exc))
        except StorageError:
            said = NOT_STORED
        view = message_view("Open a task", "", mrkdwn=said)
        await ack(response_action="update", view=dict(view))

    async def _open(self, sent: Submission) -> Task | None:
        if not self.people.may(self.people.find_by_slack(sent.user), "open"):
            raise NotHere(_NO_ENTRY)
        scopes = await find_scopes(self.database, sent.team_id)
        title, service = read_from(sent.values)
        more = read_words(sent.values, "more")
        return await intake.open_by_person(
            self.database,
            scopes[0],
            delivery=Delivery(
                source="slack",
                delivery_id=f"open:{sent.delivery_id}",
                kind="open",
                payload={"user": sent.user},
            ),
            title=f"{title}: {more}" if more else title,
            service=service,
            reception=self.reception,
        )
