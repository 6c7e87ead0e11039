"""revoke_sessions: log a user out everywhere."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.picked import pick
from gateway.tools.user import USER_ID
from policy.tool_spec import ToolCategory


class SessionParams(Strict):
    user_id: str = Field(pattern=USER_ID, title="User")


class SessionTarget(Strict):
    """The user's open sessions as observed."""

    user_id: str
    sessions: int
    version: int


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
    """Judge a read-back: a count can't tell an old session from a new one."""
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if now.sessions == 0 else Settled.unknown


async def verify(
    params: SessionParams, before: SessionTarget, ports: Ports
) -> Verification:
    """Verified when none of the sessions is left; a log-in since leaves it open."""
    now = await observe(params, ports)
    return Verification(
        done=now.sessions == 0 or None,
        text=f"{now.user_id}: {now.sessions} open sessions, {before.sessions} before",
        measures={"sessions": float(now.sessions)},
    )


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
)
