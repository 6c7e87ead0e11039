"""Decisions on a folded card: each that is chosen is a click of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.fold import APPROVE, REJECT, TARGETS, read_chosen
from bot.blocks.modals import reject_view
from bot.identity import Shown, check_may, find_shown
from bot.listeners.answering import NOT_ALL, answered
from bot.listeners.payload import read_click
from bot.origin import stored, with_origin
from bot.outbound.client import OutboundClient
from policy.people import People
from storage.database import Database
from storage.errors import StorageError

_NONE = "Choose at least one target above; nothing was decided."


@dataclass(frozen=True, slots=True)
class Folds:
    """The listeners; ``store`` keeps one click, as of a card of its own."""

    database: Database
    people: People
    store: Callable[[Shown, str, str, Mapping[str, object]], Awaitable[None]]

    def register(self, app: AsyncApp) -> None:
        app.action(TARGETS)(self.toggled)
        app.action(APPROVE)(self.approve)
        app.action(REJECT)(self.open_reject)

    async def toggled(self, ack: AsyncAck) -> None:
        """Slack keeps what is set, and sends it with the button."""
        await ack()

    async def approve(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)

        async def keep() -> str | None:
            chosen = read_chosen(body, click.value.split())
            for place, one in enumerate(chosen):
                try:
                    shown = await find_shown(self.database, click.team_id, one)
                    key = f"{click.delivery_id}:{one}"
                    decision = {"verdict": "approve", **stored(click.origin, place)}
                    await self.store(shown, key, click.user, decision)
                except StorageError as exc:
                    if place == 0:
                        raise
                    log = structlog.get_logger()
                    log.warning("click.not_all_stored", stored=place, error=str(exc))
                    return NOT_ALL
            return None if chosen else _NONE

        await answered(click, client, keep)
        await ack()

    async def open_reject(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)

        async def show() -> str | None:
            check_may(self.people, click.user, "act")
            chosen = read_chosen(body, click.value.split())
            if not chosen:
                return _NONE
            view = dict(reject_view(with_origin(" ".join(chosen), click.origin)))
            await client.views_open(trigger_id=click.trigger_id, view=view)
            return None

        await answered(click, client, show)
        await ack()
