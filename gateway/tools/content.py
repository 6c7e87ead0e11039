"""get_content_360: one piece of content, its pace, its author, its friction."""

from functools import partial

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, UnixSeconds
from gateway.tools.sources import Sources

CONTENT_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$"


class ContentParams(Strict):
    content_id: str = Field(pattern=CONTENT_ID, title="Content")


class Author(Strict):
    user_id: str
    status: str
    strikes: Count
    followers: Count
    reports_last_day: Count


class ContentFriction(Strict):
    """``target`` is what apply_friction takes."""

    target: str
    friction_type: str | None
    expires_at: UnixSeconds | None
    people_last_hour: Count
    actions_last_hour: Count


class Content360(Strict):
    """Counts of the last hour; ``missing`` names the sources without an answer."""

    content_id: str
    author_id: str
    kind: str
    created_at: UnixSeconds
    text: str
    status: str
    removed_reason: str | None
    views_last_hour: Count
    replies_last_hour: Count
    repliers_last_hour: Count
    reports: Count
    labels: list[str]
    thread_size: Count
    author: Author | None
    friction: ContentFriction | None
    missing: list[str]


async def read_content(
    params: ContentParams, ports: Ports, _occasion: Occasion
) -> Content360:
    """Read the content, which must be there, its author and its friction."""
    content = await ports.contents.get(params.content_id)
    sources = Sources()
    author = await sources.ask("accounts", ports.accounts.get(content.author_id))
    kind = "gathering" if content.kind == "gathering" else "content"
    target = f"{kind}:{content.content_id}"
    friction = await sources.ask("frictions", ports.frictions.get(target))
    return pick(
        Content360,
        content,
        labels=list(content.labels),
        author=sources.take("accounts", author, partial(pick, Author)),
        friction=sources.take("frictions", friction, partial(pick, ContentFriction)),
        missing=sources.missing,
    )


GET_CONTENT_360 = ReadTool(
    name="get_content_360",
    version=1,
    params=ContentParams,
    result=Content360,
    read=read_content,
    tainted_fields=frozenset({"text", "labels"}),
)
