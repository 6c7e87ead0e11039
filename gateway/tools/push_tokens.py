"""revoke_push_tokens: take a user's devices off push, softly."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import (
    INTERNAL,
    UNDO,
    Estimate,
    Order,
    Settled,
    Strict,
    Verification,
    WriteTool,
)
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque
from gateway.tools.user import USER_ID
from policy.tool_spec import ToolCategory


class PushParams(Strict):
    """``revoked`` False gives the tokens back: what an undo needs."""

    user_id: str = Field(pattern=USER_ID, title="User")
    revoked: bool = Field(default=True, json_schema_extra=INTERNAL)


class PushTarget(Strict):
    """The user's push tokens as observed; revoked ones are kept."""

    user_id: str
    push_tokens: Count
    push_revoked: bool
    version: Opaque


def title(params: PushParams) -> str:
    verb = "Revoke" if params.revoked else "Restore"
    return f"{verb} the push tokens of {params.user_id}"


async def observe(params: PushParams, ports: Ports) -> PushTarget:
    return pick(PushTarget, await ports.accounts.get(params.user_id))


async def estimate(params: PushParams, before: PushTarget, _ports: Ports) -> Estimate:
    """Count the push tokens that change, as the account holds them."""
    tokens = before.push_tokens if params.revoked != before.push_revoked else 0
    ends = "get no push" if params.revoked else "get push again"
    return Estimate(
        amount=tokens,
        unit="push tokens",
        text=f"{tokens} push tokens of {before.user_id}",
        cost=f"{tokens} devices of one user {ends}",
    )


def describe(params: PushParams, before: PushTarget) -> tuple[str, str]:
    return (
        _say(before, revoked=before.push_revoked),
        _say(before, revoked=params.revoked),
    )


async def execute(
    params: PushParams, before: PushTarget, ports: Ports, order: Order
) -> PushTarget:
    found = await ports.accounts.set_push(
        params.user_id,
        revoked=params.revoked,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(PushTarget, found)


def reconcile(params: PushParams, before: PushTarget, now: PushTarget) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    meant = now.push_revoked == params.revoked
    return Settled.applied if meant else Settled.unknown


async def verify(params: PushParams, _before: PushTarget, ports: Ports) -> Verification:
    """Verified when the account says so."""
    now = await observe(params, ports)
    return Verification(
        done=now.push_revoked == params.revoked,
        text=f"{now.user_id}: {_say(now, revoked=now.push_revoked)}",
        measures={"push_tokens": float(now.push_tokens)},
    )


def already(params: PushParams, before: PushTarget) -> str | None:
    if params.revoked != before.push_revoked:
        nothing = params.revoked and before.push_tokens == 0
        return f"{before.user_id} has no push tokens" if nothing else None
    return f"{before.user_id}: {_say(before, revoked=before.push_revoked)}"


def undo(params: PushParams, before: PushTarget) -> PushParams:
    return PushParams(user_id=params.user_id, revoked=before.push_revoked)


def _say(target: PushTarget, *, revoked: bool) -> str:
    word = "revoked" if revoked else "in use"
    return f"{target.push_tokens} push tokens {word}"


REVOKE_PUSH_TOKENS = WriteTool(
    name="revoke_push_tokens",
    version=1,
    category=ToolCategory.write_reversible,
    params=PushParams,
    state=PushTarget,
    target_params=("user_id",),
    reason_codes=("account_takeover", "spam", "user_request", UNDO),
    port=lambda ports: ports.accounts,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
    undo=undo,
)
