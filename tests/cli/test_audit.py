"""``autopilot audit verify``: never "verified" on a doubt, and never a silent 0."""

import json

import psycopg
import pytest

from cli.audit import run_verify
from tests.cli.world import Autopilot, Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import PROD, STAGING, Sealing, make_sealing

OTHER = "globex"


@pytest.fixture(autouse=True)
def sealer(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_SEALER=urls["sealer"])


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Three sealed entries in two environments of acme, and globex without any."""
    made = await make_sealing(database, scopes)
    await scopes(OTHER, "prod")
    await made.append(await made.task(PROD), PROD, times=2)
    await made.append(await made.task(STAGING), STAGING)
    await made.seal()
    return made


def forge(admin: psycopg.Connection) -> None:
    """Change an entry as only the database's owner can."""
    admin.execute("SET session_replication_role = replica")
    changed = admin.execute("UPDATE ledger SET actor = 'mallory' WHERE task_seq = 2")
    admin.execute("SET session_replication_role = origin")
    assert 1 == changed.rowcount


async def test_each_tenant_has_a_line(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    """All environments of a tenant are one chain; what waits is not called verified."""
    await sealing.append(await sealing.task())
    head = (await sealing.verify()).head
    code = await run_verify(as_json=False)
    out, err = capfd.readouterr()

    assert (0, "") == (code, err)
    assert {
        f"✓ acme: 3 entries verified, 1 not sealed yet, head {head[:16]}",
        f"✓ globex: 0 entries verified, 0 not sealed yet, head {'0' * 16}",
    } == set(out.splitlines())


async def test_a_forged_entry_is_exit_1(
    sealing: Sealing, admin: psycopg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its tenant is marked and nobody else; the other's line still comes."""
    forge(admin)
    problem = (await sealing.verify()).problem
    code = await run_verify(as_json=False)
    lines = set(capfd.readouterr().out.splitlines())

    assert problem is not None
    assert 1 == code
    assert f"✗ acme: {problem}" in lines
    assert ["✓ globex:"] == [one[:9] for one in lines if one.startswith("✓")]


async def test_as_json_it_is_one_document(
    sealing: Sealing, admin: psycopg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """The whole head, the problem, and the same exit code."""
    forge(admin)
    expected = await sealing.verify()
    code = await run_verify(as_json=True)
    out, err = capfd.readouterr()
    by_tenant = {one["tenant_id"]: one for one in json.loads(out)}

    assert (1, "") == (code, err)
    assert {
        "tenant_id": "acme",
        "entries": expected.entries,
        "unsealed": 0,
        "problem": expected.problem,
        "head": expected.head,
    } == by_tenant["acme"]
    assert by_tenant[OTHER]["problem"] is None


async def test_a_good_ledger_is_exit_0_as_json(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    head = (await sealing.verify()).head
    code = await run_verify(as_json=True)
    found = json.loads(capfd.readouterr().out)

    assert 0 == code
    assert [(head, 3)] == [(o["head"], o["entries"]) for o in found if o["entries"]]


async def test_a_tenant_of_a_frozen_environment_is_verified(
    scopes: Scopes, capfd: pytest.CaptureFixture[str]
) -> None:
    """A freeze stops writes, not the audit."""
    await scopes("acme", "prod", frozen=True)

    assert 0 == await run_verify(as_json=False)
    assert capfd.readouterr().out.startswith("✓ acme: 0 entries")


@pytest.mark.parametrize(("flags", "out"), [((), ""), (("--json",), "[]\n")])
def test_no_tenant_is_no_success(
    autopilot: Autopilot, flags: tuple[str, ...], out: str
) -> None:
    """Nothing was verified, and that is said."""
    said = autopilot("audit", "verify", *flags)

    assert (1, out) == (said.code, said.out)
    assert "there is no tenant, so nothing was verified" in said.complaint


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=repr)
def test_an_unreachable_ledger_is_no_success(
    autopilot: Autopilot, environment: Environment, nowhere: str, flags: tuple[str, ...]
) -> None:
    """Exit 1, one line on standard error, not a word on standard output."""
    environment.set(DATABASE_URL_SEALER=nowhere)
    said = autopilot("audit", "verify", *flags)

    assert (1, "") == (said.code, said.out)
    assert "the database did not answer" in said.complaint


def test_without_its_setting_it_says_which(
    autopilot: Autopilot, environment: Environment
) -> None:
    environment.unset("DATABASE_URL_SEALER")
    said = autopilot("audit", "verify")

    assert (1, "") == (said.code, said.out)
    assert "set DATABASE_URL_SEALER" in said.complaint


async def test_each_environment_counts_for_its_tenant_alone(
    sealing: Sealing, scopes: Scopes, capfd: pytest.CaptureFixture[str]
) -> None:
    """An environment of the same name makes no two tenants one."""
    del sealing
    await scopes(OTHER, STAGING.environment)
    await run_verify(as_json=True)
    found = json.loads(capfd.readouterr().out)

    assert {"acme": 3, OTHER: 0} == {one["tenant_id"]: one["entries"] for one in found}
