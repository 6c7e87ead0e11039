"""The button Evidence: what a card cites, and who has opened it."""

from dataclasses import dataclass
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.card_actions import EVIDENCE
from bot.blocks.evidence_view import Piece, evidence_view
from bot.identity import Shown, check_may, find_shown
from bot.listeners.answering import answered
from bot.listeners.payload import is_in_modal, read_click
from policy.event import Event
from policy.people import People
from storage import evidence_views, ledger, proposals, tasks, tool_calls
from storage.database import Database
from storage.steps import Step


@dataclass(frozen=True, slots=True)
class EvidenceClicks:
    """The listener, over its process's database."""

    database: Database
    people: People

    def register(self, app: AsyncApp) -> None:
        app.action(EVIDENCE)(self.open)

    async def open(
        self, ack: AsyncAck, body: dict[str, object], client: AsyncWebClient
    ) -> None:
        """Show it; that it was opened is kept for those who may decide."""
        click = read_click(body)

        async def show() -> None:
            person = check_may(self.people, click.user, "read")
            found: dict[UUID, Piece] = {}
            for value in click.value.split():
                shown = await find_shown(self.database, click.team_id, value)
                found |= await self._read(shown, person.id if person else None)
            view = dict(evidence_view(list(found.values())))
            # Over the modal in which it was asked for, or as one of its own.
            opened = client.views_push if is_in_modal(body) else client.views_open
            await opened(trigger_id=click.trigger_id, view=view)

        await answered(click, client, show)
        await ack()

    async def _read(self, shown: Shown, person: str | None) -> dict[UUID, Piece]:
        """Give what a card cites, numbered as in its thread; keep who opened it."""
        async with self.database.transaction(shown.scope, Step.store_click) as tx:
            proposal = await proposals.get(tx, shown.proposal_id)
            every = await tool_calls.list_evidence(tx, proposal.task_id)
            task = await tasks.get(tx, proposal.task_id)
            if person and await evidence_views.keep(tx, proposal.id, person):
                await ledger.append(
                    tx,
                    Event.task_evidence_opened,
                    actor=person,
                    task_id=proposal.task_id,
                    body={"proposal": proposal.id, "digest": proposal.digest},
                )
        return {
            one.id: Piece(task.short_id, number, one)
            for number, one in enumerate(every, 1)
            if str(one.id) in proposal.evidence_ids
        }
