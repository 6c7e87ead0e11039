"""Drafts: a person opens the admin page, carries it out, and marks it done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.card_actions import ADMIN_PAGE, CARRIED_OUT
from bot.blocks.inputs import read_words
from bot.blocks.modals import DONE_CALLBACK, done_view, message_view
from bot.identity import NotHere, Shown, check_may, find_shown
from bot.listeners.answering import NOT_SENT, answered, keep_open
from bot.listeners.payload import read_click, read_submission
from bot.origin import stored, with_origin
from bot.outbound.client import OutboundClient
from policy.people import People
from storage.database import Database
from storage.errors import StorageError


@dataclass(frozen=True, slots=True)
class Drafts:
    """The listeners; ``store`` keeps one click, as of any other button."""

    database: Database
    people: People
    store: Callable[[Shown, str, str, Mapping[str, object]], Awaitable[None]]

    def register(self, app: AsyncApp) -> None:
        app.action(ADMIN_PAGE)(self.opened)
        app.action(CARRIED_OUT)(self.ask)
        app.view(DONE_CALLBACK)(self.done)

    async def opened(self, ack: AsyncAck) -> None:
        """Slack opens the address itself, and wants an answer all the same."""
        await ack()

    async def ask(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)

        async def show() -> None:
            check_may(self.people, click.user, "act")
            view = dict(done_view(with_origin(click.value, click.origin)))
            await client.views_open(trigger_id=click.trigger_id, view=view)

        await answered(click, client, show)
        await ack()

    async def done(self, ack: AsyncAck, body: dict[str, object]) -> None:
        sent = read_submission(body)
        decision = {
            "verdict": "carried_out",
            "comment": read_words(sent.values, "comment"),
            **stored(sent.origin),
        }
        try:
            shown = await find_shown(self.database, sent.team_id, sent.metadata)
            await self.store(shown, sent.delivery_id, sent.user, decision)
        except NotHere as exc:
            view = dict(message_view("Mark done", str(exc)))
            await ack(response_action="update", view=view)
            return
        except StorageError:
            await keep_open(ack, NOT_SENT)
            return
        await ack()
