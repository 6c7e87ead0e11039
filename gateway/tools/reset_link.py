"""send_reset_link: mail a user the way to a new password."""

from pydantic import Field

from gateway.ports import Ports, Refused
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.instant import say
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque, UnixSeconds
from gateway.tools.user import USER_ID
from policy.tool_spec import ToolCategory


class ResetParams(Strict):
    user_id: str = Field(pattern=USER_ID, title="User")


class ResetTarget(Strict):
    """
    The user's way in as observed; instants are Unix seconds.

    ``resets_shown`` False: the system keeps no record of its mails.
    ``failed_logins_capped``: at least so many failed.
    """

    user_id: str
    locked: bool
    failed_logins_last_hour: Count | None
    reset_sent_at: UnixSeconds | None
    version: Opaque
    resets_shown: bool = True
    failed_logins_capped: bool = False


def title(params: ResetParams) -> str:
    return f"Send {params.user_id} a reset link"


async def observe(params: ResetParams, ports: Ports) -> ResetTarget:
    return pick(ResetTarget, await ports.identity.get(params.user_id))


async def estimate(
    _params: ResetParams, before: ResetTarget, _ports: Ports
) -> Estimate:
    """Count the people who get a mail, and say when the last one went out."""
    if not before.resets_shown:
        raise Refused(
            "the system keeps no record of reset mails, so nobody could tell whether "
            "this one went out; switch on its record (Keycloak: admin events of the "
            "realm), then propose it again"
        )
    return Estimate(
        amount=1,
        unit="people",
        text=f"1 mail to {before.user_id}, the last one {say(before.reset_sent_at)}; "
        f"{_say_failed(before)}",
        cost="a mail that was sent can't be called back",
    )


def describe(_params: ResetParams, before: ResetTarget) -> tuple[str, str]:
    return f"last reset mail: {say(before.reset_sent_at)}", "a new reset mail"


async def execute(
    params: ResetParams, before: ResetTarget, ports: Ports, order: Order
) -> ResetTarget:
    found = await ports.identity.send_reset_link(
        params.user_id, seen_version=before.version, idempotency_key=order.key
    )
    return pick(ResetTarget, found)


def reconcile(_params: ResetParams, before: ResetTarget, now: ResetTarget) -> Settled:
    """Judge a read-back; where no mail would show, none is said not to be out."""
    if not (before.resets_shown and now.resets_shown):
        return Settled.unknown
    if now.version == before.version:
        return Settled.not_applied
    return Settled.applied if _is_newer(before, now) else Settled.unknown


async def verify(
    params: ResetParams, before: ResetTarget, ports: Ports
) -> Verification:
    """Verified when a newer mail is out; the person has yet to open it."""
    now = await observe(params, ports)
    failed = now.failed_logins_last_hour
    way_in = "still locked out" if now.locked else "able to log in"
    return Verification(
        done=_is_newer(before, now) if now.resets_shown else None,
        text=f"reset mail of {say(now.reset_sent_at)}; {now.user_id} is {way_in}",
        measures={} if failed is None else {"failed_logins_last_hour": float(failed)},
    )


def _say_failed(user: ResetTarget) -> str:
    failed = user.failed_logins_last_hour
    if failed is None:
        return "nobody keeps the log-ins that failed"
    least = "at least " if user.failed_logins_capped else ""
    return f"{least}{failed} log-ins failed in the last hour"


def _is_newer(before: ResetTarget, now: ResetTarget) -> bool:
    return (now.reset_sent_at or 0.0) > (before.reset_sent_at or 0.0)


SEND_RESET_LINK = WriteTool(
    name="send_reset_link",
    version=1,
    category=ToolCategory.write_irreversible,
    params=ResetParams,
    state=ResetTarget,
    target_params=("user_id",),
    reason_codes=("login_trouble", "account_takeover", "user_request"),
    port=lambda ports: ports.identity,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
)
