"""The buttons of a root message: take over, stop, hand back, close."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.card_actions import WITHDRAW
from bot.blocks.inputs import read_words
from bot.blocks.modals import CLOSE_CALLBACK, close_view, message_view
from bot.blocks.root import CLOSE, HAND_BACK, TAKE
from bot.identity import NotHere, find_shown, find_task, read_value
from bot.listeners.answering import NOT_SENT, Shown, answered, keep_open
from bot.listeners.payload import read_click, read_submission
from bot.metrics import Metrics
from bot.outbound.client import OutboundClient
from gateway.redaction.redact import redact_text
from orchestrator.acting import Seen, Wish, act
from orchestrator.intake import Reception
from orchestrator.withdrawing import withdraw
from policy.acts import Act
from policy.people import People
from policy.person import Person
from storage.database import Database
from storage.errors import StorageError

_AT_ONCE = {TAKE: Act.take, HAND_BACK: Act.hand_back}


@dataclass(frozen=True, slots=True)
class TaskClicks:
    """The listeners, over their process's database."""

    database: Database
    metrics: Metrics
    reception: Reception
    people: People

    def register(self, app: AsyncApp) -> None:
        for action, wanted in _AT_ONCE.items():
            app.action(action)(self._doer(wanted))
        app.action(CLOSE)(self.open_close)
        app.action(WITHDRAW)(self.withdraw)
        app.view(CLOSE_CALLBACK)(self.close)

    def _doer(self, wanted: Act) -> Callable[..., Awaitable[None]]:
        async def do(
            ack: AsyncAck, body: dict[str, object], client: OutboundClient
        ) -> None:
            click = read_click(body)

            async def acted() -> str | Shown:
                person = self._person(click.user)
                task = await find_task(self.database, click.team_id, click.value)
                self.metrics.clicks.labels(kind=wanted.value).inc()
                _, owner = read_value(click.value)
                wish = Wish(wanted, person, click.delivery_id, seen=Seen(owner))
                said = await act(self.database, task, wish)
                return Shown(said.text) if said.is_done else said.text

            await answered(click, client, acted)
            await ack()

        return do

    async def withdraw(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Take back a grant, from the card that it came with."""
        click = read_click(body)

        async def acted() -> str:
            person = self._person(click.user)
            shown = await find_shown(self.database, click.team_id, click.value)
            self.metrics.clicks.labels(kind="withdraw").inc()
            grant, _ = read_value(shown.digest)
            return await withdraw(self.database, shown.scope, grant, by=person.id)

        await answered(click, client, acted)
        await ack()

    async def open_close(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)

        async def show() -> None:
            self._person(click.user)
            view: Mapping[str, object] = close_view(click.value)
            await client.views_open(trigger_id=click.trigger_id, view=dict(view))

        await answered(click, client, show)
        await ack()

    async def close(self, ack: AsyncAck, body: dict[str, object]) -> None:
        sent = read_submission(body)
        try:
            person = self._person(sent.user)
            task = await find_task(self.database, sent.team_id, sent.metadata)
            self.metrics.clicks.labels(kind=Act.close.value).inc()
            hidden = self.reception.pseudonyms(task.tenant_id)
            note = redact_text(read_words(sent.values, "comment"), hidden)
            _, owner = read_value(sent.metadata)
            wish = Wish(Act.close, person, sent.delivery_id, note, Seen(owner))
            said = (await act(self.database, task, wish)).text
        except NotHere as exc:
            said = str(exc)
        except StorageError:
            await keep_open(ack, NOT_SENT)
            return
        view = dict(message_view("Close task", said))
        await ack(response_action="update", view=view)

    def _person(self, user: str) -> Person:
        """
        Give who clicks, if they may act here at all.

        Raises:
            NotHere: they may not.
        """
        person = self.people.find_by_slack(user)
        if person is None or not self.people.may(person, "act"):
            raise NotHere("That is for people with a role here; nothing was changed.")
        return person
