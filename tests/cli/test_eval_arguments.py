"""The words of ``autopilot evals``."""

import pytest

from tests.cli.world import Autopilot, Environment
from tests.database import Urls


def test_cases_of_a_tenant_are_read(
    environment: Environment, urls: Urls, autopilot: Autopilot
) -> None:
    """As the role that shows tasks to people; a tenant must be said."""
    environment.set(DATABASE_URL_RELEASE=urls["release"], DATABASE_URL_WEB=urls["web"])
    autopilot("tenant", "add", "acme", "--environment", "prod", "--slack-team", "T1")
    said = autopilot("evals", "cases", "--tenant", "acme")
    lines = autopilot("evals", "cases", "--tenant", "acme", "--jsonl")

    assert "no case yet" in said.out
    assert (0, "") == (lines.code, lines.out)
    with pytest.raises(SystemExit):
        autopilot("evals", "cases")
