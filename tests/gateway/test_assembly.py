"""Assembly: each port is served by whom the settings and the file say."""

from pathlib import Path
from typing import get_args

import httpx
import pytest
import respx
from cryptography.fernet import Fernet

from gateway.absent import Absent
from gateway.assembly import BUILDERS, assemble, build, open_client
from gateway.connector_kinds import AnyConnector, PortName
from gateway.connectors.grafana import Grafana
from gateway.connectors.platform import PlatformFlags, PlatformTraces
from gateway.connectors.prometheus import Prometheus
from gateway.connectors.unleash import Unleash
from gateway.connectors.zendesk import Zendesk
from gateway.ports import NotConfigured, Unreadable
from gateway.rest_calls import CALLS
from gateway.settings import GatewaySettings
from policy.errors import PolicyError
from tests.gateway.test_connector_kinds import KEYCLOAK, LOAD, OPSGENIE, made

TEXT = """\
connectors:
  unleash:
    kind: unleash
    url: https://unleash.test
    environment: production
    auth: {header: Authorization, value: CONNECTOR_UNLEASH}
  grafana:
    kind: grafana
    url: https://grafana.test
    headers: {X-Grafana-Org-Id: "7"}
    auth: {bearer: CONNECTOR_GRAFANA}
  zendesk:
    kind: zendesk
    url: https://acme.zendesk.test
    auth: {user: ops@acme.test/token, password: CONNECTOR_ZENDESK}
ports:
  flags: unleash
  dashboards: grafana
  tickets: zendesk
"""
SECRETS = {
    "CONNECTOR_UNLEASH": "unleash-token",
    "CONNECTOR_GRAFANA": "grafana-token",
    "CONNECTOR_ZENDESK": "zendesk-token",
}
OPTIONS: dict[str, dict[str, object]] = {
    "prometheus": {"load": LOAD},
    "unleash": {"environment": "production"},
    "keycloak": dict(KEYCLOAK),
    "opsgenie": dict(OPSGENIE),
    "pagerduty": {"routing_key": "CONNECTOR_SECRET"},
    "rest": {
        "operations": {
            port: {
                name: {
                    "path": "/x",
                    "method": "GET" if kind in {"read", "list"} else "PUT",
                }
                for name, (kind, _) in calls.items()
            }
            for port, calls in CALLS.items()
        }
    },
}


def settings(**more: object) -> GatewaySettings:
    return GatewaySettings.model_validate(
        {
            "DATABASE_URL_GATEWAY": "postgresql://x@127.0.0.1/x",
            "GATEWAY_SOCKET_FOLDER": "gateway",
            "TOKEN_PUBLIC_KEY": "x",
            "PSEUDONYM_KEY": "pseudonyms-of-the-tests",
            "REVEAL_KEY": Fernet.generate_key().decode(),
            "VAULT_KEY": Fernet.generate_key().decode(),
            **more,
        }
    )


async def test_without_a_file_the_platform_serves() -> None:
    """As the demo needs it; what it has not is said to be missing."""
    given = settings(
        PLATFORM_URL="http://platform.test",
        PLATFORM_TOKEN="p",  # noqa: S106 - of a test
        PROMETHEUS_URL="http://prometheus.test",
    )
    async with assemble(given, {}) as ports:
        assert isinstance(ports.metrics, Prometheus)
        assert isinstance(ports.flags, PlatformFlags)
        with pytest.raises(NotConfigured, match=r"connectors\.yaml"):
            await ports.dashboards.get("x")


async def test_without_anything_every_port_says_so() -> None:
    """No URL, no file: the gateway runs, and each call names the mend."""
    async with assemble(settings(), {}) as ports:
        assert isinstance(ports.flags, Absent)
        with pytest.raises(NotConfigured):
            await ports.metrics.service_series("x", start_at=0, end_at=1)


async def test_a_file_goes_before_the_platform(tmp_path: Path) -> None:
    """Port by port; the others stay the platform's."""
    path = tmp_path / "connectors.yaml"
    path.write_text(TEXT)
    given = settings(PLATFORM_URL="http://platform.test", CONNECTORS_FILE=path)
    async with assemble(given, SECRETS) as ports:
        assert isinstance(ports.flags, Unleash)
        assert isinstance(ports.dashboards, Grafana)
        assert isinstance(ports.tickets, Zendesk)
        assert isinstance(ports.traces, PlatformTraces)


async def test_each_connector_has_its_own_credential(tmp_path: Path) -> None:
    """A header, a bearer and a password; and its fixed headers."""
    path = tmp_path / "connectors.yaml"
    path.write_text(TEXT)
    with respx.mock() as systems:
        systems.route().respond(404)
        async with assemble(settings(CONNECTORS_FILE=path), SECRETS) as ports:
            for read in (
                ports.flags.get("f"),
                ports.dashboards.get("d"),
                ports.tickets.get("1"),
            ):
                with pytest.raises(Unreadable, match="404"):
                    await read
        sent = {call.request.url.host: call.request.headers for call in systems.calls}

    assert "unleash-token" == sent["unleash.test"]["authorization"]
    assert "Bearer grafana-token" == sent["grafana.test"]["authorization"]
    assert "7" == sent["grafana.test"]["x-grafana-org-id"]
    assert sent["acme.zendesk.test"]["authorization"].startswith("Basic ")


async def test_a_secret_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "connectors.yaml"
    path.write_text(TEXT)

    with pytest.raises(PolicyError, match="CONNECTOR_ZENDESK is not set"):
        async with assemble(
            settings(CONNECTORS_FILE=path), SECRETS | {"CONNECTOR_ZENDESK": ""}
        ):
            pass


@pytest.mark.parametrize("kind", BUILDERS)
async def test_a_kind_is_built_with_the_ports_that_it_says(kind: str) -> None:
    """What the file's check allows is there, and no more."""
    config: AnyConnector = made(kind, **OPTIONS.get(kind, {}))
    async with httpx.AsyncClient() as client:
        served = build("x", config, client, {"CONNECTOR_SECRET": "s"})

    assert config.serves == set(served)


def test_every_port_of_an_outside_system_can_be_served() -> None:
    every = set[str]()
    for kind in BUILDERS:
        every |= made(kind, **OPTIONS.get(kind, {})).serves

    assert set(get_args(PortName)) == every


async def test_a_private_address_must_be_meant() -> None:
    """The client of a connector connects nowhere else."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["10.0.0.7"]

    async with open_client(made("jaeger"), {}, resolve=resolve) as client:
        with pytest.raises(httpx.ConnectError, match=r"10\.0\.0\.7: not a public"):
            await client.get("/api/services")
