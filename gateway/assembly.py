"""
The one place that builds connectors, with the credentials of one environment.

A port is served by the connector that connectors.yaml names for it; else by the
platform or Prometheus of the settings; else it says that nobody serves it.
"""

import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import httpx

from gateway.absent import absent_ports
from gateway.connector_config import ConnectorFile, check_secrets, load_connectors
from gateway.connector_kinds import (
    AnyConnector,
    Auth,
    Connector,
    GrafanaConnector,
    HookConnector,
    JaegerConnector,
    KeycloakConnector,
    OpsgenieConnector,
    PagerDutyConnector,
    PlatformConnector,
    PrometheusConnector,
    RestConnector,
    TempoConnector,
    UnleashConnector,
)
from gateway.connectors.grafana import Grafana
from gateway.connectors.growthbook import GrowthBook
from gateway.connectors.http import Api, Manners
from gateway.connectors.jaeger import Jaeger
from gateway.connectors.keycloak import ClientCredentials, Keycloak
from gateway.connectors.pagers import Hook, Opsgenie, PagerDuty, PlatformPager
from gateway.connectors.pinned import PinnedBackend, PinnedTransport, Resolve
from gateway.connectors.platform import (
    PlatformFlags,
    PlatformQueues,
    PlatformServices,
    PlatformThrottles,
    PlatformTraces,
)
from gateway.connectors.platform_content import (
    PlatformAppeals,
    PlatformContents,
    PlatformFrictions,
)
from gateway.connectors.platform_data import (
    PlatformAudit,
    PlatformConsumers,
    PlatformPipelines,
)
from gateway.connectors.platform_people import PlatformAccounts, PlatformIdentity
from gateway.connectors.platform_support import (
    PlatformCampaigns,
    PlatformExperiments,
    PlatformTickets,
)
from gateway.connectors.prometheus import (
    LoadQueries,
    Prometheus,
    PrometheusCatalogue,
    SeriesQuery,
)
from gateway.connectors.rest import Operation, RestPort
from gateway.connectors.rest_ports import REST_PORTS
from gateway.connectors.tempo import Tempo
from gateway.connectors.unleash import Unleash
from gateway.connectors.zendesk import Zendesk
from gateway.ports import Ports
from gateway.settings import GatewaySettings

# Connectors by the port that each serves; the file's check says that they fit.
Served = dict[str, Any]
Secrets = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Described:
    """One configured system: ``ports`` are what it is to serve."""

    name: str
    config: AnyConnector
    secrets: Mapping[str, str]
    ports: tuple[str, ...]


_CONNECT_SECONDS = 2.0
_HOUR_SECONDS = 3600.0


@asynccontextmanager
async def assemble(
    settings: GatewaySettings, secrets: Mapping[str, str]
) -> AsyncIterator[Ports]:
    """
    Open the clients of every connector, and close them at the end.

    Raises:
        PolicyError: connectors.yaml does not load, or names a secret that is not set.
    """
    async with AsyncExitStack() as opened:
        served: Served = {}
        for one in describe(settings, secrets):
            client = await opened.enter_async_context(
                open_client(one.config, one.secrets)
            )
            built = build(one.name, one.config, client, one.secrets)
            served |= {port: built[port] for port in one.ports}
        yield replace(absent_ports(), **served)


def describe(
    settings: GatewaySettings, secrets: Mapping[str, str]
) -> Sequence[Described]:
    """
    List the systems that are configured; for a port, the last one that names it counts.

    Raises:
        PolicyError: connectors.yaml does not load, or names a secret that is not set.
    """
    path = settings.connectors_file
    file = ConnectorFile() if path is None else load_connectors(path)
    if path is not None:
        check_secrets(file, secrets, path=path)
    found = [
        Described(
            name,
            config,
            {"CONNECTOR_TOKEN": getattr(settings, f"{name}_token")},
            tuple(config.serves),
        )
        for name, config in _of_settings(settings).items()
    ]
    for name, config in file.connectors.items():
        ports = tuple(port for port, by in file.ports.items() if by == name)
        found.append(Described(name, config, secrets, ports))
    return found


def build(
    name: str,
    config: AnyConnector,
    client: httpx.AsyncClient,
    secrets: Secrets,
) -> Served:
    """
    Build what a connector serves, over one client, one breaker and one deadline.

    ``secrets`` hold what a body bears; what a header bears is on the client.
    """
    manners = Manners(
        deadline_seconds=config.deadline_seconds, most_bytes=config.most_bytes
    )
    api = Api(name, client, manners)
    served: Served = BUILDERS[config.kind](api, config, secrets)
    return served


