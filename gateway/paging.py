"""
A page: somebody is called because Slack did not reach a person.

Theory of operation. The row waits in the outbox; one call at a time has it, under a
lease. What the pager refuses, or keeps failing on, is over, with its reason in ledger
and thread. A page whose answer was lost is sent again: its key names one incident.
Nothing that a person must decide depends on it. Once its card needs nobody any more, a
second row ends the incident by the same key, after every call that may have begun it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog

from gateway.gate import Gate
from gateway.ports import ConnectorError, NotConfigured, Page, Refused
from gateway.veil import told
from policy.alert import Severity
from policy.event import Event
from policy.scope import Scope
from storage import ledger, outbox, posts, proposals, tasks
from storage.canonical import plain
from storage.database import Tx
from storage.outbox import Post
from storage.steps import Effect, Step
from wire.control import PageAnswer, PageRequest

MOST_TRIES = 20
_OVER = "page_over"
_DEADLINE_SECONDS = 20.0
# Longer than a call takes: who has the page still has it.
_LEASE_SECONDS = _DEADLINE_SECONDS + 5.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 5.0, 300.0


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came of one try: ``failed`` None is a success."""

    taken: bool = True
    failed: str | None = None
    passes: bool = False
    retry_after: float = 0.0
    configured: bool = True


async def page(gate: Gate, request: PageRequest) -> PageAnswer:
    """
    Send one page, if it still waits.

    Raises:
        RefusedCall: it is another environment's.
    """
    scope = Scope(request.tenant_id, request.environment)
    gate.check_environment(scope)
    post_id = request.post_id
    async with gate.database.transaction(scope, Step.page_begun) as tx:
        waiting = await _begin(tx, post_id)
    if isinstance(waiting, PageAnswer):
        return waiting
    sent = _Sent(failed="no call of it ever ended")
    if waiting.attempts <= MOST_TRIES:
        sent = await _send(gate, waiting.kind, _page_of(scope, waiting))
    async with gate.database.transaction(scope, Step.page_settled) as tx:
        await tasks.get(tx, waiting.task_id, lock=True)
        if await _waiting(tx, post_id) is None:
            return _over()
        return await _settle(gate, tx, waiting, sent)


async def _begin(tx: Tx, post_id: UUID) -> Post | PageAnswer:
    """Take the page, unless another call has it or nobody needs to hear it."""
    seen = await _waiting(tx, post_id)
    if seen is None:
        return _over()
    task = await tasks.get(tx, seen.task_id, lock=True)
    if not await outbox.begin_page(tx, post_id, lease_seconds=_LEASE_SECONDS):
        wait = _LEASE_SECONDS
        return PageAnswer(code="waits", text="not yet", retry_after_seconds=wait)
    unwanted = task.muted_by is not None or not await _is_wanted(tx, seen)
    if unwanted and seen.kind != _OVER:
        await outbox.mark_superseded(tx, post_id)
        return PageAnswer(code="over", text="decided or muted meanwhile")
    return await _waiting(tx, post_id) or _over()


async def _is_wanted(tx: Tx, waiting: Post) -> bool:
    """Tell whether its card waits, and is not one before that was asked anew."""
    proposal = await proposals.get(tx, _proposal_of(waiting))
    is_its_card = waiting.slot == posts.page_slot(proposal)
    return is_its_card and proposal.state in proposals.WAITING


def _proposal_of(waiting: Post) -> UUID:
    return UUID(str(waiting.payload["proposal_id"]))


def _over() -> PageAnswer:
    return PageAnswer(code="over", text="settled already")


async def _waiting(tx: Tx, post_id: UUID) -> Post | None:
    post = await outbox.find(tx, post_id)
    return post if post and post.state in {"pending", "sending"} else None


def _page_of(scope: Scope, waiting: Post) -> Page:
    """Say on a phone what is to be decided, by whom, and where."""
    read = waiting.payload
    _, _, place = waiting.slot.partition(":")
    named = read.get("roles")
    roles = " or ".join(map(str, named)) if isinstance(named, list) else ""
    may = "who may carry it out" if read.get("drafted") else "who may approve"
    return Page(
        key=f"ops-autopilot:{place}",
        summary=f"{read['title']}: {read['action']}? {read['cause']}",
        severity=Severity(str(read["severity"])),
        service=str(read.get("service") or ""),
        environment=scope.environment,
        details={
            "task": str(read["short_id"]),
            "asked for": str(read["action"]),
            "why you are called": str(read["cause"]),
            may: roles,
            "where": f"Slack: /ops task {read['short_id']}",
            **_without_slack(scope, read),
        },
    )


