"""A field is what its object's key and its own name say together."""

import json

import pytest
from pydantic import JsonValue

from gateway.redaction.nested_key import (
    MACHINES_NAME,
    NO_REGION,
    child_key,
    field_key,
    may_nest_people,
)
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact


@pytest.mark.parametrize(
    ("parent", "name", "key"),
    [
        ("", "line1", "line1"),
        ("phone", "value", "phone"),
        ("address", "line1", "address_line"),
        ("billingAddress", "addressLine1", "address_line"),
        ("shipping", "city", "address_line"),
        ("address", "state", "region_address_line"),
        ("customer", "name", "person_name"),
        ("person_name", "first", "person_name"),
        ("ticket", "owner", "ticket_owner"),
        ("ticket_owner", "name", "person_name"),
        ("service", "name", "name"),
        ("owner", "name", "name"),
        ("remote_address", "city", "city"),
        ("address", "port", "port"),
        ("session", "id", "session_id"),
        ("userSessions", "id", "session_id"),
        ("possession", "id", "id"),
    ],
)
def test_the_key_of_a_field(parent: str, name: str, key: str) -> None:
    assert key == child_key(parent, name)


def test_structured_people_are_hidden() -> None:
    """However deep the parts of their names and homes stand."""
    home = {"line1": "Rose Cottage", "line2": "Flat 4", "city": "Leeds", "state": "NSW"}
    given = {
        "shipping": {"address": home},
        "customer": {"name": {"first": "Jane", "last": "Doe"}},
        "ticket": {"owner": {"name": "Ann Lee"}},
    }
    placeholders = Placeholders(key=b"k")

    shown = str(redact(given, placeholders))  # type: ignore[arg-type]

    for value in (*home.values(), "Jane", "Doe", "Ann Lee"):
        assert value not in shown


@pytest.mark.parametrize(
    "given",
    [
        {"service": {"name": "Checkout"}, "flag": {"name": "dark_mode"}},
        {"address": {"ip": "192.0.2.1", "port": 9090, "host": "db-1", "state": "UP"}},
        {"address": {"host": "db-1", "region": "eu-west-1"}},
        {"user": {"name": "system:node:db-1.internal"}},
        {"owner": {"name": "payments"}},
    ],
)
def test_structured_evidence_is_left(given: dict[str, dict[str, str | int]]) -> None:
    assert given == redact(given, Placeholders(key=b"k"))  # type: ignore[arg-type]


def test_what_is_no_persons_and_no_place() -> None:
    """Programs have users, hosts have regions."""
    assert MACHINES_NAME.fullmatch("svc-deploy")
    assert MACHINES_NAME.fullmatch("Jane Doe") is None
    assert NO_REGION.fullmatch("us-east-1")
    assert NO_REGION.fullmatch("California") is None


@pytest.mark.parametrize(
    ("name", "fields", "key"),
    [
        ("value", {"name": "DB_PASSWORD"}, "DB_PASSWORD"),
        ("Value", {"Key": "phone", "x": 1}, "phone"),
        ("value", {"name": "LOG_LEVEL"}, "env"),
        ("value", {"name": 7}, "env"),
        ("valueFrom", {"name": "DB_PASSWORD"}, "valueFrom"),
        ("key", {"name": "DB_PASSWORD"}, "key"),
    ],
)
def test_a_value_is_called_what_stands_beside_it(
    name: str, fields: dict[str, object], key: str
) -> None:
    """Where that is telling; a reference to another place is no value."""
    assert key == field_key("env", name, fields)


def test_an_object_of_people_is_told_by_its_key() -> None:
    assert may_nest_people('{"lastCustomer": {"first": "Zoe"}}')
    assert may_nest_people('{\\"users\\": [')
    assert not may_nest_people('{"customer": 12, "service": {"first": 1}}')


@pytest.mark.parametrize(
    "fields", [("kind", "data"), ("data", "kind"), ("kind", "stringData")]
)
def test_all_of_a_kubernetes_secret_is_secret(fields: tuple[str, str]) -> None:
    """Wherever its kind stands, in JSON and in JSON in a text; its name stays."""
    data: JsonValue = {"user": "YWRtaW4=", "foo": "aHVudGVyMg=="}
    gone: JsonValue = {"user": "⟨secret⟩", "foo": "⟨secret⟩"}
    body, wanted = (
        {field: "Secret" if field == "kind" else one for field in fields}
        | {"metadata": {"name": "db"}}
        for one in (data, gone)
    )
    found = redact({"got": body, "text": json.dumps(body)}, Placeholders(key=b"k"))
    other: dict[str, JsonValue] = {"kind": "ConfigMap", "data": {"level": "debug"}}

    assert wanted == found["got"] == json.loads(str(found["text"]))
    assert other == redact(other, Placeholders(key=b"k"))
