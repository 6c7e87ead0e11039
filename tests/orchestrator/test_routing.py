"""Routes: the first that matches, and files that do not load."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.agents import Agents
from orchestrator.routing import LiveRoutes, Routes, StormRules, load_routes
from policy.alert import Severity
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


NIGHT = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)


def planned(routes: Routes) -> datetime:
    """Give when the planned work of that night ends."""
    found = routes.find_maintenance(
        "x", {}, severity=Severity.error, tenant_id="acme", now=NIGHT
    )
    assert found is not None
    return found[1]


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
        ({"service": "feed:eu", "region": "a\\"}, "flags:feed\\:eu:a\\\\"),
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


def test_a_colon_makes_no_other_group(tmp_path: Path, agents: Agents) -> None:
    """Nor does a fingerprint that reads like two labels."""
    route = load(tmp_path, HEAD + LAST, agents).routes[0]
    keys = {
        route.group_key({"service": service, "region": region}, "a:b")
        for service, region in (("a:b", "c"), ("a", "b:c"), ("a\\", "b:c"), ("a", ""))
    }

    assert 4 == len(keys)


@pytest.mark.parametrize(
    ("windows", "ends"),
    [
        ("once 02:00 60", "03:00"),
        ("once 02:00 60, next 03:00 60, last 04:00 30", "04:30"),
        ("once 02:00 60, long 02:50 600", "12:50"),
        ("once 02:00 60, gap 03:01 60", "03:00"),
        ("once 02:00 60, other 02:00 90", "03:30"),
    ],
)
def test_adjoining_work_is_one(
    tmp_path: Path, agents: Agents, windows: str, ends: str
) -> None:
    """It ends with the last window of the chain."""
    rows = "".join(
        f"  - {{id: {name}, match: {{}}, minutes: {lasts}, "
        f"starts_at: 2026-11-28T{at}}}\n"
        for name, at, lasts in (one.split() for one in windows.split(", "))
    )
    routes = load(tmp_path, f"{HEAD}{LAST}maintenance:\n{rows}", agents)

    assert f"2026-11-28T{ends}:00+00:00" == planned(routes).isoformat()


def test_work_without_an_end_is_followed_for_a_while(
    tmp_path: Path, agents: Agents
) -> None:
    """Each day, all day: twenty windows on."""
    row = "{id: m, match: {}, days: [mon, tue, wed, thu, fri, sat, sun], at: '00:00', "
    text = f"{HEAD}{LAST}maintenance:\n  - {row}minutes: 1440}}\n"

    assert NIGHT.replace(hour=0, minute=0) + timedelta(days=21) == planned(
        load(tmp_path, text, agents)
    )


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
        (HEAD + LAST.replace("id: rest", "id: flags"), 9, "two routes flags"),
        (HEAD + LAST + "    people: ['@ann']\n", 9, "@ann is no id of a Slack user"),
        (
            HEAD + LAST + "    debounce_seconds: 9\n    longest_wait_seconds: 8\n",
            9,
            "longest_wait_seconds 8 is under the debounce of 9",
        ),
        (HEAD + LAST + "storm: {threads_per_minute: 0}\n", 14, "threads_per_minute"),
        (
            HEAD
            + LAST
            + "maintenance:\n  - {id: m, match: {}, minutes: 5, at: 12:30}\n",
            15,
            "maintenance.0.at",
        ),
        (
            HEAD + LAST + "maintenance:\n  - {id: m, match: {}, minutes: 5}\n",
            15,
            "says no time",
        ),
        (
            HEAD
            + LAST
            + "maintenance:\n"
            + "  - {id: m, match: {}, minutes: 5, starts_at: 2026-11-28T02:00}\n" * 2,
            16,
            "two maintenance windows m",
        ),
        (
            HEAD + LAST.replace("triage/1", f"triage/{'1' * 5000}"),
            9,
            "does not exist",
        ),
        (HEAD.replace("/feed-.*/", "/a{1001}/") + LAST, 2, "no regular"),
        (HEAD + f"  - {'[' * 5000}", 9, "nested deeper"),
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


def test_a_chain_of_owners_takes_the_first_that_is_there(
    tmp_path: Path, agents: Agents
) -> None:
    """With its name: a deployment and a service of one name are two."""
    text = HEAD.replace("[service, region]", "[region, deployment|service]") + LAST
    route = load(tmp_path, text, agents).routes[0]
    owned = {"region": "eu", "deployment": "feed", "service": "api"}

    assert "flags:eu:deployment=feed" == route.group_key(owned, "f1")
    assert "flags:eu:service=feed" == route.group_key(
        {"region": "eu", "service": "feed"}, "f1"
    )
    assert "flags:f1" == route.group_key({"region": "eu", "app": "feed"}, "f1")


def test_severity_and_tenant_are_matched_too(tmp_path: Path, agents: Agents) -> None:
    """An endpoint's tenant, and any of the severities."""
    match = "{tenant: acme, severity: [critical, error]}"
    routes = load(tmp_path, HEAD.replace("{source: al", f"{match} #") + LAST, agents)

    def found(severity: Severity, tenant_id: str) -> str:
        return routes.find("x", {}, severity=severity, tenant_id=tenant_id).id

    assert ["flags", "flags", "rest", "rest"] == [
        found(Severity.critical, "acme"),
        found(Severity.error, "acme"),
        found(Severity.warning, "acme"),
        found(Severity.critical, "globex"),
    ]