def _without_slack(scope: Scope, read: Mapping[str, object]) -> Mapping[str, str]:
    """Say how to decide in a terminal; what was carried out is noted in Slack alone."""
    if read.get("drafted"):
        return {}
    return {"without Slack": terminal_words(scope, str(read["proposal_id"]))}


def terminal_words(scope: Scope, proposal_id: str) -> str:
    """Give what is typed to approve; only its reader knows the words in capitals."""
    return (
        f"autopilot approve {proposal_id} --tenant {scope.tenant_id} "
        f"--environment {scope.environment} --person YOUR_ID_IN_PEOPLE_YAML "
        "--key YOUR_KEY_FILE"
    )


async def _send(gate: Gate, kind: str, wanted: Page) -> _Sent:
    pager = gate.ports.pager
    try:
        async with (
            gate.database.effect(Effect.page_send),
            asyncio.timeout(_DEADLINE_SECONDS),
        ):
            call = pager.resolve if kind == _OVER else pager.page
            return _Sent(taken=await call(wanted))
    except NotConfigured as exc:
        return _Sent(failed=str(exc), configured=False)
    except Refused as exc:
        return _Sent(failed=str(exc))
    except ConnectorError as exc:
        return _Sent(failed=str(exc), passes=True, retry_after=exc.retry_after or 0.0)
    except TimeoutError:
        said = f"the pager did not answer within {_DEADLINE_SECONDS:.0f} s"
        return _Sent(failed=said, passes=True)


async def _settle(gate: Gate, tx: Tx, waiting: Post, sent: _Sent) -> PageAnswer:
    """Store what came of it; a try that may pass leaves the page waiting."""
    tries = waiting.attempts
    reason = await told(gate, tx, waiting.task_id, sent.failed or "", outside=True)
    if reason and sent.passes and tries < MOST_TRIES:
        grown = min(_FIRST_WAIT_SECONDS * 2 ** (tries - 1), _LONGEST_WAIT_SECONDS)
        wait = max(grown, sent.retry_after)
        await outbox.put_back_page(tx, waiting.id, error=reason, wait_seconds=wait)
        return PageAnswer(code="waits", text="not sent yet", retry_after_seconds=wait)
    body: dict[str, object] = {
        "proposal": _proposal_of(waiting),
        "cause": waiting.payload["cause"],
        "tries": tries,
    }
    if reason:
        structlog.get_logger().warning("gateway.page_failed", reason=reason)
        await outbox.mark_unsent(tx, waiting.id, error=reason, dead=True)
        await _tell_failed(tx, waiting, {**body, "error": reason}, sent)
        return PageAnswer(code="over", text="not sent")
    await outbox.mark_sent(tx, waiting)
    if waiting.kind == _OVER:
        if sent.taken:
            await _log(tx, waiting, Event.task_page_resolved, body)
        return PageAnswer(code="over", text="resolved")
    await _log(tx, waiting, Event.task_paged, {**body, "called": sent.taken})
    if sent.taken:
        await _say(tx, waiting, "The pager was called: nobody has answered here.")
    return PageAnswer(code="over", text="sent" if sent.taken else "too mild to call")


async def _tell_failed(
    tx: Tx, waiting: Post, body: dict[str, object], sent: _Sent
) -> None:
    """Keep what failed; a person hears of it if a call of theirs did, or stands."""
    over = waiting.kind == _OVER
    if over and not sent.configured:
        return
    await _log(tx, waiting, Event.task_page_failed, {**body, "resolving": over})
    if over:
        said = f"The pager still calls: {body['error']}. Resolve it there by hand."
        task = await tasks.get(tx, waiting.task_id)
        proposal = await proposals.get(tx, _proposal_of(waiting))
        await posts.post_reminder(tx, task, proposal, paged=said)
    elif sent.configured:
        await _say(tx, waiting, f"Nobody could be called: {body['error']}")


async def _say(tx: Tx, waiting: Post, said: str) -> None:
    """Tell it in the thread, unless somebody has decided while it was sent."""
    if not await _is_wanted(tx, waiting):
        return
    task = await tasks.get(tx, waiting.task_id)
    proposal = await proposals.get(tx, _proposal_of(waiting))
    await posts.post_reminder(tx, task, proposal, paged=said)


async def _log(tx: Tx, waiting: Post, event: Event, body: dict[str, object]) -> None:
    await ledger.append(
        tx, event, actor="gateway", task_id=waiting.task_id, body=plain(body)
    )
