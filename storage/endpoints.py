"""
Webhook endpoints: the release role adds, rotates and removes them, the web reads one.

A token is kept as its SHA-256 alone, a vendor's secret sealed under ``WEBHOOK_KEY``;
while one replaces another, both stand, the newer last.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from uuid import NAMESPACE_OID, UUID

from sqlalchemy import Select, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from policy.scope import Scope
from storage import tables
from storage.database import Row, Tx
from storage.errors import MidRotation, NotFound, SlugTaken

_TWO = 2
_NOWHERE = Scope("", "")
_NOBODY = NAMESPACE_OID


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    What proves a sender: a token, or a vendor's signature, or Amazon SNS's topics.

    With ``sealed_secrets`` or ``topics`` a token proves nothing.
    """

    token_digests: tuple[str, ...] = ()
    sealed_secrets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """What is asked for; ``slug`` is unique among all tenants."""

    source: str
    slug: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class KnownEndpoint:
    """An endpoint that is there; ``rotated_at`` is set while two credentials stand."""

    scope: Scope
    id: UUID
    source: str
    slug: str
    credentials: Credentials
    created_at: datetime
    rotated_at: datetime | None


def digest_of(token: str) -> str:
    """Give what is kept of a token: it has 256 random bits, so no salt is needed."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


async def find(tx: Tx, *, source: str, slug: str) -> KnownEndpoint | None:
    """Find an endpoint in any scope, and enter that scope; takes as long if none."""
    row = await tx.row(
        "SELECT * FROM find_endpoint(:source, :slug)", {"source": source, "slug": slug}
    )
    # As many statements for a slug that nobody has: the wait must not tell.
    scope = Scope(row["tenant_id"], row["environment"]) if row else _NOWHERE
    await tx.enter(scope)
    found_id = row["id"] if row else _NOBODY
    found = await tx.row(_select().where(tables.webhook_endpoints.c.id == found_id))
    return _known(found) if found else None


async def list_seen(tx: Tx, *, tenant_id: str | None = None) -> Sequence[KnownEndpoint]:
    """List what the transaction sees: its scope's; the release role's, everyone's."""
    table = tables.webhook_endpoints
    query = _select().order_by(table.c.tenant_id, table.c.environment, table.c.slug)
    if tenant_id is not None:
        query = query.where(table.c.tenant_id == tenant_id)
    return [_known(row) for row in await tx.rows(query)]


async def get(tx: Tx, slug: str) -> KnownEndpoint:
    """
    Give and lock the endpoint of a slug, whosever it is: for the release role.

    Raises:
        NotFound: there is none.
    """
    query = _select().where(tables.webhook_endpoints.c.slug == slug)
    row = await tx.row(query.with_for_update())
    if row is None:
        raise NotFound(f"webhook slug {slug}: no such endpoint; see `webhooks list`")
    return _known(row)


async def lock_sealed(tx: Tx) -> Sequence[KnownEndpoint]:
    """Give and lock all endpoints that hold a secret: for the release role."""
    table = tables.webhook_endpoints
    query = _select().where(func.cardinality(table.c.sealed_secrets) > 0)
    rows = await tx.rows(query.order_by(table.c.slug).with_for_update())
    return [_known(row) for row in rows]


async def replace_sealed(
    tx: Tx, endpoint: KnownEndpoint, sealed: tuple[str, ...]
) -> None:
    """Keep the same secrets, sealed anew; a rotation goes on as it was."""
    held = replace(endpoint.credentials, sealed_secrets=sealed)
    await _change(tx, endpoint, held, endpoint.rotated_at)