def test_what_a_route_leaves_out_has_its_defaults(
    tmp_path: Path, agents: Agents
) -> None:
    """No wait but the storm's; five debounces are the longest wait."""
    routes = load(tmp_path, HEAD + LAST + "    debounce_seconds: 30\n", agents)
    first, last = routes.routes

    assert (0, 0) == (first.waits.debounce.seconds, first.waits.cool_down.seconds)
    assert (30, 150) == (last.waits.debounce.seconds, last.waits.longest.seconds)
    assert (3, timedelta(days=1)) == (first.most_fixes, first.fix_window)
    assert StormRules(600, 10, 120) == routes.storm


def test_routes_are_read_anew_or_stay(tmp_path: Path, agents: Agents) -> None:
    """A text that does not load leaves the old ones in force, and is named."""
    live = LiveRoutes(
        lambda: load_routes(tmp_path / "routes.yaml", agents),
        load(tmp_path, HEAD + LAST, agents),
    )
    path = tmp_path / "routes.yaml"
    path.write_text(LAST.replace("  - id", "routes:\n  - id"))
    changed = live.reload(), [one.id for one in live.now.routes], live.error
    path.write_text("routes: [")
    broken = live.reload(), [one.id for one in live.now.routes]
    said = live.error
    path.unlink()
    gone = live.reload()
    path.write_text(HEAD + LAST)

    assert (True, ["rest"], "") == changed
    assert (False, ["rest"]) == broken
    assert "routes.yaml:1: not YAML" in said
    assert not gone
    assert live.reload()
    assert (2, "") == (len(live.now.routes), live.error)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD.replace("source: alertmanager", "source: alertmanger") + LAST, 2),
        (
            HEAD + LAST + "maintenance:\n  - {id: w, match: {source: nagios},"
            " minutes: 5, starts_at: 2026-11-28T00:00:00Z}\n",
            15,
        ),
    ],
    ids=["a route", "a window"],
)
def test_a_source_that_nobody_has_is_refused(
    tmp_path: Path, agents: Agents, text: str, line: int
) -> None:
    """A slip of the pen would let the route match nothing, for ever."""
    path = tmp_path / "routes.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError, match="no source is called") as caught:
        load_routes(path, agents, sources={"alertmanager", "slack"})

    assert f":{line}:" in str(caught.value)
    assert "use one of alertmanager, slack" in str(caught.value)
