"""``audit export``, ``prove`` and ``keys``: what a stranger takes along, and checks."""

import argparse
import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from audit.checkpoint import load_signing_key, parse_verifier_key, public_of
from audit.export import BadLine, Header, parse_lines, render_line
from cli.exporting import resume, run_export, run_prove
from cli.keys import new_keys
from orchestrator.notary import Notary
from storage.errors import NotFound
from tests.audit.test_strangers_script import check
from tests.cli.world import Autopilot, Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import ORIGIN, PROD, Sealing, make_sealing

PEM = new_keys()["LEDGER_SIGNING_KEY"]


@pytest.fixture(autouse=True)
def sealer(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_SEALER=urls["sealer"], LEDGER_SIGNING_KEY=PEM)


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Three entries, signed."""
    made = await make_sealing(database, scopes)
    await add(made, database)
    return made


async def add(sealing: Sealing, database: Databases) -> None:
    """Append three entries, seal and sign them."""
    await sealing.append(await sealing.task(PROD), PROD, times=3)
    await sealing.seal()
    database.clock.move(seconds=6)
    await Notary(database("sealer"), load_signing_key(PEM), "ops-autopilot").sign_all()


async def export(path: Path) -> int:
    return await run_export(argparse.Namespace(tenant="acme", out=str(path)))


async def prove_entry(entry: UUID) -> int:
    return await run_prove(argparse.Namespace(entry=entry))


def key(autopilot: Autopilot) -> str:
    """Give the first key that the command prints, as a stranger is told it."""
    return autopilot("audit", "keys", "acme").out.splitlines()[0]


async def test_an_export_verifies_without_the_database(
    sealing: Sealing, autopilot: Autopilot, environment: Environment, tmp_path: Path
) -> None:
    """The file and the public key are enough; not even a database's URL is needed."""
    path = tmp_path / "acme.jsonl"
    code = await export(path)
    public = key(autopilot)
    environment.unset("DATABASE_URL_SEALER")
    environment.unset("LEDGER_SIGNING_KEY")
    said = autopilot("audit", "verify", "--from-export", str(path), "--key", public)

    assert (0, 0) == (code, said.code)
    assert f"head {(await sealing.verify_under(PEM)).head[:16]}" in said.out
    assert "No anchor was given" in said.out


async def test_an_export_goes_on_where_it_ended(
    sealing: Sealing,
    database: Databases,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What was there stays byte for byte, and what is new comes behind it."""
    path, whole = tmp_path / "acme.jsonl", tmp_path / "whole.jsonl"
    await export(path)
    first = path.read_bytes()
    await export(path)
    same = path.read_bytes()
    await add(sealing, database)
    await export(path)
    await export(whole)

    assert first == same
    assert path.read_bytes().startswith(first)
    assert whole.read_bytes() == path.read_bytes()
    assert [
        f"{path}: 3 entries more, 3 in all",
        f"{path}: 0 entries more, 3 in all",
        f"{path}: 3 entries more, 6 in all",
        f"{whole}: 6 entries more, 6 in all",
    ] == capfd.readouterr().out.splitlines()


async def test_an_export_that_was_cut_anywhere_is_mended(
    sealing: Sealing, database: Databases, tmp_path: Path
) -> None:
    """Killed at any byte: the next one makes of it what it would have been."""
    await add(sealing, database)
    whole = tmp_path / "whole.jsonl"
    await export(whole)
    content = whole.read_bytes()
    path = tmp_path / "cut.jsonl"
    for cut in range(0, len(content), 397):
        path.write_bytes(content[:cut])
        await export(path)

        assert content == path.read_bytes()


def test_the_export_of_another_ledger_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "globex.jsonl"
    other = render_line(Header("ops-autopilot/globex", "globex")).encode()
    path.write_bytes(other)
    with path.open("a+b") as file, pytest.raises(BadLine, match="another ledger"):
        resume(file, Header(ORIGIN, "acme"))

    assert other == path.read_bytes()


async def test_a_tenant_that_is_not_there_has_no_export(
    sealing: Sealing, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="autopilot tenant add"):
        await run_export(
            argparse.Namespace(tenant="nobody", out=str(tmp_path / "x.jsonl"))
        )
    assert sealing is not None


async def test_what_is_not_signed_yet_is_not_exported(
    sealing: Sealing, tmp_path: Path
) -> None:
    await sealing.append(await sealing.task())
    await sealing.seal()
    path = tmp_path / "acme.jsonl"
    await export(path)
    lines = list(parse_lines(path.read_bytes().splitlines(keepends=True)))

    assert 1 + 3 + 1 == len(lines)


async def test_a_stranger_checks_an_entry_with_the_documented_script(
    sealing: Sealing,
    autopilot: Autopilot,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """From what the commands print alone, with Python's standard library alone."""
    public = key(autopilot)
    for one in await sealing.sealed():
        code = await prove_entry(one.entry.id)
        proof = json.loads(capfd.readouterr().out)
        checked, said = check(tmp_path, proof, public)

        assert (0, 0) == (code, checked), said
        assert str(one.entry.id) in said


async def test_an_entry_without_checkpoint_has_no_proof(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not sealed, not signed, or never there: exit 1, and nothing on stdout."""
    await sealing.append(await sealing.task())
    await sealing.seal()
    newest = (await sealing.sealed())[-1].entry.id
    codes = [await prove_entry(one) for one in (newest, uuid4())]
    out, err = capfd.readouterr()

    assert ([1, 1], "") == (codes, out)
    assert "come again in some seconds" in err


def test_without_a_key_there_is_none_to_print(
    autopilot: Autopilot, environment: Environment
) -> None:
    environment.unset("LEDGER_SIGNING_KEY")
    said = autopilot("audit", "keys", "acme")

    assert (1, "") == (said.code, said.out)
    assert "LEDGER_VERIFIER_KEYS" in said.complaint


def test_the_printed_setting_is_taken_as_it_stands(
    autopilot: Autopilot, environment: Environment
) -> None:
    """What goes into LEDGER_VERIFIER_KEYS when the key is changed."""
    [public, setting] = autopilot("audit", "keys", "acme").out.splitlines()
    environment.unset("LEDGER_SIGNING_KEY")
    environment.set(LEDGER_VERIFIER_KEYS=setting.split(": ")[1])

    assert public_of(PEM) == parse_verifier_key(public).public
    assert public == key(autopilot)
