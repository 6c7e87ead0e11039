"""resolve_appeal: uphold or overturn what somebody appealed against."""

from typing import Literal

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.picked import pick
from gateway.tools.quantity import Opaque
from policy.tool_spec import ToolCategory


class AppealParams(Strict):
    appeal_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,80}$", title="Appeal")
    resolution: Literal["upheld", "overturned"] = Field(title="Resolution")


class AppealTarget(Strict):
    """The appeal as observed, without its words."""

    appeal_id: str
    user_id: str
    action: str
    subject_id: str
    status: str
    version: Opaque


def title(params: AppealParams) -> str:
    verb = "Uphold" if params.resolution == "upheld" else "Overturn"
    return f"{verb} what appeal {params.appeal_id} is against"


async def observe(params: AppealParams, ports: Ports) -> AppealTarget:
    return pick(AppealTarget, await ports.appeals.get(params.appeal_id))


async def estimate(
    params: AppealParams, before: AppealTarget, _ports: Ports
) -> Estimate:
    """Count the person who appealed; what is overturned is in force again no more."""
    stays = "stays" if params.resolution == "upheld" else "is taken back"
    return Estimate(
        amount=1,
        unit="people",
        text=f"1 person: {before.user_id}, against the {before.action} of "
        f"{before.subject_id}",
        cost=f"the {before.action} {stays}, and {before.user_id} is told",
    )


def describe(params: AppealParams, before: AppealTarget) -> tuple[str, str]:
    return before.status, params.resolution


async def execute(
    params: AppealParams, before: AppealTarget, ports: Ports, order: Order
) -> AppealTarget:
    found = await ports.appeals.resolve(
        params.appeal_id,
        resolution=params.resolution,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(AppealTarget, found)


def reconcile(params: AppealParams, before: AppealTarget, now: AppealTarget) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if now.status == params.resolution else Settled.unknown


async def verify(
    params: AppealParams, _before: AppealTarget, ports: Ports
) -> Verification:
    """Verified when it is resolved so, and what was overturned is really undone."""
    now = await observe(params, ports)
    if now.status != params.resolution:
        text = f"{now.appeal_id} is {now.status}"
        return Verification(done=False, text=text, measures={})
    if params.resolution == "upheld":
        text = f"{now.appeal_id}: the {now.action} stays"
        return Verification(done=True, text=text, measures={})
    state, restored = await _subject(now, ports)
    return Verification(
        done=restored or None, text=f"{now.subject_id} is {state}", measures={}
    )


def already(_params: AppealParams, before: AppealTarget) -> str | None:
    """An appeal is answered once, whichever way."""
    if before.status == "open":
        return None
    return f"appeal {before.appeal_id} is {before.status}"


async def _subject(appeal: AppealTarget, ports: Ports) -> tuple[str, bool]:
    """Give what the subject is now, and whether the action on it is undone."""
    if appeal.action == "ban":
        status = (await ports.accounts.get(appeal.subject_id)).status
        return status, status != "banned"
    status = (await ports.contents.get(appeal.subject_id)).status
    return status, status != "removed"


RESOLVE_APPEAL = WriteTool(
    name="resolve_appeal",
    version=1,
    category=ToolCategory.write_irreversible,
    params=AppealParams,
    state=AppealTarget,
    target_params=("appeal_id",),
    reason_codes=("reviewed", "policy_changed", "mistaken_action"),
    port=lambda ports: ports.appeals,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
)
