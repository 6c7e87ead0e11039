"""In which of a workspace's environments something is to be done."""

import pytest

from bot.environments import NoEnvironment, list_others, pick, read
from policy.scope import Scope
from tests.conftest import Databases, Scopes

DEV, PROD, STAGING = (Scope("acme", one) for one in ("dev", "prod", "staging"))


@pytest.mark.parametrize(
    ("scopes", "named", "found"),
    [
        ([DEV, PROD], None, PROD),
        ([DEV, PROD], "dev", DEV),
        ([STAGING], None, STAGING),
    ],
)
def test_one_is_picked(scopes: list[Scope], named: str | None, found: Scope) -> None:
    assert found == pick(scopes, named)


@pytest.mark.parametrize("named", [None, "prod"])
def test_none_is_guessed(named: str | None) -> None:
    with pytest.raises(NoEnvironment, match="dev, staging"):
        pick([DEV, STAGING], named)


def test_a_word_names_one_or_none() -> None:
    """One that is not connected is said."""
    assert ("dev", None) == (read("DEV", [DEV], []), read("slow", [DEV], []))
    with pytest.raises(NoEnvironment, match=r"edge is not connected .* dev is"):
        read("edge", [DEV], ["edge"])


async def test_others_are_the_same_tenants(
    database: Databases, scope: Scope, scopes: Scopes
) -> None:
    await scopes("acme", "edge")
    await scopes("globex", "prod")

    assert ["edge"] == await list_others(database("web"), [scope])
