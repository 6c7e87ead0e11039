"""ban_user: keep a user out, for some hours or for ever."""

from pydantic import Field

from gateway.ports import Ports, Refused
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.instant import say
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Opaque, UnixSeconds
from gateway.tools.user import USER_ID
from policy.tool_spec import ToolCategory

_HOUR_SECONDS = 3600.0


class BanParams(Strict):
    """``duration_hours`` counts from when the account was seen; 0 is for ever."""

    user_id: str = Field(pattern=USER_ID, title="User")
    duration_hours: int = Field(
        ge=0,
        le=8760,
        title="For",
        description="0 bans for ever",
        json_schema_extra={"x-unit": "h"},
    )


class BanTarget(Strict):
    """The account as observed; instants are Unix seconds."""

    user_id: str
    status: str
    banned_until: UnixSeconds | None
    followers: Count
    strikes: Count
    posts_last_day: Count
    observed_at: UnixSeconds
    version: Opaque


def title(params: BanParams) -> str:
    length = f"for {params.duration_hours:,} h" if params.duration_hours else "for ever"
    return f"Ban {params.user_id} {length}"


async def observe(params: BanParams, ports: Ports) -> BanTarget:
    account = await ports.accounts.get(params.user_id)
    return pick(BanTarget, account, observed_at=float(int(ports.now())))


async def estimate(params: BanParams, before: BanTarget, ports: Ports) -> Estimate:
    """Count the account, with its followers and its posts of the last day."""
    until = _until(params, before)
    if until is not None and until <= ports.now():
        raise Refused(f"the ban would have ended at {say(until)}; propose it anew")
    return Estimate(
        amount=1,
        unit="accounts",
        text=f"1 account with {before.followers:,} followers and "
        f"{before.posts_last_day:,} posts in the last day",
        cost=f"{before.user_id} can neither log in nor post",
    )


def describe(params: BanParams, before: BanTarget) -> tuple[str, str]:
    was = _say(before.status, before.banned_until)
    return was, _say("banned", _until(params, before))


async def execute(
    params: BanParams, before: BanTarget, ports: Ports, order: Order
) -> BanTarget:
    found = await ports.accounts.ban(
        params.user_id,
        until=_until(params, before),
        reason_code=order.reason_code,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return pick(BanTarget, found, observed_at=before.observed_at)


def reconcile(params: BanParams, before: BanTarget, now: BanTarget) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    meant = ("banned", _until(params, before))
    found = (now.status, now.banned_until)
    return Settled.applied if found == meant else Settled.unknown


async def verify(params: BanParams, before: BanTarget, ports: Ports) -> Verification:
    """Verified when the account is banned until then."""
    now = await observe(params, ports)
    meant = ("banned", _until(params, before))
    return Verification(
        done=(now.status, now.banned_until) == meant,
        text=f"{now.user_id}: {_say(now.status, now.banned_until)}",
        measures={"posts_last_day": float(now.posts_last_day)},
    )


def already(params: BanParams, before: BanTarget) -> str | None:
    """
    A ban that ends later is a new one; one that ends sooner is in the old one.

    Later means by more than the unit of its length: the same ban counts from a later
    look each time it is proposed.
    """
    if before.status != "banned":
        return None
    until, stands = _until(params, before), before.banned_until
    if stands is not None and (until is None or until > stands + _HOUR_SECONDS):
        return None
    return f"{before.user_id} is {_say(before.status, stands)}"


def _until(params: BanParams, before: BanTarget) -> float | None:
    if not params.duration_hours:
        return None
    return before.observed_at + params.duration_hours * _HOUR_SECONDS


def _say(status: str, until: float | None) -> str:
    if status != "banned":
        return status
    return "banned for ever" if until is None else f"banned until {say(until)}"


BAN_USER = WriteTool(
    name="ban_user",
    version=1,
    category=ToolCategory.write_irreversible,
    params=BanParams,
    state=BanTarget,
    target_params=("user_id",),
    reason_codes=("spam", "harassment", "ban_evasion", "account_takeover"),
    port=lambda ports: ports.accounts,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
)