async def add(tx: Tx, new: NewEndpoint) -> None:
    """
    Add an endpoint to the transaction's scope.

    Raises:
        NotFound: there is no such environment.
        SlugTaken: somebody has the slug, this scope included.
    """
    here, table = tx.here, tables.tenants
    query = select(table.c.tenant_id).where(
        table.c.tenant_id == here.tenant_id, table.c.environment == here.environment
    )
    if await tx.row(query) is None:
        raise NotFound(
            f"{here.tenant_id} {here.environment}: no such environment; "
            "`autopilot tenant add` makes it"
        )
    changed = await tx.change(_insert(tx, new).on_conflict_do_nothing())
    if changed != 1:
        raise SlugTaken(
            f"webhook slug {new.slug}: it is there already; `autopilot webhooks rotate "
            f"{new.slug}` gives it another token, and --slug chooses another slug"
        )


async def put(tx: Tx, new: NewEndpoint) -> None:
    """
    Add an endpoint, or replace source and credentials of the scope's own.

    Raises:
        SlugTaken: the slug is another scope's.
    """
    table = tables.webhook_endpoints
    changed = await tx.change(
        _insert(tx, new).on_conflict_do_update(
            index_elements=["slug"],
            set_={"source": new.source, "rotated_at": None, **_columns(new)},
            where=and_(
                table.c.tenant_id == tx.here.tenant_id,
                table.c.environment == tx.here.environment,
            ),
        )
    )
    if changed != 1:
        raise SlugTaken(
            f"webhook slug {new.slug}: another tenant or environment has it; "
            "choose another one"
        )


async def rotate(tx: Tx, endpoint: KnownEndpoint, newer: Credentials) -> None:
    """
    Let newer credentials stand beside the old ones.

    Raises:
        MidRotation: two stand already.
    """
    old = endpoint.credentials
    both = Credentials(
        (*old.token_digests, *newer.token_digests),
        (*old.sealed_secrets, *newer.sealed_secrets),
        tuple(dict.fromkeys((*old.topics, *newer.topics))),
    )
    if max(len(both.token_digests), len(both.sealed_secrets)) > _TWO:
        raise MidRotation(
            f"webhook slug {endpoint.slug}: two are valid already; drop the older one "
            f"first: `autopilot webhooks rotate {endpoint.slug} --finish`"
        )
    rotated_at = endpoint.rotated_at
    if newer.token_digests or newer.sealed_secrets:
        rotated_at = tx.now
    await _change(tx, endpoint, both, rotated_at)


async def finish(tx: Tx, endpoint: KnownEndpoint) -> None:
    """Drop all but the newest token and secret; topics stay."""
    old = endpoint.credentials
    newest = Credentials(old.token_digests[-1:], old.sealed_secrets[-1:], old.topics)
    await _change(tx, endpoint, newest, None)


async def remove(tx: Tx, endpoint: KnownEndpoint) -> None:
    table = tables.webhook_endpoints
    await tx.change(delete(table).where(table.c.id == endpoint.id))


async def _change(
    tx: Tx, endpoint: KnownEndpoint, now: Credentials, rotated_at: datetime | None
) -> None:
    table = tables.webhook_endpoints
    values = {name: list(value) for name, value in asdict(now).items()}
    await tx.change(
        update(table)
        .where(table.c.id == endpoint.id)
        .values(**values, rotated_at=rotated_at)
    )


def _insert(tx: Tx, new: NewEndpoint) -> Insert:
    return insert(tables.webhook_endpoints).values(
        tenant_id=tx.here.tenant_id,
        environment=tx.here.environment,
        id=tx.new_id(),
        source=new.source,
        slug=new.slug,
        created_at=tx.now,
        **_columns(new),
    )


def _columns(new: NewEndpoint) -> dict[str, list[str]]:
    return {name: list(value) for name, value in asdict(new.credentials).items()}


def _select() -> Select[*tuple[object, ...]]:
    return select(tables.webhook_endpoints)


def _known(row: Row) -> KnownEndpoint:
    names = [one.name for one in fields(Credentials)]
    return KnownEndpoint(
        scope=Scope(row["tenant_id"], row["environment"]),
        id=row["id"],
        source=row["source"],
        slug=row["slug"],
        credentials=Credentials(**{name: tuple(row[name]) for name in names}),
        created_at=row["created_at"],
        rotated_at=row["rotated_at"],
    )
