"""Errors that are said in one line, and bugs that are not."""

import pytest
from pydantic import ValidationError

from cli.clock import utc_now
from cli.errors import said_errors, say
from cli.migrate import ReleaseSettings
from orchestrator.settings import WorkerSettings
from storage.database import connect
from tests.cli.world import Environment


def refusal(settings: type[WorkerSettings | ReleaseSettings]) -> str:
    with pytest.raises(ValidationError) as caught:
        settings()
    return say(caught.value)


def test_every_missing_setting_is_named_as_the_environment_names_it() -> None:
    """All at once, and no field of ours."""
    assert refusal(WorkerSettings).startswith(
        "set DATABASE_URL_WORKER, REDIS_URL, TOKEN_PRIVATE_KEY, GATEWAY_SOCKET_FOLDER "
    )


def test_a_setting_that_is_there_and_wrong_is_not_called_missing(
    environment: Environment,
) -> None:
    """Who is told to set what he has set looks in the wrong place."""
    environment.set(
        DATABASE_URL_WORKER="x",
        REDIS_URL="x",
        TOKEN_PRIVATE_KEY="x",  # noqa: S106 - of a test
        GATEWAY_SOCKET_FOLDER="x",
        WORKER_LEASE_SECONDS="1",
    )
    said = refusal(WorkerSettings)

    assert said.startswith("mend WORKER_LEASE_SECONDS: Input should be greater than")


def test_missing_and_wrong_settings_are_told_apart(environment: Environment) -> None:
    environment.set(WORKER_LEASE_SECONDS="soon", REDIS_URL="x")
    said = refusal(WorkerSettings)

    assert (
        "TOKEN_PRIVATE_KEY, GATEWAY_SOCKET_FOLDER; mend WORKER_LEASE_SECONDS: " in said
    )


@pytest.mark.parametrize("url", ["autopilot", "", "postgres://u:hunter2@h/d", "://"])
def test_a_url_of_no_postgres_is_told_without_its_password(url: str) -> None:
    with pytest.raises(said_errors()) as caught:
        connect(url, utc_now)

    assert "expected postgresql://role:password@host/db" in say(caught.value)
    assert "hunter2" not in say(caught.value)


@pytest.mark.parametrize("bug", [KeyError, TypeError, ValueError, AttributeError])
def test_a_bug_shows_its_trace(bug: type[Exception]) -> None:
    """Said in one line it could not be found."""
    assert not issubclass(bug, said_errors())
