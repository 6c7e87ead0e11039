"""Routes: the first that matches, and files that do not load."""

from pathlib import Path

import pytest

from gateway.agents import Agents
from orchestrator.routing import Routes, load_routes
from policy.errors import PolicyError

HEAD = """routes:
  - id: flags
    match: {source: alertmanager, labels: {team: growth, service: "/feed-.*/"}}
    environment: dev
    kind: reliability
    agent: reliability-triage/1
    channel: C0FLAGS
    group_by: [service, region]
"""
LAST = """  - id: rest
    match: {}
    kind: reliability
    agent: reliability-triage/1
    channel: C0REST
"""


def load(folder: Path, text: str, agents: Agents) -> Routes:
    path = folder / "routes.yaml"
    path.write_text(text)
    return load_routes(path, agents)


def test_the_shipped_routes_load(routes: Routes) -> None:
    """The last one takes what no other does."""
    assert "everything-else" == routes.find("anything", {}).id
    assert "reliability" == routes.find("x", {"team": "reliability"}).id


@pytest.mark.parametrize(
    ("source", "labels", "expected"),
    [
        ("alertmanager", {"team": "growth", "service": "feed-api"}, "flags"),
        ("alertmanager", {"team": "growth", "service": "the feed-api"}, "rest"),
        ("alertmanager", {"team": "growth", "service": "feed"}, "rest"),
        ("alertmanager", {"team": "growthy", "service": "feed-api"}, "rest"),
        ("alertmanager", {"team": "growth"}, "rest"),
        ("slack", {"team": "growth", "service": "feed-api"}, "rest"),
    ],
)
def test_the_first_match_wins(
    tmp_path: Path, agents: Agents, source: str, labels: dict[str, str], expected: str
) -> None:
    """Source and every label must match; a regular expression spans the whole label."""
    routes = load(tmp_path, HEAD + LAST, agents)

    assert expected == routes.find(source, labels).id


def test_a_plain_value_is_no_pattern(tmp_path: Path, agents: Agents) -> None:
    """Without slashes a dot is a dot."""
    text = HEAD.replace('"/feed-.*/"', "feed.api") + LAST
    routes = load(tmp_path, text, agents)

    assert (
        "rest"
        == routes.find("alertmanager", {"team": "growth", "service": "feedxapi"}).id
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"service": "feed", "region": "eu"}, "flags:feed:eu"),
        ({"service": "feed"}, "flags:f1"),
        ({"service": "feed", "region": ""}, "flags:f1"),
    ],
)
def test_a_group_needs_all_of_its_labels(
    tmp_path: Path, agents: Agents, labels: dict[str, str], expected: str
) -> None:
    """Where one lacks, the alert has a task of its own."""
    route = load(tmp_path, HEAD + LAST, agents).routes[0]

    assert expected == route.group_key(labels, "f1")


def test_a_group_key_fits_an_index(tmp_path: Path, agents: Agents) -> None:
    """Labels of any length make a short key, different for different labels."""
    route = load(tmp_path, HEAD + LAST, agents).routes[0]
    keys = {
        route.group_key({"service": "x" * 9000, "region": end}, "f") for end in "ab"
    }

    assert 2 == len(keys)
    assert all(len(one) <= 300 for one in keys)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (HEAD, 2, "the last route must match everything"),
        (LAST.replace("  - id", "routes:\n  - id") + HEAD[8:], 7, "the last route"),
        (HEAD + LAST.replace("triage/1", "triage/9"), 9, "does not exist; use one of"),
        (HEAD + LAST.replace("triage/1", "triage/x"), 9, "does not exist"),
        (HEAD + LAST.replace("kind: reliability", "kind: safety"), 9, "does not take"),
        (HEAD + LAST.replace("C0REST", "#rest"), 13, "channel"),
        (HEAD + LAST + "    more: 1\n", 14, "more"),
        (HEAD.replace("/feed-.*/", "/feed-(/") + LAST, 2, "no regular expression"),
        (HEAD + LAST.replace("    kind: reliability\n", "", 1), 9, "kind"),
        ("routes: []\n", 1, "routes"),
        ("", 1, "document"),
        ("routes: [", 1, "not YAML"),
        (HEAD + "  - id: 2026-02-30\n", 0, "day is out of range"),
        (HEAD + "\x07" + LAST, 9, "not YAML"),
    ],
)
def test_a_broken_file_names_the_line(
    tmp_path: Path, agents: Agents, text: str, line: int, why: str
) -> None:
    """File, line and mend stand in the message."""
    with pytest.raises(PolicyError, match=why) as caught:
        load(tmp_path, text, agents)
    assert str(caught.value).startswith(f"{tmp_path}/routes.yaml:{line}:")


def test_a_file_that_is_no_text_says_so(tmp_path: Path, agents: Agents) -> None:
    """Saved by an editor of another century, it names the line and no traceback."""
    path = tmp_path / "routes.yaml"
    path.write_bytes((HEAD + "  # caf\xe9\n" + LAST).encode("latin-1"))

    with pytest.raises(PolicyError, match="save the file as UTF-8") as caught:
        load_routes(path, agents)
    assert 9 == caught.value.line
