"""``autopilot silence``: add, list, end, under the release role."""

import pytest

from tests.cli.world import Autopilot, Environment
from tests.database import Urls


@pytest.fixture(autouse=True)
def release(environment: Environment, urls: Urls, autopilot: Autopilot) -> None:
    environment.set(DATABASE_URL_RELEASE=urls["release"])
    for name in ("staging", "other"):
        autopilot("tenant", "add", "acme", "--environment", name, "--slack-team", "T1")


def test_a_silence_is_added_listed_and_ended(autopilot: Autopilot) -> None:
    """In its own environment alone."""
    where = ("--tenant", "acme", "--environment", "staging")
    why = ("--for", "2h", "--reason", "deploy of feed")
    added = autopilot(
        "silence",
        "add",
        *where,
        *why,
        "--label",
        "service=feed",
        "--label",
        "zone=/a|b/",
    )
    listed = autopilot("silence", "list", *where)
    elsewhere = autopilot(
        "silence", "list", "--tenant", "acme", "--environment", "other"
    )
    short_id = added.out.split()[0]
    ended = autopilot("silence", "end", short_id, *where)
    after = autopilot("silence", "list", *where)
    again = autopilot("silence", "end", short_id, *where)

    assert "service=feed zone=/a|b/  until " in added.out
    assert "by release: deploy of feed" in added.out
    assert added.out == listed.out
    assert f"{short_id} ended; what waited for it opens now\n" == ended.out
    assert "no silence holds here\n" == elsewhere.out == after.out
    assert 1 == again.code
    assert "those that do: none" in again.complaint


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--for", "2h"), "name at least one label"),
        (("--for", "soon", "--label", "a=b"), "soon is no duration"),
        (("--for", "60d", "--label", "a=b"), "up to 30 days"),
        (("--for", "2h", "--label", "feed"), "feed is no label"),
        (("--for", "2h", "--label", "a=/(/"), "no regular expression"),
    ],
)
def test_words_that_make_no_sense_are_said(
    autopilot: Autopilot, words: tuple[str, ...], says: str
) -> None:
    said = autopilot(
        "silence",
        "add",
        "--tenant",
        "acme",
        "--environment",
        "staging",
        "--reason",
        "x",
        *words,
    )

    assert 1 == said.code
    assert says in said.complaint
