"""The kinds of connectors in ``connectors.yaml``; each says what it can serve."""

import json
import re
from typing import Annotated, Literal, Self, get_args

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from gateway.rest_calls import CALLS, LIST, READ, WRITE
from policy.alert import Severity

SecretName = Annotated[str, Field(pattern=r"^CONNECTOR_[A-Z0-9_]+$")]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
HeaderText = Annotated[str, Field(pattern=r"^[\x20-\x7e]*$", max_length=4096)]
PortName = Literal[
    "metrics",
    "catalogue",
    "dashboards",
    "flags",
    "throttles",
    "queues",
    "traces",
    "accounts",
    "identity",
    "contents",
    "frictions",
    "appeals",
    "consumers",
    "pipelines",
    "campaigns",
    "tickets",
    "experiments",
    "audit",
    "pager",
]

_URL = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(Strict):
    """One of: ``bearer``; ``user`` and ``password``; ``header`` and ``value``."""

    bearer: SecretName | None = None
    user: str | None = None
    password: SecretName | None = None
    header: HeaderName | None = None
    value: SecretName | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name)}
        if given not in ({"bearer"}, {"user", "password"}, {"header", "value"}):
            raise ValueError(
                "say either `bearer`, or `user` and `password`, or `header` and `value`"
            )
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.bearer, self.password, self.value)))


class Connector(Strict):
    """
    What every kind has.

    ``private`` allows loopback and private addresses, and plain HTTP to those alone.
    ``headers`` go with every request, and hold no credential.
    """

    url: str = Field(pattern=_URL)
    private: bool = False
    deadline_seconds: float = Field(default=8.0, gt=0, le=60)
    most_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    headers: dict[HeaderName, HeaderText] = {}
    auth: Auth | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.auth.secrets if self.auth is not None else ()

    @property
    def serves(self) -> frozenset[str]:
        """Give the ports that it can serve: none, until a kind says which."""
        return frozenset()

    @model_validator(mode="after")
    def _check_url(self) -> Self:
        if self.url.startswith("http://") and not self.private:
            raise ValueError(
                "plain http shows the credential to the network: use https, or say "
                "`private: true`"
            )
        if _CREDENTIALS & {name.lower() for name in self.headers}:
            raise ValueError("a credential belongs under `auth`, not `headers`")
        return self


class PlatformConnector(Connector):
    kind: Literal["platform"]

    @property
    def serves(self) -> frozenset[str]:
        return frozenset(get_args(PortName)) - {"metrics", "dashboards"}


class Query(Strict):
    """One series of a service: see ``gateway.connectors.prometheus.SeriesQuery``."""

    name: str = Field(min_length=1)
    unit: str = ""
    query: str = Field(min_length=1)
    factor: float = 1.0
    route_label: str | None = None


class Load(Strict):
    """Instant queries: see ``gateway.connectors.prometheus.LoadQueries``."""

    requests_per_second: str = Field(min_length=1)
    error_ratio: str = Field(min_length=1)
    p99_ms: str
    active_users: str = ""
    route_label: str = "route"
    routes: dict[
        Literal[
            "requests_per_second", "capacity_rps", "error_ratio", "rejected_per_second"
        ],
        str,
    ] = {}


class PrometheusConnector(Connector):
    """Without ``queries`` the platform's own; ``load`` is what serves ``catalogue``."""

    kind: Literal["prometheus"]
    queries: tuple[Query, ...] = ()
    load: Load | None = None

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"metrics"} | ({"catalogue"} if self.load else set()))


class GrafanaConnector(Connector):
    """A picture is ``width`` by ``height`` pixels."""

    kind: Literal["grafana"]
    width: int = Field(default=1000, ge=200, le=3000)
    height: int = Field(default=500, ge=100, le=3000)

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"dashboards"})


class JaegerConnector(Connector):
    """``correlation_tag`` is the span tag that carries the correlation id."""

    kind: Literal["jaeger"]
    correlation_tag: str = "correlation_id"
    lookback_hours: float = Field(default=6.0, gt=0, le=720)

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"traces"})


class TempoConnector(Connector):
    """``correlation_attribute`` is the span attribute that carries it."""

    kind: Literal["tempo"]
    correlation_attribute: str = Field(
        default="correlation_id", pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$"
    )
    lookback_hours: float = Field(default=6.0, gt=0, le=720)

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"traces"})


class UnleashConnector(Connector):
    """``service_tag``: the type of the tags by which a flag names its service."""

    kind: Literal["unleash"]
    project: str = "default"
    environment: str = Field(min_length=1)
    service_tag: str | None = "service"

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"flags"})


class KeycloakConnector(Connector):
    """A confidential client with a service account."""

    kind: Literal["keycloak"]
    realm: str = Field(min_length=1)
    client_id: str = Field(min_length=1)
    client_secret: SecretName
    reset_lifespan_seconds: int = Field(default=3600, ge=60, le=86_400)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.client_secret,)

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"identity"})

    @model_validator(mode="after")
    def _check_auth(self) -> Self:
        if self.auth is not None:
            raise ValueError("Keycloak takes client_id and client_secret, no `auth`")
        return self


