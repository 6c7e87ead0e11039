"""Which bus a URL means."""

import pytest

from orchestrator.bus import Bus
from orchestrator.buses import BadBusUrl, open_bus
from orchestrator.nats_bus import NatsBus
from orchestrator.redis_bus import RedisBus


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://127.0.0.1:6379/0", RedisBus),
        ("rediss://bus.test:6380", RedisBus),
        ("unix:///run/valkey.sock", RedisBus),
        ("nats://user:word@bus.test:4222", NatsBus),
        ("tls://bus.test:4222", NatsBus),
    ],
)
def test_a_url_means_a_bus(url: str, kind: type[Bus]) -> None:
    """By its scheme; nothing is connected yet."""
    assert isinstance(open_bus(url), kind)


@pytest.mark.parametrize("url", ["kafka://bus.test", "bus.test:4222", ""])
def test_what_means_none_is_refused(url: str) -> None:
    """The message says what to write, and repeats no credential."""
    with pytest.raises(BadBusUrl, match="EVENTS_URL") as caught:
        open_bus(url)
    assert not url or url not in str(caught.value)