def open_client(
    config: Connector, secrets: Mapping[str, str], *, resolve: Resolve | None = None
) -> httpx.AsyncClient:
    """Open the client of one connector: its address checked, its credential on it."""
    backend = PinnedBackend(private=config.private, resolve=resolve)
    seconds = config.deadline_seconds
    return httpx.AsyncClient(
        base_url=config.url,
        headers={**config.headers, **_credential(config.auth, secrets)},
        auth=_auth(config, secrets),
        timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
        follow_redirects=False,
        trust_env=False,
        transport=PinnedTransport(backend, tls=_trusted()),
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Give what this system trusts, read once: each reading takes 20 ms and 860 KB."""
    return ssl.create_default_context()


def _of_settings(settings: GatewaySettings) -> dict[str, AnyConnector]:
    """Describe the two systems that need no file; they may be on this very host."""
    found: dict[str, AnyConnector] = {}
    auth = {"bearer": "CONNECTOR_TOKEN"}
    if settings.platform_url:
        found["platform"] = PlatformConnector(
            kind="platform",
            url=settings.platform_url,
            private=True,
            auth=Auth(**auth) if settings.platform_token else None,
        )
    if settings.prometheus_url:
        found["prometheus"] = PrometheusConnector(
            kind="prometheus",
            url=settings.prometheus_url,
            private=True,
            auth=Auth(**auth) if settings.prometheus_token else None,
        )
    return found


def _credential(auth: Auth | None, secrets: Mapping[str, str]) -> dict[str, str]:
    if auth is None:
        return {}
    if auth.bearer is not None:
        return {"Authorization": f"Bearer {secrets[auth.bearer]}"}
    if auth.header is not None and auth.value is not None:
        return {auth.header: secrets[auth.value]}
    return {}


def _auth(config: Connector, secrets: Mapping[str, str]) -> httpx.Auth | None:
    if isinstance(config, KeycloakConnector):
        return ClientCredentials(
            realm=config.realm,
            client_id=config.client_id,
            secret=secrets[config.client_secret],
            now=time.monotonic,
        )
    auth = config.auth
    if auth is not None and auth.user is not None and auth.password is not None:
        return httpx.BasicAuth(auth.user, secrets[auth.password])
    return None


def _platform(api: Api, _config: PlatformConnector, _secrets: Secrets) -> Served:
    return {
        "catalogue": PlatformServices(api),
        "flags": PlatformFlags(api),
        "throttles": PlatformThrottles(api),
        "queues": PlatformQueues(api),
        "traces": PlatformTraces(api),
        "accounts": PlatformAccounts(api),
        "identity": PlatformIdentity(api),
        "contents": PlatformContents(api),
        "frictions": PlatformFrictions(api),
        "appeals": PlatformAppeals(api),
        "consumers": PlatformConsumers(api),
        "pipelines": PlatformPipelines(api),
        "campaigns": PlatformCampaigns(api),
        "tickets": PlatformTickets(api),
        "experiments": PlatformExperiments(api),
        "audit": PlatformAudit(api),
        "pager": PlatformPager(api),
    }


def _prometheus(api: Api, config: PrometheusConnector, _secrets: Secrets) -> Served:
    queries = tuple(SeriesQuery(**one.model_dump()) for one in config.queries)
    served: Served = {"metrics": Prometheus(api, queries)}
    if config.load is not None:
        load = LoadQueries(**config.load.model_dump())
        served["catalogue"] = PrometheusCatalogue(api, load)
    return served


def _grafana(api: Api, config: GrafanaConnector, _secrets: Secrets) -> Served:
    return {"dashboards": Grafana(api, width=config.width, height=config.height)}


def _jaeger(api: Api, config: JaegerConnector, _secrets: Secrets) -> Served:
    return {
        "traces": Jaeger(
            api,
            correlation_tag=config.correlation_tag,
            lookback_seconds=config.lookback_hours * _HOUR_SECONDS,
            now=time.time,
        )
    }


def _tempo(api: Api, config: TempoConnector, _secrets: Secrets) -> Served:
    return {
        "traces": Tempo(
            api,
            correlation_attribute=config.correlation_attribute,
            lookback_seconds=config.lookback_hours * _HOUR_SECONDS,
            now=time.time,
        )
    }


def _unleash(api: Api, config: UnleashConnector, _secrets: Secrets) -> Served:
    return {
        "flags": Unleash(
            api,
            project=config.project,
            environment=config.environment,
            service_tag=config.service_tag,
        )
    }


def _keycloak(api: Api, config: KeycloakConnector, _secrets: Secrets) -> Served:
    return {
        "identity": Keycloak(
            api,
            realm=config.realm,
            reset_lifespan_seconds=config.reset_lifespan_seconds,
            now=time.time,
        )
    }


def _zendesk(api: Api, _config: Connector, _secrets: Secrets) -> Served:
    return {"tickets": Zendesk(api)}


def _growthbook(api: Api, _config: Connector, _secrets: Secrets) -> Served:
    return {"experiments": GrowthBook(api)}


def _pagerduty(api: Api, config: PagerDutyConnector, secrets: Secrets) -> Served:
    """Its key goes in the body of each call, not in a header."""
    key = secrets[config.routing_key]
    return {"pager": PagerDuty(api, key, config.least_severity)}


def _opsgenie(api: Api, config: OpsgenieConnector, _secrets: Secrets) -> Served:
    return {"pager": Opsgenie(api, config.least_severity)}


def _hook(api: Api, config: HookConnector, _secrets: Secrets) -> Served:
    return {"pager": Hook(api, config.path, config.least_severity)}


def _rest(api: Api, config: RestConnector, _secrets: Secrets) -> Served:
    return {
        port: REST_PORTS[port](
            RestPort(
                api,
                {
                    name: Operation(**one.model_dump())
                    for name, one in operations.items()
                },
                config.version_header,
                config.key_header,
            )
        )
        for port, operations in config.operations.items()
    }


BUILDERS: Mapping[str, Callable[..., Served]] = {
    "platform": _platform,
    "prometheus": _prometheus,
    "grafana": _grafana,
    "jaeger": _jaeger,
    "tempo": _tempo,
    "unleash": _unleash,
    "keycloak": _keycloak,
    "zendesk": _zendesk,
    "growthbook": _growthbook,
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
    "hook": _hook,
    "rest": _rest,
}
