"""``audit search``: lines newest first, pages, and times that mean UTC."""

import argparse
import json
from datetime import UTC, datetime, timedelta

import pytest

from cli.audit_arguments import add_audit
from cli.searching import parse_instant, run_search
from storage.errors import NotFound
from tests.cli.world import Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.storage.sealing import PROD, STAGING, Sealing, make_sealing


@pytest.fixture(autouse=True)
def reader(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_WEB=urls["web"])


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Three entries, of two environments, a second after each other."""
    made = await make_sealing(database, scopes)
    for scope in (PROD, STAGING, PROD):
        database.clock.move(seconds=1)
        await made.append(await made.task(scope), scope)
    return made


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_audit(parser.add_subparsers())
    return parser.parse_args(["audit", "search", "--tenant", "acme", *words])


async def search(capfd: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert 0 == await run_search(asked(*words))
    return capfd.readouterr().out.splitlines()


async def test_entries_of_all_environments_are_found(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line says when, which, where, of which task, what, who and the body."""
    lines = await search(capfd)
    environments = [line.split("  ")[2] for line in lines]

    assert ["prod", "staging", "prod"] == environments
    assert all(line.endswith('task.moved  w1  {"n":1}') for line in lines)
    assert sealing is not None


async def test_one_environment_may_be_asked_for(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    assert 1 == len(await search(capfd, "--environment", "staging"))
    assert sealing is not None


async def test_pages_follow_each_other(
    sealing: Sealing, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the last line says leads on, until there is no more."""
    *first, more = await search(capfd, "--most", "2")
    second = await search(capfd, "--most", "2", "--before", more.split()[-1])

    assert (2, 1) == (len(first), len(second))
    assert first + second == await search(capfd)
    assert sealing is not None


async def test_as_json_each_entry_is_whole(
    sealing: Sealing,
    database: Databases,
    capfd: pytest.CaptureFixture[str],
) -> None:
    since = database.clock.now - timedelta(seconds=1)
    lines = await search(capfd, "--json", "--since", since.isoformat())
    found = json.loads("".join(lines))

    assert [("acme", "w1", '{"n":1}')] * 2 == [
        (one["tenant"], one["actor"], one["body"]) for one in found
    ]
    assert sealing is not None


async def test_a_page_behind_nothing_is_said(sealing: Sealing) -> None:
    with pytest.raises(NotFound, match="none of acme"):
        await run_search(asked("--before", "018f3c4e-0000-7000-8000-00000000000a"))
    assert sealing is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-26", datetime(2026, 11, 26, tzinfo=UTC)),
        ("2026-11-26T21:00", datetime(2026, 11, 26, 21, tzinfo=UTC)),
        ("2026-11-26T21:00+02:00", datetime(2026, 11, 26, 19, tzinfo=UTC)),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text: str, expected: datetime) -> None:
    assert expected == parse_instant(text)


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="2026-11-26"):
        parse_instant("yesterday")
