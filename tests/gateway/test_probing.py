"""Probing: what answers is reached, whatever it says; what does not is named."""

from collections.abc import AsyncIterator
from pathlib import Path
from time import time

import pytest

from gateway.probing import Probed, probe
from policy.errors import PolicyError
from tests.gateway.test_assembly import settings
from tests.lab.world import World, world_of

SECRETS = {"CONNECTOR_UNLEASH": "unleash-token"}
TEXT = """\
connectors:
  ours:
    kind: unleash
    url: {url}
    private: true
    environment: production
    auth: {{header: Authorization, value: CONNECTOR_UNLEASH}}
ports:
  flags: ours
"""


@pytest.fixture
async def there() -> AsyncIterator[World]:
    async with world_of(time) as made:
        yield made


async def probed(
    folder: Path, url: str, secrets: dict[str, str] | None = None
) -> Probed:
    path = folder / "connectors.yaml"
    path.write_text(TEXT.format(url=url))
    given = settings(CONNECTORS_FILE=path)
    return await probe(given, SECRETS if secrets is None else secrets)


async def test_what_answers_is_reached(there: World, tmp_path: Path) -> None:
    """A 404 of its root is an answer; ports that nobody serves are listed."""
    found = await probed(tmp_path, there.url)

    assert [("ours", "")] == [(one.name, one.error) for one in found.systems]
    assert "flags" not in found.unserved
    assert {"metrics", "tickets", "throttles"} <= set(found.unserved)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid"])
async def test_what_does_not_answer_is_named(tmp_path: Path, url: str) -> None:
    """Refused, or a host that does not exist: what happened, and no secret."""
    [one] = (await probed(tmp_path, url)).systems

    assert (url, True) == (one.url, bool(one.error))
    assert "unleash-token" not in one.error


async def test_a_secret_that_is_not_set_is_said(tmp_path: Path) -> None:
    """As at the gateway's own start."""
    with pytest.raises(PolicyError, match="CONNECTOR_UNLEASH"):
        await probed(tmp_path, "https://x.test", {})
