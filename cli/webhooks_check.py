"""``autopilot doctor`` looks at webhook endpoints: can each prove its senders."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.sealing import NotOpened, open_sealed
from bot.settings import WebSettings
from cli.clock import utc_now
from cli.finding import Finding
from storage import directory, endpoints
from storage.database import connect
from storage.endpoints import KnownEndpoint
from storage.steps import Step

_CHECK = "webhooks"
_LONGEST_ROTATION = timedelta(days=7)


async def check_webhooks() -> list[Finding]:
    """Look at every endpoint as the web process would."""
    settings = WebSettings()
    database = connect(settings.database_url, utc_now, pool_size=1)
    known: list[KnownEndpoint] = []
    try:
        async with database.dispatch(Step.look) as tx:
            scopes = await directory.list_scopes(tx)
        for scope in scopes:
            async with database.transaction(scope, Step.look) as tx:
                known += await endpoints.list_seen(tx)
    finally:
        await database.close()
    return [judge(known, settings.webhook_key, utc_now())]


def judge(
    known: Sequence[KnownEndpoint], webhook_key: str | None, now: datetime
) -> Finding:
    """Tell the worst: a secret that does not open, then a rotation left half done."""
    shut = [one.slug for one in known if not _opens(one, webhook_key)]
    if shut:
        have = "has a secret" if len(shut) == 1 else "have secrets"
        why = "does not open" if webhook_key else "is not set, and would have to open"
        text = f"{', '.join(shut)} {have} that WEBHOOK_KEY {why}: answered 503"
        mend = "give web the WEBHOOK_KEY that sealed it, or add the endpoint again"
        return Finding(_CHECK, ok=False, text=text, mend=mend)
    long = [
        f"{one.slug} since {one.rotated_at:%Y-%m-%d}"
        for one in known
        if one.rotated_at is not None and now - one.rotated_at > _LONGEST_ROTATION
    ]
    if long:
        text = f"two credentials are valid still: {', '.join(long)}"
        mend = "autopilot webhooks rotate SLUG --finish"
        return Finding(_CHECK, ok=None, text=text, mend=mend)
    return Finding(_CHECK, ok=True, text=f"{len(known)} endpoints")


def _opens(endpoint: KnownEndpoint, webhook_key: str | None) -> bool:
    sealed = endpoint.credentials.sealed_secrets
    try:
        return not sealed or len(open_sealed(sealed, webhook_key)) == len(sealed)
    except NotOpened:
        return False
