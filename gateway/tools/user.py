"""get_user_360: one user's account, way in, and what slows the user down."""

from functools import partial

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict, personal
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, UnixSeconds
from gateway.tools.sources import Sources

USER_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$"


class UserParams(Strict):
    user_id: str = Field(pattern=USER_ID, title="User")


class UserIdentity(Strict):
    """
    ``sessions`` are open; without ``resets_shown`` no mail shows, and one may be.

    Without ``logins_shown`` no log-in shows but those of open sessions. With
    ``failed_logins_capped`` at least so many failed.
    """

    sessions: Count
    last_login_at: UnixSeconds | None
    failed_logins_last_hour: Count | None
    locked: bool
    reset_sent_at: UnixSeconds | None
    resets_shown: bool
    logins_shown: bool
    failed_logins_capped: bool


class UserFriction(Strict):
    """``target`` is what apply_friction takes."""

    target: str
    friction_type: str | None
    expires_at: UnixSeconds | None


class User360(Strict):
    """Instants are Unix seconds; ``missing`` names the sources without an answer."""

    user_id: str
    handle: str
    display_name: str = Field(json_schema_extra=personal("name"))
    email: str = Field(json_schema_extra=personal("email"))
    phone: str = Field(json_schema_extra=personal("phone"))
    country: str
    created_at: UnixSeconds
    followers: Count
    status: str
    banned_until: UnixSeconds | None
    strikes: Count
    reports_last_day: Count
    posts_last_day: Count
    push_tokens: Count
    push_revoked: bool
    recent_content: list[str]
    identity: UserIdentity | None
    friction: UserFriction | None
    missing: list[str]


async def read_user(params: UserParams, ports: Ports, _occasion: Occasion) -> User360:
    """Read the account, which must be there, and what else is known of the user."""
    account = await ports.accounts.get(params.user_id)
    sources = Sources()
    identity = await sources.ask("identity", ports.identity.get(params.user_id))
    target = f"user:{params.user_id}"
    friction = await sources.ask("frictions", ports.frictions.get(target))
    return pick(
        User360,
        account,
        recent_content=list(account.recent_content),
        identity=sources.take("identity", identity, partial(pick, UserIdentity)),
        friction=sources.take("frictions", friction, partial(pick, UserFriction)),
        missing=sources.missing,
    )


GET_USER_360 = ReadTool(
    name="get_user_360",
    version=1,
    params=UserParams,
    result=User360,
    read=read_user,
    tainted_fields=frozenset({"handle", "display_name"}),
)
