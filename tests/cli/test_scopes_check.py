"""The doctor's look at scopes: what lacks, what stops without it, what is too much."""

import pytest

from bot.manifest import asked_scopes
from cli.scopes_check import judge_scopes

ASKED = {one.name for one in asked_scopes() if not one.optional}


@pytest.mark.parametrize(
    ("granted", "ok", "says"),
    [
        (ASKED, True, "without groups:history"),
        (ASKED | {"groups:history"}, True, "as the manifest asks"),
        (ASKED - {"files:write"}, None, "findings come without pictures"),
        (ASKED - {"chat:write"}, False, "chat:write: nothing is posted"),
        (ASKED | {"channels:manage"}, None, "never used: channels:manage"),
        (set(), False, "channels:history"),
    ],
    ids=["no optional", "all", "no pictures", "no posts", "too much", "nothing"],
)
def test_scopes_are_held_against_the_manifest(
    granted: set[str], ok: object, says: str
) -> None:
    """Only what nothing works without fails the doctor."""
    found = judge_scopes(granted)

    assert (ok, True) == (found.ok, says in found.text)
    assert found.ok is True or found.mend