class PagerConnector(Connector):
    """``least_severity`` is the mildest that somebody is called for."""

    least_severity: Severity = Severity.error

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"pager"})


class PagerDutyConnector(PagerConnector):
    """``routing_key`` is an integration key of Events API v2."""

    kind: Literal["pagerduty"]
    url: str = Field(default="https://events.pagerduty.com", pattern=_URL)
    routing_key: SecretName

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.routing_key,)

    @model_validator(mode="after")
    def _check_auth(self) -> Self:
        if self.auth is not None:
            raise ValueError("PagerDuty takes its routing_key, no `auth`")
        return self


class OpsgenieConnector(PagerConnector):
    """``auth`` is ``header: Authorization`` with ``GenieKey <key>`` as the value."""

    kind: Literal["opsgenie"]
    url: str = Field(default="https://api.opsgenie.com", pattern=_URL)

    @model_validator(mode="after")
    def _check_key(self) -> Self:
        if self.auth is None or self.auth.header is None:
            raise ValueError(
                "Opsgenie needs `auth: {header: Authorization, value: CONNECTOR_…}`, "
                "whose variable holds `GenieKey <key>`"
            )
        return self


class HookConnector(PagerConnector):
    kind: Literal["hook"]
    path: str = Field(default="/", pattern=r"^/[^\s?#]*$")


class ZendeskConnector(Connector):
    """``auth`` is ``user: <email>/token`` with an API token as the password."""

    kind: Literal["zendesk"]

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"tickets"})


class GrowthBookConnector(Connector):
    kind: Literal["growthbook"]

    @property
    def serves(self) -> frozenset[str]:
        return frozenset({"experiments"})


class RestOperation(Strict):
    """
    One request: ``{name}`` in path, query and body stand for the call's arguments.

    ``fields`` are JMESPath expressions over the answer, one for each field of the
    subject; a field without one is taken by its own name. ``rows`` finds the list.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = Field(pattern=r"^/")
    query: dict[str, str] = {}
    body: JsonValue = None
    fields: dict[str, str] = {}
    rows: str = "@"

    @model_validator(mode="after")
    def _check_path(self) -> Self:
        if self.path.startswith("//") or set(self.path) & set("?#\\"):
            raise ValueError(
                f"{self.path!r} is no path below `url`; what follows a `?` goes "
                "under `query`"
            )
        if {".", ".."} & set(self.path.split("/")):
            raise ValueError(f"{self.path!r} leads elsewhere; write the path out")
        return self

    @model_validator(mode="after")
    def _check_expressions(self) -> Self:
        for expression in (self.rows, *self.fields.values()):
            try:
                jmespath.compile(expression)
            except JMESPathError as exc:
                raise ValueError(f"{expression!r} is no JMESPath") from exc
        return self

    @property
    def placeholders(self) -> frozenset[str]:
        texts = (self.path, *self.query.values(), json.dumps(self.body))
        return frozenset(name for text in texts for name in _PLACEHOLDER.findall(text))


class RestConnector(Connector):
    """
    A system described here: for each port its operations by name.

    ``version_header`` and ``key_header`` carry the version seen and the idempotency
    key of a write. Only with one of them may a write be sent again.
    """

    kind: Literal["rest"]
    version_header: HeaderName | None = None
    key_header: HeaderName | None = None
    operations: dict[PortName, dict[str, RestOperation]]

    @property
    def serves(self) -> frozenset[str]:
        return frozenset(self.operations)

    @model_validator(mode="after")
    def _check_calls(self) -> Self:
        for port, operations in self.operations.items():
            calls = CALLS.get(port)
            if calls is None:
                raise ValueError(
                    f"port {port} can't be described; use {', '.join(CALLS)}"
                )
            if set(operations) != set(calls):
                raise ValueError(f"port {port} needs exactly {', '.join(calls)}")
            for name, operation in operations.items():
                _check_call(f"{port}.{name}", operation, *calls[name])
        return self


def _check_call(
    name: str, operation: RestOperation, kind: str, arguments: tuple[str, ...]
) -> None:
    unknown = sorted(operation.placeholders - set(arguments))
    if unknown:
        raise ValueError(
            f"{name} has no {unknown[0]}; its arguments are {', '.join(arguments)}"
        )
    if kind in {READ, LIST} and operation.method != "GET":
        raise ValueError(f"{name} reads: its method is GET")
    if kind == WRITE and operation.method == "GET":
        raise ValueError(f"{name} writes: its method is another than GET")


AnyConnector = Annotated[
    PlatformConnector
    | PrometheusConnector
    | GrafanaConnector
    | JaegerConnector
    | TempoConnector
    | UnleashConnector
    | KeycloakConnector
    | ZendeskConnector
    | GrowthBookConnector
    | PagerDutyConnector
    | OpsgenieConnector
    | HookConnector
    | RestConnector,
    Field(discriminator="kind"),
]
