"""Which bus a URL means."""

from urllib.parse import urlsplit

from orchestrator.bus import Bus
from orchestrator.nats_bus import NatsBus
from orchestrator.redis_bus import RedisBus

_REDIS = frozenset({"redis", "rediss", "unix"})
_NATS = frozenset({"nats", "tls"})


class BadBusUrl(ValueError):
    """No bus is meant by this URL."""


def open_bus(url: str) -> Bus:
    """
    Make a bus of ``redis://``, ``rediss://``, ``unix://``, ``nats://`` or ``tls://``.

    It connects on first use.

    Raises:
        BadBusUrl: ``url`` is none of these.
    """
    scheme = urlsplit(url).scheme
    if scheme in _REDIS:
        return RedisBus.of(url)
    if scheme in _NATS:
        return NatsBus(url)
    raise BadBusUrl(
        "EVENTS_URL names no bus; write redis://host:6379/0 or nats://host:4222"
    )
