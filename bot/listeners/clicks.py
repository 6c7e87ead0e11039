"""
Buttons and modals: a listener stores one inbox row and acks, and decides nothing.

Whatever goes wrong is said to the person; nothing raises after the ack, since Bolt
loses an ack whose listener raises within ten milliseconds of it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.bounds import held
from bot.blocks.card_actions import (
    APPROVE,
    EDIT,
    GRANT,
    NO_EFFECT,
    REJECT,
    REVEAL,
    TOOK_EFFECT,
    UNDO,
    WHY,
)
from bot.blocks.decide import DECIDE_CALLBACK, TARGETS
from bot.blocks.edit_review import (
    CONFIRM_CALLBACK,
    read_confirmed,
    review,
)
from bot.blocks.home import Shown as Home
from bot.blocks.inputs import (
    read_checked,
    read_choice,
    read_toggles,
    read_words,
)
from bot.blocks.modals import (
    EDIT_CALLBACK,
    REJECT_CALLBACK,
    edit_view,
    loading_view,
    long_ones,
    message_view,
    read_edit,
    reject_view,
)
from bot.identity import NotHere, Shown, check_may, find_shown
from bot.listeners.answering import (
    NOT_ALL_SENT,
    NOT_SENT,
    NOT_STORED,
    answered,
    keep_open,
)
from bot.listeners.edits import read_second, show_diff, title
from bot.listeners.payload import Click, Submission, read_click, read_submission
from bot.metrics import Metrics
from bot.origin import Kind, Origin, stored, with_origin
from bot.outbound.client import OutboundClient
from bot.reasons import reasons
from gateway.redaction.redact import redact_text
from orchestrator.intake import Reception
from policy.people import People
from storage import inbox, proposals
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Delivery
from storage.proposals import Proposal
from storage.steps import Step

# Buttons that need no more words, and what each says.
_AT_ONCE = {
    APPROVE: "approve",
    GRANT: "grant",
    UNDO: "undo",
    TOOK_EFFECT: "took_effect",
    NO_EFFECT: "no_effect",
    REVEAL: "reveal",
}


@dataclass(frozen=True, slots=True)
class Clicks:
    """The listeners, over their process's database; ``renew`` makes a Home anew."""

    database: Database
    metrics: Metrics
    reception: Reception
    people: People
    renew: Callable[[OutboundClient, str, str, Home], Awaitable[None]]

    def register(self, app: AsyncApp) -> None:
        for action, verdict in _AT_ONCE.items():
            app.action(action)(self._keeper(verdict))
        app.action(REJECT)(self.open_reject)
        app.action(EDIT)(self.open_edit)
        app.action(WHY)(self.explain)
        app.view(REJECT_CALLBACK)(self.reject)
        app.view(EDIT_CALLBACK)(self.review)
        app.view(CONFIRM_CALLBACK)(self.confirm)
        app.view(DECIDE_CALLBACK)(self.decided)

    def _keeper(self, verdict: str) -> Callable[..., Awaitable[None]]:
        async def keep(
            ack: AsyncAck, body: dict[str, object], client: OutboundClient
        ) -> None:
            await self._keep(body, client, verdict)
            await ack()

        return keep

    async def _keep(
        self, body: dict[str, object], client: OutboundClient, verdict: str
    ) -> None:
        """Store a click that needs no more words."""
        click = read_click(body)

        async def store() -> None:
            shown = await find_shown(self.database, click.team_id, click.value)
            decision = {"verdict": verdict, **stored(click.origin)}
            await self.store(shown, click.delivery_id, click.user, decision)

        await answered(click, client, store)

    async def explain(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Say to the person why the card stands where it stands."""
        click = read_click(body)

        async def say() -> str:
            check_may(self.people, click.user, "read")
            shown = await find_shown(self.database, click.team_id, click.value)
            async with self.database.transaction(shown.scope, Step.read_view) as tx:
                proposal = await proposals.get(tx, shown.proposal_id)
                return "\n".join(await reasons(tx, proposal))

        await answered(click, client, say)
        await ack()

    async def open_reject(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)

        async def show() -> None:
            check_may(self.people, click.user, "act")
            view = reject_view(with_origin(click.value, click.origin))
            await client.views_open(trigger_id=click.trigger_id, view=dict(view))

        await answered(click, client, show)
        await ack()

    async def open_edit(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Open a loading modal at once, then fill it from the stored schema."""
        click = read_click(body)

        async def show() -> None:
            check_may(self.people, click.user, "act")
            opened = await client.views_open(
                trigger_id=click.trigger_id, view=dict(loading_view())
            )
            try:
                view = await self._edit_view(click)
            except (NotHere, StorageError) as exc:
                # Whispered below it, nobody would see it.
                view = message_view("Edit proposal", _why(exc))
            loaded: Mapping[str, str] = opened.get("view", {})
            await client.views_update(
                view_id=loaded.get("id"), hash=loaded.get("hash"), view=dict(view)
            )

        await answered(click, client, show)
        await ack()

    async def reject(self, ack: AsyncAck, body: dict[str, object]) -> None:
        sent = read_submission(body)
        each = [
            replace(sent, metadata=one, delivery_id=f"{sent.delivery_id}:{one}")
            for one in sent.metadata.split()
        ]
        await self._submit(
            ack,
            each if len(each) > 1 else [sent],
            {
                "verdict": "reject",
                "reason_code": read_choice(sent.values, "reason"),
                "comment": read_words(sent.values, "comment"),
                "new_plan": read_checked(sent.values, "again"),
            },
        )

    async def decided(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """
        Take the decision of a card that was opened from Home, or of several alike.

        Of several, each that was chosen is a click of its own.
        """
        sent = read_submission(body)
        words = [(Home.of_word(one), one) for one in sent.metadata.split()]
        home = next((one for one, _ in words if one is not None), None)
        shown = [word for one, word in words if one is None]
        origin = sent.origin
        if home is not None:
            origin = Origin(Kind.home, team=sent.team_id, home=home.word)
        sent = replace(sent, metadata=" ".join(shown), origin=origin)
        chosen = [one for one in read_toggles(sent.values, TARGETS) if one in shown]
        verdict = read_choice(sent.values, "verdict")
        decision: dict[str, object] = {
            "verdict": verdict,
            "comment": read_words(sent.values, "comment"),
        }
        if verdict == "reject":
            decision["reason_code"] = read_choice(sent.values, "reason")
            decision["new_plan"] = read_checked(sent.values, "again")
            if not decision["reason_code"]:
                await keep_open(ack, "Choose why.", "reason")
                return
        if len(shown) > 1 and not chosen:
            await keep_open(ack, "Choose at least one.", TARGETS)
            return
        each = [
            replace(sent, metadata=one, delivery_id=f"{sent.delivery_id}:{one}")
            for one in chosen
        ]
        told = each if len(shown) > 1 else [sent]
        is_stored = await self._submit(ack, told, decision)
        if home is not None and is_stored:
            await self.renew(client, sent.user, sent.team_id, home)

    async def review(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """
        Validate against the stored bounds in the ack, and show what would change.

        Errors land on their field; nothing is stored yet.
        """
        sent = read_submission(body)
        proposal = await self._edited(ack, sent, sent.metadata)
        if proposal is None:
            return
        if proposal.state != "needs_approval":
            await _say(ack, f"Already decided: {_words(proposal.state)}.")
            return
        was = proposal.params
        kept = long_ones(was)
        form = read_edit(proposal.params_schema, sent.values, kept=kept, was=was)
        form = held(proposal, form, sent.values, now=self._now())
        await show_diff(ack, proposal, form, sent)

    async def confirm(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """
        Store the edit that was shown; what was changed since is shown first.

        What has become wrong and has no field here is asked for in the first form.
        """
        sent = read_submission(body)
        value, shown = read_confirmed(sent.metadata)
        proposal = await self._edited(ack, sent, value)
        if proposal is None:
            return
        form = read_second(proposal, sent, now=self._now())
        found = None if form.errors else review(proposal, form)
        if found is None or found.digest != shown:
            await show_diff(ack, proposal, form, replace(sent, metadata=value))
            return
        await self._submit(
            ack,
            [replace(sent, metadata=value)],
            {
                "verdict": "edit",
                "params": dict(found.form.params),
                "reason_code": found.form.reason_code,
                "comment": found.form.comment,
            },
        )

    def _now(self) -> float:
        return self.database.now().timestamp()

    async def _edited(
        self, ack: AsyncAck, sent: Submission, value: str
    ) -> Proposal | None:
        """Give the proposal of an edit; None if the modal was told why not."""
        try:
            check_may(self.people, sent.user, "act")
            shown = await find_shown(self.database, sent.team_id, value)
            async with self.database.transaction(shown.scope, Step.read_view) as tx:
                return await proposals.get(tx, shown.proposal_id)
        except NotHere as exc:
            await _say(ack, str(exc))
        except StorageError:
            await keep_open(ack, NOT_SENT)
        return None

    async def _submit(
        self,
        ack: AsyncAck,
        each: Sequence[Submission],
        decision: Mapping[str, object],
    ) -> bool:
        """Store and answer; tell whether all was stored."""
        try:
            for place, sent in enumerate(each):
                told = {**decision, **stored(sent.origin, place)}
                shown = await find_shown(self.database, sent.team_id, sent.metadata)
                await self.store(shown, sent.delivery_id, sent.user, told)
        except NotHere as exc:
            await _say(ack, str(exc))
            return False
        except StorageError:
            await keep_open(ack, NOT_SENT if len(each) == 1 else NOT_ALL_SENT)
            return False
        await ack()
        return True

    async def _edit_view(self, click: Click) -> Mapping[str, object]:
        shown = await find_shown(self.database, click.team_id, click.value)
        async with self.database.transaction(shown.scope, Step.read_view) as tx:
            proposal = await proposals.get(tx, shown.proposal_id)
        if proposal.state != "needs_approval":
            return message_view(
                "Edit proposal", f"Already decided: {_words(proposal.state)}."
            )
        return edit_view(
            title(proposal),
            schema=proposal.params_schema,
            params=proposal.params,
            reason_code=proposal.reason_code,
            metadata=with_origin(click.value, click.origin),
        )

    async def store(
        self, shown: Shown, delivery_id: str, user: str, decision: Mapping[str, object]
    ) -> None:
        """Store one inbox row; the same delivery twice is one row."""
        self.metrics.clicks.labels(kind=str(decision["verdict"])).inc()
        hidden = self.reception.pseudonyms(shown.scope.tenant_id)
        comment = redact_text(str(decision.get("comment", "")), hidden)
        async with self.database.transaction(shown.scope, Step.store_click) as tx:
            await inbox.receive(
                tx,
                Delivery(
                    source="slack",
                    delivery_id=delivery_id,
                    kind="decision",
                    payload={
                        **decision,
                        **({"comment": comment} if comment else {}),
                        "proposal_id": shown.proposal_id,
                        "digest": shown.digest,
                        "slack_user": user,
                        "person": user,
                    },
                ),
            )


def _why(exc: NotHere | StorageError) -> str:
    return str(exc) if isinstance(exc, NotHere) else NOT_STORED


async def _say(ack: AsyncAck, text: str) -> None:
    await ack(response_action="update", view=dict(message_view("Ops Autopilot", text)))


def _words(state: str) -> str:
    return state.replace("_", " ")
