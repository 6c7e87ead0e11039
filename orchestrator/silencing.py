"""Silences: made by a person, for a time, with a reason; planned work is in routes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from orchestrator.matching import fits, make_pattern
from orchestrator.reasons import hidden_reason
from policy.errors import PolicyError
from policy.event import Event
from policy.scope import Scope
from storage import ledger, silences
from storage.database import Database
from storage.silences import Silence
from storage.steps import Step

LONGEST = timedelta(days=30)


class BadSilence(Exception):
    """A wish that makes no sense; the message is for its author."""


def covers(silence: Silence, labels: Mapping[str, str]) -> bool:
    """
    Tell whether a silence holds for these labels: all that it names must match.

    One whose pattern does not compile (any more) hides nothing.
    """
    try:
        return all(
            fits(make_pattern(value, path="silence", line=0), labels.get(name, ""))
            for name, value in silence.labels.items()
        )
    except PolicyError:
        return False


async def silence(
    database: Database,
    scope: Scope,
    labels: Mapping[str, str],
    *,
    lasts: timedelta,
    reason: str,
    by: str,
) -> Silence:
    """
    Hold back what these labels name; alerts are kept, and open what still fires after.

    Raises:
        BadSilence: no labels, no reason, a time out of bounds, or a broken pattern.
    """
    if not labels:
        raise BadSilence("name at least one label: a silence of everything hides fire")
    if not reason.strip():
        raise BadSilence("say why: the reason stands in the ledger")
    if not timedelta(0) < lasts <= LONGEST:
        raise BadSilence("a silence lasts up to 30 days; write 30m, 2h or 1d")
    for name, value in labels.items():
        try:
            make_pattern(value, path=name, line=0)
        except PolicyError as exc:
            raise BadSilence(f"label {name}: {exc.what}") from exc
    kept = hidden_reason(reason)[:300]
    async with database.transaction(scope, Step.set_up) as tx:
        made = await silences.create(
            tx,
            labels,
            reason=kept,
            by=by,
            ends_at=tx.now + lasts,
        )
        await ledger.append(
            tx,
            Event.alerts_silenced,
            actor=by,
            task_id=None,
            body={
                "silence": made.id,
                "labels": dict(labels),
                "reason": made.reason,
                "until": made.ends_at.isoformat(),
            },
        )
    return made


async def end_silence(
    database: Database, scope: Scope, short_id: str, *, by: str
) -> Silence:
    """
    End a silence now; what waited for it opens.

    Raises:
        BadSilence: none of this id holds.
    """
    async with database.transaction(scope, Step.set_up) as tx:
        active = await silences.list_active(tx)
        found = [one for one in active if one.short_id == short_id]
        if not found:
            known = ", ".join(one.short_id for one in active) or "none"
            raise BadSilence(
                f"no silence {short_id} holds here; those that do: {known}"
            )
        await silences.end(tx, found[0].id, by=by)
        await ledger.append(
            tx,
            Event.silence_ended,
            actor=by,
            task_id=None,
            body={"silence": found[0].id},
        )
    return found[0]


async def list_silences(database: Database, scope: Scope) -> Sequence[Silence]:
    """Give those that hold now."""
    async with database.transaction(scope, Step.look) as tx:
        return await silences.list_active(tx)
