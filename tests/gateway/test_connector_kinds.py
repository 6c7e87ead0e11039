"""Kinds: what each may be told, and what it can serve."""

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.connector_kinds import AnyConnector, Auth

KINDS: TypeAdapter[AnyConnector] = TypeAdapter(AnyConnector)


def made(kind: str, **options: object) -> AnyConnector:
    return KINDS.validate_python({"kind": kind, "url": "https://x.test", **options})


LOAD = {"requests_per_second": "a", "error_ratio": "b", "p99_ms": "c"}
KEYCLOAK = {"realm": "r", "client_id": "c", "client_secret": "CONNECTOR_K"}
OPSGENIE = {"auth": {"header": "Authorization", "value": "CONNECTOR_O"}}
GET = {"service": {"path": "/{name}"}}


@pytest.mark.parametrize(
    ("connector", "ports"),
    [
        (made("prometheus"), {"metrics"}),
        (made("prometheus", load=LOAD), {"metrics", "catalogue"}),
        (made("grafana"), {"dashboards"}),
        (made("jaeger"), {"traces"}),
        (made("tempo"), {"traces"}),
        (made("unleash", environment="production"), {"flags"}),
        (made("keycloak", **KEYCLOAK), {"identity"}),
        (made("zendesk"), {"tickets"}),
        (made("growthbook"), {"experiments"}),
        (made("pagerduty", routing_key="CONNECTOR_P"), {"pager"}),
        (made("opsgenie", **OPSGENIE), {"pager"}),
        (made("hook", path="/pages"), {"pager"}),
        (made("rest", operations={"catalogue": GET}), {"catalogue"}),
    ],
)
def test_a_kind_serves_its_ports(connector: AnyConnector, ports: set[str]) -> None:
    assert ports == connector.serves


def test_the_platform_serves_all_but_two() -> None:
    """Series and pictures come from elsewhere."""
    served = made("platform").serves

    assert {"flags", "identity", "tickets", "audit"} < served
    assert not {"metrics", "dashboards"} & served


def test_secrets_are_named() -> None:
    """Whichever way in; a client's secret as well."""
    basic = Auth(user="me/token", password="CONNECTOR_Z")  # noqa: S106 - a name

    assert ("CONNECTOR_Z",) == made("zendesk", auth=basic).secrets
    assert ("CONNECTOR_K",) == made("keycloak", **KEYCLOAK).secrets
    assert () == made("jaeger").secrets


@pytest.mark.parametrize(
    "auth",
    [
        {},
        {"bearer": "CONNECTOR_A", "user": "x", "password": "CONNECTOR_B"},
        {"user": "x"},
        {"header": "X-Key"},
        {"bearer": "the-secret-itself"},
        {"header": "X Key", "value": "CONNECTOR_A"},
    ],
)
def test_one_way_in_is_meant(auth: dict[str, str]) -> None:
    """And a secret by its name, never itself."""
    with pytest.raises(ValidationError):
        Auth.model_validate(auth)


def test_keycloak_has_its_own_way_in() -> None:
    with pytest.raises(ValidationError, match="no `auth`"):
        made("keycloak", **KEYCLOAK, auth={"bearer": "CONNECTOR_A"})


def test_plain_http_must_be_private() -> None:
    """On the way a credential could be read."""
    with pytest.raises(ValidationError, match="use https"):
        made("jaeger", url="http://x.test")
    assert made("jaeger", url="http://x.test", private=True).private


def test_a_reading_operation_only_gets() -> None:
    with pytest.raises(ValidationError, match="its method is GET"):
        made(
            "rest",
            operations={
                "catalogue": {"service": {"path": "/{name}", "method": "POST"}}
            },
        )
