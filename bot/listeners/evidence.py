"""The button Evidence: what a card cites, and who has opened it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.card_actions import EVIDENCE
from bot.blocks.evidence_view import BACK, MORE, WHOLE, Piece, evidence_view, whole_view
from bot.blocks.text import mapping_of, texts_of
from bot.identity import NotHere, Shown, check_may, find_shown
from bot.listeners.answering import answered
from bot.listeners.payload import Click, is_in_modal, read_click
from bot.outbound.client import OutboundClient
from policy.event import Event
from policy.people import People
from storage import evidence_views, ledger, outbox, proposals, tasks, tool_calls
from storage.database import Database
from storage.proposals import Proposal
from storage.steps import Step


@dataclass(frozen=True, slots=True)
class EvidenceClicks:
    """The listener, over its process's database."""

    database: Database
    people: People

    def register(self, app: AsyncApp) -> None:
        app.action(EVIDENCE)(self.open)
        app.action(WHOLE)(self.open_whole)
        for turn in (MORE, BACK):
            app.action(turn)(self.turn)

    async def open(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Show it; that it was opened is kept for those who may decide."""
        click = read_click(body)

        async def show() -> None:
            pieces = await self._pieces(click, click.value.split())
            view = dict(evidence_view(pieces))
            # Over the modal in which it was asked for, or as one of its own.
            opened = client.views_push if is_in_modal(body) else client.views_open
            await opened(trigger_id=click.trigger_id, view=view)

        await answered(click, client, show)
        await ack()

    async def turn(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Show other pieces in place of those that are shown."""
        click = read_click(body)
        after, _, values = click.value.partition(" ")

        async def show() -> None:
            pieces = await self._pieces(click, values.split())
            view = evidence_view(pieces, int(after) if after.isdecimal() else 0)
            view_id = str(mapping_of(body.get("view")).get("id", ""))
            await client.views_update(view_id=view_id, view=dict(view))

        await answered(click, client, show)
        await ack()

    async def _pieces(self, click: Click, values: Sequence[str]) -> list[Piece]:
        """Give what these cards cite, once each."""
        person = check_may(self.people, click.user, "read")
        found: dict[UUID, Piece] = {}
        for value in values:
            shown = await find_shown(self.database, click.team_id, value)
            found |= await self._read(shown, person.id if person else None, value)
        return list(found.values())

    async def open_whole(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Show one piece with every row, over the view that shows a part of it."""
        click = read_click(body)

        async def show() -> None:
            person = check_may(self.people, click.user, "read")
            value, _, wanted = click.value.partition(" ")
            shown = await find_shown(self.database, click.team_id, value)
            found = await self._read(shown, person.id if person else None, value)
            piece = next(
                (one for one in found.values() if str(one.evidence.id) == wanted), None
            )
            if piece is None:
                raise NotHere("That piece of evidence is not one that the card cites.")
            await client.views_push(
                trigger_id=click.trigger_id, view=dict(whole_view(piece))
            )

        await answered(click, client, show)
        await ack()

    async def _read(
        self, shown: Shown, person: str | None, value: str
    ) -> dict[UUID, Piece]:
        """
        Give what a card cites, what findings say first; keep who opened it.

        Numbered as in its thread; an undo cites the evidence of what it takes back,
        which may stand in another.
        """
        async with self.database.transaction(shown.scope, Step.store_click) as tx:
            proposal = await proposals.get(tx, shown.proposal_id)
            of_task = proposal.task_id
            if proposal.undoes is not None:
                of_task = (await proposals.get(tx, proposal.undoes)).task_id
            every = await tool_calls.list_evidence(tx, of_task)
            task = await tasks.get(tx, of_task)
            if person and await evidence_views.keep(tx, proposal.id, person):
                await ledger.append(
                    tx,
                    Event.task_evidence_opened,
                    actor=person,
                    task_id=proposal.task_id,
                    body={"proposal": proposal.id, "digest": proposal.digest},
                )
            findings = await outbox.find_payload(tx, of_task, "evidence")
        elsewhere = of_task != proposal.task_id
        said = _said(findings or {}, proposal)
        pieces = [
            Piece(
                task.short_id,
                number,
                one,
                value,
                said.get(str(one.id), ()),
                elsewhere=elsewhere,
            )
            for number, one in enumerate(every, 1)
            if str(one.id) in proposal.evidence_ids
        ]
        order = list(said)
        pieces.sort(
            key=lambda one: (
                order.index(str(one.evidence.id))
                if str(one.evidence.id) in order
                else len(order)
            )
        )
        return {one.evidence.id: one for one in pieces}


def _said(
    findings: Mapping[str, object], proposal: Proposal
) -> Mapping[str, tuple[str, ...]]:
    """Give for each piece the findings that cite it, and what the card would act on."""
    acts_on = tuple(str(one) for one in proposal.params.values() if one)
    said: dict[str, tuple[str, ...]] = {}
    found = findings.get("findings")
    for finding in found if isinstance(found, list) else []:
        facts = mapping_of(finding)
        for one in texts_of(facts.get("evidence_ids")):
            said[one] = (*said.get(one, acts_on), str(facts.get("text", "")))
    return {
        **said,
        **{one: acts_on for one in proposal.evidence_ids if one not in said},
    }
