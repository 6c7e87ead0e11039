"""Tenants: added whole or not at all, frozen first, and what is printed is true."""

import re
import shlex
from hashlib import sha256

import psycopg
import pytest

from tests.cli.world import Autopilot, Environment
from tests.database import Urls

ADD = ("tenant", "add", "acme", "--slack-team", "T1")


@pytest.fixture(autouse=True)
def release(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_RELEASE=urls["release"])


def freezes(admin: psycopg.Connection) -> dict[str, bool]:
    rows = admin.execute("SELECT tenant_id, environment, frozen FROM freezes")
    return {f"{tenant} {environment}": frozen for tenant, environment, frozen in rows}


_ROWS = """
    SELECT tenant_id FROM tenants UNION ALL SELECT tenant_id FROM freezes
    UNION ALL SELECT tenant_id FROM slack_teams
    UNION ALL SELECT tenant_id FROM webhook_endpoints
"""


def count(admin: psycopg.Connection, tenant: str) -> int:
    """Count a tenant's rows of setting up."""
    return [row[0] for row in admin.execute(_ROWS)].count(tenant)


def test_the_printed_token_opens_the_printed_endpoint(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """What Alertmanager is given is what is stored, as a digest."""
    said = autopilot(*ADD)
    found = re.search(r"/webhooks/(\S+)/(\S+)\ntoken +(\S+)", said.out)
    assert found is not None
    source, slug, token = found.groups()
    row = admin.execute(
        "SELECT tenant_id, environment, token_digests FROM webhook_endpoints"
        " WHERE source = %s AND slug = %s",
        [source, slug],
    ).fetchone()

    assert ("acme", "prod", [sha256(token.encode()).hexdigest()]) == row


def test_a_new_environment_starts_frozen(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """Unless it is asked for otherwise, in so many words."""
    autopilot(*ADD)
    autopilot(*ADD, "--environment", "dev", "--thawed")

    assert {"acme prod": True, "acme dev": False} == freezes(admin)


def test_the_printed_thaw_thaws_this_environment(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """Followed to the letter, it does not thaw another one."""
    autopilot(*ADD)
    said = autopilot(*ADD, "--environment", "staging")
    printed = re.search("`autopilot (.*)`", said.out)
    assert printed is not None
    autopilot(*shlex.split(printed[1].replace("…", "'first day'")))

    assert {"acme prod": True, "acme staging": False} == freezes(admin)


def test_adding_again_thaws_nothing_and_claims_nothing(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """A second run gives a new token; of an environment that is thawed it says so."""
    autopilot(*ADD, "--thawed")
    said = autopilot(*ADD)

    assert {"acme prod": False} == freezes(admin)
    assert "frozen    until" not in said.out


def test_adding_a_frozen_environment_again_leaves_it_frozen_and_says_so(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """``--thawed`` is how a new environment starts; it ends nobody's freeze."""
    autopilot(*ADD)
    said = autopilot(*ADD, "--thawed")

    assert {"acme prod": True} == freezes(admin)
    assert "frozen    no write runs until `autopilot thaw acme " in said.out


@pytest.mark.parametrize(
    ("word", "before", "after"), [("freeze", False, True), ("thaw", True, False)]
)
def test_freeze_and_thaw_touch_one_environment(
    autopilot: Autopilot,
    admin: psycopg.Connection,
    word: str,
    before: bool,  # noqa: FBT001 - a table's column
    after: bool,  # noqa: FBT001 - a table's column
) -> None:
    thawed = [] if before else ["--thawed"]
    for name in ("prod", "dev"):
        autopilot(*ADD, "--environment", name, *thawed)
    said = autopilot(word, "acme", "--environment", "dev", "--reason", "a drill")

    assert {"acme prod": before, "acme dev": after} == freezes(admin)
    assert 0 == said.code
    assert said.out.startswith(f"acme dev: {'frozen' if after else 'thawed'}")


@pytest.mark.parametrize("word", ["freeze", "thaw"])
def test_what_is_not_there_is_not_frozen(autopilot: Autopilot, word: str) -> None:
    """Nobody may believe that a misspelt tenant stands still."""
    autopilot(*ADD)
    said = autopilot(word, "amce", "--reason", "a drill")

    assert (1, "") == (said.code, said.out)
    assert "amce prod: no such environment" in said.complaint


def test_an_unknown_source_adds_nothing(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    said = autopilot(*ADD, "--webhook", "pigeons")

    assert (1, "", 0) == (said.code, said.out, count(admin, "acme"))
    assert "source pigeons is unknown; use one of alertmanager" in said.complaint


def test_a_slug_of_another_tenant_adds_nothing(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """No half of a tenant stays behind, and no token is printed."""
    autopilot(*ADD, "--slug", "alerts")
    said = autopilot("tenant", "add", "globex", "--slack-team", "T2", "--slug=alerts")

    assert (1, "", 0) == (said.code, said.out, count(admin, "globex"))
    assert "webhook slug alerts: another tenant or environment has it" in said.complaint


@pytest.mark.parametrize(
    "odd",
    [
        ("a,b",),
        ("",),
        ("Acme Corp",),
        ("acme\n",),
        ("x" * 64,),
        ("acme", "--environment", "prod,dev"),
        ("acme", "--environment", ""),
        ("acme", "--slug", "a/b"),
        ("acme", "--slug", "a b"),
    ],
    ids=repr,
)
def test_what_is_no_slug_is_wrong_usage(
    autopilot: Autopilot,
    capfd: pytest.CaptureFixture[str],
    admin: psycopg.Connection,
    odd: tuple[str, ...],
) -> None:
    """Row-level security lists environments between commas, a slug is part of a URL."""
    with pytest.raises(SystemExit) as caught:
        autopilot("tenant", "add", *odd, "--slack-team", "T1")

    assert 2 == caught.value.code
    assert "is no slug" in capfd.readouterr().err
    assert 0 == admin.execute("SELECT 1 FROM tenants").rowcount


@pytest.mark.parametrize("command", [ADD, ("thaw", "acme", "--reason", "a drill")])
def test_without_a_database_nothing_is_claimed(
    autopilot: Autopilot, environment: Environment, nowhere: str, command: list[str]
) -> None:
    environment.set(DATABASE_URL_RELEASE=nowhere)
    said = autopilot(*command)

    assert (1, "") == (said.code, said.out)
    assert "the database did not answer" in said.complaint
