"""
Endpoints by source and slug, as the database had them at most five seconds ago.

Theory of operation. A delivery costs one transaction, so the look-up is kept: half of
its time as it is, then one request reads it anew while others go on with it, and after
its whole time nobody goes on with it. Only what is there is kept: who asks for slugs at
random fills nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from storage import endpoints
from storage.database import Database
from storage.endpoints import KnownEndpoint
from storage.steps import Step

# How long a token that was revoked opens its endpoint still.
KEPT_SECONDS = 5.0
_READ_ANEW_SECONDS = KEPT_SECONDS / 2
_MOST_KEPT = 1000


@dataclass(slots=True)
class _Kept:
    endpoint: KnownEndpoint
    read_at: float
    is_read_anew: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """``is_fresh``: read for this very request, so that asking again gives no more."""

    endpoint: KnownEndpoint | None
    is_fresh: bool


@dataclass(slots=True)
class Endpoints:
    """What one web process knows; ``monotonic`` gives seconds of a clock that runs."""

    database: Database
    monotonic: Callable[[], float]
    most: int = _MOST_KEPT
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)

    def is_known(self, source: str, slug: str) -> bool:
        """Tell whether it was there when last looked up."""
        return (source, slug) in self._kept

    def known(self, source: str, slug: str) -> KnownEndpoint | None:
        """Give it as it was when last looked up, however long ago."""
        kept = self._kept.get((source, slug))
        return kept.endpoint if kept else None

    async def find(self, source: str, slug: str) -> Found:
        """
        Give an endpoint as it was at most ``KEPT_SECONDS`` ago.

        Raises:
            DatabaseUnreachable: it had to be looked up.
        """
        kept = self._kept.get((source, slug))
        if kept is None:
            return Found(await self.read(source, slug), is_fresh=True)
        age_seconds = self.monotonic() - kept.read_at
        is_due = age_seconds >= _READ_ANEW_SECONDS and not kept.is_read_anew
        if not is_due and age_seconds < KEPT_SECONDS:
            return Found(kept.endpoint, is_fresh=False)
        kept.is_read_anew = True
        try:
            return Found(await self.read(source, slug), is_fresh=True)
        finally:
            kept.is_read_anew = False

    async def read(self, source: str, slug: str) -> KnownEndpoint | None:
        """
        Look an endpoint up, and keep it if it is there.

        Raises:
            DatabaseUnreachable: nobody answered.
        """
        read_at = self.monotonic()
        async with self.database.dispatch(Step.look) as tx:
            found = await endpoints.find(tx, source=source, slug=slug)
        self._kept.pop((source, slug), None)
        if found is not None:
            if len(self._kept) >= self.most:
                del self._kept[next(iter(self._kept))]
            self._kept[source, slug] = _Kept(found, read_at)
        return found
