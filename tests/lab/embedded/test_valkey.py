"""A real Valkey, started and stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from lab.embedded.folder_lock import FolderInUse
from lab.embedded.valkey import EmbeddedValkey

pytestmark = pytest.mark.services


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    made = EmbeddedValkey(tmp_path / "vk")
    made.start()
    yield made
    made.stop()


def test_serves_redis_py(server: EmbeddedValkey) -> None:
    """The URL is what redis-py takes; nothing listens on TCP, nothing is saved."""
    with Redis.from_url(server.url, decode_responses=True) as client:
        client.set("k", "v")

        assert "v" == client.get("k")
        assert {"port": "0"} == client.config_get("port")
        assert {"save": ""} == client.config_get("save")


def test_the_password_is_needed(server: EmbeddedValkey) -> None:
    """The socket alone lets nobody in."""
    with (
        Redis(unix_socket_path=str(server.socket_path)) as client,
        pytest.raises(AuthenticationError),
    ):
        client.ping()


def test_files_are_private(server: EmbeddedValkey) -> None:
    """Socket and configuration are for their owner alone."""
    configuration = server.log.parent / "valkey.conf"

    assert 0o600 == configuration.stat().st_mode & 0o777
    assert 0o700 == server.socket_path.stat().st_mode & 0o777


def test_a_second_start_is_refused(server: EmbeddedValkey) -> None:
    """One folder, one server."""
    with pytest.raises(FolderInUse):
        EmbeddedValkey(server.log.parent).start()


async def test_starts_again_after_a_stop(tmp_path: Path) -> None:
    """A left socket does not matter."""
    server = EmbeddedValkey(tmp_path / "vk")
    for _ in range(2):
        await server.start_async()
        with Redis.from_url(server.url) as client:
            assert client.ping()
        await server.stop_async()
