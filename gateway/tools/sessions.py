"""revoke_sessions: log a user out everywhere."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque
from gateway.tools.user import USER_ID
from policy.tool_spec import ToolCategory


class SessionParams(Strict):
    user_id: str = Field(pattern=USER_ID, title="User")


class SessionTarget(Strict):
    """The user's open sessions as observed; ``session_ids`` None where unknown."""

    user_id: str
    sessions: Count
    version: Opaque
    session_ids: tuple[str, ...] | None = None


def title(params: SessionParams) -> str:
    return f"Log {params.user_id} out everywhere"


async def observe(params: SessionParams, ports: Ports) -> SessionTarget:
    return pick(SessionTarget, await ports.identity.get(params.user_id))


async def estimate(
    _params: SessionParams, before: SessionTarget, _ports: Ports
) -> Estimate:
    """Count the open sessions that end."""
    return Estimate(
        amount=before.sessions,
        unit="sessions",
        text=f"{before.sessions} open sessions of {before.user_id}",
        cost=f"{before.user_id} has to log in again on every device",
    )


def describe(_params: SessionParams, before: SessionTarget) -> tuple[str, str]:
    return f"{before.sessions} open sessions", "0 open sessions"


async def execute(
    params: SessionParams, before: SessionTarget, ports: Ports, order: Order
) -> SessionTarget:
    found = await ports.identity.end_sessions(
        params.user_id, seen_version=before.version, idempotency_key=order.key
    )
    return pick(SessionTarget, found)


def reconcile(
    _params: SessionParams, before: SessionTarget, now: SessionTarget
) -> Settled:
    """Judge a read-back by the sessions that were seen; who came since is no matter."""
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if _left(before, now) == 0 else Settled.unknown


async def verify(
    params: SessionParams, before: SessionTarget, ports: Ports
) -> Verification:
    """Verified when none of the sessions that were there is left."""
    now = await observe(params, ports)
    left = _left(before, now)
    return Verification(
        done=left == 0 or None,
        text=f"{now.user_id}: {left} of {before.sessions} sessions left, "
        f"{now.sessions - left} begun since",
        measures={"sessions": float(now.sessions), "left": float(left)},
    )


def already(_params: SessionParams, before: SessionTarget) -> str | None:
    return None if before.sessions else f"{before.user_id} has no open session"


def _left(before: SessionTarget, now: SessionTarget) -> int:
    """Count the sessions of before that are open; all, where only a count is known."""
    if before.session_ids is None or now.session_ids is None:
        return now.sessions
    return len({*before.session_ids} & {*now.session_ids})


REVOKE_SESSIONS = WriteTool(
    name="revoke_sessions",
    version=1,
    category=ToolCategory.write_irreversible,
    params=SessionParams,
    state=SessionTarget,
    target_params=("user_id",),
    reason_codes=("account_takeover", "login_trouble", "user_request"),
    port=lambda ports: ports.identity,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
)
