"""``autopilot webhooks``: what is printed is true, and a secret is nowhere in clear."""

import io
import re

import psycopg
import pytest
from cryptography.fernet import Fernet

from bot.sealing import open_sealed
from storage.endpoints import digest_of
from tests.cli.world import Autopilot, Environment, Said
from tests.database import Urls

TENANT = ("tenant", "add", "acme", "--slack-team", "T1")
ADD = ("webhooks", "add", "acme", "--source")
KEY = Fernet.generate_key().decode()
ARN = "arn:aws:sns:eu-west-1:123456789012:alerts"
Held = tuple[list[str], list[str], list[str], bool]


@pytest.fixture(autouse=True)
def tenant(environment: Environment, urls: Urls, autopilot: Autopilot) -> None:
    environment.set(DATABASE_URL_RELEASE=urls["release"], WEBHOOK_KEY=KEY)
    autopilot(*TENANT)


def held(admin: psycopg.Connection, slug: str) -> Held:
    row = admin.execute(
        "SELECT token_digests, sealed_secrets, topics, rotated_at IS NOT NULL"
        " FROM webhook_endpoints WHERE slug = %s",
        [slug],
    ).fetchone()
    assert row is not None
    return row


def token_of(said: Said) -> str:
    found = re.search(r"token +(\S+)", said.out)
    assert found is not None
    return found[1]


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_the_printed_token_opens_the_printed_endpoint(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    said = autopilot(*ADD, "datadog")

    assert "POST /webhooks/datadog/acme-prod-datadog\n" in said.out
    assert "Custom Headers" in said.out
    assert ([digest_of(token_of(said))], [], [], False) == held(
        admin, "acme-prod-datadog"
    )


def test_who_can_set_no_header_gets_its_token_in_the_url(autopilot: Autopilot) -> None:
    said = autopilot(*ADD, "pingdom", "--slug", "checks")

    assert f"POST /webhooks/pingdom/checks/{token_of(said)}\n" in said.out


def test_a_secret_is_sealed(
    autopilot: Autopilot,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of it is printed, and the database has it sealed alone."""
    type_in(monkeypatch, "of-sentry-itself\n")
    said = autopilot(*ADD, "sentry", "--secret-from-stdin", "--slug", "s")
    digests, sealed, _, _ = held(admin, "s")

    assert (0, True) == (said.code, "of-sentry" not in said.out)
    assert ([], ("of-sentry-itself",)) == (digests, open_sealed(sealed, KEY))
    assert "of-sentry" not in str(sealed)


def test_topics_are_listed_and_need_no_token(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    said = autopilot(*ADD, "cloudwatch", "--slug", "c", "--topic", ARN)
    autopilot("webhooks", "rotate", "c", "--topic", f"{ARN}-2")

    assert "token   " not in said.out
    assert ([], [], [ARN, f"{ARN}-2"], False) == held(admin, "c")


def test_a_token_is_rotated_in_two_steps(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """Both are valid between; a third one, and a finish without, change nothing."""
    old = token_of(autopilot(*ADD, "datadog", "--slug", "d"))
    new = token_of(autopilot("webhooks", "rotate", "d"))
    between = held(admin, "d")
    third = autopilot("webhooks", "rotate", "d")
    for _ in range(2):
        autopilot("webhooks", "rotate", "d", "--finish")

    assert ([digest_of(old), digest_of(new)], [], [], True) == between
    assert (1, True) == (third.code, "--finish" in third.complaint)
    assert ([digest_of(new)], [], [], False) == held(admin, "d")


def test_a_secret_is_rotated_in_two_steps(
    autopilot: Autopilot,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for word, secret in ((ADD, "the-old-one"), (("webhooks", "rotate"), "the-new-one")):
        type_in(monkeypatch, secret)
        named = (*word, "sentry", "--slug", "s") if word is ADD else (*word, "s")
        autopilot(*named, "--secret-from-stdin")
    between = open_sealed(held(admin, "s")[1], KEY)
    autopilot("webhooks", "rotate", "s", "--finish")

    assert ("the-old-one", "the-new-one") == between
    assert ("the-new-one",) == open_sealed(held(admin, "s")[1], KEY)


def test_a_list_has_no_secret(
    autopilot: Autopilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what proves a sender, how many of it, and since when two stand."""
    type_in(monkeypatch, "of-sentry-itself")
    autopilot(*ADD, "sentry", "--secret-from-stdin", "--slug", "s")
    token = token_of(autopilot(*ADD, "datadog", "--slug", "d"))
    autopilot("webhooks", "rotate", "d")
    said = autopilot("webhooks", "list", "acme", "--json")
    table = autopilot("webhooks", "list")
    none = autopilot("webhooks", "list", "globex")

    assert isinstance(said.document, list)
    assert {"acme-prod": "1 token", "s": "1 secret", "d": "2 tokens"} == {
        one["slug"]: one["proof"] for one in said.document
    }
    assert 2 == sum(one["rotating_since"] is None for one in said.document)
    assert ["source", "alertmanager", "datadog", "sentry"] == [
        line.split()[0] for line in table.out.splitlines()
    ]
    assert "no endpoint" in none.out
    assert not {token, digest_of(token)} & set(re.split(r"\W+", said.out + table.out))


def test_what_is_removed_is_gone(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    autopilot(*ADD, "datadog", "--slug", "d")
    said = autopilot("webhooks", "remove", "d")
    again = autopilot("webhooks", "remove", "d")

    assert (0, 1) == (said.code, again.code)
    assert "no such endpoint" in again.complaint
    assert 1 == admin.execute("SELECT 1 FROM webhook_endpoints").rowcount


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        ((*ADD, "pigeons"), "", "source pigeons is unknown; use one of alertmanager"),
        ((*ADD, "datadog", "--topic", ARN), "", "--topic is for cloudwatch"),
        ((*ADD, "datadog", "--secret-from-stdin"), "secret-of-it", "signs nothing"),
        ((*ADD, "sentry", "--secret-from-stdin"), "\n", "no secret came"),
        ((*ADD, "sentry", "--slug", "acme-prod"), "", "it is there already"),
        (
            ("webhooks", "add", "globex", "--source", "datadog"),
            "",
            "globex prod: no such environment",
        ),
        (("webhooks", "rotate", "nothing"), "", "no such endpoint"),
        (
            ("webhooks", "rotate", "acme-prod", "--secret-from-stdin"),
            "secret-of-it",
            "acme-prod has a token",
        ),
        (("webhooks", "rotate", "acme-prod", "--topic", ARN), "", "has no topics"),
    ],
    ids=lambda value: " ".join(value)[-30:] if isinstance(value, tuple) else None,
)
def test_what_can_not_be_changes_nothing(
    autopilot: Autopilot,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    typed: str,
    words: str,
) -> None:
    """One line says why, and what to do."""
    before = held(admin, "acme-prod")
    type_in(monkeypatch, typed)
    said = autopilot(*arguments)

    assert (1, "") == (said.code, said.out)
    assert words in said.complaint
    assert (before, 1) == (
        held(admin, "acme-prod"),
        admin.execute("SELECT 1 FROM webhook_endpoints").rowcount,
    )


def test_topics_and_secrets_are_rotated_as_what_they_are(
    autopilot: Autopilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new token would open nothing there."""
    type_in(monkeypatch, "of-sentry-itself")
    autopilot(*ADD, "sentry", "--secret-from-stdin", "--slug", "s")
    autopilot(*ADD, "cloudwatch", "--slug", "c", "--topic", ARN)
    said = [autopilot("webhooks", "rotate", slug).complaint for slug in "sc"]

    assert "--secret-from-stdin" in said[0]
    assert "--topic ARN adds one" in said[1]


def test_without_the_key_no_secret_is_asked_for(
    autopilot: Autopilot, environment: Environment
) -> None:
    environment.unset("WEBHOOK_KEY")
    said = autopilot(*ADD, "sentry", "--secret-from-stdin")

    assert (1, True) == (said.code, "set WEBHOOK_KEY" in said.complaint)


def seal_of(admin: psycopg.Connection, slug: str) -> list[str]:
    return held(admin, slug)[1]


def test_secrets_are_sealed_with_another_key(
    autopilot: Autopilot,
    environment: Environment,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both of one that is rotating, all endpoints'; the second time nothing is left."""
    for command in (
        (*ADD, "sentry", "--secret-from-stdin", "--slug", "s"),
        ("webhooks", "rotate", "s", "--secret-from-stdin"),
        (*ADD, "grafana", "--secret-from-stdin", "--slug", "g"),
    ):
        type_in(monkeypatch, f"secret of {command[-1]}\n")
        autopilot(*command)
    autopilot(*ADD, "datadog")
    newer = Fernet.generate_key().decode()
    environment.set(WEBHOOK_KEY=f"{newer},{KEY}")
    said = [autopilot("webhooks", "reseal") for _ in range(2)]

    assert ["2 of 2", "0 of 2"] == [one.out[:6] for one in said]
    assert 2 == len(open_sealed(seal_of(admin, "s"), newer))
    assert ("secret of g",) == open_sealed(seal_of(admin, "g"), newer)
    assert held(admin, "s")[3]


def test_one_secret_that_does_not_open_leaves_all_as_they_are(
    autopilot: Autopilot,
    environment: Environment,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Named, with what to do; also without any key."""
    newer, lost = (Fernet.generate_key().decode() for _ in range(2))
    for slug, key in (("a", KEY), ("b", lost)):
        environment.set(WEBHOOK_KEY=key)
        type_in(monkeypatch, "of-sentry-itself\n")
        autopilot(*ADD, "sentry", "--secret-from-stdin", "--slug", slug)
    before = [seal_of(admin, slug) for slug in "ab"]
    environment.set(WEBHOOK_KEY=f"{newer},{KEY}")
    said = autopilot("webhooks", "reseal")
    environment.unset("WEBHOOK_KEY")
    none = autopilot("webhooks", "reseal")

    assert (1, 1) == (said.code, none.code)
    assert said.complaint.startswith("autopilot: b: WEBHOOK_KEY opens not all")
    assert "the new key and the old one" in none.complaint
    assert before == [seal_of(admin, slug) for slug in "ab"]


def test_a_list_shows_who_is_silent(
    autopilot: Autopilot, admin: psycopg.Connection
) -> None:
    """When each was last heard, and when and how one was last refused."""
    autopilot(*ADD, "datadog", "--slug", "heard")
    admin.execute(
        "INSERT INTO webhook_visits SELECT tenant_id, environment, id,"
        " '2026-11-26 03:04:05Z', '2026-11-26 03:00:00Z', 401 FROM webhook_endpoints"
        " WHERE slug = 'heard'"
    )
    said = autopilot("webhooks", "list", "--json")
    table = autopilot("webhooks", "list").out

    assert isinstance(said.document, list)
    assert [
        ("acme-prod", "never", None),
        ("heard", "2026-11-26T03:04:05Z", "2026-11-26T03:00:00Z 401"),
    ] == [
        (one["slug"], one["last_taken"], one["last_refused"]) for one in said.document
    ]
    assert "2026-11-26T03:00:00Z 401" in table
