"""
The courier: outbox to Slack, one writer for each thread.

Theory of operation. A thread with something to send is claimed under a lease. Its posts
go out root first, then by lane; of a slot's waiting versions only the highest is sent.
Before each send the row is marked ``sending`` in a transaction of its own. A row found
so was sent by a courier that died before it could note the answer: the channel is
searched for its metadata before anything is posted again, so that no second thread is
opened. How often Slack is written to is one budget for all couriers (``SendBudget``):
what it does not let go yet waits in its row.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from cryptography.fernet import Fernet, InvalidToken

from bot.answers import say_answer
from bot.blocks.permalink import permalink
from bot.blocks.render import UnknownKind, render
from bot.blocks.root import Rendered
from bot.blocks.text import mapping_of
from bot.links import Links
from bot.reminding import as_it_stands
from bot.send_budget import SendBudget
from bot.slack_channel import Key, SlackAway, SlackChannel, SlackRefused
from bot.waiting import held, is_orphan, latest, method_of
from policy.event import Event
from policy.scope import Scope
from storage import ledger, outbox, pictures, proposals, tasks, threads
from storage.database import Database
from storage.doorbell import Doorbell
from storage.errors import LeaseLost, StorageError
from storage.outbox import Lane, Post
from storage.steps import Effect, Step
from storage.threads import Message, Place, Thread

_POLL_SECONDS = 2.0
_AGAIN_SECONDS = 1.0
_WRITERS = 8
# A thread that Slack's limits hold is looked at again after this, or sooner.
_LONGEST_WAIT_SECONDS = 2.0
# A thread that meets a bug of ours is tried again after this.
_BUG_SECONDS = 60.0
# So often the files' own host may fail before findings go without a picture.
_MOST_UPLOADS = 2
# Messages that lead to the evidence above them, and where that stands.
_CITING = frozenset({"card", "fold"})
_EVIDENCE, _ROOT = "evidence", "root"
_NO_ROOT = "the thread's root message could not be posted"


@dataclass(frozen=True, slots=True)
class Courier:
    """One process's courier; ``name`` tells it from others in leases."""

    name: str
    database: Database
    slack: SlackChannel
    links: Links
    reveal_key: str
    budget: SendBudget
    lease_seconds: int = 30

    async def run(self, bell: Doorbell) -> None:
        """Deliver until cancelled, several threads at once."""
        async with asyncio.TaskGroup() as group:
            free = asyncio.Semaphore(_WRITERS)
            while True:
                await free.acquire()
                claimed = await self._claim()
                if claimed is None:
                    free.release()
                    await bell.wait(_POLL_SECONDS)
                    continue
                job = group.create_task(self._deliver_thread(*claimed))
                job.add_done_callback(lambda _: free.release())

    async def deliver_next(self) -> bool:
        """Deliver one thread's posts; False if nothing waits."""
        claimed = await self._claim()
        if claimed is None:
            return False
        await self._deliver_thread(*claimed)
        return True

    async def _claim(self) -> tuple[Scope, UUID] | None:
        try:
            async with self.database.dispatch(Step.claim_thread) as tx:
                return await threads.claim(
                    tx, owner=self.name, lease_seconds=self.lease_seconds
                )
        except StorageError as exc:
            structlog.get_logger().warning("courier.claim", error=str(exc))
            await asyncio.sleep(_AGAIN_SECONDS)
            return None

    async def _deliver_thread(self, scope: Scope, task_id: UUID) -> None:
        """Send what waits until nothing does, then give the thread back."""
        log = structlog.get_logger().bind(task=str(task_id))
        wait_seconds, channel = 0.0, ""
        try:
            while True:
                async with self.database.transaction(scope, Step.look) as tx:
                    waiting = latest(await outbox.list_waiting(tx, task_id))
                    thread = await threads.get(tx, task_id)
                    known = await threads.find_messages(tx, task_id)
                    paused = held(waiting, known, tx.now)
                channel = thread.channel
                post, wait_seconds = await self._choose(waiting, paused, thread, known)
                if post is None:
                    break
                if is_orphan(post, thread):
                    await self._put_back(scope, post, _NO_ROOT, dead=True)
                    continue
                news = await self._as_it_stands(scope, post, thread, known)
                if news is not None:
                    await self._send(scope, news, thread, known)
        except SlackAway as exc:
            log.warning("courier.slack_away", error=str(exc))
            wait_seconds = exc.retry_seconds
            if exc.over_rate:
                await self.budget.close(exc.over_rate, channel, exc.retry_seconds)
        except LeaseLost as exc:
            log.info("courier.lease_lost", error=str(exc))
            return
        except StorageError as exc:
            log.warning("courier.storage", error=str(exc))
            return
        except Exception:  # One thread's fault must not stop the others.
            log.exception("courier.bug")
            wait_seconds = _BUG_SECONDS
        await self._release(scope, task_id, wait_seconds)

    async def _choose(
        self,
        waiting: Sequence[Post],
        paused: Mapping[str, float],
        thread: Thread,
        known: Mapping[str, Message],
    ) -> tuple[Post | None, float]:
        """Give the first post that may go; else None, and the seconds to wait."""
        waits = [*paused.values()]
        for post in waiting:
            if post.slot in paused:
                continue
            if is_orphan(post, thread):
                return post, 0.0
            method = method_of(post, known)
            wait = await self.budget.take(method, thread.channel, Lane(post.lane))
            if wait <= 0:
                return post, 0.0
            waits.append(wait)
            if thread.ts is None:
                # Its replies need the root.
                break
        # Not longer at once: what a person waits for may come meanwhile.
        return None, min([*waits, _LONGEST_WAIT_SECONDS] if waits else [0.0])

    async def _as_it_stands(
        self, scope: Scope, waiting: Post, thread: Thread, known: Mapping[str, Message]
    ) -> Post | None:
        """Give what is to be sent; None of a reminder that nobody needs any more."""
        if waiting.kind != "reminder":
            return waiting
        async with self.database.transaction(scope, Step.look) as tx:
            now, is_needed = await as_it_stands(tx, waiting)
        if is_needed or waiting.slot in known:
            return now
        if waiting.attempts > 0 and await self._find(waiting, thread) is not None:
            return now
        async with self.database.transaction(scope, Step.message_sent) as tx:
            await outbox.mark_superseded(tx, waiting.id)
        return None

    async def _send(
        self,
        scope: Scope,
        waiting: Post,
        thread: Thread,
        known: Mapping[str, Message],
    ) -> None:
        """Intent, Slack, outcome."""
        async with self.database.transaction(scope, Step.message_intent) as tx:
            if not await threads.renew(
                tx, thread.task_id, owner=self.name, lease_seconds=self.lease_seconds
            ):
                raise LeaseLost(f"thread {thread.task_id}: another courier has it")
            await outbox.mark_sending(tx, waiting.id)
        try:
            facts = await self._with_files(scope, waiting, self._opened(waiting))
            facts = _timed(waiting.kind, facts, self.database.now())
            if waiting.kind in _CITING:
                facts = _with_address(facts, known, await self.links.base())
            ts = await self._say(waiting, thread, known.get(waiting.slot), facts)
        except SlackAway as exc:
            await self._put_back(scope, waiting, str(exc), dead=False)
            raise
        except (SlackRefused, UnknownKind) as exc:
            structlog.get_logger().error("courier.refused", error=str(exc))
            await self._put_back(scope, waiting, str(exc), dead=True)
            return
        await self._note(scope, waiting, thread.channel, ts)

    async def _say(
        self,
        waiting: Post,
        thread: Thread,
        known: Message | None,
        facts: Mapping[str, object],
    ) -> str:
        """Send it, if need be without its pictures; the message's ts, if it has one."""
        if waiting.kind == "answer":
            now = self.database.now().timestamp()
            async with self.database.effect(Effect.slack_send):
                await say_answer(self.slack, waiting, thread, facts, now)
            return ""
        message = render(waiting.kind, facts)
        try:
            async with self.database.effect(Effect.slack_send):
                return await self._send_once(waiting, thread, known, message)
        except SlackRefused as exc:
            if not facts.get("pictures"):
                raise
            structlog.get_logger().error("courier.no_picture", error=str(exc))
        bare = render(waiting.kind, {**facts, "pictures": []})
        async with self.database.effect(Effect.slack_send):
            return await self._send_once(waiting, thread, known, bare)

    async def _send_once(
        self, waiting: Post, thread: Thread, known: Message | None, message: Rendered
    ) -> str:
        if known is not None:
            await self.slack.edit(known.channel, known.ts, message)
            return known.ts
        return await self._post(waiting, thread, message)

    async def _with_files(
        self, scope: Scope, waiting: Post, facts: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Give Slack the pictures that it has not, and name its files."""
        wanted = facts.get("pictures")
        if not isinstance(wanted, list) or not wanted:
            return facts
        named = [
            await self._with_file(scope, waiting, mapping_of(one)) for one in wanted
        ]
        return {**facts, "pictures": named}

    async def _with_file(
        self, scope: Scope, waiting: Post, wanted: Mapping[str, object]
    ) -> Mapping[str, object]:
        """
        Upload once; findings go without a picture that Slack does not take.

        A few tries in vain and they go without, too: behind them waits a card.
        A courier that dies in between leaves a file that nobody sees.
        """
        picture_id = UUID(str(wanted["id"]))
        async with self.database.transaction(scope, Step.look) as tx:
            picture = await pictures.get(tx, picture_id)
        file_id = picture.file_id
        if file_id is None and picture.png is not None:
            try:
                file_id = await self.slack.upload(picture.png, alt=picture.alt)
            except SlackRefused as exc:
                structlog.get_logger().error("courier.no_picture", error=str(exc))
                return wanted
            except SlackAway as exc:
                if waiting.attempts < _MOST_UPLOADS:
                    raise
                structlog.get_logger().error("courier.no_picture", error=str(exc))
                return wanted
            async with self.database.transaction(scope, Step.message_sent) as tx:
                await pictures.keep_file(tx, picture_id, file_id)
        return {**wanted, "file_id": file_id}

    async def _post(self, waiting: Post, thread: Thread, message: Rendered) -> str:
        """Post a slot's first version, unless it stands in Slack already."""
        key = Key(str(waiting.task_id), waiting.slot)
        if waiting.attempts > 0:
            found = await self._find(waiting, thread)
            if found is not None:
                await self.slack.edit(thread.channel, found, message)
                return found
        return await self.slack.post(
            thread.channel, message, thread_ts=thread.ts, key=key
        )

    async def _find(self, waiting: Post, thread: Thread) -> str | None:
        return await self.slack.find(
            thread.channel,
            Key(str(waiting.task_id), waiting.slot),
            thread_ts=thread.ts,
            since=waiting.created_at.timestamp() - 60,
        )

    def _opened(self, waiting: Post) -> Mapping[str, object]:
        """Open what the gateway sealed for one person's eyes; it is not stored so."""
        sealed = waiting.payload.get("sealed")
        if waiting.kind != "answer" or not isinstance(sealed, str):
            return waiting.payload
        try:
            values = Fernet(self.reveal_key).decrypt(sealed).decode()
        except InvalidToken:
            values = "It can't be opened: REVEAL_KEY differs from the gateway's."
        return {**waiting.payload, "text": f"{waiting.payload.get('text')}\n{values}"}

    async def _note(self, scope: Scope, waiting: Post, channel: str, ts: str) -> None:
        async with self.database.transaction(scope, Step.message_sent) as tx:
            await outbox.mark_sent(tx, waiting)
            if waiting.kind == "answer":
                await outbox.forget_secrets(tx, waiting)
            if ts:
                await threads.keep_message(
                    tx,
                    waiting.task_id,
                    Message(waiting.slot, channel, ts, waiting.version, tx.now),
                )
            cards = _cards_in(waiting)
            if cards:
                # Task before proposal, as whoever decides on it locks them.
                await tasks.get(tx, waiting.task_id, lock=True)
            for card in cards:
                proposal_id = UUID(str(card["proposal_id"]))
                if await proposals.keep_delivery(tx, proposal_id):
                    body = {"proposal": proposal_id, "digest": card.get("digest")}
                    await ledger.append(
                        tx,
                        Event.task_card_shown,
                        actor="courier",
                        task_id=waiting.task_id,
                        body={**body, "channel": channel, "ts": ts},
                    )

    async def _put_back(
        self, scope: Scope, waiting: Post, error: str, *, dead: bool
    ) -> None:
        async with self.database.transaction(scope, Step.message_sent) as tx:
            await outbox.mark_unsent(tx, waiting.id, error=error, dead=dead)
            if dead and waiting.kind == "answer":
                await outbox.forget_secrets(tx, waiting)

    async def _release(self, scope: Scope, task_id: UUID, wait_seconds: float) -> None:
        try:
            async with self.database.transaction(scope, Step.release_thread) as tx:
                later = (
                    tx.now + timedelta(seconds=wait_seconds) if wait_seconds else None
                )
                await threads.release(tx, task_id, owner=self.name, not_before_at=later)
        except StorageError as exc:
            structlog.get_logger().warning("courier.release", error=str(exc))


def _timed(
    kind: str, facts: Mapping[str, object], now: datetime
) -> Mapping[str, object]:
    """
    Say on a card that is shown for the first time when its time is over.

    Its time counts from its delivery, which is noted right behind: nothing later.
    """
    if kind == "fold":
        found = facts.get("cards")
        cards = [mapping_of(one) for one in found] if isinstance(found, list) else []
        return {**facts, "cards": [_timed("card", one, now) for one in cards]}
    seconds = facts.get("expires_in_seconds")
    if kind != "card" or facts.get("expires_at") or not isinstance(seconds, int):
        return facts
    return {**facts, "expires_at": now.timestamp() + seconds}


def _cards_in(waiting: Post) -> list[Mapping[str, object]]:
    """Give the facts of each card that a post has people decide on."""
    if waiting.kind == "card":
        return [waiting.payload]
    found = waiting.payload.get("cards") if waiting.kind == "fold" else None
    return [mapping_of(one) for one in found] if isinstance(found, list) else []


def _with_address(
    facts: Mapping[str, object], known: Mapping[str, Message], base: str
) -> Mapping[str, object]:
    """Give a card, or each of a shared one, the address of its thread's evidence."""
    above, root = known.get(_EVIDENCE), known.get(_ROOT)
    if above is None or root is None:
        return facts
    where = {"evidence_at": permalink(base, Place(above.channel, above.ts, root.ts))}
    cards = facts.get("cards")
    if not isinstance(cards, list):
        return {**facts, **where}
    return {**facts, "cards": [{**mapping_of(one), **where} for one in cards]}
