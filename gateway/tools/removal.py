"""remove_content: take one piece of content, and what hangs on it, out of sight."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.content import CONTENT_ID
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque
from policy.tool_spec import ToolCategory


class RemovalParams(Strict):
    content_id: str = Field(pattern=CONTENT_ID, title="Content")


class RemovalTarget(Strict):
    """The content as observed, without its words."""

    content_id: str
    author_id: str
    kind: str
    status: str
    views_last_hour: Count
    thread_size: Count
    version: Opaque


def title(params: RemovalParams) -> str:
    return f"Remove content {params.content_id}"


async def observe(params: RemovalParams, ports: Ports) -> RemovalTarget:
    return pick(RemovalTarget, await ports.contents.get(params.content_id))


async def estimate(
    _params: RemovalParams, before: RemovalTarget, _ports: Ports
) -> Estimate:
    """Count the pieces that go with it: itself and its thread."""
    pieces = max(1, before.thread_size)
    return Estimate(
        amount=pieces,
        unit="pieces of content",
        text=f"{pieces:,} pieces of content, {before.views_last_hour:,} views an hour",
        cost=f"the {before.kind} of {before.author_id} and its thread are gone",
    )


def describe(_params: RemovalParams, before: RemovalTarget) -> tuple[str, str]:
    return before.status, "removed"


async def execute(
    params: RemovalParams, before: RemovalTarget, ports: Ports, order: Order
) -> RemovalTarget:
    found = await ports.contents.remove(
        params.content_id,
        reason_code=order.reason_code,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(RemovalTarget, found)


def reconcile(
    _params: RemovalParams, before: RemovalTarget, now: RemovalTarget
) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if now.status == "removed" else Settled.unknown


async def verify(
    params: RemovalParams, _before: RemovalTarget, ports: Ports
) -> Verification:
    """Verified when the platform says that it is removed."""
    now = await observe(params, ports)
    return Verification(
        done=now.status == "removed",
        text=f"{now.content_id} is {now.status}",
        measures={"views_last_hour": float(now.views_last_hour)},
    )


def already(_params: RemovalParams, before: RemovalTarget) -> str | None:
    removed = before.status == "removed"
    return f"{before.kind} {before.content_id} is removed" if removed else None


REMOVE_CONTENT = WriteTool(
    name="remove_content",
    version=1,
    category=ToolCategory.write_irreversible,
    params=RemovalParams,
    state=RemovalTarget,
    target_params=("content_id",),
    reason_codes=("spam", "harassment", "violence", "illegal_content"),
    port=lambda ports: ports.contents,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
)
