"""``autopilot audit verify``: never "verified" on a doubt, and never a silent 0."""

import argparse
import json
from pathlib import Path

import psycopg
import pytest

from audit.checkpoint import load_signing_key
from cli.audit import run_verify
from cli.keys import new_keys
from orchestrator.anchors import FileAnchor
from orchestrator.notary import Notary
from tests.cli.world import Autopilot, Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import PROD, STAGING, Sealing, make_sealing

OTHER = "globex"


PEM = new_keys()["LEDGER_SIGNING_KEY"]


@pytest.fixture(autouse=True)
def sealer(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_SEALER=urls["sealer"], LEDGER_SIGNING_KEY=PEM)


def asked(**flags: object) -> argparse.Namespace:
    """Give the arguments of ``audit verify``, as its parser makes them."""
    nothing = {"json": False, "since": None, "anchors": None, "lost": 0}
    return argparse.Namespace(**{**nothing, **flags})


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Three sealed entries in two environments of acme, and globex without any."""
    made = await make_sealing(database, scopes)
    await scopes(OTHER, "prod")
    await made.append(await made.task(PROD), PROD, times=2)
    await made.append(await made.task(STAGING), STAGING)
    await made.seal()
    await Notary(database("sealer"), load_signing_key(PEM), "ops-autopilot").sign_all()
    return made


def forge(admin: psycopg.Connection) -> None:
    """Change an entry as only the database's owner can."""
    admin.execute("SET session_replication_role = replica")
    changed = admin.execute("UPDATE ledger SET actor = 'mallory' WHERE task_seq = 2")
    admin.execute("SET session_replication_role = origin")
    assert 1 == changed.rowcount


def line(tenant: str, entries: int, unsealed: int, head: str) -> str:
    return (
        f"✓ {tenant}: {entries} entries verified, {entries} signed, 0 anchored, "
        f"{unsealed} not sealed yet, 0 actions under way, head {head[:16]}"
    )


async def test_each_tenant_has_a_line(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    """All environments of a tenant are one chain; what waits is not called verified."""
    await sealing.append(await sealing.task())
    head = (await sealing.verify_under(PEM)).head
    code = await run_verify(asked())
    out, err = capfd.readouterr()

    assert (0, "") == (code, err)
    assert {
        line("acme", 3, 1, head),
        line(OTHER, 0, 0, "0" * 16),
    } == set(out.splitlines())


async def test_a_forged_entry_is_exit_1(
    sealing: Sealing, admin: psycopg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its tenant is marked and nobody else; the other's line still comes."""
    forge(admin)
    problem = (await sealing.verify_under(PEM)).problem
    code = await run_verify(asked())
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
    expected = await sealing.verify_under(PEM)
    code = await run_verify(asked(json=True))
    out, err = capfd.readouterr()
    by_tenant = {one["tenant_id"]: one for one in json.loads(out)}

    assert (1, "") == (code, err)
    assert {
        "tenant_id": "acme",
        "entries": expected.entries,
        "signed": 0,
        "anchored": 0,
        "under_way": 0,
        "lost": 0,
        "unsealed": 0,
        "problem": expected.problem,
        "head": expected.head,
    } == by_tenant["acme"]
    assert by_tenant[OTHER]["problem"] is None


async def test_a_good_ledger_is_exit_0_as_json(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    head = (await sealing.verify_under(PEM)).head
    code = await run_verify(asked(json=True))
    found = json.loads(capfd.readouterr().out)

    assert 0 == code
    assert [(head, 3)] == [(o["head"], o["entries"]) for o in found if o["entries"]]


async def test_a_tenant_of_a_frozen_environment_is_verified(
    scopes: Scopes, capfd: pytest.CaptureFixture[str]
) -> None:
    """A freeze stops writes, not the audit."""
    await scopes("acme", "prod", frozen=True)

    assert 0 == await run_verify(asked())
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
    await run_verify(asked(json=True))
    found = json.loads(capfd.readouterr().out)

    assert {"acme": 3, OTHER: 0} == {one["tenant_id"]: one["entries"] for one in found}


async def test_what_hangs_at_the_anchor_is_counted_and_must_be_there(
    sealing: Sealing,
    database: Databases,
    environment: Environment,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A file that was emptied is as good as a forgery."""
    path = tmp_path / "anchors.jsonl"
    environment.set(LEDGER_ANCHOR_FILE=path)
    key = load_signing_key(PEM)
    notary = Notary(
        database("sealer"), key, "ops-autopilot", anchors=[FileAnchor(path)]
    )
    await notary.sign_all()
    whole = await run_verify(asked())
    path.write_bytes(b"")
    emptied = await run_verify(asked())
    lines = capfd.readouterr().out.splitlines()

    assert (0, 1) == (whole, emptied)
    assert any("3 signed, 3 anchored" in one for one in lines)
    assert any("is gone there" in one for one in lines)
    assert sealing is not None


async def test_a_kept_checkpoint_must_be_continued(
    sealing: Sealing, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """``--since`` takes the note that ``audit prove`` printed, of whichever tenant."""
    note = tmp_path / "note"
    [kept] = await sealing.notes()
    note.write_text(kept)

    assert 0 == await run_verify(asked(since=str(note)))
    assert "3 signed, 3 anchored" in capfd.readouterr().out


async def test_a_kept_checkpoint_of_nobody_is_no_success(
    sealing: Sealing, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Else what was asked for would not have been looked at, in silence."""
    note = tmp_path / "note"
    note.write_text("elsewhere/acme\n3\n")

    assert 1 == await run_verify(asked(since=str(note)))
    assert "of no tenant here" in capfd.readouterr().err
    assert sealing is not None
