"""
Real servers as fixtures; a test that takes one is skipped where it can't be had.

    async def test_…(real_unleash: Server) -> None: …
    async def test_…(real_prometheus: StartPrometheus) -> None:
        server = real_prometheus(targets=["127.0.0.1:9000"])

What is started in a test is ended with it; Unleash serves a whole session.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.database import Cluster
from tests.services.install import Missing
from tests.services.servers import (
    Server,
    start_alertmanager,
    start_nats,
    start_prometheus,
    start_unleash,
)


class StartPrometheus(Protocol):
    def __call__(
        self,
        *,
        targets: Sequence[str],
        rules: str = "",
        alertmanagers: Sequence[str] = (),
    ) -> Server: ...


StartAlertmanager = Callable[[Mapping[str, object]], Server]


@pytest.fixture
def real_prometheus(tmp_path: Path) -> Iterator[StartPrometheus]:
    """Give a function that starts Debian's Prometheus; see ``start_prometheus``."""
    with ExitStack() as running:

        def start(
            *,
            targets: Sequence[str],
            rules: str = "",
            alertmanagers: Sequence[str] = (),
        ) -> Server:
            with skipping("prometheus"):
                server = start_prometheus(
                    tmp_path,
                    targets=targets,
                    rules=rules,
                    alertmanagers=alertmanagers,
                )
            running.callback(server.stop)
            return server

        yield start


@pytest.fixture
def real_alertmanager(tmp_path: Path) -> Iterator[StartAlertmanager]:
    """Give a function that starts Debian's Alertmanager with a configuration."""
    with ExitStack() as running:

        def start(config: Mapping[str, object]) -> Server:
            with skipping("prometheus-alertmanager"):
                server = start_alertmanager(tmp_path, config=config)
            running.callback(server.stop)
            return server

        yield start


@pytest.fixture
def real_nats(tmp_path: Path) -> Iterator[Callable[[int], Server]]:
    """Give a function that starts Debian's NATS on a port; see ``start_nats``."""
    with ExitStack() as running:

        def start(port: int) -> Server:
            with skipping("nats-server"):
                server = start_nats(tmp_path, port=port)
            running.callback(server.stop)
            return server

        yield start


@pytest.fixture(scope="session")
def real_unleash(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Serve one Unleash of this session, on a database of its own."""
    with skipping("unleash-server"):
        server = start_unleash(tmp_path_factory.mktemp("unleash"), cluster.server)
    yield server
    server.stop()


@contextmanager
def skipping(name: str) -> Iterator[None]:
    """Skip by name, with the reason, what this machine can't install."""
    try:
        yield
    except Missing as exc:
        pytest.skip(f"{name} is not here: {exc}")
